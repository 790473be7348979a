"""Tables of integers of which each row is one long integer, sum_j v_j 2**(lane j): its entries side by side.

Python adds such rows, multiplies them by a number and cuts all their entries at a few nanoseconds an entry, where a
list costs fifty; and FLINT multiplies them by a matrix without seeing the entries (`contracted`).
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from flint import arb, arb_mat, fmpz_mat

from .number import precision

WORD = 64  # bits; what memoryview reads
LARGEST = (1 << WORD - 1) - 1  # that a word holds


@dataclass(frozen=True)
class Lanes:
    """Rows of `width` entries v with |v| < 2**(lane - 2), which whoever makes them has to see to; a lane is a whole
    number of words.
    """

    rows: list[int]
    width: int
    lane: int

    def bits(self) -> int:
        """A number k with |v| <= 2**k for all entries.

        Method: the highest bit in which v, in two's complement, differs from 2v. In bit 0 it may be missed, as the sign
        of the lane below is shifted into it.
        """
        if self.width == 1:
            return max(map(abs, self.rows)).bit_length()
        changes, half = 0, self._half
        for v in self.rows:
            v = v + half ^ half
            changes |= v ^ v << 1
        data = (changes & (1 << self.lane * self.width) - 1).to_bytes(self.lane * self.width // 8, "little")
        return max(_longest(data, self.lane // 8) - 1, 0)

    def cut(self, bits: int) -> Lanes:
        """v / 2**bits, rounded to the nearest integer."""
        if bits <= 0:
            return self
        bits = min(bits, self.lane - 1)
        if self.width == 1:
            up = 1 << bits - 1
            return Lanes([v + up >> bits for v in self.rows], 1, self.lane)
        ones, half = _ones(self.width, self.lane), self._half
        up, kept, offset = half + (ones << bits - 1), ones * ((1 << self.lane - bits) - 1), half >> bits
        return Lanes([(v + up >> bits & kept) - offset for v in self.rows], self.width, self.lane)

    def after(self, count: int) -> Lanes:
        """All entries of each row but the first ones."""
        bits, half = self.lane * count, self._half
        return Lanes([(v + half >> bits) - (half >> bits) for v in self.rows], self.width - count, self.lane)

    def plus(self, value: int) -> Lanes:
        """The value added to all entries."""
        more = value * _ones(self.width, self.lane)
        return Lanes([v + more for v in self.rows], self.width, self.lane)

    def entries(self) -> list[int]:
        """The entries, row by row."""
        if self.width == 1:
            return self.rows
        length, size, half = self.width * self.lane // 8, self.lane // 8, self._half
        data = b"".join([(v + half ^ half).to_bytes(length, "little") for v in self.rows])  # modulo 2**lane
        if sys.byteorder == "little" and (self.lane == WORD or self.bits() < WORD - 1):  # the lowest word tells all
            return memoryview(data).cast("q")[:: self.lane // WORD].tolist()
        return [int.from_bytes(data[k : k + size], "little", signed=True) for k in range(0, len(data), size)]

    @property
    def _half(self) -> int:
        return _ones(self.width, self.lane) << self.lane - 1


def _longest(data: bytes, size: int) -> int:
    """The bits of the largest of the numbers >= 0 of so many bytes, one after the other."""
    if sys.byteorder == "big":
        return max(int.from_bytes(data[k : k + size], "little") for k in range(0, len(data), size)).bit_length()
    words, count = memoryview(data).cast("Q"), size * 8 // WORD
    found = ((k, max(words[k::count])) for k in reversed(range(count)))  # the highest words first
    return next((WORD * k + word.bit_length() for k, word in found if word), 0)


@lru_cache(maxsize=256)
def _ones(width: int, lane: int) -> int:
    """A row of ones."""
    return ((1 << lane * width) - 1) // ((1 << lane) - 1)


def lane_for(bits: int) -> int:
    """The least lane for entries of at most 2**bits in size."""
    return (bits + 2) // WORD * WORD + WORD


def packed(entries: Sequence[int], width: int, lane: int = WORD) -> Lanes:
    """Entries, row by row, that the lanes hold."""
    size, half = width * lane // 8, _ones(width, lane) << lane - 1
    data = _words(entries, lane // WORD)
    rows = [int.from_bytes(data[k : k + size], "little") for k in range(0, len(data), size)]  # modulo 2**lane
    return Lanes([(v ^ half) - half for v in rows], width, lane)


def _words(entries: Sequence[int], count: int) -> bytes:
    """Each entry in two's complement, in `count` words."""
    if sys.byteorder == "big" or (count > 1 and max(max(entries), -min(entries)) > LARGEST):
        return b"".join([v.to_bytes(count * WORD // 8, "little", signed=True) for v in entries])
    words = array("q", bytes(8 * count * len(entries)))
    words[::count] = array("q", entries)
    signs = array("q", [-(v < 0) for v in entries]) if count > 1 else words
    for k in range(1, count):
        words[k::count] = signs
    return words.tobytes()


def packed_matrix(matrix: arb_mat, lane: int, scale: int = 0, less: int = 0) -> Lanes:
    """matrix * 2**scale - less, a matrix of integers, in lanes that hold its entries."""
    width = matrix.ncols()
    with precision(lane * (width + 1)):
        powers = arb_mat(width, 1, [arb((1, scale + lane * c)) for c in range(width)])
        found = [v.unique_fmpz() for v in (matrix * powers).entries()]
    assert None not in found  # whole numbers, and the precision covers all lanes
    offset = less * _ones(width, lane)
    return Lanes([int(v) - offset for v in found], width, lane)  # type: ignore[arg-type]


def beside(tables: Sequence[Lanes]) -> Lanes:
    """The tables side by side: equal lanes, equally many rows."""
    lane, offset = tables[0].lane, 0
    rows = [0] * len(tables[0].rows)
    for table in tables:
        rows = [v + (w << offset) for v, w in zip(rows, table.rows, strict=True)]
        offset += lane * table.width
    return Lanes(rows, offset // lane, lane)


def contracted(left: fmpz_mat, right: Lanes) -> Lanes:
    """The matrix product, in lanes that hold the sums."""
    found = (left * fmpz_mat(len(right.rows), 1, right.rows)).entries()
    return Lanes(list(map(int, found)), right.width, right.lane)
