"""The [point] and [better] tables: weights in the shapes that the net has."""

from __future__ import annotations

from verifier.case import raw
from verifier.case.errors import describe, refuse
from verifier.case.numbers import number
from verifier.case.types import ExponentialPoint, Layered, LayeredPoint, Matrix, Network, Point, Vector
from verifier.case.vectors import matrix, plural, sized_list, vector
from verifier.checker.number import Exact


def decode_point(table: raw.Point, network: Network, dimension: int, key: str) -> Point:
    """The weights of every part of the net; `dimension` is d, `key` is point or better.  Raises Refused.

    W and b are nested (one entry for each layer) in a feedforward part, flat in a single-layer one; the result
    is nested always.
    """
    nested = network.kind == "feedforward"
    deep = exponential = None
    main = _layered(table, network.main, dimension, nested, key)
    if _has(table.deep, network.deep is not None, f"{key}.deep", "[network.deep]"):
        assert table.deep is not None and network.deep is not None
        deep = _layered(table.deep, network.deep, dimension, True, f"{key}.deep")
    if _has(table.exponential, network.exponential_decay is not None, f"{key}.exponential", "[network.exponential]"):
        assert table.exponential is not None
        exponential = _exponential(table.exponential, dimension, f"{key}.exponential")
    return Point(main, deep, exponential)


def _has(table: raw.Table | None, wanted: bool, key: str, part: str) -> bool:
    if wanted and table is None:
        raise refuse(key, f"a table [{key}] with the weights of {part}", "nothing")
    if not wanted and table is not None:
        raise refuse(key, f"no such table (the net has no {part})", "a table")
    return wanted


def _layered(table: raw.LayeredPoint, part: Layered, dimension: int, nested: bool, key: str) -> LayeredPoint:
    a0 = _output_bias(table.a0, part, f"{key}.a0")
    a = vector(table.a, f"{key}.a", part.hidden[-1], "one for each unit" + (" of the last layer" if nested else ""))
    previous = (dimension, *part.hidden)
    if not nested:
        weights: tuple[Matrix, ...] = (_weights(table.W, f"{key}.W", part.hidden[0], dimension, False),)
    else:
        layers = sized_list(table.W, f"{key}.W", len(part.hidden), "layer", "W = [W1, ..., WL]")
        weights = tuple(
            _weights(layer, f"{key}.W[{index}]", part.hidden[index], previous[index], index > 0)
            for index, layer in enumerate(layers)
        )
    return LayeredPoint(a0, a, weights, _biases(table.b, part, nested, f"{key}.b"))


def _weights(value: object, key: str, rows: int, columns: int, after_hidden: bool) -> Matrix:
    why = "one for each unit of the layer before" if after_hidden else "one for each input coordinate"
    return matrix(value, key, rows, f"one for each unit, {plural(columns, 'number')} each", columns, why)


def _output_bias(value: object, part: Layered, key: str) -> Exact | None:
    if part.output_bias:
        if value is None:
            raise refuse(key, "a number (the net has an output bias)", "nothing")
        return number(value, key)
    if value is not None:
        raise refuse(key, "no such key (output_bias is false)", describe(value))
    return None


def _biases(value: object, part: Layered, nested: bool, key: str) -> tuple[Vector, ...] | None:
    if not part.hidden_bias:
        if value is not None:
            raise refuse(key, "no such key (hidden_bias is false)", describe(value))
        return None
    if not nested:
        return (vector(value, key, part.hidden[0], "one for each unit"),)
    layers = sized_list(value, key, len(part.hidden), "layer", "b = [b1, ..., bL]")
    return tuple(
        vector(layer, f"{key}[{index}]", part.hidden[index], "one for each unit") for index, layer in enumerate(layers)
    )


def _exponential(table: raw.ExponentialPoint, dimension: int, key: str) -> ExponentialPoint:
    return ExponentialPoint(
        number(table.a, f"{key}.a"),
        vector(table.w, f"{key}.w", dimension, "one for each input coordinate"),
        number(table.b, f"{key}.b"),
    )
