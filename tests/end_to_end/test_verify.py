"""The real prover and the real checker as processes: cases in, certificates out and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end_to_end.conftest import ROOT, Shell

CASE = ROOT / "cases" / "liang2018" / "dead-relu-hinge-p1.toml"
OTHER = ROOT / "cases" / "liang2018" / "dead-relu-quadratic.toml"


@pytest.fixture
def written(shell: Shell) -> list[Path]:
    """The certificates of the case, in the order of its claims."""
    (shell.folder / "case.toml").write_text(CASE.read_text(encoding="utf-8"), encoding="utf-8")
    result = shell.verify("--out", "out", "-q", "case.toml", real=True)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    found = sorted(shell.folder.glob("out/**/*.cert.json"), key=lambda p: int(p.name.split("-")[0]))
    assert [p.name for p in found[:3]] == [
        "1-local-minimum.cert.json",
        "2-training-error.cert.json",
        "3-loss.cert.json",
    ]
    return found


def test_json_of_a_case(shell: Shell) -> None:
    result = shell.verify(str(CASE), "--json", real=True)
    assert (result.returncode, result.stderr) == (0, "")
    document = json.loads(result.stdout)
    assert document["schema"] == 1 and document["errors"] == []
    (case,) = document["cases"]
    first = case["claims"][0]
    assert (first["kind"], first["verdict"], first["rule"]) == ("local-minimum", "proved", "convex")
    assert (first["training_error"], first["ties"], first["loss"]) == ("1/3", 0, {"exact": "8/9"})
    assert all(claim["verdict"] == claim["expected"] for claim in case["claims"])


def test_all_certificates_are_accepted(shell: Shell, written: list[Path]) -> None:
    assert len(written) == CASE.read_text(encoding="utf-8").count("[[claim]]")
    result = shell.verify("check", "out", "--json", real=True)
    assert (result.returncode, result.stderr) == (0, "")
    answers = json.loads(result.stdout)["certificates"]
    assert len(answers) == len(written)
    assert {answer["result"] for answer in answers} == {"accepted"}
    assert {answer["verdict"] for answer in answers} == {"proved", "refuted"}


def test_certificate_belongs_to_its_case(shell: Shell, written: list[Path]) -> None:
    first = str(written[0])
    assert shell.verify("check", "--case", "case.toml", first, real=True).returncode == 0
    result = shell.verify("check", "--case", str(OTHER), first, real=True)
    assert result.returncode == 1
    assert "differs" in result.stdout


def test_tampered_certificate_is_rejected(shell: Shell, written: list[Path]) -> None:
    text = written[0].read_text(encoding="utf-8")
    assert '"training_error": "1/3"' in text
    written[0].write_text(text.replace('"training_error": "1/3"', '"training_error": "0"'), encoding="utf-8")
    result = shell.verify("check", str(written[0]), real=True)
    assert result.returncode == 1
    assert "digest" in result.stdout


def test_forged_certificate_is_rejected(shell: Shell, written: list[Path]) -> None:
    """A digest that fits protects nothing: the point is moved, and everything is computed again."""
    from verifier.checker.check import digest

    document = json.loads(written[0].read_text(encoding="utf-8"))
    assert document["case"]["point"]["a0"] == "1/3"
    document["case"]["point"]["a0"] = "1/2"
    document["digest"] = digest(document)
    written[0].write_text(json.dumps(document), encoding="utf-8")
    result = shell.verify("check", str(written[0]), real=True)
    assert result.returncode == 1
    assert "digest" not in result.stdout and "rejected" in result.stdout


def test_unreadable_certificate(shell: Shell, written: list[Path]) -> None:
    written[0].write_text("{}", encoding="utf-8")
    assert shell.verify("check", str(written[0]), real=True).returncode == 2


def test_unexpected_verdict_and_undecided_claim(shell: Shell) -> None:
    text = CASE.read_text(encoding="utf-8")
    shell.folder.joinpath("wrong.toml").write_text(text.replace('expect = "refuted"', "", 1), encoding="utf-8")
    assert shell.verify("wrong.toml", "-q", real=True).returncode == 1
    undefined = text.replace('name = "polynomial_hinge"\np    = 1', 'expr = "log(1 + z)"')
    head = undefined[: undefined.index("[[claim]]")]
    shell.folder.joinpath("open.toml").write_text(f'{head}[[claim]]\nkind = "stationary"\n', encoding="utf-8")
    result = shell.verify("open.toml", "--json", real=True)
    assert result.returncode == 3
    (claim,) = json.loads(result.stdout)["cases"][0]["claims"]
    assert claim["verdict"] == "undecided" and "defined on all of R" in claim["reason"]
