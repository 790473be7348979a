"""Any point: the family of random ones, moved coordinate by coordinate."""

from __future__ import annotations

import numpy as np

from verifier.model.objective import Objective
from verifier.model.scalars import Floats
from verifier.search.inverse_design.starts import start

SOME = 0.4  # share of the coordinates that move at once


class Anywhere:
    """Points of an objective; `separable` as for `start`."""

    def __init__(self, objective: Objective, draw: np.random.Generator, separable: bool) -> None:
        self.objective, self.draw, self.separable = objective, draw, separable

    def start(self) -> Floats | None:
        """A random member."""
        return start(self.objective, self.draw, self.separable)

    def moved(self, shape: Floats, step: float) -> Floats:
        """Another one nearby."""
        some = self.draw.uniform(size=len(shape)) < SOME
        moved: Floats = shape + step * some * self.draw.normal(size=len(shape)) * (0.1 + np.abs(shape))
        return moved

    def theta(self, shape: Floats) -> Floats | None:
        """Its parameters (P)."""
        return shape
