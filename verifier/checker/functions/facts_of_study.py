"""The facts of an expression (`fact_types.Facts`) from its pieces and their signs; what is not proved is unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from flint import fmpq

from ..domain import defined_on_R
from ..expression import Expression, num
from ..fact_types import UNKNOWN, Fact, Facts, no, yes
from ..number import DomainProblem, TooLarge, Undecided, precision, work
from . import symmetries
from .differentiate import total
from .infimum import infimum
from .pieces import Piece
from .points import WITNESSES, sign_at_point
from .sign_set import Signs
from .signs import signs
from .study import Study, study

MAX_WORK = 40_000
_BITS = 128
_HOW = "(ranges, Sturm's theorem, balls)"


@lru_cache(maxsize=256)
def expression_facts(expression: Expression) -> Facts:
    """Facts of an expression in z; bounded work; raises nothing.

    All are unknown where the expression is not shown to be defined on R.
    """
    if not defined_on_R(expression):
        return Facts()
    with precision(_BITS):  # whatever the caller's is: the answer must not depend on it
        try:
            found = study(expression)
        except (Undecided, DomainProblem) as problem:
            return _unknown(str(problem))
        with work(MAX_WORK):
            return _facts(found)


def _unknown(why: str) -> Facts:
    open_ = Fact(None, why)
    return Facts(*([open_] * len(Facts.__dataclass_fields__)))


def _facts(s: Study) -> Facts:
    differentiable = _smooth([s.jumps1], "s'")
    twice = _smooth([s.jumps1, s.jumps2], "s' or s''")
    increasing = _everywhere(s, s.slopes, (1,), "s' > 0", lambda p: p.slope)
    non_decreasing = _everywhere(s, s.slopes, (0, 1), "s' >= 0", lambda p: p.slope)
    bends = _everywhere(s, s.bends, (1,), "s'' > 0", lambda p: p.bend)
    lower_bound, attained = _attempt_pair(s)
    l1 = _all_of(differentiable, non_decreasing, _positive_on_right(s))
    return Facts(
        affine=_attempt(symmetries.affine, s),
        increasing=increasing,
        non_decreasing=non_decreasing,
        convex=_convex(s),
        strictly_convex=_all_of(twice, bends),
        even=_attempt(symmetries.even, s),
        mirror=_attempt(symmetries.mirror, s),
        homogeneous=_attempt(symmetries.homogeneous, s),
        differentiable=differentiable,
        twice_differentiable=twice,
        exponential=_attempt(symmetries.exponential, s),
        l1=l1,
        l2=_all_of(twice, l1),
        l_plus=_all_of(differentiable, increasing),
        bounds_error=_bounds_error(s),
        lower_bound=lower_bound,
        attained=attained,
    )


def _attempt(rule: Callable[[Study], Fact], s: Study) -> Fact:
    try:
        return rule(s)
    except (Undecided, DomainProblem):
        return UNKNOWN


def _attempt_pair(s: Study) -> tuple[Fact, Fact]:
    try:
        return infimum(s)
    except (Undecided, DomainProblem):
        return UNKNOWN, UNKNOWN


def _all_of(*facts: Fact) -> Fact:
    """The conjunction: false if one is, else unknown if one is."""
    for holds in (False, None):
        for fact in facts:
            if fact.holds is holds:
                return Fact(holds, fact.why)
    return yes("; ".join(dict.fromkeys(fact.why for fact in facts)))


def _smooth(jumps: list[tuple[int | None, ...]], what: str) -> Fact:
    every = [j for group in jumps for j in group]
    if any(every):
        return no(f"{what} jumps at a breakpoint")
    if None in every:
        return UNKNOWN
    return yes("analytic" if not every else f"analytic pieces, and {what} does not jump where they meet")


def _everywhere(
    s: Study, found: Iterable[Signs], allowed: tuple[int, ...], words: str, part: Callable[[Piece], Expression]
) -> Fact:
    """Whether all signs are allowed; every breakpoint belongs to both its pieces."""
    answers = [x.all_in(*allowed) for x in found]
    if False in answers:
        piece = s.pieces[answers.index(False)]
        return no(f"{words} is false {_example(piece, part(piece), allowed)}")
    return UNKNOWN if None in answers else yes(f"{words} everywhere {_HOW}")


def _example(piece: Piece, e: Expression, allowed: tuple[int, ...]) -> str:
    """Where the sign of e is not allowed, in words."""
    for z in WITNESSES:
        inside = (piece.left is None or z >= piece.left) and (piece.right is None or z <= piece.right)
        try:
            sign = sign_at_point(e, z) if inside else None
        except TooLarge:
            break
        if sign is not None and sign not in allowed:
            return f"at z = {z}"
    return f"somewhere between {'-oo' if piece.left is None else piece.left} and " + (
        "oo" if piece.right is None else str(piece.right)
    )


def _convex(s: Study) -> Fact:
    """Convex iff s'' >= 0 on every piece and no slope falls at a breakpoint."""
    if -1 in s.jumps1:
        return no(f"the slope falls at {s.breakpoints[s.jumps1.index(-1)]}")
    curved = _everywhere(s, s.bends, (0, 1), "s'' >= 0", lambda p: p.bend)
    return UNKNOWN if curved.holds is True and not s.is_convex() else curved


def _bounds_error(s: Study) -> Fact:
    answers = [signs(p.value, p.left, p.right).all_in(0, 1) for p in s.pieces]
    if False in answers:
        return no("s < 0 somewhere")
    above = [signs(total(p.value, num(-1)), a, b).all_in(0, 1) for p, a, b in s.parts(fmpq(0), None)]
    if False in above:
        return no("s < 1 at some z >= 0")
    return UNKNOWN if None in answers + above else yes(f"s >= 0 everywhere and s >= 1 for z >= 0 {_HOW}")


def _positive_on_right(s: Study) -> Fact:
    answers = [x.all_in(1) for x in s.slopes_between(fmpq(0), None)]
    if False in answers:
        return no("s' is 0 or less at some z >= 0")
    return UNKNOWN if None in answers else yes(f"s' > 0 for z >= 0 {_HOW}")
