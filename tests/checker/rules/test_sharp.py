"""Rule sharp: minima on kinks, accepted with exact arithmetic on the side; each hypothesis is taken away once."""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence
from typing import Any

import pytest
from flint import arb, arb_mat, fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.checker.rules.certify import Json, accepted, analysis, changed, claim, refusal
from tests.helpers.cases import make
from tests.helpers.tampering import fields
from verifier.case.types import Case
from verifier.checker.analysis import Analysis
from verifier.checker.case import read_case
from verifier.checker.check import seal
from verifier.checker.curvature import hessian
from verifier.checker.enclosure import Enclosure
from verifier.checker.errors import Rejected
from verifier.checker.network import flatten, unflatten
from verifier.checker.number import enclose, precision, sign
from verifier.rules.existence import sharp_witness

Q = fmpq
NEAR: Json = {"near": "1/1000"}
RELU = {"activation": "relu", "width": 1}
SCALE: Json = {"move": "scale", "unit": [0, 0, 0]}

# f = a0 + a relu(w x + b) with w = 1 frozen and b = 0 held by the kink on x = 0: on M the loss is that of the
# regression on (1, relu(x)), with the normal equations 4 a0 + 3 a = 8, 3 a0 + 5 a = 9. The residuals f - t at
# x = 0, 1, 2 are 13/11, -8/11, 4/11, so (up to 2a/N) nu = -4/11 and nu + D = 9/11.
KNEE_INPUTS, KNEE_TARGETS = (-1, 0, 1, 2), (2, 0, 3, 3)
KNEE_POINT: Json = {"a0": "13/11", "a": ["12/11"], "W": [[1]], "b": [0]}

# f = hard_tanh(x), on a kink at x = -1 and at x = 1. The residuals are -1/2, 1, -1, 1, -1, 1/2.
HARD_INPUTS, HARD_TARGETS = (-2, -1, "-1/2", "1/2", 1, 2), ("-1/2", -2, "1/2", "-1/2", 2, "1/2")


def knee(targets: Sequence[Any] = KNEE_TARGETS, inputs: Sequence[Any] = KNEE_INPUTS, **more: Any) -> Case:
    network, loss, point = more.pop("network", RELU), more.pop("loss", "quadratic"), more.pop("point", KNEE_POINT)
    return make([[x] for x in inputs], list(targets), network, loss, point, targets=True, **more)


def witness(matrix: Sequence[Sequence[Any]]) -> Any:
    return sharp_witness([[float(Q(v).p) / float(Q(v).q) for v in row] for row in matrix])


def node(center: Sequence[Any], matrix: Sequence[Sequence[Any]], kinks: Sequence[Any], **more: Any) -> Json:
    """A proof with the Hessian along the kinks as `matrix`."""
    return {
        "center": [str(v) for v in center],
        "radius": "1/1000",
        "bits": 128,
        "witness": witness(matrix),
        "moves": [],
        "frozen": [],
        "kinks": [list(k) for k in kinks],
        **more,
    }


H: list[list[Any]] = [[2, Q(3, 2)], [Q(3, 2), Q(5, 2)]]
KNEE = node(("13/11", "12/11", 1, 0), H, [(0, 0, 1)], moves=[SCALE], frozen=[2])


def hard(targets: Sequence[Any] = HARD_TARGETS, a: Any = 1, activation: Any = "hard_tanh") -> Case:
    network = {"activation": activation, "width": 1}
    return knee(targets, HARD_INPUTS, network=network, point={"a0": 0, "a": [a], "W": [[1]], "b": [0]})


HARD_H: list[list[Any]] = [[2, 0], [0, Q(3, 2)]]
HARD = node((0, 1, 1, 0), HARD_H, [(0, 0, 1), (0, 0, 4)])


def said(case: Case, proof: Json, **keys: Any) -> str:
    return refusal(case, {"existence": proof}, **{**NEAR, **keys})


