"""Medians of times, and tables of them. Work inside this process is measured in CPU time (one thread), which a busy
machine does not change much; whole processes in wall-clock time."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

Row = Sequence[str]


def median(run: Callable[[], Any], repetitions: int, clock: Callable[[], float] = time.process_time) -> float:
    """The median seconds of `repetitions` runs by a clock."""
    times = []
    for _ in range(repetitions):
        start = clock()
        run()
        times.append(clock() - start)
    return statistics.median(times)


def together(runs: Sequence[tuple[Callable[[], Any], int]], repetitions: int) -> list[float]:
    """The median CPU seconds of each run, so many in a row, in turns: a slow minute is one for all."""
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(repetitions):
        for found, (run, count) in zip(times, runs, strict=True):
            found.append(median(run, count))
    return list(map(statistics.median, times))


def process(arguments: Sequence[str], repetitions: int) -> float:
    """The median wall-clock seconds of `python ARGUMENTS` as a process of its own."""
    command = [sys.executable, *arguments]
    return median(lambda: subprocess.run(command, capture_output=True, check=False), repetitions, time.perf_counter)


def seconds(value: float | None) -> str:
    """Three significant digits; a dash for what was not measured."""
    if value is None:
        return "-"
    return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"


def show(title: str, header: Row, rows: Sequence[Row]) -> None:
    """Print a table with right-aligned columns, the first one left-aligned."""
    widths = [max(len(row[k]) for row in (header, *rows)) for k in range(len(header))]
    print(f"\n{title}\n")
    for row in (header, ["-" * w for w in widths], *rows):
        first, *others = zip(row, widths, strict=True)
        print("  " + "  ".join([first[0].ljust(first[1]), *(cell.rjust(w) for cell, w in others)]))
