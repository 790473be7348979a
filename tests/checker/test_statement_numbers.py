"""Decimals that bound: on the right side, close, and kept only where they are shown to hold."""

from __future__ import annotations

import pytest
from flint import arb, fmpq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from verifier.checker.expression import parse_number
from verifier.checker.number import Exact, TooLarge, exp, precision
from verifier.checker.rounding import symmetric
from verifier.checker.statement_numbers import (
    DIGITS,
    MAX_EXPONENT,
    SLACK,
    at_least,
    at_most,
    decimal,
    describe,
    enclosure,
)

MANTISSAS = st.integers(-(2**70), 2**70)


def dyadic(mantissa: int, exponent: int) -> tuple[arb, fmpq]:
    """The same number twice, exact both times."""
    with precision(200):
        return arb((mantissa, exponent)), fmpq(mantissa) * fmpq(2) ** exponent


@settings(max_examples=400)
@given(mantissa=MANTISSAS, exponent=st.integers(-700, 400))
@example(mantissa=1, exponent=0)
@example(mantissa=-1, exponent=-200)
@example(mantissa=10**15, exponent=0)
@example(mantissa=10**15 - 1, exponent=0)
@example(mantissa=2**53 + 1, exponent=-53)
def test_a_decimal_lies_on_its_side_and_close(mantissa: int, exponent: int) -> None:
    end, value = dyadic(mantissa, exponent)
    low, high = (parse_number(decimal(end, down=down)) for down in (True, False))
    assert isinstance(low, fmpq) and isinstance(high, fmpq)
    assert low <= value <= high
    assert high - low <= abs(value) / fmpq(10) ** (DIGITS - 2)
    for words in (decimal(end, down=True), decimal(end, down=False)):
        assert len(words.partition("e")[0].strip("-0.").replace(".", "")) <= DIGITS + 1


@pytest.mark.parametrize(
    ("mantissa", "exponent", "down", "words"),
    [
        (0, 0, True, "0"),
        (1, 0, True, "1.00000000000000"),
        (-3, -2, False, "-0.75000000000000"),
        (1, -10, True, "0.00097656250000000"),
    ],
)
def test_what_a_decimal_looks_like(mantissa: int, exponent: int, down: bool, words: str) -> None:
    assert decimal(dyadic(mantissa, exponent)[0], down) == words


@pytest.mark.parametrize("mantissa", [1, -1, 3, -(2**60) + 1])
def test_numbers_too_small_to_write(mantissa: int) -> None:
    end, value = dyadic(mantissa, -MAX_EXPONENT - 200)
    low, high = (parse_number(decimal(end, down=down)) for down in (True, False))
    assert isinstance(low, fmpq) and isinstance(high, fmpq)
    assert low < value < high and high - low < fmpq(1, 10**1000)
    assert 0 in (low, high)


def test_numbers_too_large_to_write() -> None:
    for mantissa in (1, -1):
        with pytest.raises(TooLarge):
            decimal(dyadic(mantissa, MAX_EXPONENT + 1)[0], down=True)


def test_enclosures() -> None:
    third = arb(fmpq(1, 3))
    found = enclosure(third)
    assert found is not None
    low, high = (parse_number(found[end]) for end in ("lower", "upper"))
    assert isinstance(low, fmpq) and isinstance(high, fmpq)
    assert low < fmpq(1, 3) < high
    for ball in (arb("nan"), arb("inf"), arb("0 +/- inf")):
        assert enclosure(ball) is None


@given(mantissa=MANTISSAS, exponent=st.integers(-80, 20), numerator=st.integers(-50, 50), radius=st.integers(0, 9))
def test_a_stated_bound_is_kept_only_if_it_holds(mantissa: int, exponent: int, numerator: int, radius: int) -> None:
    middle, value = dyadic(mantissa, exponent)
    stated = f"{numerator}/7"
    size = fmpq(radius, 8)
    ball = (middle - arb(size)).union(middle + arb(size))
    bound = fmpq(numerator, 7)
    below, above = at_least(ball, stated), at_most(ball, stated)
    assert (below == stated) <= (bound <= value - size)
    assert (above == stated) <= (bound >= value + size)
    low, high = parse_number(below), parse_number(above)
    assert isinstance(low, fmpq) and isinstance(high, fmpq)
    assert low <= value - size and high >= value + size


@pytest.mark.parametrize("stated", [None, 1, 0.5, [], "nan", "-inf", "z", "1/0", "sqrt(2)", "9" * 500, "", "1e999999"])
def test_what_is_no_rational_text_is_not_kept(stated: object) -> None:
    ball = arb(fmpq(1, 3))
    assert at_least(ball, stated) == at_least(ball)
    assert at_most(ball, stated) == at_most(ball)


def test_stated_ends_of_an_enclosure() -> None:
    ball = arb(fmpq(1, 3))
    assert enclosure(ball, {"lower": "1/4", "upper": "1/2"}) == {"lower": "1/4", "upper": "1/2"}
    standard = enclosure(ball)
    assert enclosure(ball, {"lower": "1/2", "upper": "1/4"}) == standard
    assert enclosure(ball, "1/4") == enclosure(ball, None) == standard


def rational(words: str) -> fmpq:
    found = parse_number(words)
    assert isinstance(found, fmpq)
    return found


@given(mantissa=st.integers(1, 10**9), exponent=st.integers(-80, 20), worse=st.integers(0, 999))
def test_bounds_with_slack_are_kept_by_estimates_that_are_a_little_worse(
    mantissa: int, exponent: int, worse: int
) -> None:
    middle, value = dyadic(mantissa, exponent)
    factor = fmpq(worse, 10**6)
    stated = at_least(middle, None, 6, SLACK)
    assert rational(stated) < value * (1 - factor)
    assert at_least(middle * (1 - factor), stated, 6, SLACK) == stated
    stated = at_most(middle, None, 6, SLACK)
    assert rational(stated) > value * (1 + factor)
    assert at_most(middle * (1 + factor), stated, 6, SLACK) == stated
    ball, wider = (1 + symmetric(middle * (1 + more)) for more in (fmpq(0), factor))
    both = enclosure(ball, None, SLACK)
    assert both is not None
    assert both == enclosure(wider, both, SLACK)
    assert all(abs(rational(both[end]) - 1) > value for end in ("lower", "upper"))


def test_short_exact_numbers_are_told_exactly() -> None:
    third, root = fmpq(1, 3), parse_number("sqrt(2)")
    assert describe(third) == {"exact": "1/3"}
    assert describe(root) == {"exact": "sqrt(2)"}
    # what is exact cannot be stated otherwise
    assert describe(third, {"lower": "0", "upper": "1"}) == {"exact": "1/3"}


def test_long_exact_numbers_are_enclosed() -> None:
    total: Exact = fmpq(0)
    for k in range(1, 40):
        total = total + exp(fmpq(1, k))
    found = describe(total)
    assert found is not None and set(found) == {"lower", "upper"}
    low, high = (parse_number(found[end]) for end in ("lower", "upper"))
    assert isinstance(low, fmpq) and isinstance(high, fmpq)
    with precision(200):
        value = sum((arb(fmpq(1, k)).exp() for k in range(1, 40)), arb(0))
        assert arb(low) <= value <= arb(high)
    assert high - low < fmpq(1, 10**11)
