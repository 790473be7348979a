"""Text from strangers' files, shown to a terminal."""

from __future__ import annotations

import pytest

from verifier.output.text import counted, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, Ünïcode √ and [red]", "plain, Ünïcode √ and [red]"),
        ("two\nlines\tand\r\nmore", "two lines and more"),
        ("\x1b[2Jcleared", "\\x1b[2Jcleared"),
        ("right \u202eto left", "right \\u202eto left"),
        ("\x9b31m", "\\x9b31m"),
        ("half \udcff", "half \\udcff"),
        ("", ""),
    ],
)
def test_nothing_that_a_terminal_acts_on(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(text).isprintable()


def test_plural() -> None:
    assert [counted(number, "claim") for number in (0, 1, 2)] == ["0 claims", "1 claim", "2 claims"]
