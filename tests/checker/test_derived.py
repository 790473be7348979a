"""Facts of piecewise polynomials: decided exactly, against dense sampling and against examples that just fail."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from flint import fmpq
from hypothesis import assume, given, settings

from tests.helpers.expressions import piecewise_polynomials
from verifier.checker.derived import derived_facts
from verifier.checker.expression import ALL_FUNCTIONS, parse
from verifier.checker.fact_types import Facts
from verifier.checker.piecewise import PiecewisePolynomial, piecewise

Q = fmpq


def function(words: str) -> PiecewisePolynomial:
    f = piecewise(parse(words, frozenset({"z"}), ALL_FUNCTIONS))
    assert f is not None
    return f


def facts(words: str) -> Facts:
    return derived_facts(function(words))


@pytest.mark.parametrize(
    ("name", "true", "false"),
    [
        ("affine", ["z", "3", "1 - z/2", "max(0,z) + min(0,z)"], ["max(0,z)", "z**2"]),
        ("increasing", ["z", "z**3 + z", "max(z, 2*z)", "z + max(0, z)**2"],
         ["z**3", "max(0, z)", "3", "min(z, z**2)", "z + abs(z)", "z**3 - z/1000000", "(z-1)**3*(z**2+1)"]),
        ("non_decreasing", ["z**3", "max(0, z)", "5", "max(-1, min(1, z))", "z + abs(z)"],
         ["z**2", "-z", "z**3 - z/1000000", "max(0, z) - max(0, z - 1) - max(0, z - 10**9)"]),
        ("convex", ["z", "z**4", "max(0, z)", "abs(z)**3", "max(0, 1 + z)**2", "max(z, z**2)"],
         ["z**3", "min(0, z)", "abs(z**2 - 1)", "z**2 - abs(z)/1000000", "z**4 - z**2/10**9"]),
        ("strictly_convex", ["z**2", "z**4 + z**2", "(z - 7)**2", "z**2 + max(0, z)**3"],
         ["z**4", "z", "max(0, z)", "z**2 + abs(z)", "z**2 + max(0, z)**2", "max(0, 1 + z)**2", "(z-1)**4"]),
        ("even", ["z**2", "abs(z)", "3", "max(z, -z)**3", "max(0, abs(z) - 1)"], ["z", "max(0, z)", "(z-1)**2"]),
        ("mirror", ["z", "z**3", "max(-1, min(1, z))", "5 + z", "3"], ["abs(z)", "max(0, z)", "z**2"]),
        ("homogeneous", ["z", "max(0, z)", "z**3", "abs(z)*z", "2*max(0,z) - min(0,z)", "z - z", "7"],
         ["1 + z", "max(0, 1 + z)", "z**2 + z", "max(z, z**2)", "z**2*max(0,z) + z", "max(-1, z)"]),
        ("differentiable", ["z", "max(0, z)**2", "abs(z)*z"], ["max(0, z)", "abs(z - 1)", "max(0,z)**2 + max(0,z-1)"]),
        ("twice_differentiable", ["z**5", "max(0, z)**3"], ["max(0, z)**2", "abs(z)*z"]),
        ("exponential", [], ["1 + z + z**2/2", "z"]),
        ("l1", ["z", "max(0, 1 + z)**2", "z + max(0, z)**2", "max(0, z + 1/1000)**2", "(1+z)**3"],
         ["max(0, z)**2", "max(0, 1 + z)", "(1 + z)**2", "z**3", "-z", "max(0,1+z)**2*max(0,1-z)**2", "(z-1)**3"]),
        ("l2", ["max(0, 1 + z)**3", "z"], ["max(0, 1 + z)**2", "max(0, z)**3"]),
        ("l_plus", ["z", "z**3 + z"], ["max(0, 1 + z)**2", "z**3", "max(z, 2*z)", "(1+z)**3"]),
        ("bounds_error", ["max(0, 1 + z)", "(1 + z)**2", "max(0, 1 + z)**5", "1", "max(1, z)"],
         ["max(0, z)", "1 + z", "max(0, 1 + z) - max(0, -z - 10)", "max(0, 999/1000 + z)", "(1 - z)**2"]),
        ("attained", ["z**2", "max(0, z)", "5", "abs(z**3 - 1)*0 + 1", "z**4 - z"],
         ["z", "z**3", "-z**2", "min(0, z)"]),
        ("lower_bound", ["z**2", "max(0, z) - 3", "z**4 - 2*z**2", "abs(z**2 - 1)"],
         ["z", "-z**2", "min(0, z)", "z**3"]),
    ],
)  # fmt: skip
def test_true_and_false(name: str, true: list[str], false: list[str]) -> None:
    assert [w for w in true if getattr(facts(w), name).holds is not True] == []
    assert [w for w in false if getattr(facts(w), name).holds is not False] == []


@pytest.mark.parametrize(("words", "least"), [
    ("z**2", 0), ("z**4 - 2*z**2", -1), ("max(0, z) - 3", -3), ("abs(z**2 - 1)", 0), ("(z - 1/3)**2 + 1/7", Q(1, 7)),
    ("max(z**2 - 4*z, 5)", 5), ("5", 5), ("max(-z, 2*z) + abs(z - 1)", 1),
])  # fmt: skip
def test_infimum(words: str, least: object) -> None:
    bound = facts(words).lower_bound
    assert (bound.holds, bound.value) == (True, least)


def test_a_minimum_at_an_irrational_point_is_unknown_but_attained() -> None:
    found = facts("z**4 - z**2 + z/3")
    assert (found.lower_bound.holds, found.attained.holds) == (None, True)
    found = facts("z**4 - 4*z**2")  # at +-sqrt(2), where the value -4 is rational
    assert (found.lower_bound.holds, found.attained.holds) == (None, True)


def test_constants() -> None:
    assert facts("max(-1, min(1, z)) + 2").mirror.value == 4
    assert facts("abs(z)*z*z").homogeneous.value == 3
    assert facts("z - z").homogeneous.value == 1
    assert facts("7").homogeneous.value == 0


@settings(max_examples=250, deadline=None)
@given(piecewise_polynomials(["z", "z", "1", "1/2", "-2"], (2, 3), 6))
def test_facts_hold_at_every_sample(words: str) -> None:
    f = piecewise(parse(words, frozenset({"z"}), ALL_FUNCTIONS))
    assume(f is not None)
    assert f is not None
    found = derived_facts(f)
    far = {Q(-1000), Q(-100), Q(100), Q(1000)}  # beyond the breakpoints that mirror each other
    grid = sorted({Q(k, 8) for k in range(-32, 33)} | far | set(f.breakpoints))
    values = [f(u) for u in grid]
    sides = [(u, p) for a, b, p in f.intervals() for u in grid if (a is None or u >= a) and (b is None or u <= b)]
    slopes = [(u, p.derivative()(u)) for u, p in sides]
    bends = [p.derivative().derivative()(u) for u, p in sides]
    jumps = any(
        p.derivative()(b) != q.derivative()(b) for b, p, q in zip(f.breakpoints, f.pieces, f.pieces[1:], strict=False)
    )
    claims = {
        "increasing": all(s > 0 for _, s in slopes),
        "non_decreasing": all(v <= w for v, w in pairwise(values)),
        "convex": all(
            (w - v) * f(u) + (v - u) * f(w) >= (w - u) * f(v) for u, v, w in zip(grid, grid[1:], grid[2:], strict=False)
        ),
        "strictly_convex": not jumps and all(b > 0 for b in bends),
        "even": all(f(u) == f(-u) for u in grid),
        "mirror": all(f(u) + f(-u) == 2 * f(Q(0)) for u in grid),
        "differentiable": not jumps,
        "l1": not jumps and all(s >= 0 and (s > 0 or u < 0) for u, s in slopes),
        "l_plus": not jumps and all(s > 0 for _, s in slopes),
    }
    for name, seen in claims.items():
        if getattr(found, name).holds is True:
            assert seen, name
    for name in ("even", "mirror", "differentiable"):
        assert getattr(found, name).holds == claims[name], name
    if found.lower_bound.holds is True:
        assert min(values) >= found.lower_bound.value
    if found.homogeneous.holds is True:
        degree = int(found.homogeneous.value.p)  # type: ignore[union-attr]
        assert all(f(3 * u) == Q(3) ** degree * f(u) for u in grid)


def test_bounded_and_then_unknown() -> None:
    words = "+".join(f"{(i * 7919) % 1009 + 1}/{(i * 31) % 77 + 1}*z**{2 * i + 1}" for i in range(60))
    start = time.process_time()
    found = facts(words)
    assert time.process_time() - start < 2
    assert found.non_decreasing.holds is found.increasing.holds is found.l_plus.holds is None
    assert "too large" in found.non_decreasing.why
    assert found.lower_bound.holds is False
