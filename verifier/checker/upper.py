"""Upper bounds in integers: matrices of numbers >= 0 of which only the size matters, not the last digit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle
from operator import add, mul

from flint import arb, fmpz_mat

from .number import UnknownSign
from .rounding import MAX_EXPONENT

DIGITS = 15  # bits kept of the largest entry
LONG = 62  # bits from which entries are cut


@dataclass(frozen=True)
class Upper:
    """Row by row `width` entries each: entry * 2**-scale is an upper bound. One row stands for any number of equals.
    """

    entries: list[int]
    width: int
    scale: int

    def __add__(self, other: Upper) -> Upper:
        if self.scale != other.scale:
            x, y = (self, other) if self.scale > other.scale else (other, self)
            return x._shifted(x.scale - y.scale) + y
        short, long = sorted((self.entries, other.entries), key=len)
        return Upper(list(map(add, long, short if len(short) == len(long) else cycle(short))), self.width, self.scale)

    def times(self, other: Upper) -> Upper:
        """Entry by entry."""
        short, long = sorted((self.entries, other.entries), key=len)
        entries = list(map(mul, long, short if len(short) == len(long) else cycle(short)))
        return Upper(entries, self.width, self.scale + other.scale)._cut()

    def __matmul__(self, other: Upper) -> Upper:
        """The matrix product."""
        if other.height == 1:  # equal rows: the sums of our rows do
            sums = self.entries if self.width == 1 else [sum(self._row(k)) for k in range(self.height)]
            entries = [v * w for v in sums for w in other.entries]
        else:
            entries = list(map(int, (self._matrix * other._matrix).entries()))
        return Upper(entries, other.width, self.scale + other.scale)._cut(2 * DIGITS)

    def scaled(self, factors: Upper) -> Upper:
        """Row i times factors[i], a column."""
        width, values, column = self.width, self.entries, factors.entries
        if self.height == 1:
            entries = [f * v for f in column for v in values]
        else:
            entries = [f * v for i, f in enumerate(column) for v in values[i * width : (i + 1) * width]]
        return Upper(entries, width, self.scale + factors.scale)._cut()

    def transposed(self) -> Upper:
        """The transpose."""
        return Upper([v for k in range(self.width) for v in self.entries[k :: self.width]], self.height, self.scale)

    def doubled(self) -> Upper:
        """Twice the bounds."""
        return Upper(self.entries, self.width, self.scale - 1)

    def columns(self, count: int) -> Upper:
        """The first columns."""
        rows = (self.entries[k : k + count] for k in range(0, len(self.entries), self.width))
        return Upper([v for row in rows for v in row], count, self.scale)

    def with_column(self, value: int) -> Upper:
        """One more column, of equal entries."""
        width, scale = self.width, max(self.scale, 0)
        entries = self.units(scale)
        rows = (entries[k : k + width] for k in range(0, len(entries), width))
        return Upper([v for row in rows for v in (*row, value << scale)], width + 1, scale)

    def units(self, scale: int) -> list[int]:
        """The entries in multiples of 2**-scale, rounded up."""
        shift = scale - self.scale
        return [v << shift for v in self.entries] if shift >= 0 else self._shifted(-shift).entries

    def numbers(self) -> list[arb]:
        """The bounds as exact numbers."""
        unit = arb((1, -self.scale))
        return [v * unit for v in self.entries]

    def _row(self, k: int) -> list[int]:
        return self.entries[k * self.width : (k + 1) * self.width]

    @property
    def height(self) -> int:
        return len(self.entries) // self.width

    @cached_property
    def _matrix(self) -> fmpz_mat:
        return fmpz_mat(self.height, self.width, self.entries)

    def _shifted(self, bits: int) -> Upper:
        return Upper([-(-v >> bits) for v in self.entries], self.width, self.scale - bits)

    def _cut(self, longest: int = LONG) -> Upper:
        length = max(self.entries, default=0).bit_length()
        return self._shifted(length - DIGITS) if length > longest else self


def upper(values: Sequence[arb], width: int) -> Upper:
    """Upper bounds of |values|; raises UnknownSign where one is not finite."""
    largest = arb(0)
    sizes = [abs(v).upper() for v in values]
    for v in sizes:
        largest = largest.max(v)
    mantissa, exponent = (int(v) for v in finite(largest).man_exp())
    scale = DIGITS - mantissa.bit_length() - exponent
    if abs(scale) > MAX_EXPONENT:
        raise UnknownSign("a number is out of range")
    return Upper([ceiling(v, scale) for v in sizes], width, scale)


def table(values: Sequence[int], width: int, scale: int) -> Upper:
    """Bounds in units of 2**-scale, row by row."""
    return Upper(list(values), width, scale)._cut(DIGITS)


def ceiling(value: arb, scale: int) -> int:
    """The value in multiples of 2**-scale, rounded up; raises UnknownSign if it is not finite, or has so many bits that
    an integer would not do (the exponent of a ball is a big number itself).
    """
    if not finite(value).abs_upper() < arb((1, MAX_EXPONENT)):
        raise UnknownSign("a number is too large")
    found = (value * arb((1, scale))).upper().ceil().unique_fmpz()
    assert found is not None
    return int(found)


def finite(value: arb) -> arb:
    """The value; raises UnknownSign if it is not finite."""
    if not value.is_finite():
        raise UnknownSign("a number is not finite")
    return value
