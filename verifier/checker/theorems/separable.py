"""Theorem A: linearly separable data."""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq, fmpq_mat

from verifier.checker import fields, number
from verifier.checker.case import Case
from verifier.checker.errors import Rejected, require
from verifier.checker.facts import activation_facts
from verifier.checker.number import Exact
from verifier.checker.theorems import hypothesis
from verifier.checker.theorems.hypothesis import Hypothesis

WHERE = "theorem A"
SEPARABLE = "separable data"


def structural(case: Case) -> list[Hypothesis]:
    """All hypotheses but the one about the data, which needs a certificate.

    Theorem A (a deterministic version of Liang, Sun, Li & Srikant 2018, the separable case). Hypotheses: labels +-1; a
    single-layer net, or one in parallel with any other net (shortcut) that shares no parameter; the neuron increases
    (all one-sided slopes > 0); the loss is C^1 with l' >= 0, and l'(z) = 0 only for z < 0; no weight decay; some v has
    y_i v.(x_i, 1) > 0 for all i. Conclusion: every local minimum has l'(z_i) = 0 for all i, so every sample is on the
    right side. Proof. If some a_j != 0: 0 = dL/dw_j . v = -(a_j/N) sum_i m_i l'_i s'_ij y_i v.(x_i, 1) (one-sided
    derivatives along v and -v where s has a kink), a sum of terms of one sign, so all l'_i are 0. If all a_j = 0, w_1
    moves freely without changing L, so all nearby w_1 give local minima and dL/da_1 = 0 there: sum_i m_i l'_i y_i
    s(w.(x_i, 1)) = 0 for all w near w_1; differentiate along v: again all l'_i = 0.
    """
    neuron = activation_facts(case.parts[0].spec).increasing
    return [
        hypothesis.labels(case),
        hypothesis.architecture(case),
        Hypothesis("increasing neuron", neuron.holds, neuron.why),
        *hypothesis.c1_loss(case),
        hypothesis.no_weight_decay(case),
    ]


def require_separated(case: Case, separator: object) -> str:
    """y_i v . (x_i, 1) > 0 for every sample; the separator in words."""
    rows = signed_rows(case)
    v = fields.vector(separator, f"{WHERE}.separator", len(rows[0]))
    products = _products(rows, v)
    for i, value in enumerate(products):
        require(number.sign(value) > 0, WHERE, f"the separator does not separate sample {i}")
    return number.shorten(", ".join(map(number.text, v)))


def require_not_separated(case: Case, weights: object) -> str:
    """Gordan's alternative: t >= 0, t != 0, sum_i t_i y_i (x_i, 1) = 0, so no v has y_i v.(x_i, 1) > 0 for all i.

    Returns the combination in words.
    """
    rows = signed_rows(case)
    t = fields.vector(weights, f"{WHERE}.weights", len(rows))
    require(all(number.sign(value) >= 0 for value in t), WHERE, "a weight is negative")
    support = [i for i, value in enumerate(t) if number.sign(value) > 0]
    require(bool(support), WHERE, "all weights are 0")
    for k in range(len(rows[0])):
        total: Exact = fmpq(0)
        for i in support:
            total = total + t[i] * rows[i][k]
        require(number.is_zero(total), WHERE, f"the weighted sum is not 0 in coordinate {k}")
    return _combination(support, [number.text(t[i]) for i in support])


def _combination(support: Sequence[int], weights: Sequence[str]) -> str:
    which = hypothesis.samples(support)
    if len(support) == 1:
        return f"the input of {which} is 0"
    if len(support) > hypothesis.LISTED:
        return f"positive weights on {which} make their inputs, each times its label, add up to 0"
    shown = number.shorten(", ".join(weights))
    return f"the weights {shown} on {which} make their inputs, each times its label, add up to 0"


def signed_rows(case: Case) -> list[tuple[Exact, ...]]:
    """y_i (x_i, 1), or y_i x_i without hidden biases."""
    if case.labels is None:
        raise Rejected(WHERE, "needs labels")
    bias: tuple[Exact, ...] = (fmpq(1),) if case.parts[0].hidden_bias else ()
    return [tuple(y * v for v in (*x, *bias)) for x, y in zip(case.inputs, case.labels, strict=True)]


def _products(rows: list[tuple[Exact, ...]], v: tuple[Exact, ...]) -> list[Exact]:
    entries = [c for row in rows for c in row if isinstance(c, fmpq)]
    rational = [c for c in v if isinstance(c, fmpq)]
    if len(entries) == len(rows) * len(v) and len(rational) == len(v):
        return list((fmpq_mat(len(rows), len(v), entries) * fmpq_mat(len(v), 1, rational)).entries())
    results: list[Exact] = []
    for row in rows:
        total: Exact = fmpq(0)
        for a, b in zip(row, v, strict=True):
            total = total + a * b
        results.append(total)
    return results


def shown(case: Case, node: fields.Node) -> Hypothesis:
    """The data are separable; the node carries the separator."""
    fields.only(node, {"separator"}, WHERE)
    v = require_separated(case, node["separator"])
    return Hypothesis(SEPARABLE, True, f"v = ({v}) separates: y_i v.x_i > 0 for every sample i")


def applies(case: Case, node: fields.Node) -> list[Hypothesis]:
    """All hypotheses hold; the node carries the separator."""
    found = structural(case)
    hypothesis.require_all(found, WHERE)
    return [*found, shown(case, node)]


def fails(case: Case, node: fields.Node) -> Hypothesis:
    """The hypothesis named in the node certainly fails; for the data the node carries Gordan weights."""
    name = node.get("hypothesis")
    if name == SEPARABLE:
        fields.only(node, {"hypothesis", "weights"}, WHERE)
        return Hypothesis(SEPARABLE, False, require_not_separated(case, node["weights"]))
    fields.only(node, {"hypothesis"}, WHERE)
    return hypothesis.named_failure(structural(case), name, WHERE)
