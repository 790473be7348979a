"""All hypotheses of all theorems for one case, as data for a table."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.checker.case import Case
from verifier.checker.check import require_defined
from verifier.checker.errors import Rejected
from verifier.checker.fact_types import UNKNOWN
from verifier.checker.facts import loss_facts
from verifier.checker.theorems.hypothesis import Hypothesis, no_minimum_at_all
from verifier.theorems.table import PROVERS

TITLES = {
    "A": "linearly separable data",
    "B": "classes that do not share their spans",
    "C": "one exponential neuron added",
}


@dataclass(frozen=True)
class Conditions:
    """One theorem on one case: applies is False if a hypothesis certainly fails, None if one is open and none fails."""

    name: str
    title: str
    hypotheses: tuple[Hypothesis, ...]
    conclusion: str | None  # where it applies

    @property
    def applies(self) -> bool | None:
        holds = [h.holds for h in self.hypotheses]
        return False if False in holds else None if None in holds else True


def conditions(case: Case) -> list[Conditions]:
    """The theorems in order. An expression that is not shown to be defined on R leaves everything open."""
    found = []
    for name, prover in PROVERS.items():
        it = Conditions(name, TITLES[name], (*_undefined(case), *prover.hypotheses(case)), None)
        found.append(Conditions(name, it.title, it.hypotheses, _conclusion(case) if it.applies else None))
    return found


def bound_of_error(case: Case) -> Hypothesis | None:
    """Whether the loss is at least the training error, whatever the weights; nothing is said of it with targets."""
    if case.labels is None:
        return None
    fact = UNKNOWN if _undefined(case) else loss_facts(case.loss_spec).bounds_error
    return Hypothesis("loss >= training error", fact.holds, fact.why)


def _undefined(case: Case) -> list[Hypothesis]:
    try:
        require_defined(case)
    except Rejected as problem:
        return [Hypothesis("defined everywhere", None, str(problem))]
    return []


def _conclusion(case: Case) -> str:
    if no_minimum_at_all(case):
        return "no local minimum exists at all"
    return "every local minimum has training error 0"
