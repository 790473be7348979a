"""A point with a smaller loss: the file's own, one along a descent, or one that local optimisation reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flint import fmpq

from verifier.arithmetic.convert import nearest_float
from verifier.arithmetic.rounding import nearest
from verifier.checker.analysis import Analysis
from verifier.checker.case import Theta
from verifier.checker.fields import exact
from verifier.checker.network import unflatten
from verifier.checker.number import Exact, Undecided, sign
from verifier.rules.problem import Declined, Json, Problem

STARTS = 24
MAX_SIZE = 400  # parameters, for local optimisation
STEPS = 40
MARGIN = 1e-9
DENOMINATORS = (16, 1_024, 1 << 24)


def better_point(problem: Problem, descent: Callable[[], Json | None] = lambda: None) -> Theta:
    """A point whose loss is smaller, certainly; raises Declined. `descent` is asked for a way down if it is needed."""
    for theta in _candidates(problem, descent):
        if is_better(problem, theta):
            return theta
    raise Declined("no-better-point", "no point with a smaller loss was found")


def is_better(problem: Problem, theta: Theta) -> bool:
    """Whether L(theta) is certainly smaller than at the problem's point."""
    try:
        return sign(Analysis(problem.checked, theta).loss - problem.analysis.loss) < 0
    except Undecided:
        return False


def _candidates(problem: Problem, descent: Callable[[], Json | None]) -> Iterator[Theta]:
    checked = problem.checked
    if checked.better is not None:
        yield checked.better
    way_down = descent()
    if way_down is not None:
        yield from _along(problem, way_down)
    if problem.size <= MAX_SIZE:
        yield from _optimised(problem)


def _along(problem: Problem, descent: Json) -> Iterator[Theta]:
    """Points theta(t) of the descent's curve for t = 1, 1/2, 1/4, ..."""
    rows = [[exact(v, "curve") for v in row] for row in descent["curve"]]
    for k in range(STEPS):
        t = fmpq(1, 2**k)
        vector: list[Exact] = list(problem.theta)
        for order, row in enumerate(rows, start=1):
            vector = [v + c * t**order for v, c in zip(vector, row, strict=True)]
        yield unflatten(problem.checked, vector)


def _optimised(problem: Problem) -> Iterator[Theta]:
    """End points of L-BFGS from random starts, rounded to rationals: short ones first."""
    import numpy as np
    from scipy.optimize import minimize

    objective = problem.objective
    start = np.array([nearest_float(v) for v in problem.theta])
    known = float(objective.value(start))
    draw = np.random.default_rng(0)

    def evaluate(x: Any) -> tuple[float, Any]:
        here = objective.at(x)
        value, slope = float(here.value), np.asarray(here.gradient(), dtype=np.float64)
        if not np.isfinite(value) or not np.isfinite(slope).all():
            return 1e300, np.zeros_like(x)
        return value, slope

    for k in range(STARTS):
        spread = (0.1, 1.0, 3.0)[k % 3]
        first = (start if k % 2 else np.zeros_like(start)) + spread * draw.standard_normal(len(start))
        found = minimize(evaluate, first, jac=True, method="L-BFGS-B", options={"maxiter": 300})
        if not found.fun < known - MARGIN * max(1.0, abs(known)):
            continue
        for denominator in DENOMINATORS:
            yield unflatten(problem.checked, [nearest(float(v), denominator) for v in found.x])
