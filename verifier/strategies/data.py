"""Data sets: the table [data] of a case file, with a property that holds by construction.

Arguments that all of them share: `dimension` is the number d of coordinates of an input (drawn from 1 to 3 if it is
not given), `samples` the least and the greatest number of samples, `coordinates` a strategy of rational numbers (int,
Fraction, or floats, which stand for their exact binary value). Labels are 1 and -1, and both occur.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

Table = dict[str, Any]
Exact = int | Fraction
Coordinates = st.SearchStrategy[Any]

COORDINATES: Coordinates = st.integers(-4, 4)
_SLOPES = st.integers(-2, 2)
_POSITIVE = st.integers(1, 4)


@st.composite
def separable_data(
    draw: st.DrawFn,
    dimension: int | None = None,
    samples: tuple[int, int] = (2, 6),
    coordinates: Coordinates = COORDINATES,
    through_origin: bool = False,
) -> Table:
    """Some v and c have y (v.x - c) > 0 for every sample (x, y); `through_origin`: with c = 0.

    All data with a separator whose coefficient of one coordinate is 1 can be drawn, up to the bounds of the numbers:
    one coordinate is x_k = y m + u.r + c with a margin m > 0, where r are the other coordinates.
    """
    d = _dimension(draw, dimension, 1)
    k = draw(st.integers(0, d - 1))
    slopes = draw(vectors(_SLOPES, d - 1))
    threshold = 0 if through_origin else draw(_rationals(coordinates))
    labels = draw(_labels(samples))
    inputs = []
    for y in labels:
        others = draw(vectors(_rationals(coordinates), d - 1))
        own = y * draw(_POSITIVE) + _dot(slopes, others) + threshold
        inputs.append([*others[:k], own, *others[k:]])
    return {"inputs": inputs, "labels": labels}


@st.composite
def inseparable_data(
    draw: st.DrawFn,
    dimension: int | None = None,
    samples: tuple[int, int] = (3, 6),
    coordinates: Coordinates = COORDINATES,
) -> Table:
    """No v and c have y (v.x - c) > 0 for every sample (x, y): a sample lies half-way between two of the other label.

    That is the simplest way to fail, not the only one. Raises ValueError for less than three samples.
    """
    if samples[0] < 3:
        raise ValueError(f"expected at least 3 samples of data that are not separable, got {samples[0]}")
    d = _dimension(draw, dimension, 1)
    middle, step = draw(vectors(_rationals(coordinates), d)), draw(_nonzero(coordinates, d))
    ends = [[m + sign * s for m, s in zip(middle, step, strict=True)] for sign in (1, -1)]
    label = draw(_label)
    others = st.tuples(vectors(_rationals(coordinates), d), _label)
    rest = draw(st.lists(others, min_size=samples[0] - 3, max_size=samples[1] - 3))
    return {
        "inputs": [*ends, middle, *(x for x, _ in rest)],
        "labels": [label, label, -label, *(y for _, y in rest)],
    }


@st.composite
def subspace_data(
    draw: st.DrawFn,
    dimension: int | None = None,
    samples: tuple[int, int] = (2, 6),
    coordinates: Coordinates = COORDINATES,
) -> Table:
    """The classes lie in two subspaces that have only 0 in common, and no input is 0.

    That speaks of x, which is what a net without hidden biases sees; one with biases sees (x, 1). `dimension` is at
    least 2, and drawn from 2 to 4 if it is not given. Raises ValueError for less.
    """
    d = _dimension(draw, dimension, 2)
    first = draw(st.integers(1, d - 1))  # the dimension of the subspace of the positive samples
    labels = draw(_labels(samples))
    inputs = []
    for y in labels:
        size = first if y == 1 else d - first
        own = draw(_nonzero(coordinates, size))
        inputs.append([*own, *[0] * (d - size)] if y == 1 else [*[0] * (d - size), *own])
    shears = [(i, j, draw(_SLOPES)) for i in range(d) for j in range(d) if i != j]
    return {"inputs": [_sheared(x, shears) for x in inputs], "labels": labels}


@st.composite
def general_data(
    draw: st.DrawFn,
    dimension: int | None = None,
    samples: tuple[int, int] = (2, 6),
    coordinates: Coordinates = COORDINATES,
    distinct: bool = True,
) -> Table:
    """Any inputs and labels; `distinct`: no input occurs twice (which makes contradictory labels impossible)."""
    d = _dimension(draw, dimension, 1)
    inputs = draw(_rows(coordinates, d, samples, distinct))
    return {"inputs": inputs, "labels": draw(_labels((len(inputs), len(inputs))))}


@st.composite
def regression_data(
    draw: st.DrawFn,
    dimension: int | None = None,
    samples: tuple[int, int] = (1, 6),
    coordinates: Coordinates = COORDINATES,
    distinct: bool = True,
) -> Table:
    """Any inputs with real targets in place of labels; `distinct`: no input occurs twice."""
    d = _dimension(draw, dimension, 1)
    inputs = draw(_rows(coordinates, d, samples, distinct))
    return {"inputs": inputs, "targets": draw(vectors(_rationals(coordinates), len(inputs)))}


_label = st.sampled_from([1, -1])


def _dimension(draw: st.DrawFn, dimension: int | None, least: int) -> int:
    if dimension is None:
        return draw(st.integers(least, least + 2))
    if dimension < least:
        raise ValueError(f"expected a dimension of at least {least}, got {dimension}")
    return dimension


@lru_cache  # a strategy is validated when it is first used
def vectors(values: Coordinates, size: int) -> st.SearchStrategy[list[Any]]:
    """Lists of so many values."""
    return st.lists(values, min_size=size, max_size=size)


@lru_cache
def _rationals(values: Coordinates) -> Coordinates:
    return values.map(_exact)


def _exact(value: int | float | Fraction) -> Exact:
    """What is computed with it stays exact."""
    return value if isinstance(value, int) else Fraction(value)


def _rows(
    coordinates: Coordinates, d: int, samples: tuple[int, int], distinct: bool
) -> st.SearchStrategy[list[list[Exact]]]:
    by: Callable[[list[Exact]], tuple[Exact, ...]] | None = tuple if distinct else None
    return st.lists(vectors(_rationals(coordinates), d), min_size=samples[0], max_size=samples[1], unique_by=by)


def _labels(samples: tuple[int, int]) -> st.SearchStrategy[list[int]]:
    """Both labels occur: the first sample is positive, the last negative.  Raises ValueError for less than two."""
    least, most = samples
    if least < 2:
        raise ValueError(f"expected at least 2 samples, one of each label, got {least}")
    between = st.lists(_label, min_size=least - 2, max_size=most - 2)
    return between.map(lambda inner: [1, *inner, -1])


def _nonzero(coordinates: Coordinates, size: int) -> st.SearchStrategy[list[Exact]]:
    """A vector other than 0; in place of 0 the first unit vector."""
    unit: list[Exact] = [1, *[0] * (size - 1)]
    return vectors(_rationals(coordinates), size).map(lambda vector: vector if any(vector) else unit)


def _dot(u: Sequence[Exact], v: Sequence[Exact]) -> Exact:
    return sum((a * b for a, b in zip(u, v, strict=True)), start=0)


def _sheared(x: Sequence[Exact], shears: Sequence[tuple[int, int, int]]) -> list[Exact]:
    """Adds t times coordinate j to coordinate i, for each (i, j, t) in turn: linear, with an inverse."""
    y = list(x)
    for i, j, t in shears:
        y[i] += t * y[j]
    return y
