"""Completion in the shell: what is offered where, and the scripts that ask for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from verifier.cli import main
from verifier.commands import COMMANDS

SHELLS = ("bash", "zsh", "fish")


def offered(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str) -> list[str]:
    """What bash is told for a line with the cursor at its end."""
    words = line.split(" ")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    monkeypatch.setenv("_VERIFY_COMPLETE", "bash_complete")
    assert main([]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out.split()


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("verify ", ["file,", *(f"plain,{name}" for name in COMMANDS)]),
        ("verify ex", ["file,ex", "plain,explain"]),
        ("verify cases/a", ["file,cases/a"]),
        ("verify --ti", ["plain,--timeout"]),
        ("verify --out ", ["dir,"]),
        ("verify a.toml ex", ["file,ex"]),  # a sub-command is the first word
        ("verify a.toml --ti", ["plain,--timeout"]),
        ("verify check c", ["file,c"]),
        ("verify check --ca", ["plain,--case"]),
        ("verify search --relax a", ["plain,architecture"]),
        ("verify confirm --engine ", ["plain,z3", "plain,cvc5"]),
        ("verify completion z", ["plain,zsh"]),
        ("verify schema --nothing", []),
    ],
)
def test_what_is_offered(
    line: str, answer: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert offered(monkeypatch, capsys, line) == answer


@pytest.mark.parametrize("wish", ["", "bash_source", "tcsh_complete", "complete"])
def test_other_wishes_are_an_error(wish: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_VERIFY_COMPLETE", wish)
    assert main(["--version"]) == 2


@pytest.mark.parametrize("shell", SHELLS)
def test_scripts_ask_for_their_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"_VERIFY_COMPLETE={shell}_complete" in script and "verify" in script


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh"]) == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in capsys.readouterr().err


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_itself_reads_the_script(shell: str) -> None:
    """Its syntax; and for bash that the function it defines finds a sub-command."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    verify = Path(sys.executable).with_name("verify")
    script = subprocess.run([verify, "completion", shell], capture_output=True, text=True, check=True).stdout
    if shell == "bash":
        script += "compopt() { :; }; COMP_WORDS=(verify sch); COMP_CWORD=1; "
        script += f"_verify_completion {verify}; echo $COMPREPLY"
        done = subprocess.run([shell, "-c", script], capture_output=True, text=True, check=True)
        assert (done.stdout.split(), done.stderr) == (["schema"], "")
    else:
        subprocess.run([shell, "-n"], input=script, text=True, check=True)
