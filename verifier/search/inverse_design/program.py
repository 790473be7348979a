"""The semidefinite program: weights of the samples that make a given point stationary and its Hessian most definite.

    maximise t   subject to   sum m_i g_i = 0,   sum m_i H_i >= t I,   sum m_i = 1,   m_i >= 0,
                              sum over misclassified samples m_i >= share

g_i, H_i are the gradient and Hessian of sample i's loss, in scaled coordinates and of scaled samples.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Floats = Any
ROOT_TWO = 2.0**0.5
SOLVED = ("Solved", "AlmostSolved")
SMALL = 1e-7  # weights below this times the largest are 0


def available() -> bool:
    """Whether the solver, the optional extra `design`, is installed."""
    from importlib.util import find_spec

    return find_spec("clarabel") is not None


def stiffest_weights(
    gradients: Floats, hessians: Floats, sizes: Floats, wrong: Floats, share: float
) -> tuple[Floats, float, float] | None:
    """Weights with sum m_i g_i = 0 and the largest t, in coordinates in which sum size_i g_i g_i' is the identity and
    for samples scaled to unit gradients there: then t does not depend on the choice of coordinates at all.

    Returns the weights (n, of the samples as given), t as the weights have it, and the largest entry of the gradient
    that they leave; None where the gradients do not span, or the solver finds no weights.
    """
    try:
        lower = np.linalg.cholesky((gradients * sizes[:, None]).T @ gradients / len(gradients))
    except np.linalg.LinAlgError:
        return None
    units = np.linalg.inv(lower)
    gradients = gradients @ units.T
    scale = np.sqrt((gradients**2).sum(axis=1))
    gradients = gradients / scale[:, None]
    hessians = units @ hessians @ units.T / scale[:, None, None]
    n, size = gradients.shape
    triangle = _Triangle(size)
    equal = np.zeros((size + 1, n + 1))
    equal[:size, :n], equal[size, :n] = gradients.T, 1.0
    least = np.zeros((n + 1, n + 1))
    least[:n, :n], least[n, :n] = np.eye(n), wrong
    bounds = np.zeros(n + 1)
    bounds[n] = share
    definite = np.zeros((len(triangle.scale), n + 1))
    definite[:, :n] = triangle.flat(hessians).T
    definite[:, n] = -triangle.flat(np.eye(size)[None])[0]
    found = _solve(np.append(np.zeros(n), -1.0), equal, least, bounds, definite)
    if found is None:
        return None
    weights = np.maximum(found[:n], 0.0)
    weights[weights < SMALL * weights.max()] = 0.0
    t = float(np.linalg.eigvalsh(np.tensordot(weights, hessians, 1))[0])
    return weights / scale, t, float(np.abs(weights @ gradients).max())


class _Triangle:
    """Symmetric matrices as vectors in the solver's order: the upper triangle by columns, what is off the diagonal
    times the root of 2.
    """

    def __init__(self, size: int) -> None:
        rows, columns = np.triu_indices(size)
        order = np.lexsort((rows, columns))
        self.rows, self.columns = rows[order], columns[order]
        self.scale = np.where(self.rows == self.columns, 1.0, ROOT_TWO)

    def flat(self, matrices: Floats) -> Floats:
        """k x P x P -> k x P (P + 1)/2."""
        return matrices[:, self.rows, self.columns] * self.scale


def _solve(cost: Floats, equal: Floats, least: Floats, bounds: Floats, definite: Floats) -> Floats | None:
    """Minimise cost . x with equal x = (0, ..., 0, 1), least x >= bounds and definite x a positive semidefinite matrix;
    None where the solver finds no x.
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
    right = np.concatenate([one, -bounds, np.zeros(len(definite))])
    done = clarabel.DefaultSolver(nothing, cost, matrix, right, cones, settings).solve()
    if str(done.status) not in SOLVED:
        return None
    x = np.array(done.x)
    return x if np.isfinite(x).all() else None
