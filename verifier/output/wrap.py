"""Lines of the sub-commands' reports: wrapped to one width, with the indentation of the first and of the others."""

from __future__ import annotations

import textwrap

from verifier.output.text import printable

WIDTH = 80


def wrapped(text: str, first: str, rest: str) -> list[str]:
    """Lines of at most WIDTH characters, safe for a terminal; `first` and `rest` open the first and the other lines."""
    return textwrap.wrap(printable(text), WIDTH, initial_indent=first, subsequent_indent=rest)
