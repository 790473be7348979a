"""Rule higher-order: one flat direction of the Hessian, and the term that decides along it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checker.rules.certify import REMOVED, Json, accepted, changed, constant, identity_witness, product, refusal
from tests.helpers.cases import make

CRITICAL = {"name": "quadratic", "weight_decay": "2"}  # (aw - 1)^2 + a^2 + w^2 = 1 + (a - w)^2 + (aw)^2
DIAGONAL: Json = {
    "rule": "higher-order",
    "order": 4,
    "curve": [["1", "1"]],
    "modulo": [],
    "bits": 64,
    "witness": {"rows": [[1], [0, 1]], "exponents": [-1, -1]},
}
ROW = {"move": "row", "unit": [0, 0, 0], "direction": ["1"]}
OUTGOING = {"move": "outgoing", "unit": [0, 0, 0]}


def flat(order: int, **more: Any) -> Json:
    """Of the loss of one output, a0 being the only parameter that acts."""
    return {
        "rule": "higher-order",
        "order": order,
        "curve": [["1", "0", "0"]],
        "modulo": [ROW, OUTGOING],
        "bits": 64,
        "witness": identity_witness(3),
        **more,
    }


def test_a_quartic_minimum_is_strict() -> None:
    assert accepted(product(CRITICAL, 0, 0), {"minimum": DIAGONAL}, strict=True).data["strict"] is True


def test_modulo_translations_it_is_not_called_strict() -> None:
    case = constant({"expr": "z**4 - z**6"})
    assert accepted(case, {"minimum": flat(4)}).data["strict"] is None
    assert "does not show that the minimum is strict" in refusal(case, {"minimum": flat(4)}, strict=True)
    accepted(constant({"expr": "z**6 - z**8"}), {"minimum": flat(6)})


def valley(k: int) -> Any:
    """(a e^w - 2)^2 + (a e^-w - 2)^2 + k (a - 1 + 2/k)^2 at a = 1, w = 0, up to a factor.

    Along w alone it rises as w^4. The valley is a = 1 - (2/(2 + k)) w^2, where the coefficient is 1 - 4/(2 + k).
    """
    network = {"activation": "exp", "width": 1, "hidden_bias": False, "output_bias": False}
    targets = [2, 2, f"1 - 2/{k}"]
    point = {"a": [1], "W": [[0]]}
    return make([[-1], [1], [0]], targets, network, "quadratic", point, targets=True, multiplicity=[1, 1, k])


def along(bend: str, order: int = 4) -> Json:
    witness = {"rows": [[1], [0, 1]], "exponents": [-1, 0]}
    return {**DIAGONAL, "order": order, "curve": [["0", "1"], [bend, "0"]], "witness": witness}


def test_a_valley_that_bends() -> None:
    accepted(valley(3), {"minimum": along("-2/5")}, strict=True)


def test_the_curve_must_follow_the_valley() -> None:
    for bend in ("0", "-1/5", "-2/5 + 1/10**30"):
        assert "the gradient leaves the direction of the curve at order 2" in refusal(
            valley(3), {"minimum": along(bend)}
        )


def test_a_rise_along_the_straight_line_is_no_minimum() -> None:
    assert "the gradient leaves the direction of the curve at order 2" in refusal(valley(1), {"minimum": along("0")})
    assert "the leading coefficient is not positive" in refusal(valley(1), {"minimum": along("-2/3")})
    arc = {"rule": "arc", "order": 4, "curve": [["0", "1"], ["-2/3", "0"]]}
    accepted(valley(1), {"refutes": "kind", "descent": arc}, "refuted")
    assert "rises along the curve at order 4" in refusal(
        valley(3), {"refutes": "kind", "descent": {**arc, "curve": along("-2/5")["curve"]}}, "refuted"
    )


def test_two_flat_directions_are_too_many() -> None:
    network = {"activation": "quadratic", "width": 1, "hidden_bias": False}
    case = make([[1]], [0], network, "quadratic", {"a0": 0, "a": [1], "W": [[0]]}, targets=True)
    node = {**DIAGONAL, "curve": [["0", "0", "1"], ["-1", "0", "0"]], "witness": identity_witness(3)}
    assert "the leading coefficient is not positive" in refusal(case, {"minimum": node})
    straight = {**node, "curve": [["0", "0", "1"]]}
    assert "the gradient leaves the direction of the curve at order 2" in refusal(case, {"minimum": straight})


@pytest.mark.parametrize(
    ("loss", "order", "message"),
    [
        ("z**4 + z**3", 4, "the loss changes below the order"),
        ("z**4 - z**2", 4, "the loss changes below the order"),
        ("z**6 - z**4", 4, "the leading coefficient is not positive"),
        ("-(z**4)", 4, "the leading coefficient is not positive"),
        ("z**6", 4, "the leading coefficient is not positive"),
        ("z**4", 6, "the loss changes below the order"),
        ("z**4 + z", 4, "the partial derivative 0 is not shown to be 0"),
        ("z**4 - abs(z)**3", 4, "is not shown C^4"),
        ("abs(z)**3 - z**4", 4, "is not shown C^4"),
        ("z**4 + max(0, z)**4", 4, "is not shown C^4"),
        ("z**5", 5, "the order must be even"),
        ("z**2", 2, "expected an integer from 4 to 16"),
        ("z**18", 18, "expected an integer from 4 to 16"),
    ],
)
def test_losses_of_which_the_lemma_says_nothing(loss: str, order: int, message: str) -> None:
    assert message in refusal(constant({"expr": loss}), {"minimum": flat(order)})


def test_c4_is_enough_where_the_fifth_derivative_jumps() -> None:
    accepted(constant({"expr": "z**4 + max(0, z)**5"}), {"minimum": flat(4)})


def test_the_polynomial_hinge_is_only_c3_at_minus_one() -> None:
    case = constant({"name": "polynomial_hinge", "p": 3}, a0=1)
    assert "is not shown C^4" in refusal(case, {"minimum": flat(4)})


def test_the_hessian_must_rise_across_the_curve() -> None:
    """Two dead units' worth of inert coordinates are needed; with one of them missing the sum is singular."""
    case = constant({"expr": "z**4 - z**6"})
    for moves in ([ROW], [OUTGOING], []):
        assert "does not show that the matrix is positive definite" in refusal(case, {"minimum": flat(4, modulo=moves)})


