"""A handle on one worker process: started, given a case, killed with everything that it has started."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
import warnings
from collections.abc import Iterable, Iterator
from multiprocessing.context import ForkContext, SpawnContext

from verifier.sources import Source
from verifier.worker import INTERRUPTIONS, Decide, Job, Limits, Load, serve

# A forked process starts in a millisecond and shares what has been imported; where there is no fork, spawn.
_CAN_FORK = "fork" in multiprocessing.get_all_start_methods()


def _context() -> ForkContext | SpawnContext:
    return multiprocessing.get_context("fork") if _CAN_FORK else multiprocessing.get_context("spawn")


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold back Ctrl-C and requests to end for a few steps that belong together; they come at the end of the block.

    A process started in the block inherits this; `serve` lifts it there. Meant for the command line, which has one
    thread: with several, a signal may reach this one by way of another.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTIONS)  # may raise what came just before
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Worker:
    """One process and the runner's end of its channel; `case` is the index of the case in work, if any."""

    def __init__(self, limits: Limits, load: Load, decide: Decide, others: Iterable[Worker]) -> None:
        context = _context()
        self.channel, theirs = context.Pipe()
        inherited = [other.channel for other in others] + [self.channel] if _CAN_FORK else []
        # Not a daemon: a search may want processes of its own.
        self._process = context.Process(target=serve, args=(theirs, limits, load, decide, inherited))
        with warnings.catch_warnings():
            # Python 3.12 warns of threads of the program (a notebook, a test runner). The child runs nothing but our
            # own loop; should a lock of another thread stop it all the same, the time limit ends it.
            warnings.filterwarnings("ignore", message=".*multi-threaded", category=DeprecationWarning)
            self._process.start()
        theirs.close()  # now only the worker holds it, so that its death closes the channel
        self._pid = self._process.pid
        if self._pid and hasattr(os, "setpgid"):
            with contextlib.suppress(OSError):  # the worker may have done it first
                os.setpgid(self._pid, self._pid)
        self.case: int | None = None
        self.since = time.monotonic()

    def give(self, case: int, source: Source, first: int) -> bool:
        """Send a case, to be judged from claim `first` on; False when the worker has died meanwhile."""
        try:
            self.channel.send(Job(source, first))
        except OSError:
            return False
        self.case = case
        self.since = time.monotonic()
        return True

    def restart_clock(self) -> None:
        """Another claim (or the loading) begins now."""
        self.since = time.monotonic()

    def elapsed(self) -> float:
        """Seconds since the claim in work (or the loading) began."""
        return time.monotonic() - self.since

    def death(self) -> int:
        """Wait for a worker that is ending: the signal that killed it, or 0."""
        self._process.join(1)
        code = self._process.exitcode
        return -code if code is not None and code < 0 else 0

    def kill(self) -> None:
        """End the process, its children and whatever C code they are in, and wait until it is gone."""
        if self._pid and hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(self._pid, signal.SIGKILL)
        self._process.kill()  # in case the group was never made
        self._process.join()
        self._process.close()
        self.channel.close()


def describe_death(number: int) -> str:
    """In words, how a worker ended that was not meant to end."""
    if not number:
        return "the process that worked on it ended unexpectedly"
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    likely = {"SIGKILL": " (the machine may be out of memory)", "SIGABRT": " (often: out of memory)"}
    return f"the process that worked on it was ended by {name}{likely.get(name, '')}"
