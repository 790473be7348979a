"""Rule strict: gradient zero, Hessian positive definite, perhaps modulo moves that leave L unchanged."""

from __future__ import annotations

from verifier.checker import fields, number
from verifier.checker.analysis import Analysis
from verifier.checker.curvature import add, gram, hessian
from verifier.checker.definite import require_definite
from verifier.checker.errors import require
from verifier.checker.rules.conclusion import Minimum
from verifier.checker.symmetry import tangents

WHERE = "strict"


def strict(analysis: Analysis, node: fields.Node) -> Minimum:
    """Lemma (second order; Morse-Bott along symmetries). L in C^2 near theta*, grad L(theta*) = 0.

    (a) If the Hessian H is positive definite, theta* is a strict local minimum.
    (b) Let k_1.. be tangents of moves that leave L unchanged near theta* (symmetry.py). Then H k_i = 0, and if
    H + sum k_i k_i^T is positive definite, theta* is a local minimum: take an affine space S through theta*,
    orthogonal to the k_i. By the inverse function theorem moves followed by points of S cover a neighbourhood of
    theta*, without changing L; and on S, H is positive definite.
    """
    fields.only(node, {"modulo", "bits", "witness"}, WHERE)
    bits = fields.integer(node["bits"], f"{WHERE}.bits", 64, 8_192)
    analysis.require_smooth(2, WHERE)
    require_stationary(analysis, WHERE)
    directions = tangents(analysis, node["modulo"], f"{WHERE}.modulo")
    matrix = hessian(analysis, bits)
    if directions:
        matrix = add(matrix, gram(directions, bits), bits)
    require_definite(matrix, node["witness"], bits, f"{WHERE}.witness")
    return Minimum(strict=not directions)


def require_stationary(analysis: Analysis, where: str) -> None:
    """The gradient is 0 by identity."""
    for k, value in enumerate(analysis.gradient):
        require(number.is_zero(value), where, f"the partial derivative {k} is not shown to be 0")
