"""The runner with provers of every kind: quick, slow, stuck in C code, crashing, noisy; in this process and fast.

The functions at the top are what a worker does; workers are forked, so they see the test's module as it is.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from verifier.case.errors import InputError
from verifier.process import describe_death, uninterrupted
from verifier.results import CaseResult, Crash, ExitCode, Problem, exit_code
from verifier.runner import CHANGED, NO_CLAIMS, Run, default_jobs
from verifier.sources import Source
from verifier.verdict import Decision, Verdict
from verifier.worker import GIB, Limits

PROVED = Decision(Verdict.PROVED, rule="fake", certificate={})
Action = Callable[[], Any]


def load(source: Source) -> Any:
    """A case is its claims' names, separated by blanks; the title is the path in capitals."""
    assert source.text is not None
    claims = [SimpleNamespace(kind=word, expect="proved") for word in source.text.split()]
    return SimpleNamespace(title=source.path.upper(), claims=claims)


def hang() -> None:
    """A computation in C that Python cannot interrupt."""
    pow(3, 10**10)


def die(number: int) -> Action:
    def act() -> None:
        faulthandler.disable()  # pytest's, which would tell at length
        os.kill(os.getpid(), number)

    return act


def fail() -> None:
    raise ZeroDivisionError("in\nthe prover")


def refuse() -> None:
    raise InputError("a", "data.labels[2]", "expected 1 or -1, got 0")


def press_ctrl_c() -> None:
    time.sleep(0.2)  # with the threads of pytest-xdist the signal cannot be held back
    os.kill(os.getppid(), signal.SIGINT)
    time.sleep(60)


def unpicklable() -> Decision:
    return Decision(Verdict.PROVED, certificate={"a": threading.Lock()})


ACTIONS: dict[str, Action] = {
    "hang": hang,
    "sleep": lambda: time.sleep(60),
    "pause": lambda: time.sleep(0.3),
    "segfault": die(signal.SIGSEGV),
    "killed": die(signal.SIGKILL),
    "leave": lambda: os._exit(0),
    "exit": lambda: (_ for _ in ()).throw(SystemExit(0)),
    "fail": fail,
    "memory": lambda: bytearray(64 * GIB),
    "refuse": refuse,
    "press-ctrl-c": press_ctrl_c,
    "unpicklable": unpicklable,
}


def decide(case: Any, claim: Any) -> Decision:
    found = ACTIONS.get(claim.kind, lambda: None)()
    return found if isinstance(found, Decision) else PROVED


def cases(*texts: str) -> list[Source | Problem]:
    return [Source(f"case{number}", text) for number, text in enumerate(texts)]


def run(*texts: str, seconds: float = 20.0, jobs: int = 1, load: Any = load, decide: Any = decide) -> list[CaseResult]:
    with Run(cases(*texts), Limits(seconds, 8 * GIB), jobs, load, decide) as work:
        return list(work.results())


def answers(case: CaseResult) -> list[str]:
    """Per claim the verdict, or the code when there is one."""
    return [claim.decision.code or claim.decision.verdict.value for claim in case.claims]


@pytest.fixture(autouse=True)
def no_worker_is_left() -> Iterator[None]:
    before = set(multiprocessing.active_children())
    yield
    assert set(multiprocessing.active_children()) <= before


# -- order -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_results_come_in_order_whatever_the_number_of_jobs(jobs: int) -> None:
    results = run("pause a", "b", "c pause", "d", jobs=jobs)
    assert [case.path for case in results] == ["case0", "case1", "case2", "case3"]
    assert [case.title for case in results] == ["CASE0", "CASE1", "CASE2", "CASE3"]
    assert [[claim.kind for claim in case.claims] for case in results] == [["pause", "a"], ["b"], ["c", "pause"], ["d"]]
    assert [claim.number for claim in results[2].claims] == [1, 2]
    assert exit_code(results) is ExitCode.AS_EXPECTED


def test_result_is_there_before_the_next_one_is() -> None:
    with Run(cases("a", "sleep"), Limits(30.0), 1, load, decide) as work:
        start = time.monotonic()
        assert next(work.results()).path == "case0"
        assert time.monotonic() - start < 10


def test_who_waits_is_told_what_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.runner.TICK", 0.01)
    heard: list[str] = []
    with Run(cases("a pause", "pause"), Limits(20.0), 1, load, decide) as work:
        assert len(list(work.results(lambda: heard.append(work.in_work)))) == 2
    assert {"case0, claim 2 of 2", "case1, claim 1 of 1"} <= set(heard)


