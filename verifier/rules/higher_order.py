"""Rule higher-order, and the arcs of the same construction: the curve along which a flat direction is best followed."""

from __future__ import annotations

from collections.abc import Iterator

from flint import fmpq

from verifier.arithmetic.linear import nullspace, solve
from verifier.checker.errors import Rejected
from verifier.checker.number import Exact, Undecided, is_zero, sign
from verifier.checker.series import curve_vector, gradient_along, loss_along
from verifier.rules.problem import BITS, Declined, Json, Problem, texts
from verifier.rules.strict import translations, witness

MAX_ORDER = 12
MAX_DIRECTIONS = 24
Vector = tuple[Exact, ...]
Curve = list[Vector]


def propose(problem: Problem) -> Json:
    """A proof node, or Declined."""
    problem.require_smooth(4)
    problem.require_stationary()
    found = translations(problem)
    inert = [v for move in found for v in move.tangents]
    kernel = flat_directions(problem, inert)
    if len(kernel) != 1:
        raise Declined("kernel", f"the Hessian has {len(kernel)} flat directions; one is what the rule can treat")
    curve, order, leading = _followed(problem, kernel[0], inert)
    if order % 2 or leading < 0:
        raise Declined("descends", f"along the flat direction the loss falls at order {order}")
    problem.require_smooth(order)
    return {
        "rule": "higher-order",
        "order": order,
        "curve": [texts(row) for row in curve[: order // 2]],
        "modulo": [move.document for move in found],
        "bits": BITS,
        "witness": witness(problem.hessian, [kernel[0], *inert]),
    }


def arcs(problem: Problem) -> Iterator[Json]:
    """Descents along flat directions of the Hessian, bent so that the loss falls as fast as it can."""
    problem.require_smooth(2)
    problem.require_stationary()
    inert = [v for move in translations(problem) for v in move.tangents]
    kernel = flat_directions(problem, inert)
    sums = [_plus(x, y, s) for i, x in enumerate(kernel) for y in kernel[:i] for s in (1, -1)]
    for n in (*kernel, *sums)[:MAX_DIRECTIONS]:
        try:
            curve, order, leading = _followed(problem, n, inert)
        except (Declined, Undecided, Rejected):
            continue
        if leading > 0 and order % 2 == 0:
            continue
        if leading > 0:  # odd: the other way
            curve = [tuple(-v for v in row) if k % 2 == 0 else row for k, row in enumerate(curve)]
        yield {"rule": "arc", "order": order, "curve": [texts(row) for row in curve]}


def flat_directions(problem: Problem, inert: list[Vector]) -> list[Vector]:
    """A basis of the kernel of the Hessian, orthogonal to the inert directions; raises Declined."""
    try:
        found = nullspace([*problem.hessian, *map(list, inert)])
    except Undecided as undecided:
        raise Declined("kernel", f"the kernel of the Hessian is not known exactly: {undecided}") from None
    return list(found)  # type: ignore[arg-type]


def _followed(problem: Problem, n: Vector, inert: list[Vector]) -> tuple[Curve, int, int]:
    """(curve, m, sign): along theta* + n t + c_2 t^2 + ... the loss changes first at order m, with that sign.

    c_j makes the gradient along the curve a multiple of n up to order j, so the loss is known up to order 2j + 1.
    """
    analysis = problem.analysis
    curve: Curve = [n]
    while True:
        known = 2 * len(curve) + 1
        coefficients = loss_along(analysis, curve_vector(analysis, curve, known)).coefficients
        for order, c in enumerate(coefficients[1:], start=1):
            if not is_zero(c):
                return curve, order, sign(c)
        if known >= MAX_ORDER:
            raise Declined("flat", f"the loss does not change along a flat direction up to order {known}")
        curve.append(_next(problem, curve, inert))


def _next(problem: Problem, curve: Curve, inert: list[Vector]) -> Vector:
    order = len(curve) + 1
    problem.require_smooth(order + 1)
    slopes = gradient_along(problem.analysis, curve_vector(problem.analysis, curve, order), order)
    right = [-s.coefficients[order] for s in slopes]
    n = curve[0]
    zero = fmpq(0)
    system = [[*row, v] for row, v in zip(problem.hessian, n, strict=True)]
    system += [[*v, zero] for v in (n, *inert)]
    found = solve(system, [*right, *[zero] * (1 + len(inert))])
    if found is None:
        raise Declined("kernel", "the curve cannot be continued")
    return tuple(found[:-1])  # type: ignore[arg-type]


def _plus(x: Vector, y: Vector, factor: int) -> Vector:
    return tuple(a + factor * b for a, b in zip(x, y, strict=True))
