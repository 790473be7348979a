"""What a rule about a minimum concludes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Minimum:
    """The point is a local minimum of L; strict: known to be a strict one; everywhere: a global minimum."""

    strict: bool = False
    everywhere: bool = False