def test_jobs_run_at_the_same_time() -> None:
    start = time.monotonic()
    results = run("sleep", "sleep", "sleep", seconds=1.0, jobs=3)
    assert time.monotonic() - start < 2.8
    assert [answers(case) for case in results] == [["timeout"]] * 3


def test_one_worker_serves_many_cases() -> None:
    def with_pid(case: Any, claim: Any) -> Decision:
        return Decision(Verdict.PROVED, statement=str(os.getpid()), certificate={})

    results = run(*"abcdef", decide=with_pid)
    pids = {case.claims[0].decision.statement for case in results}
    assert len(pids) == 1 and str(os.getpid()) not in pids


def test_sources_that_are_problems_keep_their_place() -> None:
    sources = [Problem("x", "", "expected a file"), *cases("a"), Problem("y", "", "expected a file")]
    with Run(sources, None, 1, load, decide) as work:
        results = list(work.results())
    assert [(case.path, len(case.claims), len(case.problems)) for case in results] == [
        ("x", 0, 1),
        ("case0", 1, 0),
        ("y", 0, 1),
    ]


def test_nothing_to_do() -> None:
    assert run() == []
    assert default_jobs() >= 1


# -- time --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["hang", "sleep"])
def test_time_limit_stops_one_claim_only(act: str) -> None:
    start = time.monotonic()
    first, second = run(f"a {act} b", "c", seconds=0.4)
    assert time.monotonic() - start < 5
    assert answers(first) == ["proved", "timeout", "proved"]
    assert answers(second) == ["proved"]
    late = first.claims[1]
    assert late.decision.verdict is Verdict.UNDECIDED and late.crash is None
    assert late.decision.hint == "allow more time: --timeout SECONDS"
    assert late.decision.reason == "not decided within the time limit of 0.4 s"
    assert 0.4 <= late.seconds < 3


def test_every_claim_has_the_whole_limit() -> None:
    (case,) = run("pause pause pause pause", seconds=1.0)
    assert answers(case) == ["proved"] * 4


def test_last_claims_may_all_be_late() -> None:
    (case,) = run("sleep sleep", seconds=0.2)
    assert answers(case) == ["timeout", "timeout"]


def test_loading_that_never_ends_is_bad_input() -> None:
    (case,) = run("a", seconds=0.3, load=lambda _: hang())
    assert case.claims == () and exit_code([case]) is ExitCode.BAD_INPUT
    assert "can be read within the time limit of 0.3 s" in str(case.problems[0])


def test_process_started_by_the_prover_ends_with_it(tmp_path: Path) -> None:
    """The end of a pipe is seen when nobody holds its other side any more."""
    reader, writer = os.pipe()

    def with_child(case: Any, claim: Any) -> Decision:
        if os.fork() == 0:
            time.sleep(60)
        time.sleep(60)
        return PROVED

    run("a", seconds=0.2, decide=with_child)
    os.close(writer)
    assert os.read(reader, 1) == b""
    os.close(reader)


# -- crashes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("segfault", "SIGSEGV"),
        ("killed", "SIGKILL (the machine may be out of memory)"),
        ("leave", "ended unexpectedly"),
        ("exit", "ended unexpectedly"),
        ("fail", "ZeroDivisionError: in the prover"),
        ("memory", "out of memory"),
        ("unpicklable", "cannot pickle"),
    ],
)
def test_crash_is_the_claims_own(act: str, words: str) -> None:
    first, second = run(f"a {act} b", "c")
    assert answers(first) == ["proved", "crash", "proved"]
    assert answers(second) == ["proved"]
    crash = first.claims[1].crash
    assert crash is not None and words in crash.summary and "\n" not in crash.summary
    assert crash.summary in first.claims[1].decision.reason
    assert exit_code([first]) is ExitCode.INTERNAL_ERROR


def test_traceback_is_kept_for_exceptions() -> None:
    (case,) = run("fail")
    crash = case.claims[0].crash
    assert crash is not None and "ZeroDivisionError" in crash.traceback


@pytest.mark.parametrize("act", ["segfault", "fail", "leave"])
def test_crash_while_loading_is_the_cases_own(act: str) -> None:
    def sometimes(source: Source) -> Any:
        if source.path == "case0":
            ACTIONS[act]()
        return load(source)

    first, second = run("a", "b", load=sometimes)
    assert first.crash is not None and first.claims == () and first.problems == ()
    assert answers(second) == ["proved"]


