"""Rule existence: from a float point to a box that holds exactly one minimum.

Newton's method in float64, then with the gradient in balls of growing precision, gives the center; the witness of the
Hessian's definiteness at the center gives the coordinates; the largest box that still works gives the uniqueness
radius.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from flint import arb, arb_mat, fmpq

from verifier.arithmetic.convert import nearest_float
from verifier.checker.curvature import hessian
from verifier.checker.definite import congruence
from verifier.checker.enclosure import Enclosure
from verifier.checker.errors import Rejected
from verifier.checker.number import DomainProblem, Exact, Undecided, enclose, precision, text
from verifier.rules.moves import moves_of
from verifier.rules.problem import Declined, Json, Problem

FLOAT_STEPS = 60
REFINEMENTS = 24
WITNESS_BITS = 24
SHARP = 0.1  # of the row sums of |I - X H X^T|
LEVELS = (128, 256, 512, 1_024)  # bits
RADII = (4, 8, 12, 16, 20, 26, 32, 40, 52, 64, 80, 100, 130, 170, 220, 300, 400)  # s = 2**-k


@dataclass(frozen=True)
class _Slice:
    """The coordinates that move, and the moves that make up for the others."""

    moves: list[Json]
    frozen: list[int]
    size: int

    @cached_property
    def free(self) -> list[int]:
        """All positions that are not frozen."""
        taken = set(self.frozen)
        return [k for k in range(self.size) if k not in taken]


def propose(problem: Problem, near: Exact) -> Json:
    """A node that shows a local minimum within `near` of the point, or Declined."""
    part = _slice(problem)
    start = _float_newton(problem, part)
    for bits in LEVELS:
        try:
            with precision(bits):
                found = _at_precision(problem, part, start, near, bits)
        except (Undecided, DomainProblem, Rejected) as reason:
            raise Declined("box", f"the loss is not smooth on a box around the point: {reason}") from None
        if found is not None:
            return found
    raise Declined("no-box", "no box around the point was found on which Newton's method provably converges")


def _slice(problem: Problem) -> _Slice:
    """One frozen coordinate for each tangent of the moves at the point: the largest entry that is still free."""
    chosen: list[Json] = []
    frozen: list[int] = []
    for move in moves_of(Enclosure.at(problem.checked, problem.theta)):
        own: list[int] = []
        for tangent in move.tangents:
            candidates = [k for k, v in enumerate(tangent) if nearest_float(v) and k not in frozen and k not in own]
            if not candidates:
                break
            own.append(max(candidates, key=partial(_size, tangent)))
        else:
            chosen.append(move.document)
            frozen += own
    return _Slice(chosen, sorted(frozen), problem.size)


def _size(vector: tuple[Exact, ...], k: int) -> float:
    return abs(nearest_float(vector[k]))


def _float_newton(problem: Problem, part: _Slice) -> list[fmpq]:
    """Newton's method in float64 from the given point; the best point seen, as exact numbers."""
    import numpy as np

    theta = np.array([nearest_float(v) for v in problem.theta])
    best, smallest = theta.copy(), np.inf
    for _ in range(FLOAT_STEPS):
        here = problem.objective.at(theta)
        slope = np.asarray(here.gradient(), dtype=np.float64)[part.free]
        matrix = np.asarray(here.hessian(), dtype=np.float64)[np.ix_(part.free, part.free)]
        size = float(np.abs(slope).max())
        if not np.isfinite(size) or not np.isfinite(matrix).all() or size >= smallest:
            break
        best, smallest = theta.copy(), size
        try:
            step = np.linalg.solve(matrix, slope)
        except np.linalg.LinAlgError:
            break
        theta = theta.copy()
        theta[part.free] -= step
    return [_dyadic(float(v)) for v in best]


def _dyadic(x: float) -> fmpq:
    return fmpq(*x.as_integer_ratio())


