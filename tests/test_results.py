"""Exit codes follow from the results alone; every order of the results gives the same one."""

from __future__ import annotations

import itertools

from verifier.results import CaseResult, ClaimResult, Crash, ExitCode, Problem, exit_code
from verifier.verdict import Decision, Verdict


def claim(verdict: Verdict, expect: str = "proved", crash: Crash | None = None) -> ClaimResult:
    certificate = None if verdict is Verdict.UNDECIDED else {"a": "certificate"}
    return ClaimResult(1, "stationary", expect, Decision(verdict, certificate=certificate), 0.0, crash)


CASES = {
    ExitCode.AS_EXPECTED: CaseResult("a", claims=(claim(Verdict.PROVED),)),
    ExitCode.UNDECIDED: CaseResult("b", claims=(claim(Verdict.UNDECIDED),)),
    ExitCode.UNEXPECTED: CaseResult("c", claims=(claim(Verdict.REFUTED),)),
    ExitCode.BAD_INPUT: CaseResult("d", problems=(Problem("d", "", "expected, got"),)),
    ExitCode.INTERNAL_ERROR: CaseResult("e", crash=Crash("bug")),
}


def test_every_combination_in_every_order() -> None:
    order = list(CASES)  # from the weakest to the strongest
    for size in range(1, len(order) + 1):
        for codes in itertools.permutations(order, size):
            assert exit_code(CASES[code] for code in codes) is max(codes, key=order.index)


def test_nothing_at_all_is_as_expected() -> None:
    assert exit_code([]) is ExitCode.AS_EXPECTED


def test_a_crash_is_never_as_expected() -> None:
    crashed = claim(Verdict.UNDECIDED, "undecided", Crash("bug"))
    assert not crashed.as_expected
    assert exit_code([CaseResult("a", claims=(crashed,))]) is ExitCode.INTERNAL_ERROR


def test_problem_is_one_line_with_what_there_is() -> None:
    assert str(Problem("a.toml", "data.labels[2]", "expected 1")) == "a.toml: data.labels[2]: expected 1"
    assert str(Problem("a.toml", "", "cannot be read")) == "a.toml: cannot be read"
