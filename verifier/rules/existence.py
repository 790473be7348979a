"""Rule existence: from a float point to a box that holds exactly one minimum.

Newton's method gives the center, the inverse of a Cholesky factor of the Hessian the coordinates, and the largest box
on which the checker's bounds still work gives the radius of uniqueness. First all of this in floats, which is nearly
always enough; `careful`, for what is ill-conditioned, with the checker's own numbers at growing precision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flint import arb, arb_mat, fmpq

from verifier.arithmetic.convert import nearest_float
from verifier.checker.definite import read_witness
from verifier.checker.enclosure import Enclosure
from verifier.checker.errors import Rejected
from verifier.checker.gram import point_hessian
from verifier.checker.number import DomainProblem, Exact, Undecided, enclose, precision, text
from verifier.checker.rounding import symmetric
from verifier.checker.rules.existence import Newton, part
from verifier.rules.moves import moves_of
from verifier.rules.problem import Declined, Json, Problem

if TYPE_CHECKING:
    from verifier.rules.newton import Floats

REFINEMENTS = 24
WITNESS_BITS = 18
SPARE_BITS = 4
MAX_EXPONENT = 10_000
DEPENDENT = 1e-6  # the part of a tangent that is left by those before it, if they span it
SHARP = 0.1  # of the row sums of |I - X H X^T|
PROBE = fmpq(1, 2**26)
HALFWAY = 0.4  # of q, up to which a box may grow
BITS = 96  # of the checker's balls, where floats chose the box
FEW = 61  # bits that two of the checker's factors and a sum over all samples share, where that is enough
DIGITS = 56  # of the checker's integers elsewhere
LOST = 8  # bits of an entry of the Hessian, about, that the checker does not know then: relative to its row and column,
MORE = 4  # bits that it knows relative to the largest entry
BLUR = 0.3  # of the row sums of |I - X H X^T| that this may add
SLACK = 16  # by which the checker's step may exceed that in floats
LEVELS = (128, 256, 512, 1_024)  # bits
RADII = (4, 8, 12, 16, 20, 26, 32, 40, 52, 64, 80, 100, 130, 170, 220, 300, 400)  # s = 2**-k


class _TooFar(Declined):
    """More bits will not bring the minimum nearer."""


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


def propose(problem: Problem, near: Exact, careful: bool = False) -> Json:
    """A node that shows a local minimum within `near` of the point, or Declined."""
    declined = Declined("no-box", "no box around the point was found on which Newton's method provably converges")
    start: list[fmpq] | None = None
    for bits in LEVELS if careful else (BITS,):
        try:
            with precision(bits):
                part = _slice(problem)
                if not part.free:
                    raise Declined("no-box", "moves that leave the loss unchanged act on every coordinate")
                if not careful:
                    return _in_floats(problem, part, near)
                start = start or _start(problem, part, near)
                found = _at_precision(problem, part, start, near, bits)
        except (Undecided, DomainProblem, Rejected) as reason:
            declined = Declined("box", f"the loss is not smooth on a box around the point: {reason}")
        except _TooFar:
            raise
        except Declined as reason:
            declined = reason
        else:
            if found is not None:
                return found
    raise declined


def _slice(problem: Problem) -> _Slice:
    rate = problem.checked.weight_decay
    if isinstance(rate, fmpq) and rate > 0:  # on every parameter: none can be moved
        return _Slice([], [], problem.size)
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


# -- in floats ---------------------------------------------------------------------------------------------------------


def _in_floats(problem: Problem, part: _Slice, near: Exact) -> Json:
    """A node of which the checker only has to confirm what floats say."""
    import numpy as np

    from verifier.rules import newton, singular
    from verifier.rules.growth import third

    free = part.free
    start = newton.descend(problem, free, nearest_float(near))
    document, inverse = (None, None) if start is None else _witness(start.matrix)
    if start is None or document is None or inverse is None:
        found = None if start is None else singular.declined(problem.checked, start.matrix, free)
        raise found or Declined("no-box", "Newton's method in float64 does not lead to a definite Hessian")
    center, step = newton.polished(problem, start, free, inverse)
    lengths = np.zeros(problem.size)
    lengths[free] = np.abs(inverse).sum(axis=0)
    e = SLACK * max(float(np.abs(step).max()), 2.0**-200)
    room = nearest_float(near) - max(abs(nearest_float(c - g)) for c, g in zip(center, problem.theta, strict=True))
    if not 2 * e * lengths.max() < room:
        raise Declined("no-box", "Newton's method leads to a point further away than the radius")
    deviation = float(np.abs(np.eye(len(free)) - inverse @ start.matrix @ inverse.T).sum(axis=1).max())
    here = problem.objective.at(start.theta)

    def contraction(s: float) -> float:
        return deviation + s * float((np.abs(inverse) @ third(here, lengths, s)[free]).max())

    s = _largest(e, contraction)
    if s is None:
        raise Declined("no-box", "no box was found in floats on which Newton's method converges")
    return _node(center, s, BITS, _digits(problem, start.matrix, inverse), document, part)


def _digits(problem: Problem, matrix: Floats, x: Floats) -> int:
    """How precise the checker's Hessian has to be."""
    import numpy as np

    few = (FEW - len(problem.checked.inputs).bit_length()) // 2
    rows, columns = np.abs(x), np.sqrt(np.abs(np.diagonal(matrix)))
    errors = [(LOST - few, columns), (-few - MORE, np.full(len(matrix), np.sqrt(np.abs(matrix).max())))]
    blur = sum(2.0**power * (rows @ sizes).max() * (rows @ sizes).sum() for power, sizes in errors)
    return few if blur < BLUR else DIGITS


