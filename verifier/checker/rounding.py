"""Matrices of balls rounded to integers with one error bound for all entries: products of integers are much faster."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from flint import arb, arb_mat, fmpz

from .number import UnknownSign, precision

MAX_EXPONENT = 1 << 14
SAMPLES = 16  # rows and columns that say how large all entries are, roughly
LANE = 64  # bits; what memoryview can read
SLACK = 12  # bits; less than a radius has, and than the lowest precision


@dataclass(frozen=True)
class Rounded:
    """A matrix M with |M[r][c] * 2**scale - rows[r][c]| <= error, and both at most `bound` in size, for all entries."""

    rows: list[list[int]]
    scale: int
    error: int
    bound: int


def rounded(matrix: arb_mat, digits: int) -> Rounded:
    """The matrix in units of which its largest entry has about `digits` bits; raises UnknownSign if not finite.

    Method: an exponent m with all entries below 2**m in size (by containment); an offset added at low precision rounds
    the balls' middles to multiples of the unit; each row is packed into one long integer, its entries side by side in
    lanes that they cannot overflow.
    """
    height, width = matrix.nrows(), matrix.ncols()
    m = _exponent(matrix)
    scale = digits - m
    lane = -(-(digits + 2) // LANE) * LANE
    offset = filled(height, width, arb((3, m)))
    with precision(digits + 2):  # a sum between 2**(m + 1) and 2**(m + 2) becomes a multiple of 2**-scale
        sums = matrix + offset
        shifted = sums.mid()
        difference = sums - shifted
        error = 2  # what rounding alone takes, and a little more
        while not _within(difference, error, -scale):
            error *= 2
    with precision(lane * (width + 1)):
        lanes = arb_mat(width, 1, [arb((1, scale + lane * c)) for c in range(width)])
        packed = [v.unique_fmpz() for v in (shifted * lanes).entries()]
    rows = [_unpacked(v, width, lane, 3 << digits) for v in packed]
    return Rounded(rows, scale, error, (1 << digits) + error)


def _exponent(matrix: arb_mat) -> int:
    """A small m with all entries within (-2**m, 2**m)."""
    height, width = matrix.nrows(), matrix.ncols()
    guess = arb(0)
    for r in range(0, height, 1 + height // SAMPLES):
        for c in range(0, width, 1 + width // SAMPLES):
            v = abs(matrix[r, c]).upper()
            guess = guess.max(v) if v.is_finite() else guess
    mantissa, exponent = guess.man_exp()
    m = max(int(mantissa).bit_length() + int(exponent), -MAX_EXPONENT)
    while m <= MAX_EXPONENT:
        if _within(matrix, 1, m):
            return m
        m += 1 + abs(m) // 4
    raise UnknownSign("a number is too large or not finite")


def _within(matrix: arb_mat, size: int, exponent: int) -> bool:
    """Whether all entries are seen to be less than size * 2**exponent in size: to be in a ball that is smaller by more
    than its radius is rounded up.
    """
    radius = arb((size * ((1 << SLACK) - 1), exponent - SLACK))
    return bool(filled(matrix.nrows(), matrix.ncols(), symmetric(radius)).contains(matrix))


def filled(height: int, width: int, value: arb) -> arb_mat:
    """All entries equal, without a Python loop over them."""
    return arb_mat(height, 1, [arb(1)] * height) * arb_mat(1, width, [value] * width)


def symmetric(size: arb) -> arb:
    """The ball [-size, size]."""
    return size.union(-size)


def _unpacked(packed: fmpz | None, width: int, lane: int, offset: int) -> list[int]:
    assert packed is not None  # a whole number: entries are multiples of the unit, the precision covers all lanes
    count = lane // 8
    data = int(packed).to_bytes(count * width, "little")
    if lane == LANE and sys.byteorder == "little":
        lanes: Iterable[int] = memoryview(data).cast("Q")
    else:
        lanes = (int.from_bytes(data[k : k + count], "little") for k in range(0, count * width, count))
    return [v - offset for v in lanes]
