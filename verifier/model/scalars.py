"""The number kinds a computation can run over, and arrays of them.

One container serves every kind: a numpy array, of dtype float64 (or longdouble, where a few more digits help), or of
dtype object holding exact numbers (`Exact`), balls (`flint.arb`) or truncated power series (`Series`, whose
coefficients are exact numbers or balls).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq
from numpy.typing import NDArray

from verifier.checker.number import Exact, Number, ball

from .series import Series

Array = NDArray[Any]
Floats = NDArray[np.float64]

ZERO = fmpq(0)
ONE = fmpq(1)


class Kind(enum.Enum):
    """What the entries of an array are."""

    FLOAT = "float"
    EXACT = "exact"
    BALL = "ball"
    SERIES = "series"


_BASES: tuple[type, ...] = (fmpq, Number, arb, Series)


def types_of(*arrays: Array) -> set[type]:
    """Which of fmpq, Number, arb, Series occur (subclasses count as these); other types as they are."""
    found: set[type] = set().union(*(map(type, array.flat) for array in arrays))
    return {next((base for base in _BASES if issubclass(t, base)), t) for t in found}


def kind_of(array: Array) -> Kind:
    """FLOAT for an array of floats; for object arrays the most general kind of entry present.

    Raises TypeError for any other entry, so that a stray float never enters an exact computation.
    """
    if is_float(array):
        return Kind.FLOAT
    types = types_of(array)
    if not types <= set(_BASES):
        raise TypeError(f"expected exact numbers, balls or float64, got {sorted(t.__name__ for t in types)}")
    if Series in types:
        return Kind.SERIES
    return Kind.BALL if arb in types else Kind.EXACT


def to_float(x: Exact | int) -> float:
    """The nearest float64 of a rational (correctly rounded); of an irrational number, the middle of its ball."""
    if isinstance(x, Number):
        return float(ball(x, 96).mid())
    x = fmpq(x)
    try:
        return int(x.p) / int(x.q)
    except OverflowError:
        return float("inf") if x > 0 else float("-inf")


def is_float(array: Array) -> bool:
    """Whether the array holds floats."""
    return array.dtype.kind == "f"


def convert(array: Array, kind: Kind, dtype: Any = np.float64) -> Array:
    """An array of exact numbers (or balls) in the given kind; balls are taken at flint's current precision, floats are
    of the given type.

    A SERIES computation keeps its constants exact: Series mixes with exact numbers and balls.
    """
    if is_float(array) and kind is Kind.FLOAT:
        return array
    if kind is Kind.FLOAT:
        nearest = np.array([to_float(x) for x in array.flat], dtype=np.float64)
        if dtype != np.float64 and types_of(array) <= {fmpq}:
            pairs = zip(array.flat, nearest.tolist(), strict=True)
            rest = np.array([to_float(x - fmpq(*v.as_integer_ratio())) for x, v in pairs], dtype=dtype)
            nearest = nearest.astype(dtype) + rest
        return nearest.reshape(array.shape)
    if kind is Kind.BALL:
        return objects((x if isinstance(x, arb) else ball(x, ctx.prec) for x in array.flat), array.shape)
    return array


def constant(x: Exact, kind: Kind) -> Any:
    """One exact number as a scalar of the given kind."""
    if kind is Kind.FLOAT:
        return to_float(x)
    return ball(x, ctx.prec) if kind is Kind.BALL else x


def objects(values: Iterable[Any], shape: tuple[int, ...]) -> Array:
    """An object array with the given entries in C order."""
    flat = np.empty(int(np.prod(shape, dtype=np.int64)), dtype=object)
    flat[:] = list(values)
    return flat.reshape(shape)


def filled(x: Exact, shape: tuple[int, ...], kind: Kind) -> Array:
    """An array with every entry equal to x, in the given kind."""
    scalar = constant(x, kind)
    if kind is Kind.FLOAT:
        return np.full(shape, scalar, dtype=np.float64)
    return objects([scalar] * int(np.prod(shape, dtype=np.int64)), shape)
