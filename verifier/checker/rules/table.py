"""The names of the rules. A new rule is one function in a file of this folder and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from verifier.checker import fields
from verifier.checker.analysis import Analysis
from verifier.checker.errors import Rejected
from verifier.checker.rules.bound import lower_bound
from verifier.checker.rules.conclusion import Minimum
from verifier.checker.rules.descent import Descent, descent
from verifier.checker.rules.dual import convex, dual, output_subspace
from verifier.checker.rules.flat import flat_curve, symmetry
from verifier.checker.rules.higher_order import higher_order
from verifier.checker.rules.strict import strict

T = TypeVar("T")

MINIMUM: Mapping[str, Callable[[Analysis, fields.Node], Minimum]] = {
    "strict": strict,
    "convex": convex,
    "output-subspace": output_subspace,
    "dual": dual,
    "higher-order": higher_order,
    "lower-bound": lower_bound,
}
DESCENT: Mapping[str, Callable[[Analysis, fields.Node], Descent]] = {
    "gradient": descent,
    "curvature": descent,
    "arc": descent,
}
FLAT: Mapping[str, Callable[[Analysis, fields.Node], None]] = {
    "flat-curve": flat_curve,
    "symmetry": symmetry,
}


def minimum(analysis: Analysis, value: object, where: str) -> Minimum:
    """The conclusion of a rule that shows a local minimum."""
    it = fields.node(value, where)
    return _named(MINIMUM, it, where)(analysis, it)


def descends(analysis: Analysis, value: object, where: str) -> Descent:
    """The conclusion of a rule that shows a descent."""
    it = fields.node(value, where)
    return _named(DESCENT, it, where)(analysis, it)


def require_flat(analysis: Analysis, value: object, where: str) -> None:
    """A rule shows that every neighbourhood holds another point with the same loss."""
    it = fields.node(value, where)
    _named(FLAT, it, where)(analysis, it)


def _named(table: Mapping[str, T], it: fields.Node, where: str) -> T:
    name = it.get("rule")
    found = table.get(name) if isinstance(name, str) else None
    if found is None:
        raise Rejected(where, f"expected one of the rules {', '.join(table)}, got {name!r:.40}")
    return found
