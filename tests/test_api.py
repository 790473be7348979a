"""`verify` in Python: the same verdicts as on the command line, limits that hold, and one kind of exception."""

from __future__ import annotations

import concurrent.futures
import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import verifier
from tests.helpers.cases import DEAD
from verifier import Case, Claim, InputError, Result, Verdict, check, load, verify
from verifier.report import Form
from verifier.results import ClaimResult
from verifier.runner import NO_CLAIMS
from verifier.verdict import Decision

ROOT = Path(__file__).parents[1]


def dead(*claims: Any, **changes: Any) -> Case:
    """Two dead ReLU units, as in the helpers."""
    return Case(
        data={"inputs": [[1], [2], [3]], "labels": [1, 1, -1]},
        network={"kind": "single-layer", "activation": "relu", "width": 2},
        loss="squared_hinge",
        point=DEAD,
        claims=claims,
        **changes,
    )


TRUE, FALSE = "local-minimum", {"kind": "local-minimum", "strict": True}


def test_the_example_of_the_readme() -> None:
    result = verify(load(ROOT / "docs" / "example.toml"))
    assert result.verdict is Verdict.PROVED and result.as_expected
    assert [(claim.kind, claim.verdict) for claim in result.claims] == [
        ("local-minimum", Verdict.PROVED),
        ("suboptimal", Verdict.PROVED),
    ]
    assert result.claims[0].decision.training_error == "1/3"


def test_every_certificate_is_accepted_by_the_checker() -> None:
    result = verify(dead(TRUE, FALSE))
    assert [check(json.loads(json.dumps(one))).verdict for one in result.certificates] == ["proved", "refuted"]
    assert [one["case"] for one in result.certificates] == [result.case.document()] * 2


def test_one_claim_has_one_certificate() -> None:
    result = verify(dead(TRUE))
    assert result.certificate is result.certificates[0]


def test_several_claims_have_no_single_certificate() -> None:
    with pytest.raises(ValueError, match=r"there are 2 claims: look at \.certificates"):
        _ = verify(dead(TRUE, FALSE)).certificate


def claim(verdict: Verdict, expect: str = "proved") -> ClaimResult:
    certificate = None if verdict is Verdict.UNDECIDED else {"of": "it"}
    return ClaimResult(1, "stationary", expect, Decision(verdict, reason="why", certificate=certificate), 0.1)


P, R, U = Verdict.PROVED, Verdict.REFUTED, Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("verdicts", "together"), [([P], P), ([P, P], P), ([P, U], U), ([U], U), ([P, U, R], R), ([R, P], R)]
)
def test_the_verdict_on_all_claims(verdicts: list[Verdict], together: Verdict) -> None:
    result = Result(dead(TRUE), tuple(map(claim, verdicts)))
    assert result.verdict is together
    assert len(result.certificates) == len([one for one in verdicts if one is not U])
    assert result.as_expected == (together is P)


def test_as_expected_asks_what_the_claims_expect() -> None:
    assert Result(dead(TRUE), (claim(R, "refuted"), claim(U, "undecided"))).as_expected
    assert not Result(dead(TRUE), (claim(P, "refuted"),)).as_expected


def test_repr_names_the_verdicts() -> None:
    assert repr(verify(dead(TRUE, FALSE))) == "<Result local-minimum: proved, local-minimum: refuted>"


# -- limits ------------------------------------------------------------------------------------------------------------


