"""Theorem A: a separator, or the hypothesis that fails."""

from __future__ import annotations

from flint import fmpq

from verifier.arithmetic.separation import Separator, separator
from verifier.checker.case import Case
from verifier.checker.number import Exact
from verifier.checker.theorems.separable import SEPARABLE, signed_rows, structural
from verifier.rules.problem import Declined, Json, texts


def propose(case: Case) -> Json:
    """The node that shows theorem A to apply, or Declined with the first hypothesis that does not hold."""
    for hypothesis in structural(case):
        if hypothesis.holds is not True:
            code = "hypothesis-fails" if hypothesis.holds is False else "hypothesis-open"
            raise Declined(code, f"theorem A: {hypothesis.name}: {hypothesis.why}")
    found = separator(_rational_rows(case))
    if not isinstance(found, Separator):
        raise Declined("hypothesis-fails", "theorem A: the data are not linearly separable")
    return {"name": "A", "separator": texts(found.v)}


def refute(case: Case) -> Json:
    """The node that shows a hypothesis of theorem A to fail, or Declined."""
    for hypothesis in structural(case):
        if hypothesis.holds is False:
            return {"name": "A", "hypothesis": hypothesis.name}
    found = separator(_rational_rows(case))
    if isinstance(found, Separator):
        raise Declined("hypothesis-open", "theorem A: no hypothesis is known to fail")
    return {"name": "A", "hypothesis": SEPARABLE, "weights": texts(found.t)}


def _rational_rows(case: Case) -> list[tuple[Exact, ...]]:
    rows = signed_rows(case)
    if not all(isinstance(v, fmpq) for row in rows for v in row):
        raise Declined("irrational-data", "theorem A: separability is decided for rational inputs only")
    return rows
