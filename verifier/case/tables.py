"""The parts of a case as the tables of a case file that mean them; numbers are exact values.

Reading these tables gives equal parts again: defaults are left out, shapes are those of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flint import fmpq

from verifier.case.numbers import text_of
from verifier.checker.number import Number

if TYPE_CHECKING:
    from verifier.case.types import (
        Case,
        Claim,
        Data,
        ExponentialPoint,
        FunctionSpec,
        Layered,
        LayeredPoint,
        Loss,
        Network,
        Parameters,
        Point,
    )

Table = dict[str, object]


def case(it: Case) -> Table:
    """All tables of the file; the path is no part of it."""
    nested = it.network.kind == "feedforward"
    tables: Table = {
        "title": it.title,
        "source": it.source,
        "notes": it.notes,
        "data": data(it.data),
        "network": network(it.network),
        "loss": loss(it.loss),
        "point": it.point and point(it.point, nested),
        "better": it.better and point(it.better, nested),
        "claim": [claim(one) for one in it.claims],
    }
    return {"schema": 1, **_present(tables)}


def data(it: Data) -> Table:
    return _present(
        {
            "inputs": _lists(it.inputs),
            "labels": it.labels and list(it.labels),
            "targets": it.targets and list(it.targets),
            "multiplicity": list(it.multiplicity) if any(count != 1 for count in it.multiplicity) else None,
        }
    )


def network(it: Network) -> Table:
    return _present(
        {
            "kind": it.kind,
            **_layered(it.main, it.kind == "feedforward"),
            "deep": it.deep and _layered(it.deep, True),
            "exponential": None if it.exponential_decay is None else {"decay": it.exponential_decay},
        }
    )


def _layered(it: Layered, nested: bool) -> Table:
    """A single layer has a width, several have a list of sizes."""
    size: Table = {"hidden": list(it.hidden)} if nested else {"width": it.hidden[0]}
    biases = {"hidden_bias": it.hidden_bias, "output_bias": it.output_bias}
    return {"activation": _activation(it.activation), **size, **{key: False for key, has in biases.items() if not has}}


def _activation(it: FunctionSpec) -> object:
    if it.name is None:
        return {"expr": it.text}
    return {"name": it.name, **_parameters(it.parameters)} if it.parameters else it.name


def _parameters(it: Parameters) -> Table:
    return dict(it.items())


def loss(it: Loss) -> Table:
    name: Table = {"expr": it.function.text} if it.function.name is None else {"name": it.function.name}
    decay: Table = {} if it.weight_decay == fmpq(0) else {"weight_decay": it.weight_decay}
    return {**name, **_parameters(it.function.parameters), **decay}


def point(it: Point, nested: bool) -> Table:
    """`nested`: W and b are lists of layers, as in feedforward nets."""
    return _present(
        {
            **_layered_point(it.main, nested),
            "deep": it.deep and _layered_point(it.deep, True),
            "exponential": it.exponential and _exponential_point(it.exponential),
        }
    )


def _layered_point(it: LayeredPoint, nested: bool) -> Table:
    weights = it.W if nested else it.W[0]
    biases = it.b if nested or it.b is None else it.b[0]
    return _present({"a0": it.a0, "a": list(it.a), "W": _lists(weights), "b": biases and _lists(biases)})


def _exponential_point(it: ExponentialPoint) -> Table:
    return {"a": it.a, "w": list(it.w), "b": it.b}


def claim(it: Claim) -> Table:
    values: Table = {name: getattr(it, name) for name in it.__slots__}
    if values["expect"] == "proved":
        del values["expect"]
    return _present(values)


def _present(values: Mapping[str, object]) -> Table:
    """Without what does not apply: a file has no null."""
    return {key: value for key, value in values.items() if value is not None}


def _lists(values: object) -> list[object]:
    """Nested tuples as nested lists."""
    assert isinstance(values, tuple)
    return [_lists(item) if isinstance(item, tuple) else item for item in values]


def shown(value: Any) -> Any:
    """The value with every number as an int or as text: what can be printed and given to `Case` again."""
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    if isinstance(value, fmpq):
        return int(value.p) if value.q == 1 else text_of(value)
    return text_of(value) if isinstance(value, Number) else value
