"""`verify report CERT...`: what certificates prove, as pages for people."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from verifier.commands import SETTINGS
from verifier.commands.errors import admit, complain
from verifier.commands.report_files import FORMS, Job, Outcome, case_key, outcomes, write_index
from verifier.output.certificates import SUFFIX
from verifier.output.text import counted
from verifier.results import ExitCode, Problem
from verifier.runner import default_jobs
from verifier.sources import Source, find

EPILOG = """
Examples:

\b
  verify --out certificates my.toml            certificates and reports
  verify report certificates                   one case, as Markdown
  verify report --format latex 1-*.cert.json   theorem and proof, for a paper
  verify report --out pages certificates       all formats, index of cases

\b
Exit code:
  0    every certificate is accepted and reported
  1    some are rejected by the checker: they have no report
  2    bad usage, or some cannot be read, or a file cannot be written
  70   internal error     130   interrupted
"""


@click.command(epilog=EPILOG, context_settings=SETTINGS)
@click.argument("paths", metavar="CERT...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--format",
    "form",
    type=click.Choice([*FORMS, "all"]),
    help="Format of the report.  [default: markdown; with --out: all]",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write DIR/<case>/report.html (.md, .tex, .json) and DIR/index.html.",
)
@click.option("--docs", metavar="URL", help="Site of the documents, for links to the lemmas.")
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", show_default="number of cores", help="Reports made at a time."
)
def command(paths: tuple[str, ...], form: str | None, out: Path | None, docs: str | None, jobs: int | None) -> int:
    """Write reports on certificates: the statement, the case, the proof with its numbers, figures.

    CERT is a file, a folder (all *.cert.json files in it), or - for standard input. Every certificate is checked
    first; one that the checker rejects has no report. Without --out the certificates must be of one case, and the
    report goes to standard output.
    """
    if out is None and form == "all":
        raise click.UsageError("--format all needs --out DIR.")
    found = find(paths, SUFFIX)
    missing = [source for source in found if isinstance(source, Problem)]
    for problem in missing:
        complain(problem)
    groups = _by_case([source for source in found if isinstance(source, Source)])
    if out is None and len(groups) > 1:
        raise click.UsageError(f"The certificates are of {len(groups)} cases: several need --out DIR.")
    forms = FORMS if form == "all" or (form is None and out is not None) else (form or "markdown",)
    folders = _folders(groups, paths)
    work = [Job(tuple(group), tuple(forms), out, folder, docs) for group, folder in zip(groups, folders, strict=True)]
    code = ExitCode.BAD_INPUT if missing else ExitCode.AS_EXPECTED
    return max(code, show(list(outcomes(work, jobs or default_jobs())), out), key=_rank)


def _by_case(sources: Iterable[Source]) -> list[list[Source]]:
    """Certificates of equal cases together, in the order of their first; what cannot be read stays alone."""
    groups: dict[str, list[Source]] = {}
    for number, source in enumerate(sources):
        key = case_key(source)
        groups.setdefault(f"?{number}" if key is None else key, []).append(source)
    return list(groups.values())


def _folders(groups: Sequence[Sequence[Source]], paths: Sequence[str]) -> list[Path]:
    """A folder for each case: that of its first certificate, below the argument that it was found in."""
    taken: set[Path] = set()
    found = []
    for group in groups:
        parent = Path(os.path.dirname(group[0].path))
        root = next((path for path in paths if os.path.isdir(path) and parent.is_relative_to(path)), None)
        inside = parent.relative_to(root) if root is not None else Path(parent.name)
        folder, number = inside, 1
        while folder in taken:
            number += 1
            folder = inside.with_name(f"{inside.name}~{number}") if inside.name else Path(f"~{number}")
        taken.add(folder)
        found.append(folder)
    return found


def show(found: Sequence[Outcome], out: Path | None) -> ExitCode:
    """Complain, write the index or the report itself, and say how it went."""
    for outcome in found:
        for problem in (*outcome.problems, *outcome.rejected):
            complain(problem)
        if outcome.crash is not None:
            admit(*outcome.crash)
        if outcome.text:
            click.echo(outcome.text, nl=False)
    code = max((_code(outcome) for outcome in found), key=_rank, default=ExitCode.AS_EXPECTED)
    entries = [outcome.entry for outcome in found if outcome.entry is not None]
    if out is not None and entries:
        failure = write_index(out, entries)
        if failure is not None:
            complain(failure)
            return max(code, ExitCode.BAD_INPUT, key=_rank)
        click.echo(f"{counted(len(entries), 'report')} in {out}")
    return code


def _code(outcome: Outcome) -> ExitCode:
    if outcome.crash is not None:
        return ExitCode.INTERNAL_ERROR
    if outcome.problems:
        return ExitCode.BAD_INPUT
    return ExitCode.UNEXPECTED if outcome.rejected else ExitCode.AS_EXPECTED


def _rank(code: ExitCode) -> int:
    order = (ExitCode.AS_EXPECTED, ExitCode.UNEXPECTED, ExitCode.BAD_INPUT, ExitCode.INTERNAL_ERROR)
    return order.index(code)
