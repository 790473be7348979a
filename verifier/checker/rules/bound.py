"""Rule lower-bound: every sample's loss is at its infimum."""

from __future__ import annotations

from flint import fmpq

from verifier.checker import fields, number
from verifier.checker.analysis import Analysis
from verifier.checker.errors import Rejected, require
from verifier.checker.facts import loss_facts
from verifier.checker.number import Exact
from verifier.checker.rules.conclusion import Minimum

WHERE = "lower-bound"


def lower_bound(analysis: Analysis, node: fields.Node) -> Minimum:
    """Lemma. loss_i >= inf_i everywhere and decay terms are >= 0, so L >= sum_i (m_i/N) inf_i for every theta. If
    L(theta*) equals this sum, theta* is a global minimum.
    """
    fields.only(node, set(), WHERE)
    total: Exact = fmpq(0)
    for i in analysis.samples:
        target = None if analysis.case.targets is None else analysis.case.targets[i]
        bound = loss_facts(analysis.case.loss_spec, target).lower_bound
        if bound.holds is not True or bound.value is None:
            raise Rejected(WHERE, f"no lower bound of the loss is known: {bound.why}")
        total = total + analysis.weight(i) * bound.value
    require(number.is_zero(analysis.loss - total), WHERE, "the loss at the point is not its lower bound")
    return Minimum(everywhere=True)
