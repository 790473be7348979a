"""One-sided expansions of the loss along curves: on the right side of every kink, and none where there is none."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq

from tests.checker.rules.certify import analysis, constant, product
from tests.helpers.cases import make
from verifier.checker.network import flatten, unflatten
from verifier.checker.number import Undecided
from verifier.checker.series import Series, curve_vector, loss_along


def along(case: Any, *rows: list[Any], order: int = 4) -> tuple[Any, ...]:
    at = analysis(case)
    return loss_along(at, curve_vector(at, [tuple(map(fmpq, row)) for row in rows], order)).coefficients


def test_each_side_of_a_kink() -> None:
    case = constant({"expr": "max(-z, 2*z) + z**3"})  # z = -a0
    assert along(case, [1, 0, 0]) == (0, 1, 0, -1, 0)
    assert along(case, [-1, 0, 0]) == (0, 2, 0, 1, 0)
    assert along(case, [0, 0, 0], [-1, 0, 0]) == (0, 0, 2, 0, 0)  # |t|^2 times the slope


def test_a_tie_that_is_broken_late() -> None:
    """max(z^2, z^2 + z^3): the branches differ at order 3 only."""
    case = constant({"expr": "max(z**2, z**2 + z**3)"})
    assert along(case, [1, 0, 0]) == (0, 0, 1, 0, 0)
    assert along(case, [-1, 0, 0]) == (0, 0, 1, 1, 0)
    assert along(case, [-1, 0, 0], order=2) == (0, 0, 1)


def test_a_branch_that_is_decided_beyond_the_order_kept_changes_nothing_below() -> None:
    case = constant({"expr": "abs(z**5) + z"})
    assert along(case, [-1, 0, 0]) == (0, 1, 0, 0, 0)
    assert along(case, [-1, 0, 0], order=5) == (0, 1, 0, 0, 0, 1)


def test_units_and_losses_may_sit_on_kinks_at_once() -> None:
    network = {"activation": "relu", "width": 1, "hidden_bias": False}
    case = make([[1]], [1], network, "hinge", {"a0": 1, "a": [1], "W": [[0]]})  # f = 1: z = -1
    assert along(case, [0, 0, 1])[:2] == (0, 0)  # f rises: asleep
    assert along(case, [0, 0, -1])[:2] == (0, 0)  # the unit sleeps
    assert along(case, [-1, 0, 1])[:3] == (0, 0, 0)  # -t + t
    assert along(case, [-2, 0, 1])[:3] == (0, 1, 0)
    assert along(case, [-1, 0, -1])[:3] == (0, 1, 0)


def test_polynomial_losses_are_expanded_exactly() -> None:
    case = product("quadratic", 2, 3, 5)
    at = analysis(case)
    series = along(case, [1, -1], [0, "1/2"])
    for t in (fmpq(1, 3), fmpq(-2), fmpq(5)):
        theta = [v + t * s + t * t * q for v, s, q in zip(flatten(at.theta), (1, -1), (0, fmpq(1, 2)), strict=True)]
        there = type(at)(at.case, unflatten(at.case, theta)).loss
        six = along(case, [1, -1], [0, "1/2"], order=6)
        assert there == sum((c * t**k for k, c in enumerate(six)), fmpq(0))
        assert six[:5] == series


def test_no_expansion_is_no_number() -> None:
    for loss in ("sqrt(abs(z))", "sqrt(z**2)"):
        with pytest.raises(Undecided, match="sqrt at 0"):
            along(constant({"expr": loss}), [1, 0, 0])
    with pytest.raises(Undecided, match="could not be decided"):
        along(constant({"expr": "abs(z)"}, a0="sqrt((1 + pi)**2) - 1 - pi"), [1, 0, 0])


def test_the_side_of_a_series() -> None:
    assert Series([fmpq(1), fmpq(0), fmpq(-2)]).side() == -1
    assert Series([fmpq(1), fmpq(0)]).side() == 1
    assert not Series([fmpq(1), fmpq(0)]).moves
