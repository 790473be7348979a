"""Table 3: a strict minimum exists in a box: proving and checking against the plain float64 work at the same point.

The plain work is gradient, Hessian and Cholesky factorisation in NumPy, written for one hidden layer of tanh units with
logistic loss: the limit, nothing about it is rigorous. The straightforward rigorous way, all in balls scalar by scalar,
is measured for the smallest net.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import fmpq

from verifier.case.types import Case, Claim, Data, FunctionSpec, Layered, LayeredPoint, Loss, Network, Point
from verifier.checker import check
from verifier.decision import decide
from verifier.model.objective import Objective
from verifier.model.scalars import Kind, convert, objects
from verifier.rules.existence import propose
from verifier.rules.problem import Problem
from verifier.verdict import Verdict

from .timing import median, seconds, show, together

WIDTHS = {3: (10, 40, 100, 200), 8: (5, 20, 50, 100), 18: (10, 25, 50)}  # by dimension d: P = 1 + (d + 2) width
SETTLED = 1e-13  # a slope from which training goes no further
STEPS = 60  # of Newton's method at most
LARGEST_FOR_SCALARS = 60
FEW = 300  # parameters, up to which it is quick
CLAIM = Claim("local-minimum", near=fmpq(1, 10**6))


def existence() -> None:
    """Print the table; every proof is checked."""
    header = ("d", "P", "n", "float64", "prove", "ratio", "check", "ratio", "Arb scalars")
    rows = [_row(dimension, width) for dimension, widths in WIDTHS.items() for width in widths]
    show("A strict minimum near a float point (tanh, logistic loss, weight decay; CPU time)", header, rows)


def _row(dimension: int, width: int) -> tuple[str, ...]:
    case, theta = trained(dimension, width)
    decision = decide(case, CLAIM)
    certificate = decision.certificate
    assert certificate is not None and decision.verdict is Verdict.PROVED, decision.reason
    size, n = len(theta), len(case.data.inputs)
    plain, proving, checking = together(
        [(lambda: plain_work(case, theta), 5), (lambda: _proved(case, theta), 1), (lambda: check(certificate), 1)],
        9 if size < FEW else 3,
    )
    scalars = median(lambda: _scalars(case, theta), 1) if size <= LARGEST_FOR_SCALARS else None
    proofs = [word for time in (proving, checking) for word in (seconds(time), f"{time / plain:.0f}")]
    return str(dimension), str(size), str(n), seconds(plain), *proofs, seconds(scalars)


def _proved(case: Case, theta: np.ndarray[Any, Any]) -> None:
    """A certificate's node from nothing but the case; deciding is this and one check."""
    assert CLAIM.near is not None
    propose(Problem(case, tuple(fmpq(*float(v).as_integer_ratio()) for v in theta)), CLAIM.near)


def trained(dimension: int, width: int, seed: int = 0) -> tuple[Case, np.ndarray[Any, Any]]:
    """A net trained to a minimum on noisy labels, n = 4 P, and its float weights."""
    from scipy.optimize import minimize

    draw = np.random.default_rng(seed)
    count = 4 * (1 + width * (dimension + 2))
    inputs = draw.standard_normal((count, dimension)).round(3)
    noise = draw.standard_normal(count) / 2
    labels = np.where(inputs[:, 0] * inputs[:, 1] + noise > 0, 1, -1)
    data = Data(
        tuple(tuple(fmpq(round(1000 * v), 1000) for v in row) for row in inputs),
        tuple(int(y) for y in labels),
        None,
        (1,) * count,
    )
    network = Network("single-layer", Layered(FunctionSpec("tanh"), (width,), True, True))
    loss = Loss(FunctionSpec("logistic"), fmpq(1, 100))
    objective = Objective(Case(data, network, loss))

    def both(theta: Any) -> tuple[float, Any]:
        here = objective.at(theta)
        return float(here.value), np.asarray(here.gradient(), dtype=np.float64)

    start = draw.standard_normal(objective.size)
    options = {"maxiter": 5_000, "gtol": 1e-10, "maxfun": 50_000}
    theta = minimize(both, start, jac=True, method="L-BFGS-B", options=options).x
    for _ in range(STEPS):
        matrix = np.asarray(objective.hessian(theta), dtype=np.float64)
        values, vectors = np.linalg.eigh(matrix)
        settled = float(np.abs(both(theta)[1]).max()) < SETTLED
        if settled and values[0] > 0:
            break
        if settled or values[0] <= 0:  # a saddle: leave it along its direction of descent
            theta = theta + 0.1 * draw.choice((-1, 1)) * vectors[:, 0]
            theta = minimize(both, theta, jac=True, method="L-BFGS-B", options=options).x
        else:
            theta = theta - np.linalg.solve(matrix, both(theta)[1])
    point = _point(theta, dimension, width)
    return Case(data, network, loss, point, claims=(CLAIM,), title="trained", path="benchmark"), theta


