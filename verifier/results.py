"""What a run of the command line finds out, as data, and the exit code that follows from it."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from verifier.verdict import Decision, Verdict


class ExitCode(enum.IntEnum):
    """The exit codes of `verify`; scripts rely on them."""

    AS_EXPECTED = 0
    UNEXPECTED = 1
    BAD_INPUT = 2
    UNDECIDED = 3
    INTERNAL_ERROR = 70
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143


@dataclass(frozen=True)
class Problem:
    """Bad input: the file, the key in it (empty: the file as a whole), and expected/got."""

    path: str
    key: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.path, self.key, self.message) if part)


@dataclass(frozen=True)
class Crash:
    """An internal error: one line for everybody, and the traceback (if any) for whoever mends it."""

    summary: str
    traceback: str = ""


@dataclass(frozen=True)
class ClaimResult:
    """The decision on one claim of a case; `number` counts the claims of the file from 1."""

    number: int
    kind: str
    expect: str
    decision: Decision
    seconds: float
    crash: Crash | None = None

    @property
    def verdict(self) -> Verdict:
        """The verdict of the decision."""
        return self.decision.verdict

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the one that the file expects (a crash never is)."""
        return self.crash is None and self.decision.verdict.value == self.expect


@dataclass(frozen=True)
class CaseResult:
    """Everything about one case: its claims in file order, or why it could not be judged."""

    path: str
    title: str = ""
    claims: tuple[ClaimResult, ...] = ()
    problems: tuple[Problem, ...] = ()
    crash: Crash | None = None


def exit_code(results: Iterable[CaseResult]) -> ExitCode:
    """The code for a whole run: an internal error outranks all; then 2 before 1 before 3 before 0."""
    results = tuple(results)
    claims = [claim for case in results for claim in case.claims]
    if any(case.crash for case in results) or any(claim.crash for claim in claims):
        return ExitCode.INTERNAL_ERROR
    if any(case.problems for case in results):
        return ExitCode.BAD_INPUT
    unexpected = {claim.decision.verdict for claim in claims if not claim.as_expected}
    if unexpected & {Verdict.PROVED, Verdict.REFUTED}:
        return ExitCode.UNEXPECTED
    return ExitCode.UNDECIDED if unexpected else ExitCode.AS_EXPECTED
