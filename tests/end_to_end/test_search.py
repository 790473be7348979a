"""`verify search` as users call it: files, certificates, exit codes, interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.end_to_end.conftest import ROOT, Shell
from verifier.case import load
from verifier.cli import main

CASES = ROOT / "cases"
XOR = """
schema = 1
title = "XOR"
[data]
inputs = [[0, 0], [0, 1], [1, 0], [1, 1]]
labels = [-1, 1, 1, -1]
[network]
kind = "single-layer"
activation = "{activation}"
width = 2
[loss]
name = "quadratic"
weight_decay = "1/100"
"""


@pytest.fixture
def xor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "xor.toml"
    path.write_text(XOR.format(activation="sigmoid"))
    plain = XOR.format(activation="relu").replace('weight_decay = "1/100"', "")
    (tmp_path / "plain.toml").write_text(plain.replace("quadratic", "squared_hinge"))
    return path


def test_one_is_found_written_and_holds_by_itself(xor: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "xor.toml"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "1 bad local minimum found and certified" in captured.out
    assert sorted(os.listdir("found")) == ["xor-1.cert.json", "xor-1.html", "xor-1.toml"]
    page = Path("found/xor-1.html").read_text(encoding="utf-8")
    assert "local minimum" in page and "<script" not in page
    xor.unlink()
    assert main(["found/xor-1.toml"]) == 0
    assert main(["check", "found/xor-1.cert.json", "--case", "found/xor-1.toml"]) == 0


def test_all_as_a_table_and_the_same_again(xor: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["search", "--all", "--json", "--starts", "64", "--out", "there", "xor.toml"]
    assert main(arguments) == 0
    document = json.loads(capsys.readouterr().out)
    (search,) = document["searches"]
    assert document["ended"] == "finished" and search["answer"] == "found"
    texts = [Path(row["file"]).read_bytes() for row in search["found"]]
    assert len(set(texts)) == len(texts) >= 4
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out) == document
    assert [Path(row["file"]).read_bytes() for row in search["found"]] == texts
    assert main(["-q", "there"]) == 0


def test_a_theorem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = str(CASES / "liang2018" / "theorem-a-softplus.toml")
    start = time.monotonic()
    assert main(["search", "--out", str(tmp_path), case]) == 0
    assert time.monotonic() - start < 10
    assert "nothing to find, by theorem A" in capsys.readouterr().out
    assert sorted(os.listdir(tmp_path)) == ["theorem-a-softplus-none.cert.json", "theorem-a-softplus-none.html"]
    assert main(["check", str(tmp_path / "theorem-a-softplus-none.cert.json")]) == 0


def test_neighbours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = str(CASES / "liang2018" / "theorem-a-softplus.toml")
    arguments = ["search", "--relax", "loss", "--starts", "16", "--json", "--out", str(tmp_path), case]
    assert main(arguments) == 3  # for the hinge and the quadratic loss nothing is known
    answers = {s["title"].rpartition(" ")[2]: s["answer"] for s in json.loads(capsys.readouterr().out)["searches"]}
    assert answers["logistic"] == answers["exponential"] == "none exists"
    assert len(answers) == 6


def test_the_smallest_data_with_a_live_unit(xor: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["search", "--free", "separable", "--live", "--minimize", "--json", "plain.toml"]
    assert main(arguments) == 0
    (search,) = json.loads(capsys.readouterr().out)["searches"]
    (row,) = search["found"]
    assert (row["samples"], row["training_error"], row["ties"]) == (3, "1/4", 0)
    written = load(Path(row["file"]))
    assert (written.data.dimension, written.network.main.hidden, sum(written.data.multiplicity)) == (1, (1,), 4)
    assert main(["-q", row["file"]]) == 0


def test_free_data_of_a_size(xor: Path, capsys: pytest.CaptureFixture[str]) -> None:
    size = ["--samples", "3", "--dimension", "1"]
    assert main(["search", "--free", "general", *size, "--timeout", "60", "--json", "plain.toml"]) == 0
    (search,) = json.loads(capsys.readouterr().out)["searches"]
    (row,) = search["found"]
    written = load(Path(row["file"]))
    assert (row["samples"], written.data.dimension, written.network.main.hidden) == (3, 1, (2,))


def test_a_stage_that_is_skipped_is_named(
    xor: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verifier.search.free.available", lambda: False)
    text = Path("plain.toml").read_text().replace('"relu"', '"softplus"')
    Path("smooth.toml").write_text(text)
    assert main(["search", "--free", "general", "smooth.toml"]) == 3
    words = " ".join(capsys.readouterr().out.split())
    assert "tried: inverse design (skipped: it needs the optional extra `design`)" in words


def test_undecided_says_what_was_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = tmp_path / "case.toml"
    text = XOR.format(activation="arctan").replace("[[0, 0], [0, 1], [1, 0], [1, 1]]", "[[0], [1], [2], [3]]")
    text = text.replace("[-1, 1, 1, -1]", "[-1, -1, 1, 1]").replace('weight_decay = "1/100"', "")
    case.write_text(text)
    assert main(["search", "--starts", "4", "--out", str(tmp_path / "found"), str(case)]) == 3
    out = capsys.readouterr().out
    assert "undecided" in out and "4 starts of training" in out
    assert not (tmp_path / "found").exists()


def test_the_time_limit(xor: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start = time.monotonic()
    code = main(["search", "--all", "--starts", "1000000", "--timeout", "4", "xor.toml"])
    assert time.monotonic() - start < 20
    out = capsys.readouterr().out
    assert "the time limit was reached" in out
    assert code == (0 if "found and certified" in out else 3)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere.toml"],
        ["--relax", "everything", "xor.toml"],
        ["--free", "separable", "xor.toml"],  # it has weight decay
        ["--free", "general", "--relax", "loss", "xor.toml"],
        ["--samples", "3", "xor.toml"],
        ["--dimension", "1", "xor.toml"],
        ["--free", "separable", "--samples", "1", "xor.toml"],
        ["--free", "separable", "--dimension", "0", "xor.toml"],
        ["--free", "subspaces", "--dimension", "1", "plain.toml"],
        ["--timeout", "0", "xor.toml"],
        ["--seed", "-1", "xor.toml"],
        [],
    ],
)
def test_bad_usage(arguments: list[str], xor: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and "Traceback" not in captured.err and captured.err.strip()
    assert not Path("found").exists()


def test_a_folder_that_cannot_be_written(xor: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("file").write_text("")
    assert main(["search", "--out", "file/inside", "xor.toml"]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(
    ("case", "options"), [("xor", ["--starts", "1000000"]), ("plain", ["--free", "general", "--live"])]
)
def test_an_interruption_keeps_what_was_found(case: str, options: list[str], xor: Path) -> None:
    shell = Shell(xor.parent)
    command = [sys.executable, "-m", "verifier", "search", "--all", *options, f"{case}.toml"]
    process = subprocess.Popen(
        command, cwd=shell.folder, env=shell.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    first = xor.parent / "found" / f"{case}-1.cert.json"
    deadline = time.monotonic() + 60
    while not first.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"found/{case}-1.toml" in out and "interrupted" in out and "Traceback" not in err
    assert main(["check", str(first)]) == 0
