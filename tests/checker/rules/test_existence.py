"""Rule existence: Newton-Kantorovich over a box; each hypothesis is taken away once."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq

from tests.checker.rules.certify import REMOVED, Json, accepted, changed, identity_witness, product, refusal
from tests.helpers.cases import make
from verifier.case.types import Case

DECAY = {"name": "quadratic", "weight_decay": "1/2"}
WITNESS = {"rows": [[648], [-486, 810]], "exponents": [-10, -10]}  # H = [[5/2, 3/2], [3/2, 5/2]] at the minimum


def decayed(a: Any = "1.001", w: Any = "0.999") -> Case:
    """(aw - 5/4)^2 + (a^2 + w^2)/4 has a strict minimum at a = w = 1, with the loss 9/16."""
    return product(DECAY, a, w, "5/4")


def node(*center: str, radius: str = "1/100", witness: Json = WITNESS, **more: Any) -> Json:
    standard = {"bits": 64, "digits": 60, "moves": [], "frozen": []}
    return {"center": list(center), "radius": radius, "witness": witness, **standard, **more}


NODE = node("1.00001", "1")
CLAIM: Json = {"near": "1/100"}


def said(changes: Json, case: Case | None = None, **keys: Any) -> str:
    """The refusal of NODE with other fields."""
    return refusal(case or decayed(), {"existence": {**NODE, **changes}}, **{**CLAIM, **keys})


def test_a_minimum_near_the_point() -> None:
    found = accepted(decayed(), {"existence": NODE}, **CLAIM, strict=True)
    assert found.data["strict"] is True
    low, high = (fmpq_of(found.data["loss"][end]) for end in ("lower", "upper"))
    assert low <= fmpq(9, 16) <= high and high - low < fmpq(1, 1000)
    assert fmpq(1, 1000) <= fmpq_of(found.data["distance"]) < fmpq(11, 10_000)
    assert fmpq(1, 1000) < fmpq_of(found.data["radius"]) < fmpq(1, 100)


def fmpq_of(words: str) -> fmpq:
    mantissa, _, power = words.partition("e")
    whole, _, fraction = mantissa.partition(".")
    return fmpq(int(whole + fraction)) * fmpq(10) ** (int(power or 0) - len(fraction))


def test_the_box_may_be_as_large_as_the_contraction_allows() -> None:
    accepted(decayed(), {"existence": node("1", "1", radius="1/30")}, **CLAIM)
    assert "not shown to be positive definite" in said({"radius": "1/2"})


def test_the_newton_step_must_stay_in_the_box() -> None:
    """|X grad L(c)| is about 10^-5 at the center (1.00001, 1)."""
    assert "the Newton step leaves the box" in said({"radius": "1/10**6"})
    accepted(decayed(), {"existence": {**NODE, "radius": "1/10**4"}}, **CLAIM)


def test_the_center_must_be_nearly_critical() -> None:
    assert "the Newton step leaves the box" in said({"center": ["1.02", "1"]})


def test_a_definite_hessian_at_a_point_without_a_minimum_is_not_enough() -> None:
    """H = [[2.12, 0.74], [0.74, 2.12]] at (0.9, 0.9), which is not critical."""
    at = node("0.9", "0.9", witness={"rows": [[703], [-262, 750]], "exponents": [-10, -10]})
    assert "the Newton step leaves the box" in refusal(decayed("0.9", "0.9"), {"existence": at}, near="1/100")


def test_a_saddle_has_no_witness() -> None:
    """a = w = 0: H = [[1/2, -5/2], [-5/2, 1/2]]."""
    case = decayed("1/1000", "0")
    for entry, power in ((1, 0), (1, -4), (3, 0), (0, 0)):
        at = node("0", "0", witness=identity_witness(2, power, entry))
        assert "not shown to be positive definite" in refusal(case, {"existence": at}, near="1/100")


def test_a_degenerate_minimum_is_not_shown() -> None:
    """(aw - 1)^2 without decay: the Hessian is singular along the hyperbola aw = 1."""
    case = product("quadratic", 1, 1, 1)
    at = node("1", "1", witness={"rows": [[5], [-5, 8]], "exponents": [-3, -3]})
    assert "not shown to be positive definite" in refusal(case, {"existence": at}, near="1/100")


def test_a_saddle_with_an_input_at_the_edge_of_a_lane() -> None:
    """f = a (w x + b)^2 at a = b = 1, w = 0: stationary, and the curvature along w is -1. The input 2 on the second of
    32 samples, where all others that decide the size are smaller, once left its lane of 64 bits and counted as -6.
    """
    inputs = [fmpq(0), fmpq(2), *[fmpq(v) for v in (-1, 0, -1, 1, -1, 1, -1)], *[fmpq(0)] * 23]
    bend = -(2 * sum(x * x for x in inputs) / 16 + fmpq(1, 2))  # of the loss by f, weighted with x^2
    slopes = {0: -bend, 2: bend / 2, 5: bend / 2}
    targets = [1 - 16 * slopes.get(i, fmpq(0)) for i in range(32)]
    network = {"activation": "quadratic", "width": 1, "output_bias": False}
    point = {"a": [1], "W": [[0]], "b": [1]}
    case = make([[x] for x in inputs], targets, network, "quadratic", point, targets=True)
    moves = {"moves": [{"move": "scale", "unit": [0, 0, 0]}], "frozen": [0]}
    witness = {"rows": [[396324], [109921, 384722]], "exponents": [-20, -20]}  # fits [[7, -2], [-2, 8]]
    for digits in (60, 61, 62, 63, 126):
        at = node("1", "0", "1", witness=witness, digits=digits, **moves)
        assert "not shown to be positive definite at the center" in refusal(case, {"existence": at}, near="1/100")


@pytest.mark.parametrize("power", [6, 10, 30])
def test_a_radius_without_sense(power: int) -> None:
    """(a e^w)^2 + (a^2 + w^2)/4 over a box in which e^w has more digits than there is room for."""
    network = {"activation": "exp", "width": 1, "hidden_bias": False, "output_bias": False}
    case = make([[1]], [0], network, DECAY, {"a": [0], "W": [[0]]}, targets=True)
    witness = {"rows": [[10], [0, 22]], "exponents": [-4, -4]}
    accepted(case, {"existence": node("0", "0", witness=witness)}, near="1/100")
    wide = node("0", "0", witness=witness, radius=f"10**{power}")
    assert "a number is too large" in refusal(case, {"existence": wide}, near="1/100")


def test_the_minimum_must_be_near_the_given_point() -> None:
    accepted(decayed(), {"existence": NODE}, near="1.03/1000")
    assert "not shown to lie within the radius" in said({}, near="0.9999/1000")
    assert "not shown to lie within the radius" in refusal(decayed("2", "1"), {"existence": NODE}, **CLAIM)
    assert "not shown to lie within the radius" in refusal(decayed("1", "-1"), {"existence": NODE}, **CLAIM)


def test_a_certificate_belongs_to_its_case() -> None:
    """The same node with other targets, another decay or another loss."""
    for other in (product(DECAY, 1, 1, "1.3"), product({**DECAY, "weight_decay": "0.6"}, 1, 1, "5/4")):
        assert "the Newton step leaves the box" in said({}, other)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("bits",), 63, "expected an integer from 64 to 8192"),
        (("bits",), 64.0, "expected an integer"),
        (("radius",), "0", "the radius is not positive"),
        (("radius",), "-1/100", "the radius is not positive"),
        (("radius",), 0.01, "expected a number as text"),
        (("center",), ["1"], "expected 2 entries"),
        (("center", 0), 1, "expected a number as text"),
        (("center", 0), "nan", "unknown name"),
        (("center", 0), "1.1", "the Newton step leaves the box"),
        (("witness", "rows", 0, 0), 3000, "not shown to be positive definite"),
        (("witness", "rows", 1, 1), 0, "not shown to be positive definite"),
        (("witness", "rows", 1, 0), 0, "not shown to be positive definite"),
        (("witness", "rows", 1), [810], "to hold 2 integers"),
        (("witness", "exponents", 0), -40, "not shown to be positive definite"),
        (("witness", "exponents", 0), 10**6, "expected exponents within"),
        (("frozen",), [0], "expected one frozen coordinate for each move"),
        (("frozen",), [2], "expected an integer from 0 to 1"),
        (("frozen",), [-1], "expected an integer from 0 to 1"),
        (("moves",), [{"move": "scale", "unit": [0, 0, 0]}], "has a weight decay"),
        (("moves",), {}, "expected a list"),
        (("center",), REMOVED, "missing field center"),
        (("witness",), REMOVED, "missing field witness"),
        (("moves",), REMOVED, "missing field moves"),
        (("extra",), 1, "unknown field extra"),
    ],
)
def test_a_field_tampered_with(path: tuple[Any, ...], value: Any, message: str) -> None:
    said_then = refusal(decayed(), {"existence": changed(NODE, *path, to=value)}, **CLAIM)
    fits = message in said_then
    # a frozen coordinate takes a row of the witness with it
    assert fits or (path == ("frozen",) and value == [0] and "expected 1 rows" in said_then)


# -- what the claim adds ---------------------------------------------------------------------------------------------


def test_without_near_there_is_no_existence() -> None:
    assert "near is missing" in refusal(decayed(), {"existence": NODE})


def test_strict_is_what_is_found() -> None:
    assert "the minimum is a strict one" in said({}, strict=False)


def test_bad_and_the_training_error_need_labels() -> None:
    assert "the training error at the minimum is not settled" in said({}, bad=False)


LABELLED = make(
    [[1]],
    [1],
    {"activation": "linear", "width": 1, "hidden_bias": False, "output_bias": False},
    {"name": "quadratic", "weight_decay": "1/2"},
    {"a": ["0.867"], "W": [["0.866"]]},
)
# (1 - aw)^2 + (a^2 + w^2)/4: a = w with a^2 = 3/4; H = [[2, 1], [1, 2]]
AT = node("0.8660254", "0.8660254", witness={"rows": [[6], [-3, 7]], "exponents": [-3, -3]})


def test_the_training_error_at_the_minimum() -> None:
    found = accepted(LABELLED, {"existence": AT}, near="1/100", bad=False, training_error="0", strict=True)
    assert (found.data["training_error"], found.data["ties"]) == ("0", 0)
    assert "bad does not agree" in refusal(LABELLED, {"existence": AT}, near="1/100", bad=True)
    assert "is another one" in refusal(LABELLED, {"existence": AT}, near="1/100", training_error="1")


def test_an_output_that_may_be_0_settles_no_training_error() -> None:
    """With a decay of 4 the only minimum is 0, and there f = 0."""
    case = make(
        [[1]],
        [1],
        {"activation": "linear", "width": 1, "hidden_bias": False, "output_bias": False},
        {"name": "quadratic", "weight_decay": 4},
        {"a": ["1/1000"], "W": [["1/1000"]]},
    )
    at = node("0", "0", witness={"rows": [[4], [2, 4]], "exponents": [-3, -3]})  # H = [[4, -2], [-2, 4]]
    assert accepted(case, {"existence": at}, near="1/100").data["training_error"] is None
    for keys in ({"bad": True}, {"bad": False}, {"training_error": "0"}, {"training_error": "1"}):
        assert "an output may be 0" in refusal(case, {"existence": at}, near="1/100", **keys)


# -- moves and frozen coordinates --------------------------------------------------------------------------------------

SCALE: Json = {"move": "scale", "unit": [0, 0, 0]}
FREE = product("quadratic", "1.001", "0.999", 1)  # (aw - 1)^2: a valley
SLICE = node("1", "1", witness={"rows": [[11]], "exponents": [-4]}, moves=[SCALE], frozen=[1])  # 2 (11/16)^2 < 1


def test_a_valley_is_a_minimum_modulo_its_move() -> None:
    found = accepted(FREE, {"existence": SLICE}, near="1/100", strict=False)
    assert found.data["strict"] is False
    assert "the minimum is not a strict one" in refusal(FREE, {"existence": SLICE}, near="1/100", strict=True)


def test_each_frozen_coordinate_needs_a_move() -> None:
    for moves in ([], [SCALE, SCALE]):
        assert "one frozen coordinate for each move" in refusal(
            FREE, {"existence": {**SLICE, "moves": moves}}, near="1/100"
        )


def test_a_move_without_a_frozen_coordinate_is_refused() -> None:
    at = {**NODE, "moves": [SCALE]}
    assert "one frozen coordinate for each move" in refusal(FREE, {"existence": at}, near="1/100")


def test_something_must_stay_free() -> None:
    at = {**SLICE, "frozen": [0, 1], "witness": {"rows": [], "exponents": []}, "moves": [SCALE, SCALE]}
    assert "no coordinate is free" in refusal(FREE, {"existence": at}, near="1/100")


def test_frozen_coordinates_are_increasing() -> None:
    for frozen in ([1, 1], [1, 0]):
        assert "expected increasing positions" in refusal(
            FREE, {"existence": {**SLICE, "frozen": frozen}}, near="1/100"
        )


def test_a_move_must_leave_the_slice() -> None:
    """The matrix of the moves in the frozen coordinates is invertible over the box."""
    # f = a w x + a0 with x = 0: nothing depends on (a, w); at w = 0 the scaling moves a only
    flat = make(
        [[0]],
        [1],
        {"activation": "linear", "width": 1, "hidden_bias": False},
        "quadratic",
        {"a0": 1, "a": [1], "W": [[0]]},
        targets=True,
    )
    row = {"move": "row", "unit": [0, 0, 0], "direction": ["1"]}
    good = node("1", "1", "0", witness={"rows": [[11]], "exponents": [-4]}, moves=[SCALE, row], frozen=[1, 2])
    accepted(flat, {"existence": good}, near="1/100", strict=False)
    dependent = {**good, "moves": [row, row]}
    assert "not shown to be transversal" in refusal(flat, {"existence": dependent}, near="1/100")
    at_zero = {**good, "center": ["1", "0", "0"]}
    assert "not shown to be transversal" in refusal(flat, {"existence": at_zero}, near="2")


# -- pieces ------------------------------------------------------------------------------------------------------------

RELU = {"activation": "relu", "width": 1, "hidden_bias": False, "output_bias": False}


def relu(w: str) -> Case:
    return make([[1]], ["5/4"], RELU, DECAY, {"a": ["1"], "W": [[w]]}, targets=True)


def test_a_box_inside_a_piece() -> None:
    accepted(relu("1"), {"existence": NODE}, **CLAIM)


def test_a_box_that_meets_a_breakpoint() -> None:
    """A box so wide that w may be 0 proves nothing, whatever the Hessian; a smaller one around w = 0 neither."""
    assert "meets a breakpoint" in refusal(relu("1"), {"existence": {**NODE, "radius": "3"}}, near="1/100")
    at = node("1", "0", radius="1/10**9", witness=identity_witness(2))
    assert "meets a breakpoint" in refusal(relu("0"), {"existence": at}, near="1/100")


def test_the_loss_must_be_smooth_over_the_box() -> None:
    """z = -1 within the box of a squared hinge: f = a0 alone, and a0 = 1 is a minimum on one side only."""
    case = make(
        [[0]],
        [1],
        {"activation": "linear", "width": 1, "hidden_bias": False},
        "squared_hinge",
        {"a0": 1, "a": [1], "W": [[1]]},
    )
    row = {"move": "row", "unit": [0, 0, 0], "direction": ["1"]}
    at = node(
        "1", "1", "1", radius="1/100", witness={"rows": [[11]], "exponents": [-4]}, moves=[SCALE, row], frozen=[1, 2]
    )
    assert "meets a breakpoint" in refusal(case, {"existence": at}, near="1/100")
