"""Rule lower-bound: nothing to find, only to be checked."""

from __future__ import annotations

from verifier.rules.problem import Json, Problem


def propose(problem: Problem) -> Json:
    """A proof node; the checker compares the loss with its lower bound."""
    return {"rule": "lower-bound"}
