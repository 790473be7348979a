"""Piecewise polynomials against direct evaluation of the expression."""

from __future__ import annotations

import time

import pytest
from flint import fmpq, fmpq_poly
from hypothesis import given, settings

from tests.helpers.expressions import piecewise_polynomials
from verifier.checker.expression import ALL_FUNCTIONS, Expression, evaluate, parse
from verifier.checker.piecewise import IDENTITY, PiecewisePolynomial, add, constant, multiply, negative, piecewise

P = fmpq_poly


def read(words: str) -> Expression:
    return parse(words, frozenset({"z"}), ALL_FUNCTIONS)


@pytest.mark.parametrize(
    ("words", "breakpoints", "pieces"),
    [
        ("max(0, z)", [0], [[], [0, 1]]),
        ("abs(z)", [0], [[0, -1], [0, 1]]),
        ("max(0, 1 + z)**3", [-1], [[], [1, 3, 3, 1]]),
        ("max(-1, min(1, z))", [-1, 1], [[-1], [0, 1], [1]]),
        ("max(z, z)", [], [[0, 1]]),
        ("max(0, z) + min(0, z)", [], [[0, 1]]),
        ("max(z**2, z**3)", [1], [[0, 0, 1], [0, 0, 0, 1]]),
        ("abs(z**3)", [0], [[0, 0, 0, -1], [0, 0, 0, 1]]),
        ("max(z**2, 0)", [], [[0, 0, 1]]),
        ("sqrt(2)*sqrt(2)*z", [], [[0, 2]]),
        ("z*exp(0)", [], [[0, 1]]),
        ("z/2", [], [[0, fmpq(1, 2)]]),
        ("(z - z)*pi", [], [[]]),
        ("z**0", [], [[1]]),
    ],
)
def test_exact_form(words: str, breakpoints: list[int], pieces: list[list[object]]) -> None:
    assert piecewise(read(words)) == PiecewisePolynomial(tuple(map(fmpq, breakpoints)), tuple(P(p) for p in pieces))


@pytest.mark.parametrize("words", [
    "pi*z", "max(z, pi)", "exp(z)", "1/z", "z/z", "z**-1", "max(0, z**2 - 2)", "sqrt(z**2)", "0*(1/z)", "log(-1) + z",
    "0*log(z)", "1/(z - z)", "(z - z)**-1", "z + (1/0)", "((((z**1000)**1000)**1000)**1000)",
])  # fmt: skip
def test_no_form(words: str) -> None:
    assert piecewise(read(words)) is None


@pytest.mark.parametrize(("words", "m"), [
    ("max(0, z)", 0), ("max(0, z)**2", 1), ("max(0, 1 + z)**4", 3), ("z**3", None), ("max(0,z)**3 + max(0,z-1)", 0),
    ("max(z**3, z**5)", 0),
])  # fmt: skip
def test_smoothness(words: str, m: int | None) -> None:
    f = piecewise(read(words))
    assert f is not None
    assert f.smoothness() == m


def test_arithmetic() -> None:
    f = piecewise(read("max(0, z) - 3*max(1, z)"))
    assert f is not None
    assert add(f, negative(f)).constant() == 0
    assert multiply(f, constant(1)) == f
    assert f.reflected().reflected() == f
    assert f.reflected()(fmpq(-5)) == f(fmpq(5))
    assert IDENTITY.constant() is None


@settings(max_examples=250, deadline=None)
@given(piecewise_polynomials(["z", "z", "0", "1", "1/2", "-2"], (0, 3), 8))
def test_same_values_as_the_expression(words: str) -> None:
    e = read(words)
    f = piecewise(e)
    if f is None:
        return
    points = [fmpq(k, 4) for k in range(-12, 13)] + [b + fmpq(s, 1_000) for b in f.breakpoints for s in (-1, 0, 1)]
    for u in points:
        assert f(u) == evaluate(e, {"z": u})
    for b, p, q in zip(f.breakpoints, f.pieces, f.pieces[1:], strict=False):
        assert p != q
        assert p(b) == q(b)
    assert list(f.breakpoints) == sorted(set(f.breakpoints))


@pytest.mark.parametrize("words", [
    "+".join(f"max(0,z+{i})" for i in range(600)),
    "*".join(f"max(0,z+{i})" for i in range(600)),
    "+".join(f"max(0,(z+{i})**1000)" for i in range(400)),
    "*".join(["(z+1/3)"] * 1_100),
    "max(0,(" + "+".join(f"{(i * 7919) % 1009}/{(i * 31) % 77 + 1}*z**{i}" for i in range(40)) + ")**3+1e-3000)",
    "((((1+z)**10)**10)**12)*max(0,((((2+z)**10)**10)**12))",
    "abs(1/3-" * 98 + "z" + ")" * 98,
], ids=range(7))  # fmt: skip
def test_bounded(words: str) -> None:
    start = time.process_time()
    piecewise(read(words))
    assert time.process_time() - start < 2
