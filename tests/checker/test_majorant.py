"""Bounds over a box: what the provers' model finds in balls of 300 bits at points of the box stays within them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from flint import arb, fmpq

from tests.helpers.cases import make
from tests.helpers.nets import random_case
from verifier.case.types import Case
from verifier.checker.enclosure import Enclosure
from verifier.checker.majorant import Majorant, majorant
from verifier.checker.number import Undecided, UnknownSign, enclose, precision
from verifier.model.objective import Evaluation, Objective

BITS = 300


def bounds(objective: Objective, center: Sequence[fmpq], w: Sequence[fmpq], s: fmpq) -> Majorant:
    return majorant(Enclosure.at(objective.checked, center), [enclose(v) for v in w], enclose(s))


def at(objective: Objective, theta: Sequence[fmpq]) -> Evaluation:
    return objective.at([enclose(v) for v in theta])


def changes(x: Evaluation, y: Evaluation, w: Sequence[fmpq]) -> tuple[list[arb], list[arb], arb]:
    """|H(y) - H(x)| w, the changes of the outputs, and that of the loss."""
    rows = zip(x.hessian(), y.hessian(), strict=True)
    hessian = [sum((abs(enclose(b - a)) * v for a, b, v in zip(*r, w, strict=True)), arb(0)) for r in rows]
    outputs = [abs(enclose(b - a)) for a, b in zip(x.outputs, y.outputs, strict=True)]
    return hessian, outputs, abs(enclose(y.value - x.value))


def at_most(values: Sequence[arb], limits: Sequence[arb], s: fmpq) -> bool:
    """No value is seen to be above s times its limit."""
    return not any(bool(v > s * limit) for v, limit in zip(values, limits, strict=True))


def corners(draw: random.Random, center: Sequence[fmpq]) -> list[list[Any]]:
    """Where in the box, in units of its radius: its ends, away from 0, and at random."""
    size = len(center)
    away = [1 if v > 0 else -1 for v in center]
    signs = [draw.choice((-1, 1)) for _ in range(size)]
    return [[1] * size, [-1] * size, away, signs, [fmpq(draw.randint(-8, 8), 8) for _ in range(size)]]


def test_random_nets() -> None:
    draw = random.Random(0)
    held = 0
    for _ in range(40):
        objective = Objective(random_case(draw))
        center = [fmpq(draw.randint(-30, 30), 20) for _ in range(objective.size)]
        w = [fmpq(draw.choice((0, 1, 2, 5, 8)), 8) for _ in center]
        w[draw.randrange(len(w))] = fmpq(1)
        s = fmpq(1, 2 ** draw.choice((2, 4, 6, 20)))
        try:
            with precision(draw.choice((64, 96))):
                found = bounds(objective, center, w, s)
        except Undecided:  # a breakpoint in the box
            continue
        held += 1
        with precision(BITS):
            here = at(objective, center)
            for z in corners(draw, center):
                there = at(objective, [c + s * v * x for c, v, x in zip(center, w, z, strict=True)])
                hessian, outputs, loss = changes(here, there, w)
                assert at_most(hessian, found.third, s)
                assert at_most(outputs, found.outputs, s)
                assert at_most([loss], [found.loss], s)
    assert held > 20


POSITIVE = {"deep": {"kind": "feedforward", "hidden": [2, 2]}, "flat": {"width": 3}, "bare": {"width": 1}}
BARE = {"hidden_bias": False, "output_bias": False}


@pytest.mark.parametrize("shape", POSITIVE)
@pytest.mark.parametrize("activation", ["exp", "quadratic", {"expr": "z**3 + z"}])
@pytest.mark.parametrize("loss", ["quadratic", {"name": "quadratic", "weight_decay": "1/2"}, {"expr": "exp(f) + t"}])
def test_bounds_are_reached(shape: str, activation: Any, loss: Any) -> None:
    """Where all derivatives are positive nothing is lost but digits: at the far corner of a small box half of a bound
    is exceeded, entry by entry.
    """
    network = {**POSITIVE[shape], "activation": activation, **(BARE if shape == "bare" else {})}
    samples = [["3/4"]] if shape == "bare" else [["1/2", "3/4"], ["1/2", "25/32"]]
    objective = Objective(make(samples, [-1] * len(samples), network, loss, targets=True))
    center = [fmpq(1, 2 + k % 3) for k in range(objective.size)]
    w = [fmpq(1 + k % 2) for k in range(objective.size)]
    s = fmpq(1, 2**20)
    with precision(BITS):
        found = bounds(objective, center, w, s)
        there = at(objective, [c + s * v for c, v in zip(center, w, strict=True)])
        hessian, outputs, loss_change = changes(at(objective, center), there, w)
        values, limits = [*hessian, *outputs, loss_change], [*found.third, *found.outputs, found.loss]
        assert at_most(values, limits, s)
        for value, limit in zip(values, limits, strict=True):
            assert limit.is_zero() or value > s * limit * fmpq(1, 2)


def relu(w: Any, b: Any) -> tuple[Case, list[fmpq]]:
    network = {"activation": "relu", "width": 1}
    return make([[1]], [1], network, "squared_hinge"), [fmpq(0), fmpq(1, 4), fmpq(w), fmpq(b)]


@pytest.mark.parametrize(("s", "holds"), [("1/9", True), ("1/8", False), ("1", False)])
def test_a_box_that_reaches_a_breakpoint_is_refused(s: str, holds: bool) -> None:
    """The pre-activation w + b is 1/4, and moves by 2 s."""
    case, center = relu(1, fmpq(-3, 4))
    with precision(64):
        if holds:
            assert bounds(Objective(case), center, [fmpq(1)] * 4, fmpq(1, 9)).loss.is_finite()
            return
        with pytest.raises(UnknownSign):
            p, _, q = s.partition("/")
            bounds(Objective(case), center, [fmpq(1)] * 4, fmpq(int(p), int(q or 1)))


def test_a_box_in_which_the_loss_meets_its_breakpoint_is_refused() -> None:
    """f = 3/4 = 1 - 1/4 and the hinge is at f = 1: a0 alone moves."""
    network = {"activation": "linear", "width": 1}
    objective = Objective(make([[1]], [1], network, "squared_hinge"))
    center, w = [fmpq(3, 4), fmpq(0), fmpq(1), fmpq(0)], [fmpq(1), fmpq(0), fmpq(0), fmpq(0)]
    with precision(64):
        assert bounds(objective, center, w, fmpq(1, 5)).loss.is_finite()
        with pytest.raises(UnknownSign):
            bounds(objective, center, w, fmpq(1, 4))


@pytest.mark.parametrize("power", [6, 10, 30])
def test_a_box_without_end_is_refused(power: int) -> None:
    """exp is bounded over it, by a number that cannot be written down."""
    objective = Objective(make([[1]], [0], {"activation": "exp", "width": 1, **BARE}, "quadratic", targets=True))
    with precision(64), pytest.raises(UnknownSign):
        bounds(objective, [fmpq(0), fmpq(0)], [fmpq(1), fmpq(1)], fmpq(10) ** power)
