"""Cases built in code: the values of Python that are welcome, what each of them means, and what is refused."""

from __future__ import annotations

import pickle
from collections import UserDict, UserList
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from flint import fmpq, fmpz
from hypothesis import given
from hypothesis import strategies as st

from verifier.case import Case, Claim, InputError, loads
from verifier.checker import number

DATA = {"inputs": [[1, 0], ["1/2", -3], [-1, 0]], "labels": [1, 1, -1]}
NETWORK = {"kind": "single-layer", "activation": "relu", "width": 2}
POINT = {"a0": 0, "a": [1, "-1/3"], "W": [[0, 0], [0, 0]], "b": [-1, -1]}
FILE = """
schema = 1
title = "built"
[data]
inputs = [[1, 0], ["1/2", -3], [-1, 0]]
labels = [1, 1, -1]
[network]
kind = "single-layer"
activation = "relu"
width = 2
[loss]
name = "hinge"
[point]
a0 = 0
a = [1, "-1/3"]
W = [[0, 0], [0, 0]]
b = [-1, -1]
[[claim]]
kind = "local-minimum"
"""


class Sparse:
    """An array that has no list of its numbers, as a sparse tensor of PyTorch."""

    def tolist(self) -> list[object]:
        raise RuntimeError("unsupported tensor layout")


def built(**changes: Any) -> Case:
    given: dict[str, Any] = {"data": DATA, "network": NETWORK, "loss": "hinge", "point": POINT}
    return Case(**{**given, "claims": ["local-minimum"], "title": "built", **changes})


def first_input(value: object) -> object:
    """What a number of Python becomes."""
    return built(data={"inputs": [[value, 0], [0, 0], [0, 0]], "labels": [1, 1, -1]}).data.inputs[0][0]


def refused(**changes: Any) -> str:
    with pytest.raises(InputError) as caught:
        built(**changes)
    return str(caught.value)


def test_the_same_case_as_from_a_file() -> None:
    assert built(path="-") == loads(FILE)


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        (3, fmpq(3)),
        (0.1, fmpq(3602879701896397, 36028797018963968)),
        (-0.0, fmpq(0)),
        (5e-324, fmpq(1, 2**1074)),
        ("0.1", fmpq(1, 10)),
        (Fraction(-1, 3), fmpq(-1, 3)),
        (Decimal("0.1"), fmpq(1, 10)),
        (Decimal("1E+3"), fmpq(1000)),
        (fmpz(7), fmpq(7)),
        (fmpq(2, 7), fmpq(2, 7)),
        (sympy.Rational(2, 7), fmpq(2, 7)),
        (sympy.Integer(2), fmpq(2)),
        (np.int8(-5), fmpq(-5)),
        (np.uint64(2**64 - 1), fmpq(2**64 - 1)),
        (np.float32(0.1), fmpq(13421773, 2**27)),
        (np.float16(0.1), fmpq(819, 2**13)),
        (np.longdouble(0.5), fmpq(1, 2)),
        (np.array(0.25), fmpq(1, 4)),
        ("sqrt(4)", fmpq(2)),
    ],
    ids=repr,
)
def test_numbers_are_exact(value: object, exact: fmpq) -> None:
    assert first_input(value) == exact


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_its_binary_value(x: float) -> None:
    assert first_input(x) == first_input(np.float64(x)) == fmpq(*x.as_integer_ratio())


def test_exact_numbers_of_the_checker() -> None:
    root = number.sqrt(fmpq(2))
    assert first_input(root) is root
    assert first_input("sqrt(2)") == root


