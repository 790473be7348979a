"""Tables 2 and 3: whole processes. A small case against importing FLINT, and the library of cases."""

from __future__ import annotations

from pathlib import Path

from .timing import process, seconds, show

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "cases"
SMALL = (  # two claims; seven; twelve; six with a Hessian, for which NumPy is loaded
    ROOT / "docs" / "example.toml",
    *(CASES / "liang2018" / f"{name}.toml" for name in ("leaky-relu-xor", "dead-relu-hinge-p1", "logistic-exp-strict")),
)


def small_cases() -> None:
    """`verify CASE` as a process, and its ratio to `python -c "import flint"`."""
    floor = process(["-c", "import flint"], 7)
    rows = [("import flint", seconds(floor), "1.0")]
    rows.append(("verify --help", *_measured(["-m", "verifier", "--help"], floor)))
    rows += [(path.name, *_measured(["-m", "verifier", str(path)], floor)) for path in SMALL]
    show("A small case as a whole process (wall-clock time)", ("process", "median", "ratio"), rows)


def _measured(arguments: list[str], floor: float) -> tuple[str, str]:
    time = process(arguments, 11)
    return seconds(time), f"{time / floor:.1f}"


def library() -> None:
    """`verify cases`, once."""
    count = len(list(CASES.rglob("*.toml")))
    time = process(["-m", "verifier", "-q", str(CASES)], 1)
    row = ("verify cases", str(count), seconds(time))
    show("The library of cases (wall-clock time)", ("process", "cases", "time"), [row])
