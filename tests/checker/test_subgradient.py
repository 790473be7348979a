"""Subgradients of the loss in the outputs: convexity near the argument, multipliers between one-sided slopes."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.checker.rules.certify import analysis, constant
from verifier.checker.errors import Rejected
from verifier.checker.subgradient import moved, orthogonal, subgradients


def found(loss: Any, a0: Any, given: Any = None, everywhere: bool = False) -> list[Any]:
    return subgradients(analysis(constant(loss, (1,), a0=a0)), given or {}, everywhere, "g")  # z = -a0, dz/df = -1


def said(*given: Any, **more: Any) -> str:
    with pytest.raises(Rejected) as caught:
        found(*given, **more)
    return str(caught.value)


def test_slopes_and_multipliers() -> None:
    assert found("quadratic", 0) == [fmpq(-2)]
    assert found("hinge", 2) == [fmpq(0)]
    assert found("hinge", 1, {"0": "1/3"}) == [fmpq(-1, 3)]
    assert found({"expr": "max(-z, 2*z)"}, 0, {"0": "-1"}) == [fmpq(1)]
    for outside in ("-1 - 1/10**30", "2 + 1/10**30", "3"):
        assert "expected a number from -1 to 2" in said({"expr": "max(-z, 2*z)"}, 0, {"0": outside})


@settings(max_examples=60, deadline=None)
@given(st.integers(-30, 30), st.integers(-30, 30))
def test_the_linear_lower_bound_holds(at: int, other: int) -> None:
    """loss(f') >= loss(f) + g (f' - f) for every loss that is accepted as convex everywhere."""
    for loss in ("hinge", "squared_hinge", "quadratic", {"expr": "max(-z, 2*z)"}, {"expr": "abs(z) + z**4"}):
        here, there = (constant(loss, (1,), a0=f"{k}/10") for k in (at, other))
        left, right = analysis(here).one_sided_slopes(0)
        given = {} if left == right else {"0": str((left + right) / 2)}
        g = subgradients(analysis(here), given, True, "g")[0]
        assert analysis(there).loss >= analysis(here).loss + g * fmpq(other - at, 10)


@pytest.mark.parametrize(
    ("loss", "a0"),
    [
        ({"expr": "-(z**2)"}, 0),
        ({"expr": "z**3"}, 0),
        ({"expr": "z**3"}, 1),  # concave at z = -1
        ({"expr": "min(z, 0)"}, 0),
        ({"expr": "z**4 - z**2"}, 0),
        ({"expr": "max(0, z)**2 - max(0, -z)**2"}, 0),
        ({"expr": "sigmoid(z)"}, 0),
        ({"expr": "sigmoid(z)"}, -1),
        ({"expr": "z**4 - z**6"}, 0),  # convex near 0, but not seen to be: the second derivative is 0 there
    ],
)
def test_losses_not_shown_convex_near_the_argument(loss: Any, a0: Any) -> None:
    assert "not known to be convex near sample 0" in said(loss, a0)


def test_convex_near_is_not_convex_everywhere() -> None:
    for loss in ({"expr": "z**2 - z**4"}, {"expr": "min(z, 1)"}, {"expr": "z**3"}):
        assert found(loss, 0 if "4" in loss["expr"] or "min" in loss["expr"] else -1)
        assert "not known to be convex" in said(loss, -1 if loss["expr"] == "z**3" else 0, everywhere=True)


def test_orthogonality_is_exact() -> None:
    g: list[Any] = [fmpq(1), fmpq(0), fmpq(-1)]
    assert moved(g) == [0, 2]
    assert orthogonal(g, [0, 2], (fmpq(3), fmpq(3)))
    assert not orthogonal(g, [0, 2], (fmpq(3), fmpq(3) + fmpq(1, 10**40)))
