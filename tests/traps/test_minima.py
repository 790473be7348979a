"""Points that look like local minima, or do not look like them: each comes out right, and never wrong.

`never` is the verdict that would be false; `expected` is what the rules decide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.checker.rules.certify import accepted, constant, product, refusal
from tests.helpers.cases import decision, make
from verifier.case.types import Case

Q = "quadratic"
BARE = {"hidden_bias": False, "output_bias": False}
PROVED, REFUTED, UNDECIDED = "proved", "refuted", "undecided"


def settled(case: Case, expected: str, **keys: Any) -> None:
    """The verdict on local-minimum, and the opposite one on its negation."""
    assert decision(case, **keys).verdict.value == expected
    opposite = {PROVED: REFUTED, REFUTED: PROVED, UNDECIDED: UNDECIDED}[expected]
    assert decision(case, "not-local-minimum", **keys).verdict.value == opposite


def targets(inputs: Any, values: Any, network: Any, point: Any, loss: Any = Q, **more: Any) -> Case:
    return make(inputs, values, network, loss, point, targets=True, **more)


# -- degenerate second order -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("z**3", REFUTED),  # the flat direction falls at order 3
        ("z**6 - z**4", REFUTED),  # at order 4
        ("-(z**6)", REFUTED),
        ("z**4 - z**6", PROVED),
        ("z**2/10**30 - z**4", PROVED),
        ("z**4 - z**2/10**30", REFUTED),  # an eigenvalue of -2 10^-30
        ("z**2 + z/10**40", REFUTED),  # a gradient of 10^-40
        ("z**4 + abs(z)**3*(-1)", REFUTED),
        ("max(0, z)**2 - z**2/2", REFUTED),  # C^1 only: s_+^2 - s^2/2
        ("-abs(z)", REFUTED),
        ("abs(z) - z**2", PROVED),
        ("abs(z) + z/2", PROVED),
        ("abs(z) + 2*z", REFUTED),
        ("max(z, -2*z) - z**2", None),
        ("exp(z) - z - 1 - z**2/2", REFUTED),  # z^3/6
        ("exp(z) + exp(-z) - 2 - z**2", PROVED),  # z^4/12
        ("log(1 + exp(z)) - z/2", PROVED),
    ],
)
def test_losses_of_one_output(loss: str, expected: str | None) -> None:
    """f = a0 near the point, so L is the loss itself, on a set of inert parameters."""
    case = constant({"expr": loss})
    if expected is None:
        assert decision(case).verdict.value != REFUTED
    elif loss == "abs(z) - z**2":  # true; no rule of this version shows a sharp minimum of a loss that is not convex
        assert decision(case).verdict.value in (PROVED, UNDECIDED)
    else:
        settled(case, expected)


def test_a_fall_at_order_3_on_the_side_without_curvature() -> None:
    """z_+^2 + z_-^3 is C^1 only: the Hessian of the right side says minimum."""
    assert decision(constant({"expr": "max(0, z)**2 + min(0, z)**3"})).verdict.value != PROVED


def test_c2_at_a_breakpoint_is_not_c4() -> None:
    """|u|^3 - u^4 is a minimum that Taylor coefficients of one side call a maximum."""
    assert decision(constant({"expr": "abs(z)**3 - z**4"})).verdict.value != REFUTED
    assert decision(constant({"expr": "abs(z)**3 - z**4"}), "not-local-minimum").verdict.value != PROVED


def test_a_strict_valley_is_not_a_strict_minimum() -> None:
    """L = (aw - 1)^2: a non-strict minimum; y^2 + x^2 y: zero gradient, H >= 0, L constant on a line, no minimum."""
    case = product(Q, 1, 1)
    settled(case, PROVED)
    settled(case, REFUTED, strict=True)
    # f(x) = a0 + a w: L = ((a0 + aw)^2 ... along a = 0 or w = 0 it is constant
    saddle = make([[1], [1]], [1, 1], {"activation": "linear", "width": 1, **BARE}, "logistic", {"a": [0], "W": [[0]]})
    settled(saddle, REFUTED)


def test_y_squared_plus_x_squared_y() -> None:
    """L = f^2 + ... with f = a0 + a w^2 at a = a0 = w = 0 and targets 0, then with a residual."""
    network = {"activation": Q, "width": 1, "hidden_bias": False}
    here = {"a0": 0, "a": [0], "W": [[0]]}
    settled(targets([[1]], [0], network, here), PROVED)  # L = f^2 is at its lower bound
    # two inputs 0 and 1: ((a0 + 1)^2 + (a0 + a w^2 - 1)^2)/2 = a0^2 + 1 + (a0 - 1) a w^2 + a^2 w^4/2
    settled(targets([[0], [1]], [-1, 1], network, here), REFUTED)


# -- kinks -------------------------------------------------------------------------------------------------------------


def test_a_unit_exactly_at_0_on_one_sample() -> None:
    """All other samples leave the ReLU unit asleep; the one on the kink wants it awake, or does not."""
    network = {"activation": "relu", "width": 1}

    def case(y: int) -> Case:
        # f = 0 at the point; labels (1, y, ...) so that the mean is best with a0 = 0
        point = {"a0": 0, "a": [1], "W": [[1]], "b": [-2]}
        return make([[1], [2]], [-y, y], network, Q, point)

    settled(case(1), REFUTED)  # raising the unit helps sample x = 2
    settled(case(-1), PROVED)


def test_both_pieces_have_definite_hessians_and_the_gradient_falls_across() -> None:
    settled(constant({"expr": "max(2*z, z) + z**2"}), REFUTED)  # slopes 1 and 2: falls to the left
    settled(constant({"expr": "max(z, -z) + z**2"}), PROVED)


def test_a_kink_on_a_sample_without_slope() -> None:
    """lambda_i = 0 at z_i = -1: the sample acts at second order, on one side only."""
    network = {"activation": "relu", "width": 1, **BARE}
    asleep = make([[1]], [1], network, "squared_hinge", {"a": [2], "W": [["1/2"]]})  # f = 1: z = -1
    assert decision(asleep).verdict.value == PROVED  # L = 0
    trap = make([[1]], [1], network, {"expr": "max(0, 1 + z)**2 - (1 + z)**2/2"}, {"a": [2], "W": [["1/2"]]})
    settled(trap, REFUTED)


def test_a_saddle_on_the_flat_part_of_the_hinge() -> None:
    """The first sample is asleep (z = -3); the second, at f = 0 with slope 1, sees a w with a = w = 0."""
    network = {"activation": "linear", "width": 1, "hidden_bias": False}
    case = make([[0], [1]], [1, -1], network, "hinge", {"a0": 3, "a": [0], "W": [[0]]})
    settled(case, REFUTED)
    point = {"a0": 0, "a": [0], "W": [[0]]}
    saddle = make([[1], [-1]], [1, -1], network, "hinge", point)  # L = 1 - a w near the point
    settled(saddle, REFUTED)


def test_the_edge_of_sleep() -> None:
    """z = -1 exactly: the hinge is at its minimum, a non-strict one; just above it the loss falls."""
    settled(constant("hinge", a0=1), PROVED)
    settled(constant("hinge", a0="1 - 1/10**40"), REFUTED)
    settled(constant("squared_hinge", a0="1 - 1/10**40"), REFUTED)
    settled(constant("squared_hinge", a0="1 + 1/10**40"), PROVED)
    settled(constant("squared_hinge", a0="1 + 1/10**40"), REFUTED, strict=True)


def test_hinge_with_a_curved_output() -> None:
    """f = a e^(w x), hinge, (1/2, log 2): with independent kinks the naive test says minimum, and it is not."""
    network = {"activation": "exp", "width": 1, **BARE}
    inputs, labels, counts = [[-1], [0], [1]], [1, -1, 1], [4, 4, 6]
    case = make(inputs, labels, network, "hinge", {"a": ["1/2"], "W": [["log(2)"]]}, multiplicity=counts)
    assert decision(case).verdict.value != PROVED
    assert decision(case, "not-local-minimum").verdict.value != REFUTED


# -- outgoing weights and depth ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["softplus", Q, "exp", "sigmoid", "silu", "gelu"])
def test_all_outgoing_weights_0_is_a_saddle(activation: str) -> None:
    """Sum g_i = 0 and all a_j = 0: stationary in every a_j only by luck, and never a minimum here."""
    point = {"a0": 0, "a": [0, 0], "W": [[0], [0]], "b": [0, 0]}
    case = make([[0], [1]], [1, -1], {"activation": activation, "width": 2}, Q, point)
    settled(case, REFUTED)


def test_a_dead_unit_with_outgoing_weight_0_is_harmless() -> None:
    network = {"activation": "relu", "width": 1, "hidden_bias": False}
    case = make([[1], [2]], [1, -1], network, Q, {"a0": 0, "a": [0], "W": [[-1]]})
    settled(case, PROVED)
    edge = make([[1], [2]], [1, -1], network, Q, {"a0": 0, "a": [0], "W": [[0]]})
    settled(edge, REFUTED)  # a relu(w x), sum g_i x_i = -1 + 2 != 0


def test_directions_unseen_at_the_point_only() -> None:
    """f = a0 + a tanh(u tanh(w x)) at u = w = 0 is a saddle: the unseen directions of deeper layers move."""
    network = {"kind": "feedforward", "activation": "tanh", "hidden": [1, 1], "hidden_bias": False}
    case = targets([[1], [-1]], [1, -1], network, {"a0": 0, "a": [1], "W": [[[0]], [[0]]]})
    settled(case, REFUTED)


def test_a_reduction_goes_one_way_only() -> None:
    """Quadratic units x = y = 1, L = (1 - f)^2, a = (-1, -2), w = 0: a local minimum though G(q) has a slope."""
    case = targets([[1]], [1], {"activation": Q, "width": 2, **BARE}, {"a": [-1, -2], "W": [[0], [0]]})
    settled(case, PROVED)
    settled(case, REFUTED, strict=True)


def test_a_quadratic_unit_with_outgoing_weight_0() -> None:
    settled(targets([[1]], [1], {"activation": Q, "width": 1, **BARE}, {"a": [0], "W": [[0]]}), REFUTED)


def test_decay_breaks_the_reductions() -> None:
    """A dead unit is no minimum once its parameters decay, and theta = 0 is a strict one under strong decay."""
    decay = {"name": Q, "weight_decay": "1/10"}
    assert decision(constant(decay, (1, -1))).verdict.value == REFUTED
    network = {"activation": "tanh", "width": 1, **BARE}
    strong = make([[1], [-1]], [1, -1], network, {"name": Q, "weight_decay": 9}, {"a": [0], "W": [[0]]})
    settled(strong, PROVED, strict=True)
    weak = make([[1], [-1]], [1, -1], network, {"name": Q, "weight_decay": 1}, {"a": [0], "W": [[0]]})
    settled(weak, REFUTED)


# -- numbers -----------------------------------------------------------------------------------------------------------


def test_a_saturated_tail_has_a_slope() -> None:
    """Softplus at -800: every float says gradient 0, and it is exp(-800)."""
    network = {"activation": "softplus", "width": 1}
    case = make([[1], [2]], [1, -1], network, Q, {"a0": 0, "a": [1], "W": [[0]], "b": [-800]})
    settled(case, REFUTED)


@pytest.mark.parametrize("bits", [60, 200])
def test_a_float_point_next_to_a_saddle(bits: int) -> None:
    near = f"1/{2**bits}"
    settled(product(Q, near, near), REFUTED)


def test_a_float_point_next_to_a_minimum_is_none() -> None:
    loss = {"name": Q, "weight_decay": "1/2"}
    settled(product(loss, f"1 + 1/{2**52}", 1, "5/4"), REFUTED)


def test_duplicated_samples_count_once_each() -> None:
    """Samples given twice, or with multiplicity 2, weigh the same."""
    network = {"activation": "relu", "width": 1, "hidden_bias": False}
    point = {"a0": "1/3", "a": [1], "W": [[-1]]}
    for inputs, labels, counts in (([[1], [1], [2]], [1, 1, -1], None), ([[1], [2]], [1, -1], [2, 1])):
        case = make(inputs, labels, network, Q, point, multiplicity=counts)
        settled(case, PROVED, training_error=None)
        assert decision(case).training_error == "1/3"
    unweighted = make([[1], [2]], [1, -1], network, Q, point)
    settled(unweighted, REFUTED)


def test_ties_count_as_errors_and_are_reported() -> None:
    case = constant(Q, (1, -1))
    found = decision(case, bad=True, training_error=1)
    assert (found.verdict.value, found.training_error, found.ties) == (PROVED, "1", 2)


def test_an_output_of_0_in_disguise_decides_nothing() -> None:
    """f = sqrt((1 + pi)^2) - 1 - pi is 0, but no sign is shown: neither error nor not."""
    case = constant(Q, (1,), a0="sqrt((1 + pi)**2) - 1 - pi")
    for keys in ({"value": 1}, {"value": 0}):
        assert decision(case, "training-error", **keys).verdict.value == UNDECIDED


# -- outputs in a subspace ---------------------------------------------------------------------------------------------


def even(activation: Any, hidden_bias: bool = False, **more: Any) -> Case:
    network = {"activation": activation, "width": 2, "hidden_bias": hidden_bias, **more}
    point = {"a0": 0, "a": [0, 0], "W": [[0], [0]], **({"b": [0, 0]} if hidden_bias else {})}
    return make([[1], [-1]], [1, -1], network, Q, point)


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda: even(Q), PROVED),
        (lambda: even({"expr": "abs(z)"}), PROVED),
        (lambda: even(Q, hidden_bias=True), REFUTED),
        (lambda: even("softplus"), REFUTED),
        (lambda: even("tanh"), REFUTED),
        (lambda: even("relu"), REFUTED),
    ],
)
def test_symmetric_data_need_an_even_net(build: Callable[[], Case], expected: str) -> None:
    """x and -x with opposite labels: f = 0 is a global minimum iff f(x) = f(-x) for all parameters."""
    assert decision(build(), "global-minimum").verdict.value == expected


@pytest.mark.parametrize(
    ("activation", "depth", "bias", "globally"),
    [
        ("tanh", 1, False, PROVED),
        ("sigmoid", 1, False, PROVED),
        ("tanh", 2, False, PROVED),
        ("sigmoid", 2, False, None),  # sigmoid(c - s) is no mirror image
        ("tanh", 1, True, None),
        ("tanh", 2, True, None),
        ("softplus", 1, False, None),
    ],
)
def test_mirrored_data_need_a_mirrored_net(activation: str, depth: int, bias: bool, globally: str | None) -> None:
    """Two classes on two lines through 0: f(x) + f(-x) is one number for all x, or the classes can be told apart."""
    network = {"kind": "feedforward", "activation": activation, "hidden": [1] * depth, "hidden_bias": bias}
    point: dict[str, Any] = {"a0": 0, "a": [0], "W": [[[1, 1]], [[1]]][:depth]}
    if bias:
        point["b"] = [[0]] * depth
    case = make([[1, 0], [-1, 0], [0, 1], [0, -1]], [1, 1, -1, -1], network, Q, point)
    if globally:
        assert decision(case, "global-minimum").verdict.value == globally
    for identity in ("mirror", "even", "polynomial", "equal"):
        proof = {"minimum": {"rule": "output-subspace", "subgradients": {}, "parts": [{"by": identity}]}}
        if globally and identity == "mirror":
            accepted(case, proof, kind="global-minimum")
        else:
            assert refusal(case, proof, kind="global-minimum")
