"""Rules gradient, curvature and arc: a curve through the point along which L falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.checker import fields, number
from verifier.checker.analysis import Analysis
from verifier.checker.errors import Rejected, require
from verifier.checker.network import flatten
from verifier.checker.number import Exact
from verifier.checker.series import Series, curve_vector, loss_along

MAX_ORDER = 24
BITS = 128


@dataclass(frozen=True)
class Descent:
    """L falls along a curve, first at order `order`: not a local minimum; at order 1, not stationary."""

    order: int


def descent(analysis: Analysis, node: fields.Node) -> Descent:
    """Lemma (arc). If L(theta(t)) = L* + c t^m + O(t^(m+1)) for t -> 0+ and c < 0, every neighbourhood of theta* holds
    points with a smaller loss. The expansion is one-sided (series.py), so kinks need no special care: m = 1 is a
    negative directional derivative, m = 2 along a line negative curvature on the side towards which the line leads.
    """
    where = str(node.get("rule"))
    fields.only(node, {"order", "curve"}, where)
    order = fields.integer(node["order"], f"{where}.order", 1, MAX_ORDER)
    curve = fields.curve(node["curve"], f"{where}.curve", len(analysis.decay_rates))
    allowed = {"gradient": order == 1, "curvature": order == 2 and len(curve) == 1, "arc": True}
    require(allowed.get(where, False), where, "the order and the curve do not fit the rule's name")
    if order == 1 and _falls(analysis, curve[0]):
        return Descent(1)
    coefficients = loss_along(analysis, curve_vector(analysis, curve, order)).coefficients
    for k, c in enumerate(coefficients[1:], start=1):
        if number.is_zero(c):
            continue
        side = number.sign(c)
        require(side < 0, where, f"the loss rises along the curve at order {k}")
        require(k == order, where, f"the loss falls at order {k}, not {order}")
        return Descent(k)
    raise Rejected(where, f"the loss does not change along the curve up to order {order}")


def _falls(analysis: Analysis, direction: Sequence[Exact]) -> bool:
    """Whether balls show the one-sided derivative to be < 0: quick, where exact forms would be long."""
    with number.precision(BITS):
        start = [number.enclose(v) for v in flatten(analysis.theta)]
        vector = [Series((v, number.enclose(d))) for v, d in zip(start, direction, strict=True)]
        try:
            return bool(number.enclose(loss_along(analysis, vector).coefficients[1]) < 0)
        except (number.Undecided, number.DomainProblem):
            return False
