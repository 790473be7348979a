"""Cases named on the command line of a sub-command: read one by one, and answered as text or as one JSON document."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from verifier.commands.errors import complain
from verifier.output.progress import Progress
from verifier.results import ExitCode, Problem
from verifier.sources import Source, find

if TYPE_CHECKING:
    from verifier.case import Case

Row = dict[str, Any]


def read_case(source: Source | Problem) -> Case | Problem:
    """The case of a source; what is wrong with it, instead of an exception."""
    from verifier.case import InputError
    from verifier.worker import load_case

    if isinstance(source, Problem):
        return source
    try:
        case: Case = load_case(source)
    except InputError as error:
        return Problem(error.path, error.key, error.message)
    return case


def answer_each(paths: Iterable[str], as_json: bool, answer: Callable[[str, Case], tuple[Row, str]]) -> ExitCode:
    """Print the `answer` (as data, as text) to each case that `paths` name; complain of those that cannot be read.

    Text is printed case by case, JSON as one document at the end.
    """
    rows: list[Row] = []
    errors: list[Row] = []
    sources = find(paths)
    with Progress("cases", len(sources)) as progress:
        for source in sources:
            case = read_case(source)
            if isinstance(case, Problem):
                progress.clear()
                complain(case)
                errors.append({"path": case.path, "key": case.key or None, "message": case.message})
            else:
                row, text = answer(source.path, case)
                rows.append(row)
                progress.clear()
                if not as_json:
                    click.echo(text)
            progress.advance()
    if as_json:
        click.echo(json.dumps({"schema": 1, "cases": rows, "errors": errors}, indent=2))
    return ExitCode.BAD_INPUT if errors else ExitCode.AS_EXPECTED
