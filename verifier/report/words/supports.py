"""Words for the exclusion "supports": a case distinction over the samples at which the loss may have a slope."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from flint import fmpq

from verifier.checker import fields
from verifier.checker.theorems.supports import State, elements, facts_used, rank, signs
from verifier.report.document import Block, Bullets, Paragraph, Step
from verifier.report.text import Text, joined, listed, say, typeset, vector
from verifier.report.words.context import Context, samples_text

SHOWN = 60  # nodes of the tree that are written out

FACTS = {
    "balance": "balance (an output bias): $Σ m_i λ_i y_i = 0$, so $S$ is empty or has members of both classes.",
    "slopes": "slopes (the neuron increases): no $v$ has $y_i v·x̃_i ≥ 0$ for all $i ∈ S$ and $> 0$ for one.",
    "bends": (
        "bends ($σ'' > 0$, and some $a_j = 0$): no matrix $Q$ has $y_i x̃_iᵀ Q x̃_i ≥ 0$ for all $i ∈ S$ and $> 0$"
        " for one."
    ),
    "ranks": (
        "ranks ($σ'' > 0$, $ℓ$ is $C²$, at least $h$ units with $a_j > 0$): $h · rank(S_+ modulo W) ≤ |S_+|$, where"
        " $W$ is any space that contains $x̃_i$ for $i ∈ S_-$; with $a_j < 0$ the classes change places."
    ),
    "both": (
        "both (as ranks, an output bias, at least $k$ units with $a_j < 0$): $h · rank(S_+ modulo W) + k · rank(S_-"
        " modulo W') < |S|$ if $S$ is not empty, with $W'$ for $S_+$ as $W$ for $S_-$."
    ),
}


def supports(context: Context, node: fields.Node) -> tuple[Step, ...]:
    """Every possible support is excluded."""
    found = elements(context.case)
    width = context.case.parts[0].hidden[0]
    used = facts_used(found, width, node["tree"]) | {"both" for it in _nodes(node["tree"]) if "both" in it}
    held = [(h["name"], typeset(h["why"])) for h in context.shown["hypotheses"]]
    conditions = tuple(say("{name}: {why}.", name=name, why=why) for name, why in held)
    start = (
        "Let $S$ be the set of samples with $λ_i = ℓ'(z_i) > 0$ at a local minimum; every misclassified sample is in "
        "it. Samples with equal input and label count as one. These facts about $S$ are used:"
    )
    facts = tuple(say(words) for name, words in FACTS.items() if name in used)
    setting = (Paragraph(say(start)), Bullets(facts), Paragraph(say("What they need holds here:")), Bullets(conditions))
    start_state = State(frozenset(), frozenset(found))
    lines = list(islice(_walk(context, node["tree"], start_state, width, "1"), SHOWN))
    size = sum(1 for _ in _nodes(node["tree"]))
    more = f" (The first {SHOWN} of {size} nodes.)" if size > SHOWN else ""
    words = f"At each node some samples are known to be in $S$, some to be out of it, and the rest is open.{more}"
    tree: tuple[Block, ...] = (Paragraph(say(words)), Bullets(tuple(lines)))
    end = "The cases are complete, so $S$ is empty at every local minimum: every sample is on the right side. ∎"
    return (
        Step(say("What is known of the samples with a slope"), setting),
        Step(say("Case distinction"), tree),
        Step(say("Conclusion"), (Paragraph(say(end)),)),
    )


def _nodes(tree: Any) -> Iterator[Any]:
    """Every node of a tree."""
    todo = [tree]
    while todo:
        node = todo.pop()
        yield node
        todo += [child for child in node.values() if isinstance(child, dict)]


def _walk(context: Context, tree: Any, state: State, width: int, name: str) -> Iterator[Text]:
    """One line for each node, depth first; a loop, since a tree may be deep."""
    todo: list[tuple[Any, State, str, Text]] = [(tree, state, name, ())]
    while todo:
        node, here, label, because = todo.pop()
        text, children = _node(context, node, here, width)
        yield (*say("{label}. ", label=label), *because, *text)
        for k, (child, there, why) in reversed(list(enumerate(children))):
            todo.append((child, there, f"{label}.{k + 1}" if len(children) > 1 else f"{label}", why))


def _node(context: Context, node: Any, state: State, width: int) -> tuple[Text, list[tuple[Any, State, Text]]]:
    if "split" in node:
        i = node["split"]
        rest = state.open - {i}
        inside = State(state.inside | {i}, rest, state.outgoing, state.positive, state.negative)
        outside = State(state.inside, rest, state.outgoing, state.positive, state.negative)
        return say("Is sample {i} in $S$?", i=i), [
            (node["in"], inside, say("Sample {i} is in $S$: ", i=i)),
            (node["out"], outside, say("Sample {i} is not: ", i=i)),
        ]
    if "outgoing" in node:
        found = signs(state, width, node["outgoing"], "both" in node)
        children = [(node[s.outgoing], s, _sign_words(s)) for s in found if s.outgoing is not None]
        return say("Which signs do the outgoing weights have?"), children
    if "separator" in node or "quadratic" in node:
        return _eliminated(context, node, state)
    return _leaf(context, node["by"], state), []


def _sign_words(state: State) -> Text:
    words = {
        "positive": f"At least {state.positive} units have $a_j > 0$: ",
        "negative": f"At least {state.negative} units have $a_j < 0$: ",
        "both": f"{state.positive} units have $a_j > 0$ and {state.negative} have $a_j < 0$: ",
        "zero": "Some $a_j$ is 0: ",
    }
    return say(words[state.outgoing or "zero"])


def _eliminated(context: Context, node: Any, state: State) -> tuple[Text, list[tuple[Any, State, Text]]]:
    found = elements(context.case)
    name = "separator" if "separator" in node else "quadratic"
    margins = {}
    for i in state.possible:
        element = found[i]
        if name == "separator":
            v = fields.vector(node[name], "report", len(element.row))
            margins[i] = element.label * _dot(v, element.row)
        else:
            rows = [fields.vector(row, "report", len(element.row)) for row in node[name]]
            margins[i] = element.label * _dot([_dot(row, element.row) for row in rows], element.row)
    out = frozenset(i for i in state.possible if margins[i] > 0)
    if name == "separator":
        which: Text = say(
            "$v$ = {v} has $y_i v·x̃_i ≥ 0$ on what is left",
            v=vector(fields.vector(node[name], "report", len(node[name]))),
        )
    else:
        matrix = joined([vector(fields.vector(row, "report", len(row))) for row in node[name]])
        which = say("$Q$ = ({q}) has $y_i x̃_iᵀ Q x̃_i ≥ 0$ on what is left", q=matrix)
    values = joined([say("{m} at {i}", m=margins[i], i=i) for i in sorted(out)[:6]])
    where = samples_text(sorted(out))
    if "rest" not in node:
        return (
            *which,
            *say(" and $> 0$ on {where} ({values}), one of which is in $S$: impossible.", where=where, values=values),
        ), []
    rest = State(state.inside, state.open - out, state.outgoing, state.positive, state.negative)
    text = (*which, *say(" and $> 0$ on {where} ({values}): these are not in $S$.", where=where, values=values))
    return text, [(node["rest"], rest, ())]


def _leaf(context: Context, by: str, state: State) -> Text:
    if by == "empty":
        return say("nothing is left: $S$ is empty.")
    if by == "one-class":
        return say(
            "only samples of one class are left ({which}): by balance $S$ is empty.",
            which=listed(sorted(state.possible)),
        )
    found = elements(context.case)
    parts = []
    for label, units, name in ((1, state.positive, "positive"), (-1, state.negative, "negative")):
        if units == 0:
            continue
        others = [found[i].row for i in state.possible if found[i].label != label]
        own = [found[i].row for i in state.inside if found[i].label == label]
        most = sum(found[i].label == label for i in state.possible)
        free = rank([*others, *own]) - rank(others)
        parts.append(say("{name}: {units} · {free} against {most}", name=name, units=units, free=free, most=most))
    words = (
        "the units have more freedom than there are conditions (units times rank, against samples: {parts}): "
        "impossible."
    )
    return say(words, parts=joined(parts, "; "))


def _dot(x: Sequence[Any], y: Sequence[fmpq]) -> Any:
    total: Any = fmpq(0)
    for a, b in zip(x, y, strict=True):
        total = total + a * b
    return total
