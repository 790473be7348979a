"""Witnesses are found for definite matrices, however close to singular, and never for others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.arithmetic.strategies import RATIONALS, Matrix, matrix_of
from verifier.arithmetic.convert import ball_matrix, rational_matrix
from verifier.arithmetic.definite import definite_witness
from verifier.arithmetic.symmetric import rational, read
from verifier.arithmetic.witness import verify_balls, verify_rational
from verifier.checker.definite import require_definite
from verifier.checker.number import PI, Scalar, exp, log, sqrt

TINY = fmpq(1, 10**30)


def gram(rows: Matrix) -> Matrix:
    """A A^T for the rows of A."""
    return [[sum((x * y for x, y in zip(p, q, strict=True)), fmpq(0)) for q in rows] for p in rows]


def shifted(matrix: Matrix, by: fmpq) -> Matrix:
    return [[x + by if i == j else x for j, x in enumerate(row)] for i, row in enumerate(matrix)]


def proved(matrix: Any) -> bool:
    """Whether there is a witness; it is verified here once more, also by the checker."""
    witness = definite_witness(matrix)
    if witness is None:
        return False
    rows = read(matrix)
    exact = rational(rows)
    if exact is None:
        balls = ball_matrix(rows, len(rows), 4_096)
        assert verify_balls(witness, balls, 4_096)
        require_definite(balls, witness.document(), 4_096, "")
    else:
        assert verify_rational(witness, exact.numerators, exact.denominator)
        require_definite(rational_matrix(rows, len(rows)), witness.document(), 0, "")
    return True


def definite(matrix: Matrix) -> bool:
    """Sylvester's criterion."""
    corners = ([row[: k + 1] for row in matrix[: k + 1]] for k in range(len(matrix)))
    return all(fmpq_mat(corner).det() > 0 for corner in corners)


SIZES = st.integers(1, 4)


@settings(max_examples=80, deadline=None)
@given(SIZES.flatmap(lambda n: matrix_of(n, n)), st.sampled_from([fmpq(0), fmpq(1), fmpq(-1), fmpq(3), TINY]))
def test_exactly_the_definite_matrices_have_witnesses(a: Matrix, shift: fmpq) -> None:
    symmetric = [[x + a[j][i] for j, x in enumerate(row)] for i, row in enumerate(a)]
    for matrix in (shifted(symmetric, shift), shifted(gram(a), shift)):
        assert proved(matrix) == definite(matrix)


@settings(max_examples=40, deadline=None)
@given(SIZES.flatmap(lambda n: matrix_of(n + 1, n)))
def test_singular_matrices_are_one_shift_from_either_side(rows: Matrix) -> None:
    """A A^T with more rows than columns is singular; 10**-30 more is definite, 10**-30 less is not."""
    matrix = gram(rows)
    assert definite_witness(matrix) is None
    assert proved(shifted(matrix, TINY))
    assert definite_witness(shifted(matrix, -TINY)) is None


@pytest.mark.parametrize("n", [1, 5, 12, 20])
def test_hilbert_matrices(n: int) -> None:
    assert proved([[fmpq(1, i + j + 1) for j in range(n)] for i in range(n)])


def test_hilbert_matrix_made_singular_or_indefinite_by_a_hair() -> None:
    n = 8
    matrix = [[fmpq(1, i + j + 1) for j in range(n)] for i in range(n)]
    corner = fmpq_mat([row[:-1] for row in matrix[:-1]]).det()
    critical = fmpq_mat(matrix).det() / corner  # H - critical * e_n e_n^T is singular
    for amount, answer in ((critical - TINY, True), (critical, False), (critical + TINY, False)):
        moved = [row[:] for row in matrix]
        moved[-1][-1] -= amount
        assert proved(moved) is answer


def test_scales_from_one_end_of_the_floats_to_beyond_the_other() -> None:
    powers = [-2000, -300, 0, 300, 2000]
    base = [[fmpq(5) if i == j else fmpq(1) for j in range(5)] for i in range(5)]
    wild = [[x * fmpq(2) ** (powers[i] + powers[j]) for j, x in enumerate(row)] for i, row in enumerate(base)]
    assert proved(wild)
    wild[0][0] /= 100
    assert definite_witness(wild) is None


