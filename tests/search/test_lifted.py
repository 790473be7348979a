"""Lifting: the wider net computes the same function."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.cases import make
from verifier.checker.analysis import Analysis
from verifier.model.translate import checker_case, theta_of
from verifier.search.lifted import lifted, narrower

INPUTS = [[1, 2], [0, -1], [3, "1/2"]]
POINT: dict[str, Any] = {"a0": "1/3", "a": [2, -1], "W": [[1, 0], ["1/7", 5]], "b": [1, 2]}


@pytest.mark.parametrize("width", [3, 4, 6])
def test_the_same_function(width: int) -> None:
    case = make(INPUTS, [1, -1, 1], {"activation": "relu", "width": 2}, "quadratic", POINT)
    wide = checker_case(make(INPUTS, [1, -1, 1], {"activation": "relu", "width": width}, "quadratic"))
    assert case.point is not None
    outputs = list(Analysis(checker_case(case), theta_of(case.point)).outputs)
    points = list(lifted(theta_of(case.point), width))
    assert len(points) == 4  # two units, two splits
    for theta in points:
        assert list(Analysis(wide, theta).outputs) == outputs
        assert len(theta[0].a) == len(theta[0].W[0]) == len((theta[0].b or ((),))[0]) == width


def test_narrower() -> None:
    case = make(INPUTS, [1, -1, 1], {"activation": "tanh", "width": 4}, "quadratic")
    assert [it.network.main.hidden for it in narrower(case)] == [(1,), (2,), (3,)]
    wide = make(INPUTS, [1, -1, 1], {"activation": "tanh", "width": 1000}, "quadratic")
    assert [it.network.main.hidden for it in narrower(wide)] == [(1,), (2,), (3,)]
    assert all(it.data == case.data and it.loss == case.loss for it in narrower(case))
    deep = make(INPUTS, [1, -1, 1], {"kind": "feedforward", "activation": "tanh", "hidden": [3]}, "quadratic")
    assert list(narrower(deep)) == []
