"""The time that a claim may give to a search."""

from __future__ import annotations

import signal

import pytest

from verifier import worker
from verifier.rules.clock import GRACE, UNLIMITED, seconds


def test_without_an_alarm() -> None:
    assert seconds() == UNLIMITED


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no interval timers")
@pytest.mark.parametrize(("alarm", "expected"), [(GRACE + 40, 20.0), (GRACE / 2, 0.0)])
def test_half_of_what_an_alarm_leaves(alarm: float, expected: float) -> None:
    before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, alarm)
    try:
        assert seconds() == pytest.approx(expected, abs=0.5)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_the_grace_is_that_of_the_workers() -> None:
    assert GRACE == worker.GRACE
