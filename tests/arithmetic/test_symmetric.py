"""Reading symmetric matrices, and the images and enclosures that the search for witnesses works with."""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb, fmpq, fmpq_mat, fmpz, fmpz_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.arithmetic.strategies import Matrix, matrices
from verifier.arithmetic.symmetric import LEVELS, Rational, enclosures, float_image, rational, read
from verifier.checker.number import Scalar, sqrt

SQUARE = matrices(st.shared(st.integers(1, 4), key="n"), st.shared(st.integers(1, 4), key="n"))


def symmetrised(matrix: Matrix) -> Matrix:
    return [
        [(x + y) / 2 for x, y in zip(row, column, strict=True)]
        for row, column in zip(matrix, zip(*matrix, strict=True), strict=True)
    ]


@pytest.mark.parametrize("rows", [[[1, 2]], [[1], [2]], [[1, 2], [2, 1], [0, 0]]])
def test_not_square(rows: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="not square"):
        read(rows)


def test_not_symmetric() -> None:
    with pytest.raises(ValueError, match=r"entries \[1\]\[0\] and \[0\]\[1\] differ"):
        read([[1, 2], [3, 1]])
    with pytest.raises(ValueError, match=r"entries \[2\]\[1\] and \[1\]\[2\] differ"):
        read([[1, 0, 0], [0, 1, sqrt(fmpq(2))], [0, sqrt(fmpq(3)), 1]])
    with pytest.raises(ValueError, match="differ"):
        read([[1, arb(0, 0.25)], [arb(1, 0.25), 1]])


def test_balls_that_overlap_may_stand_in_mirrored_places_and_the_lower_one_counts() -> None:
    lower = arb(1, 0.25)
    rows = read([[1, arb(1.25, 0.25)], [lower, 1]])
    assert rows[0][1] is lower and rows[1][0] is lower


@settings(max_examples=40)
@given(SQUARE)
def test_common_denominator(matrix: Matrix) -> None:
    found = rational(read(symmetrised(matrix)))
    assert found is not None
    assert fmpq_mat(found.numerators) / found.denominator == fmpq_mat(symmetrised(matrix))


def test_irrational_matrix_has_no_denominator() -> None:
    assert rational(read([[sqrt(fmpq(2))]])) is None
    assert rational(read([[arb(1)]])) is None


def test_enclosures_of_irrational_entries_grow_in_precision() -> None:
    matrix: list[list[Scalar]] = [[sqrt(fmpq(2)), fmpq(1, 3)], [fmpq(1, 3), fmpq(10**30)]]
    found = list(enclosures(read(matrix)))
    assert len(found) == len(LEVELS)
    for level, enclosure in zip(LEVELS, found, strict=True):
        assert (enclosure.balls[0, 0] ** 2).contains(2) and (3 * enclosure.balls[1, 0]).contains(1)
        assert enclosure.balls[0, 0].rel_accuracy_bits() > level - 10


def test_enclosure_of_a_ball_comes_once() -> None:
    (enclosure,) = enclosures(read([[arb(3, 0.5)]]))
    assert enclosure.balls[0, 0].contains(arb(3, 0.5))
    assert list(enclosures(read([[arb("nan")]]))) == []


def test_centre_is_the_equilibrated_midpoint() -> None:
    matrix = [[4**30, 2**29], [2**29, 3]]
    (enclosure,) = enclosures(read([[arb(x) for x in row] for row in matrix]))
    scaled = fmpq_mat(enclosure.centre.numerators) / enclosure.centre.denominator
    for i in range(2):
        assert fmpq(1, 4) <= scaled[i, i] <= 4
        for j in range(2):
            power = enclosure.shifts[i] + enclosure.shifts[j]
            assert scaled[i, j] == matrix[i][j] * fmpq(2) ** power


@settings(max_examples=40)
@given(SQUARE, st.lists(st.integers(-300, 300), min_size=4, max_size=4))
def test_float_image_is_close_to_the_scaled_matrix(matrix: Matrix, powers: list[int]) -> None:
    """Rows and columns of very different sizes are brought to a diagonal of about 1."""
    wild = [
        [x * fmpq(2) ** (powers[i] + powers[j]) for j, x in enumerate(row)] for i, row in enumerate(symmetrised(matrix))
    ]
    read_again = rational(read(wild))
    assert read_again is not None
    image, k = float_image(read_again)
    for i in range(len(wild)):
        assert wild[i][i] == 0 or 1 / 8 <= abs(image[i, i]) <= 8
        for j in range(len(wild)):
            exact = wild[i][j] * fmpq(2) ** int(k[i] + k[j])
            assert abs(float(exact) - image[i, j]) <= 1e-15 * abs(float(exact))


def test_float_image_of_numbers_beyond_the_range_of_floats() -> None:
    big = 3 * fmpz(10) ** 500
    image, k = float_image(Rational(fmpz_mat([[big, 0], [0, 1]]), fmpz(10) ** 700))
    assert np.isfinite(image).all()
    exact = fmpq(big) / fmpq(10) ** 700 * fmpq(2) ** int(2 * k[0])
    assert abs(float(exact) - image[0, 0]) < 1e-14
