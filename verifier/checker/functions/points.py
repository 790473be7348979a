"""The sign of an expression at rational points: witnesses, which prove that a sign is taken."""

from __future__ import annotations

from collections.abc import Iterator

from flint import arb, fmpq

from .. import number
from ..expression import Expression, evaluate
from ..number import DomainProblem, TooLarge, Undecided
from ..piecewise import VARIABLE
from ..polynomial import End, interior_point
from .balls import value
from .sign_set import Signs

BITS = 128
WITNESSES = tuple(
    sorted({fmpq(k, 4) for k in range(-16, 17)} | {fmpq(side * k) for k in (5, 8, 16, 40) for side in (-1, 1)}, key=abs)
)
_EXACT = frozenset(fmpq(k) for k in range(-2, 3))


def sign_at_point(e: Expression, z: fmpq, exact: bool = True) -> int | None:
    """The sign at z, by a ball and, if `exact`, by exact arithmetic; None if it is not settled. Raises TooLarge."""
    try:
        with number.precision(BITS):
            found = value(e, arb(z))
        if found > 0 or found < 0:
            return 1 if found > 0 else -1
        return number.sign(evaluate(e, {VARIABLE: z})) if exact else None
    except TooLarge:
        raise
    except (Undecided, DomainProblem):
        return None


def is_zero_at(e: Expression, z: fmpq) -> bool:
    """True only if the value at z is 0 by identity. Raises TooLarge."""
    try:
        return number.is_zero(evaluate(e, {VARIABLE: z}))
    except TooLarge:
        raise
    except (Undecided, DomainProblem):
        return False


def signs_at_witnesses(e: Expression, left: End, right: End, so_far: Signs) -> Signs:
    """The signs taken at a few points of [left, right]."""
    taken = set(so_far.taken)
    for z in _inside(left, right):
        sign = sign_at_point(e, z, exact=z in _EXACT or z in (left, right))
        if sign is not None:
            taken.add(sign)
        if {-1, 1} <= taken or taken == so_far.possible:
            break
    return Signs(taken=frozenset(taken))


def _inside(left: End, right: End) -> Iterator[fmpq]:
    yield interior_point(left, right)
    for end in (left, right):
        if end is not None:
            yield end
    for z in WITNESSES:
        if (left is None or z > left) and (right is None or z < right):
            yield z
