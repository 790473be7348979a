"""Signs and roots of polynomials against SymPy's exact real roots."""

from __future__ import annotations

import contextlib
import time

import pytest
import sympy
from flint import fmpq, fmpq_poly
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.checker.number import TooLarge
from verifier.checker.polynomial import (
    End,
    interior_point,
    is_non_negative,
    is_positive,
    odd_part,
    rational_roots,
    roots_between,
    sign_changes,
)

P = fmpq_poly


def from_roots(*roots: fmpq | int, leading: int = 1) -> fmpq_poly:
    result = P([leading])
    for root in roots:
        result *= P([-fmpq(root), 1])
    return result


@pytest.mark.parametrize(
    ("p", "left", "right", "count"),
    [
        (from_roots(0, 1, 2), None, None, 3),
        (from_roots(0, 1, 2), fmpq(0), fmpq(2), 1),
        (from_roots(0, 1, 2), fmpq(0), None, 2),
        (from_roots(0, 1, 2), None, fmpq(1), 1),
        (from_roots(1, 1, 1), None, None, 1),
        (from_roots(1, 1, 1), fmpq(1), None, 0),
        (P([1, 0, 1]), None, None, 0),
        (P([-2, 0, 1]), fmpq(0), None, 1),
        (P([5]), None, None, 0),
        (P([1, 2]), fmpq(-1, 2), None, 0),
        (P([1, 2]), fmpq(-1), None, 1),
        (from_roots(0, fmpq(1, 10**40)), fmpq(0), fmpq(1), 1),
    ],
)
def test_roots_between(p: fmpq_poly, left: End, right: End, count: int) -> None:
    assert roots_between(p, left, right) == count


def test_the_zero_polynomial() -> None:
    with pytest.raises(ValueError, match="zero polynomial"):
        roots_between(P([]), None, None)
    assert is_non_negative(P([]), None, None)
    assert not is_positive(P([]), None, None)
    assert odd_part(P([])) == 0
    assert sign_changes(P([]), None, None) == []


@pytest.mark.parametrize(
    ("p", "left", "right", "non_negative", "positive"),
    [
        (P([0, 0, 1]), None, None, True, False),
        (P([1, 0, 1]), None, None, True, True),
        (P([0, 1]), fmpq(0), None, True, False),
        (P([0, 1]), fmpq(1, 10**30), None, True, True),
        (P([0, 1]), None, None, False, False),
        (P([-1]), None, None, False, False),
        (from_roots(0, 1), fmpq(0), fmpq(1), False, False),
        (from_roots(0, 1), fmpq(1), None, True, False),
        (from_roots(fmpq(1, 2)), fmpq(0), fmpq(1), False, False),
        (from_roots(1, 1), fmpq(0), fmpq(2), True, False),
        (from_roots(1, 1, 2, 2, 2), fmpq(0), fmpq(2), False, False),
        (from_roots(1, 1, 2, 2, 2), fmpq(2), None, True, False),
        (P([4, 0, -4, 0, 1]), None, None, True, False),
        (P([0, 0, 0, 1]), fmpq(-1), fmpq(1), False, False),
    ],
)
def test_signs(p: fmpq_poly, left: End, right: End, non_negative: bool, positive: bool) -> None:
    assert is_non_negative(p, left, right) is non_negative
    assert is_positive(p, left, right) is positive


def test_odd_part() -> None:
    p = 3 * from_roots(0, 1, 1, 2, 2, 2)
    assert odd_part(p) == 3 * from_roots(0, 2)
    assert odd_part(-p) == -3 * from_roots(0, 2)


def test_sign_changes() -> None:
    assert sign_changes(from_roots(0, 1, 1, 3), None, None) == [0, 3]
    assert sign_changes(from_roots(0, 1, 1, 3), fmpq(0), None) == [3]
    assert sign_changes(P([-2, 0, 1]), None, None) is None
    assert sign_changes(P([-2, 0, 1]), None, fmpq(-2)) == []
    assert rational_roots(from_roots(fmpq(1, 3), fmpq(1, 3), -5) * P([-2, 0, 1]), None, None) == [-5, fmpq(1, 3)]


fractions = st.fractions(-3, 3, max_denominator=3)
ends = st.tuples(fractions | st.none(), fractions | st.none()).filter(lambda e: None in e or e[0] < e[1])  # type: ignore[operator]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(fractions, max_size=3),
    st.lists(st.integers(-4, 4), min_size=1, max_size=4).filter(any),
    ends,
)
def test_against_sympy(roots: list[object], rest: list[int], interval: tuple[object, object]) -> None:
    p = P(rest)
    for r in roots:
        p *= P([fmpq(-r.numerator, r.denominator), 1])  # type: ignore[attr-defined]
    left, right = (None if e is None else fmpq(e.numerator, e.denominator) for e in interval)  # type: ignore[attr-defined]
    x = sympy.Symbol("x")
    poly = sympy.Poly([sympy.Rational(int(c.p), int(c.q)) for c in reversed(p.coeffs())], x)
    low = -sympy.oo if interval[0] is None else sympy.Rational(interval[0].numerator, interval[0].denominator)  # type: ignore[attr-defined]
    high = sympy.oo if interval[1] is None else sympy.Rational(interval[1].numerator, interval[1].denominator)  # type: ignore[attr-defined]
    found = [] if poly.degree() <= 0 else sympy.real_roots(poly)
    inside = sorted({r for r in found if low < r < high})
    assert roots_between(p, left, right) == len(inside)
    odd = [r for r in inside if found.count(r) % 2]
    changes = sign_changes(p, left, right)
    if all(r.is_rational for r in odd):
        assert changes == [fmpq(int(r.p), int(r.q)) for r in odd]
    else:
        assert changes is None
    middle = p(interior_point(left, right)) or p(_beside(p, interior_point(left, right), right))
    assert is_non_negative(p, left, right) == (not odd and middle > 0)
    at_ends = all(p(e) > 0 for e in (left, right) if e is not None)
    assert is_positive(p, left, right) == (not inside and middle > 0 and at_ends)


def _beside(p: fmpq_poly, point: fmpq, right: End) -> fmpq:
    while p(point) == 0:
        point = interior_point(point, right)
    return point


@pytest.mark.parametrize("p", [
    P([fmpq((i * 7919) % 1009, (i * 31) % 77 + 1) for i in range(41)]) ** 3 + fmpq(1, 10**300),
    P([fmpq(10) ** ((i * 37) % 300) for i in range(128)]),
    P([1, 1]) ** 1_200 + 1,
    P([fmpq(3) ** 9_000, fmpq(7, 3**9_000), 5, 1]) ** 5 + 1,
])  # fmt: skip
def test_bounded(p: fmpq_poly) -> None:
    start = time.process_time()
    for decide in (is_non_negative, is_positive, sign_changes):
        with contextlib.suppress(TooLarge):
            decide(p, fmpq(0), None)
    assert time.process_time() - start < 2
