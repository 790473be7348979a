"""Rules symmetry and flat-curve: the curve of equal loss that is found first."""

from __future__ import annotations

import pytest

from tests.helpers.cases import dead, make, problem, verdict
from verifier.case.types import Case
from verifier.checker.rules.flat import flat_curve, symmetry
from verifier.rules import flat
from verifier.rules.problem import Declined


def twins(a: list[int]) -> Case:
    network = {"activation": "tanh", "width": 2, "hidden_bias": False}
    return make([[1], [2]], [1, -1], network, "quadratic", {"a0": 0, "a": a, "W": [[1], [1]]})


def test_a_move_is_the_first_choice() -> None:
    here = problem(dead())
    node = flat.propose(here)
    assert node["rule"] == "symmetry"
    symmetry(here.analysis, node)


def test_equal_units_share_their_outgoing_weights() -> None:
    here = problem(twins([1, 2]))
    node = flat.propose(here)
    assert node == {"rule": "flat-curve", "curve": [["0", "1", "-1", "0", "0"]]}
    flat_curve(here.analysis, node)


def test_a_unit_without_outgoing_weight_moves_freely() -> None:
    network = {"activation": "tanh", "width": 1, "hidden_bias": False}
    here = problem(make([[1], [2]], [1, -1], network, "quadratic", {"a0": 0, "a": [0], "W": [[1]]}))
    node = flat.propose(here)
    assert node["rule"] == "flat-curve" and node["curve"][0][1] == "0" and node["curve"][0][2] != "0"
    flat_curve(here.analysis, node)


def test_an_isolated_point_has_none() -> None:
    network = {"activation": "exp", "width": 1, "hidden_bias": False}
    point = {"a0": "-3/2", "a": ["4/3"], "W": [["log(2)"]]}
    case = make([[-2], [-1], [0], [1]], [-1, -1, 1, 1], network, "quadratic", point, multiplicity=[28, 56, 5, 7])
    with pytest.raises(Declined) as caught:
        flat.propose(problem(case))
    assert caught.value.code == "no-flat-curve"
    assert verdict(case, strict=True) == "proved"
