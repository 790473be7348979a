"""Texts of case files as Markdown that shows them as they are."""

from __future__ import annotations

import re


def literal(text: str) -> str:
    """The text on one line; what Markdown or HTML could act on is written as a reference to the character."""
    return "".join(c if c.isalnum() or c in " ,;?'" else f"&#{ord(c)};" for c in " ".join(text.split()))


def block(text: str, language: str) -> str:
    """A fenced block; the fence is longer than any in the text."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"


def indented(text: str, by: int = 4) -> str:
    """The text within something else, such as a block that folds."""
    return "".join(" " * by + line if line.strip() else line for line in text.splitlines(keepends=True))
