"""A symmetric matrix of exact numbers or balls, seen as the definiteness tests need it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from flint import arb, arb_mat, fmpz, fmpz_mat
from numpy.typing import NDArray

from verifier.arithmetic.convert import Rows, all_rational, ball_matrix, rational_matrix, rows_of
from verifier.arithmetic.floats import scaled_floats
from verifier.checker.number import Scalar, precision

LEVELS = (64, 192, 640, 2_048)  # working precisions tried for irrational entries
GUARD = 96


@dataclass(frozen=True)
class Rational:
    """H = numerators / denominator, exactly."""

    numerators: fmpz_mat
    denominator: fmpz

    @property
    def size(self) -> int:
        return int(self.numerators.nrows())


@dataclass(frozen=True)
class Enclosure:
    """Balls around the entries of H, the working precision, and an exact dyadic matrix close to the middle:

    centre[i, j] is about H[i, j] * 2**(shifts[i] + shifts[j]).
    """

    balls: arb_mat
    bits: int
    centre: Rational
    shifts: tuple[int, ...]


def read(matrix: Rows) -> list[list[Scalar]]:
    """The rows of a square symmetric matrix; raises ValueError when it is not square or visibly not symmetric.

    Balls and irrational numbers in mirrored places only have to overlap: the lower triangle is used.
    """
    rows = rows_of(matrix)
    if any(len(row) != len(rows) for row in rows):
        raise ValueError("the matrix is not square")
    for i, row in enumerate(rows):
        for j in range(i):
            if row[j] is not rows[j][i] and not _may_be_equal(row[j], rows[j][i]):
                raise ValueError(f"the matrix is not symmetric: entries [{i}][{j}] and [{j}][{i}] differ")
            rows[j][i] = row[j]
    return rows


def _may_be_equal(x: Scalar, y: Scalar) -> bool:
    if not isinstance(x, arb) and not isinstance(y, arb) and x == y:
        return True
    difference = ball_matrix([[x - y]], 1, LEVELS[0])[0, 0]
    return bool(difference.contains(0))


def rational(rows: list[list[Scalar]]) -> Rational | None:
    """The matrix over the integers with one denominator, or None when an entry is not rational."""
    if not all_rational(rows):
        return None
    numerators, denominator = rational_matrix(rows, len(rows)).numer_denom()
    return Rational(numerators, denominator)


def enclosures(rows: list[list[Scalar]]) -> Iterator[Enclosure]:
    """Enclosures of growing precision; a single one when an entry is a ball already."""
    fixed = [x for row in rows for x in row if isinstance(x, arb)]
    if fixed:
        mantissas = (int(x.mid().man_exp()[0]).bit_length() for x in fixed if x.is_finite())
        levels: tuple[int, ...] = (max(mantissas, default=0) + GUARD,)
    else:
        levels = LEVELS
    for bits in levels:
        balls = ball_matrix(rows, len(rows), bits)
        if all(x.is_finite() for x in balls.entries()):
            yield _enclosure(balls, bits)


def _enclosure(balls: arb_mat, bits: int) -> Enclosure:
    """Equilibrate the midpoints by powers of two and keep `bits` bits after the point."""
    rows = balls.tolist()
    shifts = [_shift(rows[i][i], rows[i]) for i in range(len(rows))]
    with precision(2 * bits + GUARD):
        centre = [
            _fixed_point(x.mid(), shifts[i] + shifts[j] + bits) for i, row in enumerate(rows) for j, x in enumerate(row)
        ]
    numerators = fmpz_mat(len(rows), len(rows), centre)
    return Enclosure(balls, bits + GUARD, Rational(numerators, fmpz(1) << bits), tuple(shifts))


def _shift(diagonal: arb, row: list[arb]) -> int:
    """k with diagonal * 4**k of size about 1; from the row's largest entry where the diagonal is 0."""
    sizes = [_magnitude(diagonal)] if not diagonal.mid().is_zero() else [_magnitude(x) for x in row if x.mid() != 0]
    return -(max(sizes) // 2) if sizes else 0


def _magnitude(x: arb) -> int:
    mantissa, exponent = x.mid().man_exp()
    return int(mantissa).bit_length() + int(exponent)


def _fixed_point(x: arb, shift: int) -> int:
    mantissa, exponent = (int(part) for part in x.man_exp())
    power = exponent + shift
    if power >= 0:
        return mantissa << min(power, 1 << 16)
    return (mantissa >> -power) if -power < mantissa.bit_length() + 1 else 0


def float_image(matrix: Rational) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(F, k) with F[i, j] close to H[i, j] * 2**(k[i] + k[j]) and |F[i, i]| of size about 1 (or 0)."""
    n, numerators = matrix.size, matrix.numerators
    unit = int(matrix.denominator.bit_length())
    k = np.zeros(n, dtype=np.int64)
    for i in range(n):
        bits = int(numerators[i, i].bit_length())
        if bits == 0:
            bits = max((int(numerators[i, j].bit_length()) for j in range(n)), default=0)
        k[i] = -((bits - unit) // 2) if bits else 0
    image = scaled_floats(numerators, k[:, None] + k[None, :] - unit)
    return image / (float(int(matrix.denominator) >> max(unit - 64, 0)) / 2.0 ** min(unit, 64)), k
