"""The exit codes of the contract: 2 before 1 before 3 before 0, and an internal error before all."""

from __future__ import annotations

import pytest

from tests.end_to_end.conftest import Shell, claim

PROVED = claim()
WRONG = claim(answer="refuted")
UNDECIDED = claim(answer="undecided")
CRASH = claim(act="exception")


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([PROVED], 0),
        ([PROVED, claim(answer="refuted", expect="refuted")], 0),
        ([claim(answer="undecided", expect="undecided")], 0),
        ([WRONG], 1),
        ([claim(answer="proved", expect="refuted")], 1),
        ([claim(answer="proved", expect="undecided")], 1),
        ([PROVED, UNDECIDED], 3),
        ([claim(answer="undecided", expect="refuted")], 3),
        ([UNDECIDED, WRONG], 1),
        ([], 2),
        (["title = 3"], 2),
        ([WRONG, CRASH], 70),
        ([claim(act="exception", expect="undecided")], 70),
    ],
)
def test_one_file(shell: Shell, parts: list[str], code: int) -> None:
    shell.write("a.toml", *parts)
    assert shell.verify("-q", "a.toml").returncode == code


def test_bad_input_goes_before_unexpected_but_the_others_are_judged(shell: Shell) -> None:
    shell.write("a.toml")
    shell.write("b.toml", WRONG)
    result = shell.verify("missing.toml", "a.toml", "b.toml")
    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        "missing.toml: expected a file or a folder, got nothing of that name",
        "a.toml: claim: expected at least one [[claim]], got none",
    ]
    assert "refuted !" in result.stdout


def test_internal_error_goes_before_bad_input(shell: Shell) -> None:
    shell.write("a.toml", CRASH, PROVED)
    assert shell.verify("missing.toml", "a.toml").returncode == 70


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--no-such-option", "a.toml"],
        ["--timeout", "0", "a.toml"],
        ["--timeout", "nan", "a.toml"],
        ["--timeout", "1e99", "a.toml"],
        ["--jobs", "0", "a.toml"],
        ["--memory", "-1", "a.toml"],
        ["-q", "--json", "a.toml"],
        ["check"],
        ["check", "-q", "--json", "a.toml"],
        ["empty"],
        ["--", "-nothing"],
    ],
)
def test_bad_usage(shell: Shell, arguments: list[str]) -> None:
    shell.write("a.toml", PROVED)
    (shell.folder / "empty").mkdir()
    result = shell.verify(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr and "Traceback" not in result.stderr


def test_sub_command_not_in_first_place_is_explained(shell: Shell) -> None:
    result = shell.verify("-q", "check")
    assert result.returncode == 2
    assert "the sub-command goes first: verify check ..." in result.stderr


def test_file_named_like_a_sub_command(shell: Shell) -> None:
    shell.write("check", PROVED)
    assert shell.verify("./check").returncode == 0


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["check", "--help"], ["schema", "--help"]])
def test_help_has_examples(shell: Shell, arguments: list[str]) -> None:
    result = shell.verify(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    assert "Examples:" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_version(shell: Shell) -> None:
    from verifier import __version__

    assert shell.verify("--version").stdout == f"loss-surface-verifier {__version__}\n"


def test_internal_error_is_one_line_unless_debugging(shell: Shell) -> None:
    shell.write("a.toml", PROVED, CRASH)
    result = shell.verify("a.toml")
    (line,) = result.stderr.splitlines()
    crash = "internal error: ZeroDivisionError: in the prover; please report it"
    assert line.startswith(f"a.toml: claim 2 (local-minimum): {crash}")
    assert "Traceback" in shell.verify("a.toml", VERIFY_DEBUG="1").stderr


def test_internal_error_while_loading(shell: Shell) -> None:
    shell.write("a.toml", 'act = "segfault"', PROVED)
    shell.write("b.toml", PROVED)
    result = shell.verify("a.toml", "b.toml")
    assert result.returncode == 70
    assert "SIGSEGV" in result.stderr
    assert "b.toml" in result.stdout
