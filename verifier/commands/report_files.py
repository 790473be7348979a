"""Report files: certificates read, accepted and written as pages into a folder; one case is one piece of work."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verifier.commands.certificate_file import NotACertificate, read
from verifier.files import write_atomically
from verifier.output.progress import track
from verifier.results import Crash, Problem
from verifier.sources import Source

if TYPE_CHECKING:
    from verifier.report.build import Accepts
    from verifier.report.index import Entry

STEM = "report"
INDEX = "index.html"
FORMS = ("html", "markdown", "latex", "json")


@dataclass(frozen=True)
class Job:
    """Certificates of one case, the folder below `root` for its report, and the forms; no folder: only `text`."""

    sources: tuple[Source, ...]
    forms: tuple[str, ...]
    root: Path | None = None
    folder: Path = Path()
    docs: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a job: an entry for the index and the text (of the only form), or what was wrong."""

    entry: Entry | None = None
    text: str = ""
    problems: tuple[Problem, ...] = ()
    rejected: tuple[Problem, ...] = ()
    crash: tuple[str, Crash] | None = None


def outcomes(jobs: Sequence[Job], workers: int) -> Iterator[Outcome]:
    """The outcomes in the order of the jobs; several jobs share a pool of processes."""
    if len(jobs) < 2 or workers < 2:
        yield from track(map(make, jobs), "reports", len(jobs))
        return
    context = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn")
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context) as pool:
        try:
            yield from track(pool.map(make, jobs), "reports", len(jobs))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def make(job: Job) -> Outcome:
    """Read, check, build, and write or return; never raises."""
    try:
        return _make(job)
    except Exception as error:
        where = job.sources[0].path
        return Outcome(crash=(where, Crash(f"{type(error).__name__}: {error}", traceback.format_exc())))


def _make(job: Job) -> Outcome:
    from verifier.checker.errors import Rejected, Unreadable
    from verifier.report.build import accept, report
    from verifier.report.index import entry

    accepted: list[Accepts] = []
    problems: list[Problem] = []
    rejected: list[Problem] = []
    for source in job.sources:
        try:
            document = read(source)
            accepted += accept([document], [os.path.basename(source.path)])
        except (NotACertificate, Unreadable) as error:
            problems.append(Problem(source.path, "", str(error)))
        except Rejected as error:
            rejected.append(Problem(source.path, "", f"rejected: {error}"))
    if not accepted:
        return Outcome(problems=tuple(problems), rejected=tuple(rejected))
    found = report(accepted)
    texts = _texts(found, job)
    if job.root is None:
        return Outcome(text=texts[0], problems=tuple(problems), rejected=tuple(rejected))
    try:
        _write(job, texts)
    except OSError as error:
        problems.append(Problem(str(job.root / job.folder), "", f"cannot be written: {error.strerror}"))
        return Outcome(problems=tuple(problems), rejected=tuple(rejected))
    page = (job.folder / f"{STEM}.html").as_posix()
    return Outcome(entry(page, found), "", tuple(problems), tuple(rejected))


def _texts(found: Any, job: Job) -> list[str]:
    from verifier.report.formats import FORMATS

    return [FORMATS[form](found, job.docs) for form in job.forms]


def _write(job: Job, texts: Sequence[str]) -> None:
    from verifier.report.formats import SUFFIXES

    assert job.root is not None
    target = job.root / job.folder
    if not target.resolve().is_relative_to(job.root.resolve()):  # a link inside could lead elsewhere
        raise OSError(0, f"it leads outside {job.root}")
    target.mkdir(parents=True, exist_ok=True)
    for form, text in zip(job.forms, texts, strict=True):
        write_atomically(target / f"{STEM}{SUFFIXES[form]}", text)


def write_index(root: Path, entries: Sequence[Entry]) -> Problem | None:
    """The page over the reports of a run; what kept it from being written."""
    from verifier.report.index import index_page

    try:
        root.mkdir(parents=True, exist_ok=True)
        write_atomically(root / INDEX, index_page(entries))
    except OSError as error:
        return Problem(str(root / INDEX), "", f"cannot be written: {error.strerror}")
    return None


def case_key(source: Source) -> str | None:
    """Something equal for certificates of one case; None for what cannot be read as a certificate."""
    with contextlib.suppress(NotACertificate):
        return json.dumps(read(source).get("case"), sort_keys=True)
    return None
