"""Ctrl-C, a closed pipe, a request to end: everything stops, nothing is left behind, the code says why."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

from tests.end_to_end.conftest import FAKE, Shell, claim
from tests.end_to_end.test_limits import alive


def wait_for_child(shell: Shell) -> int:
    """The process that the prover has started, as soon as it has."""
    file = shell.folder / "child.pid"
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if file.exists() and (text := file.read_text()):
            return int(text)
        time.sleep(0.02)
    raise AssertionError("the prover did not begin")


@pytest.mark.parametrize("option", ["--json", "--timeout=60"])
def test_interrupted_run_reports_what_was_decided(shell: Shell, option: str) -> None:
    shell.write("a.toml", claim("first"))
    shell.write("b.toml", claim("second"), claim("third", act="child"))
    process = shell.start(option, "--jobs", "1", "a.toml", "b.toml")
    child = wait_for_child(shell)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in errors
    if option == "--json":
        document = json.loads(output)
        assert [[c["kind"] for c in case["claims"]] for case in document["cases"]] == [["first"], ["second"]]
        assert document["interrupted"] is True
    else:
        assert "first" in output and "second" in output and "third" not in output
    time.sleep(0.1)
    assert not alive(child)


def test_terminated(shell: Shell) -> None:
    shell.write("a.toml", claim(act="child"))
    process = shell.start("a.toml")
    child = wait_for_child(shell)
    process.terminate()
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (143, "")
    time.sleep(0.1)
    assert not alive(child)


def test_closed_pipe_is_no_error(shell: Shell) -> None:
    for number in range(5):
        shell.write(f"{number}.toml", claim())
    process = subprocess.Popen(
        [*FAKE, "."],
        cwd=shell.folder,
        env=shell.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(20), errors) == (141, b"")


def test_worker_ends_itself_when_the_runner_is_killed(shell: Shell) -> None:
    """The time limit of a worker holds without anybody who watches it."""
    script = (
        "import sys, time; from verifier import worker; worker.GRACE = 0.1\n"
        f"sys.argv = [{FAKE[1]!r}, '--timeout', '1.5', 'a.toml']\n"
        f"import runpy; runpy.run_path({FAKE[1]!r}, run_name='__main__')"
    )
    shell.write("a.toml", claim(act="worker-pid"))
    process = subprocess.Popen([sys.executable, "-c", script], cwd=shell.folder, env=shell.environment())
    worker = wait_for_child(shell)
    process.kill()
    process.wait(20)
    deadline = time.monotonic() + 10
    while alive(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(worker)
