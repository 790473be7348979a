"""Tables 2 and 3: whole processes. A small case against importing FLINT, and the library of cases."""

from __future__ import annotations

from pathlib import Path

from .timing import process, seconds, show

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "cases"
SMALL = ("dead-relu-hinge-p1.toml", "leaky-relu-xor.toml", "logistic-exp-strict.toml")


def small_cases() -> None:
    """`verify CASE` as a process, and its ratio to `python -c "import flint"`."""
    floor = process(["-c", "import flint"], 7)
    rows = [("import flint", seconds(floor), "1.0")]
    rows.append(("verify --help", *_measured(["-m", "verifier", "--help"], floor)))
    for name in SMALL:
        for path in sorted(CASES.rglob(name)):
            rows.append((name, *_measured(["-m", "verifier", str(path)], floor)))
    show("A small case as a whole process (wall-clock time)", ("process", "median", "ratio"), rows)


def _measured(arguments: list[str], floor: float) -> tuple[str, str]:
    time = process(arguments, 5)
    return seconds(time), f"{time / floor:.1f}"


def library() -> None:
    """`verify cases`, once."""
    count = len(list(CASES.rglob("*.toml")))
    time = process(["-m", "verifier", "-q", str(CASES)], 1)
    row = ("verify cases", str(count), seconds(time))
    show("The library of cases (wall-clock time)", ("process", "cases", "time"), [row])
