"""Numbers go into FLINT matrices as what they are, and floats never do."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq, fmpq_mat, fmpz, fmpz_mat

from verifier.arithmetic.convert import (
    all_rational,
    ball_matrix,
    entries_of,
    float_of,
    integer_matrix,
    mantissa_exponent,
    rational_matrix,
    rational_rows,
    rationals_of,
    rows_of,
)
from verifier.checker.number import Number, sqrt

ROOT = sqrt(fmpq(2))


def test_integers_become_rationals_and_the_rest_stays() -> None:
    ball = arb(1, 0.5)
    values = entries_of([1, fmpz(2), fmpq(1, 3), ROOT, ball])
    assert values[:4] == [fmpq(1), fmpq(2), fmpq(1, 3), ROOT]
    assert values[4] is ball
    assert [type(x) for x in values] == [fmpq, fmpq, fmpq, Number, arb]


def test_arrays_of_objects_are_read_like_lists() -> None:
    assert rows_of(np.array([[1, fmpq(1, 2)], [0, 3]], dtype=object)) == [[1, fmpq(1, 2)], [0, 3]]


@pytest.mark.parametrize("value", [0.5, "1/2", None, 1j, np.float64(1.0)])
def test_floats_and_text_are_no_exact_numbers(value: Any) -> None:
    with pytest.raises(TypeError, match=f"got {type(value).__name__}"):
        entries_of([value])


def test_arrays_of_floats_are_refused() -> None:
    with pytest.raises(TypeError, match="got float"):
        rows_of(np.eye(2))


def test_ragged_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="equal lengths"):
        rows_of([[1, 2], [3]])


def test_irrational_entries_are_no_rationals() -> None:
    assert rationals_of([1, fmpq(1, 2)]) == [1, fmpq(1, 2)]
    for refused in (ROOT, arb(1)):
        with pytest.raises(TypeError, match="rational"):
            rationals_of([refused])
        with pytest.raises(TypeError, match="rational"):
            rational_rows([[1], [refused]])
    assert all_rational([[fmpq(1)], []])
    assert not all_rational([[fmpq(1)], [ROOT]])


def test_matrices_keep_their_shape_without_rows() -> None:
    for matrix in (rational_matrix([], 3), ball_matrix([], 3, 64), integer_matrix([], 3)):
        assert (matrix.nrows(), matrix.ncols()) == (0, 3)
    assert rational_matrix([[fmpq(1), fmpq(1, 2)]], 2) == fmpq_mat([[1, fmpq(1, 2)]])
    assert integer_matrix([[1, 2], [3, 4]], 2) == fmpz_mat([[1, 2], [3, 4]])


def test_balls_contain_the_entries_at_the_precision_asked_for() -> None:
    matrix = ball_matrix([[ROOT, fmpq(1, 3)]], 2, 300)
    assert (matrix[0, 0] ** 2).contains(2) and (3 * matrix[0, 1]).contains(1)
    assert matrix[0, 0].rel_accuracy_bits() > 280
    coarse = arb(1, 0.25)
    assert ball_matrix([[coarse]], 1, 300)[0, 0].contains(fmpq(3, 4))


@pytest.mark.parametrize("n", [0, 1, -1, 2**64 - 1, 2**64, -(2**64), 3**200, -(3**200), 2**5000 + 1])
def test_mantissa_and_exponent_are_close(n: int) -> None:
    mantissa, exponent = mantissa_exponent(fmpz(n))
    assert abs(mantissa) <= 2.0**64 and exponent >= 0
    assert abs(int(mantissa) * 2**exponent - n) * 2**50 <= abs(n)


def test_floats_of_rationals_out_of_range() -> None:
    assert float_of(fmpq(1, 3)) == 1 / 3
    assert float_of(fmpq(10) ** 400) == math.inf
    assert float_of(-(fmpq(10) ** 400)) == -math.inf
    assert float_of(1 / fmpq(10) ** 400) == 0.0
    assert float_of((fmpq(10) ** 400 + 1) / fmpq(10) ** 400) == 1.0
