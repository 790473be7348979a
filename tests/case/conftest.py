"""Case files for the tests: a good one in pieces, each of which a test may replace."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.case import Case, InputError, loads
from verifier.case.errors import describe

DATA = """
inputs = [[1, 0], ["1/2", -0.75], [-1, 0]]
labels = [1, 1, -1]
"""
NETWORK = """
kind = "single-layer"
activation = "relu"
width = 2
"""
LOSS = """
name = "hinge"
"""
POINT = """
a0 = 0
a  = [1, "-1/3"]
W  = [[0, 0], [0, 0]]
b  = [-1, -1]
"""
CLAIM = """
kind = "local-minimum"
"""


def text(
    data: str = DATA,
    network: str = NETWORK,
    loss: str = LOSS,
    point: str | None = POINT,
    claim: str | None = CLAIM,
    top: str = "",
    more: str = "",
) -> str:
    """A case file with the contents of its tables; `top` stands before them, `more` behind."""
    tables = [("data", data), ("network", network), ("loss", loss), ("point", point)]
    parts = ["schema = 1", 'title = "A case"', top]
    parts += [f"[{name}]\n{body}" for name, body in tables if body is not None]
    parts += [] if claim is None else [f"[[claim]]\n{claim}"]
    return "\n".join([*parts, more])


def refusal(case_text: str, path: str = "a.toml") -> str:
    """The key and the message with which a text is refused; always one line that begins with the path."""
    with pytest.raises(InputError) as caught:
        loads(case_text, path)
    line = str(caught.value)
    assert line.startswith(f"{path}: ") and line.isprintable()
    assert caught.value.message.startswith("expected ") and ", got " in caught.value.message
    return line.removeprefix(f"{path}: ")


def load_with(folder: Path, **parts: str | None) -> Case:
    """The case of a text whose data files lie in `folder`."""
    return loads(text(**parts), str(folder / "a.toml"))  # type: ignore[arg-type]


def refusal_with(folder: Path, **parts: str | None) -> str:
    return refusal(text(**parts), str(folder / "a.toml"))  # type: ignore[arg-type]


def short(value: object) -> str:
    """A value in the title of a test."""
    return describe(value)[:40]