def never_lower(case: Case, frozen: Sequence[int] = (), seed: int = 0) -> None:
    """L at 60 exact points near the case's own, frozen coordinates fixed, is not below L there."""
    checked = read_case(case.document())
    assert checked.point is not None
    here, center, chance = analysis(case).loss, flatten(checked.point), random.Random(seed)
    for _ in range(60):
        size = Q(1, 10 ** chance.randint(2, 6))
        moved = [c if k in frozen else c + size * chance.randint(-9, 9) for k, c in enumerate(center)]
        assert sign(Analysis(checked, unflatten(checked, moved)).loss - here) >= 0


# -- accepted ----------------------------------------------------------------------------------------------------------


def test_a_knee_of_relu_is_accepted() -> None:
    found = accepted(knee(), {"existence": KNEE}, **NEAR, strict=False)
    low, high = (Q(int(found.data["loss"][end].replace("0.", "")), 10**14) for end in ("lower", "upper"))
    assert low <= Q(15, 22) <= high and high - low < Q(1, 10**10)
    never_lower(knee(), frozen=[2])


SHIFTED: Json = {"a0": "13/11", "a": ["12/11"], "W": [[1]], "b": [-1]}


def test_directions_along_a_kink_may_move_its_weights() -> None:
    """The knee at x = 1 with a frozen: on M the weights are (w, b) = (1, -1) - t (1, -1), and h = relu(x - 1)."""
    case, a = knee(inputs=(0, 1, 2, 3), point=SHIFTED), Q(12, 11)
    matrix: list[list[Any]] = [[2, -a * Q(3, 2)], [-a * Q(3, 2), a * a * Q(5, 2)]]
    proof = node(("13/11", a, 1, -1), matrix, [(0, 0, 1)], moves=[SCALE], frozen=[1])
    accepted(case, {"existence": proof}, **NEAR, strict=False)
    never_lower(case, frozen=[1])
    with precision(128):
        along = arb_mat(fmpq_mat(4, 2, [Q(v) for v in (1, 0, 0, 0, 0, -1, 0, 1)]))
        product = along.transpose() * arb_mat(hessian(kinked(case, 0), 128)) * along
        assert product.contains(arb_mat(fmpq_mat([[Q(v) for v in row] for row in matrix])))
        assert all(v.rad() < 1e-30 for v in product.entries())


def kinked(case: Case, left: int) -> Enclosure:
    """The case at its own point, unit 0 on its kink at sample 1 with the given left slope."""
    checked = read_case(case.document())
    assert checked.point is not None
    with precision(128):
        balls = [enclose(v) for v in flatten(checked.point)]
        return Enclosure(checked, unflatten(checked, balls), {(0, 0, 1): (arb(0), (arb(0), arb(left), arb(0)))})


def test_along_the_kinks_the_slope_on_them_plays_no_part() -> None:
    """Whatever slope a unit on its kink is given, the gradient and the Hessian along M are the same."""
    case = knee(inputs=(0, 1, 2, 3), point=SHIFTED)
    along = arb_mat(fmpq_mat(4, 3, [Q(v) for v in (1, 0, 0, 0, 1, 0, 0, 0, -1, 0, 0, 1)]))
    with precision(128):
        zero, other = kinked(case, 0), kinked(case, 7)
        assert not arb_mat(hessian(zero, 128)).overlaps(arb_mat(hessian(other, 128)))
        first, second = (along.transpose() * arb_mat(hessian(state, 128)) * along for state in (zero, other))
        assert first.overlaps(second)
        slopes = [along.transpose() * arb_mat(4, 1, state.gradient) for state in (zero, other)]
        assert slopes[0].overlaps(slopes[1])
        assert (zero.gradient[3] - other.gradient[3]).contains(Q(-2, 4) * Q(13, 11) * Q(12, 11) * 7)


def test_no_radius_is_stated_in_which_the_minimum_is_alone() -> None:
    """With b = 2 the net is linear on all samples, and its regression line is another local minimum."""
    found = accepted(knee(), {"existence": {**KNEE, "radius": "1000"}}, **NEAR)
    assert found.data["radius"] == "0"


def test_both_kinks_of_hard_tanh_are_accepted() -> None:
    accepted(hard(), {"existence": HARD}, **NEAR, strict=True)
    never_lower(hard())


