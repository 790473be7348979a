"""A case without one coordinate of its inputs, or with one unit less, and the point that is left of a given one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from verifier.arithmetic.convert import nearest_float
from verifier.case.types import Case
from verifier.checker.case import Theta, Weights
from verifier.checker.network import flatten
from verifier.checker.number import Exact
from verifier.model.scalars import Floats

Row = tuple[Exact, ...]


def without_coordinate(k: int, case: Case, theta: Theta) -> tuple[Case, Floats] | None:
    """The inputs without coordinate k, and the point without the weights that read it; None if it is the only one."""
    if not (case.data.dimension > 1 and k < case.data.dimension):
        return None
    data = replace(case.data, inputs=tuple(_dropped(x, k) for x in case.data.inputs))
    left = tuple(replace(w, W=(_columns(w.W[0], k), *w.W[1:])) for w in theta)
    return replace(case, data=data), floats(left)


def without_unit(j: int, case: Case, theta: Theta) -> tuple[Case, Floats] | None:
    """The net without unit j of the first hidden layer of its first part; None if it is the only one."""
    main = case.network.main
    if not (main.hidden[0] > 1 and j < main.hidden[0]):
        return None
    network = replace(case.network, main=replace(main, hidden=(main.hidden[0] - 1, *main.hidden[1:])))
    return replace(case, network=network), floats((_narrowed(theta[0], j), *theta[1:]))


def _narrowed(weights: Weights, j: int) -> Weights:
    first = _dropped_rows(weights.W[0], j)
    b = None if weights.b is None else (_dropped(weights.b[0], j), *weights.b[1:])
    if len(weights.W) == 1:
        return Weights(weights.a0, _dropped(weights.a, j), (first,), b)
    return Weights(weights.a0, weights.a, (first, _columns(weights.W[1], j), *weights.W[2:]), b)


def _columns(rows: tuple[Row, ...], k: int) -> tuple[Row, ...]:
    return tuple(_dropped(row, k) for row in rows)


def _dropped_rows(rows: tuple[Row, ...], k: int) -> tuple[Row, ...]:
    return (*rows[:k], *rows[k + 1 :])


def _dropped(row: Row, k: int) -> Row:
    return (*row[:k], *row[k + 1 :])


def floats(theta: Theta) -> Floats:
    """The flat parameter vector, rounded to floats."""
    return np.array([nearest_float(v) for v in flatten(theta)])
