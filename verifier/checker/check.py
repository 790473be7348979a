"""The entry of the checker: a certificate in, Accepted out or an exception.

What is trusted when it accepts: this folder, Python and python-flint. The certificate's own words are never believed:
the case is read again, every number, pattern, gradient and sign is computed again, and the statement is rebuilt and
compared with the one in the certificate.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import settle
from .case import Case, read_case
from .claim import read_claim
from .domain import defined_on_R
from .errors import Rejected, Unreadable, require
from .library import SpecificationProblem, shown
from .number import DomainProblem, Undecided
from .statement import statement

FORMAT = "loss-surface-certificate"
VERSION = 1
KEYS = frozenset({"format", "version", "case", "claim", "verdict", "statement", "proof", "digest"})
CASE_KEYS = frozenset({"title", "source", "notes", "data", "network", "loss", "point", "better"})


@dataclass(frozen=True)
class Accepted:
    """The kind of the claim, its verdict ("proved" or "refuted"), and the statement in words and as data."""

    claim: str
    verdict: str
    statement: str
    data: Mapping[str, Any]


def check(document: Any) -> Accepted:
    """Accept a certificate (a JSON object as Python data); raises Rejected (it does not prove its statement) or
    Unreadable (it is no certificate of a version known here).
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise Unreadable(f'expected a JSON object with "format": "{FORMAT}"')
    version = document.get("version")
    if type(version) is not int or version != VERSION:
        raise Unreadable(f"expected version {VERSION}, got {shown(version)}")
    require(set(document) == KEYS, "certificate", f"expected the keys {', '.join(sorted(KEYS))}")
    text = _canonical({key: value for key, value in document.items() if key != "digest"})
    require(document["digest"] == _sha256(text), "digest", "it does not belong to this content")
    plain = json.loads(text)  # whatever the Python data were
    found = established(plain)
    require(_canonical(plain["statement"]) == _canonical(found), "statement", "it is not what the proof shows")
    return _accepted(found)


def seal(content: Mapping[str, Any]) -> tuple[dict[str, Any], Accepted]:
    """A certificate from its case, claim, verdict and proof, with the statement that the checker derives; raises
    Rejected where the proof does not hold. `check` accepts the result: it does the same and compares.
    """
    document: dict[str, Any] = {"format": FORMAT, "version": VERSION, **content}
    found = document["statement"] = established(document)
    document["digest"] = digest(document)
    return document, _accepted(found)


def _accepted(found: Mapping[str, Any]) -> Accepted:
    data = found["data"]
    return Accepted(data["kind"], data["verdict"], found["text"], data)


def established(document: Mapping[str, Any]) -> dict[str, Any]:
    """The statement that the proof of a certificate shows; raises Rejected. The digest is not looked at, and of the
    certificate's own statement only the ends of enclosures, which are kept where they are shown to hold.
    """
    require(isinstance(document["case"], dict), "case", "expected an object")
    require(set(document["case"]) == CASE_KEYS, "case", f"expected the keys {', '.join(sorted(CASE_KEYS))}")
    proof, verdict = document["proof"], document["verdict"]
    require(isinstance(proof, dict), "proof", "expected an object")
    require(verdict in ("proved", "refuted"), "verdict", f"expected proved or refuted, got {verdict!r:.40}")
    try:
        case = read_case(document["case"])
        claim = read_claim(document["claim"])
        require_defined(case)
        judge = settle.proved if verdict == "proved" else settle.refuted
        return statement(case, claim, verdict, judge(case, claim, proof), document.get("statement"))
    except (Undecided, DomainProblem) as problem:
        raise Rejected("proof", f"a step could not be settled: {problem}") from None
    except SpecificationProblem as problem:
        raise Rejected("case", str(problem)) from None
    except RecursionError:
        raise Rejected("certificate", "it is nested too deeply") from None


def require_defined(case: Case) -> None:
    """A user's own expressions are shown to be defined (hence continuous) on all of R; raises Rejected."""
    for part in case.parts:
        if "expr" in part.spec:
            require(defined_on_R(part.activation), "activation", UNDEFINED)
    if "expr" in case.loss_spec:
        for i in range(1 if case.targets is None else len(case.targets)):
            require(defined_on_R(case.loss(i)), "loss", UNDEFINED)


UNDEFINED = "the expression is not shown to be defined on all of R"


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of a certificate without its digest."""
    return _sha256(_canonical({key: value for key, value in document.items() if key != "digest"}))


def _canonical(content: Any) -> str:
    """Canonical JSON: unlike ==, it tells true from 1 and 1 from 1.0."""
    try:
        return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise Rejected("certificate", "it is not plain JSON data") from None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
