"""Points near a point, and whether the loss is smaller there: decided exactly or by balls, never by floats."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from flint import arb, fmpq

from tests.helpers.cases import analysis_at
from verifier.checker import number
from verifier.checker.number import Exact, enclose, precision
from verifier.model.objective import Objective

BITS = 256
RADIUS = fmpq(1, 1000)
Offset = tuple[fmpq, ...]


def offsets(size: int, count: int, seed: int, radius: fmpq = RADIUS) -> Iterator[Offset]:
    """Rational vectors of max-norm at most `radius`: single coordinates, pairs, groups, all of them."""
    draw = random.Random(seed)
    for k in range(count):
        moved = [range(size), draw.sample(range(size), 1), _some(draw, size, 2), _some(draw, size, 4)][k % 4]
        scale = radius / 10 ** draw.choice((0, 0, 1, 3))
        chosen = set(moved)
        yield tuple(scale * fmpq(draw.randint(-60, 60), 60) if i in chosen else fmpq(0) for i in range(size))


def _some(draw: random.Random, size: int, most: int) -> list[int]:
    return draw.sample(range(size), min(size, most))


def plus(theta: Sequence[Exact], offset: Offset) -> tuple[Exact, ...]:
    """theta + offset."""
    return tuple(t + v for t, v in zip(theta, offset, strict=True))


class Comparison:
    """The loss near one point, against the loss there."""

    def __init__(self, objective: Objective, theta: Sequence[Exact]) -> None:
        self.objective, self.theta = objective, tuple(theta)
        self.here = analysis_at(objective, self.theta).loss
        with precision(BITS):
            self._ball = enclose(self.here)
            self._balls = [enclose(v) for v in self.theta]

    def change(self, offset: Offset) -> int:
        """The sign of L(theta + offset) - L(theta): by balls where they tell, else exactly (or UnknownSign)."""
        with precision(BITS):
            moved = [b + arb(v) for b, v in zip(self._balls, offset, strict=True)]
            difference = arb(self.objective.value(moved)) - self._ball
            if difference > 0:
                return 1
            if difference < 0:
                return -1
        exact = analysis_at(self.objective, plus(self.theta, offset)).loss - self.here
        return 0 if number.is_zero(exact) else number.sign(exact)
