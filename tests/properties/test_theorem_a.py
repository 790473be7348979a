"""Theorem A against a second formulation of separability, and brute force in one and two dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.cases import decision, make, verdict
from verifier.arithmetic.lp import Feasible, feasible
from verifier.verdict import Verdict

Rows = list[list[fmpq]]
COORDINATES = st.builds(fmpq, st.integers(-4, 4), st.integers(1, 3))


@st.composite
def data(draw: st.DrawFn, dimension: int) -> tuple[Rows, list[int]]:
    n = draw(st.integers(1, 5))
    row = st.lists(COORDINATES, min_size=dimension, max_size=dimension)
    return draw(st.lists(row, min_size=n, max_size=n)), draw(st.lists(st.sampled_from((1, -1)), min_size=n, max_size=n))


def applies(inputs: Rows, labels: Sequence[int], bias: bool) -> bool:
    """The verdict on a net that meets every other hypothesis; it is never open on rational data."""
    network = {"activation": "softplus", "width": 1, "hidden_bias": bias}
    found = decision(make(inputs, labels, network, "squared_hinge"), "theorem-applies", theorem="A")
    assert found.verdict is not Verdict.UNDECIDED, found.reason
    return found.verdict is Verdict.PROVED


def signed(inputs: Rows, labels: Sequence[int], bias: bool) -> Rows:
    return [[y * v for v in (*x, *([fmpq(1)] if bias else []))] for x, y in zip(inputs, labels, strict=True)]


def separable_by_margins(rows: Rows) -> bool:
    """Some v has row . v - s_i = 1 with s_i >= 0: a feasible point with margins of at least 1 (v scaled)."""
    n = len(rows)
    matrix = [[*row, *(fmpq(-1 if k == i else 0) for k in range(n))] for i, row in enumerate(rows)]
    free: list[fmpq | None] = [None] * len(rows[0])
    answer = feasible(matrix, [fmpq(1)] * n, [*free, *[fmpq(0)] * n], [None] * (len(rows[0]) + n))
    return isinstance(answer, Feasible)


def separable_on_a_line(inputs: Rows, labels: Sequence[int]) -> bool:
    """A threshold: one class lies strictly on one side of the other."""
    up = [x[0] for x, y in zip(inputs, labels, strict=True) if y == 1]
    down = [x[0] for x, y in zip(inputs, labels, strict=True) if y == -1]
    return not up or not down or min(up) > max(down) or max(up) < min(down)


def separable_through_zero_in_the_plane(rows: Rows) -> bool:
    """Rows of positive product with some v: by the finitely many cones between normals of the rows.

    The set of such v is open and a cone: if it is not empty it holds the sum of two of its extreme directions, each of
    which is orthogonal to a row, or (all rows parallel) the row itself.
    """
    normals = [(-s * row[1], s * row[0]) for row in rows for s in (1, -1)]
    candidates = [(row[0], row[1]) for row in rows] + [(p[0] + q[0], p[1] + q[1]) for p, q in combinations(normals, 2)]
    return any(all(row[0] * v[0] + row[1] * v[1] > 0 for row in rows) for v in candidates)


def separable_in_the_plane(inputs: Rows, labels: Sequence[int]) -> bool:
    """A threshold of v.x separates iff v.(p - q) > 0 for all p of one class and q of the other."""
    up = [x for x, y in zip(inputs, labels, strict=True) if y == 1]
    down = [x for x, y in zip(inputs, labels, strict=True) if y == -1]
    if not up or not down:
        return True
    differences = [(p[0] - q[0], p[1] - q[1]) for p in up for q in down]
    return separable_through_zero_in_the_plane([list(v) for v in differences])


@settings(max_examples=60, deadline=None)
@given(data(3), st.booleans())
def test_agrees_with_margins(sample: tuple[Rows, list[int]], bias: bool) -> None:
    inputs, labels = sample
    assert applies(inputs, labels, bias) == separable_by_margins(signed(inputs, labels, bias))


@settings(max_examples=60, deadline=None)
@given(data(1))
def test_agrees_with_a_threshold_on_the_line(sample: tuple[Rows, list[int]]) -> None:
    inputs, labels = sample
    assert applies(inputs, labels, True) == separable_on_a_line(inputs, labels)


@settings(max_examples=60, deadline=None)
@given(data(2))
def test_agrees_with_brute_force_in_the_plane(sample: tuple[Rows, list[int]]) -> None:
    inputs, labels = sample
    assert applies(inputs, labels, True) == separable_in_the_plane(inputs, labels)
    assert applies(inputs, labels, False) == separable_through_zero_in_the_plane(signed(inputs, labels, False))


@settings(max_examples=15, deadline=None)
@given(data(2))
def test_claims_about_the_theorem_fit_together(sample: tuple[Rows, list[int]]) -> None:
    inputs, labels = sample
    case = make(inputs, labels, {"activation": "sigmoid", "width": 2}, "squared_hinge")
    if verdict(case, "theorem-applies", theorem="A") == "proved":
        assert verdict(case, "theorem-applies") == "proved"
        assert verdict(case, "no-bad-local-minimum") == "proved"
        assert verdict(case, "bad-local-minimum-exists") == "refuted"
    else:  # a hypothesis that fails says nothing about minima
        assert verdict(case, "bad-local-minimum-exists") != "refuted"
        assert verdict(case, "no-bad-local-minimum") != "proved"
