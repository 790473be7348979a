"""Hypotheses of theorems: each is a named check with a verdict and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.checker import number
from verifier.checker.case import Case
from verifier.checker.errors import Rejected, require
from verifier.checker.facts import loss_facts

LISTED = 6  # samples that a sentence names


@dataclass(frozen=True)
class Hypothesis:
    """holds: True or False if certified, None if open; `why` is the reason in one sentence."""

    name: str
    holds: bool | None
    why: str


def require_all(found: Sequence[Hypothesis], where: str) -> None:
    """Every one of them holds; raises Rejected with the first that does not."""
    for hypothesis in found:
        require(hypothesis.holds is True, where, f"{hypothesis.name}: {hypothesis.why}")


def named_failure(found: Sequence[Hypothesis], name: object, where: str) -> Hypothesis:
    """The hypothesis of that name, which certainly fails; raises Rejected."""
    for hypothesis in found:
        if hypothesis.name == name:
            require(hypothesis.holds is False, where, f"{hypothesis.name} is not known to fail: {hypothesis.why}")
            return hypothesis
    raise Rejected(where, f"unknown hypothesis {name!r:.40}")


def samples(indices: Sequence[int]) -> str:
    """Samples in words, counted from 0: "sample 3", "samples 0, 1", "samples 0, 1, 2, 3, 4, 5, ... (12 of them)"."""
    listed = ", ".join(map(str, indices[:LISTED]))
    if len(indices) == 1:
        return f"sample {listed}"
    return f"samples {listed}" + (f", ... ({len(indices)} of them)" if len(indices) > LISTED else "")


# -- hypotheses that several theorems share ----------------------------------------------------------------------------


def labels(case: Case) -> Hypothesis:
    """The outcomes are labels -1, 1."""
    return Hypothesis("labels", case.labels is not None, "the outcomes are labels" if case.labels else "real targets")


def architecture(case: Case) -> Hypothesis:
    """The main part has one hidden layer; other parts run in parallel and share no parameter with it."""
    depth = case.parts[0].depth
    return Hypothesis(
        "architecture",
        depth == 1,
        "one hidden layer, perhaps in parallel with other parts"
        if depth == 1
        else f"a net with {depth} hidden layers and no single layer in parallel",
    )


def no_weight_decay(case: Case) -> Hypothesis:
    """The loss has no penalty on all parameters (the own decay of an exponential neuron is another thing)."""
    if number.is_zero(case.weight_decay):
        return Hypothesis("no weight decay", True, "none")
    size = number.shorten(number.text(case.weight_decay))
    return Hypothesis("no weight decay", False, f"the loss has a weight decay of {size}")


def c1_loss(case: Case) -> list[Hypothesis]:
    """The loss is C^1 with l' >= 0, and l'(z) = 0 only for z < 0; nothing is said of it with targets."""
    if case.labels is None:
        return []
    fact = loss_facts(case.loss_spec).l1
    return [Hypothesis("loss", fact.holds, fact.why)]


def c2_loss(case: Case) -> list[Hypothesis]:
    """As `c1_loss`, and C^2."""
    if case.labels is None:
        return []
    fact = loss_facts(case.loss_spec).l2
    return [Hypothesis("loss", fact.holds, fact.why)]


def no_minimum_at_all(case: Case) -> bool:
    """l' > 0 everywhere contradicts a conclusion l'(z_i) = 0: there is no local minimum."""
    return case.labels is not None and loss_facts(case.loss_spec).l_plus.holds is True