def test_a_deep_net_is_accepted() -> None:
    """f = a relu(v relu(w x + b) + c): with w = v = 1 frozen it is ac + a relu(x) on the kink."""
    network = {"kind": "feedforward", "activation": "relu", "hidden": [1, 1], "output_bias": False}
    point = {"a": ["12/11"], "W": [[[1]], [[1]]], "b": [[0], ["13/12"]]}
    a, c = Q(12, 11), Q(13, 12)
    matrix = [[2 * c * c + 3 * c + Q(5, 2), (2 * c + Q(3, 2)) * a], [(2 * c + Q(3, 2)) * a, 2 * a * a]]
    second = {"move": "scale", "unit": [0, 1, 0]}
    proof = node((a, 1, 0, 1, c), matrix, [(0, 0, 1)], moves=[SCALE, second], frozen=[1, 3])
    case = knee(network=network, point=point)
    accepted(case, {"existence": proof}, **NEAR, strict=False)
    never_lower(case, frozen=[1, 3])
    assert "meets a breakpoint" in said(case, {**proof, "kinks": [[0, 0, 3]]})


def test_a_kink_in_a_parallel_part_is_accepted() -> None:
    """The main part adds a0 only: its unit is dead."""
    deep = {"activation": "relu", "hidden": [1], "output_bias": False}
    network = {"kind": "shortcut", "activation": "relu", "width": 1, "deep": deep}
    own = {"a": ["12/11"], "W": [[[1]]], "b": [[0]]}
    case = knee(network=network, point={"a0": "13/11", "a": [5], "W": [[0]], "b": [-1], "deep": own})
    dead = [{"move": "outgoing", "unit": [0, 0, 0]}] + [
        {"move": "row", "unit": [0, 0, 0], "direction": d} for d in (["1", "0"], ["0", "1"])
    ]
    proof = node(
        ("13/11", 5, 0, -1, "12/11", 1, 0),
        H,
        [(1, 0, 1)],
        moves=[*dead, {"move": "scale", "unit": [1, 0, 0]}],
        frozen=[1, 2, 3, 5],
    )
    accepted(case, {"existence": proof}, **NEAR, strict=False)
    assert "not independent" in said(case, {**proof, "kinks": [[0, 0, 1]]})  # its whole row is frozen


# -- condition (2): strict signs across every kink ---------------------------------------------------------------------

weights = st.tuples(*[st.integers(1, 3)] * 4)
outcomes = st.tuples(*[st.integers(-3, 3)] * 4)


@settings(max_examples=20, deadline=None)
@given(outcomes, weights)
def test_a_knee_is_accepted_exactly_if_both_slopes_across_are_strict(t: tuple[int, ...], m: tuple[int, ...]) -> None:
    h = [max(0, x) for x in KNEE_INPUTS]
    moments = [sum(m), sum(k * v for k, v in zip(m, h, strict=True)), sum(k * v * v for k, v in zip(m, h, strict=True))]
    matrix = fmpq_mat([[Q(moments[0]), Q(moments[1])], [Q(moments[1]), Q(moments[2])]])
    right = fmpq_mat([[Q(sum(k * y for k, y in zip(m, t, strict=True)))],
                      [Q(sum(k * v * y for k, v, y in zip(m, h, t, strict=True)))]])  # fmt: skip
    a0, a = matrix.solve(right).entries()
    r = [k * (a0 + a * v - y) for k, v, y in zip(m, h, t, strict=True)]
    nu, jump = a * (r[2] + r[3]), a * r[1]
    case = knee(t, point={"a0": a0, "a": [a], "W": [[1]], "b": [0]}, multiplicity=m)
    scaled = [[2 * v / sum(m) for v in row] for row in matrix.tolist()]
    proof = node((a0, a, 1, 0), scaled, [(0, 0, 1)], moves=[SCALE], frozen=[2])
    if nu < 0 < nu + jump:
        accepted(case, {"existence": proof}, **NEAR)
        never_lower(case, frozen=[2])
    else:
        assert "not shown to be sharp" in said(case, proof)


