"""Rules gradient, curvature, arc: what is not a descent is rejected, and of the right order and shape only."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checker.rules.certify import REMOVED, Json, accepted, changed, constant, product, refusal
from tests.helpers.cases import make


def curve(rule: str, order: int, *rows: list[str]) -> Json:
    return {"rule": rule, "order": order, "curve": list(rows)}


def refuted(case: Any, node: Json, **keys: Any) -> None:
    accepted(case, {"refutes": "kind", "descent": node}, "refuted", **keys)
    accepted(case, {"refutes": "kind", "descent": node}, kind="not-local-minimum", **keys)


def said(case: Any, node: Json, **keys: Any) -> str:
    return refusal(case, {"refutes": "kind", "descent": node}, "refuted", **keys)


SADDLE = product("quadratic", 0, 0, 1)
SLOPE = product("quadratic", 1, 1, 2)


def test_a_slope_a_curvature_and_an_arc() -> None:
    refuted(SLOPE, curve("gradient", 1, ["1", "0"]))
    refuted(SADDLE, curve("curvature", 2, ["1", "1"]))
    refuted(constant({"expr": "z**3"}), curve("arc", 3, ["1", "0", "0"]))


@pytest.mark.parametrize("size", ["1/10**40", "exp(-200)"])
def test_a_tiny_slope_is_a_slope(size: str) -> None:
    case = product("quadratic", 1, 1, f"1 + {size}")
    refuted(case, curve("gradient", 1, ["1", "0"]))
    assert "the loss rises along the curve at order 1" in said(case, curve("gradient", 1, ["-1", "0"]))


def test_a_rise_and_no_change_are_no_descents() -> None:
    assert "rises along the curve at order 1" in said(SLOPE, curve("gradient", 1, ["-1", "0"]))
    assert "does not change along the curve up to order 1" in said(SLOPE, curve("gradient", 1, ["1", "-1"]))
    assert "does not change along the curve up to order 1" in said(SLOPE, curve("gradient", 1, ["0", "0"]))
    assert "rises along the curve at order 2" in said(SADDLE, curve("curvature", 2, ["1", "-1"]))
    assert "rises along the curve at order 2" in said(product("quadratic", 1, 1, 1), curve("arc", 2, ["1", "1"]))


def test_the_order_and_the_name_must_be_right() -> None:
    assert "do not fit the rule's name" in said(SADDLE, curve("gradient", 2, ["1", "1"]))
    assert "do not fit the rule's name" in said(SLOPE, curve("curvature", 1, ["1", "0"]))
    assert "do not fit the rule's name" in said(SADDLE, curve("curvature", 2, ["1", "1"], ["0", "0"]))
    assert "the loss falls at order 1, not 2" in said(SLOPE, curve("arc", 2, ["1", "0"]))
    assert "does not change along the curve up to order 1" in said(SADDLE, curve("gradient", 1, ["1", "1"]))


def test_only_a_descent_at_first_order_contradicts_stationarity() -> None:
    accepted(SLOPE, {"refutes": "kind", "descent": curve("gradient", 1, ["1", "0"])}, "refuted", kind="stationary")
    accepted(SADDLE, {}, kind="stationary")
    node = curve("curvature", 2, ["1", "1"])
    assert "a descent at first order is needed" in said(SADDLE, node, kind="stationary")


def test_one_side_of_a_kink_is_seen() -> None:
    """L = |a0| - a0/2 has a minimum at 0; L = |a0| - 2 a0 falls to the right only."""
    minimum = constant({"expr": "abs(z) + z/2"})
    for side in ("1", "-1"):
        assert "rises" in said(minimum, curve("gradient", 1, [side, "0", "0"]))
    slope = constant({"expr": "abs(z) + 2*z"})  # z = -a0
    refuted(slope, curve("gradient", 1, ["1", "0", "0"]))
    assert "rises" in said(slope, curve("gradient", 1, ["-1", "0", "0"]))


def test_curvature_on_one_side_of_a_c11_point() -> None:
    case = constant({"expr": "max(0, 1 + z)**2 - (1 + z)**2/2"}, a0=1)  # z = -a0
    refuted(case, curve("curvature", 2, ["1", "0", "0"]))
    assert "rises" in said(case, curve("curvature", 2, ["-1", "0", "0"]))


def test_a_curve_that_bends() -> None:
    """|u|^3 - u^4 is a minimum at 0 whatever the curve; u^3 falls along u = -t^2 at order 6."""
    minimum = constant({"expr": "abs(z)**3 - z**4"})
    for rows in (["1", "0", "0"],), (["-1", "0", "0"],), (["0", "0", "0"], ["1", "0", "0"]):
        for order in (3, 4, 6, 8):
            words = said(minimum, curve("arc", order, *rows))
            assert "the loss rises along the curve" in words or "does not change along the curve" in words
    refuted(constant({"expr": "z**3"}), curve("arc", 6, ["0", "0", "0"], ["1", "0", "0"]))


def test_a_square_root_without_expansion_is_not_expanded() -> None:
    case = constant({"expr": "sqrt(abs(z))"})
    assert "sqrt at 0 has no Taylor expansion" in said(case, curve("gradient", 1, ["1", "0", "0"]))


def test_a_unit_that_starts_on_a_kink_and_does_not_move() -> None:
    network = {"activation": "relu", "width": 1, "hidden_bias": False, "output_bias": False}
    case = make([[1]], [-1], network, "quadratic", {"a": [1], "W": [[0]]}, targets=True)
    # L = (a relu(w) + 1)^2: w > 0 raises it, w < 0 leaves it
    assert "does not change" in said(case, curve("arc", 4, ["1", "0"]))
    assert "does not change" in said(case, curve("arc", 4, ["0", "-1"]))
    assert "rises" in said(case, curve("gradient", 1, ["0", "1"]))


@pytest.mark.parametrize(
    ("path", "to", "message"),
    [
        (["rule"], "slope", "expected one of the rules"),
        (["order"], 0, "expected an integer from 1 to 24"),
        (["order"], 25, "expected an integer from 1 to 24"),
        (["order"], REMOVED, "missing field order"),
        (["curve"], [], "expected 1 to 24 coefficients"),
        (["curve"], "1", "expected a list"),
        (["curve", 0], ["1"], "expected 2 entries, got 1"),
        (["curve", 0], ["1", "0", "0"], "expected 2 entries, got 3"),
        (["curve", 0, 0], 1, "expected a number as text"),
        (["curve", 0, 0], "1/0", "expected a defined number"),
        (["curve", 0, 0], "t", "unknown name"),
        (["curve", 0, 0], "10**100000", "integer power beyond"),
        (["sure"], True, "unknown field sure"),
    ],
)
def test_tampered_nodes(path: list[Any], to: Any, message: str) -> None:
    assert message in said(SLOPE, changed(curve("gradient", 1, ["1", "0"]), *path, to=to))
