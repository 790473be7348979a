"""The plug-in of pytest, in projects of its own (pytester): what is collected, what fails, and how a failure reads."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import verifier.decision.decide  # noqa: F401 (pytester forgets what is imported in a run, and that takes time)
from verifier import Case, InputError, Result
from verifier.runner import NO_CLAIMS

pytest_plugins = ["pytester"]

EXAMPLE = Path(__file__).parents[1] / "docs" / "example.toml"
BARE = "[pytest]\naddopts = -p no:hypothesispytest\n"  # which imports the whole of Hypothesis, again in each run
CONFIGURED = f"{BARE}verifier_cases = cases\n"


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with one case file (two claims, both proved) in the folder cases/lib."""
    pytester.makeini(CONFIGURED)
    folder = pytester.mkdir("cases") / "lib"
    folder.mkdir()
    shutil.copy(EXAMPLE, folder / "dead.toml")
    return pytester


def case_file(project: pytest.Pytester, name: str, old: str = "", new: str = "") -> None:
    """Another case file: the example with one thing changed."""
    text = EXAMPLE.read_text(encoding="utf-8")
    assert old in text
    (project.path / "cases" / name).write_text(text.replace(old, new), encoding="utf-8")


def test_every_claim_is_a_test(project: pytest.Pytester) -> None:
    result = project.runpytest("-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "cases/lib/dead.toml::1-local-minimum PASSED*",
            "cases/lib/dead.toml::2-suboptimal PASSED*",
        ]
    )


def test_one_claim_can_be_selected(project: pytest.Pytester) -> None:
    project.runpytest("cases/lib/dead.toml::2-suboptimal").assert_outcomes(passed=1)
    project.runpytest("-k", "local-minimum").assert_outcomes(passed=1, deselected=1)


@pytest.mark.parametrize("ini", [BARE, f"{BARE}verifier_cases = other\n"])
def test_nothing_is_collected_unless_it_is_configured(project: pytest.Pytester, ini: str) -> None:
    project.makeini(ini)
    assert project.runpytest().ret is pytest.ExitCode.NO_TESTS_COLLECTED


def test_folders_are_those_of_the_project_wherever_pytest_starts(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.path / "cases" / "lib")
    project.runpytest("dead.toml").assert_outcomes(passed=2)


def test_other_files_are_left_alone(project: pytest.Pytester) -> None:
    (project.path / "cases" / "notes.txt").write_text("nothing")
    project.makefile(".toml", pyproject="[tool]\n")
    project.runpytest().assert_outcomes(passed=2)


def test_a_failure_says_what_was_expected_and_why_it_is_not_so(project: pytest.Pytester) -> None:
    case_file(project, "wrong.toml", 'training_error = "1/3"', "strict = true")
    result = project.runpytest()
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*wrong.toml: 1-local-minimum*",
            "case:     A dead ReLU unit on separable data",
            "claim:    local-minimum",
            "expected: proved",
            "verdict:  refuted",
            "shown:    For this case*",
            "reason:   *",
            "run:      verify *wrong.toml",
        ]
    )
    assert "Traceback" not in result.stdout.str() and "pytest_plugin.py" not in result.stdout.str()


def test_a_claim_that_expects_to_be_refuted_passes(project: pytest.Pytester) -> None:
    case_file(project, "refuted.toml", 'training_error = "1/3"', 'strict = true\nexpect = "refuted"')
    project.runpytest().assert_outcomes(passed=4)


def test_a_claim_that_is_undecided_fails_with_the_code(project: pytest.Pytester) -> None:
    case_file(project, "undecided.toml", 'kind = "suboptimal"', 'kind = "suboptimal"\nexpect = "undecided"')
    result = project.runpytest()
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["expected: undecided", "verdict:  proved"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("labels = [1, 1, -1]", "labels = [1, 1, 0]", "*bad.toml: data.labels[[]2]: expected 1 or -1, got 0"),
        ("[data]", "[data", "*bad.toml: line *: expected valid TOML, got a syntax error*"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_in_one_line(
    project: pytest.Pytester, old: str, new: str, message: str
) -> None:
    case_file(project, "bad.toml", old, new)
    result = project.runpytest()
    assert result.ret is pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines([message])
    assert "Traceback" not in result.stdout.str()


def test_a_file_without_claims_is_an_error(project: pytest.Pytester) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").partition("[[claim]]")[0]
    (project.path / "cases" / "bare.toml").write_text(text, encoding="utf-8")
    result = project.runpytest()
    assert f"bare.toml: claim: {NO_CLAIMS}" in result.stdout.str()


def test_the_time_limit_can_be_set(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[float] = []

    def verify(case: Case, timeout: float) -> Result:
        limits.append(timeout)
        raise InputError(case.path, "", "not today")

    monkeypatch.setattr("verifier.api.verify", verify)
    project.makeini(f"{CONFIGURED}verifier_timeout = 1.5\n")
    result = project.runpytest()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*dead.toml: not today"])
    assert limits == [1.5, 1.5]


@pytest.mark.parametrize("timeout", ["0", "nan", "soon"])
def test_a_time_limit_that_is_none_is_an_error_of_usage(project: pytest.Pytester, timeout: str) -> None:
    project.makeini(f"{CONFIGURED}verifier_timeout = {timeout}\n")
    result = project.runpytest()
    assert result.ret is pytest.ExitCode.USAGE_ERROR
    message = f"verifier_timeout: expected a number of seconds > 0 and <= 1,000,000, got '{timeout}'"
    assert message in result.stderr.str()
