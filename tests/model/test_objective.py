"""Gradient and Hessian against SymPy on small nets of every kind, exactly; against the checker; kinks; cancellation."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.builders import (
    deep,
    derivatives,
    make_case,
    named,
    random_case,
    random_point,
    rational,
    single,
    symbolic_loss,
    written,
)
from verifier.case.types import ExponentialPoint, FunctionSpec, Layered, LayeredPoint, Network, Point
from verifier.checker import number
from verifier.checker.analysis import Analysis
from verifier.checker.network import unflatten
from verifier.checker.number import precision
from verifier.model.function import NotSmooth
from verifier.model.objective import Objective, flat_point, float_point
from verifier.model.pattern import LossKink, UnitKink
from verifier.model.scalars import Kind, convert, objects

THIRD = fmpq(1, 3)
LEAKY = named("leaky_relu", slope=THIRD)
HINGE = named("polynomial_hinge", p=fmpq(2))


def leaky(u: Any, at: Any) -> Any:
    return u if at > 0 else u / 3


def cubic(z: Any, at: Any) -> Any:
    return (1 + z) ** 3 if at > -1 else sympy.Integer(0)


def square(u: Any, at: Any) -> Any:
    return u**2


ALGEBRAIC = {
    "leaky": (single(LEAKY, 2), [leaky]),
    "leaky without biases": (single(LEAKY, 2, False, False), [leaky]),
    "quadratic": (single(named("quadratic"), 2), [square]),
    "deep quadratic": (deep(named("quadratic"), (2, 1)), [square]),
    "deep leaky": (deep(LEAKY, (2, 1, 2), False, True), [leaky]),
    "deep user's cubic": (deep(written("z**3 - z"), (1, 1), True, False), [lambda u, at: u**3 - u]),
    "shortcut": (
        Network("shortcut", Layered(named("quadratic"), (1,), False, True), Layered(LEAKY, (1, 2), True, False)),
        [square, leaky],
    ),
}


@pytest.mark.parametrize("name", ALGEBRAIC)
def test_exact_equality_with_sympy(name: str) -> None:
    network, activations = ALGEBRAIC[name]
    r = random.Random(1)
    case = random_case(r, network, HINGE, n=2, d=1 if "deep" in name else 2, weight_decay=fmpq(1, 7))
    objective = Objective(case)
    theta = random_point(r, objective, 2)
    formula, symbols = symbolic_loss(case, theta, activations, cubic)
    value, gradient, hessian = derivatives(formula, symbols, theta)
    here = objective.at(theta)
    assert here.value == value
    assert here.gradient().tolist() == gradient
    assert here.hessian().tolist() == hessian


def sigmoid(u: Any, at: Any) -> Any:
    return 1 / (1 + sympy.exp(-u))


def softplus(u: Any, at: Any) -> Any:
    return sympy.log(1 + sympy.exp(u))


EXPONENTIAL = Network("single-layer", Layered(LEAKY, (1,), True, True), None, fmpq(1, 5))
TRANSCENDENTAL = {
    "sigmoid": (single(named("sigmoid"), 1), [sigmoid], named("logistic"), softplus, False),
    "tanh deep": (deep(named("tanh"), (1, 1)), [lambda u, at: sympy.tanh(u)], named("quadratic"), square, True),
    "exp neuron": (EXPONENTIAL, [leaky], named("exponential"), lambda z, at: sympy.exp(z), False),
    "arctan": (single(named("arctan"), 1), [lambda u, at: sympy.atan(u)], named("logistic"), softplus, False),
}


@pytest.mark.parametrize("name", TRANSCENDENTAL)
def test_containment_of_sympys_values(name: str) -> None:
    network, activations, loss, loss_formula, targets = TRANSCENDENTAL[name]
    r = random.Random(7)
    case = random_case(r, network, loss, n=2, d=1, targets=targets)
    objective = Objective(case)
    theta = random_point(r, objective, 1)
    with precision(256):
        formula, symbols = symbolic_loss(case, theta, activations, loss_formula)
        value, gradient, hessian = derivatives(formula, symbols, theta)
    with precision(128):
        balls = objective.at(convert(objects(theta, (len(theta),)), Kind.BALL))
        exact = objective.at(theta)
        floats = objective.at(float_point(theta))
        pairs = [(balls.value, exact.value, floats.value, value)]
        pairs += zip(balls.gradient(), exact.gradient(), floats.gradient(), gradient, strict=True)
        for k, row in enumerate(hessian):
            pairs += zip(balls.hessian()[k], exact.hessian()[k], floats.hessian()[k], row, strict=True)
        for ball, symbol, real, expected in pairs:
            middle = arb(expected).mid()  # far more precise than the balls under test
            assert arb(ball).contains(middle) or arb(ball).overlaps(arb(expected))
            assert float(arb(ball).rad()) < 1e-25 * (1 + abs(float(middle)))
            assert number.ball(symbol, 128).overlaps(arb(expected))
            assert abs(real - float(middle)) <= 1e-9 * (1 + abs(float(middle)))


# -- against the checker, and against the series: other code paths -----------------------------------------------------

NETWORKS = [
    single(LEAKY, 3),
    single(named("relu"), 3, False),
    single(named("quadratic"), 2, True, False),
    single(named("hard_tanh"), 2),
    deep(named("relu"), (2, 2)),
    deep(LEAKY, (3, 2, 2), True, False),
    deep(written("max(z, 0)**2 - z"), (2, 2)),
    Network("shortcut", Layered(named("relu"), (2,), True, True), Layered(named("quadratic"), (2, 1), True, True)),
]
LOSSES = [HINGE, named("quadratic"), named("squared_hinge"), written("z**4 + max(z, 1)**3")]


@given(st.sampled_from(NETWORKS), st.sampled_from(LOSSES), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_gradient_and_value_are_the_checkers(network: Network, loss: FunctionSpec, seed: int) -> None:
    r = random.Random(seed)
    objective = Objective(random_case(r, network, loss, n=4, weight_decay=fmpq(seed % 2, 3)))
    theta = random_point(r, objective)
    analysis = Analysis(objective.checked, unflatten(objective.checked, theta))
    here = objective.at(theta)
    assert here.value == analysis.loss
    assert here.outputs.tolist() == list(analysis.outputs)
    assert here.gradient().tolist() == list(analysis.gradient)


@given(st.sampled_from(NETWORKS), st.sampled_from(LOSSES), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_derivatives_are_taylor_coefficients_along_lines(network: Network, loss: FunctionSpec, seed: int) -> None:
    r = random.Random(seed)
    objective = Objective(random_case(r, network, loss, n=3))
    theta = random_point(r, objective)
    v = [fmpq(r.randint(-2, 2)) for _ in theta]
    series = objective.series(zip(theta, v, strict=True), 2).coefficients
    here = objective.at(theta)
    slope = sum((g * x for g, x in zip(here.gradient(), v, strict=True)), fmpq(0))
    hessian = here.hessian()
    bend = sum((x * y * hessian[i, j] for i, x in enumerate(v) for j, y in enumerate(v)), fmpq(0))
    assert series == (here.value, slope, bend / 2)
    assert (hessian == hessian.T).all()


@given(st.sampled_from(NETWORKS), st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_floats_and_balls_follow_the_exact_values(network: Network, seed: int) -> None:
    r = random.Random(seed)
    objective = Objective(random_case(r, network, HINGE, n=3, weight_decay=fmpq(1, 9)))
    theta = random_point(r, objective, 2)
    exact = objective.at(theta)
    floats = objective.at(float_point(theta))
    wanted = np.asarray(convert(exact.hessian(), Kind.FLOAT), dtype=float)
    scale = 1 + np.abs(wanted).max()
    assert np.allclose(floats.hessian(), wanted, rtol=1e-9, atol=1e-9 * scale)
    with precision(100):
        balls = objective.at(convert(objects(theta, (len(theta),)), Kind.BALL))
        for ball, x in zip(balls.hessian().flat, exact.hessian().flat, strict=True):
            assert ball.contains(x) if isinstance(ball, arb) else ball == x


def test_jacobian_and_output_slopes_make_the_gradient() -> None:
    r = random.Random(3)
    objective = Objective(random_case(r, deep(LEAKY, (2, 2)), HINGE, n=4))
    here = objective.at(random_point(r, objective))
    slopes, bends = here.output_slopes()
    combined = [sum((g * x for g, x in zip(slopes, column, strict=True)), fmpq(0)) for column in here.jacobian().T]
    assert combined == here.gradient().tolist()
    assert all(b >= 0 for b in bends)


# -- flat order --------------------------------------------------------------------------------------------------------


def test_flat_point_follows_the_checkers_order() -> None:
    q = [fmpq(k) for k in range(20)]
    main = LayeredPoint(q[0], (q[1], q[2]), (((q[3], q[4]), (q[6], q[7])),), ((q[5], q[8]),))
    lower = LayeredPoint(None, (q[9],), (((q[10], q[11]),), ((q[12],),)), None)
    point = Point(main, lower, ExponentialPoint(q[13], (q[14], q[15]), q[16]))
    assert flat_point(point) == tuple(q[:17])


def test_wrong_lengths_and_kinds_are_refused() -> None:
    objective = Objective(random_case(random.Random(0), single(LEAKY, 1), HINGE))
    assert objective.size == 5
    with pytest.raises(ValueError, match="expected 5 parameters"):
        objective.value([fmpq(0)] * 4)
    with pytest.raises(TypeError):
        objective.value([fmpq(0)] * 4 + [0.5])  # type: ignore[list-item]
    with pytest.raises(TypeError):
        objective.value([1, 2, 3, 4, 5])  # type: ignore[list-item]
    with pytest.raises(TypeError):
        _ = objective.at(np.zeros(5)).pattern


# -- cancellation ------------------------------------------------------------------------------------------------------


def balanced(loss: FunctionSpec, activation: FunctionSpec) -> Objective:
    """Two samples of either label with equal inputs."""
    case = make_case([[1], [1], [2], [2]], [1, -1, 1, -1], single(activation, 2), loss)
    return Objective(case)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softplus", "arctan", "gelu"])
def test_balanced_labels_cancel_exactly_at_output_zero(activation: str) -> None:
    objective = balanced(named("logistic"), named(activation))
    root = number.sqrt(fmpq(2))
    theta = (fmpq(0), root, -root, root, fmpq(1, 3), root, fmpq(1, 3))  # equal units with opposite weights: f = 0
    here = objective.at(theta)
    assert all(number.is_zero(f) for f in here.outputs)
    assert all(number.is_zero(g) for g in here.gradient())
    assert here.output_slopes()[0].tolist() == [fmpq(-1, 8), fmpq(1, 8)] * 2


def test_irrational_outputs_cancel_in_the_bias_gradient() -> None:
    objective = Objective(make_case([[1], [-1]], [1, -1], single(named("tanh"), 1, False), named("logistic")))
    theta = (fmpq(0), number.sqrt(fmpq(3)), number.exp(fmpq(1)))  # odd net, mirrored labels
    here = objective.at(theta)
    assert here.arguments[0] == here.arguments[1]
    assert number.is_zero(here.gradient()[0])
    assert not number.is_zero(here.gradient()[1])


# -- kinks -------------------------------------------------------------------------------------------------------------


def kinked(loss: FunctionSpec = HINGE, labels: tuple[int, ...] = (1, -1, 1)) -> tuple[Objective, tuple[fmpq, ...]]:
    """One ReLU unit, pre-activations -1, 0, 1 on the samples, output 0, 0, 2."""
    objective = Objective(make_case([[-1], [0], [1]], labels, single(named("relu"), 1), loss))
    return objective, (fmpq(0), fmpq(2), fmpq(1), fmpq(0))


def test_a_kink_has_a_value_but_no_derivative() -> None:
    objective, theta = kinked()
    assert objective.outputs(theta).tolist() == [0, 0, 2]
    for what in (objective.gradient, objective.hessian):
        with pytest.raises(NotSmooth, match="breakpoint 0"):
            what(theta)
    assert objective.at(theta).pattern.kinks() == (UnitKink(0, 0, 0, 1),)


def test_sides_give_the_derivatives_of_the_neighbouring_cells() -> None:
    objective, theta = kinked()
    kink = UnitKink(0, 0, 0, 1)
    for side in (1, -1):
        moved = (*theta[:3], fmpq(side, 10**6))  # the bias moves into the cell
        near = objective.gradient(moved)
        at = objective.gradient(theta, {kink: side})
        assert all(abs(x - y) < fmpq(1, 1000) for x, y in zip(near, at, strict=True))
        bend = objective.hessian(theta, {kink: side})
        assert all(abs(x - y) < fmpq(1, 100) for x, y in zip(objective.hessian(moved).flat, bend.flat, strict=True))
    left, right = (objective.gradient(theta, {kink: s}) for s in (-1, 1))
    assert left[3] != right[3]


def test_sides_for_another_kink_do_not_help() -> None:
    objective, theta = kinked()
    with pytest.raises(NotSmooth):
        objective.gradient(theta, {UnitKink(0, 0, 0, 0): 1})
    with pytest.raises(NotSmooth):
        objective.gradient(theta, {LossKink(1): 1})


def test_hinge_at_its_breakpoint() -> None:
    objective = Objective(make_case([[0]], [1], single(named("relu"), 1), named("hinge")))
    theta = (fmpq(1), fmpq(0), fmpq(0), fmpq(-1))  # f = 1, z = -1
    with pytest.raises(NotSmooth):
        objective.gradient(theta)
    assert objective.gradient(theta, {LossKink(0): 1})[0] == -1
    assert objective.gradient(theta, {LossKink(0): -1})[0] == 0


def test_squared_hinge_has_a_gradient_but_no_hessian_there() -> None:
    objective = Objective(make_case([[0]], [1], single(named("relu"), 1), named("squared_hinge")))
    theta = (fmpq(1), fmpq(0), fmpq(0), fmpq(-1))
    assert objective.gradient(theta).tolist() == [0, 0, 0, 0]
    with pytest.raises(NotSmooth) as caught:
        objective.hessian(theta)
    assert caught.value.order == 2


def test_a_kink_of_a_sample_asleep_is_no_obstacle() -> None:
    """Sample 1 sits on the kink, but its loss is 0 all around z = -2."""
    objective, theta = kinked(labels=(-1, 1, -1))
    moved = (fmpq(2), *theta[1:])
    with pytest.raises(NotSmooth):
        kinked(labels=(-1, -1, -1))[0].gradient(moved)
    gradient = objective.gradient(moved)
    analysis = Analysis(objective.checked, unflatten(objective.checked, moved))
    assert gradient.tolist() == list(analysis.gradient)
    assert objective.hessian(moved).shape == (4, 4)


def test_a_kink_with_zero_outgoing_weight_still_counts() -> None:
    objective, theta = kinked()
    with pytest.raises(NotSmooth):
        objective.gradient((fmpq(0), fmpq(0), *theta[2:]))


def test_a_kink_below_a_dead_layer_is_not_seen() -> None:
    objective = Objective(make_case([[0]], [-1], deep(named("relu"), (1, 1)), HINGE))
    dead = (fmpq(0), fmpq(1), fmpq(1), fmpq(0), fmpq(1), fmpq(-1))
    assert objective.gradient(dead).tolist() == [3, 0, 0, 0, 0, 0]
    seen = (*dead[:5], fmpq(1))
    with pytest.raises(NotSmooth):
        objective.gradient(seen)


def test_every_sample_asleep() -> None:
    objective = Objective(make_case([[1], [2]], [1, 1], deep(named("relu"), (2, 2)), HINGE))
    theta = (fmpq(5), *[fmpq(0)] * (objective.size - 1))
    assert not any(objective.gradient(theta))
    assert not objective.hessian(theta).any()
    assert objective.value(theta) == 0


# -- decay, multiplicity -----------------------------------------------------------------------------------------------


def test_multiplicity_is_repetition() -> None:
    network = deep(LEAKY, (2, 1))
    counted = make_case([[1], [3]], [1, -1], network, HINGE, multiplicity=[2, 1])
    repeated = make_case([[1], [1], [3]], [1, 1, -1], network, HINGE)
    theta = random_point(random.Random(5), Objective(counted))
    first, second = Objective(counted).at(theta), Objective(repeated).at(theta)
    assert first.value == second.value
    assert first.gradient().tolist() == second.gradient().tolist()
    assert first.hessian().tolist() == second.hessian().tolist()


def test_weight_decay_may_be_irrational() -> None:
    decay = number.sqrt(fmpq(2))
    plain = random_case(random.Random(2), single(LEAKY, 1), HINGE)
    case = replace(plain, loss=replace(plain.loss, weight_decay=decay))
    theta = random_point(random.Random(3), Objective(plain))
    difference = Objective(case).gradient(theta) - Objective(plain).gradient(theta)
    assert difference.tolist() == [decay * x for x in theta]
    bend = Objective(case).hessian(theta) - Objective(plain).hessian(theta)
    assert bend.tolist() == [[decay if i == j else 0 for j in range(5)] for i in range(5)]


def test_targets_of_a_users_loss() -> None:
    r = random.Random(11)
    spec = written("(f - t)**4 + f*t", "ft")
    case = random_case(r, single(LEAKY, 1), spec, n=3, targets=True)
    objective = Objective(case)
    theta = random_point(r, objective)
    outputs, targets = objective.outputs(theta), case.data.targets
    assert targets is not None
    total = sum(case.data.multiplicity)
    expected = sum(
        (fmpq(m, total) * ((f - t) ** 4 + f * t)
         for m, f, t in zip(case.data.multiplicity, outputs, targets, strict=True)),
        fmpq(0),
    )
    assert objective.value(theta) == expected
    slopes = [
        fmpq(m, total) * (4 * (f - t) ** 3 + t)
        for m, f, t in zip(case.data.multiplicity, outputs, targets, strict=True)
    ]
    assert objective.at(theta).output_slopes()[0].tolist() == slopes
    assert objective.at(theta).gradient()[0] == sum(slopes, fmpq(0))


def test_rational_numbers_of_the_builders_are_not_on_kinks() -> None:
    assert rational(random.Random(0)) != 0
