"""`verify explain CASE...`: which theorem applies to a case, hypothesis by hypothesis."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

import click

from verifier.commands import SETTINGS
from verifier.commands.errors import complain
from verifier.output.text import printable
from verifier.results import ExitCode, Problem
from verifier.sources import Source, find

if TYPE_CHECKING:
    from verifier.case import Case
    from verifier.checker.theorems.hypothesis import Hypothesis
    from verifier.theorems.conditions import Conditions

WIDTH = 80
WORDS = {True: "holds", False: "fails", None: "open"}
ANSWERS = {True: "applies", False: "does not apply", None: "open"}

EPILOG = """
Examples:

\b
  verify explain my.toml
  verify explain --json cases > conditions.json

\b
Exit code:
  0    the tables are there, whatever they say
  2    bad usage or bad input (a line on standard error for each bad file)
  70   internal error     130   interrupted
"""


@click.command(epilog=EPILOG, context_settings=SETTINGS)
@click.argument("paths", metavar="CASE...", nargs=-1, required=True, type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document to standard output.")
def command(paths: tuple[str, ...], as_json: bool) -> int:
    """Show which hypotheses of the theorems that exclude bad local minima hold, fail or are open for a case.

    CASE is a file, a folder (all *.toml files in it), or - for standard input. Claims in it are not looked at.
    That a hypothesis fails does not say that a bad local minimum exists. Samples are counted from 0.
    """
    cases: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for source in find(paths):
        found = _explained(source)
        if isinstance(found, Problem):
            complain(found)
            problems.append(found)
            continue
        case, table, bound = found
        assert isinstance(source, Source)
        if as_json:
            cases.append(_data(source.path, case, table, bound))
        else:
            click.echo(_text(source.path, case, table, bound))
    if as_json:
        errors = [{"path": p.path, "key": p.key or None, "message": p.message} for p in problems]
        click.echo(json.dumps({"schema": 1, "cases": cases, "errors": errors}, indent=2))
    return ExitCode.BAD_INPUT if problems else ExitCode.AS_EXPECTED


def _explained(source: Source | Problem) -> tuple[Case, list[Conditions], Hypothesis | None] | Problem:
    from verifier.case import InputError
    from verifier.model.translate import checker_case
    from verifier.theorems.conditions import bound_of_error, conditions
    from verifier.worker import load_case

    if isinstance(source, Problem):
        return source
    try:
        case: Case = load_case(source)
    except InputError as error:
        return Problem(error.path, error.key, error.message)
    question = checker_case(case)
    return case, conditions(question), bound_of_error(question)


def _data(path: str, case: Case, table: list[Conditions], bound: Hypothesis | None) -> dict[str, Any]:
    theorems = [
        {
            "name": it.name,
            "title": it.title,
            "applies": it.applies,
            "conclusion": it.conclusion,
            "hypotheses": [{"name": h.name, "holds": h.holds, "why": h.why} for h in it.hypotheses],
        }
        for it in table
    ]
    bounds = None if bound is None else {"holds": bound.holds, "why": bound.why}
    return {"path": path, "title": case.title, "theorems": theorems, "loss_bounds_training_error": bounds}


def _text(path: str, case: Case, table: list[Conditions], bound: Hypothesis | None) -> str:
    lines = _wrapped(f"{path}  {case.title}" if case.title else path, "", "  ")
    size = max(len(h.name) for it in table for h in it.hypotheses)
    for it in table:
        conclusion = f": {it.conclusion}" if it.conclusion else ""
        lines += _wrapped(f"theorem {it.name} ({it.title}) {ANSWERS[it.applies]}{conclusion}", "  ", "    ")
        for h in it.hypotheses:
            first = f"    {WORDS[h.holds]:<5}  {h.name:<{size}}  "
            lines += _wrapped(h.why, first, " " * len(first))
    if bound is not None:
        lines += _wrapped(f"{bound.name} {WORDS[bound.holds]}: {bound.why}", "  ", "    ")
    return "\n".join(lines) + "\n"


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(printable(text), WIDTH, initial_indent=first, subsequent_indent=rest)
