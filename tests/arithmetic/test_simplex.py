"""The bounded simplex where it is hardest: cycling, degenerate and redundant problems, and any starting guess."""

from __future__ import annotations

import pytest
from flint import fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.arithmetic.simplex import simplex

ZERO = fmpq(0)
Q = fmpq


def standard(inequalities: list[list[fmpq]], cost: list[fmpq], right: list[fmpq]) -> tuple[fmpq, int]:
    """The least c.x over A x <= b, x >= 0 by slack variables: (value, number of variables with slacks)."""
    m, n = len(inequalities), len(cost)
    rows = [row + [fmpq(int(i == k)) for k in range(m)] for i, row in enumerate(inequalities)]
    size = n + m
    costs = cost + [ZERO] * m
    outcome = simplex(fmpq_mat(rows), right, [ZERO] * size, [None] * size, costs)
    assert outcome.status == "optimal"
    return sum((c * x for c, x in zip(costs, outcome.x, strict=True)), ZERO), size


def test_beale() -> None:
    """Beale (1955): cycles for ever under the rule of the largest coefficient alone."""
    rows = [[Q(1, 4), Q(-60), Q(-1, 25), Q(9)], [Q(1, 2), Q(-90), Q(-1, 50), Q(3)], [ZERO, ZERO, Q(1), ZERO]]
    assert standard(rows, [Q(-3, 4), Q(150), Q(-1, 50), Q(6)], [ZERO, ZERO, Q(1)])[0] == Q(-1, 20)


def test_chvatal() -> None:
    """Chvatal, Linear Programming (1983), page 31."""
    rows = [
        [Q(1, 2), Q(-11, 2), Q(-5, 2), Q(9)],
        [Q(1, 2), Q(-3, 2), Q(-1, 2), Q(1)],
        [Q(1), ZERO, ZERO, ZERO],
    ]
    assert standard(rows, [Q(-10), Q(57), Q(9), Q(24)], [ZERO, ZERO, Q(1)])[0] == -1


def test_kuhn() -> None:
    """Kuhn's example, made bounded by a last row."""
    rows = [
        [Q(-2), Q(-9), Q(1), Q(9)],
        [Q(1, 3), Q(1), Q(-1, 3), Q(-2)],
        [Q(2), Q(3), Q(-1), Q(-12)],
    ]
    assert standard(rows, [Q(-2), Q(-3), Q(1), Q(12)], [ZERO, ZERO, Q(2)])[0] == -2


def test_klee_minty() -> None:
    n = 6
    rows = [[fmpq(2 ** (i - j + 1)) if j < i else fmpq(int(i == j)) for j in range(n)] for i in range(n)]
    value, _ = standard(rows, [-fmpq(2 ** (n - 1 - j)) for j in range(n)], [fmpq(5 ** (i + 1)) for i in range(n)])
    assert value == -(5**n)


def test_fully_degenerate_assignment() -> None:
    """Every vertex of an assignment problem is degenerate, and one of its rows is redundant."""
    cost = [[4, 1, 3], [2, 0, 5], [3, 2, 2]]
    rows = [[fmpq(int(k // 3 == i)) for k in range(9)] for i in range(3)]
    rows += [[fmpq(int(k % 3 == j)) for k in range(9)] for j in range(3)]
    costs = [fmpq(c) for row in cost for c in row]
    outcome = simplex(fmpq_mat(rows), [Q(1)] * 6, [ZERO] * 9, [Q(1)] * 9, costs)
    assert outcome.status == "optimal"
    assert sum((c * x for c, x in zip(costs, outcome.x, strict=True)), ZERO) == 5  # 1 + 2 + 2


def test_inconsistent_rows_give_multipliers() -> None:
    matrix = fmpq_mat([[1, 1], [2, 2]])
    outcome = simplex(matrix, [Q(1), Q(3)], [None, None], [None, None], [ZERO, ZERO])
    assert outcome.status == "infeasible"
    assert (fmpq_mat(1, 2, list(outcome.y)) * matrix).entries() == [0, 0]
    assert outcome.y[0] * 1 + outcome.y[1] * 3 == 1


def test_no_rows_and_no_columns() -> None:
    outcome = simplex(fmpq_mat(0, 2), [], [Q(1), None], [Q(2), Q(5)], [Q(1), Q(-1)])
    assert (outcome.status, outcome.x, outcome.y) == ("optimal", (Q(1), Q(5)), ())
    assert simplex(fmpq_mat(0, 1), [], [None], [Q(5)], [Q(1)]).status == "unbounded"
    assert simplex(fmpq_mat(1, 0), [Q(1)], [], [], []).status == "infeasible"
    assert simplex(fmpq_mat(1, 0), [ZERO], [], [], []).status == "optimal"


@settings(max_examples=30)
@given(st.lists(st.floats(-10, 10), min_size=4, max_size=4))
def test_guess_changes_nothing_but_the_start(guess: list[float]) -> None:
    matrix = fmpq_mat([[1, 1, 1, 0], [1, -1, 0, 1]])
    outcome = simplex(matrix, [Q(4), Q(2)], [ZERO] * 4, [None, Q(2), None, Q(7)], [Q(-3), Q(-2), ZERO, ZERO], guess)
    assert (outcome.status, outcome.x) == ("optimal", (Q(3), Q(1), ZERO, ZERO))


@pytest.mark.parametrize("bound", [fmpq(10) ** 400, fmpq(10) ** 400 + fmpq(1, 3)])
def test_bounds_beyond_the_range_of_floats(bound: fmpq) -> None:
    outcome = simplex(fmpq_mat([[1, 1]]), [bound], [ZERO, ZERO], [bound, bound], [Q(1), Q(2)], [1.0, 0.0])
    assert (outcome.status, outcome.x) == ("optimal", (bound, ZERO))
