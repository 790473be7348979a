"""The polynomial near a point equals the function at points near it, and is not claimed at a breakpoint."""

from __future__ import annotations

import time

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.checker.domain import defined_on_R
from verifier.checker.expression import ALL_FUNCTIONS, Expression, evaluate, parse
from verifier.checker.local import local_polynomial
from verifier.checker.number import PI, DomainProblem, Exact, Undecided, exp, power, sqrt, total

Q = fmpq


def read(words: str) -> Expression:
    return parse(words, frozenset({"z"}), ALL_FUNCTIONS)


@pytest.mark.parametrize(
    ("words", "at", "expected"),
    [
        ("max(0, z)", Q(-1), ()),
        ("max(0, z)", Q(2), (0, 1)),
        ("max(0, z)", PI, (0, 1)),
        ("max(0, z)", -sqrt(Q(2)), ()),
        ("max(0, 1 + z)**2", Q(1), (1, 2, 1)),
        ("max(-1, min(1, z))", Q(5), (1,)),
        ("max(0, z) + exp(min(0, z)) - 1", Q(1), (0, 1)),
        ("max(0, z) + pi*min(0, z)", Q(-1), (0, PI)),
        ("max(z, pi)", Q(3), (PI,)),
        ("max(exp(z), 5)", Q(0), (5,)),
        ("min(z, sqrt(2))*z", Q(2), (0, sqrt(Q(2)))),
        ("max(z, z)", Q(0), (0, 1)),
        ("max(exp(z), exp(z))*0 + abs(z)", Q(0), None),
        ("max(exp(0)*z, z)", Q(0), (0, 1)),
        ("max(0, z) + max(0, -z)*exp(max(0, z) - max(0, z))", Q(2), (0, 1)),
        ("1/max(1, z)", Q(0), (1,)),
        ("max(1, z)**-2", Q(0), (1,)),
        ("log(max(2, z)) - log(2)", Q(0), ()),
        ("z**0", Q(0), (1,)),
    ],
)
def test_known(words: str, at: Exact, expected: tuple[object, ...] | None) -> None:
    assert local_polynomial(read(words), at) == expected


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("max(0, z)", Q(0)),
        ("abs(z)", Q(0)),
        ("max(0, 1 + z)**2", Q(-1)),
        ("max(z**2, 0)*exp(z)", Q(0)),
        ("max(z, pi)", PI),
        ("exp(z)", Q(0)),
        ("1/max(1, z)", Q(2)),
        ("max(exp(z), 5)", Q(2)),
        ("max(exp(z), 1)", Q(0)),
        ("max(z, z**2)", Q(0)),
        ("max(z, sqrt(2))", sqrt(2 + sqrt(Q(3))) - sqrt(Q(6)) / 2 + sqrt(Q(2)) / 2),
    ],
)
def test_not_shown(words: str, at: Exact) -> None:
    assert local_polynomial(read(words), at) is None


def expressions() -> st.SearchStrategy[str]:
    return st.recursive(
        st.sampled_from(["z", "z", "0", "1", "1/2", "-2", "pi", "sqrt(2)"]),
        lambda t: st.one_of(
            st.tuples(st.sampled_from(["({} + {})", "({} - {})", "({}*{})", "max({}, {})", "min({}, {})"]), t, t).map(
                lambda p: p[0].format(p[1], p[2])
            ),
            st.tuples(st.sampled_from(["abs", "exp", "tanh", "-"]), t).map(lambda p: f"({p[0]}({p[1]}))"),
            st.tuples(t, st.integers(0, 3)).map(lambda p: f"({p[0]})**{p[1]}"),
        ),
        max_leaves=8,
    )


POINTS: list[Exact] = [Q(0), Q(1), Q(-1), Q(1, 2), Q(-2), sqrt(Q(2)), -PI, exp(Q(1))]


@settings(max_examples=300, deadline=None)
@given(expressions(), st.sampled_from(POINTS))
def test_equal_to_the_function_nearby(words: str, at: Exact) -> None:
    e = read(words)
    if not defined_on_R(e):
        return
    polynomial = local_polynomial(e, at)
    if polynomial is None:
        return
    for offset in (Q(0), Q(1, 10**12), Q(-1, 10**12)):
        u = at + offset
        try:
            value = evaluate(e, {"z": u})
        except (Undecided, DomainProblem):
            continue
        assert value - total([Q(0), *(c * power(u, k) for k, c in enumerate(polynomial))]) == 0


@pytest.mark.parametrize("words", [
    "*".join(["(z+1/3)"] * 1_100),
    "+".join(f"max(0,z+{i})" for i in range(600)),
    "+".join(f"max(0,(z+{i})**1000)" for i in range(400)),
    "*".join(["(z+pi)**30"] * 300),
    "max(z,1-" * 98 + "exp(z)" + ")" * 98,
    "((((z+1e9999)**10)**10)**10)*exp(0*pi)",
], ids=range(6))  # fmt: skip
@pytest.mark.parametrize("at", [Q(1, 3), sqrt(Q(2))])
def test_bounded(words: str, at: Exact) -> None:
    start = time.process_time()
    local_polynomial(read(words), at)
    assert time.process_time() - start < 2.5
