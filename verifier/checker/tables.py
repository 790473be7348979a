"""The matrices of a part's forward and backward pass at a point, as integers."""

from __future__ import annotations

from dataclasses import dataclass

from .enclosure import Enclosure
from .jets import Jets, Relative
from .rounding import Rounded, rounded


@dataclass(frozen=True)
class Tables:
    """What each hidden layer reads, the output last; df/du of each layer, of the last one without its factors a."""

    jets: Jets  # of the last hidden layer
    features: list[Rounded]
    deltas: list[Rounded]

    @staticmethod
    def of(state: Enclosure, p: int, lane: int) -> Tables:
        """In lanes of so many bits, and with as many digits as there is room for; raises UnknownSign."""
        found = state.passes[p]
        deltas = found.deltas(state.theta[p])
        return Tables(found.jets[-1], [rounded(h, lane) for h in found.h], [rounded(d, lane) for d in deltas])

    def bends(self, digits: int) -> Rounded:
        """s'' of the last hidden layer, from factors of so many bits."""
        bend = self.jets.bend
        if not isinstance(bend, Relative):
            return rounded(bend, self.deltas[-1].lanes.lane)
        slope = self.deltas[-1].cut(digits)
        other = slope if bend.of_slope else self.features[-1].cut(digits)
        return slope.times(other.affine(bend.factor, bend.constant))
