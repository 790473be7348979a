"""From the evidence of a certificate to the verdict on its claim.

A claim about a point is a conjunction: what its kind says, and strict, bad, training_error where they stand on it. It
is proved when every part is established, refuted when one part is established to be false. The evidence is a table with
one proof node per key; training errors and values of the loss need none, they are computed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from . import fields, number
from .analysis import Analysis
from .case import Case, read_point
from .claim import POINT_KINDS, Claim
from .errors import Rejected, require
from .rules import table
from .rules.conclusion import Minimum
from .theorems.hypothesis import Hypothesis, no_minimum_at_all  # the theorems are imported where they are used

if TYPE_CHECKING:
    from .near import Enclosed

Evidence = Mapping[str, object]
WHERE = "proof"


@dataclass(frozen=True)
class Findings:
    """What the checker has established on the way to a verdict; what it has not is None."""

    main: str
    strict: bool | None = None
    hypotheses: tuple[Hypothesis, ...] = ()
    point: Analysis | None = None  # the point that the verdict is about, if it is not the case's own
    refuted: str | None = None  # the part of the claim that is false
    enclosed: Enclosed | None = None  # the point that the verdict is about, if it is only enclosed
    nowhere: bool = False  # the verdict is about all points near the given one


def proved(case: Case, claim: Claim, evidence: Evidence) -> Findings:
    """The claim is true; raises Rejected."""
    return _Judge(case, evidence).proved(claim)


def refuted(case: Case, claim: Claim, evidence: Evidence) -> Findings:
    """The claim is false; raises Rejected."""
    return _Judge(case, evidence).refuted(claim)


class _Judge:
    def __init__(self, case: Case, evidence: Evidence) -> None:
        self.case, self.evidence = case, evidence
        self.used: set[str] = set()

    def proved(self, claim: Claim) -> Findings:
        if claim.kind in POINT_KINDS:
            found = self._not_minimum(claim) if claim.kind == "not-local-minimum" else self._point(claim)
        else:
            found = self._whole[claim.kind](claim, True)
        self._all_used()
        return found

    def refuted(self, claim: Claim) -> Findings:
        if claim.kind == "not-local-minimum":
            found = replace(self._point(replace(claim, kind="local-minimum")), main=LOCAL, refuted="local minimum")
        elif claim.kind in POINT_KINDS:
            found = self._point_refuted(claim)
        else:
            found = self._whole[claim.kind](claim, False)
        self._all_used()
        return found

    # -- evidence ------------------------------------------------------------------------------------------------------

    def _take(self, key: str) -> object:
        if key not in self.evidence:
            raise Rejected(WHERE, f"the evidence {key!r} is missing")
        self.used.add(key)
        return self.evidence[key]

    def _all_used(self) -> None:
        extra = sorted(set(self.evidence) - self.used)
        require(not extra, WHERE, f"unused evidence {', '.join(extra)!r:.60}")

    @cached_property
    def analysis(self) -> Analysis:
        """The case at its own point."""
        if self.case.point is None:
            raise Rejected("case.point", "the claim is about a point and there is none")
        return Analysis(self.case, self.case.point)

    @cached_property
    def minimum(self) -> Minimum:
        """The evidence that the point is a local minimum."""
        return table.minimum(self.analysis, self._take("minimum"), f"{WHERE}.minimum")

    # -- claims about a point: what is established ---------------------------------------------------------------------

    def _point(self, claim: Claim) -> Findings:
        if "existence" in self.evidence:
            require(claim.near is not None, WHERE, "existence is about points near the given one: near is missing")
            from . import near

            found, values = near.found_near(self.case, claim, self._take("existence"))
            return Findings(NEAR, found.strict, enclosed=values)
        main = self._main[claim.kind](self, claim)
        if claim.strict is True:
            require(self.minimum.strict, WHERE, "the rule does not show that the minimum is strict")
        elif claim.strict is False:
            self._flat()
        if claim.bad is not None:
            self._bad(claim.bad)
        if claim.training_error is not None:
            require(self._error_difference(claim) == 0, WHERE, "the training error is another one")
        strict = claim.strict
        if strict is None and "minimum" in self.used:
            strict = True if self.minimum.strict else None
        return Findings(main, strict)

    def _local(self, claim: Claim) -> str:
        _ = self.minimum  # raises Rejected
        return LOCAL

    def _stationary(self, claim: Claim) -> str:
        if "minimum" in self.evidence:
            _ = self.minimum  # a local minimum is stationary
            return STATIONARY
        self.analysis.require_smooth(1, WHERE)
        zero = all(number.is_zero(v) for v in self.analysis.gradient)
        require(zero, WHERE, "the gradient is not shown to be 0")
        return STATIONARY

    def _global(self, claim: Claim) -> str:
        require(self.minimum.everywhere, WHERE, "the rule shows a local minimum only")
        return GLOBAL

    def _suboptimal(self, claim: Claim) -> str:
        self._better()
        return SUBOPTIMAL

    def _training_error(self, claim: Claim) -> str:
        assert claim.value is not None
        same = number.sign(self.analysis.training_error - claim.value) == 0
        require(same, WHERE, "the training error is another one")
        return "the training error is as claimed"

    def _loss(self, claim: Claim) -> str:
        loss = self.analysis.loss
        if claim.value is not None:
            require(number.is_zero(loss - claim.value), WHERE, "the loss is not shown to equal the value")
        if claim.lower is not None:
            require(number.sign(loss - claim.lower) >= 0, WHERE, "the loss is below the lower bound")
        if claim.upper is not None:
            require(number.sign(claim.upper - loss) >= 0, WHERE, "the loss is above the upper bound")
        return "the loss is as claimed"

    _main: Mapping[str, Callable[[_Judge, Claim], str]] = {
        "local-minimum": _local,
        "stationary": _stationary,
        "global-minimum": _global,
        "suboptimal": _suboptimal,
        "training-error": _training_error,
        "loss": _loss,
    }

    def _not_minimum(self, claim: Claim) -> Findings:
        """not-local-minimum is the negation of local-minimum with the same keys."""
        found = self._point_refuted(replace(claim, kind="local-minimum"))
        return replace(found, main=NOT_LOCAL)

    # -- parts of a claim, established true or false -------------------------------------------------------------------

    def _flat(self) -> None:
        table.require_flat(self.analysis, self._take("flat"), f"{WHERE}.flat")

    def _descent(self, stationary: bool = False) -> None:
        found = table.descends(self.analysis, self._take("descent"), f"{WHERE}.descent")
        require(not stationary or found.order == 1, WHERE, "a descent at first order is needed")

    def _better(self) -> None:
        """The point under "better" has a smaller loss."""
        theta = read_point(self._take("better"), self.case, f"{WHERE}.better")
        difference = Analysis(self.case, theta).loss - self.analysis.loss
        require(number.sign(difference) < 0, f"{WHERE}.better", "the loss there is not smaller")

    def _bad(self, bad: bool) -> None:
        if self.case.labels is not None:
            require((self.analysis.training_error > 0) == bad, WHERE, "bad does not agree with the training error")
        elif bad:
            self._better()
        else:
            require(self.minimum.everywhere, WHERE, "the rule does not show a global minimum")

    def _error_difference(self, claim: Claim) -> int:
        assert claim.training_error is not None
        return number.sign(self.analysis.training_error - claim.training_error)

    def _point_refuted(self, claim: Claim) -> Findings:
        if "nowhere" in self.evidence:
            require(claim.near is not None, WHERE, "nowhere is about all points near the given one: near is missing")
            from . import near

            why = near.none_near(self.case, claim, self._take("nowhere"))
            return Findings(f"{NOWHERE}: {why}", refuted="local-minimum", nowhere=True)
        part = self._take("refutes")
        require(claim.near is None, WHERE, "near: points other than this one are not excluded")
        if part == "kind":
            self._kind_refuted(claim)
            return Findings(_NEGATIONS[claim.kind], refuted=claim.kind)
        if part == "strict" and claim.strict is not None:
            if claim.strict:
                self._flat()
            else:
                require(self.minimum.strict, WHERE, "the rule does not show that the minimum is strict")
            return Findings(
                "the point is not a strict local minimum" if claim.strict else "the point is a strict local minimum",
                not claim.strict,
                refuted="strict",
            )
        if part == "bad" and claim.bad is not None:
            self._bad(not claim.bad)
            return Findings("the point is not bad" if claim.bad else "the point is bad", refuted="bad")
        if part == "training_error" and claim.training_error is not None:
            require(self._error_difference(claim) != 0, WHERE, "the training error is the one claimed")
            return Findings("the training error is another one", refuted="training_error")
        raise Rejected(WHERE, f"the claim has no part {part!r:.40} to refute")

    def _kind_refuted(self, claim: Claim) -> None:
        if claim.kind in ("local-minimum", "stationary"):
            self._descent(stationary=claim.kind == "stationary")
        elif claim.kind == "global-minimum":
            self._better()
        elif claim.kind == "suboptimal":
            require(self.minimum.everywhere, WHERE, "the rule does not show a global minimum")
        elif claim.kind == "training-error":
            assert claim.value is not None
            different = number.sign(self.analysis.training_error - claim.value) != 0
            require(different, WHERE, "the training error is the one claimed")
        else:
            require(self._loss_differs(claim), WHERE, "the loss is not shown to differ from the claim")

    def _loss_differs(self, claim: Claim) -> bool:
        loss = self.analysis.loss
        return (
            (claim.value is not None and number.sign(loss - claim.value) != 0)
            or (claim.lower is not None and number.sign(loss - claim.lower) < 0)
            or (claim.upper is not None and number.sign(claim.upper - loss) < 0)
        )

    # -- claims about a data set ---------------------------------------------------------------------------------------

    @property
    def _whole(self) -> Mapping[str, Callable[[Claim, bool], Findings]]:
        return {
            "theorem-applies": self._theorem,
            "no-bad-local-minimum": lambda claim, true: self._excluded() if true else self._exhibited(),
            "bad-local-minimum-exists": lambda claim, true: self._exhibited() if true else self._excluded(),
        }

    def _theorem(self, claim: Claim, applies: bool) -> Findings:
        from .theorems import table as theorems

        if applies:
            name, theorem, node = theorems.named(self._take("theorem"), f"{WHERE}.theorem")
            require(claim.theorem in (name, "any"), WHERE, f"the claim is not about theorem {name}")
            hypotheses = tuple(theorem.applies(self.case, node))
            none = ", so no local minimum exists at all" if no_minimum_at_all(self.case) else ""
            return Findings(f"theorem {name} applies{none}", hypotheses=hypotheses)
        wanted = list(theorems.THEOREMS) if claim.theorem == "any" else [claim.theorem]
        nodes = fields.items(self._take("theorems"), f"{WHERE}.theorems", len(wanted))
        failed = [self._theorem_fails(name, value) for name, value in zip(wanted, nodes, strict=True)]
        which = " and ".join(f"theorem {name} ({h.name})" for name, h in zip(wanted, failed, strict=True))
        found = f"what does not apply, and the hypothesis that fails: {which}"
        return Findings(found, hypotheses=tuple(failed), refuted=failed[0].name)

    def _theorem_fails(self, wanted: str | None, value: object) -> Hypothesis:
        from .theorems import table as theorems

        name, theorem, node = theorems.named(value, f"{WHERE}.theorems")
        require(name == wanted, WHERE, f"expected theorem {wanted}, got {name}")
        return theorem.fails(self.case, node)

    def _excluded(self) -> Findings:
        if "exclusion" in self.evidence:
            return self._excluded_otherwise()
        from .theorems import table as theorems

        _, theorem, node = theorems.named(self._take("theorem"), f"{WHERE}.theorem")
        hypotheses = tuple(theorem.applies(self.case, node))
        return Findings(NO_MINIMUM if no_minimum_at_all(self.case) else NO_BAD, hypotheses=hypotheses)

    def _excluded_otherwise(self) -> Findings:
        from .theorems import exclusions

        exclusion, node = exclusions.named(self._take("exclusion"), f"{WHERE}.exclusion")
        hypotheses, scope = exclusion.excludes(self.case, node)
        none = exclusion.no_slope and no_minimum_at_all(self.case)
        return Findings(f"{NO_MINIMUM if none else NO_BAD}; {scope}", hypotheses=tuple(hypotheses))

    def _exhibited(self) -> Findings:
        """A certified bad local minimum: at or near the case's own point, or the point in the evidence."""
        if "point" not in self.evidence:
            return self._bad_minimum()
        theta = read_point(self._take("point"), self.case, f"{WHERE}.point")
        there = _Judge(replace(self.case, point=theta), self.evidence)
        found = there._bad_minimum()
        self.used |= there.used
        return found

    def _bad_minimum(self) -> Findings:
        if "existence" in self.evidence:
            from . import near

            found, values = near.bad_near(self.case, self._take("existence"))
            return Findings(BAD, found.strict, enclosed=values)
        minimum = self.minimum
        self._bad(True)
        return Findings(BAD, True if minimum.strict else None, point=self.analysis)


NEAR = "a local minimum of the loss exists near the point"
NOWHERE = "no point within the radius is as claimed"
LOCAL = "the point is a local minimum of the loss"
NOT_LOCAL = "it is false that the point is a local minimum as described in the claim"
STATIONARY = "every one-sided directional derivative of the loss at the point is >= 0"
GLOBAL = "the point is a global minimum of the loss"
SUBOPTIMAL = "the point is not a global minimum: a point with a smaller loss is given"
NO_BAD = "every local minimum of the loss has training error 0"
NO_MINIMUM = "no local minimum exists at all, so no bad one"
BAD = "the loss has a bad local minimum"
_NEGATIONS = {
    "local-minimum": "the point is not a local minimum of the loss",
    "stationary": "the loss falls in some direction at first order: the point is not stationary",
    "global-minimum": SUBOPTIMAL,
    "suboptimal": GLOBAL,
    "training-error": "the training error is not the one claimed",
    "loss": "the loss is not as claimed",
}
