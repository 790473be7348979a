"""Values of Python code as the plain values of a case file: lists, tables with string keys, and exact numbers.

What is a number stays exactly what it is: an integer, a Fraction, a Decimal, a rational of SymPy or python-flint; a
float stands for its exact binary value. NumPy arrays and tensors of PyTorch are lists of such numbers.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping, Sequence
from decimal import Decimal

from flint import fmpq, fmpz

from verifier.case.errors import describe, refuse
from verifier.case.reading import DecimalLiteral
from verifier.checker.number import Number

MAX_DEPTH = 8  # deeper than any value of a case file
_MAX_BITS = 33_000  # of p and q together: "p/q" then is within the grammar's 10,000 characters

_NUMBERS = "a number (int, Fraction, Decimal, float, or a text such as \"sqrt(2)/3\")"


def plain(value: object, key: str, depth: int = MAX_DEPTH) -> object:
    """The value as it would come out of a TOML file; `key` names it in messages.

    In tables, None means that a key is absent. Raises Refused for NaN and infinity, for values of other types, and
    for what is nested too deeply.
    """
    if depth == 0:
        raise refuse(key, "tables and lists nested less deeply", "a nesting beyond every shape of a case file")
    if isinstance(value, Mapping):
        return _table(value, key, depth)
    if isinstance(value, str):
        return _text(value, key)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [plain(item, f"{key}[{index}]", depth - 1) for index, item in enumerate(value)]
    if isinstance(value, bool | fmpq | Number | DecimalLiteral):
        return value
    if isinstance(value, numbers.Real | Decimal | fmpz):
        return _number(value, key)
    if hasattr(value, "tolist"):  # an array, a scalar of NumPy, a tensor
        return _array(value, key, depth)
    raise refuse(key, f"{_NUMBERS}, a text, a list or a table", describe_type(value))


def describe_type(value: object) -> str:
    """The type of a value that has no place in a case file."""
    known = {type(None): "nothing", str: "a text"}
    return known.get(type(value), f"a value of type {type(value).__name__}")


def _table(value: Mapping[object, object], key: str, depth: int) -> dict[str, object]:
    table: dict[str, object] = {}
    for name, item in value.items():
        if not isinstance(name, str):
            raise refuse(key, "a table whose keys are texts", describe_type(name) + " as a key")
        if item is not None:
            table[name] = plain(item, f"{key}.{name}" if key else name, depth - 1)
    return table


def _text(value: str, key: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: no file and no certificate can hold it
        raise refuse(key, "text that UTF-8 can encode", describe(value)) from None
    return str(value)


def _number(value: numbers.Real | Decimal | fmpz, key: str) -> object:
    if isinstance(value, numbers.Integral | fmpz):
        return int(value)
    if isinstance(value, numbers.Rational):
        return _fraction(int(value.numerator), int(value.denominator), key)
    if isinstance(value, Decimal):
        return DecimalLiteral(str(value))  # bounded there: the integers in as_integer_ratio() may be huge
    if not math.isfinite(value):
        raise refuse(key, "a finite number", str(value))
    if not hasattr(value, "as_integer_ratio"):
        raise refuse(key, _NUMBERS, describe_type(value))
    numerator, denominator = value.as_integer_ratio()
    return _fraction(int(numerator), int(denominator), key)


def _fraction(numerator: int, denominator: int, key: str) -> fmpq:
    if numerator.bit_length() + denominator.bit_length() > _MAX_BITS:
        raise refuse(key, "a fraction of at most 9,900 digits", "a longer one")
    return fmpq(numerator, denominator)


def _array(value: object, key: str, depth: int) -> object:
    try:
        listed = value.tolist()  # type: ignore[attr-defined]
    except (RuntimeError, TypeError, ValueError):  # a sparse tensor, or one without storage
        listed = value
    if type(listed) is type(value):
        raise refuse(key, _NUMBERS, describe_type(value))
    return plain(listed, key, depth)
