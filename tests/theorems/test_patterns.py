"""The search over patterns against a slow independent encoding for z3, the theorems, the rules, and plain descent."""

from __future__ import annotations

import dataclasses
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import z3
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.helpers.cases import decision, make
from verifier.case import load
from verifier.case.types import Case
from verifier.checker.analysis import Analysis
from verifier.checker.network import flatten
from verifier.checker.patterns.setting import read_setting
from verifier.checker.patterns.tree import excludes
from verifier.model.translate import checker_case
from verifier.rules.dual import propose_dual
from verifier.rules.problem import Declined, Problem
from verifier.theorems.patterns import bad_minimum, decide, propose, rays

CASES = Path(__file__).parents[2] / "cases"
SLOPES = {"relu": (0, 1), "leaky": (z3.Q(1, 10), 1), "abs": (-1, 1), "steep": (2, 1)}
ACTIVATIONS: dict[str, Any] = {
    "relu": "relu",
    "leaky": {"name": "leaky_relu", "slope": "1/10"},
    "abs": {"expr": "abs(z)"},
    "steep": {"name": "leaky_relu", "slope": "2"},
}
LOSSES = ("squared_hinge", "quadratic")


# -- an independent encoding -------------------------------------------------------------------------------------------


def bad_minimum_exists(
    inputs: list[list[int]], labels: list[int], neuron: str, loss: str, width: int, hidden_bias: bool, output_bias: bool
) -> bool:
    """Asked of z3 directly, in v_j = |a_j| w_j: one query for each choice of signs of the a_j, no patterns.

    The one-sided slope along d of each term is written with If; in dimension 1 and 2 it is enough to look along the
    normals of the features, both ways, since between neighbouring normals the slope is linear in d.
    """
    features = [[*x, 1] if hidden_bias else list(x) for x in inputs]
    size = len(features[0])
    below, above = SLOPES[neuron]
    directions: list[tuple[int, ...]]
    if size == 1:
        directions = [(1,), (-1,)]
    else:
        normals = [(-x[1], x[0]) for x in features if any(x)]
        # Where all features are parallel the slope depends on one coordinate: the features themselves.
        along = [tuple(x) for x in features if any(x)]
        directions = [tuple(s * v for v in d) for d in (*normals, *along) for s in (1, -1)]
    for signs in product((-1, 0, 1), repeat=width):
        solver = z3.Solver()
        solver.set("timeout", 3_000)
        a0 = z3.Real("a0") if output_bias else z3.RealVal(0)
        v = [[z3.Real(f"v_{j}_{k}") for k in range(size)] for j in range(width)]
        u = [[z3.Sum([x[k] * v[j][k] for k in range(size)]) for x in features] for j in range(width)]
        f = [
            a0 + z3.Sum([s * z3.If(u[j][i] > 0, above * u[j][i], below * u[j][i]) for j, s in enumerate(signs)])
            for i in range(len(features))
        ]
        z = [-y * out for y, out in zip(labels, f, strict=True)]
        slope = [z3.If(t > -1, 2 + 2 * t, 0) if loss == "squared_hinge" else 2 + 2 * t for t in z]
        g = [-y * m for y, m in zip(labels, slope, strict=True)]
        solver.add(z3.Or([t >= 0 for t in z]))
        if output_bias:
            solver.add(z3.Sum(g) == 0)
        for j, s in enumerate(signs):
            if s == 0:
                solver.add([u[j][i] != 0 for i, x in enumerate(features) if any(x)])
            for d in directions:
                terms = []
                for i, x in enumerate(features):
                    moved = sum(p * q for p, q in zip(x, d, strict=True))
                    positive = z3.Or(u[j][i] > 0, u[j][i] == 0) if moved > 0 else u[j][i] > 0
                    terms.append(z3.If(positive, above * moved * g[i], below * moved * g[i]))
                total = z3.Sum(terms)
                solver.add(total == 0 if s == 0 else s * total >= 0)
        answer = solver.check()
        assume(answer != z3.unknown)  # out of time: nothing to compare with
        if answer == z3.sat:
            return True
    return False


@st.composite
def tiny(draw: st.DrawFn, most: int = 3, widths: tuple[int, ...] = (1,)) -> tuple[Any, ...]:
    hidden_bias = draw(st.booleans())
    dimension = 1 if hidden_bias else draw(st.sampled_from((1, 2)))
    n = draw(st.integers(2, most))
    inputs = [[draw(st.integers(-2, 2)) for _ in range(dimension)] for _ in range(n)]
    labels = [draw(st.sampled_from((-1, 1))) for _ in range(n)]
    neuron, loss = draw(st.sampled_from(sorted(SLOPES))), draw(st.sampled_from(LOSSES))
    return inputs, labels, neuron, loss, draw(st.sampled_from(widths)), hidden_bias, draw(st.booleans())


