"""`defined_on_R` never says True of a function with a pole, a log or a root that goes wrong somewhere."""

from __future__ import annotations

import contextlib
import time

import pytest
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.checker.domain import REALS, Range, defined_on_R, range_on
from verifier.checker.expression import ALL_FUNCTIONS, Expression, evaluate, parse
from verifier.checker.number import DomainProblem, Undecided, ball


def read(words: str) -> Expression:
    return parse(words, frozenset({"z"}), ALL_FUNCTIONS)


@pytest.mark.parametrize("words", [
    "z", "1", "exp(z)", "log(1+exp(z))", "1/(1+exp(-z))", "z/(1+exp(-z))", "1/(1+z**2)", "1/(z**2+z+1)", "sqrt(1+z**2)",
    "sqrt(z**2)", "sqrt(abs(z))", "log(2+tanh(z))", "1/(2-erf(z))", "1/(2-arctan(z))", "log(2+z**2+exp(z))", "z**-0",
    "1/(abs(z)+1)", "log(max(1, z))", "1/(z**2+z+1+exp(z))", "1/(-1-exp(z))", "(1+z**2)**-3", "log(1/2+sigmoid(z))",
    "sqrt(max(0,z))", "1/min(-1,z)", "log(exp(exp(z)))", "1/sigmoid(z)", "sqrt(z*z)", "1/(1+sqrt(abs(z)))",
    "z*(1+erf(z/sqrt(2)))/2", "log(sqrt(2)+tanh(z))", "sqrt(1-tanh(z))", "sqrt(1-tanh(z)**2)",
    "log(1-1/(1+exp(z)))", "log(1/sigmoid(z)-1)",
])  # fmt: skip
def test_defined(words: str) -> None:
    assert defined_on_R(read(words))


@pytest.mark.parametrize("words", [
    "1/z", "log(z)", "sqrt(z)", "z/z", "0/z", "0*log(z)", "z**-1", "1/(z**2-2)", "sqrt(z**2-2)", "log(z**2)",
    "log(1-max(tanh(z),min(1,exp(z))))", "log(sqrt(abs(z))*exp(z))", "log(tanh(z)*erf(z))",
    "1/(1-exp(z))", "log(1-1/max(1,z))", "log(1/min(1,exp(z))-1)", "log(tanh(z)**2)", "log(1-abs(tanh(z)+1)/2*0-1)",
    "log(tanh(z))", "sqrt(tanh(z))", "1/erf(z)", "1/max(0,z)", "log(max(0,z))", "log(abs(z))", "1/(z-z)", "1/abs(z)",
    "sqrt(-1-z**2)", "log(1-exp(z))", "1/(exp(z)-z-2)", "log(sqrt(z**2))", "1/0", "log(0)", "sqrt(-1)", "z + log(-1)",
    "1/(arctan(z)-3/2)", "1/(sigmoid(z)-1/2)", "log(1+z**3)", "max(1, sqrt(z))", "min(0, 1/z)", "1/sqrt(z**2)",
    "1/(sqrt(2)*sqrt(3)-sqrt(6)+0*z)", "log(sqrt(2+sqrt(3))-(sqrt(6)+sqrt(2))/2)", "1/(2-z**2-exp(z))", "abs(log(z))",
    "log(1.5707-arctan(z))", "sqrt(1-z**2)", "exp(1/z)", "(z-1)**-2", "1/(z**2-2*z+1)", "log(z**2-2*z+1)",
])  # fmt: skip
def test_not_defined(words: str) -> None:
    assert not defined_on_R(read(words))


def test_ranges() -> None:
    unit = Range(fmpq(0), fmpq(1), True, False)
    assert unit.positive()
    assert unit.negated() == Range(fmpq(-1), fmpq(0), False, True)
    assert unit.and_also(Range(fmpq(0), fmpq(1), False, True)) == Range(fmpq(0), fmpq(1), True, True)
    assert not Range(fmpq(0)).positive()
    assert Range(fmpq(0)).non_negative()
    assert not Range().non_negative()


