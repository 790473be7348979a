"""Which moves are found where, and that none is found that does not move the point."""

from __future__ import annotations

import pytest

from tests.helpers.cases import dead, make, problem
from verifier.case.types import Case
from verifier.rules.moves import Move, moves

INPUTS = [[1, 0], [0, 1], [1, 1]]


def one(activation: object, a: object = 2, b: object = 9, **network: object) -> Case:
    point = {"a0": 0, "a": [a], "W": [[1, 1]], **({"b": [b]} if network.get("hidden_bias", True) else {})}
    return make(INPUTS, [1, -1, 1], {"activation": activation, "width": 1, **network}, "quadratic", point)


def kinds(case: Case) -> list[str]:
    return sorted(move.document["move"] for move in moves(problem(case)))


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("relu", ["linear", "scale"]),  # affine on all samples: its bias and that of the output
        ("leaky_relu", ["linear", "scale"]),
        ("linear", ["linear", "scale"]),
        ("quadratic", ["scale"]),
        ("exp", ["shift"]),
        ("softplus", []),
        ("tanh", []),
        ("hard_tanh", ["row", "row", "row"]),  # saturated at 1, not 0: the outgoing weight does act
    ],
)
def test_moves_of_an_active_unit(activation: str, expected: list[str]) -> None:
    assert kinds(one(activation)) == expected


def test_a_dead_unit_moves_in_every_way() -> None:
    assert kinds(one("relu", b=-9)) == ["outgoing", "row", "row", "row"]


def test_exp_without_a_bias_has_no_shift() -> None:
    assert kinds(one("exp", hidden_bias=False)) == []


def test_directions_that_no_sample_sees() -> None:
    """Two samples on a line through the origin: the direction across it is unseen."""
    point = {"a0": 0, "a": [1], "W": [[1, 1]]}
    network = {"activation": "tanh", "width": 1, "hidden_bias": False}
    (move,) = moves(problem(make([[1, 0], [2, 0]], [1, -1], network, "quadratic", point)))
    assert move.document["move"] == "row" and move.document["direction"][0] == "0"
    assert move.translation


def test_a_scaling_of_zero_weights_does_not_move() -> None:
    point = {"a0": 0, "a": [0], "W": [[0, 0]], "b": [0]}
    case = make(INPUTS, [1, -1, 1], {"activation": "linear", "width": 1}, "quadratic", point)
    assert moves(problem(case)) == []


def test_samples_asleep_do_not_count() -> None:
    """Under a hinge loss that is flat at every sample, every row is unseen."""
    point = {"a0": 5, "a": [1], "W": [[1, 1]], "b": [9]}
    case = make(INPUTS, [1, 1, 1], {"activation": "tanh", "width": 1}, "squared_hinge", point)
    assert "row" in kinds(case)


def test_decay_forbids_moves() -> None:
    assert moves(problem(dead({"name": "squared_hinge", "weight_decay": 1}))) == []


def test_translation_is_told_by_the_kind() -> None:
    assert not Move({"move": "scale", "unit": [0, 0, 0]}, ()).translation
    assert Move({"move": "outgoing", "unit": [0, 0, 0]}, ()).translation
