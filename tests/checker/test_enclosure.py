"""A box of parameters: its balls contain what the provers' model finds at points of the box, and it exists only where
every argument stays inside one piece."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from flint import arb, arb_mat, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.cases import make
from verifier.case.types import Case
from verifier.checker.curvature import hessian
from verifier.checker.enclosure import Enclosure
from verifier.checker.number import UnknownSign, enclose, precision
from verifier.model.objective import Objective
from verifier.model.translate import checker_case

BITS = 192
SMOOTH = ("sigmoid", "tanh", "arctan", "softplus", "exp", "silu", "gelu", "quadratic", "linear")
PIECEWISE = ("relu", "leaky_relu", "hard_tanh", "elu", "selu")
LOSSES = ("logistic", "exponential", "quadratic", "squared_hinge", "hinge")
INPUTS = [[1, "1/3"], [-2, "1/2"], ["3/4", -1]]


def layered(activation: str, **more: Any) -> dict[str, Any]:
    return {"activation": activation, "width": 2, **more}


SHAPES: dict[str, Any] = {
    "single-layer": lambda s: layered(s),
    "deep": lambda s: {"kind": "feedforward", "activation": s, "hidden": [2, 2]},
    "shortcut": lambda s: {"kind": "shortcut", **layered(s), "deep": {"activation": "tanh", "hidden": [1, 2]}},
    "exponential": lambda s: {**layered(s, hidden_bias=False), "exponential": {"decay": "1/4"}},
}


def built(shape: str, activation: str, loss: str | dict[str, Any], targets: bool = False) -> Case:
    outcomes = [1, "-1/2", 2] if targets else [1, -1, 1]
    return make(INPUTS, outcomes, SHAPES[shape](activation), loss, targets=targets, multiplicity=[1, 2, 1])


def box(case: Case, draw: random.Random, radius: fmpq) -> tuple[Enclosure, list[fmpq], list[fmpq]]:
    """A box around a random center; its center, and a random point of it."""
    size = Objective(case).size
    center = [fmpq(draw.randint(-30, 30), 20) for _ in range(size)]
    inside = [c + radius * fmpq(draw.randint(-10, 10), 10) for c in center]
    found = Enclosure.over(checker_case(case), center, [enclose(radius)] * size)
    return found, center, inside


def contained(balls: Sequence[Any], values: Sequence[Any]) -> bool:
    """Each value, itself enclosed far more tightly, meets its ball."""
    return all(arb(b).overlaps(enclose(v)) and _tight(enclose(v)) for b, v in zip(balls, values, strict=True))


def _tight(value: arb) -> bool:
    return bool(value.rad() < (1 + abs(value)) / 10**25)


def check_box(case: Case, seed: int, radius: fmpq) -> None:
    with precision(BITS):
        found, center, inside = box(case, random.Random(seed), radius)
        for where in (center, inside):
            here = Objective(case).at([enclose(v) for v in where])
            assert contained(found.outputs, list(here.outputs))
            assert contained([found.loss], [here.value])
            assert contained(found.gradient, list(here.gradient()))
            assert contained(arb_mat(hessian(found, BITS)).entries(), list(here.hessian().ravel()))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("activation", SMOOTH)
def test_a_box_contains_what_is_found_at_its_points(shape: str, activation: str) -> None:
    for k, loss in enumerate(("logistic", "exponential", "quadratic")):
        check_box(built(shape, activation, loss), 17 * k + len(activation), fmpq(1, 50))


@pytest.mark.parametrize("loss", ["logistic", {"name": "exponential", "weight_decay": "1/7"}, "quadratic"])
@settings(max_examples=10)
@given(seed=st.integers(0, 10**6), size=st.sampled_from([fmpq(0), fmpq(1, 10**9), fmpq(1, 4)]))
def test_boxes_of_any_size(loss: Any, seed: int, size: fmpq) -> None:
    check_box(built("shortcut", "sigmoid", loss), seed, size)


def test_targets_and_decay() -> None:
    check_box(built("deep", "softplus", {"name": "quadratic", "weight_decay": "1/3"}, targets=True), 5, fmpq(1, 9))


@pytest.mark.parametrize("activation", PIECEWISE)
@pytest.mark.parametrize("loss", ["squared_hinge", "hinge", {"name": "polynomial_hinge", "p": 2}])
def test_pieces(activation: str, loss: Any) -> None:
    """Where a box exists at all, it contains what is found at its points."""
    checked = 0
    for seed in range(12):
        try:
            check_box(built("single-layer", activation, loss), seed, fmpq(1, 500))
        except UnknownSign:
            continue
        checked += 1
    assert checked > 3


# -- the pattern -------------------------------------------------------------------------------------------------------

NET = make([[1], [-1]], [1, -1], {"activation": "relu", "width": 1}, "squared_hinge")  # (a0, a, w, b)


def over(case: Case, center: Sequence[Any], radius: Any) -> Enclosure:
    middle = [fmpq(v) for v in center]
    return Enclosure.over(checker_case(case), middle, [enclose(fmpq(radius))] * len(middle))


def test_a_box_that_meets_a_kink_of_a_unit_has_no_outputs() -> None:
    """w x + b = 1 and 3 at the center, 1 - 2r at the lowest point of the box."""
    assert len(over(NET, [0, 1, -1, 2], fmpq(49, 100)).outputs) == 2
    for radius in (fmpq(1, 2), fmpq(51, 100)):
        with pytest.raises(UnknownSign):
            _ = over(NET, [0, 1, -1, 2], radius).outputs


def test_a_box_that_meets_a_kink_of_the_loss_has_no_loss() -> None:
    """f = a0 = 1/2 on both samples: z = -1/2 and 1/2."""
    assert over(NET, [fmpq(1, 2), 0, 0, -1], 0).loss.contains(fmpq(5, 4))
    _ = over(NET, [fmpq(1, 2), 0, 0, -1], fmpq(49, 100)).gradient
    for radius in (fmpq(1, 2), fmpq(3, 4)):
        with pytest.raises(UnknownSign):
            _ = over(NET, [fmpq(1, 2), 0, 0, -2], radius).gradient


def test_the_pattern_over_a_box() -> None:
    """The unit is 0 on the first sample and z on the second; the first sample's loss is 0 over the box."""
    found = over(NET, [2, 1, -2, -1], fmpq(1, 10))
    assert found.local((0, 0, 0), 0) == ()
    assert found.local((0, 0, 0), 1) == tuple(map(fmpq, (0, 1)))
    assert found.awake == (1,)
    assert (found.dead_layer(0, 0), found.dead_layer(0, 1)) == (0, None)


def test_a_sample_is_awake_if_it_is_anywhere_in_the_box() -> None:
    """f = a0 between 1 and 3: z_1 <= -1, with -1 itself in the closed box."""
    assert over(NET, [2, 0, -1, -3], fmpq(9, 10)).awake == (1,)
    with pytest.raises(UnknownSign):
        _ = over(NET, [2, 0, -1, -3], 1).gradient


def test_a_box_without_a_bound_proves_nothing() -> None:
    found = over(make([[1]], [1], {"activation": "exp", "width": 1}, "exponential"), [0, 1, 1, 0], 10**6)
    assert not any(bool(v > 0) or bool(v < 0) for v in found.gradient if not v.is_finite())
    assert not found.loss.is_finite()
