"""Exact strict minima of curved nets: samples chosen by a solver for short points, certified as they are."""

from __future__ import annotations

import math
import time
from itertools import islice

import pytest
from flint import fmpq

from tests.helpers.cases import make
from tests.search.found import rejudged
from verifier.search.curved import applies, curved
from verifier.search.smt.weighted import Candidate, weights

PARABOLA = {"activation": "quadratic", "width": 1}


def _candidate(gradient: list[int], hessian: list[list[int]], wrong: bool) -> Candidate:
    rows = tuple(tuple(map(fmpq, row)) for row in hessian)
    return Candidate(tuple(map(fmpq, gradient)), rows, wrong)


ZERO = [[0, 0], [0, 0]]
FIRST = _candidate([1, 0], [[2, 0], [0, -1]], True)
SECOND = _candidate([-1, 0], [[0, 0], [0, 3]], False)
SADDLE = [[0, 2], [2, 0]]


def test_two_samples_by_hand() -> None:
    """Equal weights: gradient 0, Hessian diag(2, 2)."""
    *_, last = weights([FIRST, SECOND], 2, 60)
    assert last == (1, 1)


def test_fewer_and_fewer() -> None:
    """Three thirds of the second would do, too, but two candidates are enough."""
    split = [_candidate([-1, 0], [[0, 0], [0, 3]], False)] * 3
    found = list(weights([FIRST, *split], 4, 60))
    counts = [sum(m > 0 for m in row) for row in found]
    assert counts == sorted(counts, reverse=True) and counts[-1] == 2


@pytest.mark.parametrize(
    "candidates",
    [
        [FIRST, _candidate([1, 0], [[5, 0], [0, 5]], False)],  # both slopes point the same way
        [FIRST, _candidate([-1, 0], ZERO, False)],  # a saddle
        [_candidate([1, 0], [[9, 0], [0, 9]], False), SECOND],  # nobody is misclassified
        [_candidate([1, 0], SADDLE, True), _candidate([-1, 0], [[1, 0], [0, 1]], False)],  # eigenvalues 3 and -1
    ],
)
def test_no_weights(candidates: list[Candidate]) -> None:
    assert list(weights(candidates, 2, 60)) == []


def test_the_number_of_samples_is_a_limit() -> None:
    third = _candidate([0, 1], [[1, 0], [0, 1]], False)
    needed = [_candidate([1, -1], [[1, 0], [0, 1]], True), _candidate([-1, 0], [[1, 0], [0, 1]], False), third]
    assert list(weights(needed, 3, 60)) == [(1, 1, 1)]
    assert list(weights(needed, 2, 60)) == []


def test_exact_strict_minima_of_a_parabola() -> None:
    """f = a0 + a (wx + b)^2 has three parameters modulo its scale; four samples are found, short numbers throughout."""
    case = make([[1], [2]], [1, -1], PARABOLA, "squared_hinge")
    assert applies(case)
    for found in islice(curved(case, "general", 1, 5, 0, time.monotonic() + 60), 2):
        assert rejudged(found).claim.near is None
        assert found.certificate["proof"]["minimum"]["rule"] == "strict"
        assert len(found.case.data.inputs) <= 5 and found.case.point is not None
        weights_ = found.case.point.main
        assert all(v.q <= 4 for v in (weights_.a0, *weights_.a, *weights_.W[0][0]))  # type: ignore[union-attr]


def test_the_same_seed_gives_the_same() -> None:
    case = make([[1], [2]], [1, -1], PARABOLA, "squared_hinge")

    def first(seed: int) -> str:
        return next(curved(case, "general", 1, 5, seed, time.monotonic() + 60)).text

    assert first(0) == first(0)


@pytest.mark.parametrize(
    ("network", "loss", "rational"),
    [
        ({"activation": {"expr": "max(0, z)**2"}, "width": 1}, "quadratic", True),
        ({"activation": "softplus", "width": 1}, "quadratic", False),
        (PARABOLA, "logistic", False),
        (PARABOLA, {"name": "quadratic", "weight_decay": 1}, False),
    ],
)
def test_what_it_is_for(network: dict[str, object], loss: str, rational: bool) -> None:
    assert applies(make([[1], [2]], [1, -1], network, loss)) is rational


def test_no_time_no_points() -> None:
    case = make([[1], [2]], [1, -1], PARABOLA, "squared_hinge")
    assert list(curved(case, "general", 1, 5, 0, -math.inf)) == []