def test_a_multiplier_that_is_exactly_0_is_not_enough() -> None:
    """The residuals at x = 1, 2 are 0, so nothing holds the kink from the left."""
    point = {"a0": 1, "a": [1], "W": [[1]], "b": [0]}
    case = knee((2, 0, 2, 3), point=point)
    assert "not shown to be sharp" in said(case, {**KNEE, "center": ["1", "1", "1", "0"]})


@pytest.mark.parametrize("turn", [0, 1])
def test_each_of_two_kinks_needs_its_signs(turn: int) -> None:
    """The residual at one kink of hard_tanh is shrunk to 1/4, too little to hold it; the outer one takes over."""
    targets: list[Any] = list(HARD_TARGETS)
    if turn == 0:
        targets[0], targets[1] = "-5/4", "-5/4"
    else:
        targets[5], targets[4] = "5/4", "5/4"
    message = said(hard(targets), HARD)
    assert f"on sample {(1, 4)[turn]} is not shown to be sharp" in message


def test_a_unit_without_influence_has_no_sharp_kink() -> None:
    """a = 0: the loss does not feel the kink at first order."""
    case = knee((1, -1, 0, 0), point={"a0": 0, "a": [0], "W": [[1]], "b": [0]})
    assert "not shown to be sharp" in said(case, {**KNEE, "center": ["0", "0", "1", "0"]})


def test_a_sample_without_slope_has_no_sharp_kink() -> None:
    """The residual at x = 0 is 0."""
    case = knee(("-1/10", 0, "6/5", "19/10"), point={"a0": 0, "a": [1], "W": [[1]], "b": [0]})
    assert "not shown to be sharp" in said(case, {**KNEE, "center": ["0", "1", "1", "0"]})


def test_a_point_that_is_on_no_kink_has_no_jump() -> None:
    assert "on sample 2 is not shown to be sharp" in said(knee(inputs=(-2, -1, 1, 2)), {**KNEE, "kinks": [[0, 0, 2]]})
    off = {**KNEE, "center": ["13/11", "12/11", "1", "1/10**30"]}
    assert "not shown to be sharp" in said(knee(), off)


# -- the kinks ---------------------------------------------------------------------------------------------------------


def test_every_kink_must_be_listed() -> None:
    three = witness([[2, 0, 0], [0, 2, 0], [0, 0, 2]])
    assert "meets a breakpoint" in said(hard(), {**HARD, "kinks": [[0, 0, 1]], "witness": three})
    assert "expected at least one kink" in said(knee(), {**KNEE, "kinks": []})


def test_equal_inputs_give_dependent_kinks() -> None:
    case = knee((2, 0, 0, 3, 3), (-1, 0, 0, 1, 2))
    assert "not independent" in said(case, {**KNEE, "kinks": [[0, 0, 1], [0, 0, 2]]})
    assert "meets a breakpoint" in said(case, {**KNEE, "kinks": [[0, 0, 1]]})


def test_multiples_without_bias_give_dependent_kinks() -> None:
    network = {"activation": "relu", "width": 1, "hidden_bias": False}
    point = {"a0": -1, "a": [1], "W": [[0, 1]]}
    case = make([[1, 0], [2, 0], [0, 1]], [-1, -1, 3], network, "quadratic", point, targets=True)
    proof = node((-1, 1, 0, 1), [[1]], [(0, 0, 0), (0, 0, 1)], moves=[SCALE], frozen=[3])
    assert "not independent" in said(case, proof)


def test_a_kink_whose_row_is_frozen_is_refused() -> None:
    """In the slice nothing crosses the kink: it cannot be judged there. (Here b = 0, so the move keeps b, too.)"""
    assert "not independent" in said(knee(), {**KNEE, "frozen": [3]})


def test_a_kink_is_listed_once_and_exists() -> None:
    assert "listed twice" in said(knee(), {**KNEE, "kinks": [[0, 0, 1], [0, 0, 1]]})
    for kink in ([0, 1, 1], [1, 0, 1], [0, 0, 4], [0, 0, -1], [0, 0], [0, 0, True], [0, "0", 1], 7, None):
        assert "sharp.kinks[0]" in said(knee(), {**KNEE, "kinks": [kink]})