def _largest(e: float, contraction: Callable[[float], float]) -> fmpq | None:
    """A radius s = 2**-k with 2e + q s < s and q at most HALFWAY, about the largest."""
    with _quiet():
        small = next((k for k in RADII if 2.0**-k < 1e-6 and 2.0**-k > 8 * e), RADII[-1])
        q = contraction(2.0**-small)
        if q < HALFWAY:
            growth = max((q - contraction(0.0)) / 2.0**-small, 1e-300)
            guess = HALFWAY / growth
            for k in (k for k in range(0, small) if 2.0**-k <= guess):
                if 2 * e < (1 - HALFWAY) * 2.0**-k and contraction(2.0**-k) < HALFWAY:
                    return fmpq(1, 2**k)
            return fmpq(1, 2**small) if 2 * e < (1 - q) * 2.0**-small else None
        for k in RADII:
            if k > small and 2 * e < (1 - HALFWAY) * 2.0**-k and contraction(2.0**-k) < HALFWAY:
                return fmpq(1, 2**k)
    return None


def _quiet() -> Any:
    import numpy as np

    return np.errstate(all="ignore")


def _witness(matrix: Floats) -> tuple[Json | None, Floats | None]:
    """X = L^-1 of the Cholesky factorisation H = L L^T in integers, as a document and in floats; a small
    |I - X H X^T| leaves room for a box.
    """
    import numpy as np
    from scipy.linalg import lapack

    with np.errstate(all="ignore"):
        factor, failed = lapack.dpotrf(matrix, lower=1)
        inverse, singular = lapack.dtrtri(factor, lower=1)
        inverse = np.tril(inverse)
        if failed or singular or not np.isfinite(inverse).all():
            return None, None
        exponents = np.frexp(np.abs(inverse).max(axis=1))[1] - WITNESS_BITS
        integers = np.rint(np.ldexp(inverse, -exponents[:, None]))
        x = np.ldexp(integers, exponents[:, None])
        deviation = np.abs(np.eye(len(matrix)) - x @ matrix @ x.T).sum(axis=1).max()
        if not deviation < SHARP:
            return None, None
    rows = [row[: r + 1] for r, row in enumerate(integers.astype(np.int64).tolist())]
    return {"rows": rows, "exponents": exponents.tolist()}, x


def sharp_witness(matrix: list[list[float]]) -> Json | None:
    """A witness of a float matrix that is definite, or None."""
    import numpy as np

    return _witness(np.array(matrix))[0]


def _node(center: list[Exact] | list[fmpq], s: fmpq, bits: int, digits: int, witness: Json, part: _Slice) -> Json:
    return {
        "center": [text(v) for v in center],
        "radius": text(s),
        "bits": bits,
        "digits": digits,
        "witness": witness,
        "moves": part.moves,
        "frozen": part.frozen,
    }


# -- in balls ----------------------------------------------------------------------------------------------------------


def _start(problem: Problem, part: _Slice, near: Exact) -> list[fmpq]:
    from verifier.rules import newton

    start = newton.descend(problem, part.free, nearest_float(near))
    theta = [nearest_float(v) for v in problem.theta] if start is None else start.theta.tolist()
    return [newton.dyadic(float(v)) for v in theta]


def _at_precision(problem: Problem, part: _Slice, start: list[fmpq], near: Exact, bits: int) -> Json | None:
    center = _refined(problem, part, start, bits)
    away = max((abs(enclose(c - g)) for c, g in zip(center, problem.theta, strict=True)), key=float)
    if away > enclose(near):
        raise _TooFar("no-box", f"Newton's method leads to a point at distance {away.str(3, radius=False)}")
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
    found = part(point_hessian(Enclosure.at(case, center), bits - 2 * SPARE_BITS), free)
    unit, error = arb((1, -found.scale)), symmetric(arb((found.error, -found.scale)))
    return [
        [v * unit + error + symmetric(x * y) for v, y in zip(row, found.sizes, strict=True)]
        for row, x in zip(found.rows, found.sizes, strict=True)
    ]


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
    digits = bits - 2 * SPARE_BITS
    rows = _free_part(case, center, free, bits)
    document = sharp_witness([[float(v.mid()) for v in row] for row in rows])
    if document is None:  # too ill-conditioned for float64
        document = _ball_witness(rows, bits)
    if document is None:
        return None
    found = Newton.at(case, center, free, read_witness(document, len(free), "witness"), digits)
    if not all(bool(2 * found.step * length < room) for length in found.lengths):  # about e/(1 - q)
        return None
    s = largest_box(found.step, found.start, lambda radius: found.contraction(found.over(radius), radius))
    return None if s is None else _node(center, s, bits, digits, document, part)


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
