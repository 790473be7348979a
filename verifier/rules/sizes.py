"""Upper bounds as floats: what the checker computes in integers (`Upper`), roughly, to choose a radius."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sizes:
    """A matrix of numbers >= 0; one row stands for any number of equal rows."""

    array: Floats

    @property
    def width(self) -> int:
        """The number of columns."""
        return int(self.array.shape[1])

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self.array)

    def __add__(self, other: Sizes) -> Sizes:
        return Sizes(self.array + other.array)

    def times(self, other: Sizes) -> Sizes:
        """Entry by entry."""
        return Sizes(self.array * other.array)

    def __matmul__(self, other: Sizes) -> Sizes:
        if len(other.array) == 1:  # equal rows: the sums of our rows do
            return Sizes(self.array.sum(axis=1, keepdims=True) * other.array)
        return Sizes(self.array @ other.array)

    def scaled(self, factors: Sizes) -> Sizes:
        """Row i times factors[i], a column."""
        return Sizes(self.array * factors.array)

    def transposed(self) -> Sizes:
        """The transpose."""
        return Sizes(self.array.T)

    def doubled(self) -> Sizes:
        """Twice the bounds."""
        return Sizes(2 * self.array)

    def columns(self, count: int) -> Sizes:
        """The first columns."""
        return Sizes(self.array[:, :count])

    def with_column(self, value: int) -> Sizes:
        """One more column, of equal entries."""
        column = np.full((len(self.array), 1), float(value))
        return Sizes(np.hstack([self.array, column]))

    def numbers(self) -> list[Any]:
        """All entries, row by row."""
        return list(self.array.ravel())
