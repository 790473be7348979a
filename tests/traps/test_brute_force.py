"""Tiny random points against a loss written down a second time: plain fractions, and z3 on a box around the point.

What is called a minimum has no better neighbour; what is called none has one along the curve of the certificate.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
import z3

from tests.helpers.cases import decision, make
from verifier.case.types import Case

ACTIVATIONS: dict[str, Any] = {
    "linear": lambda z, pick: z,
    "quadratic": lambda z, pick: z * z,
    "relu": lambda z, pick: pick(z, z, 0 * z),
    "leaky_relu": lambda z, pick: pick(z, z, z / 100),
}
LOSSES: dict[str, Any] = {
    "quadratic": lambda z, pick: (1 + z) * (1 + z),
    "hinge": lambda z, pick: pick(1 + z, 1 + z, 0 * z),
    "squared_hinge": lambda z, pick: pick(1 + z, (1 + z) * (1 + z), 0 * z),
}


@dataclass(frozen=True)
class Tiny:
    """A single-layer net f = a0 + sum_j a_j s(w_j x + b_j), inputs and parameters small integers or halves."""

    activation: str
    loss: str
    inputs: tuple[int, ...]
    labels: tuple[int, ...]
    theta: tuple[Fraction, ...]  # a0, a, then w_j, b_j unit by unit

    @property
    def width(self) -> int:
        return (len(self.theta) - 1) // 3

    def case(self) -> Case:
        m, t = self.width, [str(v) for v in self.theta]
        rows = [t[1 + m + 2 * j : 3 + m + 2 * j] for j in range(m)]
        point = {"a0": t[0], "a": t[1 : 1 + m], "W": [[w] for w, _ in rows], "b": [b for _, b in rows]}
        network = {"activation": self.activation, "width": m}
        return make([[x] for x in self.inputs], self.labels, network, self.loss, point)

    def value(self, theta: Sequence[Any], pick: Any) -> Any:
        """N times the loss; pick(c, x, y) is x if c > 0, else y."""
        m, total = self.width, 0 * theta[0]
        s, loss = ACTIVATIONS[self.activation], LOSSES[self.loss]
        for x, y in zip(self.inputs, self.labels, strict=True):
            f = theta[0]
            for j in range(m):
                f = f + theta[1 + j] * s(theta[1 + m + 2 * j] * x + theta[2 + m + 2 * j], pick)
            total = total + loss(-y * f, pick)
        return total

    def exactly(self, theta: Sequence[Fraction]) -> Fraction:
        result: Fraction = self.value(theta, lambda c, x, y: x if c > 0 else y)
        return result


def draw(source: random.Random) -> Tiny:
    """Often on kinks, often with outgoing weights 0, often at the best constant: where minima are."""
    m = source.choice((1, 1, 2))
    n = source.choice((2, 2, 3))
    inputs = tuple(source.sample((-2, -1, 0, 1, 2), n))
    labels = tuple(source.choice((1, -1)) for _ in range(n))
    activation, loss = source.choice(list(ACTIVATIONS)), source.choice(list(LOSSES))
    a0 = Fraction(sum(labels), n) if source.random() < 0.6 else Fraction(source.randint(-2, 2))
    outer = [Fraction(source.choice((-1, 0, 1, 1))) for _ in range(m)]
    inner = [Fraction(source.choice((-2, -1, 0, 0, 1, 2)), source.choice((1, 2))) for _ in range(2 * m)]
    if source.random() < 0.5:  # asleep, or far to the right
        inner[1::2] = [Fraction(source.choice((-9, 9)))] * m
    return Tiny(activation, loss, inputs, labels, (a0, *outer, *inner))


def neighbours(theta: Sequence[Fraction], source: random.Random, count: int) -> Any:
    for _ in range(count):
        radius = Fraction(1, source.choice((100, 10**4, 10**6)))
        moved = [source.choice((-1, 0, 0, 1, Fraction(1, 2), Fraction(-1, 3))) for _ in theta]
        yield [t + radius * v for t, v in zip(theta, moved, strict=True)]


def better_in_a_box(tiny: Tiny, radius: Fraction) -> bool | None:
    """Whether z3 finds a point with a smaller loss in the box; None if it gives up."""
    theta = [z3.Real(f"t{k}") for k in range(len(tiny.theta))]
    solver = z3.SolverFor("QF_NRA")
    solver.set("timeout", 1_000)
    for v, t in zip(theta, tiny.theta, strict=True):
        low, high = t - radius, t + radius
        solver.add(v >= z3.Q(low.numerator, low.denominator), v <= z3.Q(high.numerator, high.denominator))
    here = tiny.exactly(tiny.theta)
    value = tiny.value(theta, lambda c, x, y: z3.If(c > 0, x, y))
    solver.add(value < z3.Q(here.numerator, here.denominator))
    answer = solver.check()
    return None if answer == z3.unknown else bool(answer == z3.sat)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_random_points(seed: int) -> None:
    source = random.Random(seed)
    counts = {"proved": 0, "refuted": 0, "undecided": 0}
    for _ in range(40):
        tiny = draw(source)
        found = decision(tiny.case())
        counts[found.verdict.value] += 1
        here = tiny.exactly(tiny.theta)
        if found.verdict.value == "proved":
            assert all(tiny.exactly(theta) >= here for theta in neighbours(tiny.theta, source, 300)), tiny
            assert better_in_a_box(tiny, Fraction(1, 10**4)) is not True, tiny
        if found.verdict.value == "refuted":
            assert found.certificate is not None
            curve = found.certificate["proof"]["descent"]["curve"]
            assert any(tiny.exactly(moved(tiny.theta, curve, Fraction(1, 10**k))) < here for k in range(1, 12)), tiny
    assert counts["proved"] >= 2 and counts["refuted"] >= 2, counts


def moved(theta: Sequence[Fraction], curve: Sequence[Sequence[str]], t: Fraction) -> list[Fraction]:
    powers = [t ** (k + 1) for k in range(len(curve))]
    return [v + sum(p * Fraction(row[k]) for p, row in zip(powers, curve, strict=True)) for k, v in enumerate(theta)]


def test_the_second_loss_is_the_same_loss() -> None:
    source = random.Random(9)
    for _ in range(20):
        tiny = draw(source)
        loss = decision(tiny.case(), "loss", lower=0, upper=10**6).loss
        assert loss is not None
        assert Fraction(loss["exact"]) * len(tiny.inputs) == tiny.exactly(tiny.theta)
