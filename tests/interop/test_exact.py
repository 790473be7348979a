"""Numbers in and out: what is written means the very number that was there."""

from __future__ import annotations

import math
import tomllib
from fractions import Fraction

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from verifier.case import InputError
from verifier.case.numbers import exact
from verifier.case.reading import DecimalLiteral
from verifier.case.writing import toml
from verifier.interop.exact import as_floats, entries, exact_numbers, shape

finite = st.floats(allow_nan=False, allow_infinity=False)


def read(text: str) -> object:
    """The exact value of one TOML number as the reader of case files takes it."""
    return exact(tomllib.loads(f"x = {text}", parse_float=DecimalLiteral)["x"])


@given(finite)
def test_every_float_keeps_its_binary_value(x: float) -> None:
    (value,) = exact_numbers([x], "", "W")
    assert read(toml(value)) == fmpq(*x.as_integer_ratio())


@given(st.fractions())
def test_every_rational_keeps_its_value(x: Fraction) -> None:
    value = fmpq(x.numerator, x.denominator)
    assert read(toml(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.5"),
        (-3.0, "-3"),
        (-0.0, "0"),
        (0.1, '"3602879701896397/36028797018963968"'),  # the float is not the decimal
        (2.0**60, '"1152921504606846976"'),
    ],
)
def test_short_decimals_only_where_they_are_exact(value: float, text: str) -> None:
    assert toml(exact_numbers(value, "", "W")) == text


def test_decimals_stay_decimals() -> None:
    assert toml(fmpq(1, 10)) == "0.1"
    assert toml([fmpq(1, 3), [fmpq(2)]]) == '["1/3", [2]]'


@pytest.mark.parametrize("value", [math.nan, math.inf, True, "1", None, 1j])
def test_what_is_no_number_is_refused_with_its_place(value: object) -> None:
    with pytest.raises(InputError, match=r"^net\.npz: W\[1\]\[0\]: expected a finite real number, got "):
        exact_numbers([[1.0], [value]], "net.npz", "W")


def test_shape_and_entries() -> None:
    nested = exact_numbers([[1, 2, 3], [4, 5, 6]], "", "W")
    assert shape(nested) == (2, 3)
    assert shape(fmpq(1)) == ()
    assert shape([]) == (0,)
    assert list(entries(nested)) == [1, 2, 3, 4, 5, 6]


@given(st.lists(finite, min_size=1, max_size=5))
def test_floats_come_back(values: list[float]) -> None:
    assert as_floats(exact_numbers(values, "", "W")) == values


def test_integers_become_integers_and_other_numbers_nothing() -> None:
    assert [type(v) for v in as_floats([fmpq(1), fmpq(2)])] == [int, int]
    assert [type(v) for v in as_floats([fmpq(1), fmpq(1, 2)])] == [float, float]
    assert as_floats([fmpq(1, 3)]) is None
    assert as_floats([fmpq(10) ** 400]) is None
    assert as_floats(fmpq(2**63 + 1)) is None  # neither an int64 nor a float64