def test_case_without_attributes_is_a_crash() -> None:
    (case,) = run("a", load=lambda _: None)
    assert case.crash is not None and "AttributeError" in case.crash.summary


@pytest.mark.parametrize(
    ("number", "words"), [(0, "unexpectedly"), (9, "SIGKILL"), (6, "often: out of memory"), (999, "signal 999")]
)
def test_deaths_in_words(number: int, words: str) -> None:
    assert words in describe_death(number)


# -- bad input ---------------------------------------------------------------------------------------------------------


def test_bad_input_found_by_the_prover_ends_the_case_without_a_crash() -> None:
    first, second = run("a refuse b", "c")
    assert answers(first) == ["proved"]
    assert first.problems == (Problem("a", "data.labels[2]", "expected 1 or -1, got 0"),)
    assert answers(second) == ["proved"]


def test_bad_input_found_while_loading() -> None:
    first, second = run("a", "b", load=lambda source: refuse() if source.path == "case0" else load(source))
    assert (first.claims, len(first.problems), first.crash) == ((), 1, None)
    assert answers(second) == ["proved"]


def test_case_without_claims() -> None:
    (case,) = run("")
    assert case.problems == (Problem("case0", "claim", NO_CLAIMS),)


def test_file_that_changes_between_two_readings(tmp_path: Path) -> None:
    """After a crash the case is read again, and claims of another file must not be taken for those of this one."""
    mark = tmp_path / "read"

    def changing(source: Source) -> Any:
        text = "other claims here" if mark.exists() else "a leave b"
        mark.touch()
        return load(Source(source.path, text))

    (case,) = run("", load=changing)
    assert answers(case) == ["proved", "crash"]
    assert case.problems == (Problem("case0", "claim", CHANGED),)


# -- interruption ------------------------------------------------------------------------------------------------------


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """SIGINT raises KeyboardInterrupt, whatever the test runner has made of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_interrupted_run_knows_what_was_decided(ctrl_c: None) -> None:
    with Run(cases("a", "b press-ctrl-c c", "d"), Limits(30.0), 1, load, decide) as work:
        results = work.results()
        assert next(results).path == "case0"
        with pytest.raises(KeyboardInterrupt):
            next(results)
        work.interrupt()
        assert [(case.path, answers(case)) for case in work.unreported()] == [("case1", ["proved"])]


def test_what_a_worker_has_said_is_taken_in_before_it_is_killed(tmp_path: Path) -> None:
    mark = tmp_path / "begun"

    def marking(case: Any, claim: Any) -> Decision:
        if claim.kind == "last":
            mark.touch()
            time.sleep(60)
        return PROVED

    with Run(cases("a b last"), Limits(30.0), 1, load, marking) as work:
        work.start()
        deadline = time.monotonic() + 20
        while not mark.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert work.unreported() == []
        work.interrupt()
        assert [answers(case) for case in work.unreported()] == [["proved", "proved"]]


def test_case_is_unreported_until_the_next_one_is_asked_for() -> None:
    with Run(cases("a", "b"), Limits(30.0), 1, load, decide) as work:
        results = work.results()
        next(results)
        assert [case.path for case in work.unreported()] == ["case0"]
        next(results)
        assert [case.path for case in work.unreported()] == ["case1"]
        assert list(results) == [] and work.unreported() == []


def test_leaving_the_block_by_an_exception_kills_the_workers() -> None:
    with pytest.raises(ZeroDivisionError), Run(cases("hang", "hang"), None, 2, load, decide) as work:
        work.start()
        raise ZeroDivisionError
    # no_worker_is_left looks


def test_signals_wait_for_the_end_of_an_uninterrupted_block(ctrl_c: None) -> None:
    steps = []
    with pytest.raises(KeyboardInterrupt):
        with uninterrupted():
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)
            time.sleep(0.05)
            steps.append("whole")
        steps.append("never")
    assert steps == ["whole"]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()


def test_workers_ignore_ctrl_c_and_obey_a_request_to_end() -> None:
    """Ctrl-C goes to the whole terminal; what becomes of the workers is the runner's decision."""
    (case,) = run("interrupt terminate", decide=lambda _, claim: signalled(claim.kind))
    assert answers(case) == ["proved", "crash"]
    crash = case.claims[1].crash
    assert isinstance(crash, Crash) and "SIGTERM" in crash.summary


def signalled(what: str) -> Decision:
    os.kill(os.getpid(), signal.SIGINT if what == "interrupt" else signal.SIGTERM)
    time.sleep(0.05)
    return PROVED
