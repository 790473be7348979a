"""Which evidence could decide a claim, in the order in which it is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from flint import fmpq

from verifier.case.types import Claim
from verifier.checker.number import Exact, Undecided, sign
from verifier.decision.evidence import GLOBAL, MINIMUM, STRICT, Evidence
from verifier.rules.problem import Declined, Json, Problem

PROVED, REFUTED = "proved", "refuted"
ANYWHERE = fmpq(1)  # how far from the point a minimum is looked for, where the claim does not say


@dataclass(frozen=True)
class Attempt:
    """A verdict and how its evidence is made (which may raise Declined); `rule` names it in reports."""

    verdict: str
    rule: str
    make: Callable[[], Json]

    def opposite(self) -> Attempt:
        """The same evidence for the negation of the claim."""
        return replace(self, verdict=REFUTED if self.verdict == PROVED else PROVED)


def attempts(evidence: Evidence, claim: Claim) -> Iterator[Attempt]:
    """All that may decide the claim, the most promising first."""
    yield from _PLANS[claim.kind](evidence, claim)


# -- claims about a point ----------------------------------------------------------------------------------------------


def _local_minimum(e: Evidence, claim: Claim) -> Iterator[Attempt]:
    rules = STRICT if claim.strict else tuple(MINIMUM)
    if claim.near is not None:
        exactly = list(_by_rules(e, claim, rules))  # the point itself, at distance 0
        nearby = list(_near(e, claim.near))
        yield from (*exactly, *nearby) if e.problem.rational else (*nearby, *exactly)
        return
    yield from _wrong_values(e, claim)
    if claim.strict is True:
        yield _refutes(e, "strict", "symmetry", "flat", e.symmetric)
    yield from _by_rules(e, claim, rules)
    if claim.strict is True:
        yield _refutes(e, "strict", "flat", "flat", e.flat)
    if claim.strict is False:
        for rule in STRICT:
            yield _refutes(e, "strict", rule, "minimum", partial(e.minimum, rule))
    yield _refutes(e, "kind", "descent", "descent", e.descent)
    if e.case.data.targets is not None:
        yield from _bad_refuted(e, claim)


def _near(e: Evidence, near: Exact) -> Iterator[Attempt]:
    for careful in (False, True):
        yield Attempt(PROVED, "existence", partial(_minimum_near, e, near, careful))
    yield Attempt(PROVED, "sharp", lambda: {"existence": e.sharp(near)})
    for kind in ("margins", "coordinate", "direction", "minimum"):
        yield Attempt(REFUTED, "existence", partial(_nowhere, e, near, kind))


def _minimum_near(e: Evidence, near: Exact, careful: bool) -> Json:
    return {"existence": e.existence(near, careful)}


def _nowhere(e: Evidence, near: Exact, kind: str) -> Json:
    return {"nowhere": e.nowhere(near, kind)}


def _not_local_minimum(e: Evidence, claim: Claim) -> Iterator[Attempt]:
    for attempt in _local_minimum(e, replace(claim, kind="local-minimum")):
        yield attempt.opposite()


def _stationary(e: Evidence, claim: Claim) -> Iterator[Attempt]:
    yield from _wrong_values(e, claim)
    yield Attempt(PROVED, "gradient", lambda: _extras(e, claim))
    minima = _by_rules(e, claim, STRICT if claim.strict else tuple(MINIMUM))
    if not e.problem.smooth:  # many directions to try: rules that look at all of them are quicker
        yield from minima
    yield _refutes(e, "kind", "gradient", "descent", lambda: e.descent(first_order=True))
    yield from minima
    yield from _others_refuted(e, claim)


def _global_minimum(e: Evidence, claim: Claim) -> Iterator[Attempt]:
    yield from _wrong_values(e, claim)
    yield from _by_rules(e, claim, GLOBAL)
    yield _refutes(e, "kind", "better-point", "better", e.better)
    yield from _others_refuted(e, claim)


def _suboptimal(e: Evidence, claim: Claim) -> Iterator[Attempt]:
    yield from _wrong_values(e, claim)
    for rule in GLOBAL:
        yield _refutes(e, "kind", rule, "minimum", partial(e.minimum, rule))
    yield Attempt(PROVED, "better-point", lambda: {"better": e.better(), **_extras(e, claim)})
    yield from _others_refuted(e, claim)


def _value(e: Evidence, claim: Claim) -> Iterator[Attempt]:
    yield from _wrong_values(e, claim)
    yield Attempt(PROVED, "evaluation", lambda: _extras(e, claim))
    yield Attempt(REFUTED, "evaluation", lambda: {"refutes": "kind"})
    yield from _others_refuted(e, claim)


def _by_rules(e: Evidence, claim: Claim, rules: tuple[str, ...]) -> Iterator[Attempt]:
    for rule in rules:
        yield Attempt(PROVED, rule, partial(_minimum_and_extras, e, claim, rule))


def _minimum_and_extras(e: Evidence, claim: Claim, rule: str) -> Json:
    return {"minimum": e.minimum(rule), **_extras(e, claim)}


def _extras(e: Evidence, claim: Claim) -> Json:
    """Evidence for strict and bad beside the kind's own."""
    found: Json = {}
    if claim.strict is False:
        found["flat"] = e.flat()
    if claim.strict is True and claim.kind not in ("local-minimum", "stationary", "global-minimum"):
        found["minimum"] = _strict(e)
    if claim.bad is True and e.case.data.targets is not None:
        found["better"] = e.better()
    return found


