"""Upper bounds in integers: matrices of numbers >= 0 of which only the size matters, not the last digit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle
from operator import add, mul

from flint import arb, arb_mat, fmpz_mat

from .lanes import WORD, Lanes, contracted, packed
from .number import UnknownSign
from .rounding import FINE, MAX_EXPONENT, rounded

DIGITS = 15  # bits kept of the largest entry
LONG = 61  # bits from which entries are cut
NARROW = 2  # columns: products by rows


@dataclass(frozen=True)
class Upper:
    """Row by row `width` entries each: entry * 2**-scale is an upper bound. One row stands for any number of equals."""

    entries: list[int]
    width: int
    scale: int

    def __add__(self, other: Upper) -> Upper:
        if self.scale != other.scale:
            x, y = (self, other) if self.scale > other.scale else (other, self)
            return x._shifted(x.scale - y.scale) + y
        short, long = sorted((self.entries, other.entries), key=len)
        entries = list(map(add, long, short if len(short) == len(long) else cycle(short)))
        return Upper(entries, self.width, self.scale)._cut()

    def times(self, other: Upper) -> Upper:
        """Entry by entry."""
        short, long = sorted((self.entries, other.entries), key=len)
        entries = list(map(mul, long, short if len(short) == len(long) else cycle(short)))
        return Upper(entries, self.width, self.scale + other.scale)._cut()

    def __matmul__(self, other: Upper) -> Upper:
        """The matrix product."""
        if other.height == 1:  # equal rows: the sums of our rows do
            sums = self.entries if self.width == 1 else list(map(sum, self._rows()))
            entries = [v * w for v in sums for w in other.entries]
        elif other.width <= NARROW:
            columns = [other.entries[k :: other.width] for k in range(other.width)]
            entries = [sum(map(mul, row, column)) for row in self._rows() for column in columns]
        else:
            return self._fast_product(other)
        return Upper(entries, other.width, self.scale + other.scale)._cut()

    def _fast_product(self, other: Upper) -> Upper:
        """In lanes of one word, with fewer digits of this matrix, then of the other, until they suffice."""
        room = LONG - self.width.bit_length()
        x = self._cut_to(max(room - other._bits, DIGITS))
        lanes, excess = other._lanes, max(other._bits + x._bits - room, 0)
        if excess:
            lanes = lanes.cut(excess).plus(1)  # what is cut to the nearest is raised
        found = contracted(fmpz_mat(x.height, x.width, x.entries), lanes)
        cut = max(found.bits() - DIGITS, 0) if x.height > x.width else 0  # few sums of many entries keep all
        entries = (found.cut(cut).plus(1) if cut else found).entries()
        return Upper(entries, other.width, x.scale + other.scale - excess - cut)

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
        return Upper([v for row in self._rows() for v in row[:count]], count, self.scale)

    def with_column(self, value: int) -> Upper:
        """One more column, of equal entries."""
        scale, entries = max(self.scale, 0), []
        for row in Upper(self.units(scale), self.width, scale)._rows():
            entries += [*row, value << scale]
        return Upper(entries, self.width + 1, scale)._cut()

    def largest(self) -> Upper:
        """The largest entry."""
        return Upper([max(self.entries)], 1, self.scale)

    def units(self, scale: int) -> list[int]:
        """The entries in multiples of 2**-scale, rounded up."""
        shift = scale - self.scale
        if shift == 0:
            return self.entries
        return [v << shift for v in self.entries] if shift >= 0 else self._shifted(-shift).entries

    def numbers(self) -> list[arb]:
        """The bounds as exact numbers."""
        unit = arb((1, -self.scale))
        return [v * unit for v in self.entries]

    def _rows(self) -> Iterator[list[int]]:
        return (self.entries[k : k + self.width] for k in range(0, len(self.entries), self.width))

    @property
    def height(self) -> int:
        return len(self.entries) // self.width

    @cached_property
    def _bits(self) -> int:
        return max(self.entries, default=0).bit_length()

    @cached_property
    def _lanes(self) -> Lanes:
        return packed(self.entries, self.width)

    def _shifted(self, bits: int) -> Upper:
        return Upper([-(-v >> bits) for v in self.entries], self.width, self.scale - bits)

    def _cut(self) -> Upper:
        """Few digits, if there are more than a word holds."""
        return self._cut_to(DIGITS) if self._bits > LONG else self

    def _cut_to(self, digits: int) -> Upper:
        """At most so many digits."""
        bits = self._bits - digits
        if bits <= 0:
            return self
        found = self._shifted(bits)
        return found if found._bits <= digits else found._shifted(1)


def upper(values: Sequence[arb], width: int, digits: int = DIGITS) -> Upper:
    """Upper bounds of |values|, of which the largest has so many bits; raises UnknownSign where one is not finite."""
    largest = arb(0)
    sizes = [abs(v).upper() for v in values]
    for v in sizes:
        largest = largest.max(v)
    mantissa, exponent = (int(v) for v in finite(largest).man_exp())
    scale = digits - mantissa.bit_length() - exponent
    if abs(scale) > 4 * MAX_EXPONENT:
        raise UnknownSign("a number is out of range")
    return Upper([ceiling(v, scale) for v in sizes], width, scale)


def upper_matrix(matrix: arb_mat) -> Upper:
    """Upper bounds of the sizes; raises UnknownSign where one is not finite."""
    places = rounded(matrix, WORD).cut(DIGITS)
    more = (places.error >> FINE) + 1
    entries = [abs(v) + more for v in places.entries]
    return Upper(entries, matrix.ncols(), places.scale)


def table(values: Sequence[int], width: int, scale: int) -> Upper:
    """Bounds in units of 2**-scale, row by row."""
    return Upper(list(values), width, scale)._cut_to(DIGITS)


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
