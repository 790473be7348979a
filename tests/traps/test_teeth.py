"""The suite has teeth: with a checker that accepts everything, tests of traps and rejections fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# A rule table in which every rule says yes; loaded into the test process as a plug-in, nothing else is changed.
PLUGIN = """
from verifier.checker.rules import table
from verifier.checker.rules.conclusion import Minimum
from verifier.checker.rules.descent import Descent


def minimum(analysis, value, where):
    return Minimum(strict=True, everywhere=True)


def descends(analysis, value, where):
    return Descent(1)


def require_flat(analysis, value, where):
    return None


{replaced}
"""
REPLACED = {
    "minimum": "table.minimum = minimum",
    "descent": "table.descends = descends",
    "flat": "table.require_flat = require_flat",
}
SUBSETS = {
    "minimum": ["tests/checker/rules/test_strict.py", "-k", "tampered"],
    "descent": ["tests/checker/rules/test_descent.py"],
    "flat": ["tests/checker/rules/test_flat.py", "-k", "tampered or curves"],
    "nothing": ["tests/checker/rules/test_bound.py"],
}
CHECK = """
import importlib

module = importlib.import_module("verifier.checker.check")


def accept(document):
    return module._accepted(document["statement"])


module.check = accept
"""


def run(plugin: str, folder: Path, tests: list[str]) -> subprocess.CompletedProcess[str]:
    (folder / "accept_all.py").write_text(plugin, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "accept_all", "-p", "no:cacheprovider", *tests]
    environment = {"PYTHONPATH": f"{folder}:{ROOT}", "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("accepts", ["minimum", "descent", "flat"])
def test_a_rule_that_accepts_everything_is_noticed(accepts: str, tmp_path: Path) -> None:
    result = run(PLUGIN.replace("{replaced}", REPLACED[accepts]), tmp_path, SUBSETS[accepts])
    assert result.returncode == 1, result.stdout + result.stderr
    assert "DID NOT RAISE" in result.stdout


@pytest.mark.slow
def test_a_check_that_accepts_everything_is_noticed(tmp_path: Path) -> None:
    result = run(CHECK, tmp_path, ["tests/checker/test_check.py", "-k", "digest"])
    assert result.returncode == 1, result.stdout + result.stderr
    assert "DID NOT RAISE" in result.stdout


@pytest.mark.slow
def test_the_same_tests_pass_with_the_checker_as_it_is(tmp_path: Path) -> None:
    result = run("", tmp_path, SUBSETS["nothing"])
    assert result.returncode == 0, result.stdout + result.stderr
