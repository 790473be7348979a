"""The JSON Schema (2020-12) of case files: the tables, and what one of them demands of another.

A schema cannot say everything: lengths that must agree, the grammar inside strings and signs of expressions are
checked by the reader only. In return it never rejects a file that the reader accepts, except for labels that are
written as expressions such as "2/2".
"""

from __future__ import annotations

from verifier.case.loading import SCHEMA
from verifier.case.schema_tables import (
    claim,
    claims_about_a_point,
    claims_about_errors,
    data,
    network,
    point,
    title_and_notes,
)
from verifier.case.schema_values import ABSENT, Schema, definitions, list_of, ref, table

_BIASES = (("hidden_bias", "b"), ("output_bias", "a0"))


def case_schema() -> Schema:
    """The schema of a case file, read from TOML into the types of JSON."""
    properties: dict[str, Schema | bool] = {
        "schema": {"const": SCHEMA, "description": "The version of this format."},
        **title_and_notes(),
        "data": data(),
        "network": network(),
        "loss": ref("loss"),
        "point": point("The weights that claims are about."),
        "better": point("Weights of a smaller loss, for the claims suboptimal and, with targets, bad."),
        "claim": {"type": "array", "items": claim(), "description": "The claims, decided one by one."},
    }
    whole = table(properties, ["schema", "title", "data", "network", "loss"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Case file of loss-surface-verifier",
        **whole,
        "allOf": [*_shapes(), *_parts(), *_biases(), *_claims(), _targets()],
        "$defs": definitions(),
    }


def _when(condition: Schema, then: Schema, otherwise: Schema) -> Schema:
    return {"if": condition, "then": then, "else": otherwise}


def _network_has(key: str, value: object) -> Schema:
    return {
        "properties": {"network": {"properties": {key: {"const": value}}, "required": [key]}},
        "required": ["network"],
    }


def _weights(schema: Schema) -> Schema:
    """The schema for [point] and [better] where they do not name a file."""
    unless_in_file: Schema = {"if": {"required": ["file"]}, "then": True, "else": schema}
    return {"properties": {"point": unless_in_file, "better": unless_in_file}}


def _shapes() -> list[Schema]:
    """W and b are nested where there may be several layers, flat elsewhere."""
    nested: Schema = {"properties": {"W": list_of(ref("matrix")), "b": ref("matrix")}}
    flat: Schema = {"properties": {"W": ref("matrix"), "b": ref("vector")}}
    return [
        _when(_network_has("kind", "feedforward"), _weights(nested), _weights(flat)),
        _weights({"properties": {"deep": nested}}),
    ]


def _parts() -> list[Schema]:
    """The point has exactly the parts of the net."""
    return [
        _when(
            {"properties": {"network": {"required": [part]}}},
            _weights({"required": [part]}),
            _weights({"properties": {part: ABSENT}}),
        )
        for part in ("deep", "exponential")
    ]


def _biases() -> list[Schema]:
    """A key of a missing bias is absent, every other is required."""
    conditions: list[Schema] = []
    for flag, key in _BIASES:
        present: Schema = {"required": [key]}
        absent: Schema = {"properties": {key: ABSENT}}
        conditions.append(_when(_network_has(flag, False), _weights(absent), _weights(present)))
        deep_without: Schema = {"properties": {flag: {"const": False}}, "required": [flag]}
        condition: Schema = {
            "properties": {"network": {"properties": {"deep": deep_without}, "required": ["deep"]}},
            "required": ["network"],
        }
        conditions.append(
            _when(
                condition,
                _weights({"properties": {"deep": absent}}),
                _weights({"properties": {"deep": present}}),
            )
        )
    return conditions


def _claims() -> list[Schema]:
    about_point: Schema = {"properties": {"claim": claims_about_a_point()}, "required": ["claim"]}
    return [{"if": about_point, "then": {"required": ["point"]}}]


def _targets() -> Schema:
    """With targets the loss is quadratic or an expression, and there is no training error."""
    has_targets: Schema = {"properties": {"data": {"required": ["targets"]}}, "required": ["data"]}
    then: Schema = {
        "properties": {
            "loss": {"properties": {"name": {"const": "quadratic"}}},
            "claim": {"not": claims_about_errors()},
        }
    }
    return {"if": has_targets, "then": then}
