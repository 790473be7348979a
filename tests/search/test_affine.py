"""Affine collapse: the function is the best affine one, exactly, on one piece of the activation."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq

from tests.helpers.cases import make
from tests.search.found import rejudged
from verifier.case.types import Case
from verifier.checker.analysis import Analysis
from verifier.model.translate import checker_case
from verifier.search.affine import affine_points
from verifier.search.certify import certify_exact

LINE: list[Any] = [[[-1], [0], [1], [2]], [1, -1, 1, 1]]
ACTIVATIONS: list[Any] = ["linear", "relu", "elu", "hard_tanh", {"name": "leaky_relu", "slope": "1/10"}]
BENT = {"expr": "max(3*z - 1, -5)"}


def outputs(case: Case) -> list[Any]:
    """f at the samples, at the first point."""
    theta = next(affine_points(case))
    return list(Analysis(checker_case(case), theta).outputs)


@pytest.mark.parametrize("activation", [*ACTIVATIONS, BENT])
@pytest.mark.parametrize("network", [{"width": 1}, {"width": 3}, {"kind": "feedforward", "hidden": [2, 3, 1]}])
def test_the_least_squares_line(activation: Any, network: dict[str, Any]) -> None:
    """Through (-1, 1), (0, -1), (1, 1), (2, 1): 2/5 + x/5."""
    case = make(*LINE, {"activation": activation, **network}, "quadratic")
    assert outputs(case) == [fmpq(k, 5) for k in (1, 2, 3, 4)]


def test_multiplicities_count() -> None:
    """(0, -1) and twice (0, 1), beside (1, 1): 1/3 at 0, 1 at 1."""
    case = make([[0], [0], [1]], [-1, 1, 1], {"activation": "linear", "width": 1}, "quadratic", multiplicity=[1, 2, 1])
    assert outputs(case) == [fmpq(1, 3), fmpq(1, 3), 1]


def test_real_targets() -> None:
    case = make([[0], [1], [2]], [0, 3, 0], {"activation": "relu", "width": 2}, "quadratic", targets=True)
    assert outputs(case) == [1, 1, 1]


@pytest.mark.parametrize("loss", ["squared_hinge", "hinge", {"name": "polynomial_hinge", "p": 1}, "quadratic"])
@pytest.mark.parametrize("activation", [*ACTIVATIONS, BENT])
def test_it_is_a_bad_local_minimum(activation: Any, loss: Any) -> None:
    case = make(*LINE, {"activation": activation, "width": 2}, loss)
    found = certify_exact(case, next(affine_points(case)), "affine")
    assert found is not None
    assert rejudged(found).accepted.data["training_error"] == "1/4"


def test_constants_for_other_losses() -> None:
    """XOR with class weights 1 : 2 and a logistic loss: the best affine function is the constant log 2."""
    case = make(
        [[0, 0], [1, 1], [0, 1], [1, 0]],
        [-1, -1, 1, 1],
        {"activation": "leaky_relu", "width": 1},
        "logistic",
        multiplicity=[1, 1, 2, 2],
    )
    assert certify_exact(case, next(affine_points(case)), "affine") is not None


@pytest.mark.parametrize(
    "network",
    [
        {"activation": "softplus", "width": 1},
        {"activation": "relu", "width": 1, "hidden_bias": False},
        {"activation": "relu", "width": 1, "output_bias": False},
        {"kind": "shortcut", "activation": "relu", "width": 1, "deep": {"activation": "relu", "hidden": [1]}},
    ],
)
def test_where_there_is_none(network: dict[str, Any]) -> None:
    assert list(affine_points(make(*LINE, network, "quadratic"))) == []


def test_irrational_inputs_are_left_alone() -> None:
    assert list(affine_points(make([["sqrt(2)"], [1]], [1, -1], {"activation": "relu", "width": 1}, "quadratic"))) == []