def test_a_zero_input_without_bias_is_no_kink() -> None:
    """Its pre-activation is 0 for all weights: the gradient of the kink is 0."""
    network = {"activation": "relu", "width": 1, "hidden_bias": False}
    case = knee(network=network, point={"a0": "13/11", "a": ["12/11"], "W": [[1]]})
    assert "not independent" in said(case, {**KNEE, "center": ["13/11", "12/11", "1"]})


def test_irrational_inputs_are_refused() -> None:
    case = knee(inputs=(-1, 0, 1, 2, "sqrt(2)"), targets=(2, 0, 3, 3, 3))
    proof = {**KNEE, "center": ["13/11", "12/11", "1", "-sqrt(2)"], "kinks": [[0, 0, 4]], "frozen": [3]}
    assert "irrational" in said(case, proof)


# -- condition (1): a minimum along the kinks --------------------------------------------------------------------------


def test_the_center_must_be_nearly_critical_along_the_kinks() -> None:
    assert "leaves the box" in said(knee(), {**KNEE, "center": ["14/11", "12/11", "1", "0"]})


def test_the_hessian_along_the_kinks_must_be_definite() -> None:
    wrong = {**KNEE, "witness": {"rows": [[1], [0, 1]], "exponents": [0, 0]}}
    assert "positive definite" in said(knee(), wrong)
    assert "expected 2 rows" in said(knee(), {**KNEE, "witness": {"rows": [[1]], "exponents": [0]}})


def test_frozen_coordinates_need_moves_that_are_valid() -> None:
    assert "one frozen coordinate for each move" in said(knee(), {**KNEE, "moves": []})
    row = {"move": "row", "unit": [0, 0, 0], "direction": ["1", "0"]}
    assert "changes the pre-activation" in said(knee(), {**KNEE, "moves": [row]})
    decayed = knee(loss={"name": "quadratic", "weight_decay": "1/10**6"})
    assert "weight decay" in said(decayed, KNEE)


def test_hard_tanh_is_not_scaled() -> None:
    message = said(hard(), {**HARD, "moves": [SCALE], "frozen": [1], "kinks": [[0, 0, 1]]})
    assert "power of its pre-activation" in message or "homogeneous" in message or "breakpoint" in message


def test_a_loss_on_its_own_kink_is_refused() -> None:
    """The hinge at z = -1 on the sample x = -1."""
    case = make([[-1], [0], [1], [2]], [-1, 1, 1, 1], RELU, "hinge", {"a0": 1, "a": [1], "W": [[1]], "b": [0]})
    assert "meets a breakpoint" in said(case, {**KNEE, "center": ["1", "1", "1", "0"]})


def test_without_a_direction_along_the_kinks_nothing_is_shown() -> None:
    network = {"activation": "relu", "width": 1, "output_bias": False}
    case = knee(network=network, point={"a": [1], "W": [[1]], "b": [0]})
    proof = {**KNEE, "center": ["1", "1", "0"], "frozen": [0, 1], "moves": [SCALE, SCALE]}
    assert "leave no direction" in said(case, proof)
    assert "not independent" in said(case, {**proof, "frozen": [0, 1, 2], "moves": [SCALE] * 3})


# -- tampering ---------------------------------------------------------------------------------------------------------

JUNK: tuple[Any, ...] = (
    *(None, True, -1, 0, 1, 10**400, 0.5, "", "x", "0", "-1", "1/0", "sqrt(-1)", "1e10000", "exp(exp(exp(9)))"),
    *([], {}, [[]], [None], ["1"], {"rows": []}),
)


def test_tampered_fields_are_accepted_or_rejected() -> None:
    """No field holds anything that leads to another exception. (The point is a minimum: accepting is no error.)"""
    content = {"case": knee().document(), "verdict": "proved", "claim": claim(**NEAR)}
    seal({**content, "proof": {"existence": KNEE}})
    rejected = 0
    for path in fields(KNEE):
        for junk in JUNK:
            try:
                seal({**content, "proof": {"existence": changed(KNEE, *path, to=copy.deepcopy(junk))}})
            except Rejected:
                rejected += 1
    assert rejected > 500
