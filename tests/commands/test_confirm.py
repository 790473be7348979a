"""`verify confirm`: the least width for each class, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from verifier.case import load
from verifier.checker.theorems.supports import elements, facts_used
from verifier.cli import main
from verifier.model.translate import checker_case

CASES = Path(__file__).parents[2] / "cases" / "confirmed"
NARROW = str(CASES / "narrower-than-theorem-b.toml")
BAD = str(CASES / "not-excluded-and-bad.toml")


def answers(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """The JSON of a run that ends well."""
    assert main(["confirm", "--json", *arguments]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["schema"], document["errors"]) == (1, [])
    return document["cases"]


def test_widths_for_each_class(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = answers(capsys, NARROW)
    table = {row["class"]: (row["answer"], row["width"], row["own"]) for row in found["classes"]}
    assert table == {
        "increasing": ("no width", None, False),
        "strictly convex": ("proved", 4, False),
        "increasing and strictly convex": ("proved", 4, True),
    }
    assert (found["width"], found["reason"], found["search"]) == (4, None, None)


def test_trees_are_certificates(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = answers(capsys, NARROW)
    case = checker_case(load(NARROW))
    trees = [(row["width"], row["tree"]) for row in found["classes"] if row["tree"]]
    assert len(trees) == 2
    assert all(facts_used(elements(case), width, tree) for width, tree in trees)


def test_multipliers_say_what_stands_at_the_width_below(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = answers(capsys, NARROW)
    both = found["classes"][2]
    assert both["survivor"] == {
        "samples": [0, 1, 2, 3, 4],
        "slopes": {"0": "1", "1": "1", "2": "1", "3": "2", "4": "1"},
        "bends": None,
        "needs": 4,
    }
    assert both["reason"].endswith("it takes width 4 to exclude that, not 3")


def test_what_survives_starts_a_search(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = answers(capsys, "--timeout", "2", BAD)
    assert [row["answer"] for row in found["classes"]] == ["no width"] * 3
    search = found["search"]
    assert search["starts"] >= search["stationary"] >= search["candidates"]
    assert (search["best"] is None) == (search["candidates"] == 0)


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["confirm", NARROW]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "increasing neurons: excluded at no width" in said
    assert "increasing and strictly convex neurons (this net's class): no bad local minimum from width 4 on" in said
    assert "all multiplicities and every width from 4 on" in said
    assert "multipliers t with sum t_i y_i X_i = 0: 0: 1, 1: 1, 2: 1, 3: 2, 4: 1" in said


def test_candidates_are_never_called_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["confirm", "--timeout", "2", BAD]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "numerical candidate(s), not certified" in said or "no candidate for a bad local minimum" in said
    assert "found" not in said


def test_nothing_to_say_without_the_setting(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = Path(NARROW).read_text().replace('"logistic"', '"quadratic"')
    (tmp_path / "quadratic.toml").write_text(text)
    (found,) = answers(capsys, str(tmp_path / "quadratic.toml"))
    assert found["classes"] == [] and found["reason"].startswith("loss: ")
    assert main(["confirm", str(tmp_path / "quadratic.toml")]) == 0
    assert "nothing to say: loss: " in capsys.readouterr().out


def test_missing_engine_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.theorems.support_query.available", lambda engine: engine != "cvc5")
    (found,) = answers(capsys, "--engine", "cvc5", NARROW)
    assert {row["answer"] for row in found["classes"]} == {"undecided"}
    assert {row["reason"] for row in found["classes"]} == {
        "cvc5 is not installed (pip install 'loss-surface-verifier[cvc5]')"
    }


def test_time_limit_is_undecided_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = answers(capsys, "--timeout", "1e-9", NARROW)
    assert {(row["answer"], row["width"]) for row in found["classes"]} == {("undecided", None)}
    assert {row["reason"] for row in found["classes"]} == {"z3 found no answer in time"}


def test_bad_input(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("schema = 2")
    assert main(["confirm", "--json", str(tmp_path / "bad.toml"), NARROW]) == 2
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert len(document["cases"]) == 1
    assert document["errors"][0]["path"].endswith("bad.toml")
    assert captured.err.count("\n") == 1
    assert main(["confirm", "--engine", "yices", NARROW]) == 2
