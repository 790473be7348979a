"""Theorem A: a separator, or weights that exclude one."""

from __future__ import annotations

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


def data(case: Case) -> Json:
    """The part of a node about the data: a separator, or the hypothesis that fails and Gordan weights.

    Irrational inputs are separated by what separates floats near them, where it does; else Declined.
    """
    rows = signed_rows(case)
    rational = [[v if isinstance(v, fmpq) else _near(v) for v in row] for row in rows]
    found = separator(rational)
    node: Json
    if isinstance(found, Separator):
        node = {"separator": texts(found.v)}
    else:
        node = {"hypothesis": SEPARABLE, "weights": texts(found.t)}
    if any(not isinstance(v, fmpq) for row in rows for v in row):
        try:
            _recheck(case, node)
        except (Rejected, Undecided):
            raise Declined("irrational-data", "no separator is found, and the inputs are irrational") from None
    return node


def _near(x: Exact) -> fmpq:
    numerator, denominator = nearest_float(x).as_integer_ratio()
    return fmpq(numerator, denominator)


def _recheck(case: Case, node: Json) -> None:
    if "separator" in node:
        require_separated(case, node["separator"])
    else:
        require_not_separated(case, node["weights"])
