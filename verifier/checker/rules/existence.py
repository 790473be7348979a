"""Rule existence: a true local minimum lies near a given point."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flint import arb, arb_mat, fmpq

from verifier.checker import fields, number
from verifier.checker.case import Case
from verifier.checker.curvature import hessian
from verifier.checker.definite import Witness, read_witness
from verifier.checker.enclosure import Enclosure
from verifier.checker.errors import Rejected, require
from verifier.checker.gram import point_hessian
from verifier.checker.majorant import Majorant, majorant
from verifier.checker.network import parameter_count
from verifier.checker.number import Exact, precision
from verifier.checker.rounding import Integers, symmetric
from verifier.checker.symmetry import tangents

WHERE = "existence"


@dataclass(frozen=True)
class Existence:
    """What is known of the minimum that exists. `strict` is False where moves give other points of equal loss."""

    strict: bool
    signs: tuple[int, ...] | None  # of y_i f(x_i), with labels; 0: not settled
    loss: arb
    distance: arb  # from the given point to the minimum, max-norm: an upper bound
    apart: arb  # the same: a lower bound
    uniqueness: arb  # it is alone in the max-norm ball of this radius around the center, frozen parameters fixed
    contraction: arb  # q of the lemma
    step: arb  # e of the lemma
    slopes: tuple[tuple[arb, arb], ...] = ()  # rule sharp: (nu_k, nu_k + D_k) for each kink


def existence(case: Case, given: Sequence[Exact], node: fields.Node) -> Existence:
    """Lemma (Newton-Kantorovich in the coordinates of a witness). Let c be a center, F a set of frozen coordinates, X
    an invertible lower-triangular matrix on the others, w = |X|^T 1 (0 on F), s > 0, and B the box |theta - c| <= s w,
    which contains c + X^T z for all |z|_max <= s. Let L be C^3 on B, H the Hessian in the free coordinates, T >= 0 a
    bound with |H(theta) - H(c)| w <= s T for theta in B (majorant.py), q >= |I - X H(c) X^T| + s | |X| T | in the
    row-sum norm and the max-norm, q < 1, and e >= |X grad L(c)|_max. If e + q s < s, there is exactly one zero of the
    free gradient in {c + X^T z : |z| <= s}, it has |z| <= e/(1 - q), and H is positive definite there.
    Proof. |X (H(theta) - H(c)) X^T| has row sums of at most |X| |H(theta) - H(c)| |X|^T 1 <= s |X| T, so those of
    I - X H(theta) X^T are at most q. T(z) = z - X grad L(c + X^T z) has T(z) - T(z') = (I - M')(z - z') for a mean M'
    of X H X^T along the segment, so it contracts by q in the max-norm and maps the ball |z| <= s into itself. H is
    positive definite by the lemma of definite.py.

    Without frozen coordinates this is a strict local minimum of L. Lemma (frozen coordinates). Let r moves of
    symmetry.py be valid over B, r the number of frozen coordinates, and let the r x r matrix of the tangents' frozen
    coordinates be invertible over B. Then the moves bring every point near the zero into the slice where the frozen
    coordinates have their values at c, without changing L (inverse function theorem), and in the slice the zero is a
    local minimum: so it is one of L, and moves show points of equal loss in every neighbourhood.
    """
    fields.only(node, {"center", "radius", "bits", "digits", "witness", "moves", "frozen"}, WHERE)
    size = parameter_count(case)
    bits = fields.integer(node["bits"], f"{WHERE}.bits", 64, 8_192)
    digits = fields.integer(node["digits"], f"{WHERE}.digits", 16, 8_192)
    center = fields.vector(node["center"], f"{WHERE}.center", size)
    radius = fields.exact(node["radius"], f"{WHERE}.radius")
    require(number.sign(radius) > 0, WHERE, "the radius is not positive")
    frozen, free = exact_set(node["frozen"], size, f"{WHERE}.frozen")
    require(bool(free), WHERE, "no coordinate is free")
    with precision(bits):
        x = read_witness(node["witness"], len(free), f"{WHERE}.witness")
        s = number.enclose(radius)
        newton = Newton.at(case, center, free, x, digits)
        if frozen or node["moves"] != []:
            box = Enclosure.over(case, center, [s * v for v in newton.lengths])
            require_moves(box, node["moves"], frozen, WHERE)
        require(bool(newton.start < 1), WHERE, "the Hessian is not shown to be positive definite at the center")
        bounds = newton.over(s)
        q = newton.contraction(bounds, s)
        require(bool(q < 1), WHERE, "the Hessian is not shown to be positive definite over the box")
        require(bool(newton.step + q * s < s), WHERE, "the Newton step leaves the box")
        return _known(case, given, center, newton, bounds, q, s, not frozen)


@dataclass(frozen=True)
class Newton:
    """What the lemma needs at the center: `step` is e, `start` the norm of I - X H(c) X^T, `norm` that of X H(c);
    `lengths` is w, for all coordinates.
    """

    state: Enclosure
    free: list[int]
    x: Witness
    lengths: list[arb]
    step: arb
    start: arb
    norm: arb

    @staticmethod
    def at(case: Case, center: Sequence[Exact], free: list[int], x: Witness, digits: int) -> Newton:
        """All at the current precision; the Hessian to `digits` digits. Raises UnknownSign at a kink."""
        state = Enclosure.at(case, center)
        step = largest(x.applied([state.gradient[k] for k in free]))
        start, norm = x.deviation(part(point_hessian(state, digits), free))
        lengths = [arb(0)] * len(center)
        for k, length in zip(free, x.lengths, strict=True):
            lengths[k] = length.upper()
        return Newton(state, free, x, lengths, step, start, norm)

    def over(self, s: arb) -> Majorant:
        """Bounds over the box of radius s; raises UnknownSign where it meets a kink."""
        return majorant(self.state, self.lengths, s)

    def contraction(self, bounds: Majorant, s: arb) -> arb:
        """q over the box of radius s, an upper bound."""
        return (self.start + s * largest(self.x.applied_sizes([bounds.third[k] for k in self.free]))).upper()


def _known(
    case: Case,
    given: Sequence[Exact],
    center: Sequence[Exact],
    newton: Newton,
    bounds: Majorant,
    q: arb,
    s: arb,
    strict: bool,
) -> Existence:
    """What is known of the zero, which is within e/(1 - q) w of the center.

    It is alone among all theta with |theta - c|_max <= t = s (1 - |I - M|)/|X H(c)|, M = X H(c) X^T, frozen coordinates
    fixed: theta = c + X^T z with X^-T = M^-1 X H(c) and |M^-1| <= 1/(1 - |I - M|), so |z| <= s.
    """
    tight = (newton.step / (1 - q)).upper()
    radii = [tight * v for v in newton.lengths]
    outputs = [f + symmetric(tight * v) for f, v in zip(newton.state.outputs, bounds.outputs, strict=True)]
    loss = newton.state.loss + symmetric(tight * bounds.loss)
    distance = largest(number.enclose(c - g) + symmetric(r) for c, g, r in zip(center, given, radii, strict=True))
    alone = (s * (1 - newton.start) / newton.norm).lower()
    apart = clearance(center, given, radii)
    return Existence(strict, margins(case, outputs), loss, distance, apart, alone, q, newton.step)


def clearance(center: Sequence[Exact], given: Sequence[Exact], radii: Sequence[arb]) -> arb:
    """A lower bound of the max-norm distance from the given point to the points within `radii` of the center."""
    result = arb(0)
    for c, g, r in zip(center, given, radii, strict=True):
        gap = (abs(number.enclose(c - g)) - r).lower()
        if gap > result:
            result = gap
    return result


def minimum_elsewhere(case: Case, given: Sequence[Exact], near: Exact, node: fields.Node) -> str:
    """Lemma. The gradient has one zero in a max-norm ball around the center of an existence node (its radius of
    uniqueness; nothing frozen). If that ball holds all points within `near` of the given point, and the zero is further
    than `near` from it, then no point within `near` is stationary. Returns this in words.
    """
    where = "no-minimum-near"
    fields.only(node, {"bits", "minimum"}, where)
    bits = fields.integer(node["bits"], f"{where}.bits", 64, 8_192)
    inner = fields.node(node["minimum"], where)
    found = existence(case, given, inner)
    require(found.strict, where, "frozen coordinates: the zero is alone in a slice only")
    center = fields.vector(inner["center"], f"{where}.center", len(given))
    with precision(bits):
        reach = largest(number.enclose(c - g) for c, g in zip(center, given, strict=True)) + number.enclose(near)
        require(bool(reach <= found.uniqueness), where, "the points within the radius are not all near the minimum")
        require(bool(found.apart > number.enclose(near)), where, "the minimum may lie within the radius")
    return "the only stationary point around lies further away than the radius"


def exact_set(value: Any, size: int, where: str) -> tuple[list[int], list[int]]:
    """Increasing positions below `size`, and the others."""
    frozen = [fields.integer(k, where, 0, size - 1) for k in fields.items(value, where)]
    require(frozen == sorted(set(frozen)), where, "expected increasing positions")
    taken = set(frozen)
    return frozen, [k for k in range(size) if k not in taken]


def row_sum_norm(matrix: arb_mat) -> arb:
    """A ball around the largest row sum of |I - matrix|; nan if an entry is nan."""
    q = arb(0)
    for r, row in enumerate(matrix.tolist()):
        total = arb(0)
        for c, value in enumerate(row):
            total += abs(value - (1 if r == c else 0))
        q = q.max(total)
    return q


def largest(values: Iterable[arb]) -> arb:
    """An upper bound of the largest absolute value, as a ball; nan if one is nan."""
    result = arb(0)
    for value in values:
        size = abs(value).upper()
        result = result.max(size) if size.is_finite() else arb("nan")
    return result


def require_moves(box: Enclosure, moves: Any, frozen: list[int], where: str) -> None:
    """The moves are valid over the box and transversal to the slice of the frozen coordinates; raises Rejected."""
    vectors = tangents(box, moves, f"{where}.moves")
    require(len(vectors) == len(frozen), where, "expected one frozen coordinate for each move")
    if not frozen:
        return
    entries = [number.enclose(v[k]) for v in vectors for k in frozen]
    determinant = arb_mat(len(frozen), len(frozen), entries).det()
    require(bool(determinant > 0 or determinant < 0), where, "the moves are not shown to be transversal to the slice")


def part(matrix: Integers, free: list[int]) -> Integers:
    """The rows and columns of the free coordinates."""
    if len(free) == len(matrix.rows):
        return matrix
    rows = [[matrix.rows[r][c] for c in free] for r in free]
    return replace(matrix, rows=rows, sizes=[matrix.sizes[k] for k in free])


def submatrix(matrix: Any, free: list[int]) -> arb_mat:
    """The rows and columns of the free coordinates."""
    rows = arb_mat(matrix).tolist()
    return arb_mat(len(free), len(free), [rows[r][c] for r in free for c in free])


def margins(case: Case, outputs: Sequence[arb]) -> tuple[int, ...] | None:
    """The signs of y_i f(x_i) for all values in the balls, 0 where they are not settled; None with targets."""
    if case.labels is None:
        return None
    sides = [int(bool(f > 0)) - int(bool(f < 0)) for f in outputs]
    return tuple(y * side for y, side in zip(case.labels, sides, strict=True))


def training_error(case: Case, signs: Sequence[int]) -> fmpq | None:
    """The exact training error if every sign is settled."""
    if 0 in signs:
        return None
    wrong = sum(m for m, s in zip(case.multiplicity, signs, strict=True) if s < 0)
    return fmpq(wrong, case.total)


def constant_margins(case: Case, given: Sequence[Exact], near: Exact, node: fields.Node) -> fmpq:
    """The training error, if no output changes its sign over the box of all points within `near`; raises Rejected."""
    where = "no-minimum-near"
    fields.only(node, {"bits", "margins"}, where)
    bits = fields.integer(node["bits"], f"{where}.bits", 64, 8_192)
    with precision(bits):
        signs = margins(case, Enclosure.over(case, given, [number.enclose(near)] * len(given)).outputs)
    error = None if signs is None else training_error(case, signs)
    if error is None:
        raise Rejected(where, "an output may change its sign within the radius")
    return error


def no_minimum_near(case: Case, given: Sequence[Exact], near: Exact, node: fields.Node) -> str:
    """Lemma. Over the box of all points within `near` (max-norm): if a partial derivative excludes 0, no point is
    stationary; if v^T H v < 0 for a fixed v, no point is a local minimum. Returns which it is, in words.
    """
    where = "no-minimum-near"
    bits = fields.integer(node.get("bits"), f"{where}.bits", 64, 8_192)
    with precision(bits):
        box = Enclosure.over(case, given, [number.enclose(near)] * len(given))
        if "coordinate" in node:
            fields.only(node, {"bits", "coordinate"}, where)
            k = fields.integer(node["coordinate"], f"{where}.coordinate", 0, len(given) - 1)
            slope = box.gradient[k]
            require(bool(slope > 0 or slope < 0), where, "the partial derivative may be 0")
            return "a partial derivative of the loss is not 0 at any point within the radius"
        fields.only(node, {"bits", "direction"}, where)
        direction = fields.vector(node["direction"], f"{where}.direction", len(given))
        v = arb_mat(len(given), 1, [number.enclose(c) for c in direction])
        value = (v.transpose() * arb_mat(hessian(box, bits)) * v)[0, 0]
        require(bool(value < 0), where, "the curvature along the direction may be positive")
        return "the loss has negative curvature along a fixed direction at every point within the radius"


def require_near(found: Existence, near: Exact) -> None:
    """The minimum lies within the claimed radius."""
    if not found.distance <= number.enclose(near):
        raise Rejected(WHERE, "the minimum is not shown to lie within the radius")
