"""What a rule sees: derivatives at smooth points, and the reason at others."""

from __future__ import annotations

import pytest
from flint import fmpq

from tests.helpers.cases import DEAD, dead, problem
from verifier.rules.problem import Declined, texts


def test_exact_derivatives() -> None:
    here = problem(dead())
    assert here.size == 7
    assert here.gradient == (0,) * 7
    assert here.hessian[0][0] == 2 and sum(x != 0 for row in here.hessian for x in row) == 1
    here.require_smooth(2)
    here.require_stationary()


def test_a_gradient_that_is_not_zero_is_named() -> None:
    with pytest.raises(Declined, match="partial derivative 0") as caught:
        problem(dead(point={**DEAD, "a0": 0})).require_stationary()
    assert caught.value.code == "gradient-not-zero"


def test_a_kink_is_named() -> None:
    here = problem(dead(point={**DEAD, "b": [1, 1]}))
    with pytest.raises(Declined, match="unit 0 of layer 1 is on a breakpoint at sample 0") as caught:
        _ = here.gradient
    assert caught.value.code == "kink" and caught.value.hint is None


def test_squared_hinge_is_once_differentiable_at_its_kink() -> None:
    here = problem(dead(point={**DEAD, "a0": 1}))
    here.require_smooth(1)
    with pytest.raises(Declined, match=r"not C\^2"):
        here.require_smooth(2)


def test_texts_are_exact() -> None:
    assert texts([fmpq(1, 3), fmpq(-2)]) == ["1/3", "-2"]
