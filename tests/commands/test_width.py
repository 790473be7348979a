"""What the commands write to standard output fits a terminal of 80 columns; the path of a file is never broken."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.helpers.docs import ROOT
from verifier.cli import main

# Long titles, long numbers, undecided and refuted claims, remarks.
CASES = ("liang2018/dead-relu-construction.toml", "liang2018/dead-relu-ties.toml", "trained/saddle-tanh.toml")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    Path("cases").mkdir()
    for case in CASES:
        shutil.copy(ROOT / "cases" / case, "cases")
    text = (ROOT / "docs" / "near.toml").read_text(encoding="utf-8")
    Path("wide.toml").write_text(text.replace('title  = "', 'title  = "' + "wide 漢字 " * 30), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ["cases"],
        ["wide.toml"],
        ["explain", "cases"],
        ["confirm", "cases/dead-relu-ties.toml"],
        ["search", "--all", "--starts", "4", "cases/dead-relu-ties.toml"],
    ],
    ids=" ".join,
)
def test_output_fits(arguments: list[str], place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(arguments)
    out = capsys.readouterr().out
    assert out and [line for line in out.splitlines() if cell_len(line) > 80] == []


def test_output_of_check_fits(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["-q", "--out", "c", "cases/dead-relu-construction.toml", "cases/saddle-tanh.toml"])
    assert main(["check", "c"]) == 0
    lines = capsys.readouterr().out.splitlines()
    files = [line for line in lines if line.startswith("accepted  ")]
    assert len(files) == 4 and [line for line in lines if line not in files and cell_len(line) > 80] == []
