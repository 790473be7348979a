"""Rule higher-order: the Hessian has one flat direction, along which a higher term decides."""

from __future__ import annotations

from flint import fmpq

from verifier.checker import fields, number
from verifier.checker.analysis import Analysis
from verifier.checker.curvature import add, gram, hessian
from verifier.checker.definite import require_definite
from verifier.checker.errors import require
from verifier.checker.number import Exact
from verifier.checker.rules.conclusion import Minimum
from verifier.checker.rules.strict import require_stationary
from verifier.checker.series import curve_vector, gradient_along, loss_along
from verifier.checker.symmetry import tangents

WHERE = "higher-order"
MAX_ORDER = 16


def higher_order(analysis: Analysis, node: fields.Node) -> Minimum:
    """Lemma (Lyapunov-Schmidt in one dimension). L in C^m near theta*, m >= 4 even, grad L(theta*) = 0; unit vectors of
    inert coordinates k_i (moves "row" and "outgoing", which are translations); a curve theta(t) = theta* + c_1 t + ...
    with c_1 = n != 0, n and all c_j orthogonal to every k_i, c_j orthogonal to n for j >= 2, such that

    (1) H + n n^T + sum k_i k_i^T is positive definite,
    (2) grad L(theta(t)) = (a multiple of n) + O(t^q), q = m/2 + 1,
    (3) L(theta(t)) = L* + c t^m + O(t^(m+1)), c > 0.

    Then theta* is a local minimum, a strict one without k_i. Proof: H n is a multiple of n by (2), and n.Hn = 0 by (3),
    so Hn = 0; H k_i = 0. By (1), H >= l > 0 on R, the orthogonal complement of n and the k_i, and also nearby. Any
    point near theta* has, up to a translation along the k_i, the form theta(t) + r with r in R, and L there is at least
    L(theta(t)) + grad L(theta(t)).r + l|r|^2/2 >= L* + c t^m/2 - C|t|^q |r| + l|r|^2/2 >= L* + c t^m/2 - C^2
    t^(2q)/(2l), and 2q > m. Taylor expansions in t hold on both sides of 0, since L is C^m.
    """
    fields.only(node, {"order", "curve", "modulo", "bits", "witness"}, WHERE)
    order = fields.integer(node["order"], f"{WHERE}.order", 4, MAX_ORDER)
    require(order % 2 == 0, WHERE, "the order must be even")
    bits = fields.integer(node["bits"], f"{WHERE}.bits", 64, 8_192)
    analysis.require_smooth(order, WHERE)
    require_stationary(analysis, WHERE)
    moves = fields.items(node["modulo"], f"{WHERE}.modulo")
    for move in moves:
        translation = fields.node(move, WHERE).get("move") in ("row", "outgoing")
        require(translation, WHERE, "only the moves row and outgoing are translations")
    directions = tangents(analysis, moves, f"{WHERE}.modulo")
    curve = fields.curve(node["curve"], f"{WHERE}.curve", len(analysis.gradient))
    n = curve[0]
    size = _dot(n, n)
    require(number.sign(size) > 0, WHERE, "the curve does not move")
    for row in curve:
        require(all(number.is_zero(_dot(row, k)) for k in directions), WHERE, "the curve is not orthogonal to a move")
    require(all(number.is_zero(_dot(row, n)) for row in curve[1:]), WHERE, "the curve bends along its own direction")

    vector = curve_vector(analysis, curve, order)
    loss = loss_along(analysis, vector).coefficients
    require(all(number.is_zero(c) for c in loss[1:order]), WHERE, "the loss changes below the order")
    require(number.sign(loss[order]) > 0, WHERE, "the leading coefficient is not positive")
    half = order // 2
    slopes = gradient_along(analysis, curve_vector(analysis, curve, half), half)
    pivot = next(k for k, v in enumerate(n) if not number.is_zero(v))
    number.sign(n[pivot])  # raises UnknownSign for a 0 in disguise, which would make the test below empty
    for j in range(1, half + 1):
        for k, slope in enumerate(slopes):
            cross = slope.coefficients[j] * n[pivot] - slopes[pivot].coefficients[j] * n[k]
            require(number.is_zero(cross), WHERE, f"the gradient leaves the direction of the curve at order {j}")

    matrix = add(hessian(analysis, bits), gram([n, *directions], bits), bits)
    require_definite(matrix, node["witness"], bits, f"{WHERE}.witness")
    return Minimum(strict=not directions)


def _dot(x: tuple[Exact, ...], y: tuple[Exact, ...]) -> Exact:
    total: Exact = fmpq(0)
    for a, b in zip(x, y, strict=True):
        total = total + a * b
    return total
