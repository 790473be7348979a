"""Facts with a parameter: at the boundaries, and unknown where the parameter cannot be compared.

The values themselves are compared with samples by the conformance kit in `test_library.py`.
"""

from __future__ import annotations

import pytest
from flint import fmpq

from verifier.checker.number import PI, Exact, sqrt
from verifier.checker.table import FIXED, elu, leaky_relu, target_quadratic

Q = fmpq
HIDDEN_ZERO = sqrt(2 + sqrt(Q(3))) - (sqrt(Q(6)) + sqrt(Q(2))) / 2
HIDDEN_ONE = 1 + HIDDEN_ZERO


@pytest.mark.parametrize(
    ("slope", "increasing", "non_decreasing", "convex", "affine", "even", "bounded"),
    [
        (Q(0), False, True, True, False, False, True),
        (Q(1), True, True, True, True, False, False),
        (Q(-1), False, False, True, False, True, True),
        (sqrt(Q(2)), True, True, False, False, False, False),
        (sqrt(Q(2)) / 2, True, True, True, False, False, False),
        (-PI, False, False, True, False, False, True),
        (HIDDEN_ZERO, None, None, True, False, False, None),
        (HIDDEN_ONE, True, True, None, None, False, False),
    ],
)
def test_leaky_relu(slope: Exact, increasing: object, non_decreasing: object, convex: object, affine: object,
                    even: object, bounded: object) -> None:  # fmt: skip
    facts = leaky_relu(slope)
    assert facts.increasing.holds is increasing
    assert facts.non_decreasing.holds is non_decreasing
    assert facts.convex.holds is convex
    assert {facts.affine.holds, facts.differentiable.holds, facts.l1.holds, facts.l_plus.holds} == {affine}
    assert facts.even.holds is even
    assert {facts.lower_bound.holds, facts.attained.holds} == {bounded}
    assert facts.lower_bound.value == (0 if bounded else None)


@pytest.mark.parametrize(
    ("alpha", "increasing", "non_decreasing", "convex", "smooth", "infimum"),
    [
        (Q(1), True, True, True, True, Q(-3)),
        (Q(1, 2), True, True, True, False, Q(-3, 2)),
        (Q(2), True, True, False, False, Q(-6)),
        (PI, True, True, False, False, -3 * PI),
        (Q(-1), False, False, False, False, Q(0)),
        (Q(0), False, True, True, False, Q(0)),
        (HIDDEN_ZERO, None, None, None, False, None),
        (HIDDEN_ONE, True, True, None, None, -3 * HIDDEN_ONE),
    ],
)
def test_elu(alpha: Exact, increasing: object, non_decreasing: object, convex: object, smooth: object,
             infimum: object) -> None:  # fmt: skip
    facts = elu(alpha, Q(3))
    assert facts.increasing.holds is increasing
    assert facts.non_decreasing.holds is non_decreasing
    assert facts.convex.holds is convex
    assert {facts.differentiable.holds, facts.l1.holds, facts.l_plus.holds} == {smooth}
    assert facts.twice_differentiable.holds is facts.l2.holds is facts.strictly_convex.holds is False
    assert facts.lower_bound.value == infimum
    assert facts.lower_bound.holds is (None if infimum is None else True)


@pytest.mark.parametrize(("target", "centred"), [(Q(0), True), (PI, False), (HIDDEN_ZERO, None)])
def test_target_quadratic(target: Exact, centred: object) -> None:
    facts = target_quadratic(target)
    assert facts.even.holds is facts.homogeneous.holds is centred
    assert facts.strictly_convex.holds is True
    assert (facts.lower_bound.value, facts.attained.holds) == (0, True)


def test_the_logistic_and_exponential_losses_are_the_activations() -> None:
    assert FIXED["logistic"] is FIXED["softplus"]
    assert FIXED["exponential"] is FIXED["exp"]
    assert [name for name, facts in FIXED.items() if facts.exponential.holds is not False] == ["exp", "exponential"]
