"""Exact numbers from a file: integers, decimals and closed expressions; never a float."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from flint import fmpq, fmpz

from verifier.case.errors import describe, refuse
from verifier.case.reading import MAX_DIGITS, DecimalLiteral
from verifier.checker import number as exact_number
from verifier.checker.expression import (
    MAX_CHARACTERS,
    NUMBER_FUNCTIONS,
    Expression,
    ExpressionProblem,
    parse,
    show,
    value,
)
from verifier.checker.number import Exact, Number, Undecided

EXAMPLE = 'a number such as 2, 0.5, "1/3" or "sqrt(2)"'
_PLAIN = re.compile(r"([+-]?)([0-9]{1,200})(?:\.([0-9]{1,200}))?(?:[eE]([+-]?[0-9]{1,3}))?", re.ASCII)
_FRACTION = re.compile(r"[+-]?[0-9]{1,400}/[0-9]{1,400}", re.ASCII)
_NOT_FINITE = frozenset({"nan", "inf", "infinity"})
_MAX_INTEGER_BITS = 33_220  # 10**10000 has 33,220 bits


class Written(Number):
    """A number that remembers how its author wrote it; equal to, and computing like, the plain `Number`."""

    def __init__(self, plain: Number, text: str) -> None:
        super().__init__(plain.terms)
        self.text = text

    def __reduce__(self) -> tuple[Callable[[str], Exact], tuple[str]]:
        return from_text, (self.text,)  # not the terms: they may carry balls, which cannot be pickled


class LongRational(fmpq):
    """A rational such as 1e-10000, whose digits would pass the grammar's bound on length; computes like any `fmpq`."""

    def __init__(self, plain: fmpq, text: str) -> None:
        super().__init__(plain)
        self.text = text

    def __new__(cls, plain: fmpq, text: str) -> LongRational:
        return super().__new__(cls)

    def __reduce__(self) -> tuple[Callable[[str], Exact], tuple[str]]:
        return from_text, (self.text,)


_REMEMBERED = (Written, LongRational)


def text_of(x: Exact) -> str:
    """The number as text that `exact` reads as the same value.

    A rational is "p/q"; an irrational number, or a rational of very many digits, is as its author wrote it
    (normalised by `show`).
    """
    return x.text if isinstance(x, _REMEMBERED) else exact_number.text(x)


def number(item: object, key: str) -> Exact:
    """The exact value of an integer, a decimal literal, a string, or an exact number itself.  Raises Refused."""
    try:
        return exact(item)
    except NotANumber as problem:
        raise refuse(key, problem.expected, describe(item)) from None


class NotANumber(ValueError):
    """Says what was expected instead; the caller knows the key."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


def exact(item: object) -> Exact:
    """As `number`, for callers that name the place themselves.  Raises NotANumber."""
    if type(item) is int:
        if item.bit_length() > _MAX_INTEGER_BITS:
            raise NotANumber(f"an integer of at most {MAX_DIGITS} digits")
        return fmpq(item)
    if isinstance(item, DecimalLiteral):
        return from_text(item.text)
    if isinstance(item, str):
        return from_text(item)
    if isinstance(item, fmpq | Number):
        return item
    raise NotANumber(EXAMPLE)


@lru_cache(maxsize=4096)
def from_text(text: str) -> Exact:
    """The exact value of a text of the number grammar; plain integers, decimals and fractions go a short way."""
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        return _decimal(*plain.groups())
    if _FRACTION.fullmatch(text):
        numerator, _, denominator = text.partition("/")
        if denominator.strip("0"):
            return fmpq(fmpz(numerator.lstrip("+")), fmpz(denominator))
    return _from_expression(text)


def _decimal(sign: str, whole: str, fraction: str | None, exponent: str | None) -> fmpq:
    digits = int(sign + whole + (fraction or ""))
    shift = int(exponent or 0) - len(fraction or "")
    return fmpq(digits * 10**shift) if shift >= 0 else fmpq(digits, 10**-shift)


def _from_expression(text: str) -> Exact:
    if text.strip().lstrip("+-").lower() in _NOT_FINITE:
        raise NotANumber("a finite number")
    try:
        expression = parse(text)
        result = value(expression)
    except ExpressionProblem as problem:
        raise NotANumber(f"{EXAMPLE} ({problem})") from None
    if isinstance(result, Number):
        return Written(result, normalised(text, expression))
    if len(str(result)) > MAX_CHARACTERS:
        return LongRational(result, normalised(text, expression))
    return result


def normalised(
    text: str,
    expression: Expression,
    variables: frozenset[str] = frozenset(),
    functions: frozenset[str] = NUMBER_FUNCTIONS,
) -> str:
    """`show(expression)`; the author's own text where showing it would pass a bound of the grammar."""
    shown = show(expression)
    try:
        if parse(shown, variables, functions) == expression:
            return shown
    except ExpressionProblem:  # parentheses and spaces made it too long or too deep
        pass
    return text


def sign_of(x: Exact, key: str, expected: str) -> int:
    """The sign of x; refused with what was `expected` where it cannot be decided."""
    try:
        return exact_number.sign(x)
    except Undecided:
        raise refuse(key, expected, f"{describe(text_of(x))}, whose sign could not be decided") from None
