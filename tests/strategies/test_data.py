"""Data sets have their property exactly, which is decided here by linear programs and ranks; and they shrink well."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from flint import fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies.simplest import simplest
from verifier import strategies
from verifier.arithmetic.separation import Gordan, Separator, separator

FRACTIONS = st.fractions(-3, 3, max_denominator=5)
FLOATS = st.floats(-10, 10)
WIDE = {"coordinates": FRACTIONS, "samples": (3, 8)}

Table = dict[str, Any]


def rational(x: int | Fraction) -> fmpq:
    return fmpq(x.numerator, x.denominator)


def signed(data: Table, through_origin: bool = False) -> list[list[fmpq]]:
    """y (x, 1) for every sample, or y x."""
    extended = [x if through_origin else [*x, 1] for x in data["inputs"]]
    return [[rational(y * v) for v in x] for x, y in zip(extended, data["labels"], strict=True)]


def separable(data: Table, through_origin: bool = False) -> bool:
    return isinstance(separator(signed(data, through_origin)), Separator)


def rank(rows: list[list[Any]]) -> int:
    return int(fmpq_mat([[rational(v) for v in row] for row in rows]).rank())


def only(k: int, data: Table) -> Table:
    """Coordinate k alone."""
    return {**data, "inputs": [[x[k]] for x in data["inputs"]]}


def of_class(data: Table, label: int) -> list[list[Any]]:
    return [x for x, y in zip(data["inputs"], data["labels"], strict=True) if y == label]


@given(st.one_of(strategies.separable_data(), strategies.separable_data(**WIDE), strategies.separable_data(4)))
def test_separable_data_are(data: Table) -> None:
    assert separable(data) and set(data["labels"]) == {1, -1}


@given(strategies.separable_data(coordinates=FLOATS))
def test_floats_are_taken_exactly(data: Table) -> None:
    assert separable(data)


@given(strategies.separable_data(through_origin=True))
def test_separable_through_the_origin(data: Table) -> None:
    assert separable(data, through_origin=True)


@given(st.one_of(strategies.inseparable_data(), strategies.inseparable_data(**WIDE), strategies.inseparable_data(3)))
def test_inseparable_data_are_not(data: Table) -> None:
    assert isinstance(separator(signed(data)), Gordan)


@given(st.one_of(strategies.subspace_data(), strategies.subspace_data(**WIDE), strategies.subspace_data(5)))
def test_subspaces_have_only_0_in_common(data: Table) -> None:
    positive, negative = of_class(data, 1), of_class(data, -1)
    assert all(map(any, data["inputs"]))
    assert rank(positive) + rank(negative) == rank(data["inputs"])


@settings(max_examples=50)
@given(st.one_of(strategies.general_data(), strategies.general_data(**WIDE)))
def test_general_data_have_distinct_inputs_and_both_labels(data: Table) -> None:
    assert len(set(map(tuple, data["inputs"]))) == len(data["inputs"]) == len(data["labels"])
    assert set(data["labels"]) == {1, -1}


@settings(max_examples=30)
@given(strategies.regression_data(2, (1, 4), FLOATS))
def test_regression_data(data: Table) -> None:
    assert 1 <= len(data["inputs"]) == len(data["targets"]) <= 4
    assert all(len(x) == 2 for x in data["inputs"])


@settings(max_examples=30)
@given(st.data(), st.integers(2, 4), st.tuples(st.integers(3, 5), st.integers(0, 3)))
def test_sizes_are_those_asked_for(data: st.DataObject, d: int, sizes: tuple[int, int]) -> None:
    samples = (sizes[0], sizes[0] + sizes[1])
    for strategy in (
        strategies.separable_data(d, samples),
        strategies.inseparable_data(d, samples),
        strategies.subspace_data(d, samples),
        strategies.general_data(d, samples),
    ):
        drawn = data.draw(strategy)
        assert samples[0] <= len(drawn["labels"]) == len(drawn["inputs"]) <= samples[1]
        assert {len(x) for x in drawn["inputs"]} == {d}


@pytest.mark.parametrize(
    ("strategy", "smallest"),
    [
        (strategies.separable_data(), {"inputs": [[1], [-1]], "labels": [1, -1]}),
        (strategies.inseparable_data(), {"inputs": [[1], [-1], [0]], "labels": [1, 1, -1]}),
        (strategies.subspace_data(), {"inputs": [[1, 0], [0, 1]], "labels": [1, -1]}),
        (strategies.general_data(), {"inputs": [[0], [1]], "labels": [1, -1]}),
        (strategies.regression_data(), {"inputs": [[0]], "targets": [0]}),
    ],
    ids=lambda value: "",
)
def test_the_simplest_example(strategy: st.SearchStrategy[Table], smallest: Table) -> None:
    assert simplest(strategy) == smallest


def test_the_simplest_data_that_are_not_separable() -> None:
    found = simplest(strategies.general_data(), lambda data: not separable(data))
    assert len(found["labels"]) == 3


def test_separable_data_are_not_all_alike() -> None:
    """Separators in all directions, and data that no line through the origin separates."""
    simplest(strategies.separable_data(2), lambda data: not separable(data, through_origin=True))
    for k in range(2):
        simplest(strategies.separable_data(2), lambda data, k=k: not separable(only(k, data)))


def test_subspaces_are_not_all_axes() -> None:
    simplest(strategies.subspace_data(2), lambda data: all(all(x) for x in data["inputs"]))


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        (strategies.separable_data(0), "expected a dimension of at least 1, got 0"),
        (strategies.subspace_data(1), "expected a dimension of at least 2, got 1"),
        (strategies.separable_data(samples=(1, 3)), "expected at least 2 samples, one of each label, got 1"),
        (strategies.inseparable_data(samples=(2, 3)), "expected at least 3 samples of data that are not sep"),
    ],
    ids=lambda value: "",
)
def test_what_cannot_be_drawn(strategy: st.SearchStrategy[Table], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        simplest(strategy)
