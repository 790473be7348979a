"""The state at a point: sleep, dead layers, smoothness, training error; nothing is guessed."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq

from tests.checker.rules.certify import analysis, constant, product
from tests.helpers.cases import make
from verifier.checker.errors import Rejected
from verifier.checker.number import Undecided

HIDDEN = "sqrt((1 + pi)**2) - 1 - pi"  # 0, but no identity shows it


def test_sleep_needs_an_open_interval() -> None:
    for a0, asleep in ((2, True), (1, False), ("1 + 1/10**40", True), ("1 - 1/10**40", False)):
        assert analysis(constant("squared_hinge", a0=a0)).asleep == (asleep,)
    assert analysis(constant({"expr": "max(0, z)**2*0 + 3"})).asleep == (True,)
    assert analysis(constant("squared_hinge", a0=f"1 + {HIDDEN}")).asleep == (False,)


def test_real_targets_have_losses_of_their_own() -> None:
    loss = {"expr": "max(0, abs(f - t) - 1)"}
    network = {"activation": "linear", "width": 1, "hidden_bias": False, "output_bias": False}
    case = make([[1], [1], [1]], [0, 1, 3], network, loss, {"a": [1], "W": [["1/2"]]}, targets=True)
    at = analysis(case)
    assert at.asleep == (True, True, False)
    assert at.loss == fmpq(1, 2)
    with pytest.raises(Rejected, match="is defined for labels only"):
        _ = at.training_error


def deep(b: Any) -> Any:
    network = {"kind": "feedforward", "activation": "relu", "hidden": [1, 2]}
    point = {"a0": 0, "a": [1, 1], "W": [[[1]], [[1], [1]]], "b": [[0], b]}
    return analysis(make([[1], [2]], [1, -1], network, "quadratic", point))


def test_a_layer_is_dead_if_all_its_units_are_constant() -> None:
    assert [deep([-9, -9]).dead_layer(0, i) for i in (0, 1)] == [1, 1]
    assert [deep([-9, -2]).dead_layer(0, i) for i in (0, 1)] == [1, None]  # exactly 0 on the second sample
    assert [deep([-9, 1]).dead_layer(0, i) for i in (0, 1)] == [None, None]


def test_smoothness_is_asked_of_what_is_seen() -> None:
    deep([-9, -9]).require_smooth(4, "here")
    with pytest.raises(Rejected, match="unit 1 of layer 2 is on a breakpoint at sample 1"):
        deep([-9, -2]).require_smooth(1, "here")
    analysis(constant("squared_hinge", a0=1)).require_smooth(1, "here")
    with pytest.raises(Rejected, match="the loss of sample 0 is not shown C\\^2"):
        analysis(constant("squared_hinge", a0=1)).require_smooth(2, "here")
    with pytest.raises(Undecided, match="could not be decided"):
        analysis(constant("squared_hinge", a0=f"1 + {HIDDEN}")).require_smooth(1, "here")


def test_training_error_counts_ties_and_multiplicity() -> None:
    at = analysis(constant("quadratic", (1, -1), multiplicity=[3, 4]))
    assert (at.training_error, at.ties) == (1, 7)
    at = analysis(constant("quadratic", (1, -1), a0="1/10**40", multiplicity=[3, 4]))
    assert (at.training_error, at.ties) == (fmpq(4, 7), 0)
    with pytest.raises(Undecided):
        _ = analysis(constant("quadratic", (1,), a0=HIDDEN)).training_error


def test_decay_stands_on_every_parameter_and_on_the_added_neuron_twice() -> None:
    network = {"activation": "relu", "width": 1, "hidden_bias": False, "exponential": {"decay": 3}}
    point = {"a0": 0, "a": [1], "W": [[-1]], "exponential": {"a": 2, "w": [0], "b": 0}}
    at = analysis(make([[1]], [1], network, {"name": "quadratic", "weight_decay": 5}, point))
    assert at.decay_rates == tuple(map(fmpq, (5, 5, 5, 8, 5, 5)))
    assert at.decay == fmpq(5 * (1 + 1) + 8 * 4, 2)
    assert product({"name": "quadratic", "weight_decay": 2}, 1, 1).loss.weight_decay == 2
