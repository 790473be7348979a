"""Rank, kernel and linear systems over the exact numbers.

Rational matrices go to FLINT. Others are eliminated in Python with proved pivots: an entry counts as zero only by
identity and as a pivot only if a ball excludes zero; `UnknownSign` is raised when neither can be shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from flint import fmpq, fmpq_mat, fmpz_mat, nmod_mat

from verifier.arithmetic.convert import Entries, Rows, all_rational, entries_of, rational_matrix, rows_of
from verifier.arithmetic.rounding import primitive, reconstruct
from verifier.checker.number import Scalar, UnknownSign, is_zero, sign

PRIME = 4_611_686_018_427_387_847  # a prime just below 2**62
Vector = tuple[Scalar, ...]


def rank(matrix: Rows) -> int:
    """The exact rank; raises UnknownSign when a pivot cannot be decided."""
    rows = rows_of(matrix)
    return len(row_echelon(rows)[1]) if rows and rows[0] else 0


def nullspace(matrix: Rows, columns: int | None = None) -> tuple[Vector, ...]:
    """A basis of {x : A x = 0}, exact; primitive integer vectors when A is rational.

    `columns` is needed only for a matrix without rows. Raises UnknownSign when a pivot cannot be decided.
    """
    rows = rows_of(matrix)
    n = len(rows[0]) if rows else (columns or 0)
    if all_rational(rows):
        numerators, _ = rational_matrix(rows, n).numer_denom()
        return tuple(tuple(fmpq(x) for x in vector) for vector in integer_nullspace(numerators))
    reduced, pivots = row_echelon(rows)
    basis = []
    for free in (j for j in range(n) if j not in set(pivots)):
        vector: list[Scalar] = [fmpq(0)] * n
        vector[free] = fmpq(1)
        for row, pivot in zip(reduced, pivots, strict=False):
            vector[pivot] = -row[free]
        basis.append(tuple(vector))
    return tuple(basis)


def solve(matrix: Rows, right: Entries) -> Vector | None:
    """An exact x with A x = b (free coordinates 0), or None when there is none; may raise UnknownSign."""
    rows, b = rows_of(matrix), entries_of(right)
    if len(rows) != len(b):
        raise ValueError(f"{len(rows)} rows but {len(b)} right-hand sides")
    if not rows:
        return ()
    n = len(rows[0])
    reduced, pivots = row_echelon([[*row, value] for row, value in zip(rows, b, strict=True)])
    if pivots and pivots[-1] == n:
        return None
    x: list[Scalar] = [fmpq(0)] * n
    for row, pivot in zip(reduced, pivots, strict=False):
        x[pivot] = row[n]
    return tuple(x)


def in_span(rows: Rows, vector: Entries) -> Vector | None:
    """Exact coefficients c with sum c_i rows_i = vector, or None when the vector is outside the span."""
    generators, target = rows_of(rows), entries_of(vector)
    if not generators:
        return () if all(is_zero(x) for x in target) else None
    return solve([list(column) for column in zip(*generators, strict=True)], target)


def row_echelon(rows: Sequence[Sequence[Scalar]]) -> tuple[list[list[Scalar]], list[int]]:
    """Reduced row echelon form (non-zero rows only) and its pivot columns."""
    if not rows or not rows[0]:
        return [], []
    if all_rational(rows):
        reduced, found = rational_matrix(rows, len(rows[0])).rref()
        table: list[list[Scalar]] = [list(row) for row in reduced.tolist()[:found]]
        return table, [next(j for j, x in enumerate(row) if not is_zero(x)) for row in table]
    work = [list(row) for row in rows]
    pivots: list[int] = []
    for column in range(len(work[0])):
        chosen = _pivot(work, len(pivots), column)
        if chosen is None:
            continue
        top = len(pivots)
        work[top], work[chosen] = work[chosen], work[top]
        _eliminate(work, top, column)
        pivots.append(column)
    return work[: len(pivots)], pivots


def _pivot(work: list[list[Scalar]], start: int, column: int) -> int | None:
    """A row from `start` on whose entry is provably non-zero, a rational one if possible."""
    candidates = [i for i in range(start, len(work)) if not is_zero(work[i][column])]
    unknown: UnknownSign | None = None
    for i in sorted(candidates, key=lambda i: not isinstance(work[i][column], fmpq)):
        try:
            sign(work[i][column])
        except UnknownSign as problem:
            unknown = problem
            continue
        return i
    if unknown is not None:
        raise unknown
    return None


def _eliminate(work: list[list[Scalar]], top: int, column: int) -> None:
    pivot = work[top][column]
    work[top] = [x if is_zero(x) else x / pivot for x in work[top]]
    work[top][column] = fmpq(1)
    for i, row in enumerate(work):
        factor = row[column]
        if i == top or is_zero(factor):
            continue
        work[i] = [x if is_zero(y) else x - factor * y for x, y in zip(row, work[top], strict=True)]
        work[i][column] = fmpq(0)


# -- integer kernels ---------------------------------------------------------------------------------------------------


def integer_nullspace(matrix: fmpz_mat) -> list[tuple[int, ...]]:
    """A basis of the rational kernel of an integer matrix, as primitive integer vectors.

    First modulo a prime, with rational reconstruction: rank mod p <= rank, so as many independent vectors with
    A K = 0 (checked over the integers) as the kernel mod p has are a basis. Long entries: FLINT's exact kernel.
    """
    n = matrix.ncols()
    reduced, found = nmod_mat(matrix, PRIME).rref()
    if found == n:
        return []
    basis = _reconstructed(reduced, found, n)
    if basis is not None and not any((matrix * fmpz_mat(basis).transpose()).entries()):
        return [tuple(row) for row in basis]
    return _exact_nullspace(matrix)


def modular_rank(matrix: fmpz_mat) -> int:
    """The rank modulo a 62-bit prime: a proved lower bound of the rank, almost always equal to it."""
    return int(nmod_mat(matrix, PRIME).rank())


def _reconstructed(reduced: nmod_mat, found: int, n: int) -> list[list[int]] | None:
    table = reduced.tolist()[:found]
    pivots = [next(j for j, x in enumerate(row) if int(x)) for row in table]
    known: dict[int, fmpq] = {}
    basis = []
    for free in sorted(set(range(n)) - set(pivots)):
        vector = [fmpq(0)] * n
        vector[free] = fmpq(1)
        for row, pivot in zip(table, pivots, strict=True):
            residue = int(row[free])
            if residue == 0:
                continue
            value = known.get(residue) or reconstruct(PRIME - residue, PRIME)
            if value is None:
                return None
            known[residue] = vector[pivot] = value
        if sum(int(x.height_bits()) > 24 for x in vector) > 2:  # a random residue reconstructs to about 31 bits
            return None
        basis.append(list(primitive(vector)))
    return basis


def _exact_nullspace(matrix: fmpz_mat) -> list[tuple[int, ...]]:
    kernel, nullity = matrix.nullspace()
    columns = fmpq_mat(kernel).transpose().tolist()[:nullity]
    return [primitive(column) for column in columns]


def echelon_basis(matrix: fmpq_mat) -> list[int]:
    """Indices of the first linearly independent columns of a rational matrix."""
    reduced, found = matrix.rref()
    pivots: list[int] = []
    for i in range(found):
        start = pivots[-1] + 1 if pivots else 0
        pivots.append(next(j for j in range(start, matrix.ncols()) if reduced[i, j] != 0))
    assert all(a < b for a, b in pairwise(pivots))
    return pivots
