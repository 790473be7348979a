"""Numbers in the words below a figure."""

from __future__ import annotations


def word(x: float, digits: int = 4) -> str:
    """A rounded number in a sentence."""
    return f"{x:.{digits}g}".replace("-", "−")