def _at_precision(problem: Problem, part: _Slice, start: list[fmpq], near: Exact, bits: int) -> Json | None:
    import numpy as np

    case = problem.checked
    center: list[Exact] = [v if k in set(part.free) else problem.theta[k] for k, v in enumerate(start)]
    matrix = np.array(problem.objective.at(np.array([nearest_float(v) for v in center])).hessian())
    inverse = np.linalg.pinv(matrix[np.ix_(part.free, part.free)])
    size = None
    for _ in range(REFINEMENTS):
        slope = Enclosure.at(case, center).gradient
        values = [slope[k].mid() for k in part.free]
        largest = max((abs(float(v)) for v in values), default=0.0)
        if size is not None and largest >= size / 2:
            break
        size = largest
        if largest == 0.0:
            break
        scaled = np.array([float(v / largest) for v in values])
        step = inverse @ scaled
        for k, s in zip(part.free, step, strict=True):
            center[k] = _rounded(enclose(center[k]) - arb(float(s)) * largest, bits // 2)
    return _box(problem, part, center, near, bits)


def _rounded(x: arb, bits: int) -> fmpq:
    """A dyadic number near the middle of x, with about `bits` significant bits."""
    mantissa, exponent = (int(v) for v in x.mid().man_exp())
    excess = max(mantissa.bit_length() - bits, 0)
    return fmpq(mantissa >> excess) * fmpq(2) ** (exponent + excess)


def _box(problem: Problem, part: _Slice, center: list[Exact], near: Exact, bits: int) -> Json | None:
    from verifier.arithmetic.definite import definite_witness

    case, free = problem.checked, part.free
    rows = arb_mat(hessian(Enclosure.at(case, center), bits)).tolist()
    document = _sharp_witness([[float(rows[r][c].mid()) for c in free] for r in free])
    if document is None:  # too ill-conditioned for float64
        found = definite_witness([[rows[r][c] for c in free] for r in free])
        if found is None:
            raise Declined("hessian-not-definite", "the Hessian near the point is not shown to be positive definite")
        document = found.document()
    x, lengths = congruence(document, len(free), "witness")
    slope = Enclosure.at(case, center).gradient
    image = (x * arb_mat(len(free), 1, [slope[k] for k in free])).entries()
    step = max((float(abs(v).upper()) for v in image), default=0.0)
    for s in _candidates(step):
        try:
            q = _contraction(case, center, free, x, lengths, enclose(s), bits)
        except Undecided:
            continue  # the box meets a breakpoint
        if q is not None and bool(arb(step) * 2 + q * enclose(s) < enclose(s)):
            return {
                "center": [text(v) for v in center],
                "radius": text(s),
                "bits": bits,
                "witness": document,
                "moves": part.moves,
                "frozen": part.frozen,
            }
    return None


def _sharp_witness(matrix: list[list[float]]) -> Json | None:
    """X = L^-1 of the Cholesky factorisation H = L L^T in 24-bit integers; a small |I - X H X^T| leaves room for a
    box.
    """
    import numpy as np

    h = np.array(matrix)
    try:
        inverse = np.linalg.inv(np.linalg.cholesky(h))
    except np.linalg.LinAlgError:
        return None
    scale = np.abs(inverse).max(axis=1)
    exponents = np.frexp(scale)[1] - WITNESS_BITS
    integers = np.rint(np.ldexp(inverse, -exponents[:, None]))
    x = np.ldexp(integers, exponents[:, None])
    if not np.isfinite(x).all() or not np.abs(np.eye(len(h)) - x @ h @ x.T).sum(axis=1).max() < SHARP:
        return None
    rows = [[int(v) for v in row[: r + 1]] for r, row in enumerate(integers)]
    return {"rows": rows, "exponents": [int(v) for v in exponents]}


def _candidates(step: float) -> Iterator[fmpq]:
    """Radii s, the largest first, none below the Newton step."""
    for k in RADII:
        if 2.0**-k <= step:
            return
        yield fmpq(1, 2**k)


def _contraction(
    case: Any, center: list[Exact], free: list[int], x: arb_mat, lengths: list[arb], s: arb, bits: int
) -> arb | None:
    """q of the checker's lemma over the box of radius s, or None where it is not below 1."""
    radii = [arb(0)] * len(center)
    for k, length in zip(free, lengths, strict=True):
        radii[k] = s * length
    rows = arb_mat(hessian(Enclosure.over(case, center, radii), bits)).tolist()
    product = x * arb_mat(len(free), len(free), [rows[r][c] for r in free for c in free]) * x.transpose()
    q = arb(0)
    for r, row in enumerate(product.tolist()):
        total = arb(0)
        for c, value in enumerate(row):
            total += abs(value - (1 if r == c else 0))
        q = q.max(total)
    return q if bool(q < 1) else None


def nowhere(problem: Problem, near: Exact) -> Iterator[Json]:
    """Nodes that may show that no point within `near` is a local minimum with the claimed properties."""
    bits = LEVELS[0]
    case = problem.checked
    try:
        with precision(bits):
            box = Enclosure.over(case, problem.theta, [enclose(near)] * problem.size)
            sides = [k for k, v in enumerate(box.gradient) if bool(v > 0 or v < 0)]
    except (Undecided, DomainProblem) as reason:
        raise Declined("box", f"the loss is not smooth within the radius: {reason}") from None
    for k in sides[:1]:
        yield {"bits": bits, "coordinate": k}
    yield {"bits": bits, "margins": True}
    yield from ({"bits": bits, "direction": [text(v) for v in d]} for d in _negative_directions(problem))


def _negative_directions(problem: Problem) -> Iterator[list[fmpq]]:
    import numpy as np

    matrix = np.array(problem.objective.at(np.array([nearest_float(v) for v in problem.theta])).hessian())
    if not np.isfinite(matrix).all():
        return
    values, vectors = np.linalg.eigh(matrix)
    if values[0] < 0:
        scaled = vectors[:, 0] / np.abs(vectors[:, 0]).max()
        yield [fmpq(round(float(v) * 2**20), 2**20) for v in scaled]
