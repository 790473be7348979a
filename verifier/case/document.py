"""Canonical JSON of a case and of a claim: the form that a certificate embeds and the checker reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.case.numbers import text_of

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
        Point,
        Vector,
    )
    from verifier.checker.number import Exact

Json = dict[str, object]


def case(it: Case) -> Json:
    return {
        "title": it.title,
        "source": it.source,
        "notes": it.notes,
        "data": data(it.data),
        "network": network(it.network),
        "loss": loss(it.loss),
        "point": it.point and point(it.point),
        "better": it.better and point(it.better),
    }


def data(it: Data) -> Json:
    result: Json = {"inputs": [_texts(row) for row in it.inputs]}
    if it.labels is not None:
        result["labels"] = list(it.labels)
    if it.targets is not None:
        result["targets"] = _texts(it.targets)
    result["multiplicity"] = list(it.multiplicity)
    return result


def network(it: Network) -> Json:
    return {
        "kind": it.kind,
        **_layered(it.main),
        "deep": it.deep and _layered(it.deep),
        "exponential": None if it.exponential_decay is None else {"decay": text_of(it.exponential_decay)},
    }


def _layered(it: Layered) -> Json:
    return {
        "activation": function(it.activation),
        "hidden": list(it.hidden),
        "hidden_bias": it.hidden_bias,
        "output_bias": it.output_bias,
    }


def function(it: FunctionSpec) -> Json:
    """The power p of polynomial_hinge is an integer; every other parameter is a text."""
    if it.name is None:
        return {"expr": it.text}
    values = {k: int(text_of(v)) if k == "p" else text_of(v) for k, v in it.parameters.items()}
    return {"name": it.name, **values}


def loss(it: Loss) -> Json:
    return {**function(it.function), "weight_decay": text_of(it.weight_decay)}


def point(it: Point) -> Json:
    result = _layered_point(it.main)
    if it.deep is not None:
        result["deep"] = _layered_point(it.deep)
    if it.exponential is not None:
        result["exponential"] = _exponential_point(it.exponential)
    return result


def _layered_point(it: LayeredPoint) -> Json:
    result: Json = {} if it.a0 is None else {"a0": text_of(it.a0)}
    result["a"] = _texts(it.a)
    result["W"] = [[_texts(row) for row in layer] for layer in it.W]
    if it.b is not None:
        result["b"] = [_texts(layer) for layer in it.b]
    return result


def _exponential_point(it: ExponentialPoint) -> Json:
    return {"a": text_of(it.a), "w": _texts(it.w), "b": text_of(it.b)}


def claim(it: Claim) -> Json:
    return {
        "kind": it.kind,
        "strict": it.strict,
        "near": _text(it.near),
        "bad": it.bad,
        "training_error": _text(it.training_error),
        "expect": it.expect,
        "theorem": it.theorem,
        "value": _text(it.value),
        "lower": _text(it.lower),
        "upper": _text(it.upper),
    }


def _text(value: Exact | None) -> str | None:
    return None if value is None else text_of(value)


def _texts(values: Vector) -> list[str]:
    return [text_of(value) for value in values]
