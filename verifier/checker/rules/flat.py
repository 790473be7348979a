"""Rules flat-curve and symmetry: every neighbourhood holds another point with the same loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flint import fmpq

from verifier.checker import fields, number
from verifier.checker.analysis import Analysis
from verifier.checker.case import Weights
from verifier.checker.errors import require
from verifier.checker.expression import Expression
from verifier.checker.network import flatten, unflatten
from verifier.checker.number import Exact
from verifier.checker.symmetry import tangents

Polynomial = tuple[Exact, ...]  # coefficients of t^0, t^1, ...; () is 0
Key = tuple[Expression, frozenset[tuple[object, Polynomial]]] | None
MAX_DEGREE = 256


@dataclass(frozen=True)
class Combination:
    """sum_k p_k(t) A_k(t): polynomials in t times formal atoms A = s(combination); the atom None is 1."""

    terms: Mapping[Key, Polynomial]

    @property
    def constant(self) -> bool:
        """Whether it visibly does not depend on t."""
        return set(self.terms) <= {None} and len(self.terms.get(None, ())) <= 1


def symmetry(analysis: Analysis, node: fields.Node) -> None:
    """Lemma. A move of symmetry.py whose tangent vector is not 0 is a curve of points of equal loss, and it leaves
    theta*.
    """
    fields.only(node, {"move"}, "symmetry")
    vectors = tangents(analysis, [node["move"]], "symmetry")
    require(any(_moves(v) for v in vectors), "symmetry", "the move does not leave the point")


def flat_curve(analysis: Analysis, node: fields.Node) -> None:
    """Lemma. Along the polynomial curve every pre-activation is written as a combination of polynomials in t and formal
    atoms s(combination); a unit whose argument is a polynomial that stays, for small t, where the activation is a
    polynomial has the composed polynomial as its value. Equal arguments give the same atom, so what cancels is 0. If L
    is a constant in this form, L(theta(t)) = L* for all small t, and theta(t) != theta* for small t != 0.
    """
    where = "flat-curve"
    fields.only(node, {"curve"}, where)
    curve = fields.curve(node["curve"], f"{where}.curve", len(analysis.decay_rates))
    require(any(_moves(row) for row in curve), where, "the curve does not move")
    vector = [_trim([v, *(row[k] for row in curve)]) for k, v in enumerate(flatten(analysis.theta))]
    total = Combination({None: ()})
    for rate, p in zip(analysis.decay_rates, vector, strict=True):
        if not number.is_zero(rate):
            total = _plus(total, Combination({None: _times((rate / 2,), _times(p, p))}))
    theta = unflatten(analysis.case, vector)
    for i in analysis.samples:
        output = Combination({None: ()})
        for part, weights in enumerate(theta):
            output = _plus(output, _output(analysis, part, weights, i))
        z = _scaled((fmpq(analysis.orientation(i)),), output)
        local, value = analysis.loss_polynomial(i), analysis.loss_value(i)
        loss = _apply(analysis.case.loss(i), z, analysis.arguments[i], local, value)
        total = _plus(total, _scaled((analysis.weight(i),), loss))
    require(total.constant, where, "the loss is not shown to be constant along the curve")


def _moves(vector: tuple[Exact, ...]) -> bool:
    return any(not number.is_zero(v) and number.sign(v) != 0 for v in vector)


def _output(analysis: Analysis, part: int, weights: Weights, sample: int) -> Combination:
    expression = analysis.case.parts[part].activation
    trace = analysis.traces[part][sample]
    h = [Combination({None: _trim([x])}) for x in analysis.case.inputs[sample]]
    for layer, rows in enumerate(weights.W):
        u = [_affine(row, h, None if weights.b is None else weights.b[layer][j]) for j, row in enumerate(rows)]
        h = [
            _apply(
                expression,
                argument,
                trace.u[layer][j],
                analysis.local((part, layer, j), sample),
                trace.h[layer + 1][j],
            )
            for j, argument in enumerate(u)
        ]
    return _affine(weights.a, h, weights.a0)


def _affine(weights: tuple[Exact, ...], h: list[Combination], start: Exact | None) -> Combination:
    """sum_k w_k h_k + start; the weights are polynomials in t."""
    total = Combination({None: () if start is None else start})  # type: ignore[dict-item]
    for w, value in zip(weights, h, strict=True):
        total = _plus(total, _scaled(w, value))  # type: ignore[arg-type]
    return total


def _apply(e: Expression, u: Combination, at: Exact, local: Polynomial | None, value: Exact) -> Combination:
    """e(u(t)), where u(0) = at, `local` is the polynomial of e around it, `value` is e(at)."""
    pure = set(u.terms) <= {None}
    if u.constant:
        return Combination({None: _trim([value])})
    if local is not None and (pure or len(local) <= 2):
        if len(local) <= 2:
            slope = local[1:] or ()
            return _plus(_scaled(slope, u), Combination({None: local[:1]}))
        p = u.terms.get(None, ())
        result: Polynomial = ()
        for c in reversed(local):
            result = _sum(_times(result, p), _trim([c]))
        return Combination({None: result})
    return Combination({(e, frozenset(u.terms.items())): (fmpq(1),)})


def _plus(x: Combination, y: Combination) -> Combination:
    terms = dict(x.terms)
    for key, p in y.terms.items():
        terms[key] = _sum(terms.get(key, ()), p)
    return Combination({key: p for key, p in terms.items() if p})


def _scaled(factor: Polynomial, x: Combination) -> Combination:
    terms = {key: _times(factor, p) for key, p in x.terms.items()}
    return Combination({key: p for key, p in terms.items() if p})


def _trim(coefficients: list[Exact]) -> Polynomial:
    while coefficients and number.is_zero(coefficients[-1]):
        coefficients.pop()
    return tuple(coefficients)


def _sum(p: Polynomial, q: Polynomial) -> Polynomial:
    longer, shorter = (p, q) if len(p) >= len(q) else (q, p)
    return _trim([*(a + b for a, b in zip(longer, shorter, strict=False)), *longer[len(shorter) :]])


def _times(p: Polynomial, q: Polynomial) -> Polynomial:
    if not p or not q:
        return ()
    require(len(p) + len(q) <= MAX_DEGREE, "flat-curve", f"a polynomial of degree above {MAX_DEGREE}")
    result: list[Exact] = [fmpq(0)] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            result[i + j] = result[i + j] + a * b
    return _trim(result)
