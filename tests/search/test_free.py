"""Free data: what inverse design proposes is certified, and a theorem about all separable data is final."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.helpers.cases import dead, decision, make
from tests.search.found import rejudged
from verifier.checker.check import check
from verifier.search import free
from verifier.search.free import MISSING, FreeSearch, Wanted
from verifier.search.kinds import DataKind
from verifier.search.live import is_live

ONE = {"activation": "softplus", "width": 1}


def test_theorem_a_speaks_of_all_separable_data() -> None:
    job = FreeSearch(make([[1], [2]], [1, -1], ONE, "logistic"), Wanted("separable", 1))
    assert list(job.run()) == []
    assert job.nothing is not None and job.nothing.rule == "theorem A"
    assert check(job.nothing.certificate).verdict == "proved"
    assert job.tried == ["theorem A"]


def test_without_the_extra_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(free, "available", lambda: False)
    job = FreeSearch(make([[1], [2]], [1, -1], ONE, "logistic"), Wanted("general", 1))
    assert list(job.run()) == [] and job.nothing is None
    assert job.tried == [MISSING]


def test_the_point_of_the_case_is_not_looked_at() -> None:
    """The net of the README's example, in another dimension."""
    job = FreeSearch(dead(), Wanted("separable", 2, samples=3, live=True), deadline=time.monotonic() + 120)
    found = rejudged(next(job.run()))
    assert (len(found.case.data.inputs), found.case.data.dimension) == (3, 2)
    assert found.case.network == dead().network and is_live(found)
    assert job.tried[-1] == "SMT, 3 samples in dimension 2, 2 units"


def test_fewest_samples_then_lowest_dimension_then_fewest_units() -> None:
    job = FreeSearch(dead(), Wanted("general", 2, live=True, smallest=True), deadline=time.monotonic() + 120)
    found = rejudged(next(job.run()))
    size = (len(found.case.data.inputs), found.case.data.dimension, found.case.network.main.hidden[0])
    assert size == (3, 1, 1)
    assert [words for words in job.tried if words.startswith("SMT")] == [
        *(f"SMT, 2 samples in dimension {d}, {units}" for d in (1, 2) for units in ("1 unit", "2 units")),
        "SMT, 3 samples in dimension 1, 1 unit",
    ]
    shorter = job.shorter(found)
    assert shorter is not None
    last = [rejudged(less) for less in shorter][-1]
    assert sum(last.case.data.multiplicity) == 3 and is_live(last)
    numbers = [v for x in last.case.data.inputs for v in x]
    assert max(abs(v) for v in numbers) == 1  # type: ignore[type-var]


def test_time_that_is_over_leaves_nothing() -> None:
    job = FreeSearch(dead(), Wanted("general", 1), deadline=time.monotonic() - 1)
    assert list(job.run()) == []
    assert job.nothing is None


def test_a_design_is_certified() -> None:
    pytest.importorskip("clarabel")
    case = make([[1], [2]], [1, -1], ONE, "quadratic")
    job = FreeSearch(case, Wanted("general", 1), deadline=time.monotonic() + 40)
    found = rejudged(next(job.run()))
    assert found.case.network == case.network and found.case.loss == case.loss
    assert found.case.data.dimension == 1


# -- the rows of docs/theory.md that training does not reach, from scratch ---------------------------------------------

CUBIC = {"name": "polynomial_hinge", "p": 2}
DEEP = {"kind": "feedforward", "hidden": [1, 2]}
ROWS: dict[str, tuple[dict[str, Any], DataKind, int]] = {  # net, data, seed
    "deep softplus without shortcut, separable": ({"activation": "softplus", **DEEP}, "separable", 0),
    "deep exp without shortcut, separable": ({"activation": "exp", **DEEP, "hidden_bias": False}, "separable", 1),
    "one softplus neuron, two lines": ({"activation": "softplus", "width": 1}, "subspaces", 2),
    "two softplus neurons, two lines": ({"activation": "softplus", "width": 2}, "subspaces", 0),
}


@pytest.mark.slow
@pytest.mark.parametrize("row", list(ROWS))
def test_a_counterexample_by_inverse_design(row: str) -> None:
    pytest.importorskip("clarabel")
    network, kind, seed = ROWS[row]
    case = make([[1, 0], [0, 1]], [1, -1], network, CUBIC)
    found = rejudged(next(FreeSearch(case, Wanted(kind, 2), seed, time.monotonic() + 300).run()))
    assert found.claim.strict is True and found.accepted.data["ties"] == 0
    assert found.case.network == case.network and found.case.loss == case.loss
    theorem = {"separable": "A", "subspaces": "B"}[kind]
    hypotheses = decision(found.case, "theorem-applies", theorem=theorem)
    assert hypotheses.verdict.value == "refuted"
    assert MISSING_CONDITION[kind] in hypotheses.reason


MISSING_CONDITION = {"separable": "2 hidden layers", "subspaces": "condition (B)"}
