"""The float64 functions keep their relative accuracy where naive formulas overflow or cancel."""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb

from verifier.model.floats import UNARY_FLOAT, erf, sigmoid, softplus

POINTS = [-745.0, -40.0, -1e-9, 0.0, 1e-9, 1.0, 40.0, 700.0]


@pytest.mark.parametrize("x", POINTS)
def test_sigmoid_and_softplus_in_the_tails(x: float) -> None:
    ball = arb(x)
    wanted = {
        "sigmoid": 1 / (1 + (-ball).exp()),
        "softplus": ball.exp().log1p() if x < 0 else ball + (-ball).exp().log1p(),
    }
    for name, function in (("sigmoid", sigmoid), ("softplus", softplus)):
        expected = float(wanted[name].mid())
        assert float(function(np.array([x]))[0]) == pytest.approx(expected, rel=1e-14, abs=5e-324)


def test_no_overflow_far_out() -> None:
    far = np.array([-1e300, 1e300])
    assert sigmoid(far).tolist() == [0.0, 1.0]
    assert softplus(far).tolist() == [0.0, 1e300]


def test_erf_is_odd_and_tabulated() -> None:
    assert erf(np.array([0.0]))[0] == 0.0
    assert erf(np.array([1.0]))[0] == pytest.approx(float(arb(1).erf().mid()), rel=1e-14)
    assert erf(np.array([-0.5]))[0] == -erf(np.array([0.5]))[0]


def test_every_function_of_the_grammar_has_a_float_version() -> None:
    from verifier.checker.expression import UNARY

    assert set(UNARY) == set(UNARY_FLOAT)
