"""Moves: each is checked along its whole curve against the loss, and rejected where a hypothesis fails."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq

from tests.checker.rules.certify import analysis, constant, product
from tests.helpers.cases import make
from verifier.case.types import Case
from verifier.checker.errors import Rejected
from verifier.checker.symmetry import seen, tangents

Json = dict[str, Any]


def vectors(case: Case, *moves: Json) -> list[tuple[Any, ...]]:
    return tangents(analysis(case), list(moves), "move")


def said(case: Case, move: Json) -> str:
    with pytest.raises(Rejected) as caught:
        vectors(case, move)
    return str(caught.value)


def move(kind: str, unit: tuple[int, int, int] = (0, 0, 0), **more: Any) -> Json:
    return {"move": kind, "unit": list(unit), **more}


@pytest.mark.parametrize(
    ("activation", "degree"),
    [("linear", 1), ("relu", 1), ("quadratic", 2), ({"expr": "z**3"}, 3), ({"expr": "max(0, z)**2"}, 2)],
)
def test_scale_of_each_degree(activation: Any, degree: int) -> None:
    network = {"activation": activation, "width": 2}
    point = {"a0": 1, "a": [3, 5], "W": [[2, 7], [1, 1]], "b": [11, 1]}
    case = make([[1, 1]], [1], network, "quadratic", point)
    expected = [0, -3 * degree, 0, 2, 7, 11, 0, 0, 0]  # a0, a, then the row and bias of each unit
    assert vectors(case, move("scale")) == [tuple(map(fmpq, expected))]


def test_scale_needs_a_homogeneous_unit() -> None:
    network = {"activation": "softplus", "width": 1}
    case = make([[1]], [1], network, "quadratic", {"a0": 0, "a": [1], "W": [[1]], "b": [0]})
    assert "is not a multiple of a power of its pre-activation on sample 0" in said(case, move("scale"))
    shifted = make(
        [[1]],
        [1],
        {**network, "activation": {"expr": "z**2 + 1"}},
        "quadratic",
        {"a0": 0, "a": [1], "W": [[1]], "b": [0]},
    )
    assert "is not a multiple of a power" in said(shifted, move("scale"))
    constant_piece = make(
        [[1]], [1], {**network, "activation": "hard_tanh"}, "quadratic", {"a0": 0, "a": [1], "W": [[2]], "b": [0]}
    )
    assert "not homogeneous of one degree above 0" in said(constant_piece, move("scale"))


def test_scale_on_one_piece_needs_one_degree_on_all_samples() -> None:
    """z^2 right of 1, z on (0, 1): homogeneous on either, not on both at once."""
    network = {"activation": {"expr": "max(z, z**2)"}, "width": 1, "hidden_bias": False}
    point = {"a0": 0, "a": [1], "W": [[1]]}
    assert vectors(make([[2]], [1], network, "quadratic", point), move("scale")) == [(fmpq(0), fmpq(-2), fmpq(1))]
    assert vectors(make([["1/2"]], [1], network, "quadratic", point), move("scale")) == [(fmpq(0), fmpq(-1), fmpq(1))]
    both = make([["1/2"], [2]], [1, 1], network, "quadratic", point)
    assert "not homogeneous of one degree" in said(both, move("scale"))
    assert "is not a multiple of a power" in said(make([[1]], [1], network, "quadratic", point), move("scale"))


def test_shift_is_for_exp_with_a_bias() -> None:
    network = {"activation": "exp", "width": 1}
    point = {"a0": 0, "a": [3], "W": [[2]], "b": [5]}
    case = make([[1]], [1], network, "quadratic", point)
    assert vectors(case, move("shift")) == [(fmpq(0), fmpq(-3), fmpq(0), fmpq(1))]
    bare = make([[1]], [1], {**network, "hidden_bias": False}, "quadratic", {"a0": 0, "a": [3], "W": [[2]]})
    assert "is not exp with a bias" in said(bare, move("shift"))
    for other in ("softplus", {"expr": "exp(2*z)"}, {"expr": "exp(z) + 1"}):
        assert "is not exp with a bias" in said(
            make([[1]], [1], {**network, "activation": other}, "quadratic", point), move("shift")
        )


def test_row_of_the_first_layer_moves_unseen() -> None:
    network = {"activation": "softplus", "width": 1, "hidden_bias": False}
    case = make([[1, 1], [2, 2]], [1, -1], network, "quadratic", {"a0": 0, "a": [1], "W": [[1, 0]]})
    assert vectors(case, move("row", direction=["1", "-1"])) == [tuple(map(fmpq, (0, 0, 1, -1)))]
    assert "changes the pre-activation on sample 0" in said(case, move("row", direction=["1", "0"]))
    assert "expected 2 entries" in said(case, move("row", direction=["1"]))
    assert "missing field direction" in said(case, move("row"))


def test_row_with_a_bias_reads_the_constant_1_as_well() -> None:
    network = {"activation": "softplus", "width": 1}
    case = make([[1], [1]], [1, -1], network, "quadratic", {"a0": 0, "a": [1], "W": [[1]], "b": [0]})
    assert vectors(case, move("row", direction=["1", "-1"]))
    assert "changes the pre-activation" in said(case, move("row", direction=["1", "0"]))


def test_row_of_a_deeper_layer_must_not_be_unseen_by_its_inputs_at_the_point_only() -> None:
    """f = a0 + a tanh(u tanh(w x)) at u = w = 0 is a saddle: u acts as soon as w moves."""
    network = {"kind": "feedforward", "activation": "tanh", "hidden": [1, 1], "hidden_bias": False}
    case = make([[1]], [1], network, "quadratic", {"a0": 0, "a": [1], "W": [[[0]], [[0]]]})
    assert "the unit is not constant on sample 0" in said(case, move("row", (0, 1, 0), direction=["1"]))
    assert "changes the pre-activation on sample 0" in said(case, move("row", (0, 0, 0), direction=["1"]))


def test_outgoing_weights_of_a_unit_that_is_0_near_the_point() -> None:
    assert vectors(constant("quadratic"), move("outgoing")) == [(fmpq(0), fmpq(1), fmpq(0))]
    assert "the unit is not 0 on sample 0" in said(product("quadratic", 1, 0), move("outgoing"))  # 0 at the point only
    network = {"activation": "relu", "width": 1, "hidden_bias": False}
    edge = make([[1]], [1], network, "quadratic", {"a0": 0, "a": [1], "W": [[0]]})
    assert "the unit is not 0 on sample 0" in said(edge, move("outgoing"))
    saturated = make([[1]], [1], {**network, "activation": "hard_tanh"}, "quadratic", {"a0": 0, "a": [1], "W": [[-2]]})
    assert "the unit is not 0 on sample 0" in said(saturated, move("outgoing"))  # it is -1 there


def test_samples_asleep_are_not_seen() -> None:
    """The second sample has z = -4 under the hinge: its unit may do as it likes."""
    network = {"activation": "relu", "width": 1, "hidden_bias": False}
    point = {"a0": 0, "a": [2], "W": [[1]]}
    case = make([[-1], [2]], [1, 1], network, "squared_hinge", point)
    assert analysis(case).asleep == (False, True)
    assert seen(analysis(case), (0, 0, 0)) == [0]
    assert vectors(case, move("row", direction=["1"]))
    edge = make([[-1], ["1/2"]], [1, 1], network, "squared_hinge", point)  # z = -1: on the edge of sleep
    assert analysis(edge).asleep == (False, False)
    assert "changes the pre-activation on sample 1" in said(edge, move("row", direction=["1"]))


def test_a_dead_later_layer_hides_the_earlier_ones_but_not_itself() -> None:
    network = {"kind": "feedforward", "activation": "relu", "hidden": [1, 1]}
    point = {"a0": 0, "a": [1], "W": [[[1]], [[1]]], "b": [[0], [-9]]}
    case = make([[1]], [1], network, "quadratic", point)
    assert seen(analysis(case), (0, 0, 0)) == []
    assert seen(analysis(case), (0, 1, 0)) == [0]
    for unit in ((0, 0, 0), (0, 1, 0)):
        assert vectors(case, move("row", unit, direction=["1", "1"]))
        assert vectors(case, move("outgoing", unit))


DECAY = {"name": "quadratic", "weight_decay": "1/10"}


def test_no_parameter_that_moves_may_decay() -> None:
    for case, it in (
        (constant(DECAY), move("outgoing")),
        (constant(DECAY), move("row", direction=["1"])),
        (product(DECAY, 1, 1), move("scale")),
        (product(DECAY, 0, 0), move("scale")),
    ):
        assert "a parameter that moves has a weight decay" in said(case, it)


def test_a_decaying_weight_that_is_0_moves_nearby() -> None:
    """The added exponential neuron with a = 0: b -> b + s, a -> e^-s a changes mu a^2/2 wherever a is not 0."""
    network = {"activation": "relu", "width": 1, "hidden_bias": False, "exponential": {"decay": "1"}}
    point = {"a0": 0, "a": [1], "W": [[-1]], "exponential": {"a": 0, "w": [0], "b": 0}}
    case = make([[1]], [1], network, "quadratic", point)
    assert "a parameter that moves has a weight decay" in said(case, move("shift", (1, 0, 0)))


# -- linear ------------------------------------------------------------------------------------------------------------

TWO: Json = {"activation": "relu", "width": 2}
ACTIVE: Json = {"a0": 1, "a": [2, -3], "W": [[1], [2]], "b": [1, 1]}  # both units active on all samples


def linear(rows: list[list[str]], offset: str = "0") -> Json:
    return {"move": "linear", "part": 0, "rows": rows, "offset": offset}


def test_affine_units_pass_on_to_one_another_and_to_the_output_bias() -> None:
    """f = 1 + 2(x + 1) - 3(2x + 1): r_1 + r_2 = 0 in both entries; a bias against the output bias."""
    case = make([[0], [1], [2]], [1, -1, 1], TWO, "quadratic", ACTIVE)
    third, half = fmpq(1, 3), fmpq(1, 2)
    zero = fmpq(0)
    # flat order: a0, a1, a2, w1, b1, w2, b2
    assert vectors(case, linear([["1", "0"], ["-1", "0"]])) == [(zero, zero, zero, half, zero, third, zero)]
    assert vectors(case, linear([["0", "1"], ["0", "0"]], "-1")) == [(fmpq(-1), zero, zero, zero, half, zero, zero)]


def test_units_active_on_the_same_samples() -> None:
    """Both units are off on x = -5: no output bias can take part, but one unit can pass on to the other."""
    case = make([[-5], [1], [2]], [1, -1, 1], TWO, "quadratic", ACTIVE)
    vectors(case, linear([["1", "2"], ["-1", "-2"]]))
    assert "the output changes on sample" in said(case, linear([["0", "1"], ["0", "0"]], "-1"))
    apart = make([[-1], [1], [2]], [1, -1, 1], TWO, "quadratic", {**ACTIVE, "b": [3, 1]})  # only unit 0 is on at -1
    assert "the output changes on sample 0" in said(apart, linear([["0", "1"], ["0", "-1"]]))


@pytest.mark.parametrize(
    ("changes", "move", "message"),
    [
        ({}, linear([["1", "0"], ["-2", "0"]]), "the output changes on sample 1"),
        ({"b": [0, 1]}, linear([["1", "0"], ["-1", "0"]]), None),  # on the kink at x = 0, where 1 x = 0
        ({"b": [0, 1]}, linear([["0", "1"], ["0", "-1"]]), "unit 0 is not affine on sample 0"),
        ({"a": [0, -3]}, linear([["1", "0"], ["-1", "0"]]), "the outgoing weight of unit 0 is 0"),
        ({"a": [0, -3]}, linear([["0", "0"], ["0", "1"]], "-1"), None),
        ({}, linear([["1", "0"]]), "expected 2"),
        ({}, linear([["1"], ["-1"]]), "expected 2 entries"),
        ({}, {**linear([["1", "0"], ["-1", "0"]]), "part": 1}, "expected an integer from 0 to 0"),
        ({}, {**linear([["1", "0"], ["-1", "0"]]), "unit": [0, 0, 0]}, "unknown field unit"),
    ],
)
def test_each_condition_of_a_linear_move(changes: Json, move: Json, message: str | None) -> None:
    case = make([[0], [1], [2]], [1, -1, 1], TWO, "quadratic", {**ACTIVE, **changes})
    if message is None:
        assert vectors(case, move)
    else:
        assert message in said(case, move)


def test_a_linear_move_needs_its_parameters_free_of_decay() -> None:
    case = make([[0], [1], [2]], [1, -1, 1], TWO, {"name": "quadratic", "weight_decay": "1/10"}, ACTIVE)
    assert "has a weight decay" in said(case, linear([["1", "0"], ["-1", "0"]]))


def test_a_linear_move_is_for_one_hidden_layer_and_its_own_output_bias() -> None:
    deep = {"kind": "feedforward", "activation": "relu", "hidden": [1, 1]}
    point = {"a0": 0, "a": [1], "W": [[[1]], [[1]]], "b": [[1], [1]]}
    case = make([[1]], [1], deep, "quadratic", point)
    assert "more than one hidden layer" in said(case, linear([["0", "1"]], "-1"))
    bare = make([[1]], [1], {**TWO, "output_bias": False}, "quadratic", {k: ACTIVE[k] for k in ("a", "W", "b")})
    assert "there is no output bias" in said(bare, linear([["0", "1"], ["0", "0"]], "-1"))
