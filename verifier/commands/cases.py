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
from verifier.commands.report_files import FORMS, INDEX, STEM, Job, Outcome, outcomes, write_index
from verifier.output.certificates import CannotWrite, CertificateFolder
from verifier.output.document import document
from verifier.output.progress import Progress
from verifier.output.text import printable
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
""" + "\n".join(f"  {name:<12}{line}" for name, (_, line) in COMMANDS.items()) + """

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
    help="Write certificates to DIR/<case>/<number>-<kind>.cert.json, and reports on them.",
)
@click.option("--no-reports", is_flag=True, help="With --out: certificates only.")
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
    no_reports: bool,
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
    workers = jobs or default_jobs()
    run = Run(sources, Limits(timeout, memory), workers)
    folder = CertificateFolder(out) if out else None
    return judge(run, Report(as_json, quiet, folder, len(sources) == 1, 0 if no_reports else workers), len(sources))


def _explain_subcommand(source: Source | Problem) -> Source | Problem:
    if isinstance(source, Problem) and source.path in COMMANDS:
        hint = f" (the sub-command goes first: verify {source.path} ...)"
        return replace(source, message=source.message + hint)
    return source


class Report:
    """Takes the results in order, writes what the options ask for, and remembers them for the exit code."""

    def __init__(
        self,
        as_json: bool,
        quiet: bool,
        out: CertificateFolder | None = None,
        explain_all: bool = False,
        report_workers: int = 0,
    ) -> None:
        self._as_json = as_json
        self._show_table = not quiet and not as_json
        self._out = out
        self._explain_all = explain_all
        self._report_workers = report_workers  # 0: no reports
        self._table: TablePrinter | None = None
        self._certificates: dict[tuple[str, int], str] = {}
        self._reports: dict[str, str] = {}  # path of a case -> page
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
        """Write what comes last: reports, then the summary or the JSON document."""
        if self._certificates and self._report_workers and not interrupted:
            self._write_reports()
        if interrupted:
            click.echo("verify: interrupted; what was decided before is above", err=True)
        if self._table:
            self._table.summary(self.results)
            if self._reports and self._out:
                click.echo(f"reports: {self._out.root / INDEX}")
        if self._as_json:
            whole = document(self.results, self._certificates, self._reports, interrupted)
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


    def _write_reports(self) -> None:
        """The reports of all cases that have certificates, and the index."""
        assert self._out is not None
        paths = list(dict.fromkeys(path for path, _ in self._certificates))
        jobs = [self._job(path, self._out) for path in paths]
        found = list(outcomes(jobs, self._report_workers))
        for k, (path, outcome) in enumerate(zip(paths, found, strict=True)):
            if outcome.entry is not None:
                self._reports[path] = str(self._out.root / jobs[k].folder / f"{STEM}.html")
            self._note(path, outcome)
        entries = [outcome.entry for outcome in found if outcome.entry is not None]
        failure = write_index(self._out.root, entries) if entries else None
        if failure is not None:
            self._note(paths[0], Outcome(problems=(failure,)))

    def _job(self, path: str, out: CertificateFolder) -> Job:
        sources = [Source(name) for (case, _), name in self._certificates.items() if case == path]
        return Job(tuple(sources), FORMS, out.root, out.folder(path))

    def _note(self, path: str, outcome: Outcome) -> None:
        """What was wrong with a report, complained of and kept for the exit code."""
        problems = (*outcome.problems, *outcome.rejected)
        for problem in problems:
            complain(problem)
        if outcome.crash is not None:
            admit(*outcome.crash)
        crash = outcome.crash and outcome.crash[1]
        for k, case in enumerate(self.results):
            if case.path == path:
                kept = replace(case, problems=(*case.problems, *problems), crash=case.crash or crash)
                self.results[k] = kept


def judge(run: Run, report: Report, total: int) -> int:
    """Run everything, report it, and return the exit code; an interruption still reports what was decided."""
    interrupted = False
    with run, Progress("cases", total) as progress:
        try:
            run.start()
            report.prepare()
            for case in run.results(lambda: progress.tick(printable(run.in_work))):
                progress.clear()
                report.add(case)
                progress.advance()
        except KeyboardInterrupt:
            interrupted = True
            progress.clear()
            run.interrupt()
            reported = {case.path for case in report.results}
            for case in run.unreported():
                if case.path not in reported:  # the interruption may have come in the middle of `add`
                    report.add(case)
    report.finish(interrupted)
    return ExitCode.INTERRUPTED if interrupted else exit_code(report.results)