def _point(theta: np.ndarray[Any, Any], dimension: int, width: int) -> Point:
    exact = [fmpq(*float(v).as_integer_ratio()) for v in theta]
    rows = [exact[k : k + dimension + 1] for k in range(1 + width, len(exact), dimension + 1)]
    W = (tuple(tuple(row[:dimension]) for row in rows),)
    return Point(LayeredPoint(exact[0], tuple(exact[1 : 1 + width]), W, (tuple(row[-1] for row in rows),)))


def plain_work(case: Case, theta: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Gradient, Hessian, Cholesky in float64; returns the Hessian."""
    X, y = _arrays(case)
    n, width = len(X), case.network.main.hidden[0]
    ones = np.ones((n, 1))
    Z = np.hstack([X, ones])
    a, rows = theta[1 : 1 + width], theta[1 + width :].reshape(width, -1)
    h = np.tanh(Z @ rows.T)
    slope = 1 - h * h
    margin = -y * (theta[0] + h @ a)
    g = -y / (1 + np.exp(-margin)) / n
    k = np.exp(-np.abs(margin)) / (1 + np.exp(-np.abs(margin))) ** 2 / n
    inner = ((a * slope)[:, :, None] * Z[:, None, :]).reshape(n, -1)
    J = np.hstack([ones, h, inner])
    J.T @ g + 0.01 * theta
    H = J.T @ (k[:, None] * J) + 0.01 * np.eye(len(theta))
    bend = g[:, None] * a * (-2 * h * slope)
    blocks = np.einsum("ij,ia,ib->jab", bend, Z, Z, optimize=True)
    cross = (g[:, None] * slope).T @ Z
    size = Z.shape[1]
    for j in range(width):
        s = slice(1 + width + j * size, 1 + width + (j + 1) * size)
        H[s, s] += blocks[j]
        H[1 + j, s] += cross[j]
        H[s, 1 + j] += cross[j]
    np.linalg.cholesky(H)
    return H


_ARRAYS: list[tuple[Data, Any, Any]] = []  # of the last data; numbers are not what is measured


def _arrays(case: Case) -> tuple[Any, Any]:
    if not _ARRAYS or _ARRAYS[0][0] is not case.data:
        X = np.array([[float(v.p) / float(v.q) for v in x] for x in case.data.inputs])  # type: ignore[union-attr]
        _ARRAYS[:] = [(case.data, X, np.array(case.data.labels))]
    return _ARRAYS[0][1:]


def _scalars(case: Case, theta: np.ndarray[Any, Any]) -> None:
    """Gradient and Hessian in balls through the general model, without the checker's arrangement."""
    objective = Objective(case)
    exact = objects([fmpq(*float(v).as_integer_ratio()) for v in theta], (len(theta),))
    here = objective.at(convert(exact, Kind.BALL))
    here.gradient()
    here.hessian()
