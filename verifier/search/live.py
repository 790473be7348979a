"""Live units: hidden units that act on the output at some sample, for certain."""

from __future__ import annotations

from contextlib import suppress

from verifier.checker.analysis import Analysis
from verifier.checker.facts import activation_facts
from verifier.checker.number import DomainProblem, Undecided, sign
from verifier.checker.state import is_constant
from verifier.model.translate import checker_case, theta_of
from verifier.search.certify import Found


def is_live(found: Found) -> bool:
    """Whether some unit of a last hidden layer has an outgoing weight that is not 0 and is, on some sample, not
    constant near its pre-activation: for ReLU, the pre-activation is positive there.

    Near a float point this is settled only for neurons that are nowhere constant.
    """
    case = checker_case(found.case)
    if all(activation_facts(part.spec).increasing.holds is True for part in case.parts):
        return True
    if found.claim.near is not None or found.case.point is None:
        return False
    theta = theta_of(found.case.point)
    analysis = Analysis(case, theta)
    for p, (part, weights) in enumerate(zip(case.parts, theta, strict=True)):
        for j, outgoing in enumerate(weights.a):
            with suppress(Undecided, DomainProblem):
                if sign(outgoing) != 0 and any(_moves(analysis, (p, part.depth - 1, j), i) for i in analysis.samples):
                    return True
    return False


def _moves(analysis: Analysis, unit: tuple[int, int, int], sample: int) -> bool:
    """The function is known near the pre-activation, and is not constant there."""
    local = analysis.local(unit, sample)
    return local is not None and not is_constant(local)
