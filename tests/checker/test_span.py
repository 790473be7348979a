"""Spans contain the outputs: of all nearby points (pattern), of all points (the other identities)."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from flint import fmpq, fmpq_mat

from tests.checker.rules.certify import analysis
from tests.helpers.cases import make
from verifier.case.types import Case
from verifier.checker.analysis import Analysis
from verifier.checker.errors import Rejected
from verifier.checker.network import flatten, unflatten
from verifier.checker.span import output_span

INPUTS = [[0], [1], [-1], [2], [1], ["1/2"], [-2]]


def net(activation: Any, hidden: list[int], hidden_bias: bool, output_bias: bool, seed: int) -> Case:
    draw = random.Random(seed)
    sizes = [1, *hidden]

    def value() -> str:
        return str(fmpq(draw.randint(-4, 4), draw.choice((1, 2))))

    point: dict[str, Any] = {
        "a": [value() for _ in range(hidden[-1])],
        "W": [[[value() for _ in range(sizes[k])] for _ in range(h)] for k, h in enumerate(hidden)],
    }
    if output_bias:
        point["a0"] = value()
    if hidden_bias:
        point["b"] = [[value() for _ in range(h)] for h in hidden]
    network = {
        "kind": "feedforward",
        "activation": activation,
        "hidden": hidden,
        "hidden_bias": hidden_bias,
        "output_bias": output_bias,
    }
    return make(INPUTS, [1] * len(INPUTS), network, "quadratic", point)


def inside(vectors: list[Any], outputs: Any) -> bool:
    def rank(rows: list[Any]) -> int:
        return int(fmpq_mat(len(rows), len(INPUTS), [v for row in rows for v in row]).rank()) if rows else 0

    return rank([*vectors, outputs]) == rank(vectors)


def moved(at: Analysis, draw: random.Random, size: fmpq) -> Any:
    """The outputs at a random point within `size`."""
    theta = [v + size * fmpq(draw.randint(-50, 50), 50) for v in flatten(at.theta)]
    return replace(at, theta=unflatten(at.case, theta), _memory={}).outputs


PIECEWISE = ["linear", "relu", "quadratic", "hard_tanh", {"expr": "max(z, z**2)"}, {"expr": "abs(z) - z**2/2"}]


@pytest.mark.parametrize("activation", PIECEWISE)
@pytest.mark.parametrize("hidden", [[1], [2], [1, 1], [2, 1]])
def test_pattern_near_the_point(activation: Any, hidden: list[int]) -> None:
    draw = random.Random(1)
    for seed in range(6):
        case = net(activation, hidden, seed % 2 == 0, seed % 3 == 0, seed)
        at = analysis(case)
        vectors = output_span(at, 0, list(at.samples), "pattern", "here")
        for _ in range(4):
            assert inside(vectors, moved(at, draw, fmpq(1, 10**6)))


def test_pattern_is_smaller_than_everything_and_not_too_small() -> None:
    """An affine net: the span is that of 1 and x, and both directions are reached."""
    at = analysis(net("linear", [2], True, True, 0))
    vectors = output_span(at, 0, list(at.samples), "pattern", "here")
    assert len(vectors) == 2 or inside(vectors, [fmpq(1)] * 7)
    assert not inside(vectors, [fmpq(v) * fmpq(v) for v in (0, 1, -1, 2, 1, fmpq(1, 2), -2)])


@pytest.mark.parametrize(
    ("identity", "activation", "hidden", "hidden_bias"),
    [
        ("polynomial", "linear", [2], True),
        ("polynomial", "quadratic", [2], True),
        ("polynomial", {"expr": "z**3 - z"}, [1], True),
        ("polynomial", "quadratic", [1, 1], False),
        ("polynomial", "relu", [2], True),
        ("equal", "relu", [2, 2], True),
        ("even", "quadratic", [2], False),
        ("even", {"expr": "abs(z) - z**2/2"}, [2, 1], False),
        ("mirror", "linear", [2], False),
        ("mirror", "hard_tanh", [2], False),
        ("mirror", "hard_tanh", [2, 2], False),
        ("mirror", {"expr": "max(0, min(1, z + 1/2))"}, [2], False),
    ],
)
@pytest.mark.parametrize("output_bias", [True, False])
def test_identities_everywhere(
    identity: str, activation: Any, hidden: list[int], hidden_bias: bool, output_bias: bool
) -> None:
    draw = random.Random(2)
    at = analysis(net(activation, hidden, hidden_bias, output_bias, 3))
    vectors = output_span(at, 0, list(at.samples), identity, "here")
    for size in (fmpq(1, 100), fmpq(1), fmpq(30)):
        for _ in range(6):
            assert inside(vectors, moved(at, draw, size))


@pytest.mark.parametrize(
    ("identity", "activation", "hidden", "hidden_bias", "message"),
    [
        ("even", "quadratic", [1], True, "needs a part without hidden biases"),
        ("even", "relu", [1], False, "not known to be even"),
        ("mirror", "linear", [1], True, "needs a part without hidden biases"),
        ("mirror", "relu", [1], False, "not known to be constant"),
        ("mirror", {"expr": "max(0, min(1, z + 1/2))"}, [1, 1], False, "one hidden layer or an odd activation"),
        ("odd", "linear", [1], False, "unknown identity"),
    ],
)
def test_identities_that_do_not_hold(
    identity: str, activation: Any, hidden: list[int], hidden_bias: bool, message: str
) -> None:
    at = analysis(net(activation, hidden, hidden_bias, True, 3))
    with pytest.raises(Rejected, match=message):
        output_span(at, 0, list(at.samples), identity, "here")
