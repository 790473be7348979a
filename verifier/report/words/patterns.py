"""Words for the exclusion "patterns": every sign pattern gives linear conditions that contradict one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from flint import fmpq

from verifier.checker import fields
from verifier.checker.patterns.setting import Setting, read_setting
from verifier.checker.patterns.system import ABOVE, EQUAL, Branch, Row, root
from verifier.checker.patterns.tree import split, weighted_rows
from verifier.report.document import Bullets, Paragraph, Step, Table
from verifier.report.text import Text, as_text, exact, joined, say, typeset
from verifier.report.words.context import MANY, Context

SIDES = {-1: "<", 0: "=", 1: ">"}


def patterns(context: Context, node: fields.Node) -> tuple[Step, ...]:
    """A tree of cases, each refuted by multipliers."""
    setting, hypotheses = read_setting(context.case)
    conditions = tuple(say("{name}: {why}.", name=h.name, why=typeset(h.why)) for h in hypotheses)
    counts: Counter[str] = Counter()
    shown: Branch | None = None
    leaf: fields.Node = {}
    for branch, found in _leaves(root(setting), node["tree"]):
        kind = "swap" if "swap" in found else "rows"
        counts[kind] += 1
        if kind == "rows" and (shown is None or len(found["rows"]) > len(leaf["rows"])) and len(found["rows"]) <= MANY:
            shown, leaf = branch, found
    first = (
        "For these nets a point is a local minimum exactly if its first-order conditions hold. Fix the sign of every "
        "$a_j$, the side of 0 of every pre-activation $u_ij$, the piece of $ℓ'$ that holds every $z_i$, and one "
        "misclassified sample: then all of these conditions are linear in $a_0$, the $v_j = |a_j| w_j$, the $z_i$ and "
        "the $λ_i$."
    )
    steps = [
        Step(say("Finitely many linear systems"), (Paragraph(say(first)), Bullets(conditions))),
        Step(say("Every system is contradictory"), (Paragraph(_summary(counts)),)),
    ]
    if shown is not None:
        steps.append(_example(shown, leaf))
    end = "The cases cover every local minimum with a misclassified sample, so there is none. ∎"
    return (*steps, Step(say("Conclusion"), (Paragraph(say(end)),)))


def _summary(counts: Counter[str]) -> Text:
    words = (
        "The tree of the certificate has {leaves} leaves. At {rows} of them integer multipliers of the conditions add "
        "up to a contradiction (Farkas' lemma): all unknowns cancel, and what is left says that a negative number is "
        "not negative, or that 0 is positive."
    )
    if counts["swap"]:
        words += " The other {swaps} need none: units may be permuted, so their order may be taken as fixed."
    return say(words, leaves=counts.total(), rows=counts["rows"], swaps=counts["swap"])


def _leaves(branch: Branch, node: Any) -> Iterator[tuple[Branch, fields.Node]]:
    todo = [(branch, node)]
    while todo:
        here, found = todo.pop()
        if "then" in found:
            todo += reversed(list(zip(split(here, found), found["then"], strict=True)))
        else:
            yield here, found


def _example(branch: Branch, leaf: fields.Node) -> Step:
    rows = []
    names = [*leaf["rows"], *(f"direction {d} of unit {j + 1}" for j, d, _ in leaf["directions"])]
    total = fmpq(0)
    for name, term in zip(names, weighted_rows(branch, leaf), strict=True):
        total += term.multiplier * term.row.constant
        rows.append((as_text(name), _row_text(branch.setting, term.row), as_text(term.multiplier)))
    table = Table((say("condition"), say("reads"), say("multiplier")), tuple(rows))
    end = "Added up with the multipliers all unknowns cancel, and the constants add up to {total}: a contradiction."
    if total == 0:
        end = (
            "Added up with the multipliers everything cancels, and a strict inequality is among them: 0 > 0, a "
            "contradiction."
        )
    lead = "Here is one of them in full. In this case: {which}. The conditions used are:"
    return Step(
        say("One of the systems"),
        (Paragraph(say(lead, which=_which(branch))), table, Paragraph(say(end, total=total))),
    )


def _which(branch: Branch) -> Text:
    parts = [say(f"$a_{{{j + 1}}} {SIDES[s]} 0$") for j, s in enumerate(branch.signs) if s is not None]
    for j, sides in enumerate(branch.sides):
        parts += [say(f"$u_{{{i},{j + 1}}} {SIDES[s]} 0$") for i, s in enumerate(sides) if s is not None]
    parts += [say("$z_{i}$ in piece {k}", i=i, k=k + 1) for i, k in enumerate(branch.pieces) if k is not None]
    if branch.wrong is not None:
        parts.append(say("sample {i} is misclassified", i=branch.wrong))
    return joined(parts) or say("nothing is fixed")


def _row_text(setting: Setting, row: Row) -> Text:
    names = _names(setting)
    terms: list[Text] = []
    for k, c in row.coefficients.items():
        factor = () if c == 1 else (exact(c), *say(" "))
        terms.append((*factor, *say(f"${names[k]}$")))
    if row.constant != 0 or not terms:
        terms.append((exact(row.constant),))
    relation = {EQUAL: " = 0", ABOVE: " > 0"}.get(row.relation, " ≥ 0")
    return (*joined(terms, " + "), *say(relation))


def _names(setting: Setting) -> list[str]:
    names = [""] * setting.unknowns
    names[0] = "a_0"
    for j in range(setting.width):
        for k in range(setting.dimension):
            names[setting.weight(j, k)] = f"v_{{{j + 1},{k + 1}}}"
    for i in setting.samples:
        names[setting.margin(i)] = f"z_{{{i}}}"
        names[setting.slope(i)] = f"λ_{{{i}}}"
    return names
