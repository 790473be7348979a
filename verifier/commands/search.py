"""`verify search CASE`: find bad local minima, each as a case file that proves itself."""

from __future__ import annotations

import contextlib
import json
import math
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from verifier.commands import SETTINGS
from verifier.commands.errors import complain
from verifier.commands.inputs import Row, read_case
from verifier.files import write_atomically
from verifier.output.certificates import SUFFIX
from verifier.output.progress import Progress
from verifier.output.text import printable
from verifier.output.wrap import wrapped
from verifier.results import ExitCode, Problem
from verifier.sources import find
from verifier.worker import LONGEST

if TYPE_CHECKING:
    from verifier.case import Case
    from verifier.search.certify import Found
    from verifier.search.free import FreeSearch, Wanted
    from verifier.search.kinds import DataKind
    from verifier.search.portfolio import Search



EPILOG = """
Stages, the cheapest first: theorems that leave nothing to find; closed constructions (all units inactive, all
incoming weights 0, all units on one affine piece); an SMT solver, for small piecewise linear nets; training from random
starts; narrower nets with a unit split; exclusions by supports and by sign patterns.

\b
Examples:
  verify search my.toml                        the first that is found
  verify search --all --out found my.toml      all that are found, as a table
  verify search --relax neuron my.toml         the same with other neurons
  verify search --free separable --minimize my.toml   the smallest data

\b
Exit code:
  0    a bad local minimum was found, or it is proved that there is none
  2    bad usage or bad input
  3    undecided: neither
  70   internal error     130   interrupted (what was found is kept)
"""


class _TimeUp(BaseException):
    """Not an Exception: no stage may take it for one of its own failures."""


@click.command(epilog=EPILOG, context_settings=SETTINGS)
@click.argument("path", metavar="CASE", type=click.Path())
@click.option("--all", "everything", is_flag=True, help="Go on after the first: all distinct minima, as a table.")
@click.option(
    "--relax",
    type=click.Choice(["neuron", "loss", "architecture", "data", "width"]),
    help="Search the neighbours of the case that differ in this condition.",
)
@click.option(
    "--free",
    type=click.Choice(["separable", "subspaces", "general"]),
    help="Search new data of this kind: by an SMT solver, or by inverse design (needs the extra `design`).",
)
@click.option(
    "--samples", type=click.IntRange(min=2, max=1000), metavar="N", help="With --free: so many samples, or at most."
)
@click.option(
    "--dimension",
    type=click.IntRange(min=1, max=100),
    metavar="D",
    help="With --free: of the inputs.  [default: that of the case]",
)
@click.option("--live", is_flag=True, help="Only minima with a unit that acts on some sample: not all units dead.")
@click.option(
    "--minimize",
    is_flag=True,
    help="Fewer samples, then a lower dimension, fewer units and shorter numbers, as long as a minimum is found.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, metavar="N", help="Of the random starts.  [default: 0]")
@click.option(
    "--starts",
    type=click.IntRange(min=1, max=1_000_000),
    default=192,
    metavar="N",
    help="Random starts of training.  [default: 192]",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, max=LONGEST, min_open=True),
    default=300.0,
    metavar="SECONDS",
    help="Time limit of the whole search.  [default: 300]",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("found"),
    metavar="DIR",
    help="Where case files, certificates and reports go.  [default: ./found]",
)
@click.option("--no-reports", is_flag=True, help="Case files and certificates only.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document to standard output.")
def command(
    path: str,
    everything: bool,
    relax: str | None,
    free: DataKind | None,
    samples: int | None,
    dimension: int | None,
    live: bool,
    minimize: bool,
    seed: int,
    starts: int,
    timeout: float,
    out: Path,
    no_reports: bool,
    as_json: bool,
) -> int:
    """Search for bad local minima of a case: its data, net and loss; its point and claims are not looked at.

    What is found is a new case file with the point filled in and a claim that the checker has accepted, DIR/NAME-1.toml
    and its certificate. Training gives candidates only; none is reported that is not certified. The same seed finds
    the same, unless time runs out.
    """
    (source,) = find([path])
    case = read_case(source)
    if isinstance(case, Problem):
        complain(case)
        return ExitCode.BAD_INPUT
    wanted = _wanted(case, relax, free, samples, dimension)
    run = _Run(
        out,
        Path(path).stem if path != "-" else "case",
        everything,
        minimize,
        seed,
        starts,
        wanted and replace(wanted, live=live, smallest=minimize),
        live,
        time.monotonic() + timeout,
        timeout,
    )
    ended = "finished"
    try:
        try:
            with _time_limit(timeout):
                run.search(case, relax)
        except _TimeUp:
            ended = "time limit"
        if not no_reports:
            run.write_reports()
    except KeyboardInterrupt:
        ended = "interrupted"
    except OSError as error:
        complain(Problem(str(error.filename or out), "", f"cannot be written: {error.strerror}"))
        return ExitCode.BAD_INPUT
    finally:
        run.progress.clear()
    click.echo(json.dumps(run.document(path, ended), indent=2) if as_json else run.text(path, ended))
    if ended == "interrupted":
        return ExitCode.INTERRUPTED
    decided = all(search.nothing or rows for search, rows in run.done)
    return ExitCode.AS_EXPECTED if run.found or (decided and ended == "finished") else ExitCode.UNDECIDED


