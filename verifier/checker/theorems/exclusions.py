"""Further ways to exclude bad local minima, by name: certificates about one data set rather than named theorems.

A claim `theorem-applies` never ranges over them. A new one is one file of this folder and one line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from verifier.checker import fields
from verifier.checker.case import Case
from verifier.checker.errors import Rejected
from verifier.checker.patterns import tree as patterns
from verifier.checker.theorems import supports
from verifier.checker.theorems.hypothesis import Hypothesis


@dataclass(frozen=True)
class Exclusion:
    """`excludes` raises Rejected unless its node shows that no local minimum of the case has a misclassified sample; it
    returns the hypotheses, and in words what else the node shows. `no_slope`: it shows that l'(z_i) = 0 for all samples
    at every local minimum, so that there is none at all where l' > 0 everywhere.
    """

    excludes: Callable[[Case, fields.Node], tuple[list[Hypothesis], str]]
    no_slope: bool


EXCLUSIONS: Mapping[str, Exclusion] = {
    "supports": Exclusion(supports.excludes, no_slope=True),
    "patterns": Exclusion(patterns.excludes, no_slope=False),
}


def named(value: object, where: str) -> tuple[Exclusion, fields.Node]:
    """The exclusion named in a node, and the rest of the node; raises Rejected."""
    node = dict(fields.node(value, where))
    name = node.pop("name", None)
    exclusion = EXCLUSIONS.get(name) if isinstance(name, str) else None
    if exclusion is None:
        raise Rejected(where, f"expected one of {', '.join(EXCLUSIONS)}, got {name!r:.40}")
    return exclusion, node
