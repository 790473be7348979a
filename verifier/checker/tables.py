"""The matrices of a part's forward and backward pass at a point, as integers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from .enclosure import Enclosure, matrix, outgoing
from .jets import Jets, Relative
from .rounding import SPARE, Rounded, rounded


@dataclass(frozen=True)
class Tables:
    """For each hidden layer l: features[l], what it reads, and of all layers the output last; slopes[l], its s';
    deltas[l], df/du, of the last layer without its factors a; betas[l], df/dh, of all layers but the last; weights[l],
    those into the next layer.
    """

    jets: list[Jets]
    features: list[Rounded]
    slopes: list[Rounded]
    deltas: list[Rounded]
    betas: list[Rounded]
    weights: list[Rounded]

    @staticmethod
    def of(state: Enclosure, p: int, lane: int) -> Tables:
        """In lanes of so many bits, and with as many digits as there is room for; raises UnknownSign."""
        found, weights = state.passes[p], state.theta[p]
        *lower, last = found.deltas(weights)
        slopes = [rounded(jets.first, lane) for jets in found.jets]
        betas = [delta * outgoing(weights, layer) for layer, (_, delta) in enumerate(pairwise([*lower, last]))]
        return Tables(
            found.jets,
            [rounded(h, lane) for h in found.h],
            slopes,
            [*(rounded(delta, lane) for delta in lower), slopes[-1]],
            [rounded(beta, lane) for beta in betas],
            [rounded(matrix(rows), lane) for rows in weights.W[1:]],
        )

    def bends(self, layer: int, digits: int) -> Rounded:
        """s'' of a hidden layer, from factors of so many bits."""
        bend = self.jets[layer].bend
        if not isinstance(bend, Relative):
            return rounded(bend, self.slopes[layer].lanes.lane)
        slope = self.slopes[layer].cut(digits)
        other = slope if bend.of_slope else self.features[layer + 1].cut(digits)
        return slope.times(other.affine(bend.factor, bend.constant), digits + SPARE)
