"""What may be known of an activation or a loss: each fact True, False or unknown, with the reason."""

from __future__ import annotations

from dataclasses import dataclass

from .number import Exact


@dataclass(frozen=True)
class Fact:
    """`holds` is True or False only if that is proved; `why` is the proof in a sentence; `value` the
    constant, if any.
    """

    holds: bool | None
    why: str
    value: Exact | None = None

    def __bool__(self) -> bool:
        raise TypeError("a fact may be unknown: compare `holds` with True or False")


UNKNOWN = Fact(None, "not known for this function")


def yes(why: str, value: Exact | None = None) -> Fact:
    """A proved fact."""
    return Fact(True, why, value)


def no(why: str) -> Fact:
    """A refuted fact."""
    return Fact(False, why)


@dataclass(frozen=True)
class Facts:
    """Facts about a continuous function s on R (for losses with targets: about f -> loss(f, t) for one t)."""

    affine: Fact = UNKNOWN  # s(z) = c0 + c1 z on all of R
    increasing: Fact = UNKNOWN  # every one-sided slope is > 0, everywhere on R
    non_decreasing: Fact = UNKNOWN  # x < y implies s(x) <= s(y)
    convex: Fact = UNKNOWN
    strictly_convex: Fact = UNKNOWN  # in the sense of theorem B: C^2 and s'' > 0 everywhere (so z**4 is not)
    even: Fact = UNKNOWN  # s(-z) = s(z)
    mirror: Fact = UNKNOWN  # s(z) + s(-z) = value for all z
    homogeneous: Fact = UNKNOWN  # s(t z) = t**value s(z) for all t > 0; the zero function has value 1
    differentiable: Fact = UNKNOWN  # C^1
    twice_differentiable: Fact = UNKNOWN  # C^2
    exponential: Fact = UNKNOWN  # s(z) = exp(z)
    l1: Fact = UNKNOWN  # C^1, s' >= 0, and s'(z) = 0 implies z < 0     (losses in the margin variable z)
    l2: Fact = UNKNOWN  # l1 and C^2
    l_plus: Fact = UNKNOWN  # C^1 and s' > 0 everywhere
    bounds_error: Fact = UNKNOWN  # s >= 0, and s(z) >= 1 for z >= 0: a loss is then at least the training error
    lower_bound: Fact = UNKNOWN  # value = infimum of s over R; False: unbounded below
    attained: Fact = UNKNOWN  # the infimum is a minimum
