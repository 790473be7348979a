"""Named functions and users' expressions: values and derivatives against SymPy, kinks, one-sided derivatives."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import sympy
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.builders import evaluated, named, to_sympy, written
from verifier.case.types import FunctionSpec
from verifier.checker import number
from verifier.checker.library import activation_expression, loss_expression
from verifier.checker.number import Exact, precision
from verifier.model.closed import closed_form
from verifier.model.differentiate import from_sympy
from verifier.model.differentiate import to_sympy as expression_to_sympy
from verifier.model.function import Function, NotSmooth
from verifier.model.functions import activation, loss, target_shift
from verifier.model.pieces import Decided, Pieces, Smooth
from verifier.model.scalars import Kind, convert, objects

Z = sympy.Symbol("z")
SMOOTH = {
    "sigmoid": 1 / (1 + sympy.exp(-Z)),
    "tanh": sympy.tanh(Z),
    "arctan": sympy.atan(Z),
    "softplus": sympy.log(1 + sympy.exp(Z)),
    "exp": sympy.exp(Z),
    "silu": Z / (1 + sympy.exp(-Z)),
    "gelu": Z * (1 + sympy.erf(Z / sympy.sqrt(2))) / 2,
    "quadratic": Z**2,
    "linear": Z,
}
POINTS = [fmpq(0), fmpq(1), fmpq(-1), fmpq(3, 2), fmpq(-7, 3), fmpq(5)]


def array(*values: Exact) -> np.ndarray:
    return objects(values, (len(values),))


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_named_functions_agree_with_sympy_to_order_4(name: str) -> None:
    function = activation(named(name))
    assert isinstance(function, Smooth)
    exact = function.values(array(*POINTS), 4)
    formula = SMOOTH[name]
    with precision(200):
        balls = function.values(convert(array(*POINTS), Kind.BALL), 4)
        for order in range(5):
            for k, u in enumerate(POINTS):
                expected = arb(evaluated(formula, {Z: u}))
                assert number.ball(exact[order][k], 200).overlaps(expected)
                assert balls[order][k].overlaps(expected)
                assert float(balls[order][k].rad()) < 1e-40
            formula = sympy.diff(formula, Z)


@pytest.mark.parametrize("name", ["elu", "selu", *SMOOTH])
def test_closed_forms_are_the_derivatives_of_the_first(name: str) -> None:
    forms = closed_form(name)
    for lower, higher in pairwise(forms):
        values: dict[object, object] = {Z: fmpq(2, 3), sympy.Symbol("scale"): fmpq(3), sympy.Symbol("alpha"): fmpq(5)}
        derivative = sympy.diff(expression_to_sympy(lower).rewrite(sympy.exp), Z)
        claimed = expression_to_sympy(higher)
        with precision(200):
            assert ball_of(derivative, values).overlaps(ball_of(claimed, values))


def ball_of(e: sympy.Expr, values: dict[object, object]) -> arb:
    functions = {"sigmoid": lambda x: 1 / (1 + sympy.exp(-x)), "softplus": lambda x: sympy.log(1 + sympy.exp(x))}
    plain = e.replace(lambda t: t.func.__name__ in functions, lambda t: functions[t.func.__name__](*t.args))
    return arb(evaluated(plain.doit(), dict(values)))


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "arctan", "softplus", "exp", "silu", "gelu", "elu"])
def test_floats_are_close(name: str) -> None:
    spec = named(name, alpha=fmpq(3, 2)) if name == "elu" else named(name)
    function = activation(spec)
    u = np.array([-30.0, -2.5, -0.125, 0.5, 4.0, 25.0])
    exact = function.values(array(*(fmpq(int(x * 8), 8) for x in u)), 2)
    for order, values in enumerate(function.values(u, 2)):
        expected = convert(exact[order], Kind.FLOAT)
        assert np.allclose(values, expected, rtol=1e-9, atol=1e-12)


# -- exact cancellation ------------------------------------------------------------------------------------------------


def test_values_at_ties_are_rational() -> None:
    zero = array(fmpq(0))
    assert [v[0] for v in activation(named("sigmoid")).values(zero, 2)] == [fmpq(1, 2), fmpq(1, 4), fmpq(0)]
    assert [v[0] for v in activation(named("tanh")).values(zero, 3)] == [fmpq(0), fmpq(1), fmpq(0), fmpq(-2)]
    assert loss(named("logistic")).derivative(1, fmpq(0)) == fmpq(1, 2)
    assert loss(named("logistic")).derivative(2, fmpq(0)) == fmpq(1, 4)
    assert loss(named("exponential")).derivative(5, fmpq(0)) == 1


@given(st.fractions(min_value=-3, max_value=3, max_denominator=6))
@settings(max_examples=20, deadline=None)
def test_symmetries_hold_symbolically(x: object) -> None:
    u = fmpq(x.numerator, x.denominator)  # type: ignore[attr-defined]
    pair = array(u, -u)
    s = activation(named("sigmoid")).values(pair, 1)
    assert s[0][0] + s[0][1] == 1
    assert number.is_zero(s[1][0] - s[1][1])
    t = activation(named("tanh")).values(pair, 0)[0]
    assert number.is_zero(t[0] + t[1])


def test_equal_arguments_give_identical_symbols() -> None:
    root = number.sqrt(fmpq(2))
    values = activation(named("softplus")).values(array(root, root * 1, fmpq(3)), 2)
    for v in values:
        assert v[0] is v[1]
        assert v[0] != v[2]


# -- pieces ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "breakpoints"),
    [
        (named("relu"), (0,)),
        (named("leaky_relu", slope=fmpq(1, 10)), (0,)),
        (named("hard_tanh"), (-1, 1)),
        (named("elu", alpha=fmpq(2)), (0,)),
        (named("selu"), (0,)),
        (written("max(z, 0)**2 - min(z, 1)"), (0, 1)),
        (written("abs(z - 1/2)*exp(z)"), (fmpq(1, 2),)),
        (written("max(exp(min(z, 2)), 1)"), None),
        (written("max(z, sqrt(2))"), None),
        (written("max(z, 0) - max(z, 0)"), ()),
        (written("max((z-1)**2, 0)"), ()),
        (written("max((z-1)**2*exp(z), 0*z)"), None),
    ],
)
def test_breakpoints(spec: FunctionSpec, breakpoints: tuple[int, ...] | None) -> None:
    found = activation(spec).breakpoints
    assert found == (None if breakpoints is None else tuple(fmpq(b) for b in breakpoints))


PIECEWISE = [
    named("relu"),
    named("leaky_relu", slope=fmpq(1, 10)),
    named("leaky_relu", slope=number.sqrt(fmpq(2)) / 5),
    named("hard_tanh"),
    named("elu", alpha=fmpq(2)),
    named("elu", alpha=number.sqrt(fmpq(3))),
    named("elu", alpha=fmpq(0)),
    named("selu"),
    written("max(0, z)**3 - abs(z - 1/3)/2"),
    written("max(z, sqrt(2)) + exp(min(z, 1))"),
    written("max(abs(z), 1 - z**2)*tanh(z)"),
]


@pytest.mark.parametrize("spec", PIECEWISE)
def test_values_are_those_of_the_expression(spec: FunctionSpec) -> None:
    from verifier.checker.expression import evaluate

    function, expression = activation(spec), activation_expression(spec.document())
    for u in (*POINTS, fmpq(1, 3), fmpq(-1, 7), number.sqrt(fmpq(2)), number.sqrt(fmpq(5)) - 3):
        difference = function.derivative(0, u) - evaluate(expression, {"z": u})
        assert number.ball(difference, 200).contains(0)
        assert float(number.ball(difference, 200).rad()) < 1e-40
        float_value = function.values(np.array([float(number.ball(u).mid())]), 0)[0][0]
        assert math.isclose(float_value, float(number.ball(evaluate(expression, {"z": u})).mid()), abs_tol=1e-9)


@pytest.mark.parametrize("spec", PIECEWISE)
def test_derivatives_agree_with_the_checkers_germs(spec: FunctionSpec) -> None:
    from verifier.checker.germ import germ

    function, expression = activation(spec), activation_expression(spec.document())
    for u in (fmpq(0), fmpq(1), fmpq(-1), fmpq(1, 3), fmpq(5, 7), fmpq(-9, 4), fmpq(3)):
        for side in (1, -1):
            coefficients = germ(expression, u, side, 3)
            for order in range(4):
                difference = function.derivative(order, u, side) - coefficients[order] * math.factorial(order)
                assert number.ball(difference, 200).contains(0)


@pytest.mark.parametrize(
    ("spec", "u", "order"),
    [
        (named("relu"), 0, 1),
        (named("leaky_relu", slope=fmpq(1, 2)), 0, 1),
        (named("hard_tanh"), 1, 1),
        (named("hard_tanh"), -1, 1),
        (named("elu", alpha=fmpq(2)), 0, 1),
        (named("elu", alpha=fmpq(1)), 0, 2),
        (written("max(0, z)**3"), 0, 3),
        (written("max(z, sqrt(2))"), number.sqrt(fmpq(2)), 1),
        (written("abs(z)"), 0, 1),
    ],
)
def test_kinks_raise_at_the_first_order_that_jumps(spec: FunctionSpec, u: Exact | int, order: int) -> None:
    function = activation(spec)
    at = fmpq(u) if isinstance(u, int) else u
    function.derivative(order - 1, at)
    with pytest.raises(NotSmooth) as caught:
        function.derivative(order, at)
    assert caught.value.order == order
    with pytest.raises(NotSmooth):
        function.values(array(at + 1, at), order)
    left, right = function.values(array(at, at), order, sides=np.array([-1, 1]))[order]
    assert number.sign(right - left) != 0
    place = function.local(at)
    assert place.kink and place.smoothness == order - 1 and place.polynomial is None


@pytest.mark.parametrize("p", [0, 1, 2, 3, 100])
def test_polynomial_hinge_is_c_p_at_the_hinge(p: int) -> None:
    function = loss(named("polynomial_hinge", p=fmpq(p)))
    assert function.local(fmpq(-1)).smoothness == min(p, 16)
    assert function.derivative(1, fmpq(1)) == (p + 1) * 2**p
    assert function.local(fmpq(-2)).constant
    assert not function.local(fmpq(1)).constant


def test_local_pieces() -> None:
    relu = activation(named("relu"))
    assert relu.local(fmpq(-1)).constant and relu.local(fmpq(-1)).affine == (0, 0)
    assert relu.local(fmpq(2)).affine == (1, 0) and not relu.local(fmpq(2)).constant
    assert relu.local(fmpq(0)).affine is None
    clip = activation(named("hard_tanh"))
    assert clip.local(fmpq(7)).affine == (0, 1) and clip.local(fmpq(7)).constant
    assert activation(named("quadratic")).local(fmpq(0)).polynomial == (0, 0, 1)
    assert activation(named("quadratic")).local(fmpq(0)).affine is None
    assert activation(named("sigmoid")).local(fmpq(0)).polynomial is None
    elu = activation(named("elu", alpha=fmpq(2)))
    assert elu.local(fmpq(1)).affine == (1, 0) and elu.local(fmpq(-1)).affine is None
    slope = number.sqrt(fmpq(2))
    assert activation(named("leaky_relu", slope=slope)).local(fmpq(-1)).affine == (slope, 0)


def test_balls_near_a_breakpoint() -> None:
    relu = activation(named("relu"))
    assert relu.local(arb(1, 0.5)).affine == (1, 0)
    assert relu.local(arb(-1, 0.5)).constant
    unknown = relu.local(arb(0, 0.5))
    assert unknown.smoothness == 0 and unknown.polynomial is None
    value, slope = relu.values(objects([arb(0, 0.5)], (1,)), 1)
    assert slope[0].contains(0) and slope[0].contains(1)
    assert value[0].contains(fmpq(1, 2)) and value[0].contains(0)
    decided = activation(written("max(z, sqrt(2))"))
    assert isinstance(decided, Decided)
    assert decided.local(arb(1.414213562, 1e-3)).smoothness == 0
    assert decided.local(arb(3, 1)).smoothness == math.inf


def test_kinds_of_functions() -> None:
    assert isinstance(activation(named("relu")), Pieces)
    assert isinstance(activation(written("sqrt(1 + z**2)")), Smooth)
    assert isinstance(activation(written("max(exp(z), 2)")), Decided)


def test_users_smooth_expression_uses_sympy() -> None:
    function = activation(written("log(1 + exp(z))*z"))
    formula = sympy.log(1 + sympy.exp(Z)) * Z
    for order in range(4):
        with precision(200):
            expected = arb(evaluated(sympy.diff(formula, Z, order) if order else formula, {Z: fmpq(3, 4)}))
            assert number.ball(function.derivative(order, fmpq(3, 4)), 200).overlaps(expected)


# -- losses with targets -----------------------------------------------------------------------------------------------


def test_quadratic_loss_on_targets_is_shared() -> None:
    spec = named("quadratic")
    assert loss(spec, fmpq(1)) is loss(spec, fmpq(2))
    assert target_shift(spec, fmpq(2)) == 2
    assert loss(spec, fmpq(2)).derivative(0, fmpq(5) - 2) == 9


@given(st.integers(-5, 5), st.integers(-5, 5))
@settings(max_examples=15, deadline=None)
def test_users_loss_on_targets(f: int, t: int) -> None:
    spec = written("abs(f - t)*(f + 1/2)", "ft")
    assert target_shift(spec, fmpq(t)) == 0
    assert loss(spec, fmpq(t)).derivative(0, fmpq(f)) == abs(f - t) * (fmpq(f) + fmpq(1, 2))


def test_loss_expression_and_function_agree() -> None:
    from verifier.checker.expression import evaluate

    for name in ("hinge", "squared_hinge", "logistic", "quadratic", "exponential"):
        spec = named(name)
        for u in POINTS:
            assert loss(spec).derivative(0, u) == evaluate(loss_expression(spec.document()), {"z": u})


def test_sympy_answers_outside_the_grammar_are_undecided() -> None:
    with pytest.raises(number.Undecided):
        from_sympy(sympy.gamma(Z))
    with pytest.raises(number.Undecided):
        from_sympy(Z ** sympy.Rational(1, 3))


def test_round_trip_through_sympy() -> None:
    for text in ("exp(z)/sqrt(1+z**2)", "tanh(z)*arctan(z) - erf(z)/3", "sigmoid(z)**2", "pi*z - exp(1)"):
        expression = written(text).expr
        assert expression is not None
        back = from_sympy(expression_to_sympy(expression))
        from verifier.checker.expression import evaluate

        with precision(128):
            u = arb(1.25)
            assert number.enclose(evaluate(back, {"z": u})).overlaps(number.enclose(evaluate(expression, {"z": u})))


def test_function_is_abstract() -> None:
    with pytest.raises(TypeError):
        Function()  # type: ignore[abstract]


def test_to_sympy_of_the_builders() -> None:
    assert to_sympy(fmpq(1, 3)) == sympy.Rational(1, 3)
