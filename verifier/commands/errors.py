"""What goes to standard error: one line for each thing that is wrong."""

from __future__ import annotations

import click

from verifier.output.text import printable
from verifier.results import Crash, Problem
from verifier.worker import debugging

REPORT = "please report it, with the file, to the issue tracker of loss-surface-verifier"


def complain(problem: Problem) -> None:
    """Bad input: ``file: key: expected ..., got ...``."""
    click.echo(printable(str(problem)), err=True)


def admit(where: str, crash: Crash) -> None:
    """An internal error in one line; the traceback too when VERIFY_DEBUG is set."""
    line = f"{where}: internal error: {crash.summary}; {REPORT} (VERIFY_DEBUG=1 shows more)"
    click.echo(printable(line), err=True)
    if debugging() and crash.traceback:
        click.echo(crash.traceback.rstrip(), err=True)
