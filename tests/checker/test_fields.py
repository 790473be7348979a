"""Reading proof nodes: wrong types, sizes and ranges are rejected with the place."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq

from tests.checker.rules.certify import constant
from verifier.checker import fields
from verifier.checker.case import read_case
from verifier.checker.errors import Rejected

CASE = read_case(constant("quadratic").document())


def said(read: Any, *given: Any) -> str:
    with pytest.raises(Rejected) as caught:
        read(*given)
    return str(caught.value)


def test_what_is_well_formed() -> None:
    assert fields.exact("1/3 + 1/6", "x") == fmpq(1, 2)
    assert fields.vector(["1", "-2"], "x", 2) == (fmpq(1), fmpq(-2))
    assert fields.curve([["1"], ["2"]], "x", 1) == [(fmpq(1),), (fmpq(2),)]
    assert fields.unit([0, 0, 0], CASE, "x") == (0, 0, 0)
    fields.only({"rule": "r", "a": 1}, {"a"}, "x")


@pytest.mark.parametrize("value", [None, [], "x", 1, True])
def test_nodes_are_objects(value: Any) -> None:
    assert said(fields.node, value, "here").startswith("here: expected an object, got")


@pytest.mark.parametrize("value", [None, {}, "ab", 1, ("a",)])
def test_items_are_lists(value: Any) -> None:
    assert said(fields.items, value, "here").startswith("here: expected a list, got")


def test_sizes_and_fields() -> None:
    assert said(fields.items, [1], "here", 2) == "here: expected 2 entries, got 1"
    assert said(fields.vector, ["1"], "here", 2) == "here: expected 2 entries, got 1"
    assert said(fields.only, {"b": 1}, {"a"}, "here") == "here: unknown field b"
    assert said(fields.only, {}, {"a"}, "here") == "here: missing field a"
    assert "expected 1 to 24 coefficients, got 0" in said(fields.curve, [], "here", 1)


@pytest.mark.parametrize("value", [True, 1.0, "1", None, [1], -1, 4, 10**30])
def test_integers_within_bounds(value: Any) -> None:
    assert said(fields.integer, value, "here", 0, 3).startswith("here: expected an integer from 0 to 3, got")


@pytest.mark.parametrize("value", [1, 1.5, None, True, ["1"], {"1": 1}])
def test_numbers_are_texts(value: Any) -> None:
    assert said(fields.exact, value, "here").startswith("here: expected a number as text, got")


@pytest.mark.parametrize(
    "value", ["", "z", "1/0", "log(0)", "sqrt(-1)", "nan", "inf", "1e99999", "1 +", "__import__('os')", "9" * 10_001]
)
def test_texts_that_are_no_numbers(value: str) -> None:
    assert said(fields.exact, value, "here").startswith("here: ")


@pytest.mark.parametrize(
    "value", [[0, 0], [0, 0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, -1], [0, 0, False], ["0", 0, 0], None]
)
def test_units_that_the_case_does_not_have(value: Any) -> None:
    assert said(fields.unit, value, CASE, "here").startswith("here: expected")
