"""Which hypotheses of the theorems hold on a case, which fail, and why that matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from verifier.checker.case import Case
from verifier.report.document import Condition, TheoremTable
from verifier.report.text import Text, say, typeset
from verifier.report.words.theorems import MATTERS, TITLES
from verifier.theorems.conditions import Conditions, conditions

STRUCTURAL = frozenset({"labels", "exponential neuron"})  # without these a theorem is about something else
Data = Mapping[str, Any]


def theorem_tables(case: Case, found: Sequence[Data]) -> tuple[TheoremTable, ...]:
    """One table for each theorem; `found` are the statements proved, as data."""
    bad = any(_is_bad(d) for d in found)
    return tuple(_table(it, bad) for it in conditions(case))


def _is_bad(data: Data) -> bool:
    """The statement shows a local minimum with a sample on the wrong side."""
    established = str(data["established"])
    if established == "the loss has a bad local minimum":
        return True
    minimum = established.startswith(
        ("the point is a local minimum", "the point is a global minimum", "a local minimum of")
    )
    return minimum and data["training_error"] not in (None, "0")


def _table(it: Conditions, bad: bool) -> TheoremTable:
    listed = tuple(Condition(h.name, h.holds, typeset(h.why)) for h in it.hypotheses)
    failing = [c for c in listed if c.holds is False]
    alone = len(failing) == 1 and all(c.holds is True for c in listed if c is not failing[0])
    telling = alone and failing[0].name not in STRUCTURAL
    title, anchor = TITLES[it.name]
    meaning = _meaning(it.name, failing, bad, telling)
    return TheoremTable(it.name, title, anchor, listed, _verdict(it), meaning, telling)


def _verdict(it: Conditions) -> Text:
    if it.applies:
        return say("applies: {conclusion}.", conclusion=it.conclusion or "")
    if it.applies is None:
        return say("is open: some hypothesis could not be settled.")
    failing = [h.name for h in it.hypotheses if h.holds is False]
    verb = "fails" if len(failing) == 1 else "fail"
    return say("does not apply: {names} {verb}.", names=", ".join(failing), verb=verb)


def _meaning(name: str, failing: Sequence[Condition], bad: bool, telling: bool) -> tuple[Text, ...]:
    if not failing:
        return ()
    meaning = [say("“{name}”: {matters}", name=c.name, matters=say(MATTERS[c.name])) for c in failing]
    if bad and telling:
        words = (
            "All other hypotheses of theorem {t} hold here, and yet there is a bad local minimum: without “{name}” the "
            "theorem is false."
        )
        meaning.append(say(words, t=name, name=failing[0].name))
    elif not bad:
        meaning.append(say("That a hypothesis fails does not say that a bad local minimum exists."))
    return tuple(meaning)
