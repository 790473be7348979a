"""Signs on a closed interval from the structure of an expression: ranges, factors, terms and the normal form.

Ranges are interval arithmetic with exact ends, on unbounded intervals too. The normal form is N/D where D is not 0 on
the interval, so D has one sign there, that at any one point; the signs of N come from Sturm's theorem.
"""

from __future__ import annotations

from functools import reduce

from ..domain import Range, range_on
from ..expression import Expression
from ..number import DomainProblem, Undecided, spend
from ..polynomial import End, interior_point
from .form import Form, form
from .numerators import numerator_signs, sign_at
from .sign_set import ALL, Signs, added, among, both, flipped, multiplied, only, to_power

Known = dict[Expression, Signs]


def structural_signs(expression: Expression, left: End, right: End) -> Signs:
    """What the structure proves; see `signs.signs` for what is required of the expression. Raises TooLarge."""
    return _signs(expression, left, right, {})


def _signs(e: Expression, left: End, right: End, known: Known) -> Signs:
    found = known.get(e)
    if found is None:
        spend(1)
        found = _by_range(e, left, right)
        if not found.is_settled():
            found = both(found, _by_parts(e, left, right, known))
        if not found.is_settled():
            found = both(found, _by_form(e, left, right))
        known[e] = found
    return found


def _by_range(e: Expression, left: End, right: End) -> Signs:
    """The signs in an interval that contains all values."""
    found = range_on(e, Range(left, right))
    for side, bounds in ((1, found), (-1, found.negated())):
        if bounds.positive():
            return only(side)
        if bounds.non_negative():
            return among(0, side)
    return ALL


def _by_parts(e: Expression, left: End, right: End, known: Known) -> Signs:
    if e.op not in ("neg", "inv", "mul", "add", "pow"):
        return ALL
    args: list[Signs] = []
    for argument in e.args:  # a loop, not a comprehension: one stack frame per level of nesting
        args.append(_signs(argument, left, right, known))
    if e.op in ("mul", "add"):
        return reduce(multiplied if e.op == "mul" else added, args)
    if e.op == "pow":
        return to_power(args[0], abs(e.exponent)) if e.exponent else only(1)
    return flipped(args[0]) if e.op == "neg" else args[0]


def _by_form(e: Expression, left: End, right: End) -> Signs:
    try:
        found = form(e)
        result = numerator_signs(found.numerator, found.ring, left, right)
        return result if denominator_sign(found, left, right) > 0 else flipped(result)
    except (Undecided, DomainProblem):
        return ALL


def denominator_sign(x: Form, left: End, right: End) -> int:
    """The sign of D on an interval where it is not 0; raises UnknownSign."""
    point, result = interior_point(left, right), 1
    for d, n in x.denominators:
        if n % 2:
            result *= sign_at(d, x.ring, point)
    return result
