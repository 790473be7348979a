"""Words for "this matrix is positive definite": the witness of the certificate, and the pivots of the elimination."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import arb, arb_mat, fmpq, fmpq_mat

from verifier.checker.curvature import add, gram, weighted_gram
from verifier.checker.definite import congruence
from verifier.checker.number import Exact, precision
from verifier.checker.rules.existence import row_sum_norm
from verifier.report.document import Block, Fold, Paragraph, Table
from verifier.report.text import Text, as_text, enclosure, exact, joined, rounded, say

MAX_PIVOTS = 60  # size of a matrix whose pivots are computed for the reader
MAX_SHOWN = 8  # size of a matrix that is written out
SHORT = 12  # pivots that a sentence lists
Matrix = fmpq_mat | arb_mat


def weighted_definite(
    vectors: Sequence[Sequence[Exact]],
    weights: Sequence[Exact],
    extra: Sequence[Sequence[Exact]],
    witness: Any,
    bits: int,
) -> list[Block]:
    """Σ w_k v_k v_kᵀ + Σ e eᵀ is positive definite."""
    matrix: Matrix = weighted_gram(vectors, weights, bits)
    if extra:
        matrix = add(matrix, gram(extra, bits), bits)
    return definite(matrix, witness, bits)


def definite(matrix: Matrix, witness: Any, bits: int) -> list[Block]:
    """Why the checker believes it, and the pivots, from which a reader may believe it too."""
    with precision(bits):
        x, _ = congruence(witness, matrix.nrows(), "report")
        norm = row_sum_norm(x * arb_mat(matrix) * x.transpose())
    kind = "of rational numbers" if isinstance(matrix, fmpq_mat) else f"of balls of {bits} bits"
    words = (
        "The certificate brings a triangular matrix $X$ with $‖I - X H Xᵀ‖ ≤$ {norm} < 1 in the row-sum norm ($H$: the "
        "matrix, {size} by {size}, {kind}); so all eigenvalues of $X H Xᵀ$ are positive, and $H$ is definite."
    )
    blocks: list[Block] = [Paragraph(say(words, norm=_small(norm), size=matrix.nrows(), kind=kind))]
    found = pivots(matrix, bits)
    if found is not None:
        blocks.insert(
            0,
            Paragraph((*say("Gaussian elimination without exchanges has the pivots "), *_listed(found), *_end())),
        )
    if matrix.nrows() <= MAX_SHOWN:
        rows = tuple(tuple(_entry(v) for v in row) for row in matrix.tolist())
        header = tuple(say("$H_{{k}}$", k=k + 1) for k in range(matrix.ncols()))
        blocks.append(Fold(say("The matrix"), (Table(header, rows),)))
    return blocks


def _small(norm: arb) -> str:
    return "0" if norm.is_zero() else rounded(norm.upper(), 3)


def _entry(value: Any) -> Text:
    return (exact(value),) if isinstance(value, fmpq) else as_text(value)


def _listed(found: Sequence[Any]) -> Text:
    if len(found) <= SHORT:
        return joined(_entry(v) for v in found)
    low = min(found, key=lambda v: float(arb(v).mid()))
    return say("from {low} (the smallest) on", low=low if isinstance(low, fmpq) else enclosure(low))


def _end() -> Text:
    return say(", all positive; by Sylvester's criterion that alone shows it.")


def pivots(matrix: Matrix, bits: int) -> list[Any] | None:
    """The pivots of the symmetric matrix, all certainly positive; None if it is large or balls grow too wide."""
    size = matrix.nrows()
    if size > MAX_PIVOTS:
        return None
    with precision(bits):
        rows: list[list[Any]] = [list(row) for row in matrix.tolist()]
        found = []
        for k in range(size):
            pivot = rows[k][k]
            if not bool(pivot > 0):
                return None
            found.append(pivot)
            for r in range(k + 1, size):
                factor = rows[r][k] / pivot
                for c in range(k, size):
                    rows[r][c] = rows[r][c] - factor * rows[k][c]
    return found
