"""Runs claims in worker processes under a hard time limit, which also stops C code, and orders the results.

A `Run` gives every worker one case after the other. A claim that exceeds its limit costs the worker its life:
the claim is undecided ("timeout"), and a new worker goes on with the next claim. A worker that dies by itself
is an internal error of that claim ("crash"), and never stops the others.
"""

from __future__ import annotations

import os
import pickle  # for the name of an exception: a message that breaks off when its sender dies
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self

from verifier.process import Worker, describe_death, uninterrupted
from verifier.results import CaseResult, ClaimResult, Crash, Problem
from verifier.sources import Source
from verifier.verdict import Decision, Verdict
from verifier.worker import (
    LONGEST,
    Decide,
    Decided,
    Done,
    Failed,
    Limits,
    Load,
    Loaded,
    Refused,
    Started,
    decide_claim,
    load_case,
)

TICK = 1.0  # seconds between two calls of `tick`
NO_CLAIMS = "expected at least one [[claim]], got none"
CHANGED = "expected a file that stays the same while it is judged, got other claims at a second reading"


def default_jobs() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass
class _Case:
    """What is known so far about one case; the claim in work is always number ``len(result.claims)``."""

    result: CaseResult
    source: Source | None  # None: there is nothing to read, the path itself is the problem
    loaded: Loaded | None = None
    finished: bool = False

    def refuse(self, problem: Problem) -> None:
        self.result = replace(self.result, problems=(*self.result.problems, problem))

    def fail(self, crash: Crash) -> None:
        """An internal error before any claim was in work."""
        self.result = replace(self.result, crash=crash)
        self.finished = True

    def load(self, loaded: Loaded) -> None:
        if self.loaded is None:
            self.loaded = loaded
            self.result = replace(self.result, title=loaded.title)
            if not loaded.claims:
                self.refuse(Problem(self.result.path, "claim", NO_CLAIMS))
        elif loaded != self.loaded:  # read again by a second worker
            self.refuse(Problem(self.result.path, "claim", CHANGED))
            self.finished = True

    def decide(self, decision: Decision, seconds: float, crash: Crash | None = None) -> None:
        assert self.loaded is not None
        number = len(self.result.claims)
        kind, expect = self.loaded.claims[number]
        claim = ClaimResult(number + 1, kind, expect, decision, seconds, crash)
        self.result = replace(self.result, claims=(*self.result.claims, claim))

    @property
    def in_work(self) -> bool:
        """Whether some claim of the file has not been decided."""
        return self.loaded is not None and len(self.result.claims) < len(self.loaded.claims)


def _begin(source: Source | Problem) -> _Case:
    if isinstance(source, Problem):
        return _Case(CaseResult(source.path, problems=(source,)), None, finished=True)
    return _Case(CaseResult(source.path), source)


