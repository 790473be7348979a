"""Rule sharp: a true local minimum on kinks of first-layer units lies near a given point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb, arb_mat, fmpq, fmpq_mat

from verifier.checker import fields, number
from verifier.checker.case import Case
from verifier.checker.curvature import hessian
from verifier.checker.definite import congruence
from verifier.checker.enclosure import Enclosure, Kink
from verifier.checker.errors import Rejected, require
from verifier.checker.germ import germ
from verifier.checker.network import forward, layouts, parameter_count, unflatten
from verifier.checker.number import Exact, precision
from verifier.checker.rules.existence import (
    Existence,
    exact_set,
    largest,
    margins,
    require_moves,
    row_sum_norm,
    submatrix,
)

WHERE = "sharp"


def sharp(case: Case, given: Sequence[Exact], node: fields.Node) -> Existence:
    """Lemma (kinks). Let K be a set of pairs (unit of a first hidden layer, sample) on which the pre-activation
    g_k(theta) = w.(x_i, 1) - b_k is 0 at the center c, b_k a breakpoint; all other pre-activations and loss arguments
    stay inside one smooth piece over a box around c. The g_k are affine; let their gradients (in the free coordinates)
    be independent, M = {g = 0}, N a basis of the directions of M. On M the loss is C^2: a unit on its kink does not
    move.

    (1) As in rule existence, in the coordinates of M: X N^T grad L(c) and X N^T H N X^T over the box give exactly one
        zero theta* of the gradient along M near c, and N^T H N is positive definite there.
    (2) Let v be the gradient of the smooth piece with all g_k < 0. At theta* N^T v = 0, so v = sum nu_k grad g_k. The
        pieces' gradients differ by D_k = (dL/df_i)(df_i/dh)(s+ - s-) times grad g_k for each k with g_k > 0, since all
        pieces agree in value at theta*. Over the box nu_k < 0 < nu_k + D_k for all k.

    Then theta* is a strict local minimum of L in the free coordinates. Proof. For a small direction t + d, t along M, d
    in the span of the grad g_k, in the closed cell with signs s: the first-order term is sum (nu_k + [s_k = +] D_k)
    grad g_k.d >= c sum |grad g_k.d| >= c' |d|, the second-order term is at least m|t|^2 - C(|t||d| + |d|^2) because all
    pieces restrict to the same function on M; the sum is positive for small t + d != 0. Frozen coordinates and moves
    are those of rule existence: moves keep the kinks, since the units that they scale are homogeneous (b_k = 0).
    """
    fields.only(node, {"center", "radius", "bits", "witness", "moves", "frozen", "kinks"}, WHERE)
    size = parameter_count(case)
    bits = fields.integer(node["bits"], f"{WHERE}.bits", 64, 8_192)
    center = fields.vector(node["center"], f"{WHERE}.center", size)
    radius = fields.exact(node["radius"], f"{WHERE}.radius")
    require(number.sign(radius) > 0, WHERE, "the radius is not positive")
    frozen, free = exact_set(node["frozen"], size, f"{WHERE}.frozen")
    with precision(bits):
        setting = _Setting(case, center, free, _kinks(case, center, node["kinks"]))
        return _sharp(setting, given, node, number.enclose(radius), frozen, bits)


@dataclass(frozen=True)
class _Setting:
    case: Case
    center: Sequence[Exact]
    free: list[int]
    kinks: dict[Kink, tuple[Any, ...]]  # -> (b, value, s-, s+ - s-)

    def gradients(self) -> fmpq_mat:
        """The gradients of the kink functions in the free coordinates, one row each; independent."""
        rows = []
        for part, j, i in self.kinks:
            block = layouts(self.case)[part].blocks[0][j]
            bias = [] if block.bias is None else [fmpq(1)]
            entries = dict(zip(block.positions, [*self.case.inputs[i], *bias], strict=True))
            rows.append([entries.get(k, fmpq(0)) for k in self.free])
        if any(not isinstance(v, fmpq) for row in rows for v in row):
            raise Rejected(WHERE, "the kinks have irrational inputs")
        matrix = fmpq_mat(rows)  # type: ignore[arg-type]
        require(matrix.rank() == len(rows), WHERE, "the kinks are not independent")
        return matrix

    def over(self, radii: list[arb] | None) -> Enclosure:
        """The box around the center, or the center alone; units on kinks take their left slopes."""
        jets = {kink: (b, (value, left, arb(0))) for kink, (b, value, left, _) in self.kinks.items()}
        if radii is None:
            return Enclosure(self.case, unflatten(self.case, [number.enclose(c) for c in self.center]), jets)
        return Enclosure.over(self.case, self.center, radii, jets)


def _sharp(
    setting: _Setting, given: Sequence[Exact], node: fields.Node, radius: arb, frozen: list[int], bits: int
) -> Existence:
    case, free = setting.case, setting.free
    normals = setting.gradients()
    basis = arb_mat(nullspace(normals))  # columns: directions of M in the free coordinates
    require(basis.ncols() > 0, WHERE, "the kinks leave no direction")
    x, _ = congruence(node["witness"], basis.ncols(), f"{WHERE}.witness")
    spread = basis * x.transpose()
    lengths = [sum((abs(v) for v in row), arb(0)).upper() for row in spread.tolist()]
    box = setting.over(_radii(lengths, radius, free, len(setting.center)))
    require_moves(box, node["moves"], frozen, WHERE)
    product = x * (basis.transpose() * submatrix(hessian(box, bits), free) * basis) * x.transpose()
    q = row_sum_norm(product)
    require(bool(q < 1), WHERE, "the Hessian along the kinks is not shown to be positive definite over the box")
    slope = setting.over(None).gradient
    e = largest((x * basis.transpose() * arb_mat(len(free), 1, [slope[k] for k in free])).entries())
    require(bool(e + q * radius < radius), WHERE, "the Newton step leaves the box")
    radii = _radii(lengths, (e / (1 - q)).upper(), free, len(setting.center))
    small = setting.over(radii)
    slopes = _slopes(setting, small, normals)
    distance = largest(
        number.enclose(c - g) + r.union(-r) for c, g, r in zip(setting.center, given, radii, strict=True)
    )
    alone = arb(0)  # along M it is alone in the box, but minima off the kinks are not excluded there
    return Existence(not frozen, margins(case, small.outputs), small.loss, distance, arb(0), alone, q, e, slopes)


def _slopes(setting: _Setting, small: Enclosure, normals: fmpq_mat) -> tuple[tuple[arb, arb], ...]:
    """(nu_k, nu_k + D_k) with nu_k < 0 < nu_k + D_k over the box: nu = (G G^T)^-1 G v solves v = G^T nu where it has a
    solution. Raises Rejected.
    """
    found = []
    inverse = arb_mat((normals * normals.transpose()).inv() * normals)
    slope = small.gradient
    nu = (inverse * arb_mat(len(setting.free), 1, [slope[k] for k in setting.free])).entries()
    for (kink, (_, _, _, jump)), value in zip(setting.kinks.items(), nu, strict=True):
        part, j, i = kink
        step = small.output_slope(i) * small.sensitivity(part, j, i) * jump
        below, above = bool(value < 0), bool(value + step > 0)
        require(below and above, WHERE, f"the kink of unit {j} on sample {i} is not shown to be sharp")
        found.append((value, value + step))
    return tuple(found)


def _kinks(case: Case, center: Sequence[Exact], value: Any) -> dict[Kink, tuple[Any, ...]]:
    """Each kink [part, unit, sample]: its breakpoint, and the activation's value and slopes there."""
    theta = unflatten(case, center)
    found: dict[Kink, tuple[Any, ...]] = {}
    for n, item in enumerate(fields.items(value, f"{WHERE}.kinks")):
        where = f"{WHERE}.kinks[{n}]"
        numbers = fields.items(item, where, 3)
        part, _, j = fields.unit([numbers[0], 0, numbers[1]], case, where)
        i = fields.integer(numbers[2], where, 0, len(case.inputs) - 1)
        require((part, j, i) not in found, where, "the kink is listed twice")
        trace = forward(theta[part], case.inputs[i], lambda u: u)
        b = trace.u[0][j]
        left, right = (germ(case.parts[part].activation, b, side, 1) for side in (-1, 1))
        found[part, j, i] = tuple(number.enclose(v) for v in (b, left[0], left[1], right[1] - left[1]))
    require(bool(found), f"{WHERE}.kinks", "expected at least one kink")
    return found


def nullspace(normals: fmpq_mat) -> fmpq_mat:
    """A basis (columns) of {d : normals d = 0}: one vector for each column without a pivot, in order."""
    reduced, rank = normals.rref()
    rows, size = reduced.tolist(), normals.ncols()
    pivots = [next(c for c in range(size) if rows[r][c] != 0) for r in range(rank)]
    others = [c for c in range(size) if c not in set(pivots)]
    entries = [[fmpq(0)] * len(others) for _ in range(size)]
    for n, c in enumerate(others):
        entries[c][n] = fmpq(1)
        for r, pivot in enumerate(pivots):
            entries[pivot][n] = -rows[r][c]
    return fmpq_mat(size, len(others), [v for row in entries for v in row])


def _radii(lengths: list[arb], s: arb, free: list[int], size: int) -> list[arb]:
    found = [arb(0)] * size
    for k, length in zip(free, lengths, strict=True):
        found[k] = s * length
    return found


