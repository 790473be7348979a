"""The process that does the work: loads cases and decides their claims, one after the other, for the runner.

A worker answers each `Job` with messages on its channel, in this order: `Loaded` (or `Refused` or `Failed`),
then per claim `Started` and `Decided` (or `Refused` or `Failed`), at last `Done`.
After `Failed` the worker's state is not to be trusted and it leaves; the runner starts another one.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from verifier.results import Crash, Problem
from verifier.sources import Source
from verifier.verdict import Decision

Load = Callable[[Source], Any]  # -> a case; Any, since naming the type would import the whole case format
Decide = Callable[[Any, Any], Decision]

GRACE = 5.0  # seconds after the time limit at which a worker ends itself, should nobody be left to end it
GIB = 1024**3
LONGEST = 1_000_000.0  # seconds that a limit may be; what the timers of every system take
MOST = 1_000_000.0  # GiB that a limit may be
INTERRUPTIONS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
LARGE = GIB  # bytes of peak memory after which a worker is not used for another case


@dataclass(frozen=True)
class Limits:
    """What one claim may use: seconds of time, bytes of address space (0: unlimited)."""

    seconds: float = 60.0
    memory: int = 8 * GIB


@dataclass(frozen=True)
class Job:
    """Judge a case, beginning with claim number `first` (from 0)."""

    source: Source
    first: int = 0


@dataclass(frozen=True)
class Loaded:
    title: str
    claims: tuple[tuple[str, str], ...]  # (kind, expected verdict) of every claim of the file


@dataclass(frozen=True)
class Started:
    claim: int


@dataclass(frozen=True)
class Decided:
    claim: int
    decision: Decision
    seconds: float


@dataclass(frozen=True)
class Refused:
    problem: Problem


@dataclass(frozen=True)
class Failed:
    crash: Crash


@dataclass(frozen=True)
class Done:
    used_up: bool  # the worker leaves after this


def load_case(source: Source) -> Any:
    """Load the case from its file, or from the text of standard input; raises InputError."""
    from verifier.case import load, loads

    if source.text is None:
        return load(source.path)
    return loads(source.text, source.path)


def decide_claim(case: Any, claim: Any) -> Decision:
    """The verdict of `verifier.decision`, which is imported when it is first needed."""
    from verifier.decision import decide

    return decide(case, claim)


def serve(
    channel: Connection,
    limits: Limits,
    load: Load = load_case,
    decide: Decide = decide_claim,
    inherited: Iterable[Connection] = (),
) -> None:
    """The body of the process: answer jobs until the channel is closed or the worker is used up.

    `inherited` are the runner's channels to other workers: they are closed here, or else those
    workers would not see the end of the runner.
    """
    for other in inherited:
        other.close()
    _isolate(limits)
    # The runner has gone: nobody is interested any more.
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        used_up = False
        while not used_up:
            used_up = _answer(channel, channel.recv(), limits, load, decide)


def _answer(channel: Connection, job: Job, limits: Limits, load: Load, decide: Decide) -> bool:
    """Judge one case; whether the worker is used up afterwards."""
    try:
        with _alarm(limits):
            case = load(job.source)
        channel.send(Loaded(case.title, tuple((claim.kind, claim.expect) for claim in case.claims)))
        for number, claim in enumerate(case.claims[job.first :], start=job.first):
            channel.send(Started(number))
            start = time.perf_counter()
            with _alarm(limits):
                decision = decide(case, claim)
            channel.send(Decided(number, decision, time.perf_counter() - start))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:
        problem = _bad_input(error)
        if problem is None:
            channel.send(Failed(Crash(_one_line(error), traceback.format_exc())))
            return True
        channel.send(Refused(problem))
    used_up = _peak_memory() > LARGE
    channel.send(Done(used_up))
    return used_up


def _bad_input(error: Exception) -> Problem | None:
    """The user's error behind an exception, or None when it is ours."""
    from verifier.case.errors import InputError

    if isinstance(error, InputError):
        return Problem(error.path, error.key, error.message)
    return None


def _one_line(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "out of memory"
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__


@contextlib.contextmanager
def _alarm(limits: Limits) -> Iterator[None]:
    """Let the operating system end this process soon after the time limit, also inside C code.

    The runner is quicker, unless it has been killed itself: no worker may run on for ever without it.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, limits.seconds + GRACE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _isolate(limits: Limits) -> None:
    """Own process group, default signals, no terminal, bounded memory, one thread per worker."""
    if hasattr(os, "setpgid"):
        with contextlib.suppress(OSError):  # the runner may have done it first
            os.setpgid(0, 0)
    for number in (*INTERRUPTIONS, getattr(signal, "SIGALRM", signal.SIGINT)):
        signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTIONS)  # held back while the process was started
    # C libraries write to the terminal when they feel like it; standard output belongs to the command line.
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1) if debugging() else (0, 1, 2):
        os.dup2(nothing, stream)
    # Workers are the parallelism: linear algebra with threads of its own only makes them fight.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    _bound_memory(limits.memory)


def debugging() -> bool:
    """Whether the environment asks for tracebacks."""
    return os.environ.get("VERIFY_DEBUG", "") not in ("", "0")


def _bound_memory(size: int) -> None:
    try:
        import resource
    except ImportError:  # not a POSIX system
        return
    # Some systems refuse; the time limit still holds there.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if size:
            _, hard = resource.getrlimit(resource.RLIMIT_AS)
            soft = size if hard == resource.RLIM_INFINITY else min(size, hard)
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _peak_memory() -> int:
    """The largest resident size of this process so far, in bytes; 0 where it is not known."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
