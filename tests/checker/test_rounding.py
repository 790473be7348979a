"""Balls rounded to integers: whatever is done to them, they are within the error, and nothing leaves its lane."""

from __future__ import annotations

import pytest
from flint import arb, arb_mat, fmpq, fmpq_mat
from hypothesis import given
from hypothesis import strategies as st

from verifier.checker.number import UnknownSign, precision
from verifier.checker.rounding import (
    FINE,
    MAX_EXPONENT,
    Integers,
    Rounded,
    column,
    increased,
    joined,
    nearest,
    product,
    rounded,
)

ENTRY = st.builds(lambda n, e: fmpq(n) * fmpq(2) ** e, st.integers(-(10**6), 10**6), st.integers(-200, 60))
RADIUS = st.integers(-300, -60).map(lambda e: fmpq(2) ** e)
LANE = st.sampled_from((64, 128, 192))
Table = list[list[fmpq]]


def tables(height: int, width: int) -> st.SearchStrategy[Table]:
    return st.lists(st.lists(ENTRY, min_size=width, max_size=width), min_size=height, max_size=height)


def balls(table: Table, radius: fmpq) -> arb_mat:
    with precision(400):
        return arb_mat([[arb(v - radius).union(arb(v + radius)) for v in row] for row in table])


def holds(found: Rounded, table: Table) -> bool:
    """All numbers are within the error, the integers within their bounds."""
    entries = [v for row in table for v in row]
    unit = fmpq(2) ** -found.scale
    error = found.error * unit / 2**FINE
    near = all(abs(v - n * unit) <= error for v, n in zip(entries, found.entries, strict=True))
    small = all(abs(n) <= 1 << found.bits for n in found.entries)
    return near and small and all(abs(v) <= found.bound * unit for v in entries)


@given(st.integers(1, 5).flatmap(lambda w: tables(4, w)), RADIUS, LANE, st.integers(1, 80))
def test_integers_are_within_the_error(table: Table, radius: fmpq, lane: int, digits: int) -> None:
    with precision(300):
        found = rounded(balls(table, radius), lane)
    for change in (-radius, fmpq(0), radius):
        moved = [[v + change for v in row] for row in table]
        assert holds(found, moved)
        assert holds(found.cut(digits), moved)
    assert all(abs(v) <= 1 << digits for v in found.cut(digits).entries)


@given(tables(3, 2), RADIUS, LANE, st.integers(-9, 9), st.integers(-9, 9), st.integers(-70, 70))
def test_affine_maps(table: Table, radius: fmpq, lane: int, factor: int, constant: int, size: int) -> None:
    """Also of numbers so small or large that the constant is lost, or the only thing left."""
    table = [[v * fmpq(2) ** size for v in row] for row in table]
    radius *= fmpq(2) ** size
    with precision(300):
        found = rounded(balls(table, radius), lane).affine(factor, constant)
    for change in (-radius, fmpq(0), radius):
        assert holds(found, [[factor * (v + change) + constant for v in row] for row in table])
    assert max(map(abs, found.entries)) < 1 << lane - 2


@given(tables(3, 2), tables(3, 2), RADIUS, LANE, LANE, st.integers(1, 190), st.integers(1, 61))
def test_products_entry_by_entry(
    x: Table, y: Table, radius: fmpq, lane: int, other: int, digits: int, most: int
) -> None:
    with precision(300):
        left, right = rounded(balls(x, radius), lane), rounded(balls(y, radius), other).cut(digits)
    found = left.times(right, most)
    for one, two in ((0, 0), (1, 1), (-1, 1), (1, -1)):
        exact = [
            [(v + one * radius) * (w + two * radius) for v, w in zip(*rows, strict=True)]
            for rows in zip(x, y, strict=True)
        ]
        assert holds(found, exact)
    assert max(map(abs, found.entries)) <= 1 << most


@given(tables(3, 2), tables(3, 2), RADIUS, LANE, st.integers(-70, 70), st.integers(1, 190))
def test_sums(x: Table, y: Table, radius: fmpq, lane: int, size: int, digits: int) -> None:
    y = [[v * fmpq(2) ** size for v in row] for row in y]
    with precision(300):
        left, right = rounded(balls(x, radius), lane), rounded(balls(y, radius), lane).cut(digits)
    found = left.plus(right)
    for one, two in ((0, 0), (1, 1), (-1, 1), (1, -1)):
        exact = [
            [v + one * radius + w + two * radius for v, w in zip(*rows, strict=True)] for rows in zip(x, y, strict=True)
        ]
        assert holds(found, exact)
    assert max(map(abs, found.entries)) < 1 << lane - 2


