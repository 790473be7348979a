"""`decide`: attempts one after the other, until the checker accepts one."""

from __future__ import annotations

from verifier.arithmetic.convert import nearest_float
from verifier.case.types import Case, Claim
from verifier.checker.check import Accepted, require_defined, seal
from verifier.checker.claim import POINT_KINDS
from verifier.checker.errors import Rejected
from verifier.checker.number import DomainProblem, Undecided
from verifier.checker.statement import values
from verifier.decision.evidence import Evidence
from verifier.decision.plans import Attempt, attempts
from verifier.decision.words import sentence
from verifier.rules.problem import Declined, Json
from verifier.verdict import Decision, Verdict

SMALL = 1e-3  # a gradient below this is worth the hint `near`
_latest: list[Evidence] = []  # of the case that was judged last: its claims come one after the other


def decide(case: Case, claim: Claim) -> Decision:
    """Proved or refuted with a certificate that the checker has accepted, else undecided with the reason."""
    evidence = _evidence(case)
    try:
        require_defined(evidence.checked)
    except Rejected as problem:
        return Decision(Verdict.UNDECIDED, code="undefined-expression", reason=str(problem))
    failures: list[tuple[str, Declined]] = []
    content = {"case": case.document(), "claim": claim.document()}
    for attempt in attempts(evidence, claim):
        try:
            proof = attempt.make()
            document, accepted = seal({**content, "verdict": attempt.verdict, "proof": proof})
        except Declined as declined:
            failures.append((attempt.rule, declined))
        except Rejected as rejected:
            failures.append((attempt.rule, Declined("not-accepted", str(rejected))))
        except (Undecided, DomainProblem) as problem:
            failures.append((attempt.rule, Declined("not-settled", f"a step could not be settled: {problem}")))
        else:
            return _accepted(evidence, attempt, proof, document, accepted)
    return _undecided(evidence, claim, failures)


def forget() -> None:
    """Drop what is known of the case that was judged last (for measurements)."""
    _latest.clear()


def _evidence(case: Case) -> Evidence:
    if not _latest or _latest[0].case is not case:
        _latest[:] = [Evidence(case)]
    return _latest[0]


def _accepted(evidence: Evidence, attempt: Attempt, proof: Json, document: Json, accepted: Accepted) -> Decision:
    data = accepted.data
    rule, reason = sentence(attempt.rule, attempt.verdict, proof, data)
    return Decision(
        Verdict(accepted.verdict),
        rule=rule,
        reason=reason,
        hint=_near_hint(evidence) if rule == "gradient" and attempt.verdict == "refuted" else None,
        statement=accepted.statement,
        training_error=data["training_error"],
        ties=data["ties"],
        loss=data["loss"],
        strict=data["strict"],
        distance=data["distance"],
        radius=data["radius"],
        certificate=document,
    )


def _near_hint(evidence: Evidence) -> str | None:
    """A float point is almost never an exact critical point: say so where the gradient is tiny."""
    try:
        sizes = [abs(nearest_float(v)) for v in evidence.problem.gradient]
    except (Declined, Undecided):
        return None
    largest = max(sizes, default=0.0)
    if largest >= SMALL:
        return None
    shown = f"{largest:.1e}" if largest else "too small for a float"
    return f"the gradient is {shown}, not 0: did you mean a claim with near = ...?"


# From the most to the least telling, where several rules have failed for several reasons.
_TELLING = (
    "flat-direction",
    "no-box",
    "box",
    "gradient-not-zero",
    "kink",
    "kernel",
    "hessian-not-definite",
    "outgoing-weight-zero",
    "not-in-subdifferential",
    "patterns-too-many",
    "hypothesis-open",
    "irrational-data",
    "not-settled",
    "no-better-point",
)


def _undecided(evidence: Evidence, claim: Claim, failures: list[tuple[str, Declined]]) -> Decision:
    code, reason, hint = _why(failures)
    known: Json = {}
    if claim.kind in POINT_KINDS:
        known = values(evidence.problem.analysis)
    return Decision(Verdict.UNDECIDED, code=code, reason=reason, hint=hint, **known)


def _why(failures: list[tuple[str, Declined]]) -> tuple[str, str, str | None]:
    codes = [declined.code for _, declined in failures]
    code = next((c for c in _TELLING if c in codes), codes[0] if codes else "no-rule-applies")
    reasons = dict.fromkeys(f"{rule}: {declined.reason}" for rule, declined in failures)
    hint = next((declined.hint for _, declined in failures if declined.hint), None)
    return code, "no rule decides the claim. " + "; ".join(reasons), hint
