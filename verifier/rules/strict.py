"""Rule strict: zero gradient, positive definite Hessian, modulo moves that leave the loss unchanged."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.checker.number import Exact, Scalar, is_rational, precision
from verifier.rules.moves import Move, moves
from verifier.rules.problem import BITS, Declined, Json, Problem


def propose(problem: Problem) -> Json:
    """A proof node, or Declined."""
    problem.require_smooth(2)
    problem.require_stationary()
    found = moves(problem)
    return {
        "rule": "strict",
        "modulo": [move.document for move in found],
        "bits": BITS,
        "witness": witness(problem.curvature, [v for move in found for v in move.tangents]),
    }


def witness(matrix: Sequence[Sequence[Scalar]], vectors: list[tuple[Exact, ...]]) -> Json:
    """A witness that H + sum v v^T is positive definite; raises Declined."""
    total = [list(row) for row in matrix]
    with precision(BITS):
        for v in vectors:
            support = [k for k, x in enumerate(v) if not (is_rational(x) and x == 0)]
            for r in support:
                for c in support:
                    total[r][c] = total[r][c] + v[r] * v[c]
    from verifier.arithmetic.definite import definite_witness

    found = definite_witness(total)
    if found is None:
        raise Declined(
            "hessian-not-definite",
            "the Hessian is not shown to be positive definite (modulo moves that leave the loss unchanged)",
        )
    return found.document()


def translations(problem: Problem) -> list[Move]:
    """The moves that are translations."""
    return [move for move in moves(problem) if move.translation]