def _wanted(
    case: Case, relax: str | None, free: DataKind | None, samples: int | None, dimension: int | None
) -> Wanted | None:
    """What `--free` and the options that belong to it say; raises UsageError where they do not fit together."""
    if relax is not None and case.data.labels is None:
        raise click.UsageError("--relax needs a case with labels.")
    if free is None:
        if samples is not None or dimension is not None:
            raise click.UsageError("--samples and --dimension need --free.")
        return None
    if relax is not None:
        raise click.UsageError("--free and --relax exclude each other.")
    if case.loss.weight_decay != 0:
        raise click.UsageError("--free needs a case without weight decay.")
    size = dimension or case.data.dimension
    if free == "subspaces" and size < 2:
        raise click.UsageError("--free subspaces needs inputs of two dimensions or more.")
    from verifier.search.free import Wanted

    return Wanted(free, size, samples)


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise _TimeUp in the main thread when the time is over, where the system can."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_: int, __: FrameType | None) -> None:
        raise _TimeUp

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@dataclass
class _Run:
    out: Path
    stem: str
    everything: bool
    minimize: bool
    seed: int
    starts: int
    wanted: Wanted | None
    live: bool
    deadline: float  # on the monotonic clock
    seconds: float  # the time limit
    progress: Progress = field(init=False)
    done: list[tuple[Search | FreeSearch, list[Row]]] = field(default_factory=list)
    nothing: list[str] = field(default_factory=list)  # certificates that there is nothing to find

    def __post_init__(self) -> None:
        self.progress = Progress("s", math.ceil(self.seconds))

    def _report(self, words: str) -> None:
        """What is being tried, and how much of the time has passed."""
        self.progress.reach(int(self.seconds - (self.deadline - time.monotonic())), words)

    @property
    def found(self) -> list[Row]:
        """Everything that was found."""
        return [row for _, rows in self.done for row in rows]

    def search(self, case: Case, relax: str | None) -> None:
        """The case, or its neighbours one after the other."""
        if relax is None:
            self._one(case, self.stem)
            return
        from verifier.search.relaxed import relaxed

        for neighbour in relaxed(case, relax):
            self._one(neighbour.case, f"{self.stem}-{neighbour.name}")

    def _one(self, case: Case, stem: str) -> None:
        job = self._job(case)
        rows: list[Row] = []
        self.done.append((job, rows))
        for number, found in enumerate(job.run(), start=1):
            rows.append(self._kept(found, f"{stem}-{number}"))
            if self.minimize:
                for smaller in self._smaller(job, found):
                    rows[-1] = self._kept(smaller, f"{stem}-{number}")
            if not self.everything:
                return
        if job.nothing is not None:
            self.nothing.append(self._write(f"{stem}-none{SUFFIX}", _document(job.nothing.certificate)))

    def _job(self, case: Case) -> Search | FreeSearch:
        if self.wanted is not None:
            from verifier.search.free import FreeSearch

            return FreeSearch(case, self.wanted, self.seed, self.deadline, self._report)
        from verifier.search.portfolio import search

        job = search(case, self.seed, self.starts)
        job.report = self._report
        job.live = self.live
        return job

    def _smaller(self, job: Search | FreeSearch, found: Found) -> Iterator[Found]:
        """What --minimize makes of a result."""
        from verifier.search.free import FreeSearch
        from verifier.search.live import is_live
        from verifier.search.minimized import minimised
        from verifier.search.portfolio import only_ties

        def accept(smaller: Found) -> bool:
            return not only_ties(smaller) and (is_live(smaller) or not self.live)

        shorter = job.shorter(found) if isinstance(job, FreeSearch) else None
        return shorter or minimised(found, job.case.title, self.seed, self._report, accept)

    def _kept(self, found: Found, stem: str) -> Row:
        """Write the files; what is reported of them."""
        data = found.accepted.data
        return {
            "file": self._write(f"{stem}.toml", found.text),
            "certificate": self._write(f"{stem}{SUFFIX}", _document(found.certificate)),
            "report": None,
            "how": found.how,
            "samples": len(found.case.data.inputs),
            "statement": found.accepted.statement,
            "near": data["distance"] is not None,
            **{key: data[key] for key in ("strict", "training_error", "ties", "loss")},
        }

    def _write(self, name: str, text: str) -> str:
        self.out.mkdir(parents=True, exist_ok=True)
        write_atomically(self.out / name, text)
        return str(self.out / name)

    def write_reports(self) -> None:
        """A page for people beside each certificate."""
        from verifier.report import render

        for path in (*(row["certificate"] for row in self.found), *self.nothing):
            page = render([json.loads(Path(path).read_text(encoding="utf-8"))], "html")
            self._write(Path(path).name.removesuffix(SUFFIX) + ".html", page)
        for row in self.found:
            row["report"] = row["certificate"].removesuffix(SUFFIX) + ".html"

    # -- the report ----------------------------------------------------------------------------------------------------

    def document(self, path: str, ended: str) -> Row:
        """For scripts."""
        searches = [
            {
                "title": job.case.title,
                "answer": "found" if rows else "none exists" if job.nothing else "undecided",
                "found": rows,
                "rule": job.nothing.rule if job.nothing else None,
                "reason": job.nothing.reason if job.nothing else None,
                "tried": job.tried,
            }
            for job, rows in self.done
        ]
        return {"schema": 1, "path": path, "seed": self.seed, "ended": ended, "searches": searches}

    def text(self, path: str, ended: str) -> str:
        """For people."""
        blocks = [self._block(job, rows) for job, rows in self.done]
        if ended != "finished":
            what = "the time limit was reached" if ended == "time limit" else "interrupted"
            blocks.append(f"{what}; what was found before is above")
        return "\n\n".join([printable(path), *blocks])

    def _block(self, job: Search | FreeSearch, rows: list[Row]) -> str:
        lines = wrapped(job.case.title, "  ", "    ")
        if rows:
            many = len(rows) > 1
            lines.append(f"  {len(rows)} bad local minim{'a' if many else 'um'} found and certified:")
            for row in rows:
                lines += [f"    {row['file']}", *wrapped(_facts(row), " " * 6, " " * 8)]
        elif job.nothing:
            lines += wrapped(f"nothing to find, by {job.nothing.rule}: {job.nothing.reason}", "  ", "    ")
        else:
            lines.append("  undecided: nothing was found, and nothing says that there is none")
        if (not rows and not job.nothing) or self.everything:
            lines += wrapped("tried: " + "; ".join(job.tried), "  ", "    ")
        return "\n".join(lines)


def _document(certificate: Row) -> str:
    return json.dumps(certificate, indent=1, ensure_ascii=False) + "\n"


def _facts(row: Row) -> str:
    strict = {True: "strict", False: "not strict", None: "perhaps not strict"}[row["strict"]]
    loss = row["loss"]
    value = "" if loss is None else f", loss {loss.get('exact', loss.get('lower'))}"
    error = "" if row["training_error"] is None else f", training error {row['training_error']}"
    ties = f" (ties: {row['ties']})" if row["ties"] else ""
    where = "near the point" if row["near"] else "at the point"
    return f"{row['samples']} samples, {strict}, {where}{error}{ties}{value}; {row['how']}"
