"""Rules flat-curve and symmetry: another point of equal loss in every neighbourhood, or a rejection."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checker.rules.certify import REMOVED, Json, accepted, changed, constant, product, refusal
from tests.helpers.cases import make
from verifier.case.types import Case

SCALE: Json = {"rule": "symmetry", "move": {"move": "scale", "unit": [0, 0, 0]}}


def curve(*rows: list[str]) -> Json:
    return {"rule": "flat-curve", "curve": list(rows)}


def flat(case: Case, it: Json) -> None:
    """There are points of equal loss nearby, so the point is no strict minimum."""
    accepted(case, {"refutes": "strict", "flat": it}, "refuted", strict=True)


def said(case: Case, it: Json) -> str:
    return refusal(case, {"refutes": "strict", "flat": it}, "refuted", strict=True)


FREE = product("quadratic", 1, 1, 1)


def test_a_homogeneous_unit_can_be_scaled() -> None:
    flat(FREE, SCALE)
    assert "the move does not leave the point" in said(product("quadratic", 0, 0, 1), SCALE)
    decaying = product({"name": "quadratic", "weight_decay": "1/2"}, 1, 1, "5/4")
    assert "a parameter that moves has a weight decay" in said(decaying, SCALE)


def test_a_move_whose_tangent_is_0_in_disguise_is_not_believed() -> None:
    zero = "sqrt((1 + pi)**2) - 1 - pi"
    assert "could not be decided" in said(product("quadratic", zero, 0, 1), SCALE)
    assert "could not be decided" in said(FREE, curve([zero, "0"]))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["0", "0"]], "the curve does not move"),
        ([["1", "0"]], "the loss is not shown to be constant"),
        ([["1", "-1"]], "the loss is not shown to be constant"),  # a w = 1 - t^2
        ([["1/10**30", "0"]], "the loss is not shown to be constant"),
        ([], "expected 1 to 24 coefficients"),
        ([["1"]], "expected 2 entries"),
    ],
)
def test_curves_that_are_not_flat(rows: list[list[str]], message: str) -> None:
    assert message in said(FREE, curve(*rows))


def test_what_cancels_is_constant() -> None:
    """Two softplus units with the same incoming weights share their outgoing weights; with different ones not."""
    network = {"activation": "softplus", "width": 2}

    def case(w: Any) -> Case:
        return make([[1], [2]], [1, -1], network, "logistic", {"a0": 0, "a": [1, 2], "W": [[1], [w]], "b": [0, 0]})

    share = curve(["0", "1", "-1", "0", "0", "0", "0"])
    flat(case(1), share)
    assert "not shown to be constant" in said(case("1 + 1/10**30"), share)
    assert "not shown to be constant" in said(case(1), curve(["0", "1", "1", "0", "0", "0", "0"]))
    # both move together: not constant, though the outputs are equal functions of t
    assert "not shown to be constant" in said(case(1), curve(["0", "0", "0", "1", "0", "1", "0"]))


def test_atoms_of_different_activations_do_not_cancel() -> None:
    def case(other: str) -> Case:
        network = {
            "kind": "shortcut",
            "activation": "softplus",
            "width": 1,
            "deep": {"activation": other, "hidden": [1]},
        }
        deep = {"a0": 0, "a": [-1], "W": [[[1]]], "b": [[0]]}
        point = {"a0": 0, "a": [1], "W": [[1]], "b": [0], "deep": deep}
        return make([[1], [2]], [1, -1], network, "logistic", point)

    both = curve(["0", "0", "1", "0", "0", "0", "1", "0"])  # the row of each part
    flat(case("softplus"), both)
    for other in ("tanh", "exp", "sigmoid"):
        assert "not shown to be constant" in said(case(other), both)


def test_a_kinked_unit_may_start_to_move() -> None:
    """relu(w) at w = 0 with a = 1 moves for t > 0."""
    network = {"activation": "relu", "width": 1, "hidden_bias": False, "output_bias": False}
    case = make([[1]], [0], network, "quadratic", {"a": [1], "W": [[0]]}, targets=True)
    assert "not shown to be constant" in said(case, curve(["0", "1"]))
    assert "not shown to be constant" in said(case, curve(["0", "-1"]))
    flat(case, curve(["1", "0"]))


def test_the_loss_may_be_flat_where_outputs_move() -> None:
    asleep = constant("squared_hinge", a0=2)
    flat(asleep, curve(["1", "0", "0"]))
    edge = constant("squared_hinge", a0=1)
    assert "not shown to be constant" in said(edge, curve(["1", "0", "0"]))
    # slopes of opposite sign cancel: (1 - a0) + (1 + a0)
    flat(constant("hinge", (1, -1)), curve(["1", "0", "0"]))
    assert "not shown to be constant" in said(constant("hinge", (1, -1), a0=1), curve(["1", "0", "0"]))


def test_decay_counts_along_a_curve() -> None:
    decaying = constant({"name": "squared_hinge", "weight_decay": "1/10"}, a0=2)
    for row in (["1", "0", "0"], ["0", "1", "0"], ["0", "0", "1"]):
        assert "not shown to be constant" in said(decaying, curve(row))


def test_a_polynomial_of_too_high_a_degree_is_refused() -> None:
    network = {
        "kind": "feedforward",
        "activation": "quadratic",
        "hidden": [1] * 4,
        "hidden_bias": False,
        "output_bias": False,
    }
    point = {"a": [1], "W": [[[1]]] * 4}
    case = make([[1]], [1], network, "quadratic", point, targets=True)
    assert "a polynomial of degree above 256" in said(case, curve(*[["0", "1", "0", "0", "0"]] * 24))


@pytest.mark.parametrize(
    ("path", "to", "message"),
    [
        (["rule"], "flat", "expected one of the rules"),
        (["move"], REMOVED, "missing field move"),
        (["move"], [], "expected an object"),
        (["move", "move"], "turn", "unknown move"),
        (["move", "move"], ["scale"], "unknown move"),
        (["move", "move"], "shift", "the unit is not exp with a bias"),
        (["move", "move"], "outgoing", "the unit is not 0 on sample 0"),
        (["move", "unit"], [0, 0], "expected 3 entries"),
        (["move", "unit"], [0, 0, 1], "expected an integer from 0 to 0"),
        (["move", "unit"], [1, 0, 0], "expected an integer from 0 to 0"),
        (["move", "unit"], [0, -1, 0], "expected an integer from 0 to 0"),
        (["move", "unit"], [0, False, 0], "expected an integer from 0 to 0"),
        (["move", "unit"], None, "expected a list"),
        (["move", "direction"], ["1"], "unknown field direction"),
    ],
)
def test_tampered_nodes(path: list[Any], to: Any, message: str) -> None:
    assert message in said(FREE, changed(SCALE, *path, to=to))
