"""The optimal t as a function of the point, and steps uphill: by the dual's multipliers its slope needs no other
semidefinite program.

Coordinates and samples are scaled at every point (a Hessian of size 1 on average, samples of equal size), so that
t says how far from singular the best Hessian is, and cannot be raised or brought near 0 by units alone.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.model.objective import Objective
from verifier.search.inverse_design.derivatives import sample_losses
from verifier.search.inverse_design.program import Weighting, best_weighting, cheapest_weights

Floats = Any
SHARE = 0.003  # least scaled weight of the misclassified samples
PRICE = 20.0  # of a gradient, see program.py
WRONG = 2e-2  # -y f of a sample that counts as misclassified
FAR = 200.0  # candidates with a larger |f| are left out
ASLEEP = 1e-9  # as are those with a smaller gradient
TINY = 1e-12
REACH = 30.0  # of the parameters
DIFFERENCE = 1e-5
FIRST_STEP = 0.3
BACKTRACKS = 6
STATIONARY = 1e-6


@dataclass(frozen=True)
class Scaled:
    """Scaled gradients and Hessians of the n candidates; `usable` and `wrong` are masks, `sizes` turns weights of the
    scaled samples into weights of the samples.
    """

    gradients: Floats
    hessians: Floats
    usable: Floats
    wrong: Floats
    sizes: Floats


@dataclass(frozen=True)
class Peak:
    """A point with its optimal weighting; the weights are those of the scaled samples, n long."""

    theta: Floats
    weighting: Weighting

    @property
    def stationary(self) -> bool:
        """Whether no gradient is left."""
        return self.weighting.residual < STATIONARY


def scaled(objective: Objective, theta: Floats, free: Floats) -> Scaled:
    """Derivatives at the point in the coordinates `free`."""
    losses, arguments = sample_losses(objective, theta)
    return _scaled(losses.gradient[:, free], losses.hessian[:, free][:, :, free], arguments)


def _scaled(gradients: Floats, hessians: Floats, arguments: Floats) -> Scaled:
    with np.errstate(all="ignore"):
        slopes = np.abs(gradients).max(axis=1)
        usable = np.isfinite(slopes) & (slopes > ASLEEP) & (np.abs(arguments) < FAR)
        usable &= np.isfinite(hessians).all(axis=(1, 2))
        gradients = np.where(usable[:, None], gradients, 0.0)
        hessians = np.where(usable[:, None, None], hessians, 0.0)
        units = 1 / np.sqrt(np.maximum((gradients**2).sum(axis=0) / max(int(usable.sum()), 1), TINY))
        gradients = gradients * units
        hessians = hessians * units[:, None] * units[None]
        sizes = np.sqrt((gradients**2).sum(axis=1)) + np.sqrt((hessians**2).sum(axis=(1, 2)))
        sizes = np.where(usable, 1 / np.maximum(sizes, TINY), 0.0)
    wrong = usable & (arguments > WRONG)
    return Scaled(gradients * sizes[:, None], hessians * sizes[:, None, None], usable, wrong, sizes)


def peak(objective: Objective, theta: Floats, free: Floats, share: float = SHARE) -> Peak | None:
    """The optimal weighting at a point; None where no candidate is misclassified or the solver fails."""
    here = scaled(objective, theta, free)
    if not here.wrong.any():
        return None
    used = here.usable
    found = best_weighting(here.gradients[used], here.hessians[used], here.wrong[used], share, PRICE)
    if found is None:
        return None
    weights = np.zeros(len(used))
    weights[used] = found.weights
    whole = Weighting(found.value, found.t, found.residual, weights, found.curvature, found.slope)
    return Peak(theta, whole)


def climbed(objective: Objective, start: Peak, free: Floats, steps: int, enough: float, deadline: float) -> Peak:
    """Steps uphill as long as they help, until t reaches `enough` with no gradient left."""
    here, length = start, FIRST_STEP
    for _ in range(steps):
        if here.stationary and here.weighting.t >= enough:
            break
        slope = _slope(objective, here, free)
        size = float(np.linalg.norm(slope))
        if not np.isfinite(size) or size == 0:
            break
        for _ in range(BACKTRACKS):
            if time.monotonic() > deadline:
                return here
            there = here.theta + length * slope / size
            found = peak(objective, there, free) if np.abs(there).max() < REACH else None
            if found is not None and found.weighting.value > here.weighting.value:
                here, length = found, 1.5 * length
                break
            length /= 3
        else:
            break
    return here


def _slope(objective: Objective, here: Peak, free: Floats) -> Floats:
    """The gradient of the optimal value by the point: with the weights and multipliers kept, by central differences."""
    n, size = len(objective.inputs), len(here.theta)
    used = here.weighting.weights > 0
    weights = here.weighting.weights[used]
    steps = DIFFERENCE * np.concatenate([np.eye(size), -np.eye(size)])
    points = np.repeat(here.theta + steps, n, axis=0)
    losses, arguments = sample_losses(objective, points, np.tile(np.arange(n), 2 * size))
    values = []
    for k in range(2 * size):
        rows = slice(k * n, (k + 1) * n)
        there = _scaled(losses.gradient[rows][:, free], losses.hessian[rows][:, free][:, :, free], arguments[rows])
        curvature = np.tensordot(weights, there.hessians[used], 1)
        slope = here.weighting.slope @ (weights @ there.gradients[used])
        values.append((curvature * here.weighting.curvature).sum() + slope)
    return (np.array(values[:size]) - np.array(values[size:])) / (2 * DIFFERENCE)


def sparse_weights(
    objective: Objective, at: Peak, free: Floats, keep: float, draw: np.random.Generator
) -> Floats | None:
    """Weights of the candidates (not scaled) with few entries that are not 0 and at least keep * t left, by a random
    cost; None where the solver finds none.
    """
    here = scaled(objective, at.theta, free)
    used = here.usable
    cost = draw.uniform(size=int(used.sum()))
    found = cheapest_weights(
        here.gradients[used], here.hessians[used], here.wrong[used], SHARE, keep * at.weighting.t, cost
    )
    if found is None:
        return None
    weights = np.zeros(len(used))
    weights[used] = found
    weights[weights < STATIONARY * weights.max()] = 0.0
    weights *= here.sizes
    return weights / weights.sum()
