"""The JSON document of `verify --json`; scripts rely on its keys, so keys may be added but not changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from verifier.results import CaseResult, ClaimResult

SCHEMA = 1
# Where the certificate of a claim was written, by the path of the case and the number of the claim.
Certificates = Mapping[tuple[str, int], str]


def document(
    results: Iterable[CaseResult], certificates: Certificates, reports: Mapping[str, str], interrupted: bool
) -> dict[str, Any]:
    """All results as JSON data: numbers are strings except seconds and ties; what does not apply is null.

    A case that could not be judged stands under "errors" only. "interrupted" is there, and true, exactly when
    the run was stopped before its end.
    """
    results = tuple(results)
    whole: dict[str, Any] = {
        "schema": SCHEMA,
        "cases": [_case(case, certificates, reports) for case in results if case.claims],
        "errors": [error for case in results for error in _errors(case)],
    }
    return whole | {"interrupted": True} if interrupted else whole


def _case(case: CaseResult, certificates: Certificates, reports: Mapping[str, str]) -> dict[str, Any]:
    claims = [_claim(claim, certificates.get((case.path, claim.number))) for claim in case.claims]
    return {"path": case.path, "title": case.title, "report": reports.get(case.path), "claims": claims}


def _claim(claim: ClaimResult, certificate: str | None) -> dict[str, Any]:
    decision = claim.decision
    return {
        "kind": claim.kind,
        "verdict": decision.verdict.value,
        "expected": claim.expect,
        "rule": decision.rule,
        "reason": decision.reason or None,
        "code": decision.code,
        "hint": decision.hint,
        "statement": decision.statement,
        "training_error": decision.training_error,
        "ties": decision.ties,
        "loss": dict(decision.loss) if decision.loss is not None else None,
        "strict": decision.strict,
        "distance": decision.distance,
        "radius": decision.radius,
        "seconds": round(claim.seconds, 6),
        "certificate": certificate,
    }


def _errors(case: CaseResult) -> list[dict[str, Any]]:
    errors = [
        {"path": problem.path, "key": problem.key or None, "message": problem.message}
        for problem in case.problems
    ]
    if case.crash:
        errors.append({"path": case.path, "key": None, "message": f"internal error: {case.crash.summary}"})
    return errors
