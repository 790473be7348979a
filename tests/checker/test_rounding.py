"""Balls rounded to integers: the integers are within the error, nothing leaves its lane."""

from __future__ import annotations

import pytest
from flint import arb, arb_mat, fmpq
from hypothesis import given
from hypothesis import strategies as st

from verifier.checker.number import UnknownSign, precision
from verifier.checker.rounding import rounded

ENTRY = st.builds(lambda n, e: fmpq(n) * fmpq(2) ** e, st.integers(-(10**6), 10**6), st.integers(-200, 60))
RADIUS = st.integers(-300, -60).map(lambda e: arb((1, e)))


@given(
    st.integers(1, 5).flatmap(lambda w: st.lists(st.lists(ENTRY, min_size=w, max_size=w), min_size=1, max_size=5)),
    RADIUS,
    st.sampled_from((16, 56, 61, 62, 63, 64, 100, 200)),
)
def test_integers_are_within_the_error(rows: list[list[fmpq]], radius: arb, digits: int) -> None:
    with precision(300):
        balls = [[arb(v) + radius.union(-radius) for v in row] for row in rows]
        found = rounded(arb_mat(balls), digits)
        unit = arb((1, -found.scale))
        for row, integers in zip(balls, found.rows, strict=True):
            for ball, n in zip(row, integers, strict=True):
                for end in (ball.lower(), ball.upper()):
                    assert abs(end - n * unit) <= found.error * unit * fmpq(1_000_001, 1_000_000)
                    assert abs(end) <= found.bound * unit * fmpq(1_000_001, 1_000_000)
                assert abs(n) <= found.bound


def test_digits_are_kept() -> None:
    """An exact matrix loses at most one unit, of which its largest entry has the digits asked for."""
    with precision(128):
        found = rounded(arb_mat([[fmpq(1, 3), fmpq(-7, 5)], [0, fmpq(1, 10**9)]]), 50)
    assert found.error == 1
    assert max(abs(v) for row in found.rows for v in row).bit_length() in (49, 50)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_what_is_not_finite_is_refused(value: str) -> None:
    with pytest.raises(UnknownSign):
        rounded(arb_mat([[1, arb(value)]]), 56)


def test_a_matrix_of_zeros() -> None:
    assert rounded(arb_mat([[0, 0]]), 56).rows == [[0, 0]]
