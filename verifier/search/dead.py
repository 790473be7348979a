"""The closed construction of a bad local minimum with dead units: any data, any width.

If the activation is constant on an interval and every part has hidden biases, all units can sit in that interval: near
such a point the output is a constant a0 (+ what the constants add), and the loss a function of a0 alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from flint import fmpq

from verifier.case.types import Case
from verifier.checker.case import Architecture, Theta, Weights
from verifier.checker.expression import evaluate
from verifier.checker.local import local_polynomial
from verifier.checker.number import Exact, exp, log, power
from verifier.checker.piecewise import piecewise
from verifier.model.translate import checker_case

MAX_P = 8  # of a polynomial hinge: beyond, the exact gradient at the best constant grows too large to be checked


def dead_points(case: Case) -> Iterator[Theta]:
    """Points with all units inactive and a constant output that may minimise the loss among constants."""
    checked = checker_case(case)
    if not checked.parts[0].output_bias or checked.parts[-1].name == "exponential":
        return
    insides = [_flat_place(part) for part in checked.parts]
    if any(place is None for place in insides) or not all(part.hidden_bias for part in checked.parts):
        return
    dimension = len(checked.inputs[0])
    parts = [_dead(part, at, dimension) for part, at in zip(checked.parts, insides, strict=True) if at is not None]
    offsets = [_offset(part, weights) for part, weights in zip(checked.parts, parts, strict=True)]
    for output in best_constants(case):
        a0 = output
        for offset in offsets:
            a0 = a0 - offset
        first = parts[0]
        yield (Weights(a0, first.a, first.W, first.b), *parts[1:])


def _flat_place(part: Architecture) -> tuple[fmpq] | None:
    """A rational inside an interval on which the activation is constant (in a tuple: 0 is one, too)."""
    whole = piecewise(part.activation)
    ends = [] if whole is None else list(whole.breakpoints)
    candidates = [fmpq(-1), fmpq(-2), fmpq(1), fmpq(2)]
    if ends:
        candidates = [ends[0] - 1, ends[-1] + 1, *((x + y) / 2 for x, y in pairwise(ends))]
    for u in candidates:
        found = local_polynomial(part.activation, u)
        if found is not None and len(found) <= 1:
            return (u,)
    return None


def _dead(part: Architecture, place: tuple[fmpq], dimension: int) -> Weights:
    zero, one = fmpq(0), fmpq(1)
    sizes = (dimension, *part.hidden)
    W = tuple(tuple((zero,) * size for _ in range(width)) for size, width in zip(sizes, part.hidden, strict=False))
    b = tuple((place[0],) * width for width in part.hidden)
    return Weights(zero if part.output_bias else None, (one,) * part.hidden[-1], W, b)


def _offset(part: Architecture, weights: Weights) -> Exact:
    """The constant output of a dead part (its a0 is 0)."""
    assert weights.b is not None
    total: Exact = fmpq(0)
    for b in weights.b[-1]:
        total = total + evaluate(part.activation, {"z": b})
    return total


def best_constants(case: Case) -> Iterator[Exact]:
    """Outputs that may minimise sum m_i loss(-y_i c) over constants c: closed forms, then short rationals."""
    data = case.data
    if data.targets is not None:
        total: Exact = fmpq(0)
        for t, m in zip(data.targets, data.multiplicity, strict=True):
            total = total + t * m
        yield total / fmpq(sum(data.multiplicity))
        return
    assert data.labels is not None
    positive = sum(m for y, m in zip(data.labels, data.multiplicity, strict=True) if y == 1)
    negative = sum(data.multiplicity) - positive
    if positive and negative:
        ratio = fmpq(positive, negative)
        name, p = case.loss.function.name, case.loss.function.parameters.get("p")
        if name == "logistic":
            yield log(ratio)
        elif name == "exponential":
            yield log(ratio) / 2
        elif name == "quadratic":
            yield fmpq(positive - negative, positive + negative)
        elif name == "squared_hinge":
            yield _balance(ratio, 1)
        elif name == "polynomial_hinge" and isinstance(p, fmpq) and 0 < p <= MAX_P:
            yield _balance(ratio, int(p.p))
    majority = 1 if positive >= negative else -1
    yield from (fmpq(majority), fmpq(0), fmpq(majority * 2))


def _balance(ratio: fmpq, p: int) -> Exact:
    """c with (1 + c)^p = ratio (1 - c)^p, that is c = (r - 1)/(r + 1) for r = ratio^(1/p), as a polynomial in r, whose
    powers are known: (1 + r) sum_{k<p} (-r)^k = 1 - (-1)^p ratio.
    """
    norm = 1 - (-1) ** p * ratio
    if norm == 0:
        return fmpq(0)  # p even, ratio = 1
    r = exp(log(ratio) / p)
    inverse: Exact = fmpq(0)
    for k in range(p):
        inverse = inverse + power(-r, k)
    found: Exact = (r - 1) * inverse / norm
    return found
