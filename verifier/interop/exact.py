"""Numbers out of arrays and into arrays: both exact."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from flint import fmpq

from verifier.case.errors import InputError, shorten
from verifier.checker.number import Exact

Nested = Any  # a number, or nested lists of numbers


def exact_numbers(nested: Any, path: str, key: str) -> Nested:
    """The same nesting with every integer and float as the rational that it is (0 for -0.0).

    Raises InputError for NaN, infinity and whatever is no real number.
    """
    if isinstance(nested, list | tuple):
        return [exact_numbers(item, path, f"{key}[{k}]") for k, item in enumerate(nested)]
    if isinstance(nested, int) and not isinstance(nested, bool):
        return fmpq(nested)
    if isinstance(nested, float) and math.isfinite(nested):
        return fmpq(*nested.as_integer_ratio())
    raise InputError(path, key, f"expected a finite real number, got {shorten(repr(nested))}")


def shape(nested: Nested) -> tuple[int, ...]:
    """The shape of nested lists, judged by their first entries."""
    return (len(nested), *(shape(nested[0]) if nested else ())) if isinstance(nested, list) else ()


def entries(nested: Nested) -> Iterator[Exact]:
    """All numbers, in order."""
    if isinstance(nested, list):
        for item in nested:
            yield from entries(item)
    else:
        yield nested


def as_floats(nested: Nested) -> Nested | None:
    """The same nesting as floats of the very same values (as integers where all of them are), or None."""
    values = list(entries(nested))
    if not all(isinstance(v, fmpq) and _is_float(v) for v in values):
        return None
    whole = all(v.q == 1 and abs(v.p) < 2**63 for v in values)  # type: ignore[union-attr]
    return _converted(nested, whole)


def _is_float(x: fmpq) -> bool:
    try:
        return Fraction(int(x.p) / int(x.q)) == Fraction(int(x.p), int(x.q))
    except OverflowError:
        return False


def _converted(nested: Nested, whole: bool) -> Nested:
    if isinstance(nested, list):
        return [_converted(item, whole) for item in nested]
    return int(nested.p) if whole else int(nested.p) / int(nested.q)