def replace_decide(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let the forked process do something else in place of deciding the first claim."""

    def decide(_: Case, claim: Claim) -> Decision:
        if claim.strict is None:
            act()
        return Decision(Verdict.UNDECIDED, code="asked", reason="the test asked for it")

    monkeypatch.setattr("verifier.decision.decide", decide)


def test_time_is_limited_also_in_the_middle_of_c_code(monkeypatch: pytest.MonkeyPatch) -> None:
    replace_decide(monkeypatch, lambda: sum(range(10**18)))
    result = verify(dead(TRUE, FALSE), timeout=1)
    assert [claim.decision.code for claim in result.claims] == ["timeout", "asked"]
    assert result.claims[0].decision.reason == "not decided within the time limit of 1 s"


def test_a_process_that_dies_leaves_its_claim_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    replace_decide(monkeypatch, lambda: os.kill(os.getpid(), signal.SIGKILL))
    result = verify(dead(TRUE, FALSE))
    assert [claim.decision.code for claim in result.claims] == ["crash", "asked"]
    assert not result.as_expected


def test_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    replace_decide(monkeypatch, lambda: bytearray(2 << 30))
    result = verify(dead(TRUE, FALSE), memory=1)
    assert result.claims[0].decision.reason == "internal error: out of memory"


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"timeout": 0}, "timeout: expected more than 0 and at most 1,000,000 seconds, got 0"),
        ({"timeout": float("nan")}, "timeout: expected more than 0 and at most 1,000,000 seconds, got nan"),
        ({"timeout": True}, "timeout: expected more than 0 and at most 1,000,000 seconds, got true"),
        ({"timeout": None}, "timeout: expected more than 0 and at most 1,000,000 seconds, got nothing"),
        ({"timeout": "5"}, 'timeout: expected more than 0 and at most 1,000,000 seconds, got "5"'),
        ({"memory": -1}, "memory: expected at least 0 and at most 1,000,000 GiB, got -1"),
    ],
    ids=str,
)
def test_limits_that_are_none(limits: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        verify(dead(TRUE), **limits)
    assert str(caught.value) == message


def test_a_case_without_claims_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        verify(dead(path="mine.toml"))
    assert str(caught.value) == f"mine.toml: claim: {NO_CLAIMS}"


def test_what_is_no_case_is_refused() -> None:
    with pytest.raises(InputError, match=r"^case: expected a Case \(verifier\.load reads one.*\), got a text"):
        verify("docs/example.toml")  # type: ignore[arg-type]


def test_the_path_of_a_case_built_in_code_is_never_read() -> None:
    case = dead(TRUE, path=str(ROOT / "there" / "is-none.toml"))
    assert verify(case).verdict is Verdict.PROVED


@pytest.mark.parametrize("changed", ["title = \"another\"", "kind = \"stationary\""])
def test_a_certificate_about_something_else_is_no_result(changed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key = changed.partition(" ")[0]

    def dumps(case: Case) -> str:
        lines = verifier.dumps(case).splitlines()
        number = max(k for k, line in enumerate(lines) if line.startswith(f"{key} = "))
        return "\n".join([*lines[:number], changed, *lines[number + 1 :]])

    monkeypatch.setattr("verifier.api.dumps", dumps)
    with pytest.raises(RuntimeError, match="internal error: a certificate about another case or claim"):
        verify(dead(TRUE))


# -- threads and processes ---------------------------------------------------------------------------------------------


def test_threads_take_turns() -> None:
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = list(pool.map(verify, [dead(TRUE), dead(FALSE), dead(TRUE), dead(FALSE)]))
    assert [result.verdict for result in results] == [P, R, P, R]
    assert not multiprocessing.active_children()


def test_a_process_that_may_not_start_another_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing.current_process(), "_config", {"daemon": True})
    with pytest.raises(RuntimeError, match=r"which a worker of multiprocessing\.Pool may not do"):
        verify(dead(TRUE))


# -- reports and notebooks ---------------------------------------------------------------------------------------------


def test_the_table_of_a_notebook_shows_title_verdict_and_statement() -> None:
    result = verify(dead(TRUE, FALSE, title="<script>alert(1)</script>"))
    html = result._repr_html_()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html and "<script" not in html
    assert html.count("<tr>") == 3
    assert "<strong>proved</strong>" in html and "<strong>refuted (expected proved)</strong>" in html
    assert "the point is a local minimum of the loss" in html


@pytest.mark.parametrize(
    ("form", "start"), [("html", "<!doctype html>"), ("markdown", "# "), ("latex", "\\documentclass"), ("json", "{")]
)
def test_reports_in_all_forms(form: Form, start: str) -> None:
    report = verify(dead(TRUE, FALSE, title="Dead units")).report(form)
    assert report.lower().startswith(start) and "Dead units" in report


def test_a_report_needs_something_decided() -> None:
    with pytest.raises(ValueError, match="expected at least one claim that is proved or refuted, got none"):
        Result(dead(TRUE), (claim(U),)).report()
    with pytest.raises(ValueError, match="expected one of html, markdown, latex, json, got 'pdf'"):
        verify(dead(TRUE)).report("pdf")  # type: ignore[arg-type]


def test_the_public_names() -> None:
    assert {"Case", "InputError", "Result", "Verdict", "check", "dump", "dumps", "load", "loads", "verify"} <= set(
        verifier.__all__
    )
