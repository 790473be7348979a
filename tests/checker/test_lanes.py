"""Tables in long integers: every operation does to each entry what it says."""

from __future__ import annotations

import pytest
from flint import arb_mat, fmpz_mat
from hypothesis import given
from hypothesis import strategies as st

from verifier.checker.lanes import Lanes, beside, contracted, packed, packed_matrix

Table = list[list[int]]


def entry(lane: int) -> st.SearchStrategy[int]:
    """Of all sizes that a lane holds, and its ends."""
    ends = [sign * (1 << k) + more for k in (0, 1, 8, 31, 32, lane - 3) for sign in (-1, 1) for more in (-1, 0, 1)]
    largest = (1 << lane - 2) - 1
    return st.sampled_from([*ends, largest, -largest, 0]) | st.integers(-largest, largest) | st.integers(-9, 9)


def tables(lane: int) -> st.SearchStrategy[Table]:
    return st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(entry(lane), min_size=width, max_size=width), min_size=1, max_size=4)
    )


def lanes(table: Table, lane: int) -> Lanes:
    return Lanes([sum(v << lane * k for k, v in enumerate(row)) for row in table], len(table[0]), lane)


def flat(table: Table) -> list[int]:
    return [v for row in table for v in row]


@pytest.mark.parametrize("lane", [64, 128, 192])
@given(data=st.data())
def test_entries(lane: int, data: st.DataObject) -> None:
    table = data.draw(tables(lane))
    found = lanes(table, lane)
    assert found.entries() == flat(table)
    assert packed_matrix(arb_mat(fmpz_mat(table)), lane).rows == found.rows
    less = data.draw(st.integers(-100, 100))
    assert packed_matrix(arb_mat(fmpz_mat(table)), lane, 3, less).rows == [
        sum(8 * v - less << lane * k for k, v in enumerate(row)) for row in table
    ]
    largest = max(map(abs, flat(table)))
    assert largest <= 1 << found.bits()
    assert largest <= 1 or 2 * largest >= 1 << found.bits()


@pytest.mark.parametrize("lane", [64, 128, 192])
@given(data=st.data())
def test_cuts(lane: int, data: st.DataObject) -> None:
    table = data.draw(tables(lane))
    found = lanes(table, lane)
    for bits in (0, 1, 5, 40, lane - 3, lane - 1, lane, 5 * lane):
        near = found.cut(bits).entries()
        assert all(2 * abs((v << bits) - w) <= 1 << bits for v, w in zip(near, flat(table), strict=True))
    assert found.cut(2).plus(-7).entries() == [v - 7 for v in found.cut(2).entries()]
    for count in range(len(table[0])):
        assert found.after(count).entries() == flat([row[count:] for row in table])


@given(tables(64), st.data())
def test_tables_side_by_side_and_products(table: Table, data: st.DataObject) -> None:
    found = lanes(table, 64)
    assert beside([found, found]).entries() == flat([row + row for row in table])
    small = st.lists(st.integers(-50, 50), min_size=len(table), max_size=len(table))
    left = data.draw(st.lists(small, min_size=1, max_size=3))
    right = [[v >> 12 for v in row] for row in table]
    exact = (fmpz_mat(left) * fmpz_mat(right)).entries()
    assert contracted(fmpz_mat(left), lanes(right, 64)).entries() == list(map(int, exact))


@pytest.mark.parametrize("lane", [64, 128, 192])
@given(data=st.data())
def test_packed(lane: int, data: st.DataObject) -> None:
    """Whether all entries fit into a word or not."""
    table = data.draw(tables(lane) | tables(64))
    assert packed(flat(table), len(table[0]), lane) == lanes(table, lane)
