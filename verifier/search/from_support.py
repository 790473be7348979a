"""From a support that survives to a bad local minimum, perhaps: a numerical search. What it finds is a candidate only.

The multipliers say which samples should keep a slope of the loss and how much of it. So the outputs that a start is
fitted to (least squares from random weights) are far on the right side off the support, and the further on the wrong
side the larger the multiplier is; from there the loss is minimised.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.case.types import Case
from verifier.model.objective import Objective
from verifier.theorems.support_query import Survivor

FLAT = 1e-9  # a gradient below this times 1 + |theta| counts as 0
CURVED = 1e-7  # an eigenvalue above this times the largest counts as positive
WRONG = 1e-3  # y f below minus this is clearly misclassified
RIGHT, SPREAD = 2.0, 1.5  # outputs fitted to: y f = RIGHT off the support, 1 - SPREAD * (share of the multiplier) on it
BOUND = 1e3  # parameters beyond are on their way to infinity


@dataclass(frozen=True)
class Candidate:
    """Where a descent ended: `theta` in the flat order, all numbers floats."""

    theta: tuple[float, ...]
    loss: float
    gradient: float  # largest absolute entry
    eigenvalue: float  # the smallest of the Hessian
    wrong: int  # samples clearly misclassified


@dataclass(frozen=True)
class Found:
    """starts made; stationary: ends with a small gradient; candidates: those with a clearly misclassified sample and a
    Hessian without a clearly negative eigenvalue, the most curved first.
    """

    starts: int
    stationary: int
    candidates: tuple[Candidate, ...]


def search(case: Case, survivor: Survivor, starts: int = 40, seconds: float = 10.0, seed: int = 0) -> Found:
    """Descents from points fitted to the survivor's multipliers."""
    objective = Objective(case)
    goal = _goal(objective, survivor)
    draw = np.random.default_rng(seed)
    deadline = time.monotonic() + seconds
    ends: list[Candidate] = []
    made = 0
    while made < starts and time.monotonic() < deadline:
        made += 1
        first = (0.5, 1.0, 2.0)[made % 3] * draw.standard_normal(objective.size)
        end = descended(objective, _fitted(objective, goal, first))
        if end is not None:
            ends.append(end)
    bad = [end for end in ends if end.wrong and end.eigenvalue > -CURVED]
    return Found(made, len(ends), tuple(sorted(bad, key=lambda end: -end.eigenvalue)))


def _goal(objective: Objective, survivor: Survivor) -> Any:
    """Outputs to fit, length n."""
    checked = objective.checked
    assert checked.labels is not None
    weights = survivor.slopes or survivor.bends or {}
    largest = max((float(w) for w in weights.values()), default=1.0)
    samples = {(x, y): i for i, (x, y) in reversed(list(enumerate(zip(checked.inputs, checked.labels, strict=True))))}
    goal = []
    for x, y in zip(checked.inputs, checked.labels, strict=True):
        first = samples[x, y]
        share = float(weights[first]) / largest if first in weights else 1.0
        goal.append(y * (1.0 - SPREAD * share if first in survivor.support else RIGHT))
    return np.array(goal)


def _fitted(objective: Objective, goal: Any, start: Any) -> Any:
    from scipy.optimize import least_squares

    def residuals(x: Any) -> Any:
        with np.errstate(all="ignore"):
            return np.clip(np.nan_to_num(np.asarray(objective.at(x).outputs, dtype=float) - goal), -1e6, 1e6)

    def slopes(x: Any) -> Any:
        with np.errstate(all="ignore"):
            return np.clip(np.nan_to_num(np.asarray(objective.at(x).jacobian(), dtype=float)), -1e6, 1e6)

    return least_squares(residuals, start, slopes, max_nfev=60).x


def descended(objective: Objective, start: Any) -> Candidate | None:
    """Where the loss is minimised from a start, if that is a stationary point within bounds."""
    from scipy.optimize import minimize

    def evaluate(x: Any) -> tuple[float, Any]:
        with np.errstate(all="ignore"):
            here = objective.at(x)
            value, slope = float(here.value), np.asarray(here.gradient(), dtype=float)
        if not np.isfinite(value) or not np.isfinite(slope).all():
            return 1e300, np.zeros_like(x)
        return value, slope

    x = minimize(evaluate, start, jac=True, method="BFGS", options={"maxiter": 500, "gtol": 1e-11}).x
    if not np.isfinite(x).all() or np.abs(x).max() > BOUND:
        return None
    here = objective.at(np.asarray(x))
    slope = np.abs(np.asarray(here.gradient(), dtype=float)).max()
    if not slope < FLAT * (1 + np.abs(x).max()):
        return None
    hessian = np.asarray(here.hessian(), dtype=float)
    eigenvalues = np.linalg.eigvalsh((hessian + hessian.T) / 2)
    scale = max(1.0, float(np.abs(eigenvalues).max()))
    wrong = int((np.asarray(here.arguments, dtype=float) > WRONG).sum())
    smallest = float(eigenvalues.min()) / scale
    return Candidate(tuple(map(float, x)), float(here.value), float(slope), smallest, wrong)
