"""Bars of the commands: on a terminal, after two seconds, and never in the way of what is written."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.helpers.docs import ROOT
from verifier.cli import main
from verifier.output.progress import CLEAR


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A terminal at which two seconds have always passed, and two case files, one of them wrong."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("verifier.output.progress.PATIENCE", 0)
    Path("cases").mkdir()
    for name in ("first", "example"):
        shutil.copy(ROOT / "docs" / f"{name}.toml", "cases")
    Path("cases/wrong.toml").write_text("schema = 2", encoding="utf-8")
    return tmp_path


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["cases"], "3 of 3 cases"),
        (["-q", "cases"], "3 of 3 cases"),
        (["explain", "cases"], "3 of 3 cases"),
        (["explain", "--json", "cases"], "2 of 3 cases"),
        (["confirm", "cases/first.toml"], "2 of 3 classes of neurons"),
        (["search", "cases/example.toml"], " of 300 s, closed constructions: all units inactive"),
        (["search", "--free", "separable", "--live", "cases/example.toml"], " of 300 s, SMT, 3 samples in dimension 1"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_bar_is_shown_and_taken_away(
    arguments: list[str], line: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main(arguments)
    plain = capsys.readouterr()
    on_a_terminal(monkeypatch)
    main(arguments)
    out, err = capsys.readouterr()
    assert plain.out == out and CLEAR not in plain.err
    assert line in err and err.endswith(CLEAR)
    complaint = "cases/wrong.toml: schema: expected schema = 1, got 2\n"
    assert (complaint in plain.err) == (f"{CLEAR}{complaint}" in err)


def test_the_bar_of_check(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    main(["-q", "--out", "c", "cases"])
    Path("c/wrong.cert.json").write_text("{", encoding="utf-8")
    capsys.readouterr()
    on_a_terminal(monkeypatch)
    assert main(["check", "c"]) == 2
    err = capsys.readouterr().err
    assert "3 of 4 certificates" in err and f"{CLEAR}c/wrong.cert.json: " in err and err.endswith(CLEAR)
