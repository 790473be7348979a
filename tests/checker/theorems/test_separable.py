"""Theorem A in the checker: one reject test for each hypothesis, and Gordan's alternative."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checker.rules.certify import Json, accepted, changed, refusal
from tests.helpers.cases import make
from verifier.case.types import Case

APPLIES = {"kind": "theorem-applies", "theorem": "A"}
NONE = {"kind": "no-bad-local-minimum"}
EXISTS = {"kind": "bad-local-minimum-exists"}
SEPARATOR: Json = {"theorem": {"name": "A", "separator": ["-2", "3"]}}  # 3 - 2x on x = 1, 2


def net(**more: Any) -> Json:
    return {"activation": "sigmoid", "width": 1, **more}


def line(network: Json | None = None, loss: Any = "squared_hinge", labels: Any = (1, -1)) -> Case:
    return make([[1], [2]], list(labels), network or net(), loss)


def test_separable_data_have_no_bad_minimum() -> None:
    accepted(line(), SEPARATOR, **APPLIES)
    accepted(line(), SEPARATOR, **NONE)
    accepted(line(), SEPARATOR, "refuted", **EXISTS)
    found = accepted(line(loss="logistic"), SEPARATOR, **NONE)
    assert "at all" in found.data["established"]


DEEP = {"kind": "feedforward", "activation": "sigmoid", "hidden": [1, 1]}


@pytest.mark.parametrize(
    ("case", "hypothesis"),
    [
        (make([[1], [2]], [1, -1], net(), "quadratic", targets=True), "labels"),
        (line(DEEP), "architecture"),
        (line(net(activation="relu")), "increasing neuron"),
        (line(net(activation="quadratic")), "increasing neuron"),
        (line(net(activation={"name": "leaky_relu", "slope": "0"})), "increasing neuron"),
        (line(net(activation={"name": "leaky_relu", "slope": "-1/10**9"})), "increasing neuron"),
        (line(net(activation={"expr": "z**3"})), "increasing neuron"),
        (line(loss="hinge"), "loss"),
        (line(loss="quadratic"), "loss"),
        (line(loss={"expr": "max(0, z)**2"}), "loss"),  # l'(0) = 0: an output 0 is an error at no cost
        (line(loss={"expr": "max(0, 1 + z)**2 - 2*max(0, z - 9)**2"}), "loss"),  # falls for large z
        (line(loss={"name": "squared_hinge", "weight_decay": "1/10**9"}), "no weight decay"),
    ],
)
def test_each_hypothesis_is_needed(case: Case, hypothesis: str) -> None:
    for claim in (APPLIES, NONE):
        assert f"{hypothesis}: " in refusal(case, SEPARATOR, **claim)
    proof = {"theorems": [{"name": "A", "hypothesis": hypothesis}]}
    accepted(case, proof, "refuted", **APPLIES)


@pytest.mark.parametrize(
    "hypothesis",
    ["labels", "architecture", "increasing neuron", "loss", "no weight decay", "separable data", "luck", None],
)
def test_a_hypothesis_that_holds_does_not_fail(hypothesis: Any) -> None:
    proof = {"theorems": [{"name": "A", "hypothesis": hypothesis}]}
    assert refusal(line(), proof, "refuted", **APPLIES)


def test_positive_slopes_on_both_sides_of_a_kink_are_enough() -> None:
    accepted(line(net(activation={"name": "leaky_relu", "slope": "1/10**9"})), SEPARATOR, **NONE)
    accepted(line(net(activation={"name": "elu", "alpha": "1/2"})), SEPARATOR, **NONE)


def test_a_parallel_net_does_no_harm() -> None:
    network = {"kind": "shortcut", **net(), "deep": {"activation": "relu", "hidden": [2, 2]}}
    accepted(line(network), SEPARATOR, **NONE)
    wrong = {"kind": "shortcut", **net(activation="relu"), "deep": {"activation": "sigmoid", "hidden": [1]}}
    assert "increasing neuron" in refusal(line(wrong), SEPARATOR, **NONE)


def test_without_a_hidden_bias_the_separator_goes_through_0() -> None:
    bare = line(net(hidden_bias=False))
    assert "expected 1 entries, got 2" in refusal(bare, SEPARATOR, **APPLIES)
    assert "does not separate sample" in refusal(bare, changed(SEPARATOR, "theorem", "separator", to=["1"]), **APPLIES)


@pytest.mark.parametrize(
    ("separator", "message"),
    [
        (["-2", "2"], "does not separate sample 0"),  # 0 on the first sample
        (["2", "-3"], "does not separate sample 0"),
        (["0", "1"], "does not separate sample 1"),
        (["0", "0"], "does not separate sample 0"),
        (["-2"], "expected 2 entries, got 1"),
        (["-2", 3], "expected a number as text"),
        ("-2", "expected a list"),
        (None, "expected a list"),
    ],
)
def test_separators_that_do_not_separate(separator: Any, message: str) -> None:
    assert message in refusal(line(), changed(SEPARATOR, "theorem", "separator", to=separator), **APPLIES)


ALTERNATE = make([[1], [2], [3]], [1, -1, 1], net(), "squared_hinge")


def gordan(weights: Any) -> Json:
    return {"theorems": [{"name": "A", "hypothesis": "separable data", "weights": weights}]}


def test_data_that_are_not_separable() -> None:
    accepted(ALTERNATE, gordan(["1", "2", "1"]), "refuted", **APPLIES)
    for weights, message in (
        (["1", "2", "2"], "is not 0 in coordinate"),
        (["0", "0", "0"], "all weights are 0"),
        (["-1", "-2", "-1"], "a weight is negative"),
        (["1", "2"], "expected 3 entries, got 2"),
        (["1", "2", "1 + 1/10**40"], "is not 0 in coordinate"),
    ):
        assert message in refusal(ALTERNATE, gordan(weights), "refuted", **APPLIES)
    assert "is not 0 in coordinate" in refusal(line(), gordan(["1", "1"]), "refuted", **APPLIES)
    for separator in (["-2", "3"], ["1", "0"], ["-1", "2"]):
        wrong = {"theorem": {"name": "A", "separator": separator}}
        assert "does not separate" in refusal(ALTERNATE, wrong, **APPLIES)


def test_what_is_claimed_is_what_is_shown() -> None:
    other = {"kind": "theorem-applies", "theorem": "B"}
    assert "the claim is not about theorem A" in refusal(line(), SEPARATOR, **other)
    accepted(line(), SEPARATOR, kind="theorem-applies", theorem="any")
    assert "missing" in refusal(line(), {}, **APPLIES)
    assert "expected one of the theorems" in refusal(line(), {"theorem": {"name": "Z"}}, **APPLIES)
    assert "expected one of the theorems" in refusal(line(), {"theorem": {"separator": ["-2", "3"]}}, **APPLIES)
    assert "unknown field trust" in refusal(line(), changed(SEPARATOR, "theorem", "trust", to="me"), **APPLIES)
    one = gordan(["1", "2", "1"])
    assert "expected 3 entries, got 1" in refusal(ALTERNATE, one, "refuted", kind="theorem-applies", theorem="any")
