"""The search for bad local minima of one case: theorems, closed constructions, training, exclusions; cheapest first.

Each stage only proposes. What comes out has been certified by a rule and the checker, as a case file of its own; or a
theorem says that nothing can be found.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice

import numpy as np
from flint import fmpq

from verifier.arithmetic.convert import nearest_float
from verifier.case.numbers import exact
from verifier.case.types import Case, Claim
from verifier.checker import case as checked
from verifier.checker.case import Theta
from verifier.checker.check import Accepted, seal
from verifier.checker.errors import Rejected
from verifier.checker.network import flatten
from verifier.checker.number import DomainProblem, Undecided
from verifier.model.objective import Objective
from verifier.model.translate import checker_case, theta_of
from verifier.rules.clock import seconds
from verifier.rules.problem import Declined, Json
from verifier.search import smt
from verifier.search.affine import affine_points
from verifier.search.certify import Found, certify, certify_exact
from verifier.search.constant import constant_points
from verifier.search.dead import dead_points
from verifier.search.lifted import lifted, narrower
from verifier.search.live import is_live
from verifier.search.training import Training
from verifier.theorems import patterns
from verifier.theorems.exclusions import EXCLUDERS
from verifier.theorems.table import PROVERS

STARTS = 192
FEW_STARTS = 64  # where a claim starts a search
NARROW_STARTS = 64  # of training a narrower net
MODELS = 12  # that the SMT solver is asked for
SMT_SECONDS = 20.0
CONSTRUCTIONS: Mapping[str, Callable[[Case], Iterator[Theta]]] = {
    "all units inactive": dead_points,
    "all incoming weights 0": constant_points,
    "all units on one affine piece": affine_points,
}


@dataclass(frozen=True)
class Nothing:
    """No bad local minimum exists: by which rule, what exactly is shown, and the certificate."""

    rule: str
    reason: str
    certificate: Json
    accepted: Accepted


@dataclass
class Search:
    """A search in one case. `run` gives what is found; then `nothing` is set or not, and `tried` says what was done."""

    case: Case
    seed: int = 0
    starts: int = STARTS
    report: Callable[[str], None] = lambda stage: None
    exclude: bool = True  # whether theorems, other exclusions and patterns are asked
    deadline: float = math.inf  # of the solver and of training, on the monotonic clock
    live: bool = False  # whether some unit must act on the output at some sample
    nothing: Nothing | None = None
    tried: list[str] = field(default_factory=list)

    @cached_property
    def training(self) -> Training:
        """Descents from random starts; it also knows which minima have been found."""
        return Training(Objective(self.case), self.seed, self.deadline)

    def run(self) -> Iterator[Found]:
        """Distinct bad local minima, certified, as they are found."""
        if self._excluded("theorems A, B, C", lambda: theorem(self.case)):
            return
        ties: list[Found] = []
        found = False
        for stage in (self._constructed(), self._solved(), self._trained(), self._lifted()):
            for one in stage:
                if self.live and not is_live(one):
                    continue
                found = True
                if only_ties(one):
                    ties.append(one)  # no counterexample under other conventions for sgn(0)
                else:
                    yield one
        yield from ties
        if found or not self.exclude:
            return
        if not self._excluded("exclusions by supports and patterns", lambda: _exclusion(self.case, self._checked)):
            yield from self._by_patterns()

    # -- nothing to find -----------------------------------------------------------------------------------------------

    def _excluded(self, stage: str, make: Callable[[], Nothing | None]) -> bool:
        if not self.exclude:
            return False
        self._begin(stage)
        self.nothing = make()
        return self.nothing is not None

    @cached_property
    def _checked(self) -> checked.Case:
        return checker_case(self.case)

    # -- stages --------------------------------------------------------------------------------------------------------

    def _begin(self, stage: str) -> None:
        self.tried.append(stage)
        self.report(stage)

    def _constructed(self) -> Iterator[Found]:
        self._begin("closed constructions: " + ", ".join(CONSTRUCTIONS))
        for how, points in CONSTRUCTIONS.items():
            for theta in points(self.case):
                found = certify_exact(self.case, theta, f"closed construction, {how}")
                if found is not None and self._is_new(found):
                    yield found
                    break

    def _solved(self) -> Iterator[Found]:
        try:
            question = smt.question_of(self.case, live=self.live)
        except Rejected:
            return
        left = min(SMT_SECONDS, self.deadline - time.monotonic())
        if left <= 0:
            return
        self._begin("SMT")
        certified = 0
        models = islice(smt.proposals(question, left), MODELS)
        for number, proposal in enumerate(models, start=1):
            found = certify_exact(self.case, proposal.theta, "an SMT solver")
            new = found is not None and self._is_new(found)
            certified += new
            self.tried[-1] = f"SMT ({number} points, {certified} certified and new)"
            self.report(self.tried[-1])
            if found is not None and new:
                yield found

    def _lifted(self) -> Iterator[Found]:
        """What trains to an exact minimum in a narrower net serves here; constructions do for every width anyway."""
        width = self.case.network.main.hidden[0]
        for narrow in narrower(self.case):
            if time.monotonic() > self.deadline:
                return
            units = narrow.network.main.hidden[0]
            self._begin(f"lifting from {units} unit{'s' * (units > 1)}")
            for below in Search(narrow, self.seed, NARROW_STARTS, exclude=False, deadline=self.deadline)._trained():
                if below.claim.near is not None or below.case.point is None:
                    continue
                for theta in lifted(theta_of(below.case.point), width):
                    how = f"a bad local minimum of {units} unit{'s' * (units > 1)}, one of them split"
                    found = certify_exact(self.case, theta, how)
                    if found is not None and self._is_new(found):
                        yield found
                        break

    def _trained(self) -> Iterator[Found]:
        self._begin("training")
        place = len(self.tried) - 1
        how = f"training from random starts (seed {self.seed})"
        for candidate in self.training.candidates(self.starts):
            if time.monotonic() > self.deadline:
                break
            self.report(self.training.tally.words())
            found = certify(self.case, candidate.theta, how)
            if found is not None:
                candidate.cluster.certify()
            self.tried[place] = self.training.tally.words()
            if found is not None:
                yield found
        self.tried[place] = self.training.tally.words()

    def _by_patterns(self) -> Iterator[Found]:
        with suppress(Declined, Undecided, DomainProblem):
            theta = patterns.bad_minimum(self._checked)
            found = certify_exact(self.case, theta, "all sign patterns of the units, one by one")
            if found is not None:
                yield found

    def _is_new(self, found: Found) -> bool:
        assert found.case.point is not None
        theta = np.array([nearest_float(v) for v in flatten(theta_of(found.case.point))])
        return self.training.know(theta, found.claim.strict is not True)


def theorem(case: Case, names: Sequence[str] = tuple(PROVERS)) -> Nothing | None:
    """A theorem that applies to the case, certified."""
    view = checker_case(case)
    for name in names:
        with suppress(Declined, Rejected, Undecided, DomainProblem):
            return _none(case, f"theorem {name}", {"theorem": PROVERS[name].propose(view)})
    return None


def _exclusion(case: Case, view: checked.Case) -> Nothing | None:
    for name, propose in EXCLUDERS.items():
        with suppress(Declined, Rejected, Undecided, DomainProblem):
            return _none(case, name, {"exclusion": propose(view)})
    return None


def _none(case: Case, rule: str, proof: Json) -> Nothing:
    claim = Claim("no-bad-local-minimum")
    content = {"case": case.document(), "claim": claim.document(), "verdict": "proved", "proof": proof}
    certificate, accepted = seal(content)
    return Nothing(rule, accepted.data["established"], certificate, accepted)


def only_ties(found: Found) -> bool:
    """Whether no output is on the wrong side, and some are 0."""
    data = found.accepted.data
    return bool(data["ties"]) and fmpq(data["ties"], data["samples"]) == exact(data["training_error"])


def search(case: Case, seed: int = 0, starts: int = STARTS) -> Search:
    """A search in the case, whatever its point and its claims are."""
    return Search(replace(case, point=None, better=None, claims=()), seed, starts)


def found_or_declined(case: Case) -> Found:
    """The first that constructions and training find within the time that a claim may take; raises Declined."""
    job = search(case, starts=FEW_STARTS)
    job.exclude = False
    job.deadline = time.monotonic() + seconds()
    for found in job.run():
        return found
    raise Declined("nothing-found", "no bad local minimum was found by: " + "; ".join(job.tried))
