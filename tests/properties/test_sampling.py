"""Near what is proved a local minimum nothing is lower; a refuted point has a curve along which the loss falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flint import fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.helpers.cases import analysis_at, decision, make
from tests.helpers.nearby import Comparison, offsets
from verifier.case import load
from verifier.case.types import Case
from verifier.checker.fields import exact
from verifier.checker.number import Exact, sign
from verifier.model.objective import Objective, flat_point
from verifier.verdict import Verdict

CASES = Path(__file__).parents[2] / "cases"
FILES = sorted(CASES.rglob("*.toml"))
POINTS = 1_000
FEW = 120
LAST = 60  # t = 2^-k, k <= LAST


def claims(path: Path, kinds: Sequence[str], expect: str) -> bool:
    return any(c.kind in kinds and c.expect == expect and c.near is None for c in load(path).claims)


MINIMA = [p for p in FILES if claims(p, ("local-minimum", "global-minimum"), "proved")]
SADDLES = [p for p in FILES if claims(p, ("not-local-minimum",), "proved")]


def names(paths: Sequence[Path]) -> list[str]:
    return [p.stem for p in paths]


def changes(case: Case, count: int, seed: int = 0) -> list[int]:
    """The signs of the change of the loss at `count` points near the case's own."""
    assert case.point is not None
    comparison = Comparison(Objective(case), flat_point(case.point))
    return [comparison.change(offset) for offset in offsets(len(comparison.theta), count, seed)]


@pytest.mark.slow
@pytest.mark.parametrize("path", MINIMA, ids=names(MINIMA))
def test_no_point_near_a_minimum_of_the_library_has_a_smaller_loss(path: Path) -> None:
    signs = changes(load(path), POINTS)
    assert -1 not in signs
    assert 1 in signs or path.stem == "theorem-a-exp"  # its loss is 0 all around; elsewhere the points do see it rise


@pytest.mark.parametrize("path", SADDLES, ids=names(SADDLES))
def test_the_loss_falls_along_the_certificate_of_a_point_of_the_library(path: Path) -> None:
    case = load(path)
    found = decision(case, "not-local-minimum")
    assert found.certificate is not None
    assert falls(case, found.certificate["proof"]["descent"])


def falls(case: Case, node: Any) -> bool:
    """Whether L(theta(t)) < L(theta*) for some t = 2^-k, and for the next ones too."""
    assert case.point is not None
    objective = Objective(case)
    theta = flat_point(case.point)
    here = analysis_at(objective, theta).loss
    rows = [[exact(v, "curve") for v in row] for row in node["curve"]]
    losses = [analysis_at(objective, along(theta, rows, fmpq(1, 2**k))).loss for k in range(LAST - 20, LAST + 1, 5)]
    return all(sign(loss - here) < 0 for loss in losses)


def along(theta: Sequence[Exact], rows: Sequence[Sequence[Exact]], t: fmpq) -> list[Exact]:
    """theta + sum rows[k] t^(k+1)."""
    vector = list(theta)
    for order, row in enumerate(rows, start=1):
        vector = [v + c * t**order for v, c in zip(vector, row, strict=True)]
    return vector


# -- random cases ------------------------------------------------------------------------------------------------------

RATIONALS = st.builds(fmpq, st.integers(-12, 12), st.integers(1, 4))
POSITIVE = st.builds(fmpq, st.integers(1, 12), st.integers(1, 4))
SIGNS = st.sampled_from((1, -1))


def vectors(size: int, entries: st.SearchStrategy[fmpq] = RATIONALS) -> st.SearchStrategy[list[fmpq]]:
    return st.lists(entries, min_size=size, max_size=size)


@st.composite
def dead_relu(draw: st.DrawFn) -> Case:
    """Dead ReLU units on random data; the constant output minimises a squared loss of the labels."""
    d, n, width = draw(st.integers(1, 3)), draw(st.integers(2, 5)), draw(st.integers(1, 3))
    inputs = draw(st.lists(vectors(d), min_size=n, max_size=n))
    labels = draw(st.lists(SIGNS, min_size=n, max_size=n))
    counts = draw(st.lists(st.integers(1, 3), min_size=n, max_size=n))
    W = draw(st.lists(vectors(d), min_size=width, max_size=width))
    gaps = draw(vectors(width, POSITIVE))
    highest = [max(sum(w * x for w, x in zip(row, xs, strict=True)) for xs in inputs) for row in W]
    b = [-high - gap for high, gap in zip(highest, gaps, strict=True)]
    a0 = fmpq(sum(y * m for y, m in zip(labels, counts, strict=True)), sum(counts))
    point = {"a0": a0, "a": draw(vectors(width)), "W": W, "b": b}
    loss = draw(st.sampled_from(("quadratic", "squared_hinge")))
    return make(inputs, labels, {"activation": "relu", "width": width}, loss, point, multiplicity=counts)


