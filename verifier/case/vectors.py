"""Lists of exact numbers with checked lengths; every message names the very entry."""

from __future__ import annotations

from collections.abc import Callable

from flint import fmpq

from verifier.case.errors import describe, refuse
from verifier.case.numbers import NotANumber, exact, number, sign_of
from verifier.case.types import Matrix, Vector
from verifier.checker.number import Exact

MAX_WIDTH = 100_000


def plural(count: int, noun: str) -> str:
    """ "1 row", "2 rows"."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun[:-1]}ies" if noun.endswith("y") else f"{count} {noun}s"


def as_list(value: object, key: str, expected: str) -> list[object]:
    """The value itself when it is a list; refused otherwise."""
    if isinstance(value, list):
        return value
    raise refuse(key, expected, describe(value))


def sized_list(value: object, key: str, count: int, noun: str, why: str) -> list[object]:
    """A list of `count` entries, each a `noun`; `why` tells where the count comes from."""
    expected = f"a list of {plural(count, noun)} ({why})"
    items = as_list(value, key, expected)
    if len(items) != count:
        raise refuse(key, expected, describe(items))
    return items


def numbers(items: list[object], key: str) -> Vector:
    """Every entry as an exact number."""
    try:
        return tuple([exact(item) for item in items])
    except NotANumber:
        return tuple([number(item, f"{key}[{index}]") for index, item in enumerate(items)])


def vector(value: object, key: str, count: int, why: str) -> Vector:
    """A list of `count` exact numbers."""
    return numbers(sized_list(value, key, count, "number", why), key)


def matrix(value: object, key: str, rows: int, why_rows: str, columns: int, why_columns: str) -> Matrix:
    """A list of `rows` lists of `columns` exact numbers."""
    items = sized_list(value, key, rows, "row", why_rows)
    return tuple([vector(row, f"{key}[{index}]", columns, why_columns) for index, row in enumerate(items)])


def integer(value: object, key: str, expected: str, allowed: Callable[[int], bool]) -> int:
    """An integer, however it is written (2, 2.0, "4/2"), that satisfies `allowed`."""
    try:
        found = exact(value)
    except NotANumber:
        raise refuse(key, expected, describe(value)) from None
    if not isinstance(found, fmpq) or found.q != 1 or not allowed(int(found.p)):
        raise refuse(key, expected, describe(value))
    return int(found.p)


def size(value: object, key: str) -> int:
    """A number of units: a positive integer up to 100,000."""
    expected = f"a positive integer of at most {MAX_WIDTH}"
    if type(value) is not int or not 0 < value <= MAX_WIDTH:
        raise refuse(key, expected, describe(value))
    return value


def sizes(value: object, key: str) -> tuple[int, ...]:
    """The sizes of the hidden layers: a non-empty list."""
    items = as_list(value, key, "a list of layer sizes such as [3, 2]")
    if not items:
        raise refuse(key, "at least one hidden layer", "an empty list")
    return tuple([size(item, f"{key}[{index}]") for index, item in enumerate(items)])


def positive(value: object, key: str, expected: str) -> Exact:
    """A number > 0."""
    found = number(value, key)
    if sign_of(found, key, expected) <= 0:
        raise refuse(key, expected, describe(value))
    return found


def not_negative(value: object, key: str, expected: str) -> Exact:
    """A number >= 0."""
    found = number(value, key)
    if sign_of(found, key, expected) < 0:
        raise refuse(key, expected, describe(value))
    return found
