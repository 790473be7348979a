"""One-sided Taylor coefficients: against SymPy's derivatives, at kinks and at ties against exact pieces."""

from __future__ import annotations

import contextlib
import math
import time

import pytest
import sympy
from flint import arb, fmpq, fmpq_poly
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.helpers.expressions import piecewise_polynomials
from verifier.checker import germ as g
from verifier.checker import number
from verifier.checker.expression import ALL_FUNCTIONS, Expression, parse
from verifier.checker.germ import NeedsSide, germ, smooth_germ
from verifier.checker.number import DomainProblem, Exact, Undecided, ball, exp, log, sigmoid, softplus, sqrt
from verifier.checker.piecewise import piecewise

Q = fmpq


def read(words: str) -> Expression:
    return parse(words, frozenset({"z"}), ALL_FUNCTIONS | {"softplus"})


@pytest.mark.parametrize(
    ("words", "at", "left", "right"),
    [
        ("max(0, z)", 0, (0, 0, 0), (0, 1, 0)),
        ("abs(z)", 0, (0, -1, 0), (0, 1, 0)),
        ("min(z, -z)", 0, (0, 1, 0), (0, -1, 0)),
        ("max(0, 1 + z)**2", -1, (0, 0, 0), (0, 0, 1)),
        ("max(z, z**2)", 0, (0, 0, 1), (0, 1, 0)),
        ("max(z, z**2)", 1, (1, 1, 0), (1, 2, 1)),
        ("max(z**2, z**3)", 0, (0, 0, 1), (0, 0, 1)),
        ("abs(z)**3", 0, (0, 0, 0), (0, 0, 0)),
        ("abs(abs(z) - 1)", 1, (0, -1, 0), (0, 1, 0)),
        ("max(0, z)*max(0, -z)", 0, (0, 0, 0), (0, 0, 0)),
        ("max(0, z) + min(0, z)", 0, (0, 1, 0), (0, 1, 0)),
        ("max(0, max(0, z))", 0, (0, 0, 0), (0, 1, 0)),
        ("max(z - z, z**2)", 0, (0, 0, 1), (0, 0, 1)),
        ("max(0, exp(z) - 1)", 0, (0, 0, 0), (0, 1, Q(1, 2))),
        ("sqrt(1 + abs(z))", 0, (1, Q(-1, 2), Q(-1, 8)), (1, Q(1, 2), Q(-1, 8))),
        ("1/(1 + max(0, z))", 0, (1, 0, 0), (1, -1, 1)),
        ("log(1 + max(0, z))", 0, (0, 0, 0), (0, 1, Q(-1, 2))),
        ("max(0, z) + (exp(min(0, z)) - 1)", 0, (0, 1, Q(1, 2)), (0, 1, 0)),
    ],
)
def test_the_two_sides(words: str, at: int, left: tuple[object, ...], right: tuple[object, ...]) -> None:
    e = read(words)
    assert germ(e, Q(at), -1, 2) == left
    assert germ(e, Q(at), 1, 2) == right
    for order in range(3):
        smooth = smooth_germ(e, Q(at), order)
        assert smooth == (right[: order + 1] if left[: order + 1] == right[: order + 1] else None)


def test_smoothness_is_seen_order_by_order() -> None:
    e = read("max(0, 1 + z)**4")
    assert smooth_germ(e, Q(-1), 3) == (0, 0, 0, 0)
    assert smooth_germ(e, Q(-1), 4) is None
    assert smooth_germ(read("max(z**2, z**3)"), Q(0), 2) == (0, 0, 1)
    with pytest.raises(NeedsSide):
        germ(read("max(0, z)"), Q(0), None, 1)
    assert germ(read("max(z**2, z**3)"), Q(0), None, 1) == (0, 0)
    with pytest.raises(NeedsSide):
        germ(read("max(z**2, z**3)"), Q(0), None, 2)


@pytest.mark.parametrize("words", ["sqrt(z)", "sqrt(z**2)", "sqrt(abs(z))", "max(1, sqrt(z))", "0*sqrt(z**2)"])
@pytest.mark.parametrize("side", [-1, 1, None])
def test_a_root_at_zero_has_no_expansion(words: str, side: int | None) -> None:
    with pytest.raises((Undecided, NeedsSide)):
        germ(read(words), Q(0), side, 1)
    with pytest.raises(Undecided):
        smooth_germ(read(words), Q(0), 1)


@pytest.mark.parametrize("words", ["1/z", "log(z)", "z/z", "log(z - 1)", "sqrt(z - 1)", "z**-2"])
def test_undefined(words: str) -> None:
    with pytest.raises(DomainProblem):
        germ(read(words), Q(0), 1, 1)


def test_a_tie_that_is_not_seen_is_undecided() -> None:
    hidden = sqrt(2 + sqrt(Q(3))) - (sqrt(Q(6)) + sqrt(Q(2))) / 2
    with pytest.raises(Undecided):
        smooth_germ(read("max(0, z)"), hidden, 1)


@pytest.mark.parametrize("at", [Q(0), Q(-7, 3), sqrt(Q(2)), -exp(Q(1)), log(Q(3))])
def test_exact_values_of_sigmoid_and_softplus(at: Exact) -> None:
    s = sigmoid(at)
    assert germ(read("softplus(z)"), at, None, 2) == (softplus(at), s, (s - s * s) / 2)


