"""Separators and Gordan weights: both answers verified here, and decided a second time by another program."""

from __future__ import annotations

from math import gcd
from typing import Any

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.arithmetic.strategies import Matrix, matrices
from verifier.arithmetic import separation
from verifier.arithmetic.lp import DIRECT_SIZE, Feasible, feasible
from verifier.arithmetic.separation import Gordan, Separator, separator
from verifier.checker.number import sqrt

ZERO, ONE = fmpq(0), fmpq(1)


def holds(rows: Matrix, answer: Separator | Gordan) -> bool:
    """The definition, by plain sums; Gordan weights are primitive integers."""
    if isinstance(answer, Separator):
        return all(sum((x * v for x, v in zip(row, answer.v, strict=True)), ZERO) > 0 for row in rows)
    if any(t < 0 or t.q != 1 for t in answer.t) or gcd(*(int(t) for t in answer.t)) != 1:
        return False
    columns = zip(*rows, strict=True)
    return all(sum((t * x for t, x in zip(answer.t, column, strict=True)), ZERO) == 0 for column in columns)


def separable(rows: Matrix) -> bool:
    """The primal question as one program: rows.v - s = 0, v free, s >= 1."""
    n, d = len(rows), len(rows[0])
    system = [[*row, *(-fmpq(int(i == k)) for k in range(n))] for i, row in enumerate(rows)]
    answer = feasible(system, [ZERO] * n, [None] * d + [ONE] * n, [None] * (d + n))
    return isinstance(answer, Feasible)


@settings(max_examples=120, deadline=None)
@given(matrices(st.integers(1, 6), st.integers(1, 4)))
def test_two_programs_agree(rows: Matrix) -> None:
    answer = separator(rows)
    assert holds(rows, answer)
    assert isinstance(answer, Separator) == separable(rows)


@settings(max_examples=60, deadline=None)
@given(matrices(st.integers(1, 6), st.integers(1, 4)), st.lists(st.integers(1, 9), min_size=6, max_size=6))
def test_positive_multiples_of_the_rows_do_not_matter(rows: Matrix, factors: list[int]) -> None:
    scaled = [[x * fmpq(f, 7) for x in row] for row, f in zip(rows, factors, strict=False)]
    answer = separator(scaled)
    assert holds(scaled, answer)
    assert isinstance(answer, Separator) == isinstance(separator(rows), Separator)


@pytest.mark.parametrize("separated", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_large_data(seed: int, separated: bool) -> None:
    """Above the size from which on HiGHS proposes."""
    draw = np.random.default_rng(seed)
    hidden = draw.integers(-4, 5, 20)
    rows = [[fmpq(int(x)) for x in row] for row in draw.integers(-5, 6, (200, 20)) if row @ hidden > 5]
    if not separated:
        rows.append([-sum((row[k] for row in rows[:21]), ZERO) for k in range(20)])
    while len(rows) * 20 <= DIRECT_SIZE:
        rows += rows
    answer = separator(rows)
    assert isinstance(answer, Separator) == separated
    assert holds(rows, answer)


def test_large_data_when_the_floats_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[fmpq(1), fmpq(i, 1000)] for i in range(-900, 900)]
    for found in (None, (np.array([-1.0, 0.0]), np.ones(len(rows))), (np.zeros(2), np.zeros(len(rows)))):
        monkeypatch.setattr(separation, "_largest_margin", lambda _, found=found: found)
        answer = separator(rows)
        assert isinstance(answer, Separator) and holds(rows, answer)


def test_separator_of_a_cone_thinner_than_floats_can_see() -> None:
    narrow = fmpq(1, 10**30)
    rows = [[ONE, ZERO], [-ONE, narrow]]
    answer = separator(rows)
    assert isinstance(answer, Separator) and holds(rows, answer)
    closed = [*rows, [ZERO, -ONE]]
    assert separator(closed) == Gordan((fmpq(10**30), fmpq(10**30), ONE))


def test_short_separators_are_preferred() -> None:
    assert separator([[1, 2], [2, 1], [3, 3]]) == Separator((ONE, ONE))
    assert separator([[1000, -999], [999, -998], [998, -997]]) == Separator((ONE, -ONE))


def test_xor_is_not_separable() -> None:
    """Labels times (1, x, y): the four points of XOR."""
    rows = [[-1, 0, 0], [-1, -1, -1], [1, 1, 0], [1, 0, 1]]
    assert separator(rows) == Gordan((ONE, ONE, ONE, ONE))


@pytest.mark.parametrize("rows", [[[]], [[], []], [[0, 0]], [[1, 0], [0, 0]]])
def test_row_of_nothing_cannot_be_positive(rows: Any) -> None:
    answer = separator(rows)
    assert isinstance(answer, Gordan) and holds([[fmpq(x) for x in row] for row in rows], answer)


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        separator([])
    with pytest.raises(ValueError, match="equal lengths"):
        separator([[1], [1, 2]])
    with pytest.raises(TypeError, match="rational"):
        separator([[sqrt(fmpq(2))]])