def case_of(it: tuple[Any, ...]) -> Case:
    inputs, labels, neuron, loss, width, hidden_bias, output_bias = it
    biases = {"hidden_bias": hidden_bias, "output_bias": output_bias}
    return make(inputs, labels, {"activation": ACTIVATIONS[neuron], "width": width, **biases}, loss)


@settings(max_examples=25, deadline=None)
@given(tiny())
def test_agrees_with_the_independent_encoding(it: tuple[Any, ...]) -> None:
    checked = checker_case(case_of(it))
    found = decide(checked)
    assert (found.theta is not None) is bad_minimum_exists(*it)
    if found.tree is not None:
        excludes(checked, {"tree": found.tree})
    else:
        assert found.theta is not None and Analysis(checked, found.theta).training_error > 0


@settings(max_examples=3, deadline=None)
@given(tiny(most=2, widths=(2,)))
def test_agrees_with_the_independent_encoding_at_width_2(it: tuple[Any, ...]) -> None:
    assert (decide(checker_case(case_of(it))).theta is not None) is bad_minimum_exists(*it)


@settings(max_examples=12, deadline=None)
@given(tiny())
def test_every_verdict_is_certified(it: tuple[Any, ...]) -> None:
    """A point that is found is a minimum by the rules for points (dual), which know nothing of patterns."""
    assert decision(case_of(it), "no-bad-local-minimum").verdict.value in ("proved", "refuted")
    assert decision(case_of(it), "bad-local-minimum-exists").verdict.value in ("proved", "refuted")


# -- what is known otherwise -------------------------------------------------------------------------------------------

SEPARABLE = [
    ([[0], [1], [3]], [-1, -1, 1]),
    ([[0, 0], [2, 1], [1, 3], [-1, -2]], [-1, 1, 1, -1]),
    ([[1, 2], [3, 4], [0, 5], [-4, 1], [2, -3], [-1, -1]], [1, 1, 1, -1, -1, -1]),
]


@pytest.mark.parametrize(("inputs", "labels"), SEPARABLE)
@pytest.mark.parametrize("width", [1, 2, 3])
def test_theorem_a_is_a_tree_with_three_leaves(inputs: Any, labels: Any, width: int) -> None:
    """On separable data every sign of one outgoing weight is contradicted without a look at any side."""
    checked = checker_case(make(inputs, labels, {"activation": ACTIVATIONS["leaky"], "width": width}, "squared_hinge"))
    tree = decide(checked).tree
    assert tree is not None and set(tree) == {"sign", "then"}
    assert all("rows" in leaf for leaf in tree["then"])
    excludes(checked, {"tree": tree})


def test_dead_units_are_found() -> None:
    found = decide(checker_case(make([[0], [1]], [1, -1], {"activation": "relu", "width": 2}, "quadratic")))
    assert found.tree is None and found.theta is not None


def test_duplicating_a_sample_is_its_multiplicity() -> None:
    net = {"activation": "relu", "width": 1, "hidden_bias": False}
    for labels in ([1, -1], [-1, 1]):
        for inputs in ([[1], [-1]], [[1], [2]]):
            twice = make([*inputs, inputs[1]], [*labels, labels[1]], net, "quadratic")
            counted = make(inputs, labels, net, "quadratic", multiplicity=[1, 2])
            first, second = decide(checker_case(twice)), decide(checker_case(counted))
            assert (first.tree is None) is (second.tree is None)


def descend(inputs: Any, labels: Any, slopes: tuple[float, float], hidden_bias: bool, seed: int) -> tuple[float, float]:
    """(largest entry of the gradient, least margin y f) after gradient descent with floats on the quadratic loss."""
    rng = np.random.default_rng(seed)
    x = np.array([[*row, 1.0] if hidden_bias else row for row in inputs], dtype=float)
    y = np.array(labels, dtype=float)
    w, a, a0 = rng.normal(size=x.shape[1]), rng.normal(), rng.normal()
    size = 0.0
    for _ in range(4_000):
        u = x @ w
        s = np.where(u > 0, slopes[1], slopes[0])
        pull = 2 * (a0 + a * s * u - y) / len(y)
        da0, da, dw = pull.sum(), pull @ (s * u), a * ((pull * s) @ x)
        size = max(abs(da0), abs(da), float(np.abs(dw).max()))
        a0, a, w = a0 - 0.02 * da0, a - 0.02 * da, w - 0.02 * dw
    u = x @ w
    return size, float((y * (a0 + a * np.where(u > 0, slopes[1], slopes[0]) * u)).min())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("inputs", "labels", "neuron", "slopes", "hidden_bias"),
    [
        ([[1], [-1]], [1, -1], "relu", (0.0, 1.0), False),
        ([[0], [1], [2], [3]], [-1, -1, 1, 1], "leaky", (0.1, 1.0), True),
    ],
)
def test_descent_ends_in_no_bad_minimum_where_there_is_none(
    inputs: Any, labels: Any, neuron: str, slopes: tuple[float, float], hidden_bias: bool
) -> None:
    net = {"activation": ACTIVATIONS[neuron], "width": 1, "hidden_bias": hidden_bias}
    assert decide(checker_case(make(inputs, labels, net, "quadratic"))).tree is not None
    for seed in range(8):
        size, margin = descend(inputs, labels, slopes, hidden_bias, seed)
        assert not (size < 1e-7 and margin < -1e-3)


