"""`verify explain CASE...`: which theorem applies to a case, hypothesis by hypothesis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from verifier.commands import SETTINGS
from verifier.commands.inputs import Row, answer_each
from verifier.output.wrap import wrapped

if TYPE_CHECKING:
    from verifier.case import Case
    from verifier.checker.theorems.hypothesis import Hypothesis
    from verifier.theorems.conditions import Conditions

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
    return answer_each(paths, as_json, _answer)


def _answer(path: str, case: Case) -> tuple[Row, str]:
    from verifier.model.translate import checker_case
    from verifier.theorems.conditions import bound_of_error, conditions

    question = checker_case(case)
    table, bound = conditions(question), bound_of_error(question)
    return _data(path, case, table, bound), _text(path, case, table, bound)


def _data(path: str, case: Case, table: list[Conditions], bound: Hypothesis | None) -> Row:
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
    lines = wrapped(f"{path}  {case.title}" if case.title else path, "", "  ")
    size = max(len(h.name) for it in table for h in it.hypotheses)
    for it in table:
        conclusion = f": {it.conclusion}" if it.conclusion else ""
        lines += wrapped(f"theorem {it.name} ({it.title}) {ANSWERS[it.applies]}{conclusion}", "  ", "    ")
        for h in it.hypotheses:
            first = f"    {WORDS[h.holds]:<5}  {h.name:<{size}}  "
            lines += wrapped(h.why, first, " " * len(first))
    if bound is not None:
        lines += wrapped(f"{bound.name} {WORDS[bound.holds]}: {bound.why}", "  ", "    ")
    return "\n".join(lines) + "\n"
