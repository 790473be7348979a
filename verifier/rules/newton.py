"""From a float point to a stationary point near it: Newton's method in float64, then in long double."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from verifier.arithmetic.convert import nearest_float
from verifier.rules.problem import Problem

Floats = NDArray[np.float64]
STEPS = 60
HALVINGS = 20
POLISHED = 1e-8  # a slope below which Newton's method goes on only as long as it halves it
PUSH = 1e-6
POLISHINGS = 2


@dataclass(frozen=True)
class Start:
    """A point in float64, the best seen, and the Hessian there in the free coordinates."""

    theta: Floats
    matrix: Floats


def descend(problem: Problem, free: Sequence[int], near: float) -> Start | None:
    """Newton's method in float64 from the given point, downhill where the Hessian is not definite, as long as it stays
    near the point; None if the loss is not finite there.
    """
    given: Floats = np.array([nearest_float(v) for v in problem.theta])
    theta, best, smallest = given, None, np.inf
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            here = problem.objective.at(theta)
            slope = np.asarray(here.gradient(), dtype=np.float64)[free]
            matrix = np.asarray(here.hessian(), dtype=np.float64)[np.ix_(free, free)]
            size = float(np.abs(slope).max())
            if not np.isfinite(size) or not np.isfinite(matrix).all():
                break
            definite = is_definite(matrix)
            if best is None or size < smallest:
                best = Start(theta, matrix)
            if definite and (size >= smallest / 2 and smallest < POLISHED):
                break
            smallest = min(size, smallest)
            step = np.zeros(len(theta))
            try:
                step[free] = _step(matrix, slope, definite)
            except np.linalg.LinAlgError:
                break
            if definite and size < POLISHED and np.abs(step).max() <= np.finfo(float).eps * (1 + np.abs(theta).max()):
                break  # what is left is the rounding of the point
            there = _lower(problem, theta, step, float(here.value))
            if there is None and not definite:
                break
            there = theta - step if there is None else there
            if not np.abs(there - given).max() <= 2 * near:
                break
            if not definite:
                smallest = np.inf  # a small slope near a saddle counts for nothing
            theta = there
    return best


def is_definite(matrix: Floats) -> bool:
    """Whether Cholesky's method succeeds."""
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def _step(matrix: Floats, slope: Floats, definite: bool) -> Floats:
    """The Newton step, or one with the eigenvalues made positive."""
    with suppress(np.linalg.LinAlgError):
        if definite:
            return np.asarray(np.linalg.solve(matrix, slope), dtype=np.float64)
    values, vectors = np.linalg.eigh(matrix)
    sizes = np.abs(values)
    along = vectors.T @ slope
    along = np.where((values < 0) & (np.abs(along) < PUSH), PUSH, along)  # off the saddle
    return np.asarray(vectors @ (along / np.maximum(sizes, 1e-12 * max(float(sizes.max()), 1e-300))))


def _lower(problem: Problem, theta: Floats, step: Floats, value: float) -> Floats | None:
    """theta - step/2^k with a smaller loss, or None."""
    for k in range(HALVINGS):
        there = theta - step / 2**k
        if float(problem.objective.value(there)) < value:
            return np.asarray(there)
    return None


def polished(problem: Problem, start: Start, free: Sequence[int], inverse: Floats) -> tuple[list[fmpq], Floats]:
    """A few steps with the gradient in long double and the inverse Hessian X^T X of the start (`inverse` is X): the
    point as exact numbers, and the gradient there in the free coordinates, times X.
    """
    theta = start.theta.astype(np.longdouble)
    with np.errstate(all="ignore"):
        for _ in range(POLISHINGS - 1):
            theta[free] -= inverse.T @ (inverse @ problem.objective.gradient(theta)[free].astype(np.float64))
        slope = problem.objective.gradient(theta)[free].astype(np.float64)
    return [_exact(v) for v in theta], inverse @ slope


def _exact(x: Any) -> fmpq:
    """A long double as a rational."""
    high = float(x)
    return dyadic(high) + dyadic(float(x - np.longdouble(high)))


def dyadic(x: float) -> fmpq:
    """A float as a rational."""
    return fmpq(*x.as_integer_ratio())
