"""Facts of expressions: the table of named functions derived anew, borderline cases, hostile input."""

from __future__ import annotations

import dataclasses
import time

import pytest
from flint import fmpq

from verifier.checker.expression import ALL_FUNCTIONS, Expression, parse
from verifier.checker.fact_types import Fact, Facts
from verifier.checker.facts import activation_facts, loss_facts
from verifier.checker.functions.facts_of_study import expression_facts
from verifier.checker.library import activation_expression, loss_expression
from verifier.checker.number import Exact, is_zero, log

Q = fmpq
NAMES = [f.name for f in dataclasses.fields(Facts)]


def read(words: str) -> Expression:
    return parse(words, frozenset({"z"}), ALL_FUNCTIONS | {"softplus"})


def facts(words: str) -> Facts:
    return expression_facts(read(words))


ACTIVATIONS = [
    *({"name": n} for n in ("linear", "relu", "quadratic", "sigmoid", "tanh", "arctan", "softplus", "exp", "selu")),
    *({"name": n} for n in ("silu", "gelu", "hard_tanh")),
    *({"name": "leaky_relu", "slope": s} for s in ("0", "1", "-1", "1/100", "2", "sqrt(2)", "-pi")),
    *({"name": "elu", "alpha": a} for a in ("0", "1", "1/2", "2", "-1", "pi", "1/pi")),
]
LOSSES = [
    *({"name": n} for n in ("hinge", "squared_hinge", "logistic", "quadratic", "exponential")),
    *({"name": "polynomial_hinge", "p": p} for p in (0, 1, 2, 7)),
]
NOT_DERIVED = {
    ("hard_tanh", "homogeneous"),  # its values at 1, 2, 4 fit a power
    ("gelu", "attained"),  # the limit at -oo is of the form oo * 0, with erf
}


@pytest.mark.parametrize("spec", [*ACTIVATIONS, *LOSSES], ids=str)
def test_the_facts_of_named_functions_are_derived(spec: dict[str, object]) -> None:
    loss = spec in LOSSES
    known = loss_facts(spec) if loss else activation_facts(spec)
    derived = expression_facts(loss_expression(spec) if loss else activation_expression(spec))
    for name in NAMES:
        ours, table = getattr(derived, name), getattr(known, name)
        if (spec["name"], name) in NOT_DERIVED:
            assert ours.holds is None
            continue
        if table.holds is None:
            continue
        assert ours.holds is table.holds, (name, ours.why)
        if table.holds and table.value is not None:
            assert ours.value is not None and is_zero(ours.value - table.value), name


