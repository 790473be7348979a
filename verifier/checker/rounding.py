"""Matrices of balls rounded to integers with one error bound for all entries: integers are much faster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import add, mul

from flint import arb, arb_mat, fmpz_mat

from .lanes import Lanes, beside, contracted, packed, packed_matrix
from .number import UnknownSign, precision

MAX_EXPONENT = 1 << 14
FINE = 8  # bits behind the point of an error
DOUBTFUL = 2  # bits before it
SPARE = 8  # bits that a result has more than the factors


@dataclass(frozen=True)
class Integers:
    """A symmetric matrix M with |M[r][c] - rows[r][c] * 2**-scale| <= error * 2**-scale + sizes[r] * sizes[c]."""

    rows: list[list[int]]
    scale: int
    error: int
    sizes: Sequence[arb]


@dataclass(frozen=True)
class Rounded:
    """A matrix M with |M[r][c] * 2**scale - v| <= error * 2**-FINE for each entry v of the lanes, |v| <= 2**bits."""

    lanes: Lanes
    scale: int
    error: int
    bits: int

    @cached_property
    def entries(self) -> list[int]:
        """All entries, row by row."""
        return self.lanes.entries()

    @property
    def rows(self) -> list[list[int]]:
        """The entries of each row."""
        width = self.lanes.width
        return [self.entries[k : k + width] for k in range(0, len(self.entries), width)]

    @cached_property
    def transposed(self) -> fmpz_mat:
        """The entries, transposed, one by one."""
        return fmpz_mat(len(self.lanes.rows), self.lanes.width, self.entries).transpose()

    @property
    def bound(self) -> int:
        """Of the sizes of M[r][c] * 2**scale and of the entries."""
        return (1 << self.bits) + (self.error >> FINE) + 1

    def cut(self, digits: int) -> Rounded:
        """Entries of at most `digits` bits, and nearly none that the error makes meaningless."""
        return self._without(max(self.bits - digits, self.error.bit_length() - FINE - DOUBTFUL))

    def _without(self, bits: int) -> Rounded:
        """The last bits rounded away."""
        if bits <= 0:
            return self
        error = (self.error >> bits) + 1 + (1 << FINE - 1)
        return Rounded(self.lanes.cut(bits), self.scale - bits, error, max(self.bits - bits, 0))

    def affine(self, factor: int, constant: int) -> Rounded:
        """factor M + constant."""
        room = self.lanes.lane - 3 - max(abs(factor), abs(constant)).bit_length()
        few = self._without(max(self.bits, self.scale) - room)
        rows = [factor * row for row in few.lanes.rows]
        moved = Lanes(rows, few.lanes.width, few.lanes.lane).plus(constant << few.scale if few.scale >= 0 else 0)
        lost = 0 if few.scale >= 0 else abs(constant) << FINE
        return _measured(moved, few.scale, abs(factor) * few.error + lost)

    def plus(self, other: Rounded) -> Rounded:
        """The sum, in the larger of both units and with a bit to spare."""
        room, scale = self.lanes.lane - 4, min(self.scale, other.scale)
        least = min(scale, *(table.scale - table.bits + room for table in (self, other)))
        x, y = (table._without(table.scale - least) for table in (self, other))
        rows = list(map(add, x.lanes.rows, y.lanes.rows))
        return _measured(Lanes(rows, x.lanes.width, x.lanes.lane), least, x.error + y.error)

    def times(self, other: Rounded, digits: int) -> Rounded:
        """The products of entries, of at most so many bits, which the lanes have to hold."""
        bits = max(self.bits + other.bits - digits, 0)
        products = map(mul, self.entries, other.entries)
        entries = [v >> bits for v in products] if bits else list(products)
        error = ((self.error << other.bits) + self.bound * other.error >> bits) + 1 + (1 << FINE)
        return _measured(packed(entries, self.lanes.width, self.lanes.lane), self.scale + other.scale - bits, error)

    def turned(self) -> Rounded:
        """The transpose."""
        width = self.lanes.width
        entries = [v for k in range(width) for v in self.entries[k::width]]
        return replace(self, lanes=packed(entries, len(self.lanes.rows), self.lanes.lane))

    def widened(self, lane: int) -> Rounded:
        """In lanes of more bits."""
        return self if lane == self.lanes.lane else replace(self, lanes=packed(self.entries, self.lanes.width, lane))

    def scaled(self, factors: Rounded) -> Rounded:
        """Row i times factors[i], a column: the products have to fit into the lanes."""
        rows = list(map(mul, factors.lanes.rows, self.lanes.rows))
        error = (self.error << factors.bits) + self.bound * factors.error
        return _measured(Lanes(rows, self.lanes.width, self.lanes.lane), self.scale + factors.scale, error)

    def after(self, count: int) -> Rounded:
        """Without the first columns."""
        return replace(self, lanes=self.lanes.after(count)) if count else self

    def column(self, k: int) -> Rounded:
        """One column."""
        return _measured(Lanes(self.entries[k :: self.lanes.width], 1, self.lanes.lane), self.scale, self.error)


def rounded(matrix: arb_mat, lane: int) -> Rounded:
    """The matrix in lanes of `lane` bits, with as many digits as there is room for; raises UnknownSign if it is not
    finite.

    Method. The balls [-1, 1] M[r][c] have radii of at least |M[r][c]|, so those of their sums bound these from above,
    with 2**e say. Adding 3 * 2**e at a precision of lane - 1 bits makes the balls' middles multiples of a unit of
    which |M[r][c]| is at most 2**(lane - 3); and the radii of the sums of what is left bound how far they moved.
    """
    height, width = matrix.nrows(), matrix.ncols()
    ones = arb_mat(width, 1, [1] * width)
    size = largest((matrix * (ones * symmetric(arb(1)))).entries())
    exponent = _exponent(size) if size > 0 else 0
    scale = lane - 3 - exponent
    offset = arb_mat(height, 1, [1] * height) * arb_mat(1, width, [arb((3, exponent))] * width)
    with precision(lane - 1):
        sums = matrix + offset
    radius = largest(v.rad() for v in (sums * ones).entries())
    error = _whole((radius * arb((1, scale + FINE))).upper().ceil())
    return _measured(packed_matrix(sums.mid(), lane, scale, 3 << lane - 3), scale, error)


def _measured(lanes: Lanes, scale: int, error: int) -> Rounded:
    return Rounded(lanes, scale, error, lanes.bits())


def column(values: Sequence[arb], lane: int, digits: int) -> Rounded:
    """Numbers one below the other, of so many digits."""
    return rounded(arb_mat(len(values), 1, list(values)), lane).cut(digits)


def joined(tables: Sequence[Rounded]) -> Rounded:
    """The tables side by side, each in its own unit: as if their scales were 0."""
    lanes = beside([table.lanes for table in tables])
    return Rounded(lanes, 0, max(table.error for table in tables), max(table.bits for table in tables))


def product(left: Rounded, right: Rounded) -> Rounded:
    """left^T right: the sums have to fit into the lanes of `right`."""
    error = len(left.lanes.rows) * ((right.error << left.bits) + right.bound * left.error)
    return _measured(contracted(left.transposed, right.lanes), left.scale + right.scale, error)


def nearest(values: Sequence[arb], digits: int) -> tuple[list[int], int, int]:
    """(v, scale, error): integers v with |value * 2**scale - v| <= error, of which the largest has `digits` bits."""
    scale, found, error = digits - _exponent(largest(values)), [], 0
    for value in values:
        scaled = value * arb((1, scale))
        low, high = _whole(scaled.lower().floor()), _whole(scaled.upper().ceil())
        found.append(low)
        error = max(error, high - low)
    return found, scale, error


def increased(matrix: Integers, more: Mapping[tuple[int, int], arb], digits: int) -> Integers:
    """The sum of a matrix and further entries, those below the diagonal not told, of which the largest keeps about
    `digits` bits.
    """
    entries, place, away = nearest(list(more.values()), digits)
    scale = min(matrix.scale, place)
    cut, shift = matrix.scale - scale, place - scale
    rows = [[v >> cut for v in row] for row in matrix.rows]
    for (r, c), v in zip(more, entries, strict=True):
        rows[r][c] += v >> shift
        if r != c:
            rows[c][r] += v >> shift
    return Integers(rows, scale, (matrix.error >> cut) + (away >> shift) + 4, matrix.sizes)


def symmetric(size: arb) -> arb:
    """The ball [-size, size]."""
    return size.union(-size)


def largest(values: Iterable[arb]) -> arb:
    """An upper bound of the sizes; raises UnknownSign if one is not finite."""
    sizes = [v.abs_upper() for v in values]
    if not all(v.is_finite() for v in sizes):
        raise UnknownSign("a number is too large or not finite")
    return max(sizes, default=arb(0))  # exact numbers, so one of two is larger or they are equal


def _exponent(size: arb) -> int:
    """A number e with size < 2**e, the least there is for 0."""
    mantissa, exponent = size.upper().man_exp()
    found = int(mantissa).bit_length() + int(exponent) if mantissa else -MAX_EXPONENT
    if found > MAX_EXPONENT:
        raise UnknownSign("a number is too large or not finite")
    return max(found, -MAX_EXPONENT)


def _whole(value: arb) -> int:
    """A whole number, which is exact."""
    found = value.unique_fmpz()
    assert found is not None
    return int(found)
