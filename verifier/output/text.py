"""Text from strangers' files, made safe for a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """The same text on one line: white space becomes a blank, and what a terminal could act on is escaped."""
    if text.isprintable():
        return text
    text = " ".join(text.split())
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def counted(number: int, noun: str) -> str:
    """ "1 claim", "2 claims" """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
