"""The provers of the checker's further exclusions by name: one file each and one line here, as in the checker."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from verifier.checker.case import Case
from verifier.rules.problem import Json
from verifier.theorems import patterns, supports

# Each gives the node of a certificate that excludes every bad local minimum of the case, or raises Declined.
EXCLUDERS: Mapping[str, Callable[[Case], Json]] = {
    "supports": supports.propose,
    "patterns": patterns.propose,
}
