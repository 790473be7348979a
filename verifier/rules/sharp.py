"""Rule sharp: from a float point close to kinks of first-layer units to a minimum exactly on them.

Kinks that are closer than the claimed radius allows are taken to be met exactly; Newton's method then runs along their
common zero set, in balls; the checker looks at the slopes across.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from flint import arb, arb_mat, fmpq, fmpq_mat

from verifier.arithmetic.convert import nearest_float
from verifier.checker.case import Case
from verifier.checker.curvature import hessian
from verifier.checker.definite import congruence
from verifier.checker.enclosure import Enclosure, Kink
from verifier.checker.errors import Rejected
from verifier.checker.germ import germ
from verifier.checker.network import layouts, unflatten
from verifier.checker.number import DomainProblem, Exact, Undecided, enclose, precision, text
from verifier.checker.piecewise import piecewise
from verifier.checker.rules.existence import row_sum_norm
from verifier.checker.rules.sharp import nullspace
from verifier.rules.existence import independent_moves, largest_box, sharp_witness
from verifier.rules.problem import Declined, Json, Problem

BITS = 192
STEPS = 40
CLOSEST = 1e-3  # no pre-activation further than this from a breakpoint is taken to be on it
Vector = list[fmpq]


def propose(problem: Problem, near: Exact) -> Json:
    """A node that shows a minimum on kinks within `near` of the point, or Declined."""
    kinks = _close_kinks(problem, min(nearest_float(near), CLOSEST))
    if not kinks:
        raise Declined("no-kink", "no pre-activation of the first layer is close to a breakpoint")
    try:
        with precision(BITS):
            return _proposed(problem, kinks)
    except (Undecided, DomainProblem, Rejected) as reason:
        raise Declined("box", f"the loss is not smooth along the kinks near the point: {reason}") from None


def _close_kinks(problem: Problem, radius: float) -> dict[Kink, Exact]:
    """Kinks within reach, with their breakpoints; those with independent gradients, the closest first."""
    found: list[tuple[float, Kink, Exact]] = []
    case = problem.checked
    for p, part in enumerate(case.parts):
        whole = piecewise(part.activation)
        breakpoints: tuple[Exact, ...] = (fmpq(0),) if whole is None else whole.breakpoints
        if whole is None and part.spec.get("name") not in ("elu", "selu"):
            continue
        for i in range(len(case.inputs)):
            size = 1.0 + sum(abs(nearest_float(v)) for v in case.inputs[i])
            for j in range(part.hidden[0]):
                u = problem.analysis.traces[p][i].u[0][j]
                for b in breakpoints:
                    distance = abs(nearest_float(u - b))
                    if distance <= radius * size:
                        found.append((distance, (p, j, i), b))
    chosen: dict[Kink, Exact] = {}
    rows: list[Vector] = []
    for _, kink, b in sorted(found, key=lambda item: item[:2]):
        row = _gradient(case, kink, list(range(problem.size)))
        if row is not None and fmpq_mat([*rows, row]).rank() > len(rows):
            rows.append(row)
            chosen[kink] = b
    return chosen


def _gradient(case: Case, kink: Kink, free: list[int]) -> Vector | None:
    part, j, i = kink
    block = layouts(case)[part].blocks[0][j]
    entries = dict(zip(block.positions, [*case.inputs[i], *([] if block.bias is None else [fmpq(1)])], strict=True))
    row = [entries.get(k, fmpq(0)) for k in free]
    return row if all(isinstance(v, fmpq) for v in row) else None  # type: ignore[return-value]


@dataclass(frozen=True)
class _Face:
    """The kinks, and the directions (columns of `basis`, in the free coordinates) along which they stay kinks."""

    case: Case
    kinks: dict[Kink, Exact]
    free: list[int]

    @cached_property
    def normals(self) -> fmpq_mat:
        """The gradients of the kinks in the free coordinates."""
        return fmpq_mat([_gradient(self.case, kink, self.free) or [] for kink in self.kinks])

    @cached_property
    def basis(self) -> fmpq_mat:
        """Directions along the face."""
        return nullspace(self.normals)

    @cached_property
    def jets(self) -> dict[Kink, Any]:
        """What the units on kinks contribute: their value and left slope."""
        found: dict[Kink, Any] = {}
        for (part, j, i), b in self.kinks.items():
            value, slope = germ(self.case.parts[part].activation, b, -1, 1)
            found[part, j, i] = (enclose(b), (enclose(value), enclose(slope), arb(0)))
        return found

    def at(self, center: list[Exact]) -> Enclosure:
        """The loss at a point of the face."""
        return Enclosure(self.case, unflatten(self.case, [enclose(c) for c in center]), self.jets)

    def slope(self, center: list[Exact]) -> arb_mat:
        """The gradient along the face, in the coordinates of `basis`."""
        gradient = self.at(center).gradient
        return arb_mat(self.basis.transpose()) * arb_mat(len(self.free), 1, [gradient[k] for k in self.free])

    def curvature(self, state: Enclosure) -> arb_mat:
        """The Hessian along the face."""
        rows = arb_mat(hessian(state, BITS)).tolist()
        matrix = arb_mat(len(self.free), len(self.free), [rows[r][c] for r in self.free for c in self.free])
        basis = arb_mat(self.basis)
        return basis.transpose() * matrix * basis

    def moved(self, center: list[Exact], step: list[fmpq]) -> list[Exact]:
        """center + basis step, exactly."""
        change = (self.basis * fmpq_mat(len(step), 1, step)).entries()
        result = list(center)
        for k, d in zip(self.free, change, strict=True):
            result[k] = result[k] + d
        return result


def _proposed(problem: Problem, kinks: dict[Kink, Exact]) -> Json:
    case = problem.checked
    center = _snapped(problem, kinks)
    everything = _Face(case, kinks, list(range(problem.size)))
    moves, frozen = independent_moves(everything.at(center))
    taken = set(frozen)
    face = _Face(case, kinks, [k for k in range(problem.size) if k not in taken])
    if face.normals.rank() < len(kinks) or face.basis.ncols() == 0:
        raise Declined("kink", "the kinks are not independent of the moves that leave the loss unchanged")
    center = _newton(face, center)
    rows = face.curvature(face.at(center)).tolist()
    witness = sharp_witness([[float(v.mid()) for v in row] for row in rows])
    if witness is None:
        raise Declined("hessian-not-definite", "the Hessian along the kinks is not shown to be positive definite")
    x, _ = congruence(witness, face.basis.ncols(), "witness")
    step = arb(0)
    for v in (x * face.slope(center)).entries():
        step = step.max(abs(v).upper())
    spread = arb_mat(face.basis) * x.transpose()
    lengths = [sum((abs(v) for v in row), arb(0)).upper() for row in spread.tolist()]
    start = row_sum_norm(x * arb_mat(rows) * x.transpose())
    s = largest_box(step, start, partial(_contraction, face, center, x, lengths))
    if s is None:
        raise Declined("no-box", "no box along the kinks was found on which Newton's method provably converges")
    return {
        "center": [text(v) for v in center],
        "radius": text(s),
        "bits": BITS,
        "witness": witness,
        "moves": moves,
        "frozen": frozen,
        "kinks": [list(kink) for kink in kinks],
    }


def _contraction(face: _Face, center: list[Exact], x: arb_mat, lengths: list[arb], s: arb) -> arb:
    """q of the checker's lemma over the box of radius s."""
    radii = [arb(0)] * len(center)
    for k, length in zip(face.free, lengths, strict=True):
        radii[k] = s * length
    box = Enclosure.over(face.case, center, radii, face.jets)
    return row_sum_norm(x * face.curvature(box) * x.transpose())


