"""Gradient, Hessian and curves: the checker, the provers' model and SymPy agree exactly on random nets."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import sympy
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.cases import analysis_at
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
from verifier.case.types import FunctionSpec, Layered, Network
from verifier.checker.curvature import hessian
from verifier.checker.number import enclose, is_zero, precision
from verifier.checker.series import curve_vector, gradient_along, loss_along
from verifier.model.objective import Objective

BITS = 256
Symbolic = Callable[[Any, Any], Any]


def positive_part(u: Any, at: Any) -> Any:
    return u if at > 0 else sympy.Integer(0)


# name -> (specification, symbolic form); the random points never sit on a breakpoint
POLYNOMIAL: dict[str, tuple[FunctionSpec, Symbolic]] = {
    "linear": (named("linear"), lambda u, at: u),
    "relu": (named("relu"), positive_part),
    "leaky_relu": (named("leaky_relu", slope=fmpq(1, 10)), lambda u, at: u if at > 0 else u / 10),
    "quadratic": (named("quadratic"), lambda u, at: u**2),
    "hard_tanh": (named("hard_tanh"), lambda u, at: u if -1 < at < 1 else sympy.Integer(1 if at > 0 else -1)),
    "expr": (written("z + z**3/3 - max(0, z)**2"), lambda u, at: u + u**3 / 3 - positive_part(u, at) ** 2),
}
SMOOTH: dict[str, tuple[FunctionSpec, Symbolic]] = {
    "softplus": (named("softplus"), lambda u, at: sympy.log(1 + sympy.exp(u))),
    "exp": (named("exp"), lambda u, at: sympy.exp(u)),
    "tanh": (named("tanh"), lambda u, at: sympy.tanh(u)),
    "arctan": (named("arctan"), lambda u, at: sympy.atan(u)),
    "sigmoid": (named("sigmoid"), lambda u, at: 1 / (1 + sympy.exp(-u))),
}
LOSSES: dict[str, tuple[FunctionSpec, Symbolic]] = {
    "quadratic": (named("quadratic"), lambda z, at: (1 + z) ** 2),
    "squared_hinge": (named("squared_hinge"), lambda z, at: positive_part(1 + z, at + 1) ** 2),
    "cubic": (named("polynomial_hinge", p=fmpq(2)), lambda z, at: positive_part(1 + z, at + 1) ** 3),
    "expr": (written("z**4 + z"), lambda z, at: z**4 + z),
}


def networks(r: random.Random, activation: FunctionSpec) -> Network:
    bias = r.random() < 0.7
    return r.choice(
        (
            single(activation, 2, bias),
            deep(activation, (2, 1), bias, r.random() < 0.7),
            Network("shortcut", Layered(activation, (1,), bias, True), Layered(activation, (1, 1), True, False)),
        )
    )


def smooth_point(r: random.Random, objective: Objective, size: int = 3) -> tuple[fmpq, ...]:
    """A random point that no kink meets."""
    while True:
        theta = random_point(r, objective, size)
        if not objective.at(theta).pattern.kinks(2):
            return theta


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(sorted(POLYNOMIAL)), st.sampled_from(sorted(LOSSES)), st.integers(0, 10**9))
def test_three_ways_to_the_same_derivatives(activation: str, loss: str, seed: int) -> None:
    r = random.Random(seed)
    (spec, neuron), (loss_spec, cost) = POLYNOMIAL[activation], LOSSES[loss]
    decay = r.choice((fmpq(0), fmpq(2, 3)))
    case = random_case(r, networks(r, spec), loss_spec, n=2, d=1, weight_decay=decay)
    objective = Objective(case)
    theta = smooth_point(r, objective)
    here, analysis = objective.at(theta), analysis_at(objective, theta)
    value, symbols = symbolic_loss(case, theta, [neuron, neuron], cost)
    known, slopes, second = derivatives(value, symbols, theta)
    assert known == here.value == analysis.loss
    assert slopes == list(here.gradient()) == list(analysis.gradient)
    assert second == here.hessian().tolist() == hessian(analysis, BITS).tolist()


@settings(max_examples=6, deadline=None)
@given(st.sampled_from(sorted(SMOOTH)), st.integers(0, 10**9))
def test_irrational_derivatives_agree_as_balls(activation: str, seed: int) -> None:
    r = random.Random(seed)
    spec, neuron = SMOOTH[activation]
    case = random_case(r, networks(r, spec), named("quadratic"), n=2, d=1, weight_decay=fmpq(1, 7))
    objective = Objective(case)
    theta = random_point(r, objective, 1)
    analysis, here = analysis_at(objective, theta), objective.at(theta)
    value, symbols = symbolic_loss(case, theta, [neuron, neuron], LOSSES["quadratic"][1])
    with precision(BITS):
        _, slopes, second = derivatives(value, symbols, theta)
        checked = hessian(analysis, BITS).tolist()
        rows = here.hessian().tolist()
        for a, b, c in zip(slopes, analysis.gradient, here.gradient(), strict=True):
            assert agree(a, b) and agree(b, c)
        for one, two, three in zip(second, checked, rows, strict=True):
            assert all(agree(a, b) and agree(b, c) for a, b, c in zip(one, two, three, strict=True))


def agree(x: Any, y: Any) -> bool:
    """Two enclosures of one number: they overlap, and are narrow enough for that to mean something."""
    a, b = (arb(v) if isinstance(v, fmpq | arb) else enclose(v) for v in (x, y))
    return bool(a.overlaps(b)) and max(a.rad(), b.rad()) < arb(2) ** -120


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(sorted(POLYNOMIAL)), st.integers(0, 10**9))
def test_loss_along_a_curve_is_the_composed_polynomial(activation: str, seed: int) -> None:
    """On one piece L(theta(t)) is a polynomial in t: its coefficients by SymPy, from the checker and from the model."""
    r = random.Random(seed)
    spec, neuron = POLYNOMIAL[activation]
    case = random_case(r, single(spec, 1), named("quadratic"), n=2, d=1)
    objective = Objective(case)
    theta = smooth_point(r, objective)
    curve = [tuple(rational(r, 2) for _ in theta) for _ in range(2)]
    order = 4
    value, symbols = symbolic_loss(case, theta, [neuron], LOSSES["quadratic"][1])
    expected = along_by_sympy(value, symbols, theta, curve, order)
    analysis = analysis_at(objective, theta)
    assert list(loss_along(analysis, curve_vector(analysis, curve, order)).coefficients) == expected
    columns = [(v, *(row[k] for row in curve)) for k, v in enumerate(theta)]
    assert list(objective.series(columns, order).coefficients) == expected


def along_by_sympy(value: Any, symbols: Any, theta: Any, curve: Sequence[Sequence[fmpq]], order: int) -> list[fmpq]:
    t = sympy.Symbol("t")

    def exact(x: fmpq) -> Any:
        return sympy.Rational(int(x.p), int(x.q))

    moved = {
        s: exact(v) + sum(exact(row[k]) * t ** (m + 1) for m, row in enumerate(curve))
        for k, (s, v) in enumerate(zip(symbols, theta, strict=True))
    }
    p = sympy.Poly(sympy.expand(value.subs(moved, simultaneous=True)), t)
    return [fmpq(int(c.p), int(c.q)) for c in (p.coeff_monomial(t**k) for k in range(order + 1))]


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**9), activation=st.sampled_from([*POLYNOMIAL, *SMOOTH]))
def test_the_gradient_along_a_curve_is_the_derivative_of_the_loss(seed: int, activation: str) -> None:
    """d/dt L(theta(t)) = grad L(theta(t)) . theta'(t), coefficient by coefficient."""
    r = random.Random(seed)
    spec = (POLYNOMIAL | SMOOTH)[activation][0]
    case = random_case(r, single(spec, 2), LOSSES["expr"][0], n=2, d=1)
    objective = Objective(case)
    theta = smooth_point(r, objective, 1)
    curve = [tuple(rational(r, 1) for _ in theta) for _ in range(2)]
    order = 2
    analysis = analysis_at(objective, theta)
    loss = loss_along(analysis, curve_vector(analysis, curve, order + 1)).coefficients
    slopes = gradient_along(analysis, curve_vector(analysis, curve, order), order)
    for k in range(order + 1):
        total: Any = fmpq(0)
        for j in range(min(k + 1, len(curve))):
            for slope, c in zip(slopes, curve[j], strict=True):
                total = total + (j + 1) * c * slope.coefficients[k - j]
        assert is_zero(total - (k + 1) * loss[k + 1])


def test_symbolic_definition_is_not_the_code() -> None:
    """The comparison can fail: another slope of the leaky ReLU gives another value."""
    case = make_case([[-1]], [1], single(named("leaky_relu", slope=fmpq(1, 10)), 1, False, False), named("quadratic"))
    theta = (fmpq(1), fmpq(1))
    value, symbols = symbolic_loss(case, theta, [lambda u, at: u if at > 0 else u / 5], LOSSES["quadratic"][1])
    assert derivatives(value, symbols, theta)[0] != Objective(case).value(theta)
