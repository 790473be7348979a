"""Claims with near: what they take from a certificate of existence, and what excludes them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checker.rules.certify import Json, accepted, product, refusal
from tests.checker.rules.test_existence import AT, CLAIM, LABELLED, NODE, decayed
from tests.helpers.cases import make

DISGUISED = " + sqrt(3 + 2*sqrt(2)) - sqrt(2) - 1"  # 0, in a form whose sign is not settled
FAR = decayed("1.1", "1.1")  # the minimum is 1/10 away
SLOPE: Json = {"bits": 64, "coordinate": 0}
MARGINS: Json = {"bits": 64, "margins": True}


def curved(*direction: str) -> Json:
    return {"bits": 64, "direction": list(direction)}


# -- a slope -----------------------------------------------------------------------------------------------------------


def test_a_slope_excludes_every_minimum() -> None:
    found = accepted(FAR, {"nowhere": SLOPE}, "refuted", near="1/100")
    assert "a partial derivative of the loss is not 0 at any point within the radius" in found.statement
    assert [found.data[key] for key in ("training_error", "loss", "distance", "radius", "strict")] == [None] * 5


def test_the_slope_must_hold_on_the_whole_ball() -> None:
    """The minimum lies at distance 1/10 exactly; dL/da = 2 (aw - 5/4) w + a/2."""
    for near in ("1/10", "1"):
        assert "the partial derivative may be 0" in refusal(FAR, {"nowhere": SLOPE}, "refuted", near=near)


def test_a_minimum_within_the_radius_is_not_excluded() -> None:
    for node in (SLOPE, {**SLOPE, "coordinate": 1}):
        assert "may be 0" in refusal(decayed(), {"nowhere": node}, "refuted", near="1/1000")


def test_a_slope_refutes_and_does_not_prove() -> None:
    assert "missing" in refusal(FAR, {"nowhere": SLOPE}, "proved", near="1/100")
    assert "near is missing" in refusal(FAR, {"nowhere": SLOPE}, "refuted")


# -- curvature ---------------------------------------------------------------------------------------------------------

SADDLE = decayed("1/1000", "-1/1000")  # a critical point at 0: H = [[1/2, -5/2], [-5/2, 1/2]] there


def test_negative_curvature_excludes_every_minimum() -> None:
    found = accepted(SADDLE, {"nowhere": curved("1", "1")}, "refuted", near="1/10")
    assert "negative curvature along a fixed direction" in found.statement


@pytest.mark.parametrize("direction", [("1", "0"), ("1", "-1"), ("0", "0"), ("1", "1/10")])
def test_the_direction_must_be_one_of_negative_curvature(direction: tuple[str, str]) -> None:
    assert "the curvature along the direction may be positive" in refusal(
        SADDLE, {"nowhere": curved(*direction)}, "refuted", near="1/10"
    )


def test_the_curvature_must_be_negative_on_the_whole_ball() -> None:
    """v H v = (a + w)^2 + (a w - 5/4) 4 + ... along (1, 1) is positive at the minimum, which 1.01 reaches."""
    assert "may be positive" in refusal(SADDLE, {"nowhere": curved("1", "1")}, "refuted", near="1.01")


# -- training errors ---------------------------------------------------------------------------------------------------


def test_margins_that_do_not_change_sign() -> None:
    for keys in ({"bad": True}, {"training_error": "1"}, {"training_error": "1/2", "bad": False}):
        found = accepted(LABELLED, {"nowhere": MARGINS}, "refuted", near="1/100", **keys)
        assert "the training error is 0 at every point within the radius" in found.statement


@pytest.mark.parametrize("keys", [{}, {"bad": False}, {"training_error": "0"}, {"strict": False}])
def test_margins_that_agree_refute_nothing(keys: Json) -> None:
    assert "the training error agrees with the claim" in refusal(
        LABELLED, {"nowhere": MARGINS}, "refuted", near="1/100", **keys
    )


def test_a_training_error_in_disguise_is_not_another_one() -> None:
    """It is the very number: a form that differs proves nothing."""
    said = refusal(LABELLED, {"nowhere": MARGINS}, "refuted", near="1/100", training_error="0" + DISGUISED)
    assert "could not be settled" in said


def test_a_margin_that_may_be_0() -> None:
    """f = aw is 0 where w = 0, at distance 0.866."""
    said = refusal(LABELLED, {"nowhere": MARGINS}, "refuted", near="0.8661", bad=True)
    assert "an output may change its sign within the radius" in said


def test_margins_need_labels() -> None:
    said = refusal(decayed(), {"nowhere": MARGINS}, "refuted", near="1/100", bad=True)
    assert "an output may change its sign" in said


def test_a_ball_that_meets_a_breakpoint_excludes_nothing() -> None:
    net = {"activation": "relu", "width": 1, "hidden_bias": False, "output_bias": False}
    case = make([[1]], [1], net, "logistic", {"a": [1], "W": [["1/10"]]})
    accepted(case, {"nowhere": {**SLOPE, "coordinate": 1}}, "refuted", near="1/11")
    for node in (SLOPE, MARGINS, curved("1", "1")):
        assert "meets a breakpoint" in refusal(case, {"nowhere": node}, "refuted", near="1/10", bad=True)


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ({"bits": 64}, "missing field direction"),
        ({"coordinate": 0}, "expected an integer from 64 to 8192"),
        ({"bits": 64, "coordinate": 2}, "expected an integer from 0 to 1"),
        ({"bits": 64, "coordinate": True}, "expected an integer"),
        ({"bits": 64, "coordinate": 0, "direction": ["1", "1"]}, "unknown field direction"),
        ({"bits": 64, "direction": ["1"]}, "expected 2 entries"),
        ({"bits": 64, "direction": [1, 1]}, "expected a number as text"),
        ({"bits": 64, "margins": True, "coordinate": 0}, "unknown field coordinate"),
        ([], "expected an object"),
    ],
)
def test_a_node_of_another_shape(node: Any, message: str) -> None:
    assert message in refusal(FAR, {"nowhere": node}, "refuted", near="1/100")


# -- claims and statements ---------------------------------------------------------------------------------------------


def test_both_kinds_of_evidence_at_once() -> None:
    assert "unused evidence 'nowhere'" in refusal(decayed(), {"existence": NODE, "nowhere": SLOPE}, **CLAIM)


def test_existence_does_not_refute() -> None:
    assert "missing" in refusal(decayed(), {"existence": NODE}, "refuted", **CLAIM)


@pytest.mark.parametrize("near", ["0", "-1", "1 - 1"])
def test_near_is_positive(near: str) -> None:
    assert "expected a number > 0" in refusal(decayed(), {"existence": NODE}, near=near)


@pytest.mark.parametrize("kind", ["not-local-minimum", "stationary", "global-minimum", "suboptimal"])
def test_near_stands_on_local_minimum_only(kind: str) -> None:
    assert "stands on local-minimum only" in refusal(decayed(), {"existence": NODE}, kind=kind, near="1/100")


def test_the_statement_is_about_the_minimum() -> None:
    """The given point has the training error 1, the minimum near it has 0."""
    off = make(
        [[1]],
        [1],
        {"activation": "linear", "width": 1, "hidden_bias": False, "output_bias": False},
        {"name": "quadratic", "weight_decay": "1/2"},
        {"a": ["0.866"], "W": [["-1/100"]]},
    )
    found = accepted(off, {"existence": AT}, near="1", training_error="0", bad=False)
    assert "At that minimum, the training error is 0" in found.statement
    assert "is another one" in refusal(off, {"existence": AT}, near="1", training_error="1")


def test_an_irrational_radius() -> None:
    accepted(decayed(), {"existence": NODE}, near="sqrt(2)/1000")
    assert "not shown to lie" in refusal(decayed(), {"existence": NODE}, near="sqrt(2)/1500")


def test_another_point_another_verdict() -> None:
    """The certificate of one point does not serve the mirror image, where the minimum is (-1, -1)."""
    assert "not shown to lie" in refusal(
        product({"name": "quadratic", "weight_decay": "1/2"}, -1, -1, "5/4"), {"existence": NODE}, **CLAIM
    )
