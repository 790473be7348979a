"""From real weights of the samples to few samples with small integer multiplicities: the minimum is followed by
Newton's method while the weights change.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.model.objective import Objective
from verifier.search.inverse_design.derivatives import sample_losses

Floats = Any
STEPS = 40
FLAT = 1e-10  # of the gradient, relative to the sum of the samples' own
CURVED = 1e-11  # of the smallest eigenvalue, relative to a Hessian scaled to a unit diagonal
PASSES = 6  # over all samples, to make their multiplicities smaller
ROOM = 0.3  # of the margin that is left for rounding
WRONG = 1e-2  # -y f of a misclassified sample is at least this
SMALLEST_STEP = 1 / 16  # of a change of weights
FACTOR = 1.25  # from one total of multiplicities to the next
LARGEST = 1_000_000_000


@dataclass(frozen=True)
class Settled:
    """A strict minimum with a misclassified sample, in floats: weights (n) and the point (P)."""

    weights: Floats
    theta: Floats
    free: Floats  # the coordinates that move
    margin: float  # the smallest eigenvalue of the scaled Hessian


def settled(objective: Objective, weights: Floats, theta: Floats, free: Floats) -> Settled | None:
    """Newton's method in the coordinates `free` for the weighted sum of the samples' losses, from a point near its
    minimum; None where it leads nowhere, or to a point without a misclassified sample.
    """
    weights = np.asarray(weights, dtype=float)
    used = np.flatnonzero(weights > 0)
    given = weights[used]
    margin = 0.0
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            losses, arguments = sample_losses(objective, theta, used)
            gradient = given @ losses.gradient[:, free]
            hessian = np.tensordot(given, losses.hessian[:, free][:, :, free], 1)
            scale = np.diag(hessian)
            if not np.isfinite(hessian).all() or not (scale > 0).all():
                return None
            units = 1 / np.sqrt(scale)
            hessian = hessian * units[:, None] * units[None]
            margin = float(np.linalg.eigvalsh(hessian)[0])
            if not margin > CURVED:
                return None
            sizes = given @ np.abs(losses.gradient[:, free])
            if (np.abs(gradient) <= FLAT * sizes).all():
                bad = bool((arguments > WRONG).any())
                return Settled(weights, theta, free, margin) if bad else None
            step = units * np.linalg.solve(hessian, units * gradient)
            if not np.abs(step).max() < 1.0:
                return None
            theta = theta.copy()
            theta[free] -= step
    return None


def followed(objective: Objective, start: Settled, weights: Floats, smallest: float = SMALLEST_STEP) -> Settled | None:
    """The minimum for other weights, by continuation from one for the present ones; None once less than `smallest` of
    the change is too much for Newton's method.
    """
    here, done, step = start, 0.0, 1.0
    while done < 1.0:
        reach = min(1.0, done + step)
        mixed = start.weights + reach * (np.asarray(weights, dtype=float) - start.weights)
        there = settled(objective, mixed, here.theta, here.free)
        if there is None:
            step /= 2
            if step < smallest:
                return None
        else:
            here, done, step = there, reach, 2 * step
    return here


def fewer_samples(objective: Objective, start: Settled, deadline: float) -> Settled:
    """Samples left out one by one, those of the least weight first, as long as a minimum remains."""
    here = start
    tried: set[int] = set()
    while time.monotonic() < deadline:
        order = [int(k) for k in np.argsort(here.weights) if here.weights[k] > 0 and int(k) not in tried]
        if not order:
            break
        k = order[0]
        weights = here.weights.copy()
        weights[k] = 0.0
        there = followed(objective, here, weights)
        if there is None:
            tried.add(k)
        else:
            here = there
    return here


def shorter_weights(
    objective: Objective, start: Settled, proposals: int, deadline: float, draw: np.random.Generator
) -> Settled:
    """A random search for weights that differ less, and for samples that can do without: what is small is sum m/min m.

    A proposal changes some weights by random factors, or hands the weight of a sample to another one of its label.
    """
    labels = np.array(objective.checked.labels)
    here, width = start, 0.3
    for _ in range(proposals):
        if time.monotonic() > deadline:
            break
        weights = here.weights.copy()
        used = np.flatnonzero(weights > 0)
        kind = draw.integers(4)
        if kind == 0:
            k = draw.choice(used)
            free = np.flatnonzero((labels == labels[k]) & (weights == 0))
            if len(free):
                j = draw.choice(free)
                weights[j], weights[k] = weights[k] * draw.lognormal(0, width), 0.0
        elif kind == 1:
            k, j = draw.choice(used, 2)
            if k != j and labels[k] == labels[j]:
                weights[j] += weights[k]
                weights[k] = 0.0
        else:
            changed = used[draw.uniform(size=len(used)) < 0.5]
            weights[changed] *= np.exp(width * draw.standard_normal(len(changed)))
        if not _size(weights) < _size(here.weights):
            continue
        there = followed(objective, here, weights, 1.0)
        if there is not None and there.margin > ROOM * start.margin:
            here, width = there, min(1.5 * width, 1.0)
        else:
            width = max(0.97 * width, 0.02)
    return here


def _size(weights: Floats) -> tuple[int, float]:
    used = weights[weights > 0]
    return len(used), float(used.sum() / used.min())


def integer_weights(objective: Objective, start: Settled, deadline: float) -> Settled | None:
    """The smallest total (by and large) at which the rounded weights still have the minimum; no sample is lost."""
    share = start.weights / start.weights.sum()
    total = float((share > 0).sum())
    while total < LARGEST and time.monotonic() < deadline:
        rounded = np.where(share > 0, np.maximum(np.rint(share * total), 1.0), 0.0)
        there = followed(objective, Settled(share * total, start.theta, start.free, start.margin), rounded)
        if there is not None:
            return there
        total *= FACTOR
    return None


def smaller_weights(objective: Objective, start: Settled, deadline: float) -> Settled:
    """Integer multiplicities lowered one at a time, the largest first, as long as the minimum remains."""
    here = start
    for _ in range(PASSES):
        before = here
        for k in np.argsort(-here.weights):
            for lowered in _lower(int(here.weights[k])):
                if time.monotonic() > deadline:
                    return here
                weights = here.weights.copy()
                weights[k] = lowered
                there = followed(objective, here, weights, 0.5)
                if there is not None:
                    here = there
                    break
        if here is before:
            break
    return here


def _lower(count: int) -> list[int]:
    """0, one, a half, three quarters, one less."""
    return sorted({c for c in (0, 1, count // 2, 3 * count // 4, 9 * count // 10, count - 1) if 0 <= c < count})
