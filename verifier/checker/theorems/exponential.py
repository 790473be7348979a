"""Theorem C: one exponential neuron added to any net."""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq

from verifier.checker import fields, number
from verifier.checker.case import Case, Vector
from verifier.checker.theorems import hypothesis
from verifier.checker.theorems.hypothesis import Hypothesis

WHERE = "theorem C"


def structural(case: Case) -> list[Hypothesis]:
    """All hypotheses; none of them needs a certificate.

    Theorem C (the idea: Liang, Sun, Lee & Srikant 2018; Kawaguchi & Kaelbling 2019). Hypotheses: labels +-1; the output
    is f(x) + a exp(w.x + b), f any net that shares no parameter with the neuron; the loss is C^1 with l' >= 0, and
    l'(z) = 0 only for z < 0; the penalty is (mu/2) a^2 with mu > 0 and nothing else; no input has both labels.
    Conclusion: at every local minimum a = 0 and l'(z_i) = 0 for all i, so f alone has every sample on the right side.
    Proof. L is C^1 in (a, w, b) whatever f is. Write E_i = exp(w.x_i + b) and l_i = m_i l'(z_i) >= 0. The derivative by
    b: a sum_i l_i y_i E_i = 0; by a: sum_i l_i y_i E_i = N mu a. If a were not 0, the first would make the sum 0 and
    the second a = 0. So a = 0, and (w, b) moves freely without changing L: nearby (w', b) give local minima too, so
    sum_i l_i y_i exp(w'.x_i) = 0 for all w' near w, hence, being analytic, for all w'. Exponentials of distinct inputs
    are linearly independent, so for each input the sum of l_i y_i over the samples that have it is 0; these have one
    label, so their l_i are 0.
    """
    return [
        hypothesis.labels(case),
        _neuron(case),
        *hypothesis.c1_loss(case),
        hypothesis.no_weight_decay(case),
        *_one_label_each(case),
    ]


def _neuron(case: Case) -> Hypothesis:
    name = "exponential neuron"
    if case.parts[-1].name != "exponential":
        return Hypothesis(name, False, "the net has no added exponential neuron")
    if number.sign(case.exponential_decay) <= 0:
        return Hypothesis(name, False, "its outgoing weight has no decay")
    size = number.shorten(number.text(case.exponential_decay))
    return Hypothesis(name, True, f"one is added, its outgoing weight has the decay {size}")


def _one_label_each(case: Case) -> list[Hypothesis]:
    if case.labels is None:
        return []
    name = "one label per input"
    first: dict[tuple[Vector, int], int] = {}
    for i, (x, y) in enumerate(zip(case.inputs, case.labels, strict=True)):
        first.setdefault((x, y), i)
    for (x, y), i in first.items():
        j = first.get((x, -y))
        if j is not None:
            i, j = sorted((i, j))
            return [Hypothesis(name, False, f"samples {i} and {j} have equal inputs and different labels")]
    positive, negative = ([(x, i) for (x, y), i in first.items() if y == label] for label in (1, -1))
    unclear = _unclear(positive, negative)
    if unclear is not None:
        why = "the inputs of samples {} and {}, of different labels, could not be told apart".format(*unclear)
        return [Hypothesis(name, None, why)]
    return [Hypothesis(name, True, "samples of different labels have different inputs")]


def _unclear(one: Sequence[tuple[Vector, int]], other: Sequence[tuple[Vector, int]]) -> tuple[int, int] | None:
    """Two samples of different labels whose inputs are written differently and may be equal all the same."""
    irrational = {i for x, i in (*one, *other) if not all(isinstance(v, fmpq) for v in x)}
    if not irrational:
        return None
    for x, i in one:
        for z, j in other:
            if (i in irrational or j in irrational) and not _differ(x, z):
                return (i, j) if i < j else (j, i)
    return None


def _differ(x: Vector, z: Vector) -> bool:
    """Whether some coordinate is certainly different."""
    for a, b in zip(x, z, strict=True):
        difference = a - b
        if number.is_zero(difference):
            continue
        try:
            if number.sign(difference) != 0:
                return True
        except number.Undecided:
            continue
    return False


def applies(case: Case, node: fields.Node) -> list[Hypothesis]:
    """All hypotheses hold; the node is empty."""
    fields.only(node, set(), WHERE)
    found = structural(case)
    hypothesis.require_all(found, WHERE)
    return found


def fails(case: Case, node: fields.Node) -> Hypothesis:
    """The hypothesis named in the node certainly fails."""
    fields.only(node, {"hypothesis"}, WHERE)
    return hypothesis.named_failure(structural(case), node["hypothesis"], WHERE)
