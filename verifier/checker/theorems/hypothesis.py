"""Hypotheses of theorems: each is a named check with a verdict and a sentence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hypothesis:
    """holds: True or False if certified, None if open; `why` is the reason in one sentence."""

    name: str
    holds: bool | None
    why: str
