"""JSON Schemas of the nodes of a proof, one for each rule and each theorem that the checker knows."""

from __future__ import annotations

from collections.abc import Mapping

from verifier.certificate.schema_values import Schema, described, list_of, ref, table
from verifier.checker.definite import MAX_EXPONENT
from verifier.checker.fields import MAX_CURVE
from verifier.checker.rules.descent import MAX_ORDER as MAX_DESCENT
from verifier.checker.rules.higher_order import MAX_ORDER as MAX_RISE
from verifier.checker.theorems.separable import SEPARABLE
from verifier.checker.theorems.spans import CONDITION

_INDEX: Schema = {"type": "integer", "minimum": 0}
_BITS: Schema = {"type": "integer", "minimum": 64, "maximum": 8192}
_DIGITS: Schema = {"type": "integer", "minimum": 16, "maximum": 8192}
_UNIT: Schema = {"type": "array", "prefixItems": [_INDEX] * 3, "minItems": 3, "maxItems": 3}
_LOCAL = ("pattern",)
_GLOBAL = ("polynomial", "equal", "even", "mirror")


def definitions() -> dict[str, Schema]:
    """What the nodes share."""
    return {
        "curve": list_of(ref("exact_vector"), maxItems=MAX_CURVE),
        "witness": described(_witness(), "A lower triangular matrix X: row r is rows[r] * 2**exponents[r]."),
        "translation": {"oneOf": [_move("row", direction=ref("exact_vector")), _move("outgoing")]},
        "move": {
            "oneOf": [
                _move("row", direction=ref("exact_vector")),
                *(_move(name) for name in ("outgoing", "scale", "shift")),
                _linear_move(),
            ]
        },
        "unit_shape": {"oneOf": _unit_shapes()},
        "support_tree": described({"oneOf": _support_nodes()}, "A decision tree over sets of samples."),
        "pattern_tree": described(_pattern_node(), "A decision tree over sign patterns of the units."),
        "partition": described(_partition(), "A partition of a class, and a way out from each of its samples."),
        "subgradients": {
            "type": "object",
            "patternProperties": {"^(0|[1-9][0-9]*)$": ref("exact")},
            "additionalProperties": False,
        },
    }


def _witness() -> Schema:
    exponents = list_of({"type": "integer", "minimum": -MAX_EXPONENT, "maximum": MAX_EXPONENT}, at_least=0)
    return table({"rows": list_of(list_of({"type": "integer"}), at_least=0), "exponents": exponents})


def _partition() -> Schema:
    pairs = list_of({"type": "array", "prefixItems": [_INDEX] * 2, "minItems": 2, "maxItems": 2}, at_least=0)
    return table({"sets": list_of(list_of(_INDEX, at_least=0), at_least=0), "exits": pairs, "steps": pairs})


def _support_nodes() -> list[Schema]:
    tree, rationals = ref("support_tree"), list_of(ref("exact_vector"))
    return [
        table({"split": _INDEX, "in": tree, "out": tree}),
        table(
            {
                "outgoing": {"type": "integer", "minimum": 1},
                **dict.fromkeys(("positive", "negative", "both", "zero"), tree),
            },
            optional=("both",),
        ),
        table({"separator": ref("exact_vector"), "rest": tree}, optional=("rest",)),
        table({"quadratic": rationals, "rest": tree}, optional=("rest",)),
        table({"by": {"enum": ["one-class", "ranks", "empty"]}}),
    ]


