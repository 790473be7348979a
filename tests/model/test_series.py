"""Power series as numbers, and the loss along a curve, against SymPy's series."""

from __future__ import annotations

import math

import pytest
import sympy
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.builders import evaluated, make_case, named, single, written
from verifier.checker import number
from verifier.checker.number import Undecided, precision
from verifier.model.function import NotSmooth
from verifier.model.functions import activation
from verifier.model.objective import Objective
from verifier.model.scalars import objects
from verifier.model.series import Series, compose, needed_orders

T = sympy.Symbol("t")
COEFFICIENTS = st.lists(st.integers(-4, 4).map(fmpq), min_size=4, max_size=4).map(tuple)


def polynomial(s: Series) -> sympy.Expr:
    return sum((sympy.Rational(int(c.p), int(c.q)) * T**k for k, c in enumerate(s.coefficients)), sympy.Integer(0))


def truncated(e: sympy.Expr, order: int = 3) -> tuple[fmpq, ...]:
    found = sympy.Poly(sympy.expand(e), T)
    return tuple(fmpq(int(c.p), int(c.q)) for c in (found.coeff_monomial(T**k) for k in range(order + 1)))


@given(COEFFICIENTS, COEFFICIENTS, st.integers(-3, 3))
@settings(max_examples=25, deadline=None)
def test_ring_operations(a: tuple[fmpq, ...], b: tuple[fmpq, ...], c: int) -> None:
    x, y = Series(a), Series(b)
    assert (x + y).coefficients == truncated(polynomial(x) + polynomial(y))
    assert (x - y).coefficients == truncated(polynomial(x) - polynomial(y))
    assert (x * y).coefficients == truncated(polynomial(x) * polynomial(y))
    assert (fmpq(c) * x + c - y * c).coefficients == truncated(c * polynomial(x) + c - c * polynomial(y))
    assert (c - x).coefficients == truncated(c - polynomial(x))


@given(COEFFICIENTS)
@settings(max_examples=25, deadline=None)
def test_side_is_the_sign_for_small_t(a: tuple[fmpq, ...]) -> None:
    s = Series(a)
    t = fmpq(1, 10**6)
    assert s.side() == number.sign(sum((c * t**k for k, c in enumerate(a[1:], start=1)), fmpq(0)))


def test_strangers_are_refused() -> None:
    with pytest.raises(TypeError):
        Series((fmpq(1),)) + "x"  # type: ignore[operator]
    with pytest.raises(TypeError):
        Series((fmpq(1),)) * 0.5  # type: ignore[operator]
    with pytest.raises(ValueError):
        Series((fmpq(1),)) + Series((fmpq(1), fmpq(2)))


def test_compose_needs_few_derivatives_for_a_flat_inner_series() -> None:
    inner = Series((fmpq(1), fmpq(0), fmpq(2), fmpq(0), fmpq(0)))
    assert needed_orders(inner) == 2
    cube = [fmpq(1), fmpq(3), fmpq(6)]  # z**3 at 1
    assert compose(cube, inner).coefficients == (1, 0, 6, 0, 12)
    assert needed_orders(Series((fmpq(1), fmpq(0)))) == 0


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("sigmoid", 1 / (1 + sympy.exp(-T))),
        ("tanh", sympy.tanh(T)),
        ("arctan", sympy.atan(T)),
        ("softplus", sympy.log(1 + sympy.exp(T))),
        ("gelu", T * (1 + sympy.erf(T / sympy.sqrt(2))) / 2),
    ],
)
@pytest.mark.parametrize("base", [fmpq(0), fmpq(2, 3)])
def test_functions_of_series_agree_with_sympy(name: str, formula: sympy.Expr, base: fmpq) -> None:
    inner = Series((base, fmpq(2), fmpq(-1), fmpq(0), fmpq(1, 2)))
    (found,) = activation(named(name)).values(objects([inner], (1,)), 0)
    outer = formula.subs(T, polynomial(inner))
    with precision(200):
        for k, c in enumerate(found[0].coefficients):
            expected = arb(evaluated(sympy.diff(outer, T, k) if k else outer, {T: fmpq(0)})) / math.factorial(k)
            assert number.ball(c, 200).overlaps(expected)


def test_the_loss_along_a_curve() -> None:
    """f = a relu(w + b), a = 1 + t, w = t^2, b = 1 - t, target 0: L = ((1 + t)(1 - t + t^2))^2 = (1 + t^3)^2."""
    objective = Objective(make_case([[1]], [fmpq(0)], single(named("relu"), 1), named("quadratic"), targets=True))
    curve = [[fmpq(0)], [fmpq(1), fmpq(1)], [fmpq(0), fmpq(0), fmpq(1)], [fmpq(1), fmpq(-1)]]
    assert objective.series(curve, 6).coefficients == (1, 0, 0, 2, 0, 0, 1)
    assert objective.series(curve, 2).coefficients == (1, 0, 0)


@pytest.mark.parametrize(("direction", "expected"), [(1, (0, 0, 1)), (-1, (0, 0, 0))])
def test_a_curve_leaving_a_kink_picks_its_side(direction: int, expected: tuple[int, ...]) -> None:
    objective = Objective(make_case([[1]], [fmpq(0)], single(named("relu"), 1), named("quadratic"), targets=True))
    curve = [[fmpq(0)], [fmpq(1)], [fmpq(0)], [fmpq(0), fmpq(direction)]]
    assert objective.series(curve, 2).coefficients == expected


def test_a_curve_that_stays_on_a_kink_only_needs_the_value() -> None:
    objective = Objective(make_case([[1]], [fmpq(0)], single(named("relu"), 1), named("quadratic"), targets=True))
    curve = [[fmpq(0), fmpq(1)], [fmpq(1)], [fmpq(0)], [fmpq(0)]]
    assert objective.series(curve, 2).coefficients == (0, 0, 1)


def test_balls_as_coefficients() -> None:
    objective = Objective(make_case([[1]], [fmpq(0)], single(named("relu"), 1), named("quadratic"), targets=True))
    curve = [[fmpq(0)], [fmpq(1)], [fmpq(0)], [arb(2, 1e-20), fmpq(1)]]
    found = objective.series(curve, 2).coefficients
    assert all(number.enclose(c).contains(x) for c, x in zip(found, (4, 4, 1), strict=True))
    with pytest.raises(Undecided):
        objective.series([[fmpq(0)], [fmpq(1)], [fmpq(0)], [arb(0, 1e-20), fmpq(1)]], 2)


def test_higher_order_in_a_users_function() -> None:
    objective = Objective(
        make_case([[1]], [fmpq(0)], single(written("exp(z**2)"), 1), named("quadratic"), targets=True)
    )
    curve = [[fmpq(-1)], [fmpq(1)], [fmpq(0)], [fmpq(0), fmpq(1)]]
    assert objective.series(curve, 8).coefficients == (0, 0, 0, 0, 1, 0, 1, 0, fmpq(7, 12))


def test_not_smooth_along_the_kink_itself() -> None:
    relu = activation(named("relu"))
    stays = Series((fmpq(0), fmpq(0)))
    with pytest.raises(NotSmooth):
        relu.values(objects([stays], (1,)), 1)
