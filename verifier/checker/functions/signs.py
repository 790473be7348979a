"""The signs that an expression takes on a closed interval: which ones are possible, and which are taken for certain.

`signs` collects what several methods prove. Each is sound by itself; together they narrow `possible` and widen `taken`:
the structure (`structure.py`), witnesses (`points.py`), limits (`limits.py`), the signs of derivatives (`monotone.py`),
and balls on a subdivision of a compact part (`boxes.py`) with a bound for the rest (`tails.py`).
"""

from __future__ import annotations

from collections.abc import Callable

from flint import fmpq

from .. import number
from ..expression import Expression
from ..number import DomainProblem, Undecided
from ..polynomial import End
from .boxes import sign_on_boxes
from .differentiate import derivative
from .form import Form, form
from .limits import limit
from .monotone import signs_by_slope
from .points import signs_at_witnesses
from .sign_set import ALL, Signs, both, exactly, only
from .structure import denominator_sign, structural_signs
from .tails import left_tail, right_tail

RADII = (fmpq(8), fmpq(40))  # of the compact part, in units of the length on which exponentials grow

Method = Callable[[Expression, End, End, Signs], Signs]


def signs(expression: Expression, left: End, right: End) -> Signs:
    """What is proved of the signs on [left, right]. Raises nothing: where work runs out less is proved.

    The expression must be free of max, min and abs, defined on the interval, and the arguments of its square roots must
    be > 0 there.
    """
    return more_signs(quick_signs(expression, left, right), expression, left, right)


def quick_signs(expression: Expression, left: End, right: End) -> Signs:
    """The same by structure and witnesses only."""
    return _narrowed(_QUICK, ALL, expression, left, right)


def more_signs(so_far: Signs, expression: Expression, left: End, right: End) -> Signs:
    """What the other methods add to what the quick ones have proved."""
    return _narrowed(_SLOW, so_far, expression, left, right)


def _narrowed(methods: tuple[Method, ...], result: Signs, e: Expression, left: End, right: End) -> Signs:
    for method in methods:
        if result.is_settled():
            break
        result = both(result, _attempt(method, e, left, right, result))
        if {-1, 1} <= result.taken:
            return exactly(-1, 0, 1)  # continuous on an interval: 0 is taken between
    return result


def _attempt(method: Method, e: Expression, left: End, right: End, so_far: Signs) -> Signs:
    try:
        return method(e, left, right, so_far)
    except (Undecided, DomainProblem):
        return ALL


def _by_limits(e: Expression, left: End, right: End, _: Signs) -> Signs:
    """The sign of a limit that is not 0 is taken far out."""
    ends = [limit(e, side) for end, side in ((left, -1), (right, 1)) if end is None]
    return Signs(taken=frozenset(found.infinite or number.sign(found.value) for found in ends if found) - {0})


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


def _on_parts(e: Expression, slope: Expression, normal: Form | None, left: End, right: End, radius: fmpq) -> int | None:
    """The sign on [left, right] if it is the same on the compact part and on the tails."""
    low = min(-radius, radius if right is None else right - 1) if left is None else left
    high = max(radius, low + 1) if right is None else right
    found: set[int | None] = set()
    if left is None:
        found.add(_tail(e, normal, low, -1))
    if right is None:
        found.add(_tail(e, normal, high, 1))
    if None in found or len(found) > 1:
        return None
    found.add(sign_on_boxes(e, slope, low, high))
    return found.pop() if len(found) == 1 else None


def _tail(e: Expression, normal: Form | None, end: fmpq, side: int) -> int | None:
    """The sign beyond `end` to the right (side 1) or left."""
    outside: tuple[End, End] = (end, None) if side > 0 else (None, end)
    found = signs_by_slope(e, *outside)
    if len(found.possible) == 1 and found.possible != {0}:
        return next(iter(found.possible))
    if normal is None or side * end <= 0:
        return None
    tail = right_tail if side > 0 else left_tail
    sign = tail(normal.numerator, normal.ring, side * end)
    return None if sign is None else sign * denominator_sign(normal, *outside)


_QUICK: tuple[Method, ...] = (
    lambda e, left, right, _: structural_signs(e, left, right),
    signs_at_witnesses,
    _by_limits,
)
_SLOW: tuple[Method, ...] = (
    lambda e, left, right, _: signs_by_slope(e, left, right),
    _by_boxes,
)
