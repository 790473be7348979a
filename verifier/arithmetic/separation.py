"""Exact linear separation: a separator, or weights that exclude one (Gordan's alternative)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import zip_longest
from typing import Any

from flint import fmpq, fmpz_mat

from verifier.arithmetic.convert import Rows, float_of, rational_rows
from verifier.arithmetic.linear import integer_nullspace
from verifier.arithmetic.lp import DIRECT_SIZE, Optimal, minimise
from verifier.arithmetic.rounding import primitive, short_vectors

Floats = list[float]
Vector = tuple[fmpq, ...]
Row = tuple[int, ...]


@dataclass(frozen=True)
class Separator:
    """v with rows_i . v > 0 for every i; short integers where possible."""

    v: Vector


@dataclass(frozen=True)
class Gordan:
    """t >= 0, t != 0, sum_i t_i rows_i = 0, as primitive integers: no v has rows_i . v > 0 for all i,

    since 0 = sum_i t_i (rows_i . v) would be positive.
    """

    t: Vector


def separator(rows: Rows) -> Separator | Gordan:
    """Decide exactly whether some v has rows . v > 0 (n x d rationals, n >= 1); the answer has been verified.

    Raises ValueError for no rows.
    """
    rational = rational_rows(rows)
    if not rational:
        raise ValueError("separator needs at least one row")
    integers = [primitive(row) for row in rational]
    answer = _decide(integers)
    if isinstance(answer, Separator):
        return answer
    # the row i that was weighted is a positive multiple of the given one
    return Gordan(_primitive([t * _factor(i, q) for t, i, q in zip(answer.t, integers, rational, strict=True)]))


def _decide(rows: list[Row]) -> Separator | Gordan:
    matrix = fmpz_mat(len(rows), len(rows[0]), [x for row in rows for x in row])
    floats = _unit_rows(rows)
    mean = [sum(column) for column in zip(*floats, strict=True)]
    if len(rows) * len(rows[0]) <= DIRECT_SIZE:
        if (v := _shortest(matrix, [mean], limit=1)) is not None:
            return Separator(v)
    elif (margin := _largest_margin(floats)) is not None:
        direction, weights = margin
        if (v := _shortest(matrix, [direction, mean])) is not None:
            return Separator(v)
        if (t := _weights_on(rows, [i for i, weight in enumerate(weights) if weight > 1e-9])) is not None:
            return Gordan(t)
    answer = _exactly(rows)
    if isinstance(answer, Gordan):
        return answer
    size = max(abs(x) for x in answer.v)
    exact_direction = [float_of(x / size) for x in answer.v]
    return Separator(_shortest(matrix, [exact_direction, mean]) or answer.v)


def _exactly(rows: list[Row]) -> Separator | Gordan:
    """By the exact simplex on  min sum |rows^T t|  over  t >= 0, sum t = 1  (with rows^T t = p - q, p, q >= 0).

    Value 0: t are Gordan weights. Otherwise the multipliers (w, w0) satisfy w.rows_i + w0 <= 0 and w0 = value > 0,
    so v = -w separates.
    """
    n, d = len(rows), len(rows[0])
    zero, one = fmpq(0), fmpq(1)
    identity = [[one if i == k else zero for i in range(d)] for k in range(d)]
    system = [[fmpq(row[k]) for row in rows] + [-x for x in identity[k]] + identity[k] for k in range(d)]
    system.append([one] * n + [zero] * (2 * d))
    size = n + 2 * d
    answer = minimise([zero] * n + [one] * (2 * d), system, [zero] * d + [one], [zero] * size, [None] * size)
    assert isinstance(answer, Optimal)
    if answer.value == 0:
        return Gordan(_primitive(answer.x[:n]))
    return Separator(_primitive([-w for w in answer.y[:d]]))


def _primitive(values: Sequence[fmpq]) -> Vector:
    return tuple(fmpq(x) for x in primitive(values))


def _factor(integers: Row, rational: Sequence[fmpq]) -> fmpq:
    """The positive f with integers = f * rational (1 for a zero row)."""
    return next((fmpq(i) / q for i, q in zip(integers, rational, strict=True) if i), fmpq(1))


def _unit_rows(rows: list[Row]) -> list[Floats]:
    """The rows scaled to largest entry 1, in floats."""
    sizes = [max((abs(x) for x in row), default=0) or 1 for row in rows]
    return [[x / size for x in row] for row, size in zip(rows, sizes, strict=True)]


def _shortest(matrix: fmpz_mat, directions: Sequence[Floats], limit: int | None = None) -> Vector | None:
    """The first short integer vector near one of the directions that separates exactly."""
    candidates = zip_longest(*(short_vectors(direction) for direction in directions))
    for v in (v for group in candidates for v in group if v is not None):
        if limit is not None and max(map(abs, v)) > limit:
            return None
        if all(x > 0 for x in (matrix * fmpz_mat(len(v), 1, list(v))).entries()):
            return tuple(fmpq(x) for x in v)
    return None


def _largest_margin(rows: list[Floats]) -> tuple[Floats, Floats] | None:
    """HiGHS on  max s, rows.v >= s, |v_k| <= 1, s <= 1: the direction and the weights (dual). Proves nothing."""
    import numpy as np

    n, d = len(rows), len(rows[0])
    linprog: Any = import_module("scipy.optimize").linprog
    result = linprog(
        np.append(np.zeros(d), -1.0),
        A_ub=np.hstack([-np.array(rows), np.ones((n, 1))]),
        b_ub=np.zeros(n),
        bounds=[(-1.0, 1.0)] * d + [(None, 1.0)],
        method="highs",
    )
    if result.status != 0:
        return None
    return [float(v) for v in result.x[:d]], [-float(v) for v in result.ineqlin.marginals]


def _weights_on(rows: list[Row], support: list[int]) -> Vector | None:
    """Gordan weights supported on the given rows, if those rows have exactly one relation and it is positive."""
    if not support:
        return None
    chosen = [rows[i] for i in support]
    transposed = fmpz_mat(len(chosen[0]), len(chosen), [row[k] for k in range(len(chosen[0])) for row in chosen])
    relations = integer_nullspace(transposed)
    if len(relations) != 1:
        return None
    relation = relations[0]
    if not (all(x > 0 for x in relation) or all(x < 0 for x in relation)):
        return None
    t = [fmpq(0)] * len(rows)
    for i, x in zip(support, relation, strict=True):
        t[i] = fmpq(abs(x))
    return tuple(t)
