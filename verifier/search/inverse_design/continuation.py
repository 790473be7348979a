"""From stiff to soft: points that are minima of some data where the loss bends much, followed to the loss as it is.

The Hessian of the samples' weighted loss is s A + B at s = 1, with A = sum m_i l'' dz dz' the part with the second
derivative of the loss, which is positive semidefinite, and B the other one. With s large a point is a strict minimum as
soon as some weights make it stationary and the gradients of their samples span. Such points are drawn at random; then s
is lowered to 1 while the point moves uphill. t is measured in coordinates of its own (`stiffest_weights`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from verifier.model.objective import Objective
from verifier.model.scalars import Floats
from verifier.search.inverse_design.derivatives import sample_losses
from verifier.search.inverse_design.program import stiffest_weights

STIFF = 1e5  # the factor s to begin with
SHARE = 0.003  # least weight of the misclassified samples
WRONG = 2e-2  # -y f of a sample that counts as misclassified
ASLEEP = 1e-3  # samples with a smaller slope of the loss, relative to that at 0, are left out
LEAST = 1e-6  # a t that counts as positive
PRICE = 100.0  # of what a solution leaves of the gradient
STEPS = 40  # uphill, between two attempts to lower s
LOWER = (0.3, 0.6, 0.8, 0.9, 0.96)
STALLS = 6
BELOW = 0.9  # s at which a point is taken, for some room
S = TypeVar("S")


class Family(Protocol[S]):
    """Points from which a search may begin, and what is near them; `S` describes a point of the family."""

    def start(self) -> S | None:
        """A random member."""

    def moved(self, shape: S, step: float) -> S:
        """Another one nearby."""

    def theta(self, shape: S) -> Floats | None:
        """Its parameters (P)."""


@dataclass(frozen=True)
class Found:
    """A point with the weights of the samples (n) that make it a minimum, and its t."""

    theta: Floats
    weights: Floats
    t: float


class Continuation(Generic[S]):
    """For an objective (labels), the coordinates `free` that are not held by moves, and a family of points."""

    def __init__(
        self, objective: Objective, free: Floats, family: Family[S], draw: np.random.Generator, deadline: float
    ) -> None:
        self.objective, self.free, self.family, self.draw, self.deadline = objective, free, family, draw, deadline
        loss = objective.losses[0]
        self._at_zero = float(np.asarray(loss.values(np.zeros(1), 1)[1], dtype=float)[0])

    def found(self) -> Iterator[Found]:
        """Points where t > 0 with s = 1, as they are found, until time is over."""
        while time.monotonic() < self.deadline:
            shape = self.family.start()
            if shape is not None and self.value(shape, STIFF) > LEAST:
                lowered = self._lowered(shape)
                here = None if lowered is None else self.judged(lowered, 1.0)
                if here is not None:
                    yield here

    def _lowered(self, shape: S) -> S | None:
        """From STIFF to BELOW, uphill and down in turns; None where it does not get there."""
        stiffness, stalls = STIFF, 0
        while stalls < STALLS and time.monotonic() < self.deadline:
            shape = self._climbed(shape, stiffness)
            reached = stiffness
            for factor in LOWER:
                while reached * factor > BELOW / 2 and self.value(shape, reached * factor) > LEAST:
                    reached *= factor
            stalls = 0 if reached < 0.98 * stiffness else stalls + 1
            stiffness = min(reached * 1.02, stiffness)
            if stiffness <= BELOW:
                return shape
        return None

    def _climbed(self, shape: S, stiffness: float) -> S:
        """Random steps that raise t."""
        value, step = self.value(shape, stiffness), 0.1
        for _ in range(STEPS):
            if time.monotonic() > self.deadline:
                break
            other = self.family.moved(shape, step * float(np.exp(0.5 * self.draw.normal())))
            there = self.value(other, stiffness)
            if there > value:
                shape, value, step = other, there, min(1.5 * step, 0.6)
            else:
                step = max(0.93 * step, 0.004)
        return shape

    def value(self, shape: S, stiffness: float) -> float:
        """The optimal t; minus infinity where there is no solution."""
        here = self.judged(shape, stiffness)
        return -np.inf if here is None else here.t

    def judged(self, shape: S, stiffness: float) -> Found | None:
        """The best weights at a point."""
        theta = self.family.theta(shape)
        if theta is None:
            return None
        free = self.free
        with np.errstate(all="ignore"):
            losses, z = sample_losses(self.objective, theta)
            _, slope, curvature = (np.asarray(v, dtype=float) for v in self.objective.losses[0].values(z, 2))
            used = (np.abs(slope) > ASLEEP * self._at_zero) & (curvature >= 0)
            used &= np.isfinite(losses.hessian).all(axis=(1, 2)) & np.isfinite(losses.gradient).all(axis=1)
            wrong = used & (z > WRONG)
            if not wrong.any() or used.sum() <= len(free):
                return None
            slope, bend = np.abs(slope[used]), (curvature / np.abs(slope))[used]
            gradients = losses.gradient[used][:, free] / slope[:, None]
            stiff = bend[:, None, None] * gradients[:, :, None] * gradients[:, None, :]
            soft = losses.hessian[used][:, free][:, :, free] / slope[:, None, None] - stiff
        answer = stiffest_weights(gradients, stiffness * stiff + soft, bend, wrong[used], SHARE)
        if answer is None:
            return None
        chosen, t, residual = answer
        weights = np.zeros(len(z))
        weights[used] = chosen / slope
        return Found(theta, weights / weights.sum(), t - PRICE * residual)
