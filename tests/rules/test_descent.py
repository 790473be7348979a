"""Rules gradient, curvature and arc: the first direction that the checker accepts, the simplest rule first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import fmpq

from tests.helpers.cases import DEAD, dead, make, problem
from verifier.case.types import Case
from verifier.checker.rules.descent import descent as accepted
from verifier.rules import descent
from verifier.rules.problem import Declined


def proposed(case: Case, **more: Any) -> dict[str, Any]:
    here = problem(case)
    node = descent.propose(here, **more)
    assert accepted(here.analysis, node).order == node["order"]
    return node


def single(activation: object, a0: object, a: object, w: object, b: object, loss: object = "quadratic") -> Case:
    point = {"a0": a0, "a": [a], "W": [[w]], "b": [b]}
    return make([[1], [2], [3]], [1, 1, -1], {"activation": activation, "width": 1}, loss, point)  # type: ignore[arg-type]


@pytest.mark.parametrize(("a0", "sign"), [("1/3 + 1e-40", "-1"), ("1/3 - 1e-40", "1")])
def test_a_gradient_of_ten_to_the_minus_forty(a0: str, sign: str) -> None:
    node = proposed(dead(point={**DEAD, "a0": a0}))
    assert (node["rule"], node["order"]) == ("gradient", 1)
    assert node["curve"] == [[sign, *["0"] * 6]]


def test_a_saturated_softplus_tail() -> None:
    """softplus'(-40) is 4e-18: in floats the loss does not move, the exact gradient is not 0."""
    case = single("softplus", "1/3", 1, 0, -40)
    assert proposed(case)["rule"] == "gradient"
    value = problem(case).objective.value
    assert value(np.array([1 / 3, 1, 0, -40])) == value(np.array([1 / 3, 1, 0, -60]))


@pytest.mark.parametrize(("a", "b"), [(1, 1), (-1, 3)])
def test_one_side_of_a_kink(a: int, b: int) -> None:
    """ReLU units that wake up on the side that pays."""
    case = single("relu", "1/3", a, -1 if a == 1 else 1, b if a == 1 else -b)
    assert proposed(case)["rule"] == "gradient"


@pytest.mark.parametrize("activation", ["softplus", "tanh", "exp"])
def test_curvature_at_zero_weights(activation: str) -> None:
    a0 = "1/3"
    node = proposed(single(activation, a0, 0, 0, 0))
    assert (node["rule"], node["order"]) == ("curvature", 2)


def test_arc_where_the_hessian_is_semidefinite() -> None:
    network = {"activation": "quadratic", "width": 1, "hidden_bias": False}
    point = {"a0": "1/3", "a": [0], "W": [[0]]}
    case = make([[2], [-1]], [1, -1], network, "squared_hinge", point, multiplicity=[2, 1])
    node = proposed(case)
    assert (node["rule"], node["order"]) == ("arc", 3)


def test_first_order_only() -> None:
    with pytest.raises(Declined) as caught:
        descent.propose(problem(single("softplus", "1/3", 0, 0, 0)), first_order=True)
    assert caught.value.code == "no-descent"


@pytest.mark.parametrize("loss", ["squared_hinge", "quadratic"])
def test_nothing_falls_from_a_minimum(loss: str) -> None:
    with pytest.raises(Declined) as caught:
        descent.propose(problem(dead(loss)))
    assert caught.value.code == "no-descent"


def test_an_eigenvalue_of_minus_ten_to_the_minus_thirty() -> None:
    decay = fmpq(8, 3) - fmpq(1, 10**30)
    point = {"a0": fmpq(2) / (6 + 3 * decay), "a": [0], "W": [[0]]}
    network = {"activation": "linear", "width": 1, "hidden_bias": False}
    loss = {"name": "squared_hinge", "weight_decay": decay}
    assert proposed(make([[1], [-2]], [1, -1], network, loss, point, multiplicity=[2, 1]))["rule"] == "curvature"
