"""Constant outputs, where the data allow nothing better."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.cases import make
from tests.search.found import rejudged
from verifier.checker.analysis import Analysis
from verifier.model.translate import checker_case
from verifier.search.certify import certify_exact
from verifier.search.constant import constant_points

MIRRORED: list[Any] = [[[1, 0], [-1, 0], [0, 1], [0, -1]], [1, 1, -1, -1]]


@pytest.mark.parametrize("loss", ["quadratic", "logistic", "exponential", "squared_hinge"])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "arctan"])
def test_mirror_images_and_odd_neurons(activation: str, loss: str) -> None:
    case = make(
        *MIRRORED, {"activation": activation, "width": 2, "hidden_bias": False}, loss, multiplicity=[2, 2, 1, 1]
    )
    results = [certify_exact(case, theta, "constant") for theta in constant_points(case)]
    found = next(f for f in results if f is not None)
    assert rejudged(found).accepted.data["training_error"] == "1/3"


def test_the_output_is_the_same_constant_in_every_net() -> None:
    """Whatever the units give at 0."""
    for network in (
        {"activation": "sigmoid", "width": 3},
        {"activation": {"expr": "z + 5"}, "width": 2, "hidden_bias": False},
        {"kind": "feedforward", "activation": "relu", "hidden": [2, 1]},
        {"kind": "shortcut", "activation": "relu", "width": 1, "deep": {"activation": "tanh", "hidden": [2]}},
    ):
        case = make([[1], [2], [3], [4]], [1, 1, 1, -1], network, "quadratic")
        for theta in constant_points(case):
            outputs = list(Analysis(checker_case(case), theta).outputs)
            assert len({str(v) for v in outputs}) == 1


def test_none_without_an_output_bias() -> None:
    case = make([[1]], [1], {"activation": "tanh", "width": 1, "output_bias": False}, "quadratic")
    assert list(constant_points(case)) == []