SMOOTH = {
    "exp(z)": sympy.exp,
    "log(3 + z)": lambda z: sympy.log(3 + z),
    "sqrt(4 + z)": lambda z: sympy.sqrt(4 + z),
    "sigmoid(2*z - 1)": lambda z: 1 / (1 + sympy.exp(1 - 2 * z)),
    "softplus(z)": lambda z: sympy.log(1 + sympy.exp(z)),
    "tanh(z/2 + 1)": lambda z: sympy.tanh(z / 2 + 1),
    "arctan(z**2)": lambda z: sympy.atan(z**2),
    "erf(z/sqrt(2))": lambda z: sympy.erf(z / sympy.sqrt(2)),
    "1/(1 + z**2)": lambda z: 1 / (1 + z**2),
    "(1 + z)**-3": lambda z: (1 + z) ** -3,
    "z**7 - pi*z**2": lambda z: z**7 - sympy.pi * z**2,
    "exp(-z**2)*tanh(z)": lambda z: sympy.exp(-(z**2)) * sympy.tanh(z),
    "log(1 + exp(exp(z)))": lambda z: sympy.log(1 + sympy.exp(sympy.exp(z))),
    "abs(z - 9)*max(exp(z), -1)": lambda z: (9 - z) * sympy.exp(z),
}


@pytest.mark.parametrize("words", SMOOTH)
@pytest.mark.parametrize("at", [Q(0), Q(1, 2), Q(-5, 3)])
def test_derivatives_of_sympy(words: str, at: fmpq) -> None:
    z = sympy.Symbol("z")
    point = sympy.Rational(int(at.p), int(at.q))
    derivative = SMOOTH[words](z)
    exact = germ(read(words), at, None, 5)
    with number.precision(400):
        in_balls = germ(read(words), arb(at), None, 5)
    for k in range(6):
        expected = sympy.N(derivative.subs(z, point), 60) / math.factorial(k)
        close = arb(str(expected), arb(10) ** -40)
        assert ball(exact[k], 400).overlaps(close)
        assert in_balls[k].overlaps(close)
        derivative = sympy.diff(derivative, z)


@pytest.mark.parametrize("words", [*SMOOTH, "max(0, z - 5)", "abs(z + 4)"])
def test_a_germ_at_a_ball_encloses_the_germs_of_its_points(words: str) -> None:
    e = read(words)
    with number.precision(200):
        wide = germ(e, arb(1, 0.0625), None, 3)
        for k in range(-4, 5):
            inner = germ(e, arb(1) + arb(k) / 64, None, 3)
            assert all(arb(w).overlaps(arb(c)) for w, c in zip(wide, inner, strict=True))


def test_a_ball_over_a_kink_is_undecided() -> None:
    with pytest.raises(Undecided):
        smooth_germ(read("max(0, z)"), arb(0, 1), 1)


@settings(max_examples=250, deadline=None)
@given(piecewise_polynomials(["z", "z", "0", "1", "-2"], (0, 3), 8), st.integers(0, 4), st.integers(-2, 2))
def test_one_sided_germs_are_those_of_the_pieces(words: str, order: int, near: int) -> None:
    e = read(words)
    f = piecewise(e)
    assume(f is not None)
    assert f is not None
    for u in {Q(near), *f.breakpoints}:
        expected = {}
        for side in (-1, 1):
            piece = f.pieces[sum(b < u or (b == u and side > 0) for b in f.breakpoints)]
            shifted = piece(fmpq_poly([u, 1]))
            expected[side] = tuple(shifted[k] for k in range(order + 1))
            assert germ(e, u, side, order) == expected[side]
        smooth = smooth_germ(e, u, order)
        assert smooth == (expected[1] if expected[-1] == expected[1] else None)


# -- series ------------------------------------------------------------------------------------------------------------


def test_series_arithmetic() -> None:
    x, y = (Q(1), Q(2), Q(3)), (Q(0), Q(1), Q(-1))
    assert g.add(x, y) == (1, 3, 2)
    assert g.scale(Q(2), x) == (2, 4, 6)
    assert g.multiply(x, y) == (0, 1, 1)
    assert g.derivative(x) == (2, 6)
    assert [g.leading_sign(s) for s in (y, (Q(0), Q(0)), (Q(0), -sqrt(Q(2))))] == [1, 0, -1]


def test_compose() -> None:
    inner = (Q(0), Q(1), Q(1), Q(0))  # exp(t + t**2)
    assert g.compose(germ(read("exp(z)"), Q(0), None, 3), inner) == (1, 1, Q(3, 2), Q(7, 6))
    with pytest.raises(ValueError, match="a germ of order 1 in a series of order 3"):
        g.compose((Q(1), Q(1)), inner)


@pytest.mark.parametrize("words", [
    "((((z**1000)**1000)**1000)**1000)",
    "+".join(f"max(0,(z+{i})**1000)" for i in range(400)),
    "exp(" * 98 + "z" + ")" * 98,
    "tanh(1+z*" * 98 + "z" + ")" * 98,
    "sigmoid((1+" * 8 + "z" + ")**50)" * 8,
    "*".join(["(z+1/3)"] * 1_100),
], ids=range(6))  # fmt: skip
@pytest.mark.parametrize("at", [Q(4, 3), sqrt(Q(2))])
def test_bounded(words: str, at: Exact) -> None:
    start = time.process_time()
    with contextlib.suppress(Undecided):
        germ(read(words), at, 1, 4)
    assert time.process_time() - start < 4
