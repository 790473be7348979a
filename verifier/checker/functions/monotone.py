"""Signs on a closed interval from those of the derivative.

Lemma. If f' >= 0 on [a, b], f lies between f(a) and f(b) (limits at infinite ends); where an end is infinite and
f' > 0, strictly. An interval around 0 is cut there, where many functions have their least value.
"""

from __future__ import annotations

from flint import fmpq

from .. import number
from ..expression import Expression
from ..number import Undecided
from ..polynomial import End
from .differentiate import derivative
from .limits import limit
from .points import sign_at_point
from .sign_set import ALL, Signs, among, both, flipped, joined, only
from .structure import structural_signs

DEPTH = 3


def signs_by_slope(e: Expression, left: End, right: End, depth: int = DEPTH) -> Signs:
    """What the signs of the first `depth` derivatives prove. Raises Undecided (TooLarge)."""
    if (left is None or left < 0) and (right is None or right > 0):
        zero = fmpq(0)
        return joined([_on_one_side(e, left, zero, depth), _on_one_side(e, zero, right, depth)])
    return _on_one_side(e, left, right, depth)


def _on_one_side(e: Expression, left: End, right: End, depth: int) -> Signs:
    found = structural_signs(e, left, right)
    if found.is_settled() or not depth:
        return found
    slope = _on_one_side(derivative(e), left, right, depth - 1)
    return both(found, _from_ends(e, slope, left, right))


def _from_ends(e: Expression, slope: Signs, left: End, right: End) -> Signs:
    for turn in (1, -1):
        rising = slope if turn > 0 else flipped(slope)
        if rising.all_in(0, 1) is not True:
            continue
        low, high = (left, -1), (right, 1)
        least, most = (low, high) if turn > 0 else (high, low)
        return both(
            _above(_end_sign(e, *least), least[0] is None and rising.all_in(1) is True),
            flipped(_above(_minus(_end_sign(e, *most)), most[0] is None and rising.all_in(1) is True)),
        )
    return ALL


def _above(sign: int | None, strictly: bool) -> Signs:
    """The signs of values that are at least (or above) one of this sign."""
    if sign == 1 or (sign == 0 and strictly):
        return only(1)
    return among(0, 1) if sign == 0 else ALL


def _minus(sign: int | None) -> int | None:
    return None if sign is None else -sign


def _end_sign(e: Expression, end: End, side: int) -> int | None:
    """The sign of the value at an end, or of the limit at side * oo; None if it is not known."""
    if end is not None:
        return sign_at_point(e, end)
    found = limit(e, side)
    if found is None:
        return None
    try:
        return found.infinite or number.sign(found.value)
    except Undecided:
        return None
