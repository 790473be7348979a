"""Exact semidefiniteness with rank: H >= 0 with its kernel, or a direction of negative curvature.

**Lemma.** Let H be symmetric, F a set of coordinates, B the others, and for each f in F let n_f be a vector with
H n_f = 0, n_f[f] != 0 and n_f[g] = 0 for the other g in F. If the principal submatrix H_BB is positive definite, then
H >= 0, its kernel is the span of the n_f, and its rank is |B|. Proof: scale n_f[f] to 1. For any v put
u = v - sum_f v[f] n_f. Then u vanishes on F and v^T H v = u^T H u = u_B^T H_BB u_B >= 0, with equality only for u = 0,
that is, for v in the span. (Then H + c sum_f n_f n_f^T is positive definite for every c > 0; H_BB has shorter entries.)
Conversely every H >= 0 has such F, n_f: any B for which the columns of H are a basis of its column space.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from flint import fmpq, fmpq_mat, fmpz, fmpz_mat
from numpy.typing import NDArray

from verifier.arithmetic.convert import Rows, all_rational, float_of, rational_matrix
from verifier.arithmetic.definite import definite_witness
from verifier.arithmetic.linear import integer_nullspace
from verifier.arithmetic.rounding import primitive, short_vectors
from verifier.arithmetic.stages import stages
from verifier.arithmetic.symmetric import Rational, enclosures, rational, read
from verifier.arithmetic.witness import Witness
from verifier.checker.number import Number, Scalar, UnknownSign, ball, is_zero, sign

NEGLIGIBLE = 1e-12
SHIFT = 1e-10
MAX_ELIMINATION = 64

Vector = tuple[fmpq, ...]
Matrix = list[list[Scalar]]


@dataclass(frozen=True)
class Semidefinite:
    """H >= 0, by the lemma. kernel[i] (integer entries) is n_f for f = free[i]; `witness` (see witness.py) shows H with
    the rows and columns `free` left out positive definite. Both tuples are empty for a positive definite H.
    """

    kernel: tuple[Vector, ...]
    free: tuple[int, ...]
    witness: Witness

    @property
    def rank(self) -> int:
        """The rank of H."""
        return len(self.witness.rows)


@dataclass(frozen=True)
class Indefinite:
    """v with v^T H v < 0, short integers where possible."""

    direction: Vector


def semidefinite(matrix: Rows) -> Semidefinite | Indefinite | None:
    """Decide H >= 0 for a symmetric matrix of exact numbers (balls: for every matrix inside them).

    Every answer has been verified exactly. Over Q None is rare (only where no witness short enough is found); with
    irrational entries or balls it also stands for a kernel that is not rational or not visible. Raises ValueError when
    the matrix is not square or not symmetric.
    """
    rows = read(matrix)
    kernel = _kernel(rows)
    direction = _from_diagonal(rows) or _from_eigenvector(rows)
    if direction is not None:
        return Indefinite(direction)
    found = _answer(rows, kernel)
    if found is not None:
        return found
    direction = _by_stages(rows) or _by_elimination(rows)
    return None if direction is None else Indefinite(direction)


# -- the semidefinite answer -------------------------------------------------------------------------------------------


def _answer(rows: Matrix, kernel: Sequence[Sequence[int]]) -> Semidefinite | None:
    """The answer for a kernel (H N = 0 by identity), if what it leaves has a witness."""
    free, vectors = _solved(kernel, len(rows))
    kept = [i for i in range(len(rows)) if i not in set(free)]
    witness = definite_witness([[rows[i][j] for j in kept] for i in kept])
    if witness is None:
        return None
    return Semidefinite(tuple(_vector(v) for v in vectors), free, witness)


def _solved(kernel: Sequence[Sequence[int]], size: int) -> tuple[tuple[int, ...], Sequence[Sequence[int]]]:
    """(F, n_f) with the zeros that the lemma wants; `integer_nullspace` mostly gives them already."""
    last = tuple(max(i for i, x in enumerate(v) if x) for v in kernel)
    if all(v[f] == 0 for k, v in enumerate(kernel) for g, f in enumerate(last) if g != k):
        return last, kernel
    mirrored = fmpq_mat(len(kernel), size, [x for v in kernel for x in reversed(v)])
    reduced, found = mirrored.rref()
    rows = [list(reversed(row)) for row in reduced.tolist()[:found]]
    free = tuple(max(i for i, x in enumerate(row) if x != 0) for row in rows)
    return free, [primitive(row) for row in rows]


def _kernel(rows: Matrix) -> list[tuple[int, ...]]:
    """Independent integer vectors N with H N = 0 by identity; over Q a basis of the kernel.

    An irrational entry is a rational combination of monomials (sqrt(2), exp(1), ...): N has to be in the kernel of the
    rational matrix of each of them. A ball counts as a monomial of its own.
    """
    size = len(rows)
    if all_rational(rows):
        numerators, _ = rational_matrix(rows, size).numer_denom()
        return integer_nullspace(numerators)
    monomials: dict[object, dict[int, list[fmpq]]] = {}
    for i, row in enumerate(rows):
        for j, x in enumerate(row):
            for key, c in _terms(x, j):
                monomials.setdefault(key, {}).setdefault(i, [fmpq(0)] * size)[j] = c
    stacked = [entries for lines in monomials.values() for entries in lines.values()]
    integers = [x for entries in stacked for x in primitive(entries)]
    return integer_nullspace(fmpz_mat(len(stacked), size, integers))


def _terms(x: Scalar, column: int) -> list[tuple[object, fmpq]]:
    if is_zero(x):
        return []
    if isinstance(x, fmpq):
        return [(None, x)]
    return list(x.terms.items()) if isinstance(x, Number) else [(column, fmpq(1))]


# -- directions of negative curvature ----------------------------------------------------------------------------------


def _is_negative(rows: Matrix, v: Sequence[int]) -> bool:
    """Whether v^T H v < 0, proved."""
    support = [i for i, x in enumerate(v) if x]
    if not support:
        return False
    if all(isinstance(rows[i][j], fmpq) for i in support for j in support):
        part = rational_matrix([[rows[i][j] for j in support] for i in support], len(support))
        column = fmpq_mat(len(support), 1, [v[i] for i in support])
        return bool((column.transpose() * part * column)[0, 0] < 0)
    total: Scalar = fmpq(0)
    for i in support:
        for j in support:
            total = total + rows[i][j] * fmpq(v[i] * v[j])
    try:
        return sign(total) < 0
    except UnknownSign:
        return False


def _from_diagonal(rows: Matrix) -> Vector | None:
    """A unit vector, or for H_ii = 0 != H_ij the vector s e_i + e_j with 2 s H_ij + H_jj < 0."""
    size = len(rows)
    for i in range(size):
        if not _may_be_positive(rows[i][i]) and _is_negative(rows, _unit(size, {i: 1})):
            return _vector(_unit(size, {i: 1}))
    for i in range(size):
        if not is_zero(rows[i][i]):
            continue
        j = next((j for j in range(size) if not is_zero(rows[i][j])), None)
        if j is None:
            continue
        entry, other = _float(rows[i][j]), abs(_float(rows[j][j]))
        ratio = other / abs(entry) if entry else float("inf")
        if ratio < 2.0**60:
            v = _unit(size, {i: (-1 if entry > 0 else 1) * (int(ratio) + 1), j: 1})
            if _is_negative(rows, v):
                return _vector(v)
    return None


def _may_be_positive(x: Scalar) -> bool:
    return bool(x > 0) if isinstance(x, fmpq) else _float(x) > 0


def _unit(size: int, entries: dict[int, int]) -> list[int]:
    return [entries.get(k, 0) for k in range(size)]


def _vector(v: Sequence[int]) -> Vector:
    return tuple(fmpq(x) for x in primitive([fmpq(x) for x in v]))


def _from_eigenvector(rows: Matrix) -> Vector | None:
    """Short vectors near the lowest eigenvector in floats, scaled and not; proved afterwards."""
    floats = np.array([[_float(x) for x in row] for row in rows], dtype=np.float64).reshape(len(rows), len(rows))
    if not floats.size or not np.isfinite(floats).all() or _seems_semidefinite(floats):
        return None
    values, vectors = np.linalg.eigh(floats)
    if values[0] > -NEGLIGIBLE * max(abs(values[-1]), abs(values[0])):
        return None
    return next((_vector(v) for v in short_vectors(vectors[:, 0].tolist()) if _is_negative(rows, v)), None)


def _seems_semidefinite(floats: NDArray[np.float64]) -> bool:
    """Whether a float Cholesky factorisation of the equilibrated matrix, slightly shifted, succeeds (cheap)."""
    diagonal = np.diagonal(floats)
    scale = 1.0 / np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
    try:
        np.linalg.cholesky(scale[:, None] * floats * scale + SHIFT * np.eye(len(floats)))
    except np.linalg.LinAlgError:
        return False
    return True


def _by_stages(rows: Matrix) -> Vector | None:
    """Lowest eigenvectors of congruent matrices X H X^T of falling condition number: sees -10^-30 beside 1."""
    for matrix, shifts in _centres(rows):
        for stage in stages(matrix):
            values, vectors = np.linalg.eigh(stage.image)
            if values[0] >= 0:
                continue
            low = int(stage.k.min())
            scaled = [_dyadic(x, int(k) - low) for x, k in zip(vectors[:, 0].tolist(), stage.k.tolist(), strict=True)]
            v = fmpz_mat(1, len(scaled), scaled)
            entries = [int(x) for x in (v if stage.x is None else v * stage.x).entries()]
            found = primitive([fmpq(x) * _power_of_two(s) for x, s in zip(entries, shifts, strict=True)])
            for candidate in (*_shortened(found), found):
                if _is_negative(rows, candidate):
                    return _vector(candidate)
    return None


def _centres(rows: Matrix) -> Iterator[tuple[Rational, tuple[int, ...]]]:
    """Rational matrices close to diag(2**shifts) H diag(2**shifts); H itself over Q."""
    exact = rational(rows)
    if exact is not None:
        yield exact, (0,) * len(rows)
        return
    for enclosure in enclosures(rows):
        yield enclosure.centre, enclosure.shifts


def _shortened(v: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """v with 8, 16, 32, ... leading bits."""
    length = max((abs(x) for x in v), default=0).bit_length()
    for bits in (8, 16, 32, 64, 128):
        if bits < length:
            yield tuple((abs(x) >> (length - bits)) * (1 if x > 0 else -1) for x in v)


def _dyadic(x: float, shift: int) -> int:
    """About x * 2**(50 + shift), an integer; shift >= 0."""
    return round(x * 2.0**50) << shift


def _power_of_two(e: int) -> fmpq:
    return fmpq(fmpz(1) << e) if e >= 0 else fmpq(1, fmpz(1) << -e)


def _by_elimination(rows: Matrix) -> Vector | None:
    """Over Q, up to a size: eliminate exactly until a pivot is negative, or is 0 in a row that is not.

    X H X^T is kept in `work`; row i of X leads back to the original coordinates.
    """
    if not all_rational(rows) or len(rows) > MAX_ELIMINATION:
        return None
    size = len(rows)
    work = [[x for x in row if isinstance(x, fmpq)] for row in rows]
    lead = [[fmpq(int(i == j)) for j in range(size)] for i in range(size)]
    for k in range(size):
        direction = _from_diagonal([list(row[k:]) for row in work[k:]])
        if direction is not None:
            combined = [sum((c * lead[k + i][j] for i, c in enumerate(direction)), fmpq(0)) for j in range(size)]
            found = primitive(combined)
            return _vector(found) if _is_negative(rows, found) else None
        if work[k][k] == 0:
            continue
        for i in range(k + 1, size):
            factor = work[i][k] / work[k][k]
            if factor != 0:
                work[i] = [x - factor * y for x, y in zip(work[i], work[k], strict=True)]
                lead[i] = [x - factor * y for x, y in zip(lead[i], lead[k], strict=True)]
        for i in range(k + 1, size):
            work[k][i] = fmpq(0)
    return None


def _float(x: Scalar) -> float:
    return float_of(x) if isinstance(x, fmpq) else float(ball(x, 64).mid())
