"""The semidefinite program: weights of the samples that make a given point stationary and its Hessian most definite.

    maximise t   subject to   sum m_i g_i = 0,   sum m_i H_i >= t I,   sum m_i = 1,   m_i >= 0,
                              sum over misclassified samples m_i >= share

g_i, H_i are the gradient and Hessian of sample i's loss. So that there is something to climb where no weights make the
point stationary, a gradient is allowed at a price: t - price |sum m_i g_i|_1 is maximised instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Floats = Any
ROOT_TWO = 2.0**0.5
SOLVED = ("Solved", "AlmostSolved")


@dataclass(frozen=True)
class Weighting:
    """An optimum: `value` = t - price |gradient|_1, weights (n), and the multipliers of the dual: `curvature` (P x P,
    positive semidefinite, trace 1) of the matrix inequality and `slope` (P) of stationarity.
    """

    value: float
    t: float
    residual: float
    weights: Floats
    curvature: Floats
    slope: Floats


def available() -> bool:
    """Whether the solver, the optional extra `design`, is installed."""
    from importlib.util import find_spec

    return find_spec("clarabel") is not None


def best_weighting(gradients: Floats, hessians: Floats, wrong: Floats, share: float, price: float) -> Weighting | None:
    """The optimum for gradients (n x P), Hessians (n x P x P) and the mask of misclassified samples (n); None where
    the solver finds none.
    """
    n, size = gradients.shape
    triangle = _Triangle(size)
    # Unknowns: the weights, t, and the positive and negative part of the gradient.
    equal = np.zeros((size + 1, n + 1 + 2 * size))
    equal[:size, :n] = gradients.T
    equal[:size, n + 1 : n + 1 + size] = np.eye(size)
    equal[:size, n + 1 + size :] = -np.eye(size)
    equal[size, :n] = 1.0
    least = np.zeros((n + 1 + 2 * size, n + 1 + 2 * size))
    least[:n, :n] = np.eye(n)
    least[n, :n] = wrong
    least[n + 1 :, n + 1 :] = np.eye(2 * size)
    definite = np.zeros((len(triangle.scale), n + 1 + 2 * size))
    definite[:, :n] = triangle.flat(hessians).T
    definite[:, n] = -triangle.flat(np.eye(size)[None])[0]
    cost = np.concatenate([np.zeros(n), [-1.0], np.full(2 * size, price)])
    bounds = np.zeros(len(least))
    bounds[n] = share
    found = _solve(cost, equal, least, bounds, definite, np.zeros(len(definite)))
    if found is None:
        return None
    x, z = found
    residual = float(np.abs(x[n + 1 :]).sum())
    dual = triangle.matrix(z[-len(definite) :])
    return Weighting(float(-cost @ x), float(x[n]), residual, np.maximum(x[:n], 0.0), dual, -z[:size])


def cheapest_weights(
    gradients: Floats, hessians: Floats, wrong: Floats, share: float, least_t: float, cost: Floats
) -> Floats | None:
    """Weights of least cost . m among those that make the point stationary with sum m_i H_i >= least_t I: with any
    cost, few of them are not 0. None where the solver finds none.
    """
    n, size = gradients.shape
    triangle = _Triangle(size)
    equal = np.concatenate([gradients.T, np.ones((1, n))])
    least = np.concatenate([np.eye(n), np.asarray(wrong, dtype=float)[None]])
    definite = triangle.flat(hessians).T
    bounds = np.zeros(n + 1)
    bounds[n] = share
    floor = least_t * triangle.flat(np.eye(size)[None])[0]
    found = _solve(np.asarray(cost, dtype=float), equal, least, bounds, definite, floor)
    return None if found is None else np.maximum(found[0], 0.0)


class _Triangle:
    """Symmetric matrices as vectors in the solver's order: the upper triangle by columns, what is off the diagonal
    times the root of 2.
    """

    def __init__(self, size: int) -> None:
        rows, columns = np.triu_indices(size)
        order = np.lexsort((rows, columns))
        self.size, self.rows, self.columns = size, rows[order], columns[order]
        self.scale = np.where(self.rows == self.columns, 1.0, ROOT_TWO)

    def flat(self, matrices: Floats) -> Floats:
        """k x P x P -> k x P (P + 1)/2."""
        return matrices[:, self.rows, self.columns] * self.scale

    def matrix(self, vector: Floats) -> Floats:
        """The symmetric matrix of one vector."""
        result = np.zeros((self.size, self.size))
        result[self.rows, self.columns] = result[self.columns, self.rows] = vector / self.scale
        return result


def _solve(
    cost: Floats, equal: Floats, least: Floats, bounds: Floats, definite: Floats, floor: Floats
) -> tuple[Floats, Floats] | None:
    """Minimise cost . x with equal x = (0, ..., 0, 1), least x >= bounds and definite x - floor a positive semidefinite
    matrix; x and the multipliers, or None.
    """
    import clarabel
    from scipy import sparse

    size = len(equal) - 1
    cones = [
        clarabel.ZeroConeT(len(equal)),
        clarabel.NonnegativeConeT(len(least)),
        clarabel.PSDTriangleConeT(size),
    ]
    one = np.zeros(len(equal))
    one[-1] = 1.0
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1  # the same answer on every machine
    matrix = sparse.csc_matrix(np.concatenate([equal, -least, -definite]))
    nothing = sparse.csc_matrix((len(cost), len(cost)))
    right = np.concatenate([one, -bounds, -floor])
    done = clarabel.DefaultSolver(nothing, cost, matrix, right, cones, settings).solve()
    if str(done.status) not in SOLVED:
        return None
    x, z = np.array(done.x), np.array(done.z)
    return (x, z) if np.isfinite(x).all() and np.isfinite(z).all() else None