class Run:
    """A run over some cases: ``with Run(sources) as run: for result in run.results(): ...``.

    Results come in the order of `sources`, each as soon as it and all before it are there. Leaving the block
    kills all workers; after `interrupt()`, `unreported()` gives what was decided and not yielded.
    `load` and `decide` are what a worker does (with the start method "spawn" they must be importable).
    """

    def __init__(
        self,
        sources: Sequence[Source | Problem],
        limits: Limits | None = None,
        jobs: int | None = None,
        load: Load = load_case,
        decide: Decide = decide_claim,
    ) -> None:
        self._limits = limits or Limits()
        self._jobs = jobs or default_jobs()
        self._work = (load, decide)
        self._cases = [_begin(source) for source in sources]
        self._waiting = deque(index for index, case in enumerate(self._cases) if case.source)
        self._workers: list[Worker] = []
        self._reported = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Set the workers to work; `results` does it too, this is for who has something else to do first."""
        self._employ()

    def stop(self) -> None:
        """Kill all workers; nothing is decided afterwards."""
        with uninterrupted():
            while self._workers:
                self._workers.pop().kill()

    def interrupt(self) -> None:
        """Take in what the workers have said already, then kill them."""
        for worker in list(self._workers):
            while worker in self._workers and worker.case is not None and worker.channel.poll():
                self._receive(worker)
        self.stop()

    @property
    def in_work(self) -> str:
        """In words, the claim that the next result waits for."""
        case = self._cases[min(self._reported, len(self._cases) - 1)]
        known = len(case.loaded.claims) if case.loaded else 0
        claim = f", claim {min(len(case.result.claims) + 1, known)} of {known}" if known else ""
        return f"{case.result.path}{claim}"

    def results(self, tick: Callable[[], None] | None = None) -> Iterator[CaseResult]:
        """The cases in order, each when it is finished; `tick` is called once a second while there is none."""
        while self._reported < len(self._cases):
            case = self._cases[self._reported]
            if case.finished:
                yield case.result
                self._reported += 1  # not before: who is interrupted here has not taken it in
            else:
                self._employ()
                self._listen(LONGEST if tick is None else TICK)
                if tick is not None:
                    tick()

    def unreported(self) -> list[CaseResult]:
        """What is known about the cases that `results` has not gone past, unfinished ones included; in order."""
        rest = [case.result for case in self._cases[self._reported :]]
        return [result for result in rest if result.claims or result.problems or result.crash]

    def _employ(self) -> None:
        """Give the waiting cases to idle workers, and to new ones as long as there may be more."""
        while self._waiting:
            with uninterrupted():  # whoever has been started or given something is known to be so
                idle = next((worker for worker in self._workers if worker.case is None), None)
                if idle is None:
                    if len(self._workers) >= self._jobs:
                        return
                    idle = Worker(self._limits, *self._work, self._workers)
                    self._workers.append(idle)
                index = self._waiting.popleft()
                case = self._cases[index]
                assert case.source is not None
                if not idle.give(index, case.source, first=len(case.result.claims)):
                    self._waiting.appendleft(index)
                    self._dismiss(idle)

    def _listen(self, patience: float) -> None:
        """Wait for the next message, for the next time limit to pass or for so many seconds, and act on it."""
        busy = [worker for worker in self._workers if worker.case is not None]
        patience = min(patience, *(self._limits.seconds - worker.elapsed() for worker in busy))
        ready = wait([worker.channel for worker in busy], max(patience, 0))
        with uninterrupted():  # a message is read whole, and what it says is taken in
            for worker in busy:
                if worker.channel in ready:
                    self._receive(worker)
                elif worker.elapsed() >= self._limits.seconds:
                    self._expire(worker)

    def _receive(self, worker: Worker) -> None:
        try:
            message = worker.channel.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            self._mourn(worker)
            return
        case = self._case_of(worker)
        match message:
            case Loaded():
                case.load(message)
                if case.finished:
                    self._dismiss(worker)
            case Started():
                worker.restart_clock()
            case Decided():
                case.decide(message.decision, message.seconds)
            case Refused():
                case.refuse(message.problem)
            case Failed():
                self._lose(worker, message.crash)
            case Done():
                case.finished = True
                worker.case = None
                if message.used_up:
                    self._dismiss(worker)

    def _case_of(self, worker: Worker) -> _Case:
        assert worker.case is not None
        return self._cases[worker.case]

    def _expire(self, worker: Worker) -> None:
        """The time limit has passed: end the worker, whatever it is doing."""
        case, limit = self._case_of(worker), f"{self._limits.seconds:g} s"
        if case.in_work:
            hint = "allow more time: --timeout SECONDS"
            reason = f"not decided within the time limit of {limit}"
            decision = Decision(Verdict.UNDECIDED, code="timeout", reason=reason, hint=hint)
            case.decide(decision, worker.elapsed())
        else:
            expected = f"expected a file that can be read within the time limit of {limit}, got no end of it"
            case.refuse(Problem(case.result.path, "", expected))
        self._dismiss(worker)

    def _mourn(self, worker: Worker) -> None:
        """The worker has died by itself."""
        number = worker.death()
        if number == getattr(signal, "SIGALRM", None):  # its own time limit was quicker than ours
            self._expire(worker)
        else:
            self._lose(worker, Crash(describe_death(number)))

    def _lose(self, worker: Worker, crash: Crash) -> None:
        """An internal error: of the claim in work if there is one, else of the case."""
        case = self._case_of(worker)
        if case.in_work:
            decision = Decision(Verdict.UNDECIDED, code="crash", reason=f"internal error: {crash.summary}")
            case.decide(decision, worker.elapsed(), crash)
        elif case.loaded is None:
            case.fail(crash)
        self._dismiss(worker)

    def _dismiss(self, worker: Worker) -> None:
        """End a worker; its case, if it has claims left, is the next to be given to another one."""
        worker.kill()
        self._workers.remove(worker)
        if worker.case is None:
            return
        case = self._cases[worker.case]
        if case.in_work and not case.finished:
            self._waiting.appendleft(worker.case)
        else:
            case.finished = True
