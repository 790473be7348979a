"""Random small problems: what a search finds and what it excludes are never contradicted by anything else."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.cases import make, verdict
from tests.search.found import rejudged
from verifier.arithmetic.separation import Separator, separator
from verifier.case.types import Case
from verifier.search.free import FreeSearch, Wanted
from verifier.search.kinds import KINDS
from verifier.search.live import is_live
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


@settings(max_examples=8, deadline=None)
@given(
    st.sampled_from(["relu", "leaky_relu", "linear", {"expr": "abs(z)"}]),
    st.sampled_from(["squared_hinge", "quadratic", "hinge"]),
    st.sampled_from(KINDS),
    st.integers(2, 4),
    st.booleans(),
)
def test_data_that_a_search_chooses_are_as_wanted_and_not_excluded(
    neuron: Any, loss: str, kind: Any, samples: int, live: bool
) -> None:
    """Whatever the solver finds is a minimum, of the kind and size asked for; theorem A is never contradicted."""
    case = make([[0, 0], [1, 1]], [1, -1], {"activation": neuron, "width": 1}, loss)
    job = FreeSearch(case, Wanted(kind, 2, samples, live), deadline=time.monotonic() + 20)
    found = next(job._solved(), None)
    if found is None:
        return
    assert len(rejudged(found).case.data.inputs) == samples
    assert is_live(found) or not live
    bare = replace(found.case, point=None, claims=())
    assert verdict(bare, "no-bad-local-minimum") != "proved"
    if kind == "separable":
        rows = [[fmpq(y), *(y * v for v in x)] for x, y in zip(bare.data.inputs, bare.data.labels or (), strict=True)]
        assert isinstance(separator(rows), Separator)
