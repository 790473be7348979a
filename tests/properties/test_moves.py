"""The moves of the checker leave the loss unchanged, at the point and at every point near it; other moves do not."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from flint import arb, fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.helpers.cases import analysis_at, make, problem
from tests.helpers.nearby import offsets, plus
from verifier.case.types import Case
from verifier.checker.errors import Rejected
from verifier.checker.network import layouts, unflatten
from verifier.checker.number import enclose, precision
from verifier.checker.symmetry import incoming_positions, outgoing_positions, tangents
from verifier.model.objective import Objective, flat_point
from verifier.rules.moves import moves

BITS = 1_024  # the losses of exp units reach e^350, and their balls have to be thinner than 2^-150
STEPS = (fmpq(1, 50), fmpq(-1, 70))


def draw_case(r: random.Random, activation: Any, *, deep: bool = False) -> Case:
    """A random net of two units (or 2-2) on three samples, biases such that some ReLU units are dead."""

    def number() -> fmpq:
        return fmpq(r.randint(-9, 9), r.randint(1, 5))

    inputs = [[number(), number()] for _ in range(3)]
    W1, b1 = [[number(), number()] for _ in range(2)], [number() - r.choice((0, 0, 60)) for _ in range(2)]
    a = [number() or fmpq(1) for _ in range(2)]
    if not deep:
        point = {"a0": number(), "a": a, "W": W1, "b": b1}
        return make(inputs, [1, -1, 1], {"activation": activation, "width": 2}, "quadratic", point)
    W2, b2 = [[number(), number()] for _ in range(2)], [number() - r.choice((0, 0, 400)) for _ in range(2)]
    network = {"kind": "feedforward", "activation": activation, "hidden": [2, 2]}
    return make(inputs, [1, -1, 1], network, "quadratic", {"a0": number(), "a": a, "W": [W1, W2], "b": [b1, b2]})


def rational(words: str) -> fmpq:
    p, _, q = words.partition("/")
    return fmpq(int(p), int(q or 1))


def moved(case: Case, theta: tuple[fmpq, ...], move: Any, s: fmpq) -> list[Any]:
    """Phi_s(theta), written from the definition of each move: exact where it is rational, else with balls."""
    analysis = analysis_at(Objective(case), theta)
    vector: list[Any] = list(theta)
    if move["move"] == "linear":
        layout = layouts(analysis.case)[move["part"]]
        s /= max(abs(rational(v)) for row in (*move["rows"], [move["offset"], "1"]) for v in row)  # a short way
        for block, a, row in zip(layout.blocks[0], layout.a, move["rows"], strict=True):
            for k, v in zip(block.positions, row, strict=True):
                vector[k] += rational(v) and s * rational(v) / theta[a]
        if layout.a0 is not None:
            vector[layout.a0] += s * rational(move["offset"])
        return vector
    unit = tuple(move["unit"])
    inside, outside = incoming_positions(analysis, unit), outgoing_positions(analysis, unit)
    if move["move"] == "row":
        for k, v in zip(inside, move["direction"], strict=True):
            vector[k] += s * rational(v)
    elif move["move"] == "outgoing":
        for k in outside:
            vector[k] += s
    elif move["move"] == "scale":
        factor = 1 + s  # e^s in the definition: any factor near 1 will do
        degree = 2 if analysis.case.parts[unit[0]].spec["name"] == "quadratic" else 1
        for k in inside:
            vector[k] *= factor
        for k in outside:
            vector[k] /= factor**degree
    else:  # shift
        bias = layouts(analysis.case)[unit[0]].blocks[unit[1]][unit[2]].bias
        assert bias is not None
        vector[bias] += s
        for k in outside:
            with precision(BITS):
                vector[k] = arb(vector[k]) * (-arb(s)).exp()
    return vector


def same_loss(case: Case, one: Any, other: Any) -> bool:
    objective = Objective(case)
    if all(isinstance(v, fmpq) for v in (*one, *other)):
        return bool(analysis_at(objective, one).loss == analysis_at(objective, other).loss)
    with precision(BITS):
        balls = [[v if isinstance(v, arb) else enclose(v) for v in theta] for theta in (one, other)]
        x, y = (arb(objective.value(b)) for b in balls)
        return bool(x.overlaps(y)) and max(x.rad(), y.rad()) < arb(2) ** -150


ACTIVATIONS = ["relu", "leaky_relu", "linear", "quadratic", "hard_tanh", "exp"]


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(ACTIVATIONS), st.booleans(), st.integers(0, 10**9))
def test_moves_leave_the_loss_unchanged_near_the_point(activation: str, deep: bool, seed: int) -> None:
    r = random.Random(seed)
    case = draw_case(r, activation, deep=deep and activation != "exp")
    here = problem(case)
    assume(not here.here.pattern.kinks(1))
    theta = flat_point(case.point)  # type: ignore[arg-type]
    margin = fmpq(1, 10**4)
    for move in moves(here):
        for offset in offsets(len(theta), 3, seed, margin):
            near: Any = plus(theta, offset)
            for s in STEPS[:1] if activation == "exp" else STEPS:
                small = s / 100
                assert same_loss(case, near, moved(case, near, move.document, small)), move.document


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["relu", "leaky_relu", "linear", "hard_tanh"]), st.integers(0, 10**9))
def test_a_linear_move_with_one_other_number(activation: str, seed: int) -> None:
    """Either it still leaves the loss unchanged, or it is refused."""
    r = random.Random(seed)
    case = draw_case(r, activation)
    here = problem(case)
    assume(not here.here.pattern.kinks(1))
    theta = flat_point(case.point)  # type: ignore[arg-type]
    for move in moves(here):
        if move.document["move"] != "linear":
            continue
        document = copy.deepcopy(move.document)
        row = r.choice([*document["rows"], [document["offset"]]])
        k = r.randrange(len(row))
        row[k] = str(rational(row[k]) + r.choice((-1, 1)))
        if len(row) == 1:
            document["offset"] = row[0]
        small = STEPS[0] / 100
        try:
            tangents(here.analysis, [document], "move")
        except Rejected:
            continue
        for offset in offsets(len(theta), 2, seed, fmpq(1, 10**4)):
            near: Any = plus(theta, offset)
            assert same_loss(case, near, moved(case, near, document, small))


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(["relu", "hard_tanh", "quadratic"]), st.integers(0, 10**9))
def test_tangents_are_flat_directions_of_the_loss(activation: str, seed: int) -> None:
    """The gradient is orthogonal to each tangent, stationary point or not."""
    case = draw_case(random.Random(seed), activation)
    here = problem(case)
    assume(not here.here.pattern.kinks(1))
    for move in moves(here):
        for tangent in move.tangents:
            assert sum((g * v for g, v in zip(here.gradient, tangent, strict=True)), fmpq(0)) == 0


DEAD: Any = {"a0": 1, "a": [1, 2], "W": [[1, 0], [0, 1]], "b": [-9, 1]}
INPUTS = [[1, 2], [2, 1], [3, 3]]


def relu_case() -> Case:
    """Unit 0 is dead, unit 1 active on all samples."""
    return make(INPUTS, [1, -1, 1], {"activation": "relu", "width": 2}, "quadratic", DEAD)


@pytest.mark.parametrize(
    ("move", "message"),
    [
        ({"move": "row", "unit": [0, 0, 1], "direction": ["1", "0", "0"]}, "changes the pre-activation"),
        ({"move": "outgoing", "unit": [0, 0, 1]}, "is not 0 on sample"),
        ({"move": "shift", "unit": [0, 0, 0]}, "not exp with a bias"),
        ({"move": "row", "unit": [0, 0, 0], "direction": ["1", "0"]}, "direction"),
        ({"move": "turn", "unit": [0, 0, 0]}, "unknown move"),
        ({"move": "row", "unit": [0, 0, 2], "direction": ["1", "0", "0"]}, "from 0 to 1, got 2"),
    ],
)
def test_moves_that_change_the_loss_are_rejected(move: Any, message: str) -> None:
    with pytest.raises(Rejected, match=message):
        tangents(problem(relu_case()).analysis, [move], "move")


def test_a_rejected_direction_does_change_the_loss() -> None:
    """The rejections above are no pedantry: these moves change L."""
    case = relu_case()
    theta: Any = flat_point(case.point)  # type: ignore[arg-type]
    for move in (
        {"move": "row", "unit": [0, 0, 1], "direction": ["1", "0", "0"]},
        {"move": "outgoing", "unit": [0, 0, 1]},
    ):
        assert not same_loss(case, theta, moved(case, theta, move, STEPS[0]))


def test_unseen_direction_only_in_the_first_layer() -> None:
    """a0 + a tanh(u tanh(w x)) at u = w = 0: u is unseen at the point itself, and yet moving it changes what w does."""
    network = {"kind": "feedforward", "activation": "tanh", "hidden": [1, 1], "hidden_bias": False}
    case = make([[1], [-1]], [1, -1], network, "quadratic", {"a0": 0, "a": [1], "W": [[[0]], [[0]]]})
    analysis = problem(case).analysis
    with pytest.raises(Rejected, match="not constant on sample"):
        tangents(analysis, [{"move": "row", "unit": [0, 1, 0], "direction": ["1"]}], "move")
    assert unflatten(analysis.case, flat_point(case.point)) == analysis.theta  # type: ignore[arg-type]


def test_what_a_decay_holds_does_not_move() -> None:
    case = make(
        INPUTS, [1, -1, 1], {"activation": "relu", "width": 2}, {"name": "quadratic", "weight_decay": "1/9"}, DEAD
    )
    with pytest.raises(Rejected, match="weight decay"):
        tangents(problem(case).analysis, [{"move": "row", "unit": [0, 0, 0], "direction": ["1", "0", "0"]}], "move")
    assert moves(problem(case)) == []
