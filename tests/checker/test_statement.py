"""Statements: rebuilt from the case, with numbers that enclose the values and words that say no more than is shown."""

from __future__ import annotations

import pytest
from flint import fmpq

from tests.checker.rules.certify import accepted, analysis, constant
from verifier.checker import number
from verifier.checker.statement import describe, values

CONVEX = {"rule": "convex", "subgradients": {}, "parts": [{"by": "pattern"}]}


def test_the_words_and_the_data_of_a_statement() -> None:
    found = accepted(constant("quadratic", (1, -1), multiplicity=[2, 2]), {"minimum": CONVEX}, near="1")
    assert found.data["samples"] == 4
    assert (found.data["training_error"], found.data["ties"], found.data["distance"]) == ("1", 4, "0")
    assert "the point is a local minimum of the loss" in found.statement
    assert "the training error is 1 (4 of 4 samples tied at output 0)" in found.statement
    assert "strict" not in found.statement


def test_short_numbers_are_exact() -> None:
    assert describe(fmpq(1, 3)) == {"exact": "1/3"}
    assert describe(number.log(fmpq(2))) == {"exact": "log(2)"}


@pytest.mark.parametrize("factor", [1, -1])
def test_long_numbers_are_enclosed(factor: int) -> None:
    x = number.total([number.sqrt(fmpq(4 * k + 2)) for k in range(40)]) * fmpq(factor)
    found = describe(x)
    assert found is not None and set(found) == {"lower", "upper"}
    assert number.compare(fmpq(0), x) == -factor
    low, high = (number_of(found[end]) for end in ("lower", "upper"))
    assert number.compare(low, x) < 0 < number.compare(high, x)
    assert high - low < fmpq(1, 10**10)


def number_of(words: str) -> fmpq:
    from verifier.checker.expression import parse_number

    value = parse_number(words)
    assert isinstance(value, fmpq)
    return value


def test_what_cannot_be_settled_is_left_out() -> None:
    found = values(analysis(constant("quadratic", (1,), a0="sqrt((1 + pi)**2) - 1 - pi")))
    assert (found["training_error"], found["ties"]) == (None, None)
    assert found["loss"] is not None
