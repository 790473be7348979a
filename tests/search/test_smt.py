"""The SMT stage: what the solver proposes are points that rules certify; limits hold; what it excludes is excluded."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
from flint import fmpq

from tests.helpers.cases import make
from tests.search.found import rejudged
from verifier.case.types import Case, Data
from verifier.checker.errors import Rejected
from verifier.checker.expression import ALL_FUNCTIONS, parse
from verifier.checker.piecewise import piecewise
from verifier.search import smt
from verifier.search.certify import Found, certify_exact
from verifier.search.live import is_live
from verifier.search.smt.process import streamed
from verifier.search.smt.question import slopes_of
from verifier.search.smt.solving import Ending

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]]
SIGNS = [-1, 1, 1, -1]
LEAKY = {"name": "leaky_relu", "slope": "1/10"}
NETS = [
    ("relu", 2, "squared_hinge"),
    (LEAKY, 2, "quadratic"),
    ("relu", 2, "hinge"),
    ("abs(z)", 1, "squared_hinge"),
    ("linear", 1, "hinge"),
    ("max(0, -z)", 1, "max(0, 1+z)**2 + max(0, z)**2"),
]


def _function(text: Any) -> Any:
    return {"expr": text} if isinstance(text, str) and "(" in text else text


def _case(activation: Any, width: int, loss: Any, inputs: Any = XOR, labels: Any = SIGNS, **keys: Any) -> Case:
    size = {} if "hidden" in keys.get("net", {}) else {"width": width}
    network = {"activation": _function(activation), **size, **keys.pop("net", {})}
    return make(inputs, labels, network, _function(loss), **keys)


def _certified(case: Case, question: smt.Question, most: int = 3) -> list[Found | None]:
    found = []
    for it in islice(smt.proposals(question, 60), most):
        changed = replace(case, data=Data(it.inputs, it.labels, None, it.multiplicity))
        found.append(certify_exact(changed, it.theta, "an SMT solver"))
    return found


@pytest.mark.parametrize(("activation", "width", "loss"), NETS)
@pytest.mark.parametrize("biases", [{}, {"hidden_bias": False}, {"output_bias": False}])
def test_every_model_is_certified(activation: Any, width: int, loss: Any, biases: Any) -> None:
    """The conditions are sufficient for a local minimum: whatever the solver finds, the rules accept. (Where kinks of
    the loss and of units meet, the prover of rule dual does not look for all multipliers at once, and may decline.)
    """
    case = _case(activation, width, loss, net=biases, multiplicity=[2, 1, 1, 1])
    for found in _certified(case, smt.question_of(case), 2):
        if found is None and loss == "hinge":
            continue
        assert found is not None
        assert found.accepted.data["ties"] == 0 or found.accepted.data["training_error"] != "0"
        rejudged(found)


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge", "quadratic"])
@pytest.mark.parametrize("kind", ["separable", "subspaces", "general"])
def test_free_data_are_of_their_kind(loss: str, kind: Any) -> None:
    case = _case("relu", 1, loss)
    free = smt.FreeData(kind, 4, 2, reach=2, most=2, total=5)
    for found in _certified(case, smt.question_of(case, free, live=True), 2):
        if found is None and loss == "hinge":
            continue
        assert found is not None and is_live(found)
        data = rejudged(found).case.data
        assert data.dimension == 2 and len(set(data.inputs)) == 4
        assert sum(data.multiplicity) <= 5 and max(data.multiplicity) <= 2
        assert all(v.q == 1 and abs(v) <= 2 for x in data.inputs for v in x)  # type: ignore[union-attr]
        if kind == "subspaces":
            assert all(any(x) and x[y > 0] == 0 for x, y in zip(data.inputs, data.labels or (), strict=True))


def test_two_samples_have_no_live_minimum_and_three_have() -> None:
    """docs/search.md, the smallest data with a live unit."""
    case = _case("relu", 2, "squared_hinge")
    for samples, expected in ((2, True), (3, False)):
        ending = Ending()
        question = smt.question_of(case, smt.FreeData("separable", samples, 1, reach=2, most=2), live=True)
        first = next(smt.proposals(question, 60, ending=ending), None)
        assert (first is None) == expected == ending.complete


def test_short_parameters() -> None:
    case = _case("relu", 1, "squared_hinge")
    free = smt.FreeData("separable", 3, 1, reach=1, most=2)
    question = replace(smt.question_of(case, free, live=True), denominator=3, bound=2)
    (proposal,) = islice(smt.proposals(question, 60), 1)
    (weights,) = proposal.theta
    assert weights.b is not None
    for v in (weights.a0, *weights.W[0][0], *weights.b[0]):
        assert isinstance(v, fmpq) and 3 % int(v.q) == 0 and abs(v) <= 2


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (_case("softplus", 1, "squared_hinge"), "not piecewise linear"),
        (_case("hard_tanh", 1, "squared_hinge"), "not linear on each side of 0"),
        (_case("relu", 1, "logistic"), "not piecewise quadratic"),
        (_case("relu", 1, {"name": "polynomial_hinge", "p": 2}), "degree 2"),
        (_case("relu", 1, "min(0, z)"), "not convex"),
        (_case("relu", 1, {"name": "quadratic", "weight_decay": 1}), "weight decay"),
        (_case("relu", 2, "quadratic", net={"kind": "feedforward", "hidden": [2, 2]}), "one hidden layer"),
        (make(XOR, SIGNS, {"activation": "relu", "width": 1}, "quadratic", targets=True), "labels"),
        (_case("relu", 1, "quadratic", [["sqrt(2)"], [1]], [1, -1]), "irrational"),
        (_case("relu", 30, "quadratic"), "too large"),
    ],
)
def test_what_it_is_not_for(case: Case, words: str) -> None:
    with pytest.raises(Rejected, match=words):
        smt.question_of(case)


def test_slopes_of_a_loss() -> None:
    slopes = slopes_of(piecewise(parse("max(0, 1+z) + max(0, z)**2", frozenset("z"), ALL_FUNCTIONS)))
    assert [(s.left, s.right, s.constant, s.rise) for s in slopes] == [
        (None, -1, 0, 0),
        (-1, 0, 1, 0),
        (0, None, 1, 2),
    ]


# -- the process -------------------------------------------------------------------------------------------------------


def _numbers(count: int) -> Iterator[int]:
    yield from range(count)


def _endless() -> Iterator[int]:
    yield os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])
    while True:
        math.factorial(1000)


def _greedy() -> Iterator[int]:
    yield 1
    yield len(bytearray(1 << 44))


def _failing() -> Iterator[int]:
    yield 1
    raise ValueError("broken")


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_everything_arrives() -> None:
    assert list(streamed(_numbers, (5,), 60)) == [0, 1, 2, 3, 4]


def test_the_time_limit_holds_and_the_process_is_gone() -> None:
    start = time.monotonic()
    (pid,) = streamed(_endless, (), 0.5)
    assert time.monotonic() - start < 30
    assert _gone(pid)


def test_whoever_stops_reading_ends_the_process() -> None:
    numbers: Any = streamed(_endless, (), 600)
    pid = next(numbers)
    numbers.close()
    assert _gone(pid)


def test_no_memory_is_an_end() -> None:
    assert list(streamed(_greedy, (), 60)) == [1]


def test_a_failure_is_one_here() -> None:
    numbers = streamed(_failing, (), 60)
    assert next(numbers) == 1
    with pytest.raises(RuntimeError, match="broken"):
        next(numbers)
