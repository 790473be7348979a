"""Witnesses of positive definiteness as the provers make them; what they prove, and that they do, says the checker
(`verifier/checker/definite.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb_mat, fmpq, fmpq_mat, fmpz, fmpz_mat

from verifier.checker.definite import Matrix, require_definite
from verifier.checker.errors import Rejected

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
    """Whether the checker accepts the witness for the symmetric H = numerators/denominator."""
    return _accepted(witness, fmpq_mat(numerators) * fmpq(1, denominator), 64)


def verify_balls(witness: Witness, balls: arb_mat, bits: int) -> bool:
    """Whether the checker accepts it for every symmetric H in `balls`; products in balls of `bits` bits."""
    return _accepted(witness, balls, bits)


def _accepted(witness: Witness, matrix: Matrix, bits: int) -> bool:
    try:
        require_definite(matrix, witness.document(), bits, "witness")
    except Rejected:
        return False
    return True
