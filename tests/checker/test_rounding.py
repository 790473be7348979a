"""Balls rounded to integers: the integers are within the error, nothing leaves its lane."""

from __future__ import annotations

import pytest
from flint import arb, arb_mat, fmpq
from hypothesis import given
from hypothesis import strategies as st

from verifier.checker.expression import parse, value
from verifier.checker.number import UnknownSign, precision
from verifier.checker.rounding import MAX_EXPONENT, SAMPLES, rounded

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
                    assert abs(end - n * unit) <= found.error * unit
                    assert abs(end) <= found.bound * unit
                assert abs(n) <= found.bound


def test_digits_are_kept() -> None:
    """An exact matrix loses about one unit, of which its largest entry has the digits asked for."""
    with precision(128):
        found = rounded(arb_mat([[fmpq(1, 3), fmpq(-7, 5)], [0, fmpq(1, 10**9)]]), 50)
    assert found.error == 2
    assert max(abs(v) for row in found.rows for v in row).bit_length() in (49, 50)


@pytest.mark.parametrize("digits", [16, 61, 62, 63, 64, 126, 190])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("more", ["0", "1/2**30", "-1/2**30", "1/2**60", "-1/2**60"])
def test_an_entry_that_nobody_looks_at_stays_in_its_lane(digits: int, sign: int, more: str) -> None:
    """All other entries are 3/2; this one is 2 or about 2, and the lane of 62 digits has 64 bits."""
    rows = [[fmpq(3, 2)] * 4 for _ in range(2 * SAMPLES)]
    rows[1][1] = sign * (2 + value(parse(more)))
    with precision(300):
        found = rounded(arb_mat(rows), digits)
        unit = arb((1, -found.scale))
        for row, integers in zip(rows, found.rows, strict=True):
            assert all(abs(v - n * unit) <= found.error * unit for v, n in zip(row, integers, strict=True))


def test_numbers_out_of_range_are_refused() -> None:
    for power in (MAX_EXPONENT + 1, 1 << 40):
        with pytest.raises(UnknownSign):
            rounded(arb_mat([[1, arb((1, power))]]), 56)


@pytest.mark.parametrize("word", ["nan", "inf", "-inf"])
def test_what_is_not_finite_is_refused(word: str) -> None:
    with pytest.raises(UnknownSign):
        rounded(arb_mat([[1, arb(word)]]), 56)


def test_a_matrix_of_zeros() -> None:
    assert rounded(arb_mat([[0, 0]]), 56).rows == [[0, 0]]
