"""Float points near which a minimum seems to lie: claims with near that a wrong program would get wrong."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq

from tests.checker.rules.certify import product
from tests.helpers.cases import decision, make
from verifier.case.types import Case
from verifier.checker.expression import parse_number
from verifier.checker.number import Exact, compare

PROVED, REFUTED, UNDECIDED = "proved", "refuted", "undecided"
BARE = {"hidden_bias": False, "output_bias": False}
DECAY = {"name": "quadratic", "weight_decay": "1/2"}


def near(case: Case, radius: Any, **keys: Any) -> str:
    return decision(case, near=exact(radius), **keys).verdict.value


def exact(x: Any) -> Exact:
    return parse_number(str(x))


def below(words: str | None, bound: fmpq) -> bool:
    """Whether a decimal of a decision is there and less than the bound."""
    return words is not None and compare(exact(words), bound) < 0


def decayed(a: Any, w: Any) -> Case:
    """(aw - 5/4)^2 + (a^2 + w^2)/4: minima at (1, 1) and (-1, -1), a saddle at 0."""
    return product(DECAY, a, w, "5/4")


# -- which critical point ----------------------------------------------------------------------------------------------


def test_the_nearest_critical_point_is_a_saddle() -> None:
    """The gradient at the float point is about 10^-6; no minimum is near, and it is known why."""
    found = decision(decayed("3e-7", "-2e-7"), near=fmpq(1, 100))
    assert found.verdict.value == REFUTED
    assert "negative curvature" in (found.statement or "")


@pytest.mark.parametrize("radius", ["1/2", "0.99", "1.5"])
def test_a_saddle_in_a_wide_ball_is_not_proved(radius: str) -> None:
    """At 1.5 there is a minimum in the ball; below 1 there is none."""
    assert near(decayed("3e-7", "-2e-7"), radius) != (PROVED if radius != "1.5" else REFUTED)


@pytest.mark.parametrize("offset", ["1e-1", "1e-3", "1e-9", "1e-30"])
def test_the_minimum_lies_just_outside(offset: str) -> None:
    """At 1.01 r; at 0.99 r it is proved."""
    case = decayed(f"1 + {offset}", "1")
    assert near(case, f"{offset}/1.01") in (REFUTED, UNDECIDED)
    assert near(case, f"{offset}/0.99") == PROVED
    assert near(case, f"{offset}/3") == REFUTED  # the gradient


def test_the_minimum_lies_on_the_rim() -> None:
    """At exactly r: true; whatever is said, not that it is false."""
    assert near(decayed("1.01", "1"), "1/100") != REFUTED


def test_two_minima_in_the_ball() -> None:
    """One of them is enough."""
    found = decision(decayed("1.1", "0.9"), near=fmpq(3))
    assert found.verdict.value == PROVED
    assert below(found.radius, fmpq(2))  # the other is not within the radius of uniqueness
    assert near(decayed("1/5", "1/4"), "5", strict=False) != PROVED


def test_the_radius_of_uniqueness_excludes_the_other_minimum() -> None:
    """(f - t)^2 with f = a^2-like valleys: minima a = w = +-eps with a saddle between, eps small."""
    loss = {"name": "quadratic", "weight_decay": "1.99"}  # (aw - 1)^2 + 0.995 (a^2 + w^2): a^2 = 1 - 0.995
    found = decision(product(loss, "0.0707", "0.0707", "1"), near=fmpq(1, 1000))
    assert found.verdict.value == PROVED
    assert below(found.radius, fmpq(707, 10_000))


# -- no minimum at all -------------------------------------------------------------------------------------------------

SOFTPLUS = {"activation": "softplus", "width": 1}


@pytest.mark.parametrize("loss", ["logistic", "exponential"])
@pytest.mark.parametrize("radius", ["1e-6", "1/100", "1"])
def test_a_saturated_tail(loss: str, radius: str) -> None:
    """softplus(-40): the float gradient is 0 or next to it, the exact one is not, at any point near."""
    point = {"a0": 40, "a": [1], "W": [[0]], "b": [-40]}
    case = make([[1], [2]], [1, 1], SOFTPLUS, loss, point)
    assert near(case, radius) == REFUTED


def test_a_tail_so_flat_that_floats_underflow() -> None:
    point = {"a0": 1000, "a": [1], "W": [[0]], "b": [-1000]}
    case = make([[1], [2]], [1, 1], SOFTPLUS, "exponential", point)
    assert near(case, "1/100") == REFUTED


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "softplus", "arctan", "gelu", "silu"])
@pytest.mark.parametrize("size", [1, 30, 300])
def test_separable_data_without_decay(activation: str, size: int) -> None:
    """f_i y_i > 0 and the logistic loss: scaling the output helps, so the minimum is at infinity."""
    point = {"a0": -size, "a": [3 * size], "W": [[5]], "b": [0]}
    case = make([[1], [-1], [2]], [1, -1, 1], {"activation": activation, "width": 1}, "logistic", point)
    assert near(case, "1e-6") != PROVED
    assert near(case, "1") != PROVED


# -- conditioning ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("power", [6, 12, 24, 40])
def test_a_condition_number(power: int) -> None:
    """f = a w x + a0 through two samples at 1 and 1 + h: the Hessian's condition number is about 1/h^2."""
    h = fmpq(1, 10 ** (power // 2))
    case = make(
        [[1], [1 + h]],
        [1, 1 + h],
        {"activation": "linear", "width": 1, "hidden_bias": False},
        "quadratic",
        {"a0": f"{h}/50", "a": [1], "W": [[f"1 + {h}/70"]]},  # the minimum is a0 = 0, aw = 1
        targets=True,
    )
    found = decision(case, near=h)
    assert (found.verdict.value, found.strict) == (PROVED, False)
    assert below(found.distance, h / 40)


@pytest.mark.parametrize("power", [12, 24, 60])
def test_an_eigenvalue_that_floats_do_not_see(power: int) -> None:
    """(aw - 1)^2 with decay r: at the minimum a = w, a^2 = 1 - r/2, the eigenvalues are 4a^2 and 2r."""
    tiny = fmpq(1, 10**power)
    network = {"activation": "linear", "width": 1, "hidden_bias": False, "output_bias": False}

    loss = {"name": "quadratic", "weight_decay": tiny}
    assert near(make([[1]], [1], network, loss, {"a": [1], "W": [[1]]}, targets=True), "1/100", strict=True) == PROVED


def test_no_decay_no_isolated_minimum() -> None:
    """The limit of the last test: a valley, proved with strict = false and refuted by nothing else."""
    case = product("quadratic", "1.0001", "1", 1)
    assert near(case, "1/100", strict=False) == PROVED
    assert near(case, "1/100", strict=True) != PROVED


# -- training errors ---------------------------------------------------------------------------------------------------


def symmetric(a0: Any) -> Case:
    """A constant: f = a0 with as many positive as negative samples, the minimum is f = 0 on every sample."""
    return make(
        [[1], [1]], [1, -1], {"activation": "linear", "width": 1}, DECAY, {"a0": a0, "a": [0], "W": [[0]], "b": [0]}
    )


@pytest.mark.parametrize(
    "keys", [{"training_error": fmpq(1, 2)}, {"bad": True}, {"bad": False}, {"training_error": fmpq(0)}]
)
def test_a_minimum_where_every_output_is_0(keys: Any) -> None:
    """y f = 0 at the minimum itself: no refinement settles a sign, and none is guessed."""
    case = symmetric("1e-7")
    assert near(case, "1/100") == PROVED
    assert decision(case, near=fmpq(1, 100)).training_error is None
    assert near(case, "1/100", **keys) == UNDECIDED


def test_a_minimum_where_an_output_is_all_but_0() -> None:
    """One sample of 2 10^9 + 1 more on one side: f = 0 is just missed, and the sign is found."""
    tilted = make(
        [[1], [1]],
        [1, -1],
        {"activation": "linear", "width": 1},
        {"expr": "(1 + z)**2", "weight_decay": "1/2"},
        {"a0": 0, "a": [0], "W": [[0]], "b": [0]},
        multiplicity=[10**9 + 1, 10**9],
    )
    found = decision(tilted, near=fmpq(1, 100))
    assert found.verdict.value == PROVED
    assert found.training_error == str(fmpq(10**9, 2 * 10**9 + 1))


def test_the_training_error_of_the_minimum_not_of_the_point() -> None:
    """At the point all outputs have the wrong sign; at the minimum they have the right one."""
    case = make([[1]], [1], {"activation": "linear", "width": 1, **BARE}, DECAY, {"a": ["0.8"], "W": [["-1/100"]]})
    assert near(case, "1", training_error=fmpq(0)) == PROVED
    assert near(case, "1", training_error=fmpq(1)) != PROVED
    assert near(case, "1", bad=True) != PROVED


def test_a_training_error_in_disguise_is_not_refuted() -> None:
    """1/4 + 0, the 0 in a form that balls cannot tell from 0."""
    case = make([[1]], [1], {"activation": "linear", "width": 1, **BARE}, DECAY, {"a": ["0.866"], "W": [["0.866"]]})
    found = decision(case, near=exact("1/100"), training_error=exact("sqrt(3 + 2*sqrt(2)) - sqrt(2) - 1"))
    assert found.verdict.value != REFUTED


# -- pieces ------------------------------------------------------------------------------------------------------------


def test_a_minimum_on_the_other_side_of_a_kink() -> None:
    """The smooth piece of the point has its critical point where another piece holds: leaky units, kink between."""
    loss = {"name": "quadratic", "weight_decay": "1/2"}
    case = make(
        [[1]],
        ["5/4"],
        {"activation": "relu", "width": 1, **BARE},
        loss,
        {"a": ["0.01"], "W": [["-0.01"]]},
        targets=True,
    )
    assert near(case, "2") != REFUTED  # (1, 1) is a minimum
    assert near(case, "1/2") != PROVED


def test_a_unit_that_only_seems_to_be_asleep() -> None:
    """A ReLU unit that is 0 in floats on its sample, but not on the whole ball."""
    network = {"activation": "relu", "width": 1}
    point = {"a0": 0, "a": [1], "W": [[1]], "b": ["-1 - 1e-12"]}
    case = make([[1], [1]], [1, -1], network, "quadratic", point)
    asleep = near(case, "1e-13")
    assert asleep == PROVED  # f = 0 nearby, the best constant
    assert near(case, "1e-13", strict=True) != PROVED
