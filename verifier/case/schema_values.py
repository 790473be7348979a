"""JSON Schemas of the values in a case file: numbers, expressions, lists, functions."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.case.functions import ACTIVATIONS, LOSSES, MAX_HINGE_POWER, PARAMETERS
from verifier.case.vectors import MAX_WIDTH
from verifier.checker.expression import ALL_FUNCTIONS, MAX_CHARACTERS, NUMBER_FUNCTIONS

Schema = dict[str, object]

ABSENT = False  # the schema that no value satisfies: the key must not be there


def ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def described(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}


def list_of(items: Schema, description: str = "") -> Schema:
    """A list; lists of no entries are nowhere allowed."""
    schema: Schema = {"type": "array", "items": items, "minItems": 1}
    return described(schema, description) if description else schema


def table(properties: dict[str, Schema | bool], required: Iterable[str] = (), **more: object) -> Schema:
    """A table without other keys."""
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **({"required": list(required)} if required else {}),
        **more,
    }


def text(description: str) -> Schema:
    return {"type": "string", "description": description}


def flag(description: str, default: bool | None = None) -> Schema:
    schema: Schema = {"type": "boolean", "description": description}
    return schema if default is None else {**schema, "default": default}


def bounded(description: str, default: object = None, **bounds: int) -> Schema:
    """A number whose plain form has bounds; those of an expression in a string are left to the reader."""
    schema: Schema = {"anyOf": [{"type": "number", **bounds}, ref("closed_expression")], "description": description}
    return schema if default is None else {**schema, "default": default}


def definitions() -> dict[str, Schema]:
    """What the tables refer to by name."""
    return {
        "closed_expression": {
            **_expression(NUMBER_FUNCTIONS, ()),
            "description": "An exact number as an expression of integers and decimals, + - * / **, parentheses, "
            "sqrt exp log tanh pi.",
            "examples": ["1/3", "sqrt(2)", "3 - 2*sqrt(2)", "1/3 + 1e-40"],
        },
        "number": {
            "anyOf": [{"type": "number"}, ref("closed_expression")],
            "description": "An exact number: an integer, a decimal (taken exactly), or an expression in a string.",
        },
        "whole_number": {"anyOf": [{"type": "integer"}, ref("closed_expression")]},
        "vector": list_of(ref("number")),
        "matrix": list_of(ref("vector")),
        "size": {"type": "integer", "minimum": 1, "maximum": MAX_WIDTH},
        "expression_in_z": _expression(ALL_FUNCTIONS, ("z",)),
        "expression": _expression(ALL_FUNCTIONS, ("z", "f", "t")),
        "activation": _activation(),
        "loss": _loss(),
    }


def _expression(functions: Iterable[str], variables: Iterable[str]) -> Schema:
    """The alphabet of an expression, not its grammar, which no regular expression describes."""
    words = "|".join(sorted([*functions, *variables, "pi"], key=lambda word: (-len(word), word)))
    comma = "," if variables else ""  # only max and min have two arguments
    pattern = rf"^(?:[0-9.][eE]|[-+*/(){comma}.0-9\s]|{words})+$"
    return {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS, "pattern": pattern}


def _activation() -> Schema:
    plain = [name for name in ACTIVATIONS if name not in PARAMETERS]
    with_parameter = [
        table(
            {"name": {"const": name}, parameter: {**ref("number"), "default": str(default)}},
            ["name"],
            title=f"{name} with its {parameter}",
        )
        for name, (parameter, default) in PARAMETERS.items()
    ]
    expression = described(ref("expression_in_z"), "A function of z that is defined for every real z.")
    return {
        "oneOf": [
            {"enum": list(ACTIVATIONS), "title": "by name"},
            table({"name": {"enum": plain}}, ["name"], title="by name"),
            *with_parameter,
            table({"expr": expression}, ["expr"], title="your own"),
        ],
        "examples": ["relu", {"name": "leaky_relu", "slope": "1/10"}, {"expr": "log(1+exp(z))"}],
    }


def _loss() -> Schema:
    power: Schema = {
        "anyOf": [{"type": "integer", "minimum": 0, "maximum": MAX_HINGE_POWER}, ref("closed_expression")],
        "description": "The loss is max(0, 1+z)**(p+1).",
    }
    properties: dict[str, Schema | bool] = {
        "name": {"enum": list(LOSSES), "description": "The loss as a function of z = -y f."},
        "p": power,
        "expr": described(ref("expression"), "Your own loss: of z = -y f, or of f and t for data with targets."),
        "weight_decay": bounded("Adds (weight_decay/2) times the squared norm of all parameters.", 0, minimum=0),
    }
    named: Schema = {
        "required": ["name"],
        "properties": {"expr": ABSENT},
        "if": {"properties": {"name": {"const": "polynomial_hinge"}}},
        "then": {"required": ["p"]},
        "else": {"properties": {"p": ABSENT}},
    }
    own: Schema = {"required": ["expr"], "properties": {"name": ABSENT, "p": ABSENT}}
    return table(properties, description="The loss of one sample.", oneOf=[named, own])
