"""The closed construction: dead units and the best constant, for every loss with a formula; none where it fails."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq

from tests.helpers.cases import decision, make, verdict
from verifier.case.types import Case
from verifier.checker.analysis import Analysis, is_constant
from verifier.checker.number import is_zero
from verifier.model.translate import checker_case
from verifier.search.dead import dead_points
from verifier.verdict import Verdict


def net(activation: Any, loss: str | dict[str, Any], counts: tuple[int, int] = (2, 1), **network: Any) -> Case:
    return make([[1], [-1]], [1, -1], {"activation": activation, "width": 2, **network}, loss, multiplicity=counts)


LOSSES: list[str | dict[str, Any]] = [
    "quadratic",
    "hinge",
    "squared_hinge",
    "logistic",
    "exponential",
    {"name": "polynomial_hinge", "p": 2},
    {"name": "polynomial_hinge", "p": 3},
    {"name": "polynomial_hinge", "p": 5},
]


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("counts", [(2, 1), (1, 3)])
def test_a_bad_minimum_for_every_loss(loss: str | dict[str, Any], counts: tuple[int, int]) -> None:
    found = decision(net("relu", loss, counts), "bad-local-minimum-exists")
    assert (found.verdict, found.rule) == (Verdict.PROVED, "convex")
    assert found.training_error == str(fmpq(min(counts), sum(counts)))


@pytest.mark.parametrize("loss", ["quadratic", "squared_hinge", "logistic", "exponential"])
def test_the_first_constant_is_stationary(loss: str) -> None:
    case = net("relu", loss)
    theta = next(dead_points(case))
    analysis = Analysis(checker_case(case), theta)
    assert all(is_zero(v) for v in analysis.gradient)
    assert all(is_constant(analysis.local((0, 0, j), i)) for j in range(2) for i in range(2))


@pytest.mark.parametrize(
    "activation", ["relu", "hard_tanh", {"expr": "max(0, z)**3"}, {"expr": "max(0, z - 5)"}, {"expr": "min(0, z + 3)"}]
)
def test_flat_places_are_found(activation: Any) -> None:
    assert verdict(net(activation, "squared_hinge"), "bad-local-minimum-exists") == "proved"


@pytest.mark.parametrize("activation", ["leaky_relu", "softplus", "tanh", "quadratic", "elu", {"expr": "abs(z)"}])
def test_neurons_without_a_flat_place(activation: Any) -> None:
    assert list(dead_points(net(activation, "squared_hinge"))) == []


@pytest.mark.parametrize("missing", ["hidden_bias", "output_bias"])
def test_both_biases_are_needed(missing: str) -> None:
    assert list(dead_points(net("relu", "squared_hinge", **{missing: False}))) == []


def test_both_parts_of_a_shortcut_net_have_to_be_dead() -> None:
    deep = {"activation": "relu", "hidden": [2, 1]}
    assert verdict(net("relu", "squared_hinge", kind="shortcut", deep=deep), "bad-local-minimum-exists") == "proved"
    smooth = net("relu", "squared_hinge", kind="shortcut", deep={**deep, "activation": "tanh"})
    assert list(dead_points(smooth)) == []


def test_deep_nets() -> None:
    case = make(
        [[1], [-1]],
        [1, -1],
        {"kind": "feedforward", "activation": "relu", "hidden": [2, 3]},
        "logistic",
        multiplicity=[2, 1],
    )
    assert verdict(case, "bad-local-minimum-exists") == "proved"


def test_one_class_has_no_bad_constant() -> None:
    case = make([[1], [2]], [1, 1], {"activation": "relu", "width": 1}, "squared_hinge")
    assert verdict(case, "bad-local-minimum-exists") != "proved"


def test_targets_have_their_mean() -> None:
    case = make([[1], [2]], [1, 4], {"activation": "relu", "width": 1}, "quadratic", targets=True, multiplicity=[2, 1])
    (theta,) = dead_points(case)
    assert theta[0].a0 == 2
