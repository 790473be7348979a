"""The outputs near a point (or everywhere) lie in the span that the checker claims: an exact rank test."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from flint import fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.cases import analysis_at, make, problem
from tests.helpers.nearby import offsets, plus
from verifier.case.types import Case
from verifier.checker.errors import Rejected
from verifier.checker.span import hidden_spans, output_span
from verifier.model.objective import Objective, flat_point

Vectors = Sequence[Sequence[Any]]


def rank(vectors: Vectors) -> int:
    rows = [list(v) for v in vectors]
    return int(fmpq_mat(len(rows), len(rows[0]), [x for row in rows for x in row]).rank()) if rows else 0


def inside(span: Vectors, vector: Sequence[Any]) -> bool:
    return rank([*span, vector]) == rank(span)


def net(r: random.Random, activation: Any, kind: str, bias: bool, shift: int = 0) -> Case:
    def number() -> fmpq:
        return fmpq(r.randint(-9, 9), r.randint(1, 4))

    half = [[number(), number()] for _ in range(2)]
    inputs = half + [[-v for v in x] for x in half] + [[number(), number()] for _ in range(2)]
    labels = [1, -1, 1, 1, -1, -1]
    W, b = [[number(), number()] for _ in range(2)], [number() + shift, number() + shift]
    biases: dict[str, Any] = {"b": b} if bias else {}
    if kind == "single-layer":
        network: dict[str, Any] = {"width": 2}
        point = {"a0": number(), "a": [number(), number()], "W": W, **biases}
    else:
        network = {"hidden": [2, 1]}
        W2 = [[number(), number()]]
        point = {"a0": number(), "a": [number()], "W": [W, W2], **({"b": [b, [number()]]} if bias else {})}
    network |= {"kind": kind, "activation": activation, "hidden_bias": bias}
    return make(inputs, labels, network, "quadratic", point)


KINDS = st.sampled_from(("single-layer", "feedforward"))


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(("relu", "leaky_relu", "hard_tanh")), KINDS, st.booleans(), st.integers(0, 10**9))
def test_outputs_near_the_point_are_in_the_span_of_the_pattern(activation: str, kind: str, b: bool, seed: int) -> None:
    case = net(random.Random(seed), activation, kind, b, random.Random(seed).choice((0, -40, 40)))
    analysis = problem(case).analysis
    samples = list(analysis.samples)
    span = output_span(analysis, 0, samples, "pattern", "span")
    units = hidden_spans(analysis, 0, samples, "pattern")
    assert inside(span, analysis.outputs)
    theta = flat_point(case.point)  # type: ignore[arg-type]
    for offset in offsets(len(theta), 12, seed, fmpq(1, 10**5)):
        there = analysis_at(Objective(case), plus(theta, offset))
        assert inside(span, there.outputs)
        for j, vectors in enumerate(units):
            assert inside(vectors, [there.traces[0][i].h[-1][j] for i in samples])


@settings(max_examples=25, deadline=None)
@given(KINDS, st.sampled_from(("quadratic", "linear", "z**3 - z")), st.booleans(), st.integers(0, 10**9))
def test_outputs_anywhere_are_in_the_span_of_the_polynomials(kind: str, activation: str, b: bool, seed: int) -> None:
    if activation == "z**3 - z" and kind == "feedforward":
        return  # more products than samples: the span is everything
    spec = activation if activation.isalpha() else {"expr": activation}
    case = net(random.Random(seed), spec, kind, b)
    anywhere(case, "polynomial", seed)


@settings(max_examples=20, deadline=None)
@given(KINDS, st.sampled_from(("quadratic", "abs(z)", "max(0, z)**2 + max(0, -z)**2")), st.integers(0, 10**9))
def test_outputs_of_even_nets_are_in_their_span(kind: str, activation: str, seed: int) -> None:
    spec = activation if activation.isalpha() else {"expr": activation}
    anywhere(net(random.Random(seed), spec, kind, False), "even", seed)


@settings(max_examples=20, deadline=None)
@given(KINDS, st.sampled_from(("hard_tanh", "linear", "z**3", "abs(z + 1) - abs(z - 1)")), st.integers(0, 10**9))
def test_outputs_of_odd_nets_are_in_their_span(kind: str, activation: str, seed: int) -> None:
    spec = {"expr": activation} if not activation.replace("_", "").isalpha() else activation
    anywhere(net(random.Random(seed), spec, kind, False), "mirror", seed)


def anywhere(case: Case, identity: str, seed: int) -> None:
    """The outputs at points far away lie in the span, and the span says something: it is not everything."""
    analysis = problem(case).analysis
    samples = list(analysis.samples)
    span = output_span(analysis, 0, samples, identity, "span")
    theta = flat_point(case.point)  # type: ignore[arg-type]
    for offset in offsets(len(theta), 12, seed, fmpq(7)):
        assert inside(span, analysis_at(Objective(case), plus(theta, offset)).outputs)


def test_spans_are_not_everything() -> None:
    case = net(random.Random(1), "quadratic", "single-layer", False)
    samples = list(range(6))
    for identity, size in (("even", 4), ("polynomial", 4)):
        assert rank(output_span(problem(case).analysis, 0, samples, identity, "span")) == size
    odd = net(random.Random(1), "hard_tanh", "single-layer", False)
    assert rank(output_span(problem(odd).analysis, 0, samples, "mirror", "span")) == 5


@pytest.mark.parametrize(
    ("activation", "bias", "identity", "message"),
    [
        ("relu", False, "even", "even"),
        ("quadratic", True, "even", "without hidden biases"),
        ("relu", False, "mirror", "constant"),
        ("hard_tanh", True, "mirror", "without hidden biases"),
        ("quadratic", False, "round", "unknown identity"),
    ],
)
def test_identities_that_do_not_hold(activation: str, bias: bool, identity: str, message: str) -> None:
    case = net(random.Random(2), activation, "single-layer", bias)
    with pytest.raises(Rejected, match=message):
        output_span(problem(case).analysis, 0, [0, 1], identity, "span")


def test_sigmoid_mirrors_in_one_layer_only() -> None:
    """sigmoid(z) + sigmoid(-z) = 1: with two layers f(x) + f(-x) is not one number."""
    one = net(random.Random(3), "sigmoid", "single-layer", False)
    assert output_span(problem(one).analysis, 0, [0, 2], "mirror", "span")
    two = net(random.Random(3), "sigmoid", "feedforward", False)
    with pytest.raises(Rejected, match="one hidden layer or an odd activation"):
        output_span(problem(two).analysis, 0, [0, 2], "mirror", "span")
