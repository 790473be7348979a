"""Theorem A: a separator, or weights that exclude one."""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq

from verifier.arithmetic.convert import nearest_float
from verifier.arithmetic.separation import Separator, separator
from verifier.checker.case import Case
from verifier.checker.errors import Rejected
from verifier.checker.number import Exact, Undecided
from verifier.checker.theorems.separable import (
    SEPARABLE,
    require_not_separated,
    require_separated,
    signed_rows,
)
from verifier.rules.problem import Declined, Json, texts

GRID = 10**12


def data(case: Case) -> Json:
    """The part of a node about the data: a separator, or the hypothesis that fails and Gordan weights.

    For irrational inputs what is found for rationals near them is tried, and Declined raised if it does not carry over.
    """
    rows = signed_rows(case)
    if all(isinstance(v, fmpq) for row in rows for v in row):
        return _node(rows)
    for near in (_on_a_grid, _as_float):
        try:
            node = _node([[v if isinstance(v, fmpq) else near(v) for v in row] for row in rows])
            _recheck(case, node)
        except (Rejected, Undecided, OverflowError):  # the last where a number is beyond the floats
            continue
        return node
    raise Declined("irrational-data", "neither a separator nor weights against one are found for irrational inputs")


def _node(rows: Sequence[Sequence[Exact]]) -> Json:
    found = separator(rows)
    if isinstance(found, Separator):
        return {"separator": texts(found.v)}
    return {"hypothesis": SEPARABLE, "weights": texts(found.t)}


def _on_a_grid(x: Exact) -> fmpq:
    """To twelve decimals: x, x + 1 and x + 2 become as equidistant as they are."""
    return fmpq(round(nearest_float(x) * GRID), GRID)


def _as_float(x: Exact) -> fmpq:
    """The nearest float: relatively precise, for numbers of any size."""
    numerator, denominator = nearest_float(x).as_integer_ratio()
    return fmpq(numerator, denominator)


def _recheck(case: Case, node: Json) -> None:
    if "separator" in node:
        require_separated(case, node["separator"])
    else:
        require_not_separated(case, node["weights"])
