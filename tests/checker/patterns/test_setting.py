"""What the pattern method accepts: the slopes of units, the pieces of the slope of a loss, and refusals by name."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq

from tests.helpers.cases import make
from verifier.checker.errors import Rejected
from verifier.checker.expression import ALL_FUNCTIONS, parse
from verifier.checker.patterns.setting import Piece, read_setting, slope_pieces, unit_slopes
from verifier.checker.piecewise import piecewise
from verifier.model.translate import checker_case

RELU: dict[str, Any] = {"activation": "relu", "width": 2}


def of(text: str) -> Any:
    return piecewise(parse(text, frozenset({"z"}), ALL_FUNCTIONS))


@pytest.mark.parametrize(
    ("text", "slopes"),
    [
        ("max(0, z)", (0, 1)),
        ("max(0, z) + min(0, z)/10", (fmpq(1, 10), 1)),
        ("abs(z)", (-1, 1)),
        ("3*z", (3, 3)),
        ("0*z", (0, 0)),
    ],
)
def test_slopes_of_units(text: str, slopes: tuple[fmpq, fmpq]) -> None:
    assert unit_slopes(of(text)) == slopes


@pytest.mark.parametrize(
    "text", ["max(-1, min(1, z))", "max(1, z)", "z + 1", "z**2", "max(0, z) + max(0, z - 1)", "exp(z)"]
)
def test_units_that_are_not_linear_on_each_side_of_0(text: str) -> None:
    with pytest.raises(Rejected, match="neuron"):
        unit_slopes(of(text))


def test_pieces_of_the_quadratic_loss_are_cut_where_its_slope_is_0() -> None:
    assert slope_pieces(of("(1 + z)**2")) == (
        Piece(None, fmpq(-1), fmpq(2), fmpq(2), -1),
        Piece(fmpq(-1), None, fmpq(2), fmpq(2), 1),
    )


def test_pieces_of_the_squared_hinge() -> None:
    assert slope_pieces(of("max(0, 1 + z)**2")) == (
        Piece(None, fmpq(-1), fmpq(0), fmpq(0), 0),
        Piece(fmpq(-1), None, fmpq(2), fmpq(2), 1),
    )


def test_a_linear_loss_has_one_piece() -> None:
    assert slope_pieces(of("2*z")) == (Piece(None, None, fmpq(2), fmpq(0), 1),)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("max(0, 1 + z)", "not differentiable at z = -1"),
        ("max(0, 1 + z)**3", "degree above 2"),
        ("-(z**2)", "not convex"),
        ("exp(z)", "not piecewise quadratic"),
        ("max(z**2, 2*z)", "not differentiable at z = 0"),
    ],
)
def test_losses_outside_the_method(text: str, why: str) -> None:
    with pytest.raises(Rejected, match=why):
        slope_pieces(of(text))


def read(network: dict[str, Any], loss: Any = "quadratic", **more: Any) -> Any:
    return read_setting(checker_case(make([[1], ["1/2"]], [1, -1], network, loss, **more)))


def test_setting_of_a_case() -> None:
    setting, hypotheses = read(RELU, multiplicity=[2, 3])
    assert setting.features == ((1, 1), (fmpq(1, 2), 1))
    assert (setting.width, setting.dimension, setting.unknowns) == (2, 2, 9)
    assert setting.multiplicity == (2, 3)
    assert setting.at_zero == 2
    assert setting.affine and setting.bent
    assert all(h.holds is True for h in hypotheses)
    places = [0, *(setting.weight(j, k) for j in (0, 1) for k in (0, 1))]
    places += [setting.margin(0), setting.margin(1), setting.slope(0), setting.slope(1)]
    assert places == list(range(9))


def test_without_hidden_biases_the_features_are_the_inputs() -> None:
    setting, _ = read({**RELU, "hidden_bias": False, "output_bias": False})
    assert setting.features == ((1,), (fmpq(1, 2),))
    assert not setting.output_bias and not setting.blind(0)


@pytest.mark.parametrize(
    ("network", "loss", "why"),
    [
        (RELU, {"name": "quadratic", "weight_decay": "1/10"}, "weight decay"),
        ({"kind": "feedforward", "activation": "relu", "hidden": [2, 2]}, "quadratic", "one hidden layer"),
        ({**RELU, "activation": "hard_tanh"}, "quadratic", "neuron"),
        ({**RELU, "activation": "softplus"}, "quadratic", "neuron"),
        (RELU, "hinge", "not differentiable"),
        (RELU, "logistic", "not piecewise quadratic"),
        ({**RELU, "exponential": {"decay": 1}}, "quadratic", "one hidden layer"),
    ],
)
def test_cases_outside_the_method(network: dict[str, Any], loss: Any, why: str) -> None:
    with pytest.raises(Rejected, match=why):
        read(network, loss)


def test_real_targets_are_outside() -> None:
    with pytest.raises(Rejected, match="labels"):
        read_setting(checker_case(make([[1]], [2], RELU, "quadratic", targets=True)))


def test_irrational_inputs_are_outside() -> None:
    with pytest.raises(Rejected, match="irrational"):
        read_setting(checker_case(make([["sqrt(2)"]], [1], RELU, "quadratic")))