@given(tables(3, 2), LANE, st.integers(1, 60))
def test_wider_lanes(table: Table, lane: int, digits: int) -> None:
    with precision(300):
        found = rounded(balls(table, fmpq(0)), 64).cut(digits)
    wide = found.widened(lane)
    assert wide.lanes.lane == lane
    assert (wide.entries, wide.scale, wide.error, wide.bits) == (found.entries, found.scale, found.error, found.bits)


@given(tables(4, 3), tables(4, 1), tables(4, 2), RADIUS)
def test_what_is_computed_is_within_the_error(table: Table, factors: Table, left: Table, radius: fmpq) -> None:
    with precision(300):
        x, c, y = (rounded(balls(t, radius), 64).cut(25) for t in (table, factors, left))
    for sign in (-1, 0, 1):
        a, b, d = ([[v + sign * radius for v in row] for row in t] for t in (table, factors, left))
        weighted = [[f[0] * v for v in row] for f, row in zip(b, a, strict=True)]
        assert holds(x.scaled(c), weighted)
        assert holds(product(y, x), (fmpq_mat(d).transpose() * fmpq_mat(a)).tolist())
        assert holds(x.after(1), [row[1:] for row in a])
        assert holds(x.column(2), [row[2:] for row in a])
        assert holds(x.turned(), [list(column) for column in zip(*a, strict=True)])
        units = [fmpq(2) ** t.scale for t in (x, y)]
        assert holds(
            joined([x, y]), [[units[0] * v for v in r] + [units[1] * v for v in s] for r, s in zip(a, d, strict=True)]
        )


def test_digits_are_kept() -> None:
    """An exact matrix loses about a unit for each column, of which its largest entry has nearly all bits of a lane."""
    with precision(128):
        found = rounded(arb_mat([[fmpq(1, 3), fmpq(-7, 5)], [0, fmpq(1, 10**9)]]), 64)
    assert found.error <= 3 << FINE
    assert 60 <= found.bits <= 61
    assert found.cut(25).error <= (1 << FINE - 1) + 2
    with precision(128):
        one, minus_two = column([arb(1), arb(-2)], 64, 10).entries
    assert minus_two == -2 * one and 512 <= 2 * one <= 1024


def test_affine_maps_and_products_keep_digits() -> None:
    with precision(128):
        found = rounded(arb_mat([[fmpq(1, 3), fmpq(-2, 3)]]), 64)
    for moved in (found.affine(-2, 1), found.affine(1, 0), found.times(found, 60)):
        assert moved.bits >= 57
        assert moved.error <= 12 << FINE


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("more", [fmpq(0), fmpq(1, 2**30), fmpq(-1, 2**30), fmpq(1, 2**60)])
def test_an_entry_that_is_larger_than_all_others_stays_in_its_lane(sign: int, more: fmpq) -> None:
    rows = [[fmpq(1, 10**9)] * 4 for _ in range(32)]
    rows[1][1] = sign * (2 + more)
    with precision(300):
        assert holds(rounded(arb_mat(rows), 64), rows)


def test_numbers_out_of_range_are_refused() -> None:
    for power in (MAX_EXPONENT + 1, 1 << 40):
        with pytest.raises(UnknownSign):
            rounded(arb_mat([[1, arb((1, power))]]), 64)


@pytest.mark.parametrize("word", ["nan", "inf", "-inf"])
def test_what_is_not_finite_is_refused(word: str) -> None:
    with pytest.raises(UnknownSign):
        rounded(arb_mat([[1, arb(word)]]), 64)
    with pytest.raises(UnknownSign):
        nearest([arb(1), arb(word)], 20)


def test_a_matrix_of_zeros() -> None:
    found = rounded(arb_mat([[0, 0]]), 64)
    assert found.entries == [0, 0] and found.scale == 61


@given(tables(2, 2), st.dictionaries(st.sampled_from([(0, 0), (0, 1), (1, 1)]), ENTRY), st.integers(-80, 80))
def test_entries_are_added(table: Table, more: dict[tuple[int, int], fmpq], scale: int) -> None:
    """To a matrix whose entries are one unit away from the integers, below the diagonal too."""
    rows = [[int(v.floor()) if abs(v) < 2**70 else 0 for v in row] for row in table]
    unit = fmpq(2) ** -scale
    with precision(300):
        found = increased(Integers([list(r) for r in rows], scale, 1, []), {k: arb(v) for k, v in more.items()}, 20)
    for r in range(2):
        for c in range(2):
            for error in (-1, 1):
                exact = (rows[r][c] + error) * unit + more.get((min(r, c), max(r, c)), fmpq(0))
                assert abs(exact * fmpq(2) ** found.scale - found.rows[r][c]) <= found.error
