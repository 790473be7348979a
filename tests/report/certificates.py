"""Certificates for the tests of reports: made by the prover, or an accepted one with other words around its proof."""

from __future__ import annotations

import json
from typing import Any

from tests.helpers.cases import Table, dead
from verifier.case.types import Case, Claim
from verifier.checker.check import seal
from verifier.decision import decide

Certificate = dict[str, Any]
BETTER: Table = {"a0": 1, "a": [-2, 0], "W": [[1], [0]], "b": [-2, 0]}


def certificate(case: Case, kind: str, **keys: Any) -> Certificate:
    """The certificate of a claim that can be decided, through JSON."""
    found = decide(case, Claim(kind, **keys)).certificate
    assert found is not None
    plain: Certificate = json.loads(json.dumps(found))
    return plain


def dead_certificates() -> list[Certificate]:
    """A bad local minimum and the proof that there is a better point."""
    case = dead(better=BETTER)
    return [certificate(case, "local-minimum"), certificate(case, "suboptimal")]


def with_words(found: Certificate, **words: str) -> Certificate:
    """The same proof in a case with another title, source or notes."""
    content = {key: found[key] for key in ("case", "claim", "verdict", "proof")}
    content["case"] = {**found["case"], **words}
    sealed, _ = seal(content)
    return sealed
