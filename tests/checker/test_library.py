"""The named functions, and the conformance kit: what every activation and loss of the library has to pass.

A new name in the tables of `library.py` is tested here without a new line, once its formula stands in `FORMULAS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any

import mpmath
import pytest
from flint import arb, fmpq

from verifier.checker.domain import defined_on_R
from verifier.checker.expression import evaluate, parse
from verifier.checker.facts import Facts, activation_facts, loss_facts
from verifier.checker.germ import Coefficients, germ, smooth_germ
from verifier.checker.library import (
    ACTIVATIONS,
    LOSSES,
    SELU_ALPHA,
    SELU_SCALE,
    TARGET_LOSSES,
    SpecificationProblem,
    activation_expression,
    activation_parameter,
    loss_expression,
    shown,
)
from verifier.checker.number import Exact, Undecided, ball, compare, exp, is_zero, power, sign, sqrt

Q = fmpq
mp = mpmath.mp

# -- the kit -----------------------------------------------------------------------------------------------------------

FORMULAS: Mapping[str, Any] = {  # of (z, parameters), in mpmath: written independently of the library
    "linear": lambda z, p: z,
    "relu": lambda z, p: z if z > 0 else z * 0,
    "leaky_relu": lambda z, p: z if z > 0 else p.get("slope", mp.mpf(1) / 100) * z,
    "quadratic": lambda z, p: z * z,
    "sigmoid": lambda z, p: 1 / (1 + mp.exp(-z)),
    "tanh": lambda z, p: mp.tanh(z),
    "arctan": lambda z, p: mp.atan(z),
    "softplus": lambda z, p: mp.log(1 + mp.exp(z)),
    "exp": lambda z, p: mp.exp(z),
    "elu": lambda z, p: z if z > 0 else p.get("alpha", mp.mpf(1)) * mp.expm1(z),
    "selu": lambda z, p: mp.mpf(SELU_SCALE) * (z if z > 0 else mp.mpf(SELU_ALPHA) * mp.expm1(z)),
    "silu": lambda z, p: z / (1 + mp.exp(-z)),
    "gelu": lambda z, p: z * mp.ncdf(z),
    "hard_tanh": lambda z, p: max(-mp.one, min(mp.one, z)),
    "loss hinge": lambda z, p: max(mp.zero, 1 + z),
    "loss squared_hinge": lambda z, p: max(mp.zero, 1 + z) ** 2,
    "loss polynomial_hinge": lambda z, p: max(mp.zero, 1 + z) ** (p["p"] + 1),
    "loss logistic": lambda z, p: mp.log(1 + mp.exp(z)),
    "loss quadratic": lambda z, p: (1 + z) ** 2,
    "loss exponential": lambda z, p: mp.exp(z),
    "target quadratic": lambda z, p: (z - p["target"]) ** 2,
}
PARAMETERS: Mapping[str, list[dict[str, Any]]] = {
    "leaky_relu": [
        {},
        *({"slope": s} for s in ("0", "1", "-1", "2", "-1/2", "sqrt(2)", "-sqrt(2)", "1/pi", "sqrt(1/2)")),
    ],
    "elu": [{}, *({"alpha": a} for a in ("0", "1/2", "2", "-1", "pi", "-pi", "1/pi", "sqrt(2)"))],
    "loss polynomial_hinge": [{"p": p} for p in (0, 1, 2, 5)],
    "target quadratic": [{"target": t} for t in ("0", "1/3", "-2", "sqrt(2)", "-pi")],
}
NAMES = [*ACTIVATIONS, *(f"loss {n}" for n in LOSSES), *(f"target {n}" for n in TARGET_LOSSES)]
FUNCTIONS = [(name, parameters) for name in NAMES for parameters in PARAMETERS.get(name, [{}])]
POINTS = sorted({Q(k, 4) for k in range(-24, 25)} | {Q(k) for k in (-40, -15, -9, 9, 15, 40)} | {Q(1, 3)})
MARGIN = Q(1, 10**6)


class Function:
    """One member of the library, with its germs at the sample points."""

    def __init__(self, name: str, parameters: dict[str, Any]) -> None:
        self.target: Exact | None = None
        kind, _, bare = name.rpartition(" ")
        if kind == "target":
            self.target = evaluate(parse(parameters["target"]), {})
            self.expression = loss_expression({"name": bare}, self.target)
            self.facts: Facts = loss_facts({"name": bare}, self.target)
        elif kind == "loss":
            self.expression = loss_expression({"name": bare, **parameters})
            self.facts = loss_facts({"name": bare, **parameters})
        else:
            self.expression = activation_expression({"name": bare, **parameters})
            self.facts = activation_facts({"name": bare, **parameters})
        self.kind, self.formula, self.parameters = kind, FORMULAS[name], parameters

    def __call__(self, u: Exact) -> Exact:
        return evaluate(self.expression, {"z": u})

    @cache  # noqa: B019
    def side(self, u: fmpq, side: int) -> Coefficients:
        return germ(self.expression, u, side, 2)

    def slopes(self, points: list[fmpq] = POINTS) -> list[int]:
        return [sign(self.side(u, s)[1]) for u in points for s in (-1, 1)]

    def smooth(self, order: int) -> bool:
        return all(smooth_germ(self.expression, u, order) is not None for u in POINTS)

    def real(self, z: Any) -> Any:
        numbers = {k: v if isinstance(v, int) else _real(v) for k, v in self.parameters.items()}
        return self.formula(z, numbers)


def _real(words: str) -> Any:
    return mp.mpf(ball(evaluate(parse(words), {}), 200).str(55, radius=False))


@cache
def _made(index: int) -> Function:
    return Function(*FUNCTIONS[index])


@pytest.fixture(params=range(len(FUNCTIONS)), ids=lambda i: f"{FUNCTIONS[i][0]}{FUNCTIONS[i][1] or ''}")
def function(request: pytest.FixtureRequest) -> Function:
    return _made(request.param)


def agrees(holds: bool | None, observed: bool) -> bool:
    """A decided fact is what is observed; an unknown one may be anything."""
    return holds is None or holds == observed


class TestConformance:
    """The facts of a function against its values and one-sided derivatives at many points.

    The sample is dense enough, and the functions simple enough, that every fact that is false is seen to be false.
    """

    def test_it_is_defined_everywhere(self, function: Function) -> None:
        assert defined_on_R(function.expression)

    def test_values(self, function: Function) -> None:
        with mpmath.workdps(50):
            for u in POINTS[::3]:
                expected = function.real(mp.mpf(int(u.p)) / int(u.q))
                assert ball(function(u), 200).overlaps(
                    arb(mpmath.nstr(expected, 50), arb(10) ** -30 * (1 + abs(int(u))) ** 6)
                )

    def test_derivatives(self, function: Function) -> None:
        """One-sided difference quotients of the formula, from points a distance h and 2h away."""
        with mpmath.workdps(60):
            h = mp.mpf(10) ** -15
            for u in (Q(-1), Q(0), Q(1), Q(1, 3), Q(-9, 4)):
                z = mp.mpf(int(u.p)) / int(u.q)
                for side in (-1, 1):
                    near = [function.real(z + side * k * h) for k in range(3)]
                    slope = (4 * near[1] - 3 * near[0] - near[2]) / (2 * side * h)
                    bend = (near[0] - 2 * near[1] + near[2]) / (2 * h * h)
                    _, c1, c2 = function.side(u, side)
                    assert ball(c1, 200).overlaps(arb(mpmath.nstr(slope, 40), 1e-8))
                    assert ball(c2, 200).overlaps(arb(mpmath.nstr(bend, 40), 1e-8))

    def test_affine(self, function: Function) -> None:
        line = [function(Q(0)) + u * (function(Q(1)) - function(Q(0))) for u in POINTS]
        assert agrees(
            function.facts.affine.holds, all(is_zero(function(u) - v) for u, v in zip(POINTS, line, strict=True))
        )

    def test_monotone(self, function: Function) -> None:
        slopes = function.slopes()
        assert agrees(function.facts.increasing.holds, all(s > 0 for s in slopes))
        assert agrees(function.facts.non_decreasing.holds, all(s >= 0 for s in slopes))
        if function.facts.non_decreasing.holds:
            assert all(compare(function(u), function(v)) <= 0 for u, v in pairwise(POINTS))

    def test_convex(self, function: Function) -> None:
        jumps = [sign(function.side(u, 1)[1] - function.side(u, -1)[1]) for u in POINTS]
        bends = [sign(function.side(u, s)[2]) for u in POINTS for s in (-1, 1)]
        assert agrees(function.facts.convex.holds, min(jumps) >= 0 and min(bends) >= 0)
        assert agrees(function.facts.strictly_convex.holds, function.smooth(2) and min(bends) > 0)
        if function.facts.convex.holds:
            for u, v, w in zip(POINTS, POINTS[1:], POINTS[2:], strict=False):
                share = (v - u) / (w - u)
                assert sign((1 - share) * function(u) + share * function(w) - function(v)) >= 0

    def test_symmetries(self, function: Function) -> None:
        facts = function.facts
        assert agrees(facts.even.holds, all(is_zero(function(u) - function(-u)) for u in POINTS))
        total = 2 * function(Q(0))
        mirrors = all(is_zero(function(u) + function(-u) - total) for u in POINTS)
        assert agrees(facts.mirror.holds, mirrors)
        if facts.mirror.holds:
            assert facts.mirror.value == total

    def test_homogeneous(self, function: Function) -> None:
        fact = function.facts.homogeneous
        if fact.holds:
            degree = fact.value
            assert isinstance(degree, fmpq) and degree.q == 1
            for u in POINTS:
                for t in (Q(1, 3), Q(2), sqrt(Q(2))):
                    assert is_zero(function(t * u) - power(t, int(degree.p)) * function(u))
        elif fact.holds is False:
            assert not any(
                all(is_zero(function(2 * u) - Q(2) ** k * function(u)) for u in POINTS[::5]) for k in range(12)
            )

    def test_smooth(self, function: Function) -> None:
        facts = function.facts
        assert agrees(facts.differentiable.holds, function.smooth(1))
        assert agrees(facts.twice_differentiable.holds, function.smooth(2))

    def test_exponential(self, function: Function) -> None:
        assert agrees(function.facts.exponential.holds, all(function(u) == exp(u) for u in POINTS))

    def test_classes_of_losses(self, function: Function) -> None:
        facts = function.facts
        if function.kind == "target":
            assert facts.l1.holds is facts.l2.holds is facts.l_plus.holds is None
            return
        non_negative = [u for u in POINTS if u >= 0]
        l1 = function.smooth(1) and min(function.slopes()) >= 0 and min(function.slopes(non_negative)) > 0
        assert agrees(facts.l1.holds, l1)
        assert agrees(facts.l2.holds, l1 and function.smooth(2))
        assert agrees(facts.l_plus.holds, function.smooth(1) and min(function.slopes()) > 0)

    def test_infimum(self, function: Function) -> None:
        facts = function.facts
        far = [function(u) for u in (*POINTS, Q(-1_000), Q(1_000))]
        if facts.lower_bound.holds is False:
            assert facts.attained.holds is False
            assert any(sign(v + 9) < 0 for v in far)
            return
        if facts.lower_bound.holds is None:
            return
        bound = facts.lower_bound.value
        assert bound is not None
        gaps = [v - bound for v in far]
        if facts.attained.holds is False:
            assert min(map(sign, gaps)) == 1
            assert any(sign(gap - Q(1, 500)) < 0 for gap in gaps)
        else:
            at_target = [] if function.target is None else [function(function.target) - bound]
            assert sum(is_zero(gap) for gap in [*gaps, *at_target]) > 0
            assert min(map(sign, gaps)) >= 0

    def test_reasons_are_given(self, function: Function) -> None:
        for name, fact in vars(function.facts).items():
            assert fact.why, name
            assert fact.value is None or fact.holds is True, name


def test_every_name_of_the_library_is_tested() -> None:
    assert set(FORMULAS) == set(NAMES)


# -- specifications ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("specification", "message"),
    [
        ({}, "name: expected one of"),
        ({"name": "sigmoidal"}, "got 'sigmoidal'"),
        ({"name": None}, "got None"),
        ({"name": ["relu"]}, "got list"),
        ({"name": "relu", "slope": "1"}, "slope: unknown key"),
        ({"name": "leaky_relu", "slope": 1}, "slope: expected a number as text, got 1"),
        ({"name": "leaky_relu", "slope": "z"}, "slope: unknown name 'z'"),
        ({"name": "leaky_relu", "slope": "1/0"}, "slope: expected a defined number"),
        ({"name": "elu", "alpha": True}, "alpha: expected a number as text, got True"),
        ({"name": "hinge"}, "name: expected one of"),
        ({"expr": "z", "name": "relu"}, "name: unknown key"),
        ({"expr": 3}, "expr: expected a text, got 3"),
        ({"expr": "x"}, "expr: unknown name 'x'"),
        ({"expr": "softplus(z)"}, "expr: unknown name 'softplus'"),
        ({"expr": ""}, "expr: expected a number"),
    ],
)
def test_no_activation(specification: dict[str, object], message: str) -> None:
    with pytest.raises(SpecificationProblem, match=message):
        activation_expression(specification)


@pytest.mark.parametrize(
    ("specification", "target", "message"),
    [
        ({"name": "relu"}, None, "name: expected one of"),
        ({"name": "hinge"}, Q(1), "name: expected one of quadratic"),
        ({"name": "hinge", "p": 1}, None, "p: unknown key"),
        ({"name": "polynomial_hinge"}, None, "p: expected an integer"),
        ({"name": "polynomial_hinge", "p": True}, None, "got True"),
        ({"name": "polynomial_hinge", "p": -1}, None, "got -1"),
        ({"name": "polynomial_hinge", "p": 101}, None, "got 101"),
        ({"name": "polynomial_hinge", "p": 10**5000}, None, "got int"),
        ({"name": "polynomial_hinge", "p": 1.0}, None, "got 1.0"),
        ({"expr": "f - t"}, None, "unknown name 'f'"),
        ({"expr": "z"}, Q(1), "unknown name 'z'"),
    ],
)
def test_no_loss(specification: dict[str, object], target: Exact | None, message: str) -> None:
    with pytest.raises(SpecificationProblem, match=message):
        loss_expression(specification, target)


def test_parameters_and_targets() -> None:
    assert activation_parameter({"name": "leaky_relu"}, "slope") == Q(1, 100)
    assert activation_parameter({"name": "elu", "alpha": "sqrt(2)"}, "alpha") == sqrt(Q(2))
    assert activation_expression({"name": "elu", "alpha": "0"}) == activation_expression({"name": "relu"})
    loss = loss_expression({"expr": "abs(f - t)", "weight_decay": "1"}, sqrt(Q(2)))
    assert evaluate(loss, {"z": Q(0)}) == sqrt(Q(2))
    assert loss_expression({"name": "polynomial_hinge", "p": 0}) == parse(
        "max(0, 1 + z)**1", frozenset({"z"}), frozenset({"max"})
    )


def test_a_target_too_long_to_write_is_refused() -> None:
    huge = power(1 + exp(Q(1)), 300)
    with pytest.raises(SpecificationProblem, match="target"):
        loss_expression({"name": "quadratic"}, huge)


def test_shown_is_short() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert [shown(v) for v in (deep, 10**5000, "x" * 1000, None, True, 2)][:2] == ["list", "int"]
    assert len(shown("x" * 1000)) < 100
    while deep:  # taken apart from outside, for the interpreter's sake
        deep = deep.pop()


def test_selu_is_exactly_the_decimals() -> None:
    e = activation_expression({"name": "selu"})
    assert evaluate(e, {"z": Q(1)}) == Q(10507009873554804934193349852946, 10**31)
    with pytest.raises(Undecided):
        smooth_germ(e, sqrt(2 + sqrt(Q(3))) - (sqrt(Q(6)) + sqrt(Q(2))) / 2, 1)
