"""The bar: on a terminal only, not before two seconds, gone before anything else is written."""

from __future__ import annotations

import io

import pytest

from verifier.output.progress import CLEAR, EMPTY, FULL, PATIENCE, Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def written(stream: io.StringIO, clock: Clock, total: int = 4) -> str:
    with Progress("cases", total, stream, clock) as progress:
        progress.advance()
        clock.now = PATIENCE
        progress.advance()
    return stream.getvalue()


def test_it_comes_after_two_seconds_and_goes_at_the_end(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    text = written(Terminal(), clock)
    assert text.count(CLEAR) == 2
    assert text.endswith(CLEAR)
    assert "2 of 4 cases" in text
    assert "1 of 4" not in text
    assert "\x1b[36m" not in text


def test_colours_respect_no_color(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert f"\x1b[36m{FULL}" in written(Terminal(), clock)


def test_nothing_without_a_terminal(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert written(io.StringIO(), clock) == ""


@pytest.mark.parametrize(("total", "line"), [(4, "1 of 4 cases, a.toml, 7 s"), (1, "a.toml, 7 s")])
def test_who_waits_sees_that_time_passes(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, total: int, line: str
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    with Progress("cases", total, stream, clock) as progress:
        progress.advance()
        progress.tick("too early")
        clock.now = 7.4
        progress.tick("a.toml")
    shown = stream.getvalue().split(CLEAR)
    assert [words.lstrip(f"{FULL}{EMPTY} ") for words in shown] == ["", line, ""]


@pytest.mark.parametrize(("name", "total"), [("dumb", 4), ("xterm", 1)])
def test_nothing_on_a_dumb_terminal_or_for_one_piece(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, name: str, total: int
) -> None:
    monkeypatch.setenv("TERM", name)
    assert written(Terminal(), clock, total) == ""


def test_a_narrow_terminal_is_not_wrapped(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "20")
    lines = written(Terminal(), clock).split(CLEAR)
    assert max(map(len, lines)) < 20
