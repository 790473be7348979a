"""`verify schema`: one JSON document on standard output."""

from __future__ import annotations

import json

import pytest

from verifier.case.schema import case_schema
from verifier.cli import main


def test_prints_the_schema_of_case_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == case_schema()
    assert captured.err == ""


@pytest.mark.parametrize("arguments", [["--no-such-option"], ["case.toml"]])
def test_bad_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err
