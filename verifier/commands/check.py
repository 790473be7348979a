"""`verify check CERT...`: the independent checker on the command line.

It runs in this process, one certificate after the other, with nothing between the file and the checker
but the reading of JSON.
"""

from __future__ import annotations

import json
import shutil
import textwrap
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import click

from verifier.commands import SETTINGS
from verifier.commands.certificate_file import NotACertificate, read
from verifier.commands.errors import admit, complain
from verifier.output.certificates import SUFFIX
from verifier.output.progress import Progress
from verifier.output.text import counted, printable
from verifier.results import Crash, ExitCode, Problem
from verifier.sources import Source, find

ACCEPTED, REJECTED, UNREADABLE, FAILED = "accepted", "rejected", "unreadable", "internal error"

EPILOG = """
Examples:

\b
  verify --out certificates my.toml              make them
  verify check certificates                      check all in a folder
  verify check --case my.toml theirs.cert.json   is it about exactly my case?

\b
Exit code:
  0    all are accepted (a certificate of a refutation counts as accepted)
  1    some are rejected
  2    bad usage, or some cannot be read as a certificate
  70   internal error     130   interrupted
"""


@dataclass(frozen=True)
class Answer:
    """What the checker says about one file; `claim`, `verdict` and `statement` only if accepted."""

    path: str
    result: str
    claim: str | None = None
    verdict: str | None = None
    statement: str | None = None
    message: str | None = None


@click.command(epilog=EPILOG, context_settings=SETTINGS)
@click.argument("paths", metavar="CERT...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--case", "case_file", type=click.Path(), metavar="FILE", help="Require that they are about this case."
)
@click.option("-q", "--quiet", is_flag=True, help="Write nothing to standard output.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document to standard output.")
def command(paths: tuple[str, ...], case_file: str | None, quiet: bool, as_json: bool) -> int:
    """Check certificates: everything they say is derived again from the case that they carry.

    CERT is a file, a folder (all *.cert.json files in it), or - for standard input.
    """
    if quiet and as_json:
        raise click.UsageError("--quiet and --json exclude each other.")
    try:
        case = None if case_file is None else _case_document(case_file)
    except NotACertificate as error:
        click.echo(printable(str(error)), err=True)
        return ExitCode.BAD_INPUT
    answers = []
    sources = find(paths, SUFFIX)
    with Progress("certificates", len(sources)) as progress:
        for source in sources:
            answer = _answer(source, case, case_file, progress.clear)
            answers.append(answer)
            progress.clear()
            if not quiet and not as_json and answer.result in (ACCEPTED, REJECTED):
                click.echo(_show(answer))
            progress.advance()
    if as_json:
        click.echo(json.dumps({"schema": 1, "certificates": [vars(answer) for answer in answers]}, indent=2))
    elif not quiet and len(answers) > 1:
        click.echo("\n" + _summary(answers))
    return _exit_code(answers)


def _case_document(path: str) -> Mapping[str, Any]:
    """The case in a file as canonical JSON; raises NotACertificate with the whole message."""
    from verifier.case import InputError, load

    try:
        document: Mapping[str, Any] = load(path).document()
    except InputError as error:
        raise NotACertificate(str(error)) from None
    return document


def _answer(
    source: Source | Problem, case: Mapping[str, Any] | None, case_file: str | None, clear: Callable[[], None]
) -> Answer:
    """The answer on one file; complaints go to standard error, after `clear`."""
    from verifier.checker import check
    from verifier.checker.errors import Rejected, Unreadable

    if isinstance(source, Problem):
        clear()
        complain(source)
        return Answer(source.path, UNREADABLE, message=source.message)
    try:
        document = read(source)
        accepted = check(document)
        if case is not None and document["case"] != case:
            where = first_difference(document["case"], case)
            return Answer(source.path, REJECTED, message=f"it is not about {case_file}: {where} differs")
    except (NotACertificate, Unreadable) as error:
        clear()
        complain(Problem(source.path, "", str(error)))
        return Answer(source.path, UNREADABLE, message=str(error))
    except Rejected as error:
        return Answer(source.path, REJECTED, message=str(error))
    except Exception as error:
        crash = Crash(f"{type(error).__name__}: {error}", traceback.format_exc())
        clear()
        admit(source.path, crash)
        return Answer(source.path, FAILED, message=crash.summary)
    return Answer(source.path, ACCEPTED, accepted.claim, accepted.verdict, accepted.statement)


def first_difference(one: Any, other: Any, where: str = "") -> str:
    """The key path of the first place where two JSON values differ; "" if they do not, "case" at the top."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            if one.get(key) != other.get(key) or (key in one) != (key in other):
                return first_difference(one.get(key), other.get(key), f"{where}.{key}" if where else key)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (a, b) in enumerate(zip(one, other, strict=True)):
            if a != b:
                return first_difference(a, b, f"{where}[{index}]")
    return where or "case"


def _show(answer: Answer) -> str:
    """Two or three lines: the result and the file, then what it shows or why it is rejected."""
    shown = f"{answer.claim} {answer.verdict}: {answer.statement}"
    text = answer.message if answer.result == REJECTED else shown
    width = min(shutil.get_terminal_size().columns, 120)
    body = textwrap.fill(printable(text or ""), width, initial_indent=" " * 10, subsequent_indent=" " * 10)
    return f"{answer.result:<10}{printable(answer.path)}\n{body}"


def _summary(answers: list[Answer]) -> str:
    kinds = (ACCEPTED, REJECTED, UNREADABLE, FAILED)
    numbers = [(kind, sum(answer.result == kind for answer in answers)) for kind in kinds]
    parts = ", ".join(f"{number} {kind}" for kind, number in numbers if number)
    return f"{counted(len(answers), 'certificate')}: {parts}"


def _exit_code(answers: list[Answer]) -> ExitCode:
    results = {answer.result for answer in answers}
    if FAILED in results:
        return ExitCode.INTERNAL_ERROR
    if UNREADABLE in results:
        return ExitCode.BAD_INPUT
    return ExitCode.UNEXPECTED if REJECTED in results else ExitCode.AS_EXPECTED
