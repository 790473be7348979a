"""Rule lower-bound: nothing is searched, the checker compares."""

from __future__ import annotations

import pytest

from tests.helpers.cases import DEAD, dead, make, problem, verdict
from verifier.checker.errors import Rejected
from verifier.checker.rules.bound import lower_bound
from verifier.rules import bound

ONE_CLASS = {"a0": 1, "a": [1], "W": [[-1]], "b": [0]}


def test_one_class_at_its_margin() -> None:
    case = make([[1], [2]], [1, 1], {"activation": "relu", "width": 1}, "squared_hinge", ONE_CLASS)
    node = bound.propose(problem(case))
    assert node == {"rule": "lower-bound"}
    assert lower_bound(problem(case).analysis, node).everywhere
    assert verdict(case, "global-minimum", bad=False) == "proved"


@pytest.mark.parametrize("loss", ["squared_hinge", "logistic"])
def test_loss_above_its_bound(loss: str) -> None:
    case = dead(loss, point={**DEAD, "a0": 1})
    with pytest.raises(Rejected):
        lower_bound(problem(case).analysis, bound.propose(problem(case)))


def test_one_class_and_logistic_loss_has_no_minimum() -> None:
    case = make([[1], [2]], [1, 1], {"activation": "relu", "width": 1}, "logistic", ONE_CLASS)
    assert verdict(case) == "refuted"
