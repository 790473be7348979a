"""One sign on a compact interval, by balls on a subdivision.

On a box with centre m, f(box) is in f(m) + f'(box)(box - m) (mean value theorem) as well as in the plain enclosure.
"""

from __future__ import annotations

from collections.abc import Callable

from flint import arb, fmpq

from ..expression import Expression
from ..number import DomainProblem, TooLarge, Undecided, precision, spend
from .balls import value

MAX_BOXES = 256
BITS = 64


def sign_on_boxes(f: Expression, slope: Expression, left: fmpq, right: fmpq) -> int | None:
    """1 or -1 if f has that sign everywhere on [left, right]; None if that is not shown. Raises TooLarge."""
    found: int | None = None
    todo, count = [(left, right)], 0
    with precision(BITS):
        while todo:
            count += 1
            if count > MAX_BOXES:
                return None
            a, b = todo.pop()
            spend(1)
            sign = _sign(f, slope, a, b)
            if sign is None:
                middle = (a + b) / 2
                todo += [(middle, b), (a, middle)]
            elif found is None:
                found = sign
            elif sign != found:
                return None
    return found


def _sign(f: Expression, slope: Expression, a: fmpq, b: fmpq) -> int | None:
    middle, radius = arb((a + b) / 2), arb((b - a) / 2)
    box = middle + arb(0, 1) * radius
    return _definite(lambda: value(f, box)) or _definite(lambda: value(f, middle) + value(slope, box) * (box - middle))


def _definite(enclosure: Callable[[], arb]) -> int | None:
    """The sign of a ball without 0; None for another, or where an operation may be undefined on the ball."""
    try:
        found = enclosure()
    except TooLarge:
        raise
    except (Undecided, DomainProblem):
        return None
    if found > 0 or found < 0:
        return 1 if found > 0 else -1
    return None