@pytest.mark.parametrize(
    ("name", "true", "false"),
    [
        ("increasing",
         ["exp(z) + z", "sigmoid(2*z) + z/10", "(exp(z) - exp(-z))/2", "z + sqrt(1 + z**2)", "z/(1 + abs(z))",
          "z*sigmoid(z) + z/10", "z*(1 + erf(z/sqrt(2)))/2 + 13/100*z", "exp(exp(z))", "z**3 + z + exp(z)*0",
          "z + exp(-z**2)", "max(z, 2*z) + exp(z)", "(1 + z**2)*sigmoid(z) + z", "max(0,z) + pi*min(0,z)",
          "z - z**2*exp(-z)*0 + 1/(1+z**2)", "log(1 + exp(10*z))/10", "erf(z)"],
         ["z*sigmoid(z) + 99/1000*z", "z**3/(1 + z**2)", "exp(z) - z/10**6", "exp(-z)", "1/(1 + exp(z))",
          "z*(1 + erf(z/sqrt(2)))/2 + 1/10*z", "z + 2*exp(-z**2)", "max(0, exp(z) - 1)", "exp(z) - z - z**2/2"]),
        ("non_decreasing",
         ["z**3/(1 + z**2)", "exp(z)*(z**2 - 2*z + 2)", "exp(z) - z - z**2/2", "max(0, tanh(z))"],
         ["z*sigmoid(z)", "exp(-z**2)", "exp(z)*(z**2 - 2*z + 199/100)", "max(0, tanh(z)) - z/10**5"]),
        ("convex",
         ["abs(exp(z) - 1) + exp(z)", "max(0, tanh(z))*0 + exp(z)", "log(exp(z) + exp(-z))", "max(z, exp(-z) - 1)",
          "(exp(z) + exp(-z))/2 - z**2/2", "log(1 + exp(z))**2", "z*arctan(z)"],
         ["abs(tanh(z))", "exp(z) - z**2/1000", "min(exp(z), 1)", "exp(-z**2)", "log(1 + z**2)", "arctan(z)",
          "(exp(z) + exp(-z))/2 - 500001/1000000*z**2"]),
        ("strictly_convex",
         ["exp(z) + z", "log(1 + exp(z)) + z", "z + sqrt(z**2 + 4)", "exp(2*z) + exp(z)", "log(1 + exp(z))**2",
          "log(1 + exp(2*z + 1))", "max(z, exp(z) - 1)", "z*arctan(z)", "sqrt(1 + z**2)", "log(1 + exp(z))/log(2)"],
         ["(exp(z) + exp(-z))/2 - z**2/2", "exp(z) - z**2/10**3", "max(0, exp(z) - 1)**2", "exp(max(0, z))",
          "log(1 + exp(z)) + max(0, z)**2", "z**4 + 0*exp(z)", "exp(z) + abs(z)"]),
        ("l1", ["max(0, exp(z + 1) - 1)**2", "log(1 + exp(z))/log(2)", "z**3/(1 + z**2) + max(0, 1 + z)**2"],
         ["max(0, exp(z) - 1)**2", "max(0, exp(z + 1) - 1)", "exp(z) - z", "z**3/(1 + z**2)"]),
        ("l2", ["max(0, exp(z + 1) - 1)**3", "exp(z) + z"], ["max(0, exp(z + 1) - 1)**2", "max(0, exp(z) - 1)**3"]),
        ("l_plus", ["log(1 + exp(z))/log(2)", "z/(1 + abs(z))"], ["max(0, exp(z + 1) - 1)**2", "max(z, 2*z) + exp(z)"]),
        ("bounds_error", ["log(1 + exp(z))/log(2)", "exp(z)", "max(0, exp(z + 1) - 1)**2", "2*sigmoid(z)",
                          "1 + z**2*exp(z)"],
         ["log(1 + exp(z))", "max(0, exp(z) - 1)", "sigmoid(z) + 1/2 - z**2/10**9", "1999/1000*sigmoid(z)",
          "exp(z) - exp(-z)/10**6"]),
        ("even", ["log(exp(z) + exp(-z))", "exp(-z**2)", "abs(tanh(z))", "z*arctan(z)", "z*tanh(z)"],
         ["exp(z)", "exp(-(z - 1/1000)**2)", "abs(tanh(z)) + z/10**9"]),
        ("mirror", ["sigmoid(2*z) + z/10", "z/(1 + abs(z))", "erf(z) + 3", "1/(1 + exp(z))", "abs(z)*exp(z**2)*z"],
         ["exp(z)", "sigmoid(z) + z**2/10**9"]),
        ("homogeneous", ["max(0,z) + pi*min(0,z)", "sqrt(2)*z**3", "abs(z)*pi"],
         ["z/(1 + abs(z))", "exp(z)", "z + sqrt(2)", "pi*z + z**2"]),
        ("affine", ["pi*z + sqrt(2)", "exp(z)*exp(-z) + z", "log(2)*z"], ["exp(z)", "max(0,z) + pi*min(0,z)"]),
        ("differentiable", ["z/(1 + abs(z))", "max(0, exp(z) - 1)**2"], ["abs(tanh(z))", "max(0, exp(z) - 1)"]),
        ("twice_differentiable", ["max(0, exp(z) - 1)**3", "tanh(z)"], ["z/(1 + abs(z))", "max(0, exp(z) - 1)**2"]),
        ("exponential", ["exp(2*z)/exp(z)", "1/exp(-z)"], ["exp(z + 1)", "exp(z) + 1/10**9", "exp(2*z)"]),
        ("attained", ["exp(z) - z", "log(1 + z**2)", "z*arctan(z)", "z*sigmoid(z)", "max(0, exp(z) - 1)"],
         ["exp(-z**2)", "sigmoid(z)", "z + exp(z)", "1/(1 + z**2)", "exp(exp(z))"]),
    ],
)  # fmt: skip
def test_true_and_false(name: str, true: list[str], false: list[str]) -> None:
    assert [w for w in true if getattr(facts(w), name).holds is not True] == []
    assert [w for w in false if getattr(facts(w), name).holds is not False] == []


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("exp(z) - z", Q(1)),
        ("exp(exp(z))", Q(1)),
        ("log(exp(z) + exp(-z))", log(Q(2))),
        ("exp(-z**2)", Q(0)),
        ("z/(1 + abs(z))", Q(-1)),
        ("1/(1 + exp(z)) + 3", Q(3)),
        ("max(1, exp(z))", Q(1)),
        ("(exp(z) + exp(-z))/2 - z**2/2", Q(1)),
    ],
)
def test_infimum(words: str, value: Exact) -> None:
    bound = facts(words).lower_bound
    assert bound.holds is True
    assert bound.value is not None and is_zero(bound.value - value)