def test_descent_does_end_in_a_bad_minimum_where_there_is_one() -> None:
    net = {"activation": "relu", "width": 1, "hidden_bias": False}
    inputs, labels = [[1], [2]], [1, -1]
    assert decide(checker_case(make(inputs, labels, net, "quadratic"))).theta is not None
    ends = [descend(inputs, labels, (0.0, 1.0), False, seed) for seed in range(6)]
    assert any(size < 1e-7 and margin < 1e-3 for size, margin in ends)


# -- bounds and refusals -----------------------------------------------------------------------------------------------


def test_bounded_work() -> None:
    case = make([[0], [1], [2], [3]], [-1, -1, 1, 1], {"activation": ACTIVATIONS["leaky"], "width": 1}, "quadratic")
    with pytest.raises(Declined) as declined:
        decide(checker_case(case), budget=5)
    assert declined.value.code == "patterns-too-many"


def test_large_nets_are_declined_at_once() -> None:
    case = make([[k] for k in range(30)], [1, -1] * 15, {"activation": "relu", "width": 2}, "quadratic")
    with pytest.raises(Declined) as declined:
        decide(checker_case(case))
    assert declined.value.code == "patterns-too-large"


@pytest.mark.parametrize("loss", ["hinge", "logistic"])
def test_other_losses_are_declined(loss: str) -> None:
    with pytest.raises(Declined) as declined:
        decide(checker_case(make([[1]], [1], {"activation": "relu", "width": 1}, loss)))
    assert declined.value.code == "patterns-not-applicable"


def test_one_search_gives_one_of_two_answers() -> None:
    net = {"activation": "relu", "width": 1, "hidden_bias": False}
    good = checker_case(make([[1], [-1]], [1, -1], net, "squared_hinge"))
    bad = checker_case(make([[1], [2]], [1, -1], net, "squared_hinge"))
    assert propose(good)["name"] == "patterns"
    with pytest.raises(Declined):
        bad_minimum(good)
    assert Analysis(bad, bad_minimum(bad)).training_error > 0
    with pytest.raises(Declined):
        propose(bad)


def test_rays_of_an_arrangement() -> None:
    net = {"activation": "relu", "width": 1}
    setting, _ = read_setting(checker_case(make([[0], [1], [1]], [1, 1, -1], net, "quadratic")))
    assert {tuple(abs(v) for v in d) for d in rays(setting)} == {(1, 0), (1, 1)}
    flat = {**net, "hidden_bias": False}
    blind, _ = read_setting(checker_case(make([[0, 0]], [1], flat, "quadratic")))
    assert rays(blind) == []
    line, _ = read_setting(checker_case(make([[1, 1], [2, 2]], [1, 1], flat, "quadratic")))
    assert rays(line) in ([(1, 1)], [(-1, -1)])


# -- against the rest of the library -----------------------------------------------------------------------------------


def library(name: str) -> Case:
    (path,) = CASES.rglob(f"{name}.toml")
    return load(path)


@pytest.mark.parametrize(
    ("name", "exists"),
    [
        ("a-leaky-relu-small-slope", False),
        ("a-linear", False),
        ("a-relu", True),
        ("dead-relu-hinge-p1", True),
        ("dead-relu-quadratic", True),
        ("leaky-relu-line", True),
        ("quadratic-loss-leaky-relu", True),
        ("relu-dead-and-affine", True),
        ("theorem-a-again", False),
    ],
)
def test_agrees_with_what_theorems_and_given_points_show(name: str, exists: bool) -> None:
    """Each of these is decided otherwise: by theorem A, by supports, or by the point that the case states."""
    case = library(name)
    claims = {(claim.kind, claim.expect) for claim in case.claims}
    positive = ("bad-local-minimum-exists", "proved") in claims or ("no-bad-local-minimum", "refuted") in claims
    negative = ("no-bad-local-minimum", "proved") in claims
    assert (positive, negative) == (exists, not exists)
    assert (decide(checker_case(case)).theta is not None) is exists


def test_a_point_on_kinks_is_certified_by_the_rule_for_points() -> None:
    case = library("absolute-value-on-kinks")
    checked = checker_case(case)
    theta = bad_minimum(checked)
    found = Analysis(checked, theta)
    kinks = [(j, i) for j in range(len(theta[0].a)) for i in found.samples if found.traces[0][i].u[0][j] == 0]
    assert kinks
    assert propose_dual(Problem(case, flatten(theta)))["rule"] == "dual"
    assert decision(dataclasses.replace(case, point=None, better=None), "bad-local-minimum-exists").rule == "dual"
