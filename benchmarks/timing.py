"""Medians of wall-clock times, and tables of them."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

Row = Sequence[str]


def median(run: Callable[[], Any], repetitions: int) -> float:
    """The median wall-clock seconds of `repetitions` runs."""
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def process(arguments: Sequence[str], repetitions: int) -> float:
    """The median wall-clock seconds of `python ARGUMENTS` as a process of its own."""
    command = [sys.executable, *arguments]
    return median(lambda: subprocess.run(command, capture_output=True, check=False), repetitions)


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