@pytest.mark.parametrize("words", ["z + exp(z)", "-exp(z)", "min(z, exp(z))", "log(1/(1 + exp(z)))"])
def test_unbounded_below(words: str) -> None:
    assert facts(words).lower_bound.holds is facts(words).attained.holds is False


@pytest.mark.parametrize("words", ["log(z)", "1/z", "sqrt(exp(z) - 1)", "exp(1/(exp(z) - 1))"])
def test_nothing_is_known_of_what_is_not_defined_on_the_line(words: str) -> None:
    assert facts(words) == Facts()


def test_where_a_branch_changes_at_an_irrational_point_nothing_is_known() -> None:
    found = facts("max(exp(z), 2)")
    assert {getattr(found, n).holds for n in NAMES} == {None}
    assert "branch" in found.convex.why


def test_reasons_name_a_point() -> None:
    assert facts("z*sigmoid(z)").increasing == Fact(False, "s' > 0 is false at z = -3/2")
    assert facts("exp(z) + abs(z)*2 - 3*abs(z - 1)").convex.why == "the slope falls at 1"


HOSTILE = {
    "nested exponentials": "exp(" * 60 + "-z**2" + ")" * 60,
    "nested sigmoids": "sigmoid(" * 95 + "z" + ")" * 95,
    "many sigmoids": "+".join(f"{k}*sigmoid({k}/{k + 3}*z-{k})" for k in range(1, 150)),
    "many factors": "*".join(f"sigmoid(z-{k})" for k in range(1, 200)),
    "many kinks": "+".join(f"abs(z-{k}/7)*exp(z)" for k in range(1, 120)),
    "high powers": "(z/(1+z**2))**1000+exp(z)",
    "powers of sums": "log(1+exp(z)**50+exp(2*z)**50)**40",
    "many roots": "+".join(f"sqrt(z**2+{k})" for k in range(1, 200)),
    "nested roots": "sqrt(1+" * 40 + "z**2" + ")" * 40,
    "large numbers": "exp(10**999*z)+(3**999/7**999)*z*sigmoid(z)",
    "oscillation": "+".join(f"{(-1) ** k}*z**{k}*exp(-{k}*z**2/100)" for k in range(1, 50)),
    "irrational constants": "+".join(f"sqrt({k}+sqrt({k + 1}))*exp(z+sqrt({k}))" for k in range(1, 100)),
    "mixed": "+".join(f"({k}*z**{k % 7}+1)*exp({k % 30}*z)" for k in range(1, 100)),
    "quotients": "+".join(f"(z-{k})/(1+exp({k}*z))" for k in range(1, 60)),
}


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_work_is_bounded(words: str) -> None:
    expression = read(words)
    start = time.process_time()
    expression_facts(expression)
    assert time.process_time() - start < 3  # under two where nothing else runs
