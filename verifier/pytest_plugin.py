"""A plug-in of pytest: every claim of the case files in a configured folder is a test.

    [tool.pytest.ini_options]
    verifier_cases = ["cases"]          # folders, from the root of the project; nothing is collected without it
    verifier_timeout = 60               # seconds for each claim

A claim passes if its verdict is the one that it expects. A file that cannot be read is a failed test with the line that
`verify` writes. The cases of a file are judged as on the command line: in a process of their own, with limits.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from verifier.case import Case, Claim
    from verifier.results import ClaimResult

FOLDERS, TIMEOUT = "verifier_cases", "verifier_timeout"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The two settings of the ini file."""
    parser.addini(FOLDERS, "folders whose case files (*.toml) are tests, a claim each", type="paths", default=[])
    parser.addini(TIMEOUT, "seconds that each claim of a case file may take", default="60")


def pytest_configure(config: pytest.Config) -> None:
    """A time limit that is none is an error of usage, once and at the start."""
    from verifier.worker import LONGEST

    words = config.getini(TIMEOUT)
    try:
        usable = 0 < float(words) <= LONGEST
    except ValueError:
        usable = False
    if not usable:
        raise pytest.UsageError(f"{TIMEOUT}: expected a number of seconds > 0 and <= {LONGEST:,.0f}, got {words!r}")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> CaseFile | None:
    """Case files below a configured folder, and no other file."""
    if file_path.suffix != ".toml":
        return None
    folders = parent.config.getini(FOLDERS)
    if not any(file_path.is_relative_to(folder) for folder in folders):
        return None
    file: CaseFile = CaseFile.from_parent(parent, path=file_path)
    return file


class CaseFile(pytest.File):
    """One case file."""

    def collect(self) -> Iterator[ClaimItem]:
        """An item for each claim.  Raises CollectError with the line of a file that cannot be read."""
        from verifier.case import InputError, load

        try:
            case = load(os.path.relpath(self.path))  # as one would name it to `verify`
        except InputError as problem:
            raise self.CollectError(str(problem)) from None
        if not case.claims:
            from verifier.runner import NO_CLAIMS

            raise self.CollectError(f"{self.path}: claim: {NO_CLAIMS}")
        for index, claim in enumerate(case.claims):
            yield ClaimItem.from_parent(self, name=f"{index + 1}-{claim.kind}", case=case, claim=claim)


class Unexpected(Exception):
    """A verdict that the claim does not expect."""


class ClaimItem(pytest.Item):
    """One claim of a case."""

    def __init__(self, *, case: Case, claim: Claim, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]
        self.case = case
        self.claim = claim

    def runtest(self) -> None:
        """Judge this claim alone, so that tests may be selected and distributed."""
        from dataclasses import replace

        from verifier.api import verify

        timeout = float(self.config.getini(TIMEOUT))
        (found,) = verify(replace(self.case, claims=(self.claim,)), timeout=timeout).claims
        if not found.as_expected:
            raise Unexpected(_words(self.case, self.claim, found))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """The verdict and its reason, or what is wrong with the input; a traceback only for an error of ours."""
        from verifier.case import InputError

        if isinstance(excinfo.value, Unexpected | InputError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """What pytest writes above a failure."""
        return self.path, None, f"{self.path.name}: {self.name}"


def _words(case: Case, claim: Claim, found: ClaimResult) -> str:
    """What was expected and found, and why, a line each."""
    decision = found.decision
    lines = {
        "case": case.title,
        "claim": claim.kind,
        "expected": claim.expect,
        "verdict": found.verdict.value,
        "shown": decision.statement,
        "reason": decision.reason,
        "code": decision.code,
        "hint": decision.hint,
        "run": f"verify {case.path}",
    }
    return "\n".join(f"{name + ':':<10}{words}" for name, words in lines.items() if words)
