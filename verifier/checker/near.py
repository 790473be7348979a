"""Claims with `near = r`: some point within max-norm distance r has the claimed properties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import arb, fmpq

from . import fields, number
from .case import Case
from .claim import Claim
from .errors import Rejected, require
from .network import flatten
from .number import Exact
from .rules.existence import (
    Existence,
    constant_margins,
    existence,
    minimum_elsewhere,
    no_minimum_near,
    require_near,
    training_error,
)
from .rules.sharp import sharp

WHERE = "near"


@dataclass(frozen=True)
class Enclosed:
    """What is known of a point that is only enclosed; `distance` is an upper, `radius` a lower bound."""

    training_error: fmpq | None
    loss: arb
    distance: arb
    radius: arb


def found_near(case: Case, claim: Claim, value: object) -> tuple[Existence, Enclosed]:
    """A local minimum exists within the radius and has what the claim says; raises Rejected. Also the values there."""
    assert claim.near is not None
    found = _minimum(case, value)
    require_near(found, claim.near)
    if claim.strict is not None:
        require(found.strict is claim.strict, WHERE, f"the minimum is {'' if found.strict else 'not '}a strict one")
    if claim.bad is not None or claim.training_error is not None:
        error = _settled_error(case, found)
        require(claim.bad is None or (error > 0) is claim.bad, WHERE, "bad does not agree with the training error")
        same = claim.training_error is None or error == claim.training_error
        require(same, WHERE, "the training error is another one")
    return found, _enclosed(case, found)


def bad_near(case: Case, value: object) -> tuple[Existence, Enclosed]:
    """A bad local minimum exists near the point, however far; raises Rejected. Also the values there."""
    found = _minimum(case, value)
    require(_settled_error(case, found) > 0, WHERE, "the minimum is not bad: its training error is 0")
    return found, _enclosed(case, found)


def _minimum(case: Case, value: object) -> Existence:
    node = fields.node(value, WHERE)
    return (sharp if "kinks" in node else existence)(case, _given(case), node)


def _settled_error(case: Case, found: Existence) -> fmpq:
    """The training error at the minimum, every sign settled."""
    error = None if found.signs is None else training_error(case, found.signs)
    if error is None:
        raise Rejected(WHERE, "the training error at the minimum is not settled: an output may be 0")
    return error


def _enclosed(case: Case, found: Existence) -> Enclosed:
    error = None if found.signs is None else training_error(case, found.signs)
    return Enclosed(error, found.loss, found.distance, found.uniqueness)


def none_near(case: Case, claim: Claim, value: object) -> str:
    """No point within the radius is what the claim says; raises Rejected. Why, in words."""
    assert claim.near is not None
    node = fields.node(value, WHERE)
    if "minimum" in node:
        return minimum_elsewhere(case, _given(case), claim.near, node)
    if "margins" not in node:
        return no_minimum_near(case, _given(case), claim.near, node)
    error = constant_margins(case, _given(case), claim.near, node)
    wrong_badness = claim.bad is not None and (error > 0) is not claim.bad
    wrong_error = claim.training_error is not None and number.sign(error - claim.training_error) != 0
    require(wrong_badness or wrong_error, WHERE, "the training error agrees with the claim")
    return f"the training error is {error} at every point within the radius"


def _given(case: Case) -> Sequence[Exact]:
    if case.point is None:
        raise Rejected("case.point", "the claim is about a point and there is none")
    return flatten(case.point)
