"""`verify check`, with a checker that does what the certificate tells it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import verifier.checker
from verifier.checker.errors import Rejected, Unreadable
from verifier.cli import main
from verifier.commands.check import first_difference

Write = Callable[[str, str], None]


def check(document: Mapping[str, Any]) -> Any:
    match document["answer"]:
        case "accept":
            return SimpleNamespace(claim="stationary", verdict="proved", statement="The gradient is 0.")
        case "reject":
            raise Rejected("gradient", "expected 0, got 1/3")
        case "unreadable":
            raise Unreadable("expected version 1, got 7")
    raise ZeroDivisionError("a bug")


@pytest.fixture(autouse=True)
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(verifier.checker, "check", check, raising=False)
    for name in ("accept", "reject", "unreadable", "bug"):
        Path(f"{name}.cert.json").write_text(json.dumps({"answer": name, "case": {"title": "x"}}))
    return lambda name, text: void(Path(name).write_text(text))


def void(_: object) -> None:
    """For a lambda that is called for its effect."""


@pytest.mark.parametrize(
    ("names", "code"),
    [("accept", 0), ("accept reject", 1), ("reject unreadable accept", 2), ("bug unreadable reject", 70)],
)
def test_exit_codes(names: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "-q", *(f"{name}.cert.json" for name in names.split())]) == code
    assert capsys.readouterr().out == ""


def test_what_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "."]) == 70
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "accepted  accept.cert.json",
        "          stationary proved: The gradient is 0.",
        "rejected  reject.cert.json",
        "          gradient: expected 0, got 1/3",
        "",
        "4 certificates: 1 accepted, 1 rejected, 1 unreadable, 1 internal error",
    ]
    bug, unreadable = captured.err.splitlines()
    assert bug.startswith("bug.cert.json: internal error: ZeroDivisionError")
    assert unreadable == "unreadable.cert.json: expected version 1, got 7"


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--json", "accept.cert.json", "reject.cert.json"])
    accepted, rejected = json.loads(capsys.readouterr().out)["certificates"]
    assert (accepted["result"], accepted["verdict"]) == ("accepted", "proved")
    assert (rejected["result"], rejected["message"]) == ("rejected", "gradient: expected 0, got 1/3")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected JSON"),
        ("[1]", "expected a JSON object, got list"),
        ('{"answer": NaN}', "expected a number, got NaN"),
        ('{"answer": -Infinity}', "expected a number, got -Infinity"),
        ('{"a": 1, "a": 1}', "expected every key once, got 'a' again"),
        ("[" * 100_000, "too many brackets"),
        ('{"a": ' + "9" * 10_000 + "}", "expected JSON"),
        ("\udcff", "expected UTF-8 text, got byte 0xff"),
    ],
)
def test_no_certificate(text: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("x.cert.json").write_text(text, errors="surrogateescape")
    assert main(["check", "x.cert.json"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("x.cert.json: ") and message in line


def test_size_is_bounded(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("verifier.commands.certificate_file.LIMIT", 5)
    assert main(["check", "accept.cert.json"]) == 2
    assert "at most 5 bytes" in capsys.readouterr().err


def test_required_case(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("verifier.commands.check._case_document", lambda _: {"title": "x"})
    assert main(["check", "--case", "a.toml", "accept.cert.json"]) == 0
    monkeypatch.setattr("verifier.commands.check._case_document", lambda _: {"title": "y"})
    assert main(["check", "--case", "a.toml", "accept.cert.json"]) == 1
    assert "it is not about a.toml: title differs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("one", "other", "where"),
    [
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, "a.b[1]"),
        ({"a": [1]}, {"a": [1, 2]}, "a"),
        ({"a": None}, {}, "a"),
        ({"a": 1, "b": 2}, {"b": 3, "a": 1}, "b"),
        ([], {}, "case"),
    ],
)
def test_first_difference(one: Any, other: Any, where: str) -> None:
    assert first_difference(one, other) == where
