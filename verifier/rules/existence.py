"""Rule existence: from a float point to a box that holds exactly one minimum.

Newton's method in float64, then with the gradient in balls of growing precision, gives the center; the witness of the
Hessian's definiteness at the center gives the coordinates; the largest box that still works gives the uniqueness
radius.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flint import arb, arb_mat, fmpq

from verifier.arithmetic.convert import nearest_float
from verifier.checker.curvature import hessian
from verifier.checker.definite import congruence
from verifier.checker.enclosure import Enclosure
from verifier.checker.errors import Rejected
from verifier.checker.number import DomainProblem, Exact, Undecided, enclose, precision, text
from verifier.checker.rules.existence import row_sum_norm, submatrix
from verifier.rules.moves import moves_of
from verifier.rules.problem import Declined, Json, Problem

FLOAT_STEPS = 60
HALVINGS = 20
POLISHED = 1e-8  # a slope below which Newton's method goes on only as long as it halves it
PUSH = 1e-6
REFINEMENTS = 24
WITNESS_BITS = 24
SPARE_BITS = 4
MAX_EXPONENT = 10_000
DEPENDENT = 1e-6  # the part of a tangent that is left by those before it, if they span it
SHARP = 0.1  # of the row sums of |I - X H X^T|
PROBE = fmpq(1, 2**26)
HALFWAY = 0.4  # of q, up to which a box may grow
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
    start: list[fmpq] | None = None
    declined = Declined("no-box", "no box around the point was found on which Newton's method provably converges")
    for bits in LEVELS:
        try:
            with precision(bits):
                part = _slice(problem)
                if not part.free:
                    raise Declined("no-box", "moves that leave the loss unchanged act on every coordinate")
                start = start or _float_search(problem, part, nearest_float(near))
                found = _at_precision(problem, part, start, near, bits)
        except (Undecided, DomainProblem, Rejected) as reason:
            declined = Declined("box", f"the loss is not smooth on a box around the point: {reason}")
        except Declined as reason:
            declined = reason
        else:
            if found is not None:
                return found
    raise declined


def _slice(problem: Problem) -> _Slice:
    moves, frozen = independent_moves(Enclosure.at(problem.checked, problem.theta))
    return _Slice(moves, frozen, problem.size)


def independent_moves(state: Enclosure) -> tuple[list[Json], list[int]]:
    """Moves with independent tangents, and for each tangent the coordinate that is its largest once those before it are
    eliminated (so that the frozen coordinates of the tangents form an invertible matrix).
    """
    import numpy as np

    chosen: list[Json] = []
    pivots: list[tuple[int, Any]] = []  # a coordinate, and a reduced tangent that is 1 there
    for move in moves_of(state):
        own = list(pivots)
        for tangent in move.tangents:
            given = np.array([float(enclose(v).mid()) for v in tangent])
            reduced = given.copy()
            for k, row in own:
                reduced -= reduced[k] * row
            k = int(np.abs(reduced).argmax())
            if not np.isfinite(reduced).all() or abs(reduced[k]) <= DEPENDENT * np.abs(given).max():
                break
            own.append((k, reduced / reduced[k]))
        else:
            chosen.append(move.document)
            pivots = own
    return chosen, sorted(k for k, _ in pivots)


def _float_search(problem: Problem, part: _Slice, near: float) -> list[fmpq]:
    """Newton's method in float64 from the given point, downhill where the Hessian is not definite, as long as it stays
    near the point; the best point seen, as exact numbers.
    """
    import numpy as np

    given = np.array([nearest_float(v) for v in problem.theta])
    theta, best, smallest = given, given, np.inf
    with np.errstate(all="ignore"):
        for _ in range(FLOAT_STEPS):
            here = problem.objective.at(theta)
            slope = np.asarray(here.gradient(), dtype=np.float64)[part.free]
            matrix = np.asarray(here.hessian(), dtype=np.float64)[np.ix_(part.free, part.free)]
            size = float(np.abs(slope).max())
            if not np.isfinite(size) or not np.isfinite(matrix).all():
                break
            definite = _is_definite(matrix)
            if definite and size >= smallest / 2 and smallest < POLISHED:
                break
            if size < smallest:
                best, smallest = theta, size
            step = np.zeros(len(theta))
            try:
                step[part.free] = _float_step(matrix, slope, definite)
            except np.linalg.LinAlgError:
                break
            there = _lower(problem, theta, step, float(here.value))
            if there is None and not definite:
                break
            there = theta - step if there is None else there
            if not np.abs(there - given).max() <= 2 * near:
                break
            if not definite:
                smallest = np.inf  # a small slope near a saddle counts for nothing
            theta = there
    return [_dyadic(float(v)) for v in best]


def _is_definite(matrix: Any) -> bool:
    import numpy as np

    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def _float_step(matrix: Any, slope: Any, definite: bool) -> Any:
    """The Newton step, or one with the eigenvalues made positive."""
    import numpy as np

    with suppress(np.linalg.LinAlgError):
        if definite:
            return np.linalg.solve(matrix, slope)
    values, vectors = np.linalg.eigh(matrix)
    sizes = np.abs(values)
    along = vectors.T @ slope
    along = np.where((values < 0) & (np.abs(along) < PUSH), PUSH, along)  # off the saddle
    return vectors @ (along / np.maximum(sizes, 1e-12 * max(float(sizes.max()), 1e-300)))


def _lower(problem: Problem, theta: Any, step: Any, value: float) -> Any:
    """theta - step/2^k with a smaller loss, or None."""
    for k in range(HALVINGS):
        there = theta - step / 2**k
        if float(problem.objective.value(there)) < value:
            return there
    return None


def _dyadic(x: float) -> fmpq:
    return fmpq(*x.as_integer_ratio())


def _at_precision(problem: Problem, part: _Slice, start: list[fmpq], near: Exact, bits: int) -> Json | None:
    center = _refined(problem, part, start, bits)
    away = max((abs(enclose(c - g)) for c, g in zip(center, problem.theta, strict=True)), key=float)
    if away > enclose(near):
        raise Declined("no-box", f"Newton's method leads to a point at distance {away.str(3, radius=False)}")
    return _box(problem, part, center, enclose(near) - away, bits)


def _refined(problem: Problem, part: _Slice, start: list[fmpq], bits: int) -> list[Exact]:
    """Newton's method with the slope in balls; the inverse Hessian in float64 as long as that helps, then in balls."""
    case, free = problem.checked, part.free
    center: list[Exact] = [v if k in set(free) else problem.theta[k] for k, v in enumerate(start)]
    inverse = _float_inverse(problem, part, center)
    size: arb | None = None
    for _ in range(REFINEMENTS):
        slope = Enclosure.at(case, center).gradient
        values = [slope[k].mid() for k in free]
        largest = arb(0)
        for v in values:
            largest = largest.max(abs(v))
        if not largest > fmpq(1, 2 ** (bits // 2 - SPARE_BITS)):
            break  # as small as the rounding of the center allows
        if size is not None and not largest < size / 2:
            if inverse is None:
                break
            inverse = None
        size = largest
        scaled = [v / largest for v in values]
        if inverse is not None:
            step = [arb(float(s)) for s in inverse @ [float(v) for v in scaled]]
        else:
            rows = _free_part(case, center, free, bits)
            try:
                solved = arb_mat([[v.mid() for v in row] for row in rows]).solve(arb_mat(len(free), 1, scaled))
            except ZeroDivisionError:
                break
            step = solved.entries()
        if not all(v.is_finite() for v in step):
            break
        for k, s in zip(free, step, strict=True):
            center[k] = _rounded(enclose(center[k]) - s.mid() * largest, bits // 2)
    return center


def _float_inverse(problem: Problem, part: _Slice, center: list[Exact]) -> Any:
    """The pseudo-inverse in float64 of the Hessian in the free coordinates, or None."""
    import numpy as np

    with np.errstate(all="ignore"):
        matrix = np.array(problem.objective.at(np.array([nearest_float(v) for v in center])).hessian())
        try:
            return np.linalg.pinv(matrix[np.ix_(part.free, part.free)])
        except np.linalg.LinAlgError:
            return None


def _free_part(case: Any, center: list[Exact], free: list[int], bits: int) -> list[list[arb]]:
    rows = arb_mat(hessian(Enclosure.at(case, center), bits)).tolist()
    return [[rows[r][c] for c in free] for r in free]


def _rounded(x: arb, bits: int) -> fmpq:
    """A dyadic number near the middle of x, with about `bits` significant bits."""
    mantissa, exponent = (int(v) for v in x.mid().man_exp())
    excess = max(mantissa.bit_length() - bits, 0)
    if abs(exponent + excess) > MAX_EXPONENT:
        raise Declined("no-box", "Newton's method leads to numbers out of range")
    return fmpq(mantissa >> excess) * fmpq(2) ** (exponent + excess)


def _box(problem: Problem, part: _Slice, center: list[Exact], room: arb, bits: int) -> Json | None:
    """A node whose minimum lies within `room` of the center, or None: more bits are needed."""
    case, free = problem.checked, part.free
    rows = _free_part(case, center, free, bits)
    document = sharp_witness([[float(v.mid()) for v in row] for row in rows])
    if document is None:  # too ill-conditioned for float64
        document = _ball_witness(rows, bits)
    if document is None:
        return None
    x, lengths = congruence(document, len(free), "witness")
    slope = Enclosure.at(case, center).gradient
    image = (x * arb_mat(len(free), 1, [slope[k] for k in free])).entries()
    step = arb(0)
    for v in image:
        step = step.max(abs(v).upper())
    if not all(bool(2 * step * length < room) for length in lengths):  # about e/(1 - q), the checker's bound
        return None
    s = largest_box(
        step,
        row_sum_norm(x * arb_mat(rows) * x.transpose()),
        lambda radius: _contraction(case, center, free, x, lengths, radius, bits),
    )
    if s is None:
        return None
    return {
        "center": [text(v) for v in center],
        "radius": text(s),
        "bits": bits,
        "witness": document,
        "moves": part.moves,
        "frozen": part.frozen,
    }


def largest_box(step: arb, start: arb, contraction: Callable[[arb], arb]) -> fmpq | None:
    """A radius s = 2**-k with step < (1 - q(s)) s, by few evaluations of q = contraction(s) (which raises Undecided
    where the box meets a breakpoint). q grows about linearly from `start`: one small box tells how far to go.
    """
    radii = [s for k in RADII if step * 2 < (s := fmpq(1, 2**k))]
    tried: dict[fmpq, arb | None] = {}

    def works(s: fmpq) -> bool:
        if s not in tried:
            try:
                tried[s] = contraction(enclose(s))
            except Undecided:
                tried[s] = None
        q = tried[s]
        return q is not None and bool(step * 2 + q * enclose(s) < enclose(s))

    first = next((s for s in radii if s <= PROBE), radii[-1] if radii else None)
    if first is None:
        return None
    while not works(first):
        smaller = [s for s in radii if s < first]
        if not smaller:
            return None
        first = smaller[0]
    growth = (float((tried[first] or arb(0)).mid()) - float(start.mid())) / float(first)
    reach = (HALFWAY - float(start.mid())) / growth if growth > 0 else float("inf")
    larger = [s for s in radii if first < s and float(s) <= reach]
    return next((s for s in larger[:3] if works(s)), first)


def sharp_witness(matrix: list[list[float]]) -> Json | None:
    """X = L^-1 of the Cholesky factorisation H = L L^T in 24-bit integers; a small |I - X H X^T| leaves room for a
    box.
    """
    import numpy as np

    h = np.array(matrix)
    with np.errstate(all="ignore"):
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


def _ball_witness(rows: list[list[arb]], bits: int) -> Json | None:
    """The same in balls, with integers of half the precision; None if the precision is too low. Raises Declined where
    the Hessian is shown not to be definite.
    """
    size = len(rows)
    lower = [[arb(0)] * size for _ in rows]
    for r in range(size):
        for c in range(r + 1):
            value = rows[r][c]
            for k in range(c):
                value -= lower[r][k] * lower[c][k]
            if r != c:
                lower[r][c] = value / lower[c][c]
            elif value > 0:
                lower[r][r] = value.sqrt()
            elif value < 0:
                raise Declined("hessian-not-definite", "the Hessian near the point is not positive definite")
            else:
                return None
    integers: list[list[int]] = []
    exponents: list[int] = []
    for r, row in enumerate(arb_mat(lower).inv().tolist()):
        mantissas = [(int(m), int(e)) for m, e in (v.mid().man_exp() for v in row[: r + 1])]
        low = max(m.bit_length() + e for m, e in mantissas if m) - bits // 2
        integers.append([m << (e - low) if e >= low else m >> (low - e) for m, e in mantissas])
        exponents.append(low)
    return {"rows": integers, "exponents": exponents}


def _contraction(
    case: Any, center: list[Exact], free: list[int], x: arb_mat, lengths: list[arb], s: arb, bits: int
) -> arb:
    """q of the checker's lemma over the box of radius s."""
    radii = [arb(0)] * len(center)
    for k, length in zip(free, lengths, strict=True):
        radii[k] = s * length
    matrix = submatrix(hessian(Enclosure.over(case, center, radii), bits), free)
    return row_sum_norm(x * matrix * x.transpose())
