"""Theorem A: a separator where there is one, else Gordan weights or the first hypothesis that fails."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq

from tests.helpers.cases import decision, make, verdict
from verifier.checker.case import Case as Checked
from verifier.checker.theorems.separable import SEPARABLE, require_not_separated, require_separated
from verifier.model.translate import checker_case
from verifier.rules.problem import Declined
from verifier.theorems.separable import data
from verifier.theorems.table import PROVERS

XOR = ([[1, 1], [-1, -1], [1, -1], [-1, 1]], [1, 1, -1, -1])
PLANE = ([[2, 0], [0, 2], [-1, -1]], [1, 1, -1])


def case(sample: Any = PLANE, activation: Any = "softplus", loss: Any = "squared_hinge", **network: Any) -> Checked:
    return checker_case(make(*sample, {"activation": activation, "width": 1, **network}, loss))


def test_a_separator_is_short_and_separates() -> None:
    node = PROVERS["A"].propose(case())
    assert node["name"] == "A"
    require_separated(case(), node["separator"])
    assert all("/" not in v for v in node["separator"])


def test_xor_has_gordan_weights() -> None:
    node = PROVERS["A"].refute(case(XOR))
    assert node == {"name": "A", "hypothesis": SEPARABLE, "weights": ["1", "1", "1", "1"]}
    require_not_separated(case(XOR), node["weights"])
    with pytest.raises(Declined) as caught:
        PROVERS["A"].propose(case(XOR))
    assert caught.value.code == "hypothesis-fails"


def test_nothing_to_refute() -> None:
    with pytest.raises(Declined) as caught:
        PROVERS["A"].refute(case())
    assert caught.value.code == "no-hypothesis-fails"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"activation": "relu"}, "increasing neuron"),
        ({"activation": "quadratic"}, "increasing neuron"),
        ({"loss": "hinge"}, "loss"),
        ({"loss": "quadratic"}, "loss"),
        ({"loss": {"name": "squared_hinge", "weight_decay": 1}}, "no weight decay"),
    ],
)
def test_the_hypothesis_that_fails_is_named(changes: dict[str, Any], name: str) -> None:
    assert PROVERS["A"].refute(case(**changes))["hypothesis"] == name
    with pytest.raises(Declined, match=name) as caught:
        PROVERS["A"].propose(case(**changes))
    assert caught.value.code == "hypothesis-fails"


def test_deep_nets_fail_in_the_architecture() -> None:
    deep = {"kind": "feedforward", "activation": "softplus", "hidden": [2, 1]}
    checked = checker_case(make(*PLANE, deep, "squared_hinge"))
    assert PROVERS["A"].refute(checked)["hypothesis"] == "architecture"


@pytest.mark.parametrize("activation", ["leaky_relu", "sigmoid", "tanh", "exp", "arctan", "elu", {"expr": "z + z**3"}])
@pytest.mark.parametrize("loss", ["squared_hinge", "logistic", {"expr": "max(0, 1 + z)**3"}])
def test_every_increasing_neuron_and_monotone_loss(activation: Any, loss: Any) -> None:
    assert PROVERS["A"].propose(case(activation=activation, loss=loss))["separator"]


@pytest.mark.parametrize("offset", ["sqrt(2)", "log(2)", "pi"])
def test_irrational_inputs_are_separated_by_what_separates_floats(offset: str) -> None:
    sample = ([[offset], [f"-({offset})"]], [1, -1])
    assert verdict(make(*sample, {"activation": "tanh", "width": 1}, "squared_hinge"), "theorem-applies") == "proved"


def test_irrational_inputs_that_floats_cannot_tell() -> None:
    """sqrt(2) and sqrt(2) + 1e-40 are one float; equal inputs of two classes are told exactly."""
    close = make([["sqrt(2)"], ["sqrt(2) + 1e-40"]], [1, -1], {"activation": "tanh", "width": 1}, "squared_hinge")
    assert verdict(close, "theorem-applies", theorem="A") != "refuted"
    equal = make([["sqrt(2)"], ["sqrt(2)"]], [1, -1], {"activation": "tanh", "width": 1}, "squared_hinge")
    assert verdict(equal, "theorem-applies", theorem="A") == "refuted"


def test_without_a_bias_the_separator_passes_through_the_origin() -> None:
    sample = ([[1], [2]], [1, -1])
    assert "separator" in data(case(sample))
    assert data(case(sample, hidden_bias=False))["hypothesis"] == SEPARABLE


def test_a_margin_of_ten_to_the_minus_forty() -> None:
    sample = ([[0], [fmpq(1, 10**40)]], [1, -1])
    node = data(case(sample))
    require_separated(case(sample), node["separator"])


def test_logistic_loss_has_no_minimum_at_all() -> None:
    found = decision(make(*PLANE, {"activation": "softplus", "width": 1}, "logistic"), "no-bad-local-minimum")
    assert found.statement is not None and "no local minimum exists at all" in found.statement
