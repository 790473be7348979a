"""Rules convex, output-subspace and dual: the node for each shape, and the reason where there is none."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq

from tests.helpers.cases import DEAD, dead, decision, make, problem, verdict
from verifier.case.types import Case
from verifier.rules.dual import propose_convex, propose_dual, propose_output_subspace
from verifier.rules.problem import Declined

LINE = [[1], [2], [3]]
LABELS = [1, 1, -1]


def declined(propose: Any, case: Case) -> Declined:
    with pytest.raises(Declined) as caught:
        propose(problem(case))
    return caught.value


def one_unit(activation: Any, a: object, w: object, b: object, loss: str = "squared_hinge", a0: object = "1/3") -> Case:
    point = {"a0": a0, "a": [a], "W": [[w]], "b": [b]}
    return make(LINE, LABELS, {"activation": activation, "width": 1}, loss, point)


# -- convex ------------------------------------------------------------------------------------------------------------


def test_dead_units_by_their_pattern() -> None:
    assert propose_convex(problem(dead())) == {"rule": "convex", "subgradients": {}, "parts": [{"by": "pattern"}]}


def test_multipliers_on_the_kink_of_the_hinge() -> None:
    """Two positive samples on the kink against one negative one of slope 1: the multipliers sum to 1."""
    node = propose_convex(problem(dead("hinge", point={**DEAD, "a0": 1})))
    values = [fmpq(*map(int, v.split("/"))) if "/" in v else fmpq(int(v)) for v in node["subgradients"].values()]
    assert set(node["subgradients"]) == {"0", "1"}
    assert sum(values, fmpq(0)) == 1 and all(0 <= v <= 1 for v in values)


@pytest.mark.parametrize("a0", ["1/2", -1, 2])
def test_no_multipliers_off_the_minimum(a0: object) -> None:
    case = dead("hinge", point={**DEAD, "a0": a0})
    assert declined(propose_convex, case).code == "not-in-subdifferential"
    assert verdict(case) == "refuted"


@pytest.mark.parametrize("a0", [0, 1])
def test_a_piecewise_linear_loss_of_the_user(a0: object) -> None:
    """max(0, 1+z) + max(0, z): any constant in [0, 1] is best for two against one."""
    case = dead({"expr": "max(0, 1 + z) + max(0, z)"}, point={**DEAD, "a0": a0})
    assert propose_convex(problem(case))["rule"] == "convex"
    assert verdict(case) == "proved"


def test_a_polynomial_loss_of_the_user() -> None:
    case = dead({"expr": "(1 + z)**4 + (1 + z)**2"}, point={**DEAD, "a0": 0}, multiplicity=[1, 1, 2])
    assert verdict(case) == "proved"


def test_a_loss_that_is_convex_only_here() -> None:
    """A double well, tilted: the higher well is a local minimum, and the global rules must not call it more."""
    loss = {"expr": "z**4/4 - z**2/2 - 1395/4096*z"}
    case = dead(loss, point={**DEAD, "a0": "15/16"})
    assert decision(case).rule == "convex"
    network = {"activation": "quadratic", "width": 1, "hidden_bias": False}
    point = {"a0": "15/16", "a": [0], "W": [[0]]}
    even = make([[1], [-1]], [1, -1], network, loss, point, multiplicity=[2, 1])
    assert verdict(even) == "proved"
    assert verdict(even, "global-minimum") == "refuted"
    lower = dead(loss, point={**DEAD, "a0": 0})
    assert verdict(lower) == "refuted"


def test_a_concave_loss_is_not_proved() -> None:
    case = dead({"expr": "-z**2"}, point={**DEAD, "a0": 0})
    assert verdict(case) == "refuted"


# -- output-subspace ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("activation", "identity"),
    [("quadratic", "polynomial"), ({"expr": "abs(z)"}, "even"), ("tanh", "mirror"), ("sigmoid", "mirror")],
)
def test_identity_for_all_parameters(activation: Any, identity: str) -> None:
    even = activation not in ("tanh", "sigmoid")
    labels = [1, -1] if even else [1, 1, -1, -1]
    inputs = [[1, 1], [-1, -1]] if even else [[1, 0], [-1, 0], [0, 1], [0, -1]]
    counts = [2, 1] if even else [2, 2, 1, 1]
    network = {"activation": activation, "width": 2, "hidden_bias": False}
    point = {"a0": "1/3", "a": [1, -1], "W": [[1, 2], [1, 2]]}
    case = make(inputs, labels, network, "squared_hinge", point, multiplicity=counts)
    assert propose_output_subspace(problem(case))["parts"] == [{"by": identity}]
    assert verdict(case, "global-minimum", bad=True) == "proved"


def test_no_identity_for_relu() -> None:
    assert declined(propose_output_subspace, dead()).code == "not-in-subdifferential"


# -- dual --------------------------------------------------------------------------------------------------------------


def test_definite_unit() -> None:
    """Quadratic units at rest with the sign that costs."""
    point = {"a0": "1/3", "a": [-1, -2], "W": [[0], [0]]}
    network = {"activation": "quadratic", "width": 2, "hidden_bias": False}
    case = make([[2], [-1]], [1, -1], network, "squared_hinge", point, multiplicity=[2, 1])
    entry = propose_dual(problem(case))["parts"][0]
    assert entry["by"] == "units" and [unit["shape"] for unit in entry["units"]] == ["definite", "definite"]
    assert verdict(case) == "proved"


@pytest.mark.parametrize("outgoing", [[0, -2], [0, 0]])
def test_an_outgoing_weight_of_zero_is_essential(outgoing: list[int]) -> None:
    """With a_j = 0 the sign of a_j is free: a saddle that the rule must not prove."""
    point = {"a0": "1/3", "a": outgoing, "W": [[0], [0]]}
    network = {"activation": "quadratic", "width": 2, "hidden_bias": False}
    case = make([[2], [-1]], [1, -1], network, "squared_hinge", point, multiplicity=[2, 1])
    assert declined(propose_dual, case).code == "outgoing-weight-zero"
    assert verdict(case) == "refuted"


def test_exponential_unit_with_a_bias_is_judged_without_it() -> None:
    network = {"activation": "exp", "width": 1}
    point = {"a0": "-3/2", "a": ["4/3"], "W": [["log(2)"]], "b": [0]}
    case = make([[-2], [-1], [0], [1]], [-1, -1, 1, 1], network, "quadratic", point, multiplicity=[28, 56, 5, 7])
    (unit,) = propose_dual(problem(case))["parts"][0]["units"]
    assert unit["shape"] == "definite"
    assert verdict(case, bad=True) == "proved"


@pytest.mark.parametrize(("a", "w", "b"), [(1, 1, -3), (-1, -1, 1)])
def test_unit_on_its_kink(a: int, w: int, b: int) -> None:
    """ReLU at 0 on one extreme sample: it can only wake up there, on the side that costs."""
    case = one_unit("relu", a, w, b)
    (unit,) = propose_dual(problem(case))["parts"][0]["units"]
    assert unit["shape"] == "kink" and len(unit["multipliers" if "multipliers" in unit else "cells"]) >= 1
    assert verdict(case, bad=True) == "proved"
    assert verdict(one_unit("relu", -a, w, b)) == "refuted"


ABSOLUTE = {"activation": {"expr": "abs(z)"}, "width": 1, "hidden_bias": False}


def resting(inputs: list[list[int]], targets: list[int]) -> Case:
    """One unit |w.x| at w = 0 on its kink at every sample, f = 0: phi(w) = -(2/3) sum t_i |w.x_i|."""
    point = {"a0": 0, "a": [1], "W": [[0] * len(inputs[0])]}
    return make(inputs, targets, ABSOLUTE, "quadratic", point, targets=True)


def test_parallel_kinks_are_merged() -> None:
    """phi = (2/3) (6 - 1 - 1) |w|."""
    (unit,) = propose_dual(problem(resting([[3], [1], [-1]], [-2, 1, 1])))["parts"][0]["units"]
    assert unit == {"shape": "kink", "multipliers": ["0"]}
    assert verdict(resting([[3], [1], [-1]], [-2, 1, 1])) == "proved"


def test_a_kink_that_bends_down_needs_cells() -> None:
    """2|u| + 2|v| - 2|u + v| is never negative, although it bends down across u + v = 0."""
    case = resting([[2, 0], [0, 2], [1, 1]], [-1, -1, 2])
    (unit,) = propose_dual(problem(case))["parts"][0]["units"]
    assert unit["shape"] == "kink" and len(unit["cells"]) == 8
    assert verdict(case) == "proved"


@pytest.mark.parametrize("inputs", [[[1, 0], [0, 1], [1, 1]], [[3, 1], [1, 2], [-1, 1]]])
def test_a_kink_along_which_the_loss_falls(inputs: list[list[int]]) -> None:
    case = resting(inputs, [-1, -1, 2])
    assert declined(propose_dual, case).code == "kink"
    assert verdict(case) == "refuted"


def test_deep_nets_have_no_units_to_judge() -> None:
    network = {"kind": "feedforward", "activation": "tanh", "hidden": [1, 1], "hidden_bias": False}
    case = make([[1], [-1]], [1, -1], network, "quadratic", {"a0": 0, "a": [1], "W": [[[0]], [[0]]]})
    assert declined(propose_dual, case).code == "not-in-subdifferential"
    assert verdict(case) == "refuted"


def test_decay_on_weights_that_are_not_zero_is_not_for_these_rules() -> None:
    case = dead({"name": "squared_hinge", "weight_decay": "1/10"})
    assert decision(case).rule == "gradient"