def _strict(e: Evidence) -> Json:
    try:
        return e.minimum(STRICT[0])
    except Declined:
        return e.minimum(STRICT[1])


def _wrong_values(e: Evidence, claim: Claim) -> Iterator[Attempt]:
    """A training error other than the one claimed costs nothing to see."""
    if claim.training_error is not None and _differs(e, claim):
        yield Attempt(REFUTED, "evaluation", lambda: {"refutes": "training_error"})
    if claim.bad is not None and e.case.data.labels is not None and _error_is_positive(e) is (not claim.bad):
        yield Attempt(REFUTED, "evaluation", lambda: {"refutes": "bad"})


def _differs(e: Evidence, claim: Claim) -> bool:
    assert claim.training_error is not None
    try:
        return sign(e.problem.analysis.training_error - claim.training_error) != 0
    except Undecided:
        return False


def _error_is_positive(e: Evidence) -> bool | None:
    try:
        return e.problem.analysis.training_error > 0
    except Undecided:
        return None


def _others_refuted(e: Evidence, claim: Claim) -> Iterator[Attempt]:
    """strict and bad (with targets) refuted on a claim of another kind."""
    if claim.strict is True:
        yield _refutes(e, "strict", "flat", "flat", e.flat)
    if claim.strict is False:
        for rule in STRICT:
            yield _refutes(e, "strict", rule, "minimum", partial(e.minimum, rule))
    if e.case.data.targets is not None:
        yield from _bad_refuted(e, claim)


def _bad_refuted(e: Evidence, claim: Claim) -> Iterator[Attempt]:
    if claim.bad is True:
        for rule in GLOBAL:
            yield _refutes(e, "bad", rule, "minimum", partial(e.minimum, rule))
    if claim.bad is False:
        yield _refutes(e, "bad", "better-point", "better", e.better)


def _refutes(e: Evidence, part: str, rule: str, key: str, make: Callable[[], Json]) -> Attempt:
    return Attempt(REFUTED, rule, lambda: {"refutes": part, key: make()})


# -- claims about a data set -------------------------------------------------------------------------------------------


def _theorem_applies(e: Evidence, claim: Claim) -> Iterator[Attempt]:
    from verifier.theorems.table import PROVERS

    names = tuple(PROVERS) if claim.theorem == "any" else tuple(n for n in PROVERS if n == claim.theorem)
    for name in names:
        yield Attempt(PROVED, "theorem", partial(_applies, e, name))
    if names:
        yield Attempt(REFUTED, "theorem", lambda: {"theorems": [e.theorem_fails(name) for name in names]})


def _applies(e: Evidence, name: str) -> Json:
    return {"theorem": e.theorem(name)}


def _exists(e: Evidence, claim: Claim) -> Iterator[Attempt]:
    from verifier.theorems.table import PROVERS

    for name in PROVERS:
        yield Attempt(REFUTED, "theorem", partial(_applies, e, name))
    if e.case.point is not None:
        for rule in MINIMUM:
            yield Attempt(PROVED, rule, partial(_bad_minimum, e, rule))
        if e.case.data.labels is not None:
            for careful in (False, True):
                yield Attempt(PROVED, "existence", partial(_minimum_near, e, ANYWHERE, careful))
            yield Attempt(PROVED, "sharp", lambda: {"existence": e.sharp(ANYWHERE)})
    if e.case.data.targets is None:
        for document, problem in e.constructed():
            yield Attempt(PROVED, "convex", partial(_constructed, document, problem))
        from verifier.theorems.exclusions import EXCLUDERS

        for name in EXCLUDERS:
            yield Attempt(REFUTED, name, partial(_otherwise_excluded, e, name))
        yield Attempt(PROVED, "patterns", e.pattern_minimum)
    yield Attempt(PROVED, "search", e.searched)


def _bad_minimum(e: Evidence, rule: str) -> Json:
    """The case's own point; with targets, bad means that a better point is given."""
    found = {"minimum": e.minimum(rule)}
    return found if e.case.data.targets is None else {**found, "better": e.better()}


def _constructed(document: Json, problem: Problem) -> Json:
    return {"point": document, "minimum": MINIMUM["convex"](problem)}


def _otherwise_excluded(e: Evidence, name: str) -> Json:
    return {"exclusion": e.exclusion(name)}


def _none(e: Evidence, claim: Claim) -> Iterator[Attempt]:
    for attempt in _exists(e, claim):
        yield attempt.opposite()


_PLANS: Mapping[str, Callable[[Evidence, Claim], Iterator[Attempt]]] = {
    "local-minimum": _local_minimum,
    "not-local-minimum": _not_local_minimum,
    "stationary": _stationary,
    "global-minimum": _global_minimum,
    "suboptimal": _suboptimal,
    "training-error": _value,
    "loss": _value,
    "theorem-applies": _theorem_applies,
    "bad-local-minimum-exists": _exists,
    "no-bad-local-minimum": _none,
}
