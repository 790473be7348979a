"""Random small problems: what a search finds and what it excludes are never contradicted by anything else."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.cases import make, verdict
from tests.search.found import rejudged
from verifier.case.types import Case
from verifier.search.portfolio import search

LOSSES: list[Any] = ["squared_hinge", "logistic", {"name": "quadratic", "weight_decay": "1/20"}, "quadratic", "hinge"]
NEURONS = ["relu", "softplus", "tanh", "leaky_relu", "quadratic"]
STARTS = 12


@st.composite
def problems(draw: st.DrawFn) -> Case:
    """Two to four samples on the integers of a line or a plane."""
    dimension = draw(st.integers(1, 2))
    rows = draw(st.lists(st.lists(st.integers(-2, 2), min_size=dimension, max_size=dimension), min_size=2, max_size=4))
    labels = draw(st.lists(st.sampled_from([1, -1]), min_size=len(rows), max_size=len(rows)))
    network = {"activation": draw(st.sampled_from(NEURONS)), "width": draw(st.integers(1, 2))}
    network["hidden_bias"] = draw(st.booleans())
    return make(rows, labels, network, draw(st.sampled_from(LOSSES)))


@settings(max_examples=12, deadline=None)
@given(problems())
def test_what_is_found_holds_and_is_not_excluded(case: Case) -> None:
    job = search(case, starts=STARTS)
    results = [rejudged(found) for found in job.run()]
    if results:
        assert job.nothing is None
        assert verdict(case, "no-bad-local-minimum") != "proved"


@settings(max_examples=12, deadline=None)
@given(problems())
def test_where_nothing_exists_training_finds_nothing(case: Case) -> None:
    job = search(case, starts=STARTS)
    if list(job.run()) or job.nothing is None:
        return
    blind = search(case, starts=STARTS)
    blind.exclude = False
    assert list(blind.run()) == []
