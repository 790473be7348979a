"""Live units: hidden units that act on the output at some sample, for certain."""

from __future__ import annotations

from contextlib import suppress

from flint import fmpq

from verifier.checker.analysis import Analysis
from verifier.checker.case import Weights
from verifier.checker.facts import activation_facts
from verifier.checker.number import DomainProblem, Exact, Undecided, sign
from verifier.checker.state import is_constant
from verifier.model.translate import checker_case, theta_of
from verifier.search.certify import Found


def is_live(found: Found) -> bool:
    """Whether some unit of a last hidden layer has an outgoing weight that is not 0 and, on some sample, its
    pre-activation strictly inside a piece on which it is not constant: for ReLU, the pre-activation is positive there.

    Near a float point this is settled only for increasing neurons: they are nowhere constant.
    """
    if found.case.point is None:
        return False
    case, theta = checker_case(found.case), theta_of(found.case.point)
    near = found.claim.near or fmpq(0)
    for part, weights in zip(case.parts, theta, strict=True):
        if activation_facts(part.spec).increasing.holds is True and _is_read(weights, near):
            return True
    if found.claim.near is not None:
        return False
    analysis = Analysis(case, theta)
    for p, (part, weights) in enumerate(zip(case.parts, theta, strict=True)):
        for j, outgoing in enumerate(weights.a):
            with suppress(Undecided, DomainProblem):
                if sign(outgoing) != 0 and any(_moves(analysis, (p, part.depth - 1, j), i) for i in analysis.samples):
                    return True
    return False


def _is_read(weights: Weights, near: Exact) -> bool:
    """Some outgoing weight is further than `near` from 0."""
    for outgoing in weights.a:
        with suppress(Undecided, DomainProblem):
            if sign(outgoing - near) > 0 or sign(outgoing + near) < 0:
                return True
    return False


def _moves(analysis: Analysis, unit: tuple[int, int, int], sample: int) -> bool:
    """The function is known near the pre-activation, and is not constant there."""
    local = analysis.local(unit, sample)
    return local is not None and not is_constant(local)
