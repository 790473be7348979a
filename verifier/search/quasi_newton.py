"""BFGS for many starting points at once: each has its own matrix and its own step, one evaluation serves them all."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from verifier.model.scalars import Floats

Mask = NDArray[np.bool_]
Evaluate = Callable[[Floats], tuple[Floats, Floats]]
STEPS = 250
HALVINGS = 30
SUFFICIENT = 1e-4  # Armijo's share of the predicted decrease
CURVED = 1e-10
TINY = 1e-150  # whose square is a float
FLAT = 1e-9


@dataclass(frozen=True)
class Ends:
    """Where the descents ended: points S x P, values S, largest entries of the gradient S."""

    points: Floats
    values: Floats
    slopes: Floats


def descend(evaluate: Evaluate, starts: Floats, bound: float, deadline: float = math.inf) -> Ends:
    """Descend from each row of `starts` until the gradient is small, no step helps, an entry passes `bound`, or the
    monotonic clock passes `deadline`.
    """
    x = starts.copy()
    values, slopes = evaluate(x)
    size = x.shape[1]
    inverse = np.broadcast_to(np.eye(size), (len(x), size, size)).copy()
    first = np.ones(len(x), dtype=bool)  # the matrix is still the identity, not scaled
    alive = np.isfinite(values) & np.isfinite(slopes).all(axis=1)
    for _ in range(STEPS):
        scale = np.abs(x).max(axis=1)
        alive &= (np.abs(slopes).max(axis=1) > FLAT / 10 * (1 + scale)) & (scale < bound)
        rows = np.flatnonzero(alive)
        if not len(rows) or time.monotonic() > deadline:
            break
        step = -(inverse[rows] @ slopes[rows][:, :, None])[:, :, 0]
        down = (step * slopes[rows]).sum(axis=1)
        lost = ~(down < 0)
        step[lost] = -slopes[rows][lost]
        inverse[rows[lost]] = np.eye(size)
        down = np.where(lost, -(slopes[rows] ** 2).sum(axis=1), down)
        there, found, gradients, moved = _search(evaluate, x[rows], step, values[rows], down)
        reset = ~moved & ~first[rows]
        inverse[rows[reset]] = np.eye(size)
        alive[rows[~moved & first[rows]]] = False
        first[rows] = ~moved
        kept = rows[moved]
        _update(inverse, kept, there[moved] - x[kept], gradients[moved] - slopes[kept])
        x[kept], values[kept], slopes[kept] = there[moved], found[moved], gradients[moved]
    return Ends(x, values, np.abs(slopes).max(axis=1))


def _search(
    evaluate: Evaluate, x: Floats, step: Floats, values: Floats, down: Floats
) -> tuple[Floats, Floats, Floats, Mask]:
    """The first of the steps step, step/2, step/4, ... that lowers the loss enough; the last entry says for which."""
    there, found, gradients = x.copy(), values.copy(), np.zeros_like(x)
    length = np.minimum(1.0, 10.0 / np.maximum(np.abs(step).max(axis=1), 1e-300))
    waiting = np.arange(len(x))
    moved: Mask = np.zeros(len(x), dtype=np.bool_)
    for _ in range(HALVINGS):
        trial = x[waiting] + length[waiting, None] * step[waiting]
        value, gradient = evaluate(trial)
        enough = value <= values[waiting] + SUFFICIENT * length[waiting] * down[waiting]
        good = enough & (value < values[waiting]) & np.isfinite(gradient).all(axis=1)
        rows = waiting[good]
        there[rows], found[rows], gradients[rows], moved[rows] = trial[good], value[good], gradient[good], True
        waiting = waiting[~good]
        if not len(waiting):
            break
        length[waiting] /= 2
    return there, found, gradients, moved


def _update(inverse: Floats, rows: NDArray[np.signedinteger], s: Floats, y: Floats) -> None:
    """The BFGS update, where the curvature along the step is positive."""
    curvature = (s * y).sum(axis=1)
    good = curvature > np.maximum(CURVED * np.sqrt((s * s).sum(axis=1) * (y * y).sum(axis=1)), TINY)
    rows, s, y, curvature = rows[good], s[good], y[good], curvature[good]
    if not len(rows):
        return
    H = inverse[rows]
    Hy = (H @ y[:, :, None])[:, :, 0]
    yHy = (y * Hy).sum(axis=1)
    outer = s[:, :, None] * Hy[:, None, :]
    factor = ((curvature + yHy) / curvature**2)[:, None, None]
    both = (outer + outer.transpose(0, 2, 1)) / curvature[:, None, None]
    inverse[rows] = H + factor * s[:, :, None] * s[:, None, :] - both
