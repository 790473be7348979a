"""`verify explain`: the table of conditions, its JSON, and bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from verifier.cli import main

CASES = Path(__file__).parents[2] / "cases"
XOR = str(CASES / "liang2018" / "theorem-a-non-separable.toml")


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", XOR]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert all(len(line) <= 80 for line in captured.out.splitlines())
    assert "theorem B (classes that do not share their spans) does not apply" in captured.out
    assert "fails  condition (B)           needs width 5, has 3" in captured.out
    assert "holds  increasing neuron" in captured.out


def test_whether_the_loss_bounds_the_training_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--json", str(CASES / "functions"), str(CASES / "theorems" / "a-targets.toml")]) == 0
    cases = json.loads(capsys.readouterr().out)["cases"]
    found = {Path(case["path"]).stem: case["loss_bounds_training_error"] for case in cases}
    assert found["a-silu-with-a-slope"]["holds"] is found["b-squared-exponential-hinge"]["holds"] is True
    assert found["a-softsign"] == {"holds": False, "why": "s(0) = log 2 < 1"}
    assert found["a-exponential-hinge-without-margin"]["holds"] is False
    assert found["a-targets"] is None
    assert main(["explain", str(CASES / "functions" / "b-squareplus.toml")]) == 0
    assert "loss >= training error fails: s(0) = log 2 < 1" in capsys.readouterr().out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--json", str(CASES / "theorems")]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == 1 and document["errors"] == []
    cases = {Path(case["path"]).stem: case for case in document["cases"]}
    assert len(cases) >= 30
    a, b, c = cases["b-exp-logistic"]["theorems"]
    assert [it["name"] for it in (a, b, c)] == ["A", "B", "C"]
    assert (b["applies"], b["conclusion"]) == (True, "no local minimum exists at all")
    assert (c["applies"], c["conclusion"]) == (False, None)
    assert {h["name"]: h["holds"] for h in c["hypotheses"]}["exponential neuron"] is False
    assert cases["b-irrational-inputs"]["theorems"][1]["applies"] is None


def test_bad_input_does_not_stop_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("schema = 1\n")
    assert main(["explain", str(bad), str(tmp_path / "none.toml"), XOR]) == 2
    captured = capsys.readouterr()
    assert len(captured.err.splitlines()) == 2 and "Traceback" not in captured.err
    assert "theorem A" in captured.out


def test_bad_input_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--json", str(tmp_path / "none.toml")]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["cases"] == [] and len(document["errors"]) == 1


@pytest.mark.parametrize("arguments", [[], ["--no-such-option", XOR]])
def test_bad_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", *arguments]) == 2
    assert capsys.readouterr().out == ""


def test_a_case_without_claims_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = Path(XOR).read_text(encoding="utf-8").split("[[claim]]")[0]
    (tmp_path / "no-claim.toml").write_text(text, encoding="utf-8")
    assert main(["explain", str(tmp_path / "no-claim.toml")]) == 0
    assert "theorem C" in capsys.readouterr().out