def _snapped(problem: Problem, kinks: dict[Kink, Exact]) -> list[Exact]:
    """The given point moved onto the kinks exactly, by the coordinates that are their pivots."""
    case = problem.checked
    rows = [_gradient(case, kink, list(range(problem.size))) or [] for kink in kinks]
    traces = problem.analysis.traces
    gaps = [b - traces[p][i].u[0][j] for (p, j, i), b in kinks.items()]
    if any(not isinstance(gap, fmpq) for gap in gaps):
        raise Declined("kink", "a pre-activation close to a breakpoint is irrational")
    reduced, _ = fmpq_mat([[*row, gap] for row, gap in zip(rows, gaps, strict=True)]).rref()
    center = list(problem.theta)
    for row in reduced.tolist():
        pivot = next(k for k, v in enumerate(row) if v != 0)
        center[pivot] = center[pivot] + row[-1]
    return center


def _newton(face: _Face, center: list[Exact]) -> list[Exact]:
    """Newton's method along the face, until the slope no longer falls."""
    smallest: arb | None = None
    best = center
    for _ in range(STEPS):
        slope = face.slope(center)
        size = arb(0)
        for v in slope.entries():
            size = size.max(abs(v.mid()))
        if smallest is not None and not size < smallest / 2:
            return best
        best, smallest = center, size
        if not size > 0:
            return best
        matrix = arb_mat([[v.mid() for v in row] for row in face.curvature(face.at(center)).tolist()])
        try:
            solved = matrix.solve(arb_mat([[v.mid()] for v in slope.entries()])).entries()
        except ZeroDivisionError:
            return best
        center = face.moved(center, [-_short(v.mid()) for v in solved])
    return best


def _short(x: arb) -> fmpq:
    """A dyadic number near x with few bits: steps are small, and their sum has to stay short."""
    mantissa, exponent = (int(v) for v in x.man_exp())
    shift = -BITS * 2 // 3 - exponent  # multiples of 2**(-2/3 BITS)
    value = mantissa >> shift if shift > 0 else mantissa << -shift
    return fmpq(value, 2 ** (BITS * 2 // 3))
