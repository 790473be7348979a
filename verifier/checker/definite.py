"""Positive definiteness from a witness, in exact integers or in balls.

Lemma. H symmetric (P x P), X real P x P, M = X H X^T. If every row of I - M has absolute sum < 1, then H is positive
definite. Proof: I - M is symmetric, so its eigenvalues are at most that norm in size; the eigenvalues of M lie in
(0, 2), M is positive definite, hence X is invertible and H = X^-1 M X^-T is positive definite.

A witness is a lower-triangular X: row r holds X[r, 0..r] = rows[r] * 2**exponents[r] (integers).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from operator import add, mul
from typing import Any

from flint import arb, arb_mat, fmpq_mat, fmpz, fmpz_mat

from .errors import Rejected, require
from .lanes import Lanes, contracted, lane_for, packed
from .number import precision
from .rounding import Integers
from .upper import upper

MAX_EXPONENT = 1 << 14
MAX_ENTRY_BITS = 1 << 15
MAX_ALIGNED_BITS = 1 << 12  # of entries with one exponent for all, each of which gets as many bits as the longest
KEPT = 60  # bits of the largest entry of X H X^T
DIGITS = 40  # bits that tell a size well enough
Matrix = fmpq_mat | arb_mat


def require_definite(matrix: Matrix, witness: Any, bits: int, where: str) -> None:
    """The lemma applies to the symmetric matrix (to every symmetric matrix in the balls); raises Rejected."""
    x, e = _read(witness, matrix.nrows(), where)
    holds = _rational(x, e, matrix) if isinstance(matrix, fmpq_mat) else _balls(x, e, matrix, bits)
    require(holds, where, "the witness does not show that the matrix is positive definite")


def congruence(witness: Any, size: int, where: str) -> tuple[arb_mat, list[arb]]:
    """X as balls at the current precision, and the column sums of |X| (upper bounds); raises Rejected."""
    integers, e = _read(witness, size, where)
    scale = arb((1, e))
    x = arb_mat(integers) * scale
    sums = [arb(0)] * size
    for row in x.tolist():
        sums = [total + abs(value) for total, value in zip(sums, row, strict=True)]
    return x, [total.upper() for total in sums]


@dataclass(frozen=True)
class Witness:
    """X = rows * 2**exponent, lower-triangular: row r has r + 1 entries."""

    rows: list[list[int]]
    exponent: int

    @cached_property
    def _matrix(self) -> fmpz_mat:
        size = len(self.rows)
        return fmpz_mat(size, size, [v for row in self.rows for v in (*row, *[0] * (size - len(row)))])

    @cached_property
    def _sizes(self) -> list[list[int]]:
        return [list(map(abs, row)) for row in self.rows]

    @cached_property
    def lengths(self) -> list[arb]:
        """w = |X|^T 1."""
        sums: list[int] = []
        for row in self._sizes:
            sums = [*map(add, sums, row), row[-1]]
        return [arb((v, self.exponent)) for v in sums]

    def applied(self, vector: Sequence[arb]) -> list[arb]:
        """X vector."""
        column = arb_mat(self._matrix) * arb_mat(len(vector), 1, list(vector))
        return (column * arb((1, self.exponent))).entries()

    def applied_sizes(self, vector: Sequence[arb]) -> list[arb]:
        """Upper bounds of |X| vector, for numbers >= 0."""
        bounds = upper(vector, 1, DIGITS)
        return [arb((sum(map(mul, row, bounds.entries)), self.exponent - bounds.scale)) for row in self._sizes]

    def deviation(self, h: Integers) -> tuple[arb, arb]:
        """Upper bounds of the row-sum norms of I - X H X^T and of X H.

        I - X H X^T is symmetric, so the second product is X (X H)^T; of its entries what a word holds is kept.
        """
        size, unit = len(self.rows), arb((1, -h.scale))
        half = self._times(list(chain.from_iterable(h.rows)))
        entries = half.entries()
        square = self._times([v for k in range(size) for v in entries[k::size]])
        cut = max(square.bits() - KEPT, 0)
        power = arb((1, self.exponent)) * unit
        scale = power * arb((1, self.exponent + cut))
        lengths, along = sum(self.lengths, arb(0)), sum(map(mul, h.sizes, self.lengths), arb(0))
        deviation, norm, everything = arb(0), arb(0), sum(h.sizes, arb(0))
        rows = zip(_rows_of(square.cut(cut)), _rows_of(half), self._sizes, self.applied_sizes(h.sizes), strict=True)
        for r, (of_square, of_half, row, across) in enumerate(rows):
            own, error = of_square[r], h.error * power * sum(row)
            others = sum(map(abs, of_square)) - abs(own) + (size if cut else 0)
            deviation = deviation.max(abs(own * scale - 1) + others * scale + error * lengths + across * along)
            norm = norm.max(sum(map(abs, of_half)) * power + error * size + across * everything)
        return deviation.upper(), norm.upper()

    def _times(self, entries: list[int]) -> Lanes:
        """X times a matrix of its size, without the exponent."""
        size, largest = len(self.rows), max(map(max, self._sizes))
        bits = max(max(entries), -min(entries)).bit_length() + largest.bit_length() + size.bit_length()
        return contracted(self._matrix, packed(entries, size, lane_for(bits)))


def _rows_of(table: Lanes) -> Iterator[list[int]]:
    entries = table.entries()
    return (entries[k : k + table.width] for k in range(0, len(entries), table.width))


def read_witness(witness: Any, size: int, where: str) -> Witness:
    """X; raises Rejected."""
    rows, exponents = _rows(witness, size, where)
    low = min(exponents)
    lengths = [max(max(row), -min(row)).bit_length() for row in rows]
    longest = max(length + power - low for length, power in zip(lengths, exponents, strict=True))
    require(longest <= MAX_ALIGNED_BITS, where, "the entries of the witness differ too much in size")
    if low != max(exponents):
        rows = [[v << (power - low) for v in row] for row, power in zip(rows, exponents, strict=True)]
    return Witness(rows, low)


def _rational(x: fmpz_mat, e: int, matrix: fmpq_mat) -> bool:
    numerators, denominator = matrix.numer_denom()
    product = x * numerators * x.transpose()  # = M * denominator * 2**(-2e)
    one = fmpz(denominator)
    if e < 0:
        one <<= -2 * e
    elif e > 0:
        product *= fmpz(1) << (2 * e)
    for r, row in enumerate(product.tolist()):
        row[r] -= one
        if sum(map(abs, row), fmpz(0)) >= one:
            return False
    return True


def _balls(x: fmpz_mat, e: int, matrix: arb_mat, bits: int) -> bool:
    with precision(bits):
        half = arb_mat(x)
        product = half * matrix * half.transpose()
        scale = arb((1, 2 * e))
        for r, row in enumerate(product.tolist()):
            total = arb(0)
            for c, value in enumerate(row):
                total += abs(value * scale - (1 if r == c else 0))
            if not total < 1:  # also when a ball is not finite
                return False
    return True


def _read(witness: Any, size: int, where: str) -> tuple[fmpz_mat, int]:
    """(x, e) with X = x * 2**e."""
    rows, exponents = _rows(witness, size, where)
    low = min(exponents, default=0)
    entries: list[int] = []
    for row, power in zip(rows, exponents, strict=True):
        entries += [v << (power - low) for v in row]
        entries += [0] * (size - len(row))
    return fmpz_mat(size, size, entries), low


def _rows(witness: Any, size: int, where: str) -> tuple[list[list[int]], list[int]]:
    if not isinstance(witness, dict) or set(witness) != {"rows", "exponents"}:
        raise Rejected(where, "expected a witness with rows and exponents")
    rows, exponents = witness["rows"], witness["exponents"]
    if not isinstance(rows, list) or not isinstance(exponents, list):
        raise Rejected(where, "expected lists of rows and exponents")
    require(len(rows) == len(exponents) == size, where, f"expected {size} rows and exponents")
    for r, row in enumerate(rows):
        ok = isinstance(row, list) and len(row) == r + 1 and set(map(type, row)) == {int}
        require(ok, where, f"expected row {r} of the witness to hold {r + 1} integers")
        longest = max(max(row), -min(row)).bit_length()
        require(longest <= MAX_ENTRY_BITS, where, "an entry of the witness is too long")
    for power in exponents:
        ok = type(power) is int and abs(power) <= MAX_EXPONENT
        require(ok, where, f"expected exponents within +-{MAX_EXPONENT}")
    return rows, exponents