@pytest.mark.parametrize("power", [30_000, 40_000, -30_000, -40_000])
def test_witness_that_the_checker_would_not_read_is_not_given(power: int) -> None:
    """Exponents are bounded there by 2**14: a matrix of size 4**(2**14) is the end."""
    assert proved([[fmpq(2) ** power]]) is (abs(power) < 2**15)


def test_larger_matrix() -> None:
    rows = [[fmpq(int(x)) for x in row] for row in np.random.default_rng(0).integers(-9, 10, (40, 40))]
    matrix = gram(rows)
    assert fmpq_mat(rows).det() != 0
    assert proved(matrix)
    assert definite_witness(gram([*rows[:-1], rows[0]])) is None


def test_witnesses_are_short() -> None:
    witness = definite_witness([[2, 1], [1, 2]])
    assert witness is not None
    assert max(abs(x) for row in witness.rows for x in row) <= 2


def test_small_cases() -> None:
    assert proved([]) and proved([[fmpq(1, 7)]])
    assert not proved([[0]]) and not proved([[-1]])
    assert not proved([[0, 0], [0, 1]]) and not proved([[1, 1], [1, 1]]) and not proved([[1, 2], [2, 1]])


def test_bad_shapes() -> None:
    with pytest.raises(ValueError, match="not square"):
        definite_witness([[1, 2]])
    with pytest.raises(ValueError, match="not symmetric"):
        definite_witness([[1, 2], [3, 10]])
    with pytest.raises(TypeError, match="float"):
        definite_witness([[1.0]])  # type: ignore[list-item]


# -- irrational entries and balls --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("matrix", "answer"),
    [
        ([[sqrt(fmpq(2)), 1], [1, 1]], True),
        ([[sqrt(fmpq(2)), sqrt(fmpq(2))], [sqrt(fmpq(2)), sqrt(fmpq(2))]], False),
        ([[PI, exp(fmpq(1))], [exp(fmpq(1)), fmpq(5, 2)]], True),
        ([[PI, exp(fmpq(1))], [exp(fmpq(1)), fmpq(7, 3)]], False),
        ([[sqrt(fmpq(2)), sqrt(fmpq(6))], [sqrt(fmpq(6)), 3 * sqrt(fmpq(2))]], False),  # singular
        ([[sqrt(fmpq(2)), sqrt(fmpq(6))], [sqrt(fmpq(6)), 3 * sqrt(fmpq(2)) + TINY]], True),
        ([[sqrt(fmpq(2)), sqrt(fmpq(6))], [sqrt(fmpq(6)), 3 * sqrt(fmpq(2)) - TINY]], False),
        ([[log(fmpq(2)), 0], [0, log(fmpq(2)) - fmpq(69314718055994530, 10**17)]], True),
        ([[log(fmpq(2)), 0], [0, log(fmpq(2)) - fmpq(69314718055994531, 10**17)]], False),
        ([[exp(fmpq(-400)), 0], [0, exp(fmpq(400))]], True),
        ([[0, PI], [PI, 0]], False),
    ],
)
def test_irrational_entries(matrix: list[list[Scalar]], answer: bool) -> None:
    assert proved(matrix) is answer


def test_balls_are_proved_only_when_all_in_them_is_definite() -> None:
    def matrix(radius: float) -> list[list[Scalar]]:
        return [[arb(2, radius), arb(1, radius)], [arb(1, radius), arb(2, radius)]]

    assert proved(matrix(0.0)) and proved(matrix(2.0**-10)) and proved(matrix(0.125))
    assert not proved(matrix(0.5))  # contains the singular [[1.5, 1.5], [1.5, 1.5]]
    assert not proved(matrix(4.0))


def test_a_single_uncertain_entry() -> None:
    assert proved([[1, 0], [0, arb(1, 0.875)]])
    assert not proved([[1, 0], [0, arb(1, 1.125)]])
    assert not proved([[1, 0], [0, arb("nan")]])
    assert not proved([[1, 0], [0, arb(1, 1e400)]])


@settings(max_examples=30, deadline=None)
@given(SIZES.flatmap(lambda n: matrix_of(n, n, RATIONALS)))
def test_points_held_as_balls_are_like_rationals(a: Matrix) -> None:
    """Dyadic entries lose nothing in a ball."""
    dyadic = [[fmpq(round(float(x) * 64), 64) for x in row] for row in a]
    matrix = shifted(gram(dyadic), fmpq(1, 2**20))
    balls = [[arb(x.p) / x.q for x in row] for row in matrix]
    assert proved(balls)
