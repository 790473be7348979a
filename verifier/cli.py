"""The command `verify`: finds the sub-command, makes an exit code of every way to end. No mathematics."""

from __future__ import annotations

import contextlib
import errno
import importlib
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from types import FrameType

import click

from verifier.commands import COMMANDS, COMPLETION, DEFAULT
from verifier.commands.errors import admit
from verifier.results import Crash, ExitCode


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `verify` with the given arguments (default: those of the process) and return its exit code.

    A first argument that is the name of a sub-command selects it; everything else is `verify CASE...`.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    _prepare_streams()
    try:
        code = _complete() if COMPLETION in os.environ else _run(arguments)
        sys.stdout.flush()
        return code
    except click.ClickException as error:
        error.show()
        return ExitCode.BAD_INPUT
    except (KeyboardInterrupt, click.Abort):
        return ExitCode.INTERRUPTED
    except OSError as error:
        if error.errno != errno.EPIPE:
            return _internal_error(error)
        _silence_streams()
        return ExitCode.BROKEN_PIPE
    except Exception as error:
        return _internal_error(error)


def _complete() -> int:
    """A shell asks what may stand at the cursor."""
    from verifier.commands.completion import answer

    return answer()


def _run(arguments: list[str]) -> int:
    if arguments and arguments[0] in COMMANDS:
        name, rest = f"verify {arguments[0]}", arguments[1:]
        module = COMMANDS[arguments[0]][0]
    else:
        name, rest, module = "verify", arguments, DEFAULT
    command: click.Command = importlib.import_module(module).command
    # Not command.main(): it has its own exit codes, which are not those of the contract.
    try:
        with command.make_context(name, rest) as context, _termination():
            code: int = command.invoke(context)
            return code
    except click.exceptions.Exit as ended:  # --help, --version
        return ended.exit_code


@contextlib.contextmanager
def _termination() -> Iterator[None]:
    """Leave in order when the process is told to end, so that no worker outlives it."""

    def leave(_: int, __: FrameType | None) -> None:
        raise SystemExit(ExitCode.TERMINATED)

    signals = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        signals = []  # only the main thread may set handlers
    before = {number: signal.signal(number, leave) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _prepare_streams() -> None:
    """What a terminal's encoding cannot show is escaped; it is no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _silence_streams() -> None:
    """Nobody reads our output any more: let the interpreter's last flush go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(nowhere, stream.fileno())


def _internal_error(error: Exception) -> int:
    summary = " ".join(f"{type(error).__name__}: {error}".split())
    admit("verify", Crash(summary, traceback.format_exc()))
    return ExitCode.INTERNAL_ERROR