def _pattern_node() -> Schema:
    """One object for all kinds of nodes: alternatives that each recurse would take a validator exponential time."""
    pair: Schema = {"type": "array", "prefixItems": [_INDEX] * 2, "minItems": 2, "maxItems": 2}
    integer: Schema = {"type": "integer"}
    entry = [_INDEX, list_of(integer), {"type": "integer", "minimum": 1}]
    fields: dict[str, Schema | bool] = {
        **{"sign": _INDEX, "side": pair, "piece": _INDEX, "wrong": {"type": "null"}, "swap": pair},
        "then": list_of(ref("pattern_tree")),
        "rows": {"type": "object", "additionalProperties": integer},
        "directions": list_of({"type": "array", "prefixItems": entry, "minItems": 3, "maxItems": 3}, at_least=0),
    }
    pairs = [*([kind, "then"] for kind in ("sign", "side", "piece", "wrong")), ["rows", "directions"]]
    kinds: list[Schema] = [{"required": keys} for keys in pairs]
    alone: Schema = {"required": ["swap"], "maxProperties": 1}
    return {**table(fields, optional=fields), "maxProperties": 2, "oneOf": [*kinds, alone]}


def _move(name: str, **more: Schema) -> Schema:
    return table({"move": {"const": name}, "unit": _UNIT, **more})


def _linear_move() -> Schema:
    rows = described(list_of(ref("exact_vector")), "For each unit a direction of its row and bias, times a_j.")
    return table({"move": {"const": "linear"}, "part": _INDEX, "rows": rows, "offset": ref("exact")})


def _unit_shapes() -> list[Schema]:
    vectors = list_of(ref("exact_vector"), at_least=0)
    multipliers = list_of(ref("exact"), at_least=0)
    cells = list_of(list_of(ref("exact"), at_least=0))
    return [
        table({"shape": {"const": "flat"}}),
        table({"shape": {"const": "definite"}, "unseen": vectors, "bits": _BITS, "witness": ref("witness")}),
        table({"shape": {"const": "kink"}, "multipliers": multipliers}),
        table({"shape": {"const": "kink"}, "cells": cells}),
    ]


def _by_parts(*identities: str, units: bool = False) -> dict[str, Schema]:
    identity = table({"by": {"enum": list(identities)}})
    by_units = table({"by": {"const": "units"}, "units": list_of(ref("unit_shape"))})
    part: Schema = {"oneOf": [identity, by_units]} if units else identity
    return {"subgradients": ref("subgradients"), "parts": list_of(part, maxItems=3)}


def _order(low: int, high: int) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high}


_DEFINITE: dict[str, Schema] = {"bits": _BITS, "witness": ref("witness")}
_LINE: Schema = list_of(ref("exact_vector"), maxItems=1)

# Rule -> the fields of its node beside "rule".
MINIMUM: Mapping[str, Mapping[str, Schema]] = {
    "strict": {"modulo": list_of(ref("move"), at_least=0), **_DEFINITE},
    "convex": _by_parts(*_LOCAL),
    "output-subspace": _by_parts(*_GLOBAL),
    "dual": _by_parts(*_LOCAL, *_GLOBAL, units=True),
    "higher-order": {
        "order": {**_order(4, MAX_RISE), "multipleOf": 2},
        "curve": ref("curve"),
        "modulo": list_of(ref("translation"), at_least=0),
        **_DEFINITE,
    },
    "lower-bound": {},
}
DESCENT: Mapping[str, Mapping[str, Schema]] = {
    "gradient": {"order": {"const": 1}, "curve": ref("curve")},
    "curvature": {"order": {"const": 2}, "curve": _LINE},
    "arc": {"order": _order(1, MAX_DESCENT), "curve": ref("curve")},
}
FLAT: Mapping[str, Mapping[str, Schema]] = {
    "flat-curve": {"curve": ref("curve")},
    "symmetry": {"move": ref("move")},
}
# Theorem -> the nodes that show it to apply, and those that show a hypothesis of it to fail, beside "name".
APPLIES: Mapping[str, list[Mapping[str, Schema]]] = {
    "A": [{"separator": ref("exact_vector")}],
    "B": [{"positive": ref("partition"), "negative": ref("partition")}],
    "C": [{}],
}
FAILS: Mapping[str, list[Mapping[str, Schema]]] = {
    "A": [
        {"hypothesis": {"enum": ["labels", "architecture", "increasing neuron", "loss", "no weight decay"]}},
        {"hypothesis": {"const": SEPARABLE}, "weights": ref("exact_vector")},
    ],
    "B": [
        {
            "hypothesis": {
                "enum": [
                    "labels",
                    "architecture",
                    "output bias",
                    "strictly convex neuron",
                    "loss",
                    "no weight decay",
                ]
            }
        },
        {
            "hypothesis": {"const": CONDITION},
            "label": {"enum": [1, -1]},
            "samples": list_of(_INDEX),
            "wider": {"oneOf": [{"type": "null"}, table({"positive": ref("partition"), "negative": ref("partition")})]},
        },
    ],
    "C": [
        {"hypothesis": {"enum": ["labels", "exponential neuron", "loss", "no weight decay", "one label per input"]}},
    ],
}

