"""The theorems by name. A new theorem is one file of this folder and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from verifier.checker import fields
from verifier.checker.case import Case
from verifier.checker.errors import Rejected
from verifier.checker.theorems import separable
from verifier.checker.theorems.hypothesis import Hypothesis


@dataclass(frozen=True)
class Theorem:
    """A theorem whose conclusion excludes bad local minima.

    `applies` raises Rejected unless its node shows every hypothesis; `fails` raises Rejected unless its node shows that
    one hypothesis is false, and returns it. Both get the case and the node of the certificate without its "name".
    `no_minimum_at_all` says whether, where it applies, it excludes every local minimum.
    """

    applies: Callable[[Case, fields.Node], list[Hypothesis]]
    fails: Callable[[Case, fields.Node], Hypothesis]
    no_minimum_at_all: Callable[[Case], bool]


THEOREMS: Mapping[str, Theorem] = {
    "A": Theorem(separable.applies, separable.fails, separable.no_minimum_at_all),
}


def named(value: object, where: str) -> tuple[str, Theorem, fields.Node]:
    """The name in a node, the theorem of that name, and the rest of the node; raises Rejected."""
    node = dict(fields.node(value, where))
    name = node.pop("name", None)
    theorem = THEOREMS.get(name) if isinstance(name, str) else None
    if theorem is None:
        raise Rejected(where, f"expected one of the theorems {', '.join(THEOREMS)}, got {name!r:.40}")
    return str(name), theorem, node
