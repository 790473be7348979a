"""The table: one line per claim that fits, marks on what was not expected, explanations where needed."""

from __future__ import annotations

import pytest

from verifier.output.table import TablePrinter
from verifier.results import CaseResult, ClaimResult, Problem
from verifier.verdict import Decision, Verdict


def claim(verdict: Verdict, expect: str = "proved", number: int = 1, **fields: str) -> ClaimResult:
    certificate = None if verdict is Verdict.UNDECIDED else {"a": "certificate"}
    return ClaimResult(number, "stationary", expect, Decision(verdict, certificate=certificate, **fields), 0.0)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("FORCE_COLOR", raising=False)


def shown(capsys: pytest.CaptureFixture[str], *claims: ClaimResult, explain_all: bool = False) -> list[str]:
    TablePrinter(explain_all).case(CaseResult("a.toml", "Title", claims))
    return capsys.readouterr().out.splitlines()


def test_proved_as_expected_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, claim(Verdict.PROVED, rule="gradient", reason="all zero " * 20))
    assert lines[0] == "a.toml  Title"
    assert lines[1].startswith("  proved       stationary  gradient  all zero all")
    assert lines[1].endswith("…") and len(lines[1]) <= 60
    assert len(lines) == 2


def test_rest_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, claim(Verdict.REFUTED, statement="It goes down.", code="descent"))
    assert lines[1].split() == ["refuted", "!", "stationary", "-"]
    assert lines[2:] == [
        "    claim 1 (stationary): refuted, expected proved",
        "      shown:  It goes down.",
        "      code:   descent",
    ]


def test_refuted_as_expected_is_explained_without_a_mark(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, claim(Verdict.REFUTED, "refuted", statement="It goes down."))
    assert "!" not in lines[1] and "expected" not in lines[2]
    assert lines[3].strip() == "shown:  It goes down."


def test_single_case_is_explained_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    proved = claim(Verdict.PROVED, statement="It is one.")
    assert len(shown(capsys, proved)) == 2
    assert "      shown:  It is one." in shown(capsys, proved, explain_all=True)


def test_case_without_claims_is_left_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys) == []


def test_summary(capsys: pytest.CaptureFixture[str]) -> None:
    table = TablePrinter(False)
    good = CaseResult("a", claims=(claim(Verdict.PROVED), claim(Verdict.UNDECIDED, "undecided", 2)))
    wrong = CaseResult("b", claims=(claim(Verdict.REFUTED),))
    bad = CaseResult("c", problems=(Problem("c", "", "expected, got"),))
    table.summary([good])
    assert capsys.readouterr().out == "\n2 claims in 1 file: 1 proved, 1 undecided; all as expected\n"
    table.summary([good, wrong, bad])
    summary = capsys.readouterr().out.split("\n", 1)[1]
    assert " ".join(summary.split()) == (
        "3 claims in 2 files: 1 proved, 1 refuted, 1 undecided; 1 not as expected (!) 1 file with errors"
    )
    table.summary([bad])
    assert capsys.readouterr().out == ""
