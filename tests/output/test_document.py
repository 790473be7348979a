"""The JSON document: the keys of the contract, texts for numbers, null for what does not apply."""

from __future__ import annotations

import json

from verifier.output.document import document
from verifier.results import CaseResult, ClaimResult, Crash, Problem
from verifier.verdict import Decision, Verdict

PROVED = Decision(
    Verdict.PROVED,
    rule="first-order",
    statement="It is one.",
    training_error="1/3",
    ties=0,
    loss={"exact": "log(2)"},
    strict=False,
    certificate={"never": "in the document"},
)
CASE = CaseResult(
    "a.toml",
    "A case",
    (
        ClaimResult(1, "local-minimum", "proved", PROVED, 0.12345678),
        ClaimResult(2, "stationary", "proved", Decision(Verdict.UNDECIDED, code="timeout", reason="too late"), 60.0),
    ),
)


def test_every_key_of_a_claim() -> None:
    certificates = {("a.toml", 1): "out/a.toml/1-local-minimum.cert.json"}
    whole = document([CASE], certificates, {"a.toml": "out/a.html"}, interrupted=False)
    assert json.loads(json.dumps(whole)) == {
        "schema": 1,
        "cases": [
            {
                "path": "a.toml",
                "title": "A case",
                "report": "out/a.html",
                "claims": [
                    {
                        "kind": "local-minimum",
                        "verdict": "proved",
                        "expected": "proved",
                        "rule": "first-order",
                        "reason": None,
                        "code": None,
                        "hint": None,
                        "statement": "It is one.",
                        "training_error": "1/3",
                        "ties": 0,
                        "loss": {"exact": "log(2)"},
                        "strict": False,
                        "distance": None,
                        "radius": None,
                        "seconds": 0.123457,
                        "certificate": "out/a.toml/1-local-minimum.cert.json",
                    },
                    {
                        "kind": "stationary",
                        "verdict": "undecided",
                        "expected": "proved",
                        "rule": None,
                        "reason": "too late",
                        "code": "timeout",
                        "hint": None,
                        "statement": None,
                        "training_error": None,
                        "ties": None,
                        "loss": None,
                        "strict": None,
                        "distance": None,
                        "radius": None,
                        "seconds": 60.0,
                        "certificate": None,
                    },
                ],
            }
        ],
        "errors": [],
    }


def test_errors_stand_apart_from_cases() -> None:
    bad = CaseResult("b.toml", problems=(Problem("b.toml", "data.labels[2]", "expected 1 or -1, got 0"),))
    missing = CaseResult("c.toml", problems=(Problem("c.toml", "", "expected a file"),))
    crashed = CaseResult("d.toml", crash=Crash("a bug", "a traceback"))
    whole = document([bad, CASE, missing, crashed], {}, {}, interrupted=False)
    assert [case["path"] for case in whole["cases"]] == ["a.toml"]
    assert whole["errors"] == [
        {"path": "b.toml", "key": "data.labels[2]", "message": "expected 1 or -1, got 0"},
        {"path": "c.toml", "key": None, "message": "expected a file"},
        {"path": "d.toml", "key": None, "message": "internal error: a bug"},
    ]


def test_interruption_is_told() -> None:
    assert document([], {}, {}, interrupted=True) == {"schema": 1, "cases": [], "errors": [], "interrupted": True}
    assert "interrupted" not in document([], {}, {}, interrupted=False)
