"""Affine collapse: all units on one affine piece of the activation, the net equal to the best affine function.

Near such a point the output is an affine function of the input, so no change of the parameters does better than the
convex optimum over affine functions; on data that are not linearly separable it is bad.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from flint import fmpq

from verifier.arithmetic.linear import solve
from verifier.arithmetic.lp import Optimal, minimise
from verifier.case.types import Case
from verifier.checker.case import Architecture, Theta, Weights
from verifier.checker.local import local_polynomial
from verifier.checker.number import Exact
from verifier.checker.piecewise import piecewise
from verifier.model.translate import checker_case
from verifier.search.dead import best_constants

ROUNDS = 60
Row = tuple[fmpq, ...]
Affine = tuple[Exact, Row]  # the value at 0, and w


def affine_points(case: Case) -> Iterator[Theta]:
    """Points that collapse to an exact best affine function (quadratic, squared hinge, hinge losses; rational data)."""
    checked = checker_case(case)
    part = checked.parts[0]
    if len(checked.parts) != 1 or not (part.hidden_bias and part.output_bias):
        return
    if not all(isinstance(v, fmpq) for x in checked.inputs for v in x):
        return
    for best in _affine_functions(case):
        largest = max(abs(_dot(best[1], x)) for x in checked.inputs)
        place = _affine_place(part, fmpq(largest.ceil()) + 1)
        if place is not None:
            yield _collapsed(part, best, len(checked.inputs[0]), largest, *place)


def _affine_place(part: Architecture, reach: fmpq) -> tuple[fmpq, fmpq, fmpq, fmpq] | None:
    """(u, r, slope, intercept): within r of u the activation is slope z + intercept, slope not 0; r = reach where the
    piece has no end.
    """
    whole = piecewise(part.activation)
    ends = [fmpq(0)] if whole is None or not whole.breakpoints else list(whole.breakpoints)
    spans = [((x + y) / 2, (y - x) / 2) for x, y in pairwise(ends)]
    candidates = [(ends[-1] + reach, reach), *spans, (ends[0] - reach, reach)]
    for u, r in candidates:
        found = local_polynomial(part.activation, u)
        if found is not None and len(found) == 2 and all(isinstance(c, fmpq) for c in found):
            intercept, slope = found
            assert isinstance(intercept, fmpq) and isinstance(slope, fmpq)
            return u, r, slope, intercept
    return None


def _collapsed(
    part: Architecture, best: Affine, d: int, largest: fmpq, u: fmpq, r: fmpq, slope: fmpq, intercept: fmpq
) -> Theta:
    """Unit 0 of each layer carries w.x, scaled to fit into the piece; the others are constant."""
    offset, w = best
    scale = r / 2 / largest if largest >= r else fmpq(1)
    zero = fmpq(0)
    sizes = (d, *part.hidden)
    W: list[tuple[Row, ...]] = []
    b: list[Row] = []
    for layer, (size, width) in enumerate(zip(sizes, part.hidden, strict=False)):
        row = tuple(v * scale for v in w) if layer == 0 else (1 / slope, *(zero,) * (size - 1))
        W.append((row, *((zero,) * size for _ in range(width - 1))))
        carried = u if layer == 0 else -intercept / slope
        b.append((carried, *(u,) * (width - 1)))
    # every unit's argument is u + scale w.x (unit 0) or u, so h_0 = slope (u + scale w.x) + intercept
    level = slope * u + intercept
    a = (1 / (slope * scale), *(fmpq(1),) * (part.hidden[-1] - 1))
    a0 = offset - level * (a[0] + part.hidden[-1] - 1)
    return (Weights(a0, a, tuple(W), tuple(b)),)


def _dot(w: Sequence[fmpq], x: Sequence[Exact]) -> fmpq:
    total = fmpq(0)
    for v, c in zip(w, x, strict=True):
        assert isinstance(c, fmpq)
        total += v * c
    return total


# -- the best affine function ------------------------------------------------------------------------------------------


def _affine_functions(case: Case) -> Iterator[Affine]:
    """The best one if it is known in closed form, then constants, which are the best for some symmetric data."""
    best = _best_affine(case)
    if best is not None:
        yield best[0], best[1:]
    zeros = (fmpq(0),) * len(case.data.inputs[0])
    yield from ((constant, zeros) for constant in best_constants(case))


def _best_affine(case: Case) -> Row | None:
    """(offset, w) of an exact minimiser over affine functions, or None where none is known in closed form."""
    rows = [(fmpq(1), *(fmpq(v) for v in x)) for x in case.data.inputs]  # type: ignore[arg-type]
    name = case.loss.function.name
    if case.loss.weight_decay != 0:
        return None
    if case.data.targets is not None:
        if name != "quadratic" or not all(isinstance(t, fmpq) for t in case.data.targets):
            return None
        return _least_squares(rows, list(case.data.targets), case.data.multiplicity)  # type: ignore[arg-type]
    assert case.data.labels is not None
    goals = [fmpq(y) for y in case.data.labels]
    squared = name == "squared_hinge" or (name == "polynomial_hinge" and case.loss.function.parameters.get("p") == 1)
    hinge = name == "hinge" or (name == "polynomial_hinge" and case.loss.function.parameters.get("p") == 0)
    if name == "quadratic":
        return _least_squares(rows, goals, case.data.multiplicity)
    if squared:
        return _squared_hinge(rows, goals, case.data.multiplicity)
    return _hinge(rows, goals, case.data.multiplicity) if hinge else None


def _least_squares(rows: Sequence[Row], goals: Sequence[fmpq], weights: Sequence[int]) -> Row | None:
    """The normal equations sum m x~ (x~.c - t) = 0."""
    size = len(rows[0])
    matrix = [
        [sum((m * x[r] * x[c] for m, x in zip(weights, rows, strict=True)), fmpq(0)) for c in range(size)]
        for r in range(size)
    ]
    right = [sum((m * x[r] * t for m, x, t in zip(weights, rows, goals, strict=True)), fmpq(0)) for r in range(size)]
    found = solve(matrix, right)
    return None if found is None else tuple(fmpq(v) for v in found)  # type: ignore[arg-type]


def _squared_hinge(rows: Sequence[Row], goals: Sequence[fmpq], weights: Sequence[int]) -> Row | None:
    """Least squares on the samples with margin below 1, until these are the samples it started from."""
    active = list(range(len(rows)))
    for _ in range(ROUNDS):
        chosen = [(rows[i], goals[i], weights[i]) for i in active]
        if not chosen:
            return None
        found = _least_squares(*zip(*chosen, strict=True))
        if found is None:
            return None
        margins = [y * _dot(found, x) for x, y in zip(rows, goals, strict=True)]
        now = [i for i, margin in enumerate(margins) if margin < 1]
        if now == active:
            return found
        active = now
    return None


def _hinge(rows: Sequence[Row], goals: Sequence[fmpq], weights: Sequence[int]) -> Row | None:
    """The linear program min sum m s, s >= 0, y x~.c + s - t = 1, t >= 0."""
    n, size = len(rows), len(rows[0])
    zero = fmpq(0)

    def unit(i: int, value: int) -> list[fmpq]:
        return [fmpq(value) if k == i else zero for k in range(n)]

    signed = [[y * v for v in x] for x, y in zip(rows, goals, strict=True)]
    matrix = [[*row, *unit(i, 1), *unit(i, -1)] for i, row in enumerate(signed)]
    cost = [*(zero,) * size, *(fmpq(m) for m in weights), *(zero,) * n]
    lower = [*(None,) * size, *(zero,) * (2 * n)]
    answer = minimise(cost, matrix, [fmpq(1)] * n, lower, [None] * (size + 2 * n))
    return tuple(answer.x[:size]) if isinstance(answer, Optimal) else None
