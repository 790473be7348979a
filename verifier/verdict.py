"""Verdicts, and what is said about one claim."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class Verdict(enum.Enum):
    """Three words that are never a truth value: `undecided` is not `refuted`."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNDECIDED = "undecided"

    def __bool__(self) -> bool:
        raise TypeError("a verdict is not a truth value; compare it with Verdict.PROVED")


@dataclass(frozen=True)
class Decision:
    """The verdict on one claim with everything that is reported about it.

    Numbers are texts (exact unless they are the ends of an enclosure); what does not apply is None.
    `certificate` is the JSON document that the checker accepted; it is None exactly when the verdict is undecided,
    and ValueError is raised otherwise: nothing is proved or refuted without one.
    """

    verdict: Verdict
    rule: str | None = None
    code: str | None = None
    reason: str = ""
    hint: str | None = None
    statement: str | None = None
    training_error: str | None = None
    ties: int | None = None
    loss: Mapping[str, str] | None = None
    strict: bool | None = None
    distance: str | None = None
    radius: str | None = None
    certificate: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.verdict is Verdict.UNDECIDED):
            having = "without" if self.certificate is None else "with"
            raise ValueError(f"the verdict {self.verdict.value!r} cannot be {having} a certificate")
