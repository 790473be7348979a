"""The infimum of a function cut into pieces, and whether it is attained.

Lemmas. (a) A limit -oo at an end: unbounded below. (b) If s' <= 0 left of u and s' >= 0 right of it, s(u) is the
minimum (u = -oo or oo: the limit there is the infimum). (c) If s' >= 0 left of u and s' <= 0 right of it, the infimum
is the smaller limit. In (b) with u infinite and in (c) it is not attained if s' is not 0 throughout the unbounded
pieces: where it is attained, s is constant from there outwards, and then s' = 0 on the whole analytic piece. (d) A
continuous function with a value below both its limits attains its infimum.
"""

from __future__ import annotations

from flint import arb, fmpq

from .. import number
from ..expression import Expression, evaluate
from ..fact_types import UNKNOWN, Fact, no, yes
from ..number import DomainProblem, Exact, Undecided
from ..piecewise import VARIABLE
from .balls import value as ball_value
from .limits import Limit, limit
from .points import is_zero_at
from .sign_set import among
from .study import Study

_CANDIDATES = tuple(fmpq(k, 2) for k in (0, -2, 2, -1, 1, -4, 4))
_POINTS = tuple(fmpq(k, 2) for k in range(-12, 13))
_BITS = 128


def infimum(s: Study) -> tuple[Fact, Fact]:
    """(the infimum, whether it is attained)."""
    left, right = limit(s.pieces[0].value, -1), limit(s.pieces[-1].value, 1)
    for end, where in ((left, "-oo"), (right, "oo")):
        if end is not None and end.infinite < 0:
            return no(f"it tends to -oo as z tends to {where}"), no("unbounded below")
    for end, signs, where in ((left, (0, 1), "-oo"), (right, (-1, 0), "oo")):
        if all(x.all_in(*signs) for x in s.slopes):
            return _at_end(s, end, where)
    for u in dict.fromkeys((*s.breakpoints, *_CANDIDATES)):
        if u in s.breakpoints or is_zero_at(s.piece_at(u).slope, u):
            found = _turning(s, u, left, right)
            if found is not None:
                return found
    return UNKNOWN, _dips_below_limits(s, left, right)


def _at_end(s: Study, end: Limit | None, where: str) -> tuple[Fact, Fact]:
    piece, slopes = (s.pieces[0], s.slopes[0]) if where == "-oo" else (s.pieces[-1], s.slopes[-1])
    if slopes.all_in(0):
        return _constant_piece(piece.value, piece.right if where == "-oo" else piece.left, where)
    attained = no(f"monotone, and not constant near {where}") if slopes.all_in(0) is False else UNKNOWN
    if end is None or end.infinite:
        return UNKNOWN, attained
    return yes(f"monotone: the limit at {where}", end.value), attained


def _constant_piece(e: Expression, at: fmpq | None, where: str) -> tuple[Fact, Fact]:
    attained = yes(f"monotone, and constant near {where}")
    try:
        return yes(attained.why, evaluate(e, {VARIABLE: fmpq(0) if at is None else at})), attained
    except (Undecided, DomainProblem):
        return UNKNOWN, attained


def _turning(s: Study, u: fmpq, left: Limit | None, right: Limit | None) -> tuple[Fact, Fact] | None:
    before, after = s.slopes_between(None, u), s.slopes_between(u, None)
    if u not in s.breakpoints and s.is_convex():
        before, after = [among(-1, 0)], [among(0, 1)]  # s' rises, and is 0 at u
    if all(x.all_in(-1, 0) for x in before) and all(x.all_in(0, 1) for x in after):
        why = f"s' <= 0 left of {u} and >= 0 right of it"
        try:
            return yes(why, evaluate(s.piece_at(u).value, {VARIABLE: u})), yes(why)
        except (Undecided, DomainProblem):
            return UNKNOWN, yes(why)
    if all(x.all_in(0, 1) for x in before) and all(x.all_in(-1, 0) for x in after):
        why = f"s' >= 0 left of {u} and <= 0 right of it"
        ends = before[0].all_in(0), after[-1].all_in(0)
        attained = no(f"{why}, and not constant far out") if ends == (False, False) else UNKNOWN
        if left is None or right is None or left.infinite or right.infinite:
            return UNKNOWN, attained
        least = _smaller(left.value, right.value)
        return UNKNOWN if least is None else yes(f"{why}: the smaller limit", least), attained
    return None


def _smaller(x: Exact, y: Exact) -> Exact | None:
    try:
        return x if number.is_zero(x - y) or number.compare(x, y) < 0 else y
    except Undecided:
        return None


def _dips_below_limits(s: Study, left: Limit | None, right: Limit | None) -> Fact:
    if left is None or right is None:
        return UNKNOWN
    finite = [number.ball(x.value, _BITS) for x in (left, right) if not x.infinite]
    for z in _POINTS:
        with number.precision(_BITS):
            here = ball_value(s.piece_at(z).value, arb(z))
        if all(here < end for end in finite):
            return yes(f"continuous, and at z = {z} below both limits")
    return UNKNOWN
