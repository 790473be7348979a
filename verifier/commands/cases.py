"""`verify CASE...`: judge the claims of case files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier import __version__
from verifier.commands import COMMANDS, SETTINGS
from verifier.commands.errors import admit, complain
from verifier.output.certificates import CannotWrite, CertificateFolder
from verifier.output.document import document
from verifier.results import CaseResult, ExitCode, Problem, exit_code
from verifier.runner import Run, default_jobs
from verifier.sources import Source, find
from verifier.worker import GIB, LONGEST, MOST, Limits

if TYPE_CHECKING:
    from verifier.output.table import TablePrinter

EPILOG = """
Examples:

\b
  verify cases                        every case in a folder
  verify my.toml                      one case, explained in full
  verify --json my.toml > my.json     for scripts
  verify --out certificates my.toml   keep the certificates
  generate-case | verify -            a case from standard input

\b
Sub-commands (see verify COMMAND --help; a case of that name is ./COMMAND):
""" + "\n".join(f"  {name:<9}{line}" for name, (_, line) in COMMANDS.items()) + """

\b
Exit code:
  0    every claim is as expected
  1    some verdict is proved or refuted and not as expected
  2    bad usage or bad input (a line on standard error for each bad file)
  3    some verdict is undecided and not as expected
  70   internal error     130   interrupted
"""


def _seconds(_: click.Context, __: click.Parameter, value: float) -> float:
    if not 0 < value <= LONGEST:  # false for nan, too
        raise click.BadParameter(f"{value} is not between 0 and {LONGEST:,.0f} seconds.")
    return value


def _bytes(_: click.Context, __: click.Parameter, value: float) -> int:
    if not 0 <= value <= MOST:
        raise click.BadParameter(f"{value} is not between 0 and {MOST:,.0f} GiB.")
    return int(value * GIB)


@click.command(epilog=EPILOG, context_settings=SETTINGS)
@click.argument("paths", metavar="CASE...", nargs=-1, required=True, type=click.Path())
@click.option("-q", "--quiet", is_flag=True, help="Write nothing to standard output.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document to standard output.")
@click.option(
    "--timeout",
    type=float,
    callback=_seconds,
    default=60.0,
    metavar="SECONDS",
    help="Time limit for each claim.  [default: 60]",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write certificates to DIR/<case>/<number>-<kind>.cert.json.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    show_default="number of cores",
    help="Cases judged at the same time.",
)
@click.option(
    "--memory",
    type=float,
    callback=_bytes,
    default=8.0,
    metavar="GIB",
    help="Memory limit of each process, 0 for none.  [default: 8]",
)
@click.version_option(__version__, prog_name="loss-surface-verifier", message="%(prog)s %(version)s")
def command(
    paths: tuple[str, ...],
    quiet: bool,
    as_json: bool,
    timeout: float,
    out: Path | None,
    jobs: int | None,
    memory: int,
) -> int:
    """Prove or refute the claims of case files.

    CASE is a file, a folder (all *.toml files in it), or - for standard input. Each claim is proved, refuted
    or undecided; proved and refuted are said only after an independent checker has accepted a certificate.
    """
    if quiet and as_json:
        raise click.UsageError("--quiet and --json exclude each other.")
    sources = [_explain_subcommand(source) for source in find(paths)]
    run = Run(sources, Limits(timeout, memory), jobs or default_jobs())
    return judge(run, Report(as_json, quiet, CertificateFolder(out) if out else None, len(sources) == 1))


def _explain_subcommand(source: Source | Problem) -> Source | Problem:
    if isinstance(source, Problem) and source.path in COMMANDS:
        hint = f" (the sub-command goes first: verify {source.path} ...)"
        return replace(source, message=source.message + hint)
    return source


class Report:
    """Takes the results in order, writes what the options ask for, and remembers them for the exit code."""

    def __init__(
        self, as_json: bool, quiet: bool, out: CertificateFolder | None = None, explain_all: bool = False
    ) -> None:
        self._as_json = as_json
        self._show_table = not quiet and not as_json
        self._out = out
        self._explain_all = explain_all
        self._table: TablePrinter | None = None
        self._certificates: dict[tuple[str, int], str] = {}
        self.results: list[CaseResult] = []

    def prepare(self) -> None:
        """Load what the table needs: called when the workers are busy already."""
        if self._show_table:
            from verifier.output.table import TablePrinter

            self._table = TablePrinter(self._explain_all)

    def add(self, case: CaseResult) -> None:
        """Write certificates, complaints and the block of the table for one case."""
        case = self._keep_certificates(case)
        self.results.append(case)
        for problem in case.problems:
            complain(problem)
        if case.crash:
            admit(case.path, case.crash)
        for claim in case.claims:
            if claim.crash:
                admit(f"{case.path}: claim {claim.number} ({claim.kind})", claim.crash)
        if self._table:
            self._table.case(case)

    def finish(self, interrupted: bool) -> None:
        """Write what comes last: the summary or the JSON document."""
        if interrupted:
            click.echo("verify: interrupted; what was decided before is above", err=True)
        if self._table:
            self._table.summary(self.results)
        if self._as_json:
            whole = document(self.results, self._certificates, interrupted)
            click.echo(json.dumps(whole, indent=2))

    def _keep_certificates(self, case: CaseResult) -> CaseResult:
        if self._out is None:
            return case
        problems = list(case.problems)
        for claim in case.claims:
            try:
                written = self._out.write(case.path, claim)
            except CannotWrite as error:
                problems.append(Problem(str(error.path), "", str(error)))
                continue
            if written is not None:
                self._certificates[case.path, claim.number] = written
        return replace(case, problems=tuple(problems))


def judge(run: Run, report: Report) -> int:
    """Run everything, report it, and return the exit code; an interruption still reports what was decided."""
    interrupted = False
    with run:
        try:
            run.start()
            report.prepare()
            for case in run.results():
                report.add(case)
        except KeyboardInterrupt:
            interrupted = True
            run.interrupt()
            reported = {case.path for case in report.results}
            for case in run.unreported():
                if case.path not in reported:  # the interruption may have come in the middle of `add`
                    report.add(case)
    report.finish(interrupted)
    return ExitCode.INTERRUPTED if interrupted else exit_code(report.results)