def expressions() -> st.SearchStrategy[str]:
    unary = ["exp", "log", "sqrt", "abs", "tanh", "sigmoid", "arctan", "erf", "1/", "-"]
    return st.recursive(
        st.sampled_from(["z", "z", "0", "1", "1/2", "2", "pi"]),
        lambda t: st.one_of(
            st.tuples(st.sampled_from(["({} + {})", "({} - {})", "({}*{})", "max({}, {})", "min({}, {})"]), t, t).map(
                lambda p: p[0].format(p[1], p[2])
            ),
            st.tuples(st.sampled_from(unary), t).map(lambda p: f"({p[0]}({p[1]}))"),
            st.tuples(t, st.integers(-2, 3)).map(lambda p: f"({p[0]})**{p[1]}"),
        ),
        max_leaves=7,
    )


@settings(max_examples=400, deadline=None)
@given(expressions(), st.lists(st.integers(-64, 64), min_size=4, max_size=4))
def test_shown_to_be_defined_means_a_value_at_every_point(words: str, points: list[int]) -> None:
    e = read(words)
    if not defined_on_R(e):
        return
    for u in (fmpq(0), fmpq(1), fmpq(-1), *(fmpq(p, 16) for p in points)):
        try:
            evaluate(e, {"z": u})
        except DomainProblem as problem:
            raise AssertionError(f"{words} at {u}: {problem}") from None
        except Undecided:
            pass


@settings(max_examples=300, deadline=None)
@given(expressions())
def test_no_division_by_a_ball_that_is_zero(words: str) -> None:
    """The same with exact balls, which know nothing of canonical forms."""
    e = read(words)
    if defined_on_R(e):
        for k in range(-8, 9):
            with contextlib.suppress(Undecided):
                evaluate(e, {"z": arb(k) / 2})


@pytest.mark.parametrize("words", [
    "+".join(f"max(0,z+{i})" for i in range(600)),
    "*".join(f"(2+tanh(z+{i}))**99" for i in range(400)),
    "log(2+" * 98 + "exp(z)" + ")" * 98,
    "*".join(f"max(0,z+{i})" for i in range(600)),
], ids=range(4))  # fmt: skip
def test_bounded(words: str) -> None:
    start = time.process_time()
    defined_on_R(read(words))
    assert time.process_time() - start < 2.5


@pytest.mark.parametrize(
    ("words", "bounds", "positive"),
    [
        ("exp(z) - 1/2", Range(fmpq(0)), True),
        ("exp(z) - 1", Range(fmpq(0)), False),
        ("1 - tanh(z)**2", REALS, True),
        ("1/z", Range(fmpq(1), fmpq(2)), True),
        ("1/(z**2 + z + 1)", REALS, False),  # defined, but intervals do not see its sign
        ("z*exp(z)", Range(fmpq(1, 2)), True),
        ("log(z)", Range(fmpq(2)), True),
    ],
)
def test_range_on_an_interval(words: str, bounds: Range, positive: bool) -> None:
    assert range_on(read(words), bounds).positive() is positive


@settings(max_examples=100, deadline=None)
@given(expressions(), st.integers(-8, 8), st.integers(0, 8), st.integers(0, 16))
def test_range_on_contains_the_values(words: str, left: int, width: int, step: int) -> None:
    e = read(words)
    if not defined_on_R(e):
        return
    low, high = fmpq(left, 4), fmpq(left + width, 4)
    found = range_on(e, Range(low, high))
    with contextlib.suppress(Undecided):
        value = ball(evaluate(e, {"z": low + (high - low) * fmpq(step, 16)}), 128)
        assert found.low is None or not value < found.low
        assert found.high is None or not value > found.high
        assert not (found.above and value.is_exact() and value == found.low)
