"""The theorems by name. A new theorem is one file of this folder and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from verifier.checker import fields
from verifier.checker.case import Case
from verifier.checker.errors import Rejected
from verifier.checker.theorems import exponential, separable, spans
from verifier.checker.theorems.hypothesis import Hypothesis


@dataclass(frozen=True)
class Theorem:
    """A theorem whose conclusion is that l'(z_i) = 0 for all samples at every local minimum, so none is bad.

    (Where l' > 0 everywhere, this means that no local minimum exists at all: `hypothesis.no_minimum_at_all`.)
    `structural` gives the hypotheses that the checker decides by itself. What is left is about the data and named by
    `data`, if there is anything; `shown` gives it if the node shows it, or raises Rejected. `applies` raises Rejected
    unless its node shows every hypothesis; `fails` raises Rejected unless its node shows that one hypothesis is false,
    and returns it. All three get the case and the node of the certificate without its "name".
    """

    structural: Callable[[Case], list[Hypothesis]]
    data: str | None
    shown: Callable[[Case, fields.Node], Hypothesis] | None
    applies: Callable[[Case, fields.Node], list[Hypothesis]]
    fails: Callable[[Case, fields.Node], Hypothesis]


THEOREMS: Mapping[str, Theorem] = {
    "A": Theorem(separable.structural, separable.SEPARABLE, separable.shown, separable.applies, separable.fails),
    "B": Theorem(spans.structural, spans.CONDITION, spans.shown, spans.applies, spans.fails),
    "C": Theorem(exponential.structural, None, None, exponential.applies, exponential.fails),
}


def named(value: object, where: str) -> tuple[str, Theorem, fields.Node]:
    """The name in a node, the theorem of that name, and the rest of the node; raises Rejected."""
    node = dict(fields.node(value, where))
    name = node.pop("name", None)
    theorem = THEOREMS.get(name) if isinstance(name, str) else None
    if theorem is None:
        raise Rejected(where, f"expected one of the theorems {', '.join(THEOREMS)}, got {name!r:.40}")
    return str(name), theorem, node
