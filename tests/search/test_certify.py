"""From candidates to files: what holds is certified, what does not is not, whoever proposes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.cases import make
from tests.search.found import rejudged
from verifier.case.types import Case
from verifier.checker.network import unflatten
from verifier.checker.number import log, sign
from verifier.model.objective import Objective
from verifier.model.translate import checker_case, flat_point
from verifier.search.certify import certify, certify_exact, certify_near
from verifier.search.training import Training

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]]
DECAY = {"name": "quadratic", "weight_decay": "1/100"}
LINEAR = {"activation": "linear", "width": 1, "hidden_bias": False, "output_bias": False}


def xor() -> Case:
    return make(XOR, [-1, 1, 1, -1], {"activation": "sigmoid", "width": 2}, DECAY)


def a_minimum() -> tuple[float, ...]:
    return next(Training(Objective(xor())).candidates(64)).theta


def test_near_a_float_minimum() -> None:
    found = certify_near(xor(), a_minimum(), "test")
    assert found is not None
    assert rejudged(found).claim.near == fmpq(1, 10**6) and found.claim.strict is True


def test_not_near_other_points() -> None:
    theta = np.array(a_minimum())
    assert certify_near(xor(), list(theta + 1e-4), "test") is None  # a minimum, but further than 10^-6
    assert certify_near(xor(), list(theta + 1), "test") is None
    assert certify_near(xor(), [0.0] * len(theta), "test") is None  # an output of 0 everywhere: only ties


def test_a_good_minimum_is_not_bad() -> None:
    case = make([[1]], [1], LINEAR, {"name": "quadratic", "weight_decay": "1/2"})
    assert certify(case, [0.8660254037844386, 0.8660254037844386], "test") is None


@pytest.mark.parametrize("theta", [[1e300, 1.0], [float(2**60), 1e-300]])
def test_numbers_of_any_size(theta: list[float]) -> None:
    assert certify(make([[1]], [1], LINEAR, "quadratic"), theta, "test") is None


def test_a_short_point_is_taken_as_exact() -> None:
    """Outputs 1/3 from two dead units, found as floats."""
    case = make([[1], [2], [3]], [1, 1, -1], {"activation": "relu", "width": 1}, "quadratic")
    found = certify(case, [0.3333333333333, 1.0, -1.0, -1.0], "test")
    assert found is not None and rejudged(found).claim.near is None
    assert found.accepted.data["loss"] == {"exact": "8/9"}


def test_logarithms_are_recognised_in_exp_units() -> None:
    """a exp(wx + b) = (a e^b) exp(wx): -3/2 + 4/3 2^x."""
    case = make(
        [[-2], [-1], [0], [1]],
        [-1, -1, 1, 1],
        {"activation": "exp", "width": 1},
        "quadratic",
        multiplicity=[28, 56, 5, 7],
    )
    found = certify(case, [-1.5, 4 / 3 / np.e**2, float(np.log(2)), 2.0], "test")
    assert found is not None and rejudged(found).claim.near is None
    assert found.case.point is not None
    a0, a, w, b = flat_point(found.case.point)
    assert (a0, a, b) == (fmpq(-3, 2), fmpq(4, 3), 0)
    assert sign(w - log(fmpq(2))) == 0


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.fractions(-2, 2, max_denominator=4), min_size=4, max_size=4),
    st.sampled_from(["hinge", "quadratic", "logistic"]),
)
def test_random_points_are_certified_only_if_they_are_minima(values: list[Any], loss: str) -> None:
    """Against the loss on random points nearby: none is lower."""
    case = make([[0], [1], [2]], [1, -1, 1], {"activation": "relu", "width": 1}, loss)
    theta = [fmpq(v.numerator, v.denominator) for v in values]
    found = certify_exact(case, unflatten(checker_case(case), theta), "test")
    if found is None:
        return
    objective = Objective(case)
    center = np.array([float(v) for v in values])
    draw = np.random.default_rng(0)
    nearby = center + 1e-4 * draw.standard_normal((200, 4))
    assert min(float(objective.value(x)) for x in nearby) >= float(objective.value(center)) - 1e-12