# Exclusion -> the fields of its node beside "name".
EXCLUSIONS: Mapping[str, Mapping[str, Schema]] = {
    "supports": {"tree": ref("support_tree")},
    "patterns": {"tree": ref("pattern_tree")},
}


def proof() -> Schema:
    """The evidence, one node for each key; which keys go with which kind of claim is the checker's business."""
    properties: dict[str, Schema | bool] = {
        "refutes": described({"enum": ["kind", "strict", "bad", "training_error"]}, "The part that is false."),
        "minimum": described(_rules(MINIMUM), "The point is a local minimum."),
        "flat": described(_rules(FLAT), "Every neighbourhood holds another point of equal loss."),
        "descent": described(_rules(DESCENT), "The loss falls along a curve from the point."),
        "existence": described(_existence(), "A local minimum exists within the radius."),
        "nowhere": described({"oneOf": _nowhere()}, "No point within the radius is as claimed."),
        "better": described(ref("point"), "A point with a smaller loss."),
        "point": described(ref("point"), "The point that the evidence is about, if not the case's own."),
        "theorem": described(_theorems(APPLIES), "A theorem that applies."),
        "theorems": described(list_of(_theorems(FAILS)), "For each theorem in question, a hypothesis that fails."),
        "exclusion": described(_named(EXCLUSIONS), "A certificate about these data excludes bad minima."),
    }
    return table(properties, optional=properties, description="The evidence, one proof node for each key.")


def _existence() -> Schema:
    fields: dict[str, Schema] = {"center": ref("exact_vector"), "radius": ref("exact"), **_DEFINITE}
    moves = list_of(ref("move"), at_least=0)
    kinks = described(list_of(list_of(_INDEX, at_least=3, maxItems=3)), "Rule sharp: [part, unit, sample] on a kink.")
    frozen = list_of(_INDEX, at_least=0, uniqueItems=True)
    rest: dict[str, Schema] = {"moves": moves, "frozen": frozen}
    return {"oneOf": [table({**fields, "digits": _DIGITS, **rest}), table({**fields, **rest, "kinks": kinks})]}


def _nowhere() -> list[Schema]:
    kinds: dict[str, Schema] = {
        "margins": {"const": True},
        "coordinate": _INDEX,
        "direction": ref("exact_vector"),
        "minimum": _existence(),
    }
    return [table({"bits": _BITS, key: value}) for key, value in kinds.items()]


def _named(nodes: Mapping[str, Mapping[str, Schema]]) -> Schema:
    return {"oneOf": [table({"name": {"const": name}, **more}) for name, more in nodes.items()]}


def _rules(nodes: Mapping[str, Mapping[str, Schema]]) -> Schema:
    return {"oneOf": [table({"rule": {"const": name}, **more}) for name, more in nodes.items()]}


def _theorems(nodes: Mapping[str, list[Mapping[str, Schema]]]) -> Schema:
    return {"oneOf": [table({"name": {"const": name}, **more}) for name, forms in nodes.items() for more in forms]}
