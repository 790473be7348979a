"""The signs that an expression takes on a closed interval: which ones are possible, and which are taken for certain.

`signs` collects what several methods prove. Each is sound by itself; together they narrow `possible` and widen `taken`:

* ranges: interval arithmetic with exact ends (`domain.range_on`), on unbounded intervals too;
* products: the signs of the factors;
* the normal form N/D (`form.py`): D is not 0 on the interval, so it has one sign there, that at any one point; the
  signs of N come from Sturm's theorem (`numerators.py`);
* witnesses: balls at a few rational points;
* boxes: balls on a subdivision of a compact part (`boxes.py`), with a bound for the rest (`tails.py`, ranges).

The expression must be free of max, min and abs, defined on the interval, and the arguments of its square roots must be
> 0 there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce

from flint import arb, fmpq

from .. import number
from ..domain import Range, range_on
from ..expression import Expression, evaluate
from ..number import DomainProblem, Undecided
from ..polynomial import End, interior_point
from .balls import value
from .boxes import sign_on_boxes
from .differentiate import derivative
from .form import Form, form
from .numerators import numerator_signs, sign_at
from .sign_set import ALL, Signs, among, both, flipped, multiplied, only, to_power
from .tails import left_tail, right_tail

WITNESS_BITS = 128
RADII = (fmpq(8), fmpq(40))  # of the compact part, in units of the length on which exponentials grow
WITNESSES = tuple(sorted({fmpq(k, 4) for k in range(-16, 17)} | {fmpq(k) for k in (-40, -16, -8, -5, 5, 8, 16, 40)}))
EXACT_WITNESSES = frozenset(fmpq(k) for k in range(-2, 3))


def signs(expression: Expression, left: End, right: End) -> Signs:
    """What is proved of the signs on [left, right]. Raises nothing: where work runs out less is proved."""
    result = ALL
    for method in (_by_range, _by_factors, _by_form, _by_witnesses, _by_boxes):
        result = both(result, _attempt(method, expression, left, right, result))
        if result.is_settled():
            break
    return result


Method = Callable[[Expression, End, End, Signs], Signs]


def _attempt(method: Method, e: Expression, left: End, right: End, so_far: Signs) -> Signs:
    try:
        return method(e, left, right, so_far)
    except (Undecided, DomainProblem):
        return ALL


def _by_range(e: Expression, left: End, right: End, _: Signs) -> Signs:
    found = range_on(e, Range(left, right))
    for side, bounds in ((1, found), (-1, found.negated())):
        if bounds.positive():
            return only(side)
        if bounds.non_negative():
            return among(0, side)
    return ALL


def _by_factors(e: Expression, left: End, right: End, _: Signs) -> Signs:
    if e.op == "neg":
        return flipped(signs(e.args[0], left, right))
    if e.op == "pow" and e.exponent:
        return to_power(signs(e.args[0], left, right), abs(e.exponent))
    if e.op == "inv":
        return signs(e.args[0], left, right)
    if e.op == "mul":
        return reduce(multiplied, [signs(a, left, right) for a in e.args])
    return ALL


def _by_form(e: Expression, left: End, right: End, _: Signs) -> Signs:
    found = form(e)
    result = numerator_signs(found.numerator, found.ring, left, right)
    return result if _denominator_sign(found, left, right) > 0 else flipped(result)


def _denominator_sign(x: Form, left: End, right: End) -> int:
    point, result = interior_point(left, right), 1
    for d, n in x.denominators:
        if n % 2:
            result *= sign_at(d, x.ring, point)
    return result


# -- points ------------------------------------------------------------------------------------------------------------


def _inside(left: End, right: End) -> Iterator[fmpq]:
    yield interior_point(left, right)
    for end in (left, right):
        if end is not None:
            yield end
    for z in WITNESSES:
        if (left is None or z > left) and (right is None or z < right):
            yield z


def _by_witnesses(e: Expression, left: End, right: End, so_far: Signs) -> Signs:
    taken = set(so_far.taken)
    for z in _inside(left, right):
        sign = sign_at_point(e, z, exact=z in EXACT_WITNESSES or z in (left, right))
        if sign is not None:
            taken.add(sign)
        if {-1, 1} <= taken:
            return Signs(ALL.possible, frozenset({-1, 0, 1}))  # continuous on an interval: 0 is taken between
    return Signs(ALL.possible, frozenset(taken))


def sign_at_point(e: Expression, z: fmpq, exact: bool = True) -> int | None:
    """The sign at a rational point; None if it is not settled. Raises TooLarge."""
    try:
        with number.precision(WITNESS_BITS):
            found = value(e, arb(z))
        if found > 0 or found < 0:
            return 1 if found > 0 else -1
        return number.sign(evaluate(e, {"z": z})) if exact else None
    except number.TooLarge:
        raise
    except (Undecided, DomainProblem):
        return None


# -- boxes and tails ---------------------------------------------------------------------------------------------------


def _by_boxes(e: Expression, left: End, right: End, so_far: Signs) -> Signs:
    if 0 in so_far.taken:
        return ALL
    slope = derivative(e)
    normal = _normal_form(e)
    unit = fmpq(1)
    if normal is not None and normal.ring.exponent is not None and normal.ring.exponent.degree() == 1:
        unit = 1 / normal.ring.exponent[1]
    for radius in RADII:
        found = _on_parts(e, slope, normal, left, right, radius * unit)
        if found is not None:
            return only(found)
    return ALL


def _normal_form(e: Expression) -> Form | None:
    try:
        return form(e)
    except (Undecided, DomainProblem):
        return None


def _on_parts(
    e: Expression, slope: Expression, normal: Form | None, left: End, right: End, radius: fmpq
) -> int | None:
    """The sign on [left, right] if it is the same on the compact part and on the tails."""
    low = -radius if left is None else left
    high = radius if right is None else right
    if left is not None and right is None:
        high = max(high, left + 1)
    if right is not None and left is None:
        low = min(low, right - 1)
    found = {_tail(e, normal, low, -1)} if left is None else set()
    if right is None:
        found.add(_tail(e, normal, high, 1))
    if None in found or len(found) > 1:
        return None
    found.add(sign_on_boxes(e, slope, low, high))
    return found.pop() if len(found) == 1 else None


def _tail(e: Expression, normal: Form | None, end: fmpq, side: int) -> int | None:
    """The sign beyond `end` to the right (side 1) or left."""
    outside: tuple[End, End] = (end, None) if side > 0 else (None, end)
    found = _by_range(e, outside[0], outside[1], ALL)
    if len(found.possible) == 1 and found.possible != {0}:
        return next(iter(found.possible))
    if normal is None or side * end <= 0:
        return None
    tail = right_tail if side > 0 else left_tail
    sign = tail(normal.numerator, normal.ring, side * end)
    return None if sign is None else sign * _denominator_sign(normal, *outside)
