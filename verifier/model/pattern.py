"""The pattern of a point: what every activation and every loss is near its argument (proof rules, section 0)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flint import arb

from verifier.checker.number import Exact, Scalar

from .function import Function, Place
from .scalars import Array, objects


@dataclass(frozen=True, slots=True, order=True)
class UnitKink:
    """The pre-activation of a hidden unit on a breakpoint; all from 0 (parts: main, deep, exponential as present)."""

    part: int
    layer: int
    unit: int
    sample: int


@dataclass(frozen=True, slots=True, order=True)
class LossKink:
    """The loss argument of a sample on a breakpoint."""

    sample: int


Sides = Mapping[UnitKink | LossKink, int]  # +1 or -1 for a kink: which one-sided derivative to take there


@dataclass(frozen=True)
class Pattern:
    """units[part][layer] is an object array (samples x units) of `Place`; losses[sample] is the loss's `Place`.

    asleep[i]: the loss of sample i is constant near its argument, so that the sample does not matter near the point.
    unseen[part][i]: the number of first hidden layers of the part that sample i does not see, because all units of some
    later layer are constant near their arguments (0: it sees all; the constant layer itself is not counted).
    """

    units: tuple[tuple[Array, ...], ...]
    losses: tuple[Place, ...]
    asleep: tuple[bool, ...]
    unseen: tuple[tuple[int, ...], ...]

    def place(self, part: int, layer: int, unit: int, sample: int) -> Place:
        """One unit at one sample."""
        found: Place = self.units[part][layer][sample, unit]
        return found

    def sees(self, part: int, layer: int, sample: int) -> bool:
        """Whether the units of a layer matter near the point for a sample."""
        return not self.asleep[sample] and layer >= self.unseen[part][sample]

    def kinks(self, order: int | None = None) -> tuple[UnitKink | LossKink, ...]:
        """Kinks that matter: of every order, or those at which the function is not known to be C^order.

        Kinks of samples asleep and of unseen layers are left out.
        """
        return tuple(k for k, place in self._kinks() if order is None or place.smoothness < order)

    def _kinks(self) -> Iterator[tuple[UnitKink | LossKink, Place]]:
        for p, part in enumerate(self.units):
            for layer, places in enumerate(part):
                for i, row in enumerate(places.tolist()):
                    for j, place in enumerate(row):
                        if _rough(place) and self.sees(p, layer, i):
                            yield UnitKink(p, layer, j, i), place
        for i, place in enumerate(self.losses):
            if _rough(place):
                yield LossKink(i), place

    def smoothness(self) -> float:
        """The largest m for which L is known to be C^m near the point (math.inf without kinks that matter)."""
        return min((place.smoothness for _, place in self._kinks()), default=float("inf"))


def _rough(place: Place) -> bool:
    return place.smoothness != float("inf")


def places(function: Function, arguments: Array) -> Array:
    """`Function.local` entry by entry; equal arguments share one `Place`."""
    known: dict[Exact, Place] = {}

    def find(u: Scalar) -> Place:
        if isinstance(u, arb):
            return function.local(u)
        if u not in known:
            known[u] = function.local(u)
        return known[u]

    return objects((find(u) for u in arguments.flat), arguments.shape)


def unseen_layers(constant: list[Array]) -> Array:
    """Per sample, the last layer of which all units are constant (its index), 0 if there is none.

    `constant[layer]` is a mask (samples x units).
    """
    result = constant[0][:, 0].astype(int) * 0
    for layer, mask in enumerate(constant):
        result[mask.all(axis=1)] = layer
    return result
