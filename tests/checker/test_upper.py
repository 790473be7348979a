"""Upper bounds in integers: every operation gives an upper bound of the result of the same operation on the numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flint import arb, fmpq, fmpq_mat
from hypothesis import given
from hypothesis import strategies as st

from verifier.checker.number import UnknownSign
from verifier.checker.upper import DIGITS, Upper, ceiling, upper
from verifier.checker.upper import table as units

NUMBER = st.builds(lambda n, e: fmpq(n) * fmpq(2) ** e, st.integers(0, 10**9), st.integers(-80, 40))
Table = list[list[fmpq]]


def table(height: int, width: int) -> st.SearchStrategy[Table]:
    return st.lists(st.lists(NUMBER, min_size=width, max_size=width), min_size=height, max_size=height)


def bounds(x: Table) -> Upper:
    return upper([arb(v) for line in x for v in line], len(x[0]))


def covers(found: Upper, exact: Table) -> bool:
    values = [v for line in exact for v in line]
    entries = found.entries * (len(exact) // found.height)
    shown = [fmpq(v) * fmpq(2) ** -found.scale for v in entries]
    return found.width == len(exact[0]) and all(a >= b for a, b in zip(shown, values, strict=True))


@given(table(3, 4), table(3, 4))
def test_entry_by_entry(x: Table, y: Table) -> None:
    pairs: list[tuple[Callable[[Upper, Upper], Upper], Callable[[fmpq, fmpq], fmpq]]] = [
        (lambda a, b: a + b, lambda a, b: a + b),
        (lambda a, b: a.times(b), lambda a, b: a * b),
    ]
    for op, exact in pairs:
        result = [[exact(a, b) for a, b in zip(r, s, strict=True)] for r, s in zip(x, y, strict=True)]
        assert covers(op(bounds(x), bounds(y)), result)
        same = [[exact(a, b) for a, b in zip(r, y[0], strict=True)] for r in x]
        assert covers(op(bounds(x), bounds(y[:1])), same)  # one row stands for all
        assert covers(op(bounds(y[:1]), bounds(x)), same)


@given(table(3, 4), table(4, 2), table(3, 1), st.integers(0, 5))
def test_products_and_shapes(x: Table, y: Table, column: Table, value: int) -> None:
    assert covers(bounds(x) @ bounds(y), (fmpq_mat(x) * fmpq_mat(y)).tolist())
    assert covers(bounds(column) @ bounds(x[:1]), (fmpq_mat(column) * fmpq_mat(x[:1])).tolist())
    assert covers(bounds(x) @ bounds(y[:1]), (fmpq_mat(x) * fmpq_mat([y[0]] * 4)).tolist())  # one row stands for all
    assert covers(bounds(x).scaled(bounds(column)), [[c[0] * v for v in r] for r, c in zip(x, column, strict=True)])
    assert covers(bounds(x[:1]).scaled(bounds(column)), [[c[0] * v for v in x[0]] for c in column])
    assert covers(bounds(x).transposed(), [list(r) for r in zip(*x, strict=True)])
    assert covers(bounds(x).doubled(), [[2 * v for v in r] for r in x])
    assert covers(bounds(x).columns(3), [r[:3] for r in x])
    assert covers(bounds(x).with_column(value), [[*r, fmpq(value)] for r in x])


@given(table(3, 4), table(4, 5), table(4, 5), table(5, 4))
def test_chains_of_operations(x: Table, y: Table, z: Table, w: Table) -> None:
    """Entries of any size, sums of three, products of products, a 1 beside tiny numbers."""
    total = [[a + b + a for a, b in zip(r, s, strict=True)] for r, s in zip(y, z, strict=True)]
    found = bounds(x) @ (bounds(y) + bounds(z) + bounds(y))
    exact = fmpq_mat(x) * fmpq_mat(total)
    assert covers(found, exact.tolist())
    squares = fmpq_mat([[v * v for v in r] for r in exact.tolist()])
    assert covers(found.times(found) @ bounds(w), (squares * fmpq_mat(w)).tolist())
    assert covers(bounds(x).with_column(1) @ bounds(w), (fmpq_mat([[*r, fmpq(1)] for r in x]) * fmpq_mat(w)).tolist())


@given(table(1, 4))
def test_bounds_are_not_much_larger(x: Table) -> None:
    found = bounds(x)
    largest = max(x[0])
    for bound, v in zip(found.numbers(), x[0], strict=True):
        assert bound - v <= fmpq(1, 2 ** (DIGITS - 2)) * largest


def test_integers_rounded_up() -> None:
    assert Upper([5, 8], 2, 3).units(1) == [2, 2]
    assert Upper([5, 8], 2, 3).units(4) == [10, 16]
    assert units([2**40 + 1, 3], 2, 60).entries == [2 ** (DIGITS - 1) + 1, 1]


def test_what_is_not_finite_is_refused() -> None:
    for value in (arb("nan"), arb("inf")):
        with pytest.raises(UnknownSign):
            upper([arb(1), value], 2)


HUGE = arb((1, 10**12))


@pytest.mark.parametrize("value", [HUGE, -HUGE, arb(0, HUGE), arb("inf"), arb("nan")])
def test_no_integer_of_a_million_digits(value: arb) -> None:
    """Exponents of balls are big numbers themselves: exp(exp(30)) is a ball like any other."""
    with pytest.raises(UnknownSign):
        ceiling(value, 60)


def test_multiples_rounded_up() -> None:
    assert [ceiling(arb(v), 2) for v in (0, 1, -1, 0.25, 0.26)] == [0, 4, -4, 1, 2]
