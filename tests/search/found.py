"""What a search finds, judged again from its file alone."""

from __future__ import annotations

import json
from typing import Any

from verifier.case import loads
from verifier.case.types import Case
from verifier.checker.check import check
from verifier.decision import decide
from verifier.search.certify import Found
from verifier.search.portfolio import Search, search
from verifier.verdict import Verdict


def rejudged(found: Found) -> Found:
    """The file and the certificate of a result hold, each without the other."""
    case = loads(found.text)
    (claim,) = case.claims
    assert claim.bad is True and claim.kind == "local-minimum"
    decision = decide(case, claim)
    assert decision.verdict is Verdict.PROVED
    assert decision.strict == claim.strict
    accepted = check(json.loads(json.dumps(found.certificate)))
    assert accepted.statement == found.accepted.statement
    assert found.certificate["case"] == case.document()
    assert found.certificate["claim"] == claim.document()
    return found


def first(case: Case, **keys: Any) -> Found:
    """The first result of a search, rejudged."""
    job = search(case, **keys)
    for found in job.run():
        return rejudged(found)
    raise AssertionError(f"nothing found: {job.tried}")


def ended(case: Case, **keys: Any) -> Search:
    """A search that finds nothing, at its end."""
    job = search(case, **keys)
    assert list(job.run()) == []
    return job
