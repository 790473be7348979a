"""Identities between values of one function: affine, even, mirror, homogeneous, exponential.

Lemma. A C^2 function on an interval is 0 if it is 0 at one point and its derivative is 0 in normal form; or if it and
its derivative are 0 at one point and its second derivative is 0 in normal form. So log(exp(z) + exp(-z)) is seen to be
even though it has no normal form itself. A false identity is refuted at a point.
"""

from __future__ import annotations

from itertools import pairwise

from flint import arb, fmpq

from .. import number
from ..expression import Expression, evaluate, num, var
from ..fact_types import UNKNOWN, Fact, no, yes
from ..number import DomainProblem, Exact, Undecided
from ..piecewise import VARIABLE
from ..polynomial import interior_point
from .balls import value as ball_value
from .differentiate import call, negative, product, total
from .form import form, is_identically_zero, reflected
from .pieces import Piece
from .study import Study

_POINTS = tuple(fmpq(k, 2) for k in (1, 2, 3, 4, 7, 10, 16))
_BITS = 128


def affine(s: Study) -> Fact:
    """Whether s(z) = c0 + c1 z."""
    if all(is_identically_zero(p.bend) for p in s.pieces) and all(j == 0 for j in s.jumps1):
        return yes("s'' = 0 identically (normal form)")
    if any(s.jumps1) or any(b.all_in(0) is False for b in s.bends):
        return no("s'' is not 0 somewhere, or s' jumps")
    return UNKNOWN


def even(s: Study) -> Fact:
    """Whether s(-z) = s(z)."""
    return _reflection(s, -1, fmpq(0), "s(-z) = s(z)")


def mirror(s: Study) -> Fact:
    """Whether s(z) + s(-z) is constant, with the constant."""
    try:
        twice = 2 * evaluate(s.piece_at(fmpq(0)).value, {VARIABLE: fmpq(0)})
    except (Undecided, DomainProblem):
        return UNKNOWN
    return _reflection(s, 1, twice, f"s(z) + s(-z) = {number.shorten(number.text(twice))}")


def _reflection(s: Study, sign: int, constant: Exact, words: str) -> Fact:
    """Whether s(z) + sign * s(-z) = constant for all z; it is enough to look at z <= 0."""
    for z in _POINTS:
        sides = _at(s, z), _at(s, -z)
        if not (sides[0] + sign * sides[1] - number.ball(constant, _BITS)).contains(0):
            return no(f"{words} is false at z = {z}")
    ends = [None, *sorted({fmpq(0)} | {-abs(b) for b in s.breakpoints})]
    for left, right in pairwise(ends):
        inside = interior_point(left, right)
        assert right is not None
        if not _is_constant(s.piece_at(inside), s.piece_at(-inside), sign, constant, right):
            return UNKNOWN
    why = f"{words}: true at a point, and a derivative of the difference of the two sides is 0 (normal form)"
    return yes(why, constant if sign > 0 else None)


def _is_constant(here: Piece, there: Piece, sign: int, constant: Exact, point: fmpq) -> bool:
    """Whether here(z) + sign * there(-z) = constant on an interval that ends at `point`."""
    value = total(here.value, product(num(sign), reflected(there.value)))
    slope = total(here.slope, product(num(-sign), reflected(there.slope)))
    if not _equals(value, constant, point):
        return False
    if is_identically_zero(slope):
        return True
    bend = total(here.bend, product(num(sign), reflected(there.bend)))
    return _equals(slope, fmpq(0), point) and is_identically_zero(bend)


def _equals(e: Expression, constant: Exact, z: fmpq) -> bool:
    try:
        return number.is_zero(evaluate(e, {VARIABLE: z}) - constant)
    except (Undecided, DomainProblem):
        return False


def _at(s: Study, z: fmpq) -> arb:
    with number.precision(_BITS):
        return ball_value(s.piece_at(z).value, arb(z))


def homogeneous(s: Study) -> Fact:
    """Whether s(tz) = t^k s(z) for t > 0, with k: then s(2)^2 = s(1) s(4), as both are 4^k s(1)^2."""
    if all(b == 0 for b in s.breakpoints):
        powers = {_power_of_z(p.value) for p in s.pieces} - {"zero"}
        if len(powers) == 1:
            (k,) = powers
            if isinstance(k, int):
                return yes(f"a multiple of z**{k} on each side of 0 (normal form)", fmpq(k))
    for side in (1, -1):
        one, two, four = (_at(s, fmpq(side * k)) for k in (1, 2, 4))
        if not (two * two - one * four).contains(0):
            return no(f"s(2z)^2 = s(z) s(4z) is false at z = {side}")
    return UNKNOWN


def _power_of_z(e: Expression) -> int | str:
    """k if e = c z**k, "zero" if e = 0, "other" if neither is shown."""
    try:
        found = form(e)
    except (Undecided, DomainProblem):
        return "other"
    if found.numerator.is_zero():
        return "zero"
    if found.denominators or len(found.numerator.terms) > 1 or not found.numerator.only(0):
        return "other"
    return found.numerator.degrees(0).start


def exponential(s: Study) -> Fact:
    """Whether s = exp."""
    exp = call("exp", var(VARIABLE))
    if all(is_identically_zero(total(p.value, negative(exp))) for p in s.pieces):
        return yes("it is exp (normal form)")
    for z in (fmpq(0), *_POINTS, *(-z for z in _POINTS)):
        with number.precision(_BITS):
            if not (_at(s, z) - arb(z).exp()).contains(0):
                return no(f"it differs from exp at z = {z}")
    return UNKNOWN
