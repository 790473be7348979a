"""JSON Schemas of the values in a certificate: numbers as text, vectors, points, functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from verifier.checker.case import MAX_WIDTH
from verifier.checker.expression import ALL_FUNCTIONS, MAX_CHARACTERS, NUMBER_FUNCTIONS
from verifier.checker.library import ACTIVATION_DEFAULTS, ACTIVATIONS, LOSSES, MAX_HINGE_POWER

Schema = dict[str, object]

ABSENT = False  # the schema that no value satisfies: the key must not be there


def ref(name: str) -> Schema:
    """The definition of that name."""
    return {"$ref": f"#/$defs/{name}"}


def table(
    properties: Mapping[str, Schema | bool], optional: Iterable[str] = (), description: str = "", **more: object
) -> Schema:
    """An object with these keys and no others; all are required but the optional ones."""
    left_out = set(optional)
    return {
        **({"description": description} if description else {}),
        "type": "object",
        "properties": dict(properties),
        "required": [key for key in properties if key not in left_out],
        "additionalProperties": False,
        **more,
    }


def list_of(items: Schema, at_least: int = 1, **more: object) -> Schema:
    """A list whose entries are all alike."""
    return {"type": "array", "items": items, "minItems": at_least, **more}


def or_null(schema: Schema) -> Schema:
    """The same, or null where it does not apply."""
    return {"anyOf": [schema, {"type": "null"}]}


def described(schema: Schema, description: str) -> Schema:
    """The same with words for a reader."""
    return {**schema, "description": description}


def definitions() -> dict[str, Schema]:
    """What the other schemas refer to by name."""
    return {
        "number": described(
            _expression(NUMBER_FUNCTIONS),
            "An exact number of the case as text: an integer, p/q, a decimal, or a closed expression with + - * / **, "
            "parentheses, sqrt exp log tanh pi.",
        ),
        "exact": described(
            _expression(ALL_FUNCTIONS | {"softplus"}),
            "An exact number of a proof as text: as in a case, and with all functions of the grammar.",
        ),
        "vector": list_of(ref("number")),
        "exact_vector": list_of(ref("exact")),
        "function_text": described(
            _expression(ALL_FUNCTIONS, ("z", "f", "t")), "An expression in z, or in f and t for a loss on targets."
        ),
        "activation": {"oneOf": [*_named_activations(), table({"expr": ref("function_text")})]},
        "layered_point": table(layered_point(), optional=("a0", "b")),
        "point": _point(),
        "sizes": list_of({"type": "integer", "minimum": 1, "maximum": MAX_WIDTH}),
    }


def _expression(functions: Iterable[str], variables: Iterable[str] = ()) -> Schema:
    """The alphabet of an expression, not its grammar, which no regular expression describes."""
    words = "|".join(sorted([*functions, *variables, "pi"], key=lambda word: (-len(word), word)))
    pattern = rf"^(?:[0-9.][eE]|[-+*/(),.0-9\s]|{words})+$"
    return {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS, "pattern": pattern}


def _named_activations() -> list[Schema]:
    plain = [name for name in ACTIVATIONS if name not in ACTIVATION_DEFAULTS]
    with_parameter = [
        table({"name": {"const": name}, **dict.fromkeys(parameters, ref("number"))})
        for name, parameters in ACTIVATION_DEFAULTS.items()
    ]
    return [table({"name": {"enum": plain}}), *with_parameter]


def loss_function() -> list[Schema]:
    """The forms of a loss; `weight_decay` stands beside the function."""
    decay: dict[str, Schema | bool] = {"weight_decay": ref("number")}
    power: Schema = {"type": "integer", "minimum": 0, "maximum": MAX_HINGE_POWER}
    plain = [name for name in LOSSES if name != "polynomial_hinge"]
    return [
        table({"name": {"enum": plain}, **decay}),
        table({"name": {"const": "polynomial_hinge"}, "p": power, **decay}),
        table({"expr": ref("function_text"), **decay}),
    ]


def layered_point() -> dict[str, Schema | bool]:
    """The weights of a layered part: W and b have one entry for each hidden layer."""
    return {
        "a0": ref("number"),
        "a": ref("vector"),
        "W": list_of(list_of(ref("vector"))),
        "b": list_of(ref("vector")),
    }


def _point() -> Schema:
    exponential = table({"a": ref("number"), "w": ref("vector"), "b": ref("number")})
    return table(
        {**layered_point(), "deep": ref("layered_point"), "exponential": exponential},
        optional=("a0", "b", "deep", "exponential"),
        description="All parameters of the net.",
    )
