"""Free data: what inverse design proposes is certified, and a theorem about all separable data is final."""

from __future__ import annotations

import time

import pytest

from tests.helpers.cases import make
from tests.search.found import rejudged
from verifier.checker.check import check
from verifier.search import free
from verifier.search.free import MISSING, FreeSearch, Wanted

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


def test_a_design_is_certified() -> None:
    pytest.importorskip("clarabel")
    case = make([[1], [2]], [1, -1], ONE, "quadratic")
    job = FreeSearch(case, Wanted("general", 1), deadline=time.monotonic() + 40)
    found = rejudged(next(job.run()))
    assert found.case.network == case.network and found.case.loss == case.loss
    assert found.case.data.dimension == 1
