"""Witnesses of positive definiteness: their format and their verification.

**Lemma.** H symmetric (P x P), X real P x P, M = X H X^T. If every row of I - M has absolute sum < 1, then H is
positive definite. Proof: I - M is symmetric, so its eigenvalues are at most that norm in size; the eigenvalues of M
lie in (0, 2), M is positive definite, hence X is invertible and H = X^-1 M X^-T is positive definite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb, arb_mat, fmpz, fmpz_mat

from verifier.checker.definite import MAX_ENTRY_BITS, MAX_EXPONENT
from verifier.checker.number import precision

MAX_SPREAD = 1 << 14  # bits between the largest and the smallest part of a witness


@dataclass(frozen=True)
class Witness:
    """A lower-triangular X: row r holds X[r, 0..r] = rows[r] * 2**exponents[r] (integers)."""

    rows: tuple[tuple[int, ...], ...]
    exponents: tuple[int, ...]

    def document(self) -> dict[str, Any]:
        """{"rows": [[int, ...], ...], "exponents": [int, ...]}, ready for JSON."""
        return {"rows": [list(row) for row in self.rows], "exponents": list(self.exponents)}


def from_dyadics(rows: Sequence[Sequence[int]], exponents: Sequence[Sequence[int]]) -> Witness | None:
    """The witness with X[r, c] = rows[r][c] * 2**exponents[r][c]; None when its rows would be too long."""
    short_rows, common = [], []
    for row, powers in zip(rows, exponents, strict=True):
        sizes = [e + _trailing_zeros(x) for x, e in zip(row, powers, strict=True) if x]
        low = min(sizes, default=0)
        if any(e - low > MAX_SPREAD for x, e in zip(row, powers, strict=True) if x):
            return None
        short_rows.append(tuple(_shift(x, e - low) for x, e in zip(row, powers, strict=True)))
        common.append(low)
    return Witness(tuple(short_rows), tuple(common))


def _trailing_zeros(x: int) -> int:
    return (x & -x).bit_length() - 1


def _shift(x: int, e: int) -> int:
    return x << e if e >= 0 else x >> -e


def verify_rational(witness: Witness, numerators: fmpz_mat, denominator: fmpz) -> bool:
    """Whether the lemma applies to the symmetric H = numerators/denominator; in integers."""
    if not _fits(witness, numerators.nrows()):
        return False
    x, e = _integers(witness)  # X = x * 2**e
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


def verify_balls(witness: Witness, balls: arb_mat, bits: int) -> bool:
    """Whether the lemma applies to every symmetric H in `balls`; products in balls of `bits` bits."""
    if not _fits(witness, balls.nrows()):
        return False
    x, e = _integers(witness)
    with precision(bits):
        half = arb_mat(x)
        product = half * balls * half.transpose()
        scale = arb((1, 2 * e))
        for r, row in enumerate(product.tolist()):
            total = arb(0)
            for c, value in enumerate(row):
                total += abs(value * scale - (1 if r == c else 0))
            if not total < 1:
                return False
    return True


def _fits(witness: Witness, size: int) -> bool:
    """Whether the shape is right and the checker would read it."""
    lengths = [len(row) for row in witness.rows]
    if lengths != list(range(1, size + 1)) or len(witness.exponents) != size:
        return False
    bounded = all(abs(e) <= MAX_EXPONENT for e in witness.exponents)
    return bounded and all(x.bit_length() <= MAX_ENTRY_BITS for row in witness.rows for x in row)


def _integers(witness: Witness) -> tuple[fmpz_mat, int]:
    """(x, e) with X = x * 2**e."""
    size = len(witness.rows)
    low = min(witness.exponents, default=0)
    entries: list[int] = []
    for row, e in zip(witness.rows, witness.exponents, strict=True):
        entries += [x << (e - low) for x in row]
        entries += [0] * (size - len(row))
    return fmpz_mat(size, size, entries), low
