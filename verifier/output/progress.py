"""A line on standard error that says how far a longer piece of work has got: on a terminal only, after two seconds."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self, TextIO, TypeVar

T = TypeVar("T")

PATIENCE = 2.0  # seconds without a bar
WIDTH = 24  # of the bar
FULL, EMPTY = "━", "─"
CLEAR = "\r\x1b[K"


class Progress:
    """``with Progress("cases", n) as progress: ... progress.advance()``; what else is printed calls `clear` first.

    `tick` is for whoever waits for one piece: it shows that time passes, and the words for what is being done.
    """

    def __init__(
        self,
        what: str,
        total: int,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what, self._total, self._done = what, total, 0
        self._stream = sys.stderr if stream is None else stream
        self._clock, self._start = clock, clock()
        self._visible = False
        self._wanted = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._colour = not os.environ.get("NO_COLOR")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def advance(self) -> None:
        """One more is done."""
        self._done += 1
        if self._total > 1:
            self._show("")

    def reach(self, done: int, words: str) -> None:
        """So many are done, and what is being done now."""
        self._done = min(done, self._total)
        self._show(words)

    def tick(self, words: str) -> None:
        """Nothing more is done, but still: the words, and the seconds since the start."""
        self._show(f"{words}, {self._clock() - self._start:.0f} s")

    def _show(self, words: str) -> None:
        if self._wanted and self._clock() - self._start >= PATIENCE:
            self._write(CLEAR + self._line(words))
            self._visible = True

    def clear(self) -> None:
        """Take the bar away, so that something else can be written."""
        if self._visible:
            self._write(CLEAR)
            self._visible = False

    def _line(self, more: str) -> str:
        """The bar of what is done (none for a single piece), how many that are, and what else is to be said."""
        room = shutil.get_terminal_size().columns - 1
        if self._total < 2:
            return more[:room]
        filled = WIDTH * self._done // self._total
        bar = FULL * filled + EMPTY * (WIDTH - filled)
        words = " ".join([f"{self._done} of {self._total} {self._what}{',' * bool(more)}", *([more] if more else [])])
        if len(bar) + 1 + len(words) > room:
            return words[:room]
        return (f"\x1b[36m{bar}\x1b[0m" if self._colour else bar) + " " + words

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def track(items: Iterable[T], what: str, total: int) -> Iterator[T]:
    """The items, with a bar that advances as each is done with."""
    with Progress(what, total) as progress:
        for item in items:
            yield item
            progress.advance()
