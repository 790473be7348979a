"""Better points: the file's own, along a descent, by optimisation; what is no better is not given."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq

from tests.helpers.cases import DEAD, dead, decision, make, problem, verdict
from verifier.case.types import Case
from verifier.checker.network import unflatten
from verifier.rules import descent
from verifier.rules.problem import Declined
from verifier.search.better import better_point, is_better

GOOD = {"a0": 1, "a": [-2, 0], "W": [[1], [0]], "b": [-2, 0]}


def test_the_point_of_the_file_is_tried_first() -> None:
    here = problem(dead(better=GOOD))
    assert better_point(here) == here.checked.better


def test_a_point_of_the_file_that_is_no_better_is_passed_over() -> None:
    here = problem(dead(better=DEAD))
    found = better_point(here)
    assert found != here.checked.better
    assert is_better(here, found)


def test_a_point_along_a_descent() -> None:
    here = problem(dead(point={**DEAD, "a0": 0}))
    found = better_point(here, lambda: descent.propose(here))
    assert is_better(here, found)
    assert found[0].W == here.analysis.theta[0].W  # only a0 has moved


@pytest.mark.parametrize("loss", ["squared_hinge", "quadratic", "logistic"])
@pytest.mark.parametrize("activation", ["relu", "softplus", "tanh", "quadratic"])
def test_optimisation_finds_one_on_separable_data(activation: str, loss: str) -> None:
    """All outputs 0; every part of the net and of the loss has to run on floats for this."""
    point: dict[str, Any] = {"a0": 0, "a": [1, -1], "W": [[0], [0]], "b": [-1, -1]}
    here = problem(make([[1], [2], [3]], [1, 1, -1], {"activation": activation, "width": 2}, loss, point))
    assert is_better(here, better_point(here))


def test_equal_is_not_better() -> None:
    here = problem(dead())
    assert not is_better(here, unflatten(here.checked, here.theta))
    worse = (here.theta[0] + 1, *here.theta[1:])
    assert not is_better(here, unflatten(here.checked, worse))
    better = problem(dead(point=GOOD)).theta
    assert is_better(here, unflatten(here.checked, better))


def global_minimum() -> Case:
    network = {"activation": "quadratic", "width": 1, "hidden_bias": False}
    return make([[1], [-1]], [1, -1], network, "quadratic", {"a0": 0, "a": [0], "W": [[0]]})


def test_none_at_a_global_minimum() -> None:
    with pytest.raises(Declined) as caught:
        better_point(problem(global_minimum()))
    assert caught.value.code == "no-better-point"
    assert verdict(global_minimum(), "suboptimal") == "refuted"


def test_the_point_found_is_exact_and_in_the_certificate() -> None:
    found = decision(dead(), "suboptimal")
    assert found.certificate is not None
    texts = found.certificate["proof"]["better"]["a"]
    assert all(isinstance(fmpq(*map(int, t.split("/"))), fmpq) for t in texts)