@pytest.mark.parametrize(
    ("value", "got"),
    [
        (float("nan"), "data.inputs[0][0]: expected a finite number, got nan"),
        (np.float64("-inf"), "data.inputs[0][0]: expected a finite number, got -inf"),
        (Decimal("NaN"), "data.inputs[0][0]: expected a finite number, got NaN"),
        (Decimal("1e1000000000"), "decimal exponent beyond"),
        (Fraction(1, 10**9_950), "data.inputs[0][0]: expected a fraction of at most 9,900 digits, got a longer one"),
        (10**10_001, "data.inputs[0][0]: expected an integer of at most 10000 digits, got an integer of about"),
        (True, "got true"),
        (np.bool_(True), "got true"),
        (1j, "got a value of type complex"),
        (sympy.sqrt(2), "got a value of type Pow"),
        (b"1", "got a value of type bytes"),
        ({1}, "got a value of type set"),
        (object(), "got a value of type object"),
        (Sparse(), "got a value of type Sparse"),
        ("__import__('os')", 'got "__import__'),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_number_is_refused(value: object, got: str) -> None:
    message = refused(data={"inputs": [[value, 0], [0, 0], [0, 0]], "labels": [1, 1, -1]})
    assert message.startswith("data.inputs[0][0]: expected ") and got in message


def test_arrays_tuples_and_other_sequences_are_lists() -> None:
    data = {"inputs": np.array([[1, 0], [0.5, -3], [-1, 0]]), "labels": np.array([1, 1, -1], dtype=np.int8)}
    point = UserDict(a0=np.float32(0), a=(1, Fraction(-1, 3)), W=np.zeros((2, 2)), b=UserList([-1, -1]))
    network = {**NETWORK, "width": np.int64(2), "output_bias": np.bool_(True), "deep": None}
    assert built(data=data, point=point, network=network) == built()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": {**DATA, "labels": [1, 1, 0]}}, "data.labels[2]: expected 1 or -1, got 0"),
        ({"data": np.zeros((2, 2))}, "data: expected a mapping with the keys of [data], got a value of type ndarray"),
        ({"data": None}, "data: expected a mapping with the keys of [data], got nothing"),
        ({"network": {**NETWORK, "wdith": 2}}, "network.wdith: expected one of the keys"),
        ({"network": {**NETWORK, "width": 0}}, "network.width: expected a positive integer"),
        ({"network": {1: 2}}, "network: expected a table whose keys are texts, got a value of type int as a key"),
        ({"loss": "hing"}, 'loss.name: expected one of hinge, squared_hinge'),
        ({"loss": 3}, "loss: expected a mapping with the keys of [loss], got a value of type int"),
        ({"point": {**POINT, "a": [1]}}, "point.a: expected a list of 2 numbers (one for each unit), got a list of 1"),
        ({"point": None}, "point: expected a table [point] for claim[0] (local-minimum), got nothing"),
        ({"point": []}, "point: expected a mapping with the keys of [point], got a value of type list"),
        ({"better": POINT["W"]}, "better: expected a mapping with the keys of [better], got a value of type list"),
        ({"claims": "local-minimum"}, "claim: expected a list of claims, got a text"),
        ({"claims": ["local minimum"]}, 'claim[0].kind: expected one of local-minimum'),
        ({"claims": [None]}, "claim[0]: expected a mapping with the keys of [claim[0]], got nothing"),
        ({"claims": [{"kind": "loss"}]}, "claim[0].value: expected value, or lower and upper"),
        ({"title": 3}, "title: expected a string, got 3"),
        ({"title": "\ud800"}, 'title: expected text that UTF-8 can encode, got "\\ud800"'),
        ({"notes": ["x"]}, "notes: expected a string, got a list of 1"),
        ({"path": 3}, "path: expected a text, got a value of type int"),
        ({"path": "my.toml", "title": None}, "my.toml: title: expected a title, got nothing"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], message: str) -> None:
    assert refused(**changes).startswith(message)


def test_a_list_in_itself_ends() -> None:
    circle: list[Any] = []
    circle.append(circle)
    assert "expected tables and lists nested less deeply" in refused(data={"inputs": circle, "labels": [1]})


def test_parts_of_another_case() -> None:
    case = built()
    again = Case(case.data, case.network, case.loss, case.point, claims=case.claims, title="built")
    assert again == case
    assert replace(case, claims=()) == built(claims=[])
    assert replace(case, claims=[Claim("stationary")]) == built(claims=["stationary"])


def test_parts_that_do_not_fit_together_are_refused() -> None:
    wider = built(network={**NETWORK, "width": 1}, point=None, claims=[])
    with pytest.raises(InputError, match=r"^point\.a: expected a list of 1 number"):
        replace(built(), network=wider.network)
    with pytest.raises(InputError, match=r"^point: expected a table \[point\] for claim\[0\]"):
        replace(built(), point=None)


def test_nothing_of_the_arguments_is_kept() -> None:
    data: dict[str, Any] = {"inputs": [[1, 0], [0, 0], [0, 0]], "labels": [1, 1, -1]}
    case = built(data=data)
    data["inputs"][0][0] = 7
    data["labels"].clear()
    assert case.data.inputs[0][0] == 1 and case.data.labels == (1, 1, -1)


def test_a_case_is_frozen_hashable_and_can_be_pickled() -> None:
    case = built(data={**DATA, "inputs": [["sqrt(2)", 0], [0, 0], [0, 0]]})
    assert hash(case) == hash(built(data=case.data))
    assert pickle.loads(pickle.dumps(case)) == case  # noqa: S301
    with pytest.raises(AttributeError):
        case.title = "another"  # type: ignore[misc]
