"""The structure of a case file for msgspec: which keys exist where, and their plain types.

Numbers, lists of numbers and everything whose shape depends on another key are `Any` here and are decoded, with better
messages, by the modules that know them. TOML has no null, so None always means that the key is absent.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from verifier.case.errors import Refused, describe, nearest, refuse, shorten


class Table(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A table of the file: every key is known, every value has been looked at."""


class Function(Table):
    name: str | None = None
    expr: str | None = None
    slope: Any = None
    alpha: Any = None


class Data(Table):
    inputs: list[Any] | None = None
    labels: list[Any] | None = None
    targets: list[Any] | None = None
    multiplicity: list[Any] | None = None
    file: str | None = None


class Deep(Table):
    activation: str | Function | None = None
    hidden: Any = None
    hidden_bias: bool = True
    output_bias: bool = True


class Exponential(Table):
    decay: Any = None


class Network(Table):
    kind: str
    activation: str | Function | None = None
    width: Any = None
    hidden: Any = None
    hidden_bias: bool = True
    output_bias: bool = True
    deep: Deep | None = None
    exponential: Exponential | None = None


class Loss(Table):
    name: str | None = None
    p: Any = None
    expr: str | None = None
    weight_decay: Any = 0


class LayeredPoint(Table):
    a0: Any = None
    a: Any = None
    W: Any = None
    b: Any = None


class ExponentialPoint(Table):
    a: Any = None
    w: Any = None
    b: Any = None


class Point(LayeredPoint):
    file: str | None = None
    deep: LayeredPoint | None = None
    exponential: ExponentialPoint | None = None


class Claim(Table):
    kind: str
    strict: bool | None = None
    near: Any = None
    bad: bool | None = None
    training_error: Any = None
    expect: str = "proved"
    theorem: str | None = None
    value: Any = None
    lower: Any = None
    upper: Any = None


class Case(Table, kw_only=True):
    schema: Any
    title: str
    source: str | None = None
    notes: str | None = None
    data: Data
    network: Network
    loss: Loss
    point: Point | None = None
    better: Point | None = None
    claim: list[Claim] = []


TABLES: dict[str, type[Table]] = {
    "": Case,
    "data": Data,
    "network": Network,
    "network.activation": Function,
    "network.deep": Deep,
    "network.deep.activation": Function,
    "network.exponential": Exponential,
    "loss": Loss,
    "point": Point,
    "point.deep": LayeredPoint,
    "point.exponential": ExponentialPoint,
    "better": Point,
    "better.deep": LayeredPoint,
    "better.exponential": ExponentialPoint,
    "claim": Claim,
}

_T = TypeVar("_T", bound=Table)
_WORDS = {"str": "a string", "bool": "true or false", "int": "an integer", "array": "a list", "object": "a table"}
_PLACE = re.compile(r" - at `\$\.?(.*)`$", re.DOTALL)
_STEP = re.compile(r"[^.\[\]]+|\[\d+\]")


def convert(tables: object, kind: type[_T]) -> _T:
    """The tables of a file as structures; raises Refused with the key of the first mistake."""
    _check_keys(tables, "", "")
    try:
        return msgspec.convert(tables, kind)
    except msgspec.ValidationError as problem:
        raise _explained(str(problem), tables) from None


def _check_keys(value: object, key: str, table: str) -> None:
    """Refuse unknown keys at once: what msgspec says later then only ever quotes names from this file."""
    if isinstance(value, list) and table == "claim":
        for index, item in enumerate(value):
            if isinstance(item, dict):
                _check_keys(item, f"{key}[{index}]", table)
    elif isinstance(value, dict) and table in TABLES:
        for name, item in value.items():
            if name not in TABLES[table].__struct_fields__:
                raise _unknown_key(key, table, name)
            _check_keys(item, _join(key, name), _join(table, name))


def _explained(problem: str, tables: object) -> Refused:
    """msgspec's sentence in the words of this project, with the value that was found."""
    place = _PLACE.search(problem)
    key, said = (place[1], problem[: place.start()]) if place else ("", problem)
    quoted = re.findall(r"`(.*?)`", said, re.DOTALL)
    if said.startswith("Object missing"):
        return refuse(_join(key, quoted[0]), _required(_join(key, quoted[0])), "nothing")
    wanted = [_WORDS.get(word, word) for word in quoted[0].split(" | ") if word != "null"]
    return refuse(key, " or ".join(reversed(wanted)), describe(_value_at(tables, key)))


def _unknown_key(key: str, table: str, name: str) -> Refused:
    known = TABLES[table].__struct_fields__
    hint = nearest(name, known)
    return refuse(_join(key, shorten(name)), f"one of the keys {', '.join(known)}", "an unknown key" + hint)


def _required(key: str) -> str:
    return {
        "schema": "schema = 1",
        "title": "a title",
        "data": "a table [data]",
        "network": "a table [network]",
        "loss": "a table [loss]",
    }.get(key, "a value (this key is required)")


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _value_at(tables: object, key: str) -> object:
    found: Any = tables
    for step in _STEP.findall(key):
        found = found[int(step[1:-1])] if step.startswith("[") else found[step]
    return found
