"""Finding short witnesses of positive definiteness (format and lemma: witness.py)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from flint import fmpz_mat
from numpy.typing import NDArray

from verifier.arithmetic.convert import Rows
from verifier.arithmetic.linear import modular_rank
from verifier.arithmetic.stages import Floats, Stage, inverse_factor, stages
from verifier.arithmetic.symmetric import Rational, enclosures, float_image, rational, read
from verifier.arithmetic.witness import Witness, from_dyadics, verify_balls, verify_rational
from verifier.checker.number import Undecided

MAX_BITS = 44
SAFE_NORM = 0.9


def definite_witness(matrix: Rows) -> Witness | None:
    """A verified witness that the symmetric matrix (exact numbers or balls) is positive definite, or None.

    None proves nothing. For balls the witness holds for every symmetric matrix inside them. Raises ValueError
    when the matrix is not square or not symmetric.
    """
    rows = read(matrix)
    exact = rational(rows)
    if exact is not None:
        return next((w for w in _candidates(exact) if verify_rational(w, exact.numerators, exact.denominator)), None)
    try:
        for enclosure in enclosures(rows):
            for witness in _candidates(enclosure.centre):
                moved = _moved(witness, enclosure.shifts)
                if moved is not None and verify_balls(moved, enclosure.balls, enclosure.bits):
                    return moved
    except Undecided:
        return None
    return None


def _candidates(matrix: Rational) -> Iterator[Witness]:
    """Witnesses worth verifying, the shortest first."""
    if any(matrix.numerators[i, i] <= 0 for i in range(matrix.size)):
        return
    if matrix.size == 0:
        yield Witness((), ())
        return
    first = True
    for stage in stages(matrix):
        inverse = inverse_factor(stage.image)
        if inverse is not None and _norm(stage.image, inverse) < SAFE_NORM / 2:
            if stage.x is None:
                yield from _rounded(stage, inverse)
            else:
                yield from _rounded_product(stage, inverse, matrix)
        if first and modular_rank(matrix.numerators) < matrix.size:
            return  # almost surely singular: no witness exists
        first = False


def _norm(image: Floats, x: Floats) -> float:
    """The row-sum norm of I - X image X^T, in floats."""
    return float(np.abs(np.eye(len(image)) - x @ image @ x.T).sum(axis=1).max())


def _rounded(stage: Stage, inverse: Floats) -> Iterator[Witness]:
    """X = Z diag(2**k) with Z rounded to b bits after the point, b growing."""
    size = len(inverse)
    for bits in range(MAX_BITS):
        integers = np.rint(np.ldexp(inverse, bits))
        if _norm(stage.image, np.ldexp(integers, -bits)) >= SAFE_NORM:
            continue
        rows = [[int(v) for v in integers[r, : r + 1]] for r in range(size)]
        powers = (stage.k - bits).tolist()
        witness = from_dyadics(rows, [powers[: r + 1] for r in range(size)])
        if witness is not None:
            yield witness


def _rounded_product(stage: Stage, inverse: Floats, matrix: Rational) -> Iterator[Witness]:
    """The same for X = Z diag(2**k) X_stage, computed in integers and rounded in units of 2**(k0 - b) per column,

    where 2**k0 equilibrates the given matrix.
    """
    assert stage.x is not None
    size = len(inverse)
    low = int(stage.k.min()) - 60
    left = fmpz_mat(size, size, [int(v) for v in _fixed_point(inverse, stage.k - low).ravel()])
    product = [[int(v) for v in row] for row in (left * stage.x).tolist()]  # X = product * 2**low
    _, units = float_image(matrix)
    start = max(size.bit_length() - 1, 2)
    for bits in (start, start + 2, start + 5, start + 10, start + 20, start + 40):
        powers = (units - bits).tolist()
        rows = [
            [_round_shift(x, e - low) for x, e in zip(row[: r + 1], powers, strict=False)]
            for r, row in enumerate(product)
        ]
        witness = from_dyadics(rows, [powers[: r + 1] for r in range(size)])
        if witness is not None:
            yield witness


def _fixed_point(inverse: Floats, powers: NDArray[np.int64]) -> NDArray[np.object_]:
    """The integers nearest to inverse[r, c] * 2**powers[c], as Python integers."""
    mantissas, exponents = np.frexp(inverse)
    integers = np.ldexp(mantissas, 53).astype(np.int64).astype(object)
    shifts = exponents.astype(np.int64) - 53 + powers[None, :]
    shifted = [_round_shift(int(m), -int(s)) for m, s in zip(integers.ravel(), shifts.ravel(), strict=True)]
    return np.array(shifted, dtype=object).reshape(inverse.shape)


def _round_shift(x: int, shift: int) -> int:
    """x / 2**shift rounded to an integer."""
    return x << -shift if shift <= 0 else (x + (1 << (shift - 1))) >> shift


def _moved(witness: Witness, shifts: tuple[int, ...]) -> Witness | None:
    """X diag(2**shifts): from the equilibrated matrix back to the original one."""
    powers = [[e + s for s in shifts[: len(row)]] for row, e in zip(witness.rows, witness.exponents, strict=True)]
    return from_dyadics(witness.rows, powers)
