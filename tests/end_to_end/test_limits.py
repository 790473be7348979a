"""A claim that takes too long or too much is stopped, even in C code, and the others are decided."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import pytest

from tests.end_to_end.conftest import Shell, claim


def claims(output: str, case: int = 0) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = json.loads(output)["cases"][case]["claims"]
    return result


def test_time_limit_stops_c_code_and_goes_on(shell: Shell) -> None:
    shell.write("a.toml", claim("first"), claim("second", act="hang"), claim("third"))
    start = time.monotonic()
    result = shell.verify("--json", "--timeout", "1", "a.toml")
    assert time.monotonic() - start < 8
    assert result.returncode == 3
    first, second, third = claims(result.stdout)
    assert (first["verdict"], third["verdict"]) == ("proved", "proved")
    assert (second["verdict"], second["code"]) == ("undecided", "timeout")
    assert "limit of 1 s" in second["reason"] and "--timeout" in second["hint"]
    assert 1 <= second["seconds"] < 4


def test_time_limit_as_expected(shell: Shell) -> None:
    shell.write("a.toml", claim(act="sleep", expect="undecided"))
    assert shell.verify("--timeout", "1", "a.toml").returncode == 0


def test_loading_is_limited_too(shell: Shell) -> None:
    shell.write("a.toml", 'act = "hang"', claim())
    result = shell.verify("--timeout", "0.3", "a.toml")
    assert result.returncode == 2
    assert result.stderr.startswith("a.toml: expected a file that can be read within the time limit of 0.3 s")


def test_processes_of_the_prover_end_with_it(shell: Shell) -> None:
    shell.write("a.toml", claim(act="child"))
    assert shell.verify("--timeout", "1.5", "a.toml").returncode == 3
    pid = int((shell.folder / "child.pid").read_text())
    time.sleep(0.1)
    assert not alive(pid)


def alive(pid: int) -> bool:
    """Whether the process exists and is more than a zombie that nobody has waited for."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not os.path.isdir("/proc/self")


@pytest.mark.parametrize(
    ("act", "words"),
    [("segfault", "SIGSEGV"), ("memory", "out of memory"), ("exception", "ZeroDivisionError")],
)
def test_a_crash_costs_one_claim_only(shell: Shell, act: str, words: str) -> None:
    shell.write("a.toml", claim("first"), claim("second", act=act), claim("third"))
    shell.write("b.toml", claim())
    result = shell.verify("--json", "a.toml", "b.toml")
    assert result.returncode == 70
    first, second, third = claims(result.stdout)
    assert (first["verdict"], third["verdict"]) == ("proved", "proved")
    assert (second["verdict"], second["code"]) == ("undecided", "crash")
    assert words in second["reason"]
    assert claims(result.stdout, 1)[0]["verdict"] == "proved"


def test_memory_limit_can_be_set(shell: Shell) -> None:
    shell.write("a.toml", claim(act="memory"))
    assert shell.verify("--memory", "1", "a.toml").returncode == 70


def test_jobs_run_at_the_same_time_and_results_stay_in_order(shell: Shell) -> None:
    shell.write("a.toml", claim(act="sleep"))
    shell.write("b.toml", claim(act="sleep"))
    shell.write("c.toml", claim())
    start = time.monotonic()
    result = shell.verify("--json", "--jobs", "3", "--timeout", "2", ".")
    assert time.monotonic() - start < 3.9
    assert [case["path"] for case in json.loads(result.stdout)["cases"]] == ["a.toml", "b.toml", "c.toml"]