@pytest.mark.parametrize(
    ("path", "to", "message"),
    [
        (["order"], 6, "the loss changes below the order"),
        (["order"], 5, "the order must be even"),
        (["order"], "4", "expected an integer"),
        (["curve"], [], "expected 1 to 24 coefficients"),
        (["curve"], [["1", "1"]] * 25, "expected 1 to 24 coefficients"),
        (["curve", 0], ["0", "0"], "the curve does not move"),
        (["curve", 0], ["1", "-1"], "the loss changes below the order"),
        (["curve", 0], ["1", "0"], "the loss changes below the order"),
        (["curve", 0], ["1"], "expected 2 entries"),
        (["curve", 0, 0], "1 + 10**-30", "the loss changes below the order"),
        (["curve"], [["1", "1"], ["1", "1"]], "the curve bends along its own direction"),
        (["curve"], [["1", "1"], ["1", "-1"]], "the leading coefficient|the gradient leaves|changes below"),
        (["modulo"], [{"move": "scale", "unit": [0, 0, 0]}], "only the moves row and outgoing are translations"),
        (["modulo"], [OUTGOING], "the unit is not 0 on sample 0"),
        (["witness", "rows", 0, 0], 0, "does not show"),
        (["bits"], REMOVED, "missing field bits"),
    ],
)
def test_tampered_nodes(path: list[Any], to: Any, message: str) -> None:
    said = refusal(product(CRITICAL, 0, 0), {"minimum": changed(DIAGONAL, *path, to=to)})
    assert any(part in said for part in message.split("|"))


def test_the_curve_is_orthogonal_to_the_moves() -> None:
    node = flat(4, curve=[["1", "1", "0"]])
    assert "the curve is not orthogonal to a move" in refusal(constant({"expr": "z**4 - z**6"}), {"minimum": node})


def test_a_disguised_zero_must_not_make_the_gradient_test_empty() -> None:
    """The first entry of the curve is 0, but is not visibly so: all 2 x 2 minors with it would cancel."""
    zero = "sqrt((1 + pi)**2) - 1 - pi"
    node = flat(4, curve=[[zero, "0", "1"]], modulo=[OUTGOING])
    assert "could not be decided" in refusal(constant({"expr": "z**4 - z**6"}), {"minimum": node})