@st.composite
def least_squares(draw: st.DrawFn) -> Case:
    """Leaky ReLU units, each on one side on all samples, that make up the least-squares line of real targets."""
    n, width = draw(st.integers(3, 5)), draw(st.integers(1, 3))
    xs = draw(st.lists(RATIONALS, min_size=n, max_size=n, unique=True))
    ts = draw(vectors(n))
    mean_x, mean_t = sum(xs, fmpq(0)) / n, sum(ts, fmpq(0)) / n
    spread = sum(((x - mean_x) ** 2 for x in xs), fmpq(0))
    slope = sum(((x - mean_x) * t for x, t in zip(xs, ts, strict=True)), fmpq(0)) / spread
    w = draw(vectors(width))
    assume(any(v != 0 for v in w))
    active = draw(st.lists(st.booleans(), min_size=width, max_size=width))
    reach = max(abs(x) for x in xs)
    b = [(1 if on else -1) * (abs(v) * reach + 1) for v, on in zip(w, active, strict=True)]
    rate = [fmpq(1) if on else fmpq(1, 10) for on in active]
    a = draw(vectors(width))
    k = next(k for k, v in enumerate(w) if v != 0)
    rest = sum((a[j] * rate[j] * w[j] for j in range(width) if j != k), fmpq(0))
    a[k] = (slope - rest) / (rate[k] * w[k])
    offset = sum((a[j] * rate[j] * b[j] for j in range(width)), fmpq(0))
    point = {"a0": mean_t - slope * mean_x - offset, "a": a, "W": [[v] for v in w], "b": b}
    network = {"activation": {"name": "leaky_relu", "slope": "1/10"}, "width": width}
    return make([[x] for x in xs], ts, network, "quadratic", point, targets=True)


@st.composite
def mirrored(draw: st.DrawFn) -> Case:
    """Samples with their mirror images: opposite labels for an even neuron, the same for an odd one; no hidden bias."""
    even = draw(st.booleans())
    pairs = draw(st.integers(1, 2))
    d = 2
    xs = draw(st.lists(vectors(d, POSITIVE), min_size=pairs, max_size=pairs, unique_by=tuple))
    counts = draw(st.lists(st.integers(1, 4), min_size=2 * pairs, max_size=2 * pairs))
    counts = [counts[0], counts[1]] * pairs  # the same best output for each pair
    labels = [1, -1] * pairs
    inputs = [row for x in xs for row in (x, [-v for v in x])]
    if not even:  # pairs of one label each: the two classes in turn
        xs = [xs[0], [xs[0][0] + 1, -xs[0][1]]]
        inputs = [row for x in xs for row in (x, [-v for v in x])]
        labels, counts = [1, 1, -1, -1], [counts[0], counts[0], counts[1], counts[1]]
    a0 = fmpq(sum(y * m for y, m in zip(labels, counts, strict=True)), sum(counts))
    row = draw(vectors(d))
    a = draw(RATIONALS)
    point = {"a0": a0, "a": [a, -a], "W": [row, row]}
    network = {"activation": "quadratic" if even else "tanh", "width": 2, "hidden_bias": False}
    return make(inputs, labels, network, "squared_hinge", point, multiplicity=counts)


@st.composite
def resting_quadratic(draw: st.DrawFn) -> Case:
    """Quadratic units at w = 0 whose outgoing weights have the sign that costs: a minimum by convexity of the loss."""
    n = draw(st.integers(2, 4))
    xs = draw(vectors(n))
    counts = draw(st.lists(st.integers(1, 3), min_size=n, max_size=n))
    ts = draw(vectors(n))
    total = fmpq(sum(counts))
    a0 = sum((m * t for m, t in zip(counts, ts, strict=True)), fmpq(0)) / total
    pull = sum((m * (a0 - t) * x * x for m, t, x in zip(counts, ts, xs, strict=True)), fmpq(0))
    assume(pull != 0)
    sizes = draw(vectors(2, POSITIVE))
    a = [v if pull > 0 else -v for v in sizes]
    point = {"a0": a0, "a": a, "W": [[0], [0]]}
    network = {"activation": "quadratic", "width": 2, "hidden_bias": False}
    return make([[x] for x in xs], ts, network, "quadratic", point, targets=True, multiplicity=counts)


@settings(max_examples=8, deadline=None)
@given(st.one_of(dead_relu(), least_squares(), mirrored(), resting_quadratic()), st.integers(0, 10**6))
def test_random_minima_are_proved_and_no_point_nearby_has_a_smaller_loss(case: Case, seed: int) -> None:
    found = decision(case)
    assert found.verdict is Verdict.PROVED, found.reason
    assert -1 not in changes(case, FEW, seed)


@settings(max_examples=8, deadline=None)
@given(st.one_of(dead_relu(), least_squares(), resting_quadratic()), RATIONALS.filter(lambda v: v != 0))
def test_a_moved_output_bias_is_refuted_and_the_loss_falls(case: Case, step: fmpq) -> None:
    """The loss is a strictly convex function of a0 there; not so where one class alone is fitted by any a0 beyond 1."""
    assert case.point is not None and case.point.main.a0 is not None
    assume(case.data.labels is None or len(set(case.data.labels)) == 2)
    main = replace(case.point.main, a0=case.point.main.a0 + step / 100)
    moved = replace(case, point=replace(case.point, main=main))
    found = decision(moved)
    assert found.verdict is Verdict.REFUTED, found.reason
    assert found.certificate is not None
    assert falls(moved, found.certificate["proof"]["descent"])
