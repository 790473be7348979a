"""JSON Schema of the case and the claim inside a certificate."""

from __future__ import annotations

from verifier.certificate.schema_values import ABSENT, Schema, list_of, loss_function, or_null, ref, table
from verifier.checker.claim import KINDS, POINT_KINDS

NULL: Schema = {"type": "null"}
_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}


def case() -> Schema:
    """The whole case, with every default filled in; what does not apply is null."""
    network = table(
        {
            "kind": {"enum": ["single-layer", "feedforward", "shortcut"]},
            **_layered(),
            "deep": or_null(table(_layered())),
            "exponential": or_null(table({"decay": ref("number")})),
        },
        allOf=[_deep_belongs_to_shortcut(), _one_layer_unless_feedforward()],
    )
    return table(
        {
            "title": _TEXT,
            "source": or_null(_TEXT),
            "notes": or_null(_TEXT),
            "data": _data(),
            "network": network,
            "loss": {"oneOf": loss_function()},
            "point": or_null(ref("point")),
            "better": or_null(ref("point")),
        },
        description="The whole case; nothing is looked up elsewhere.",
    )


def _data() -> Schema:
    counts = list_of({"type": "integer", "minimum": 1})
    outcomes = {"labels": list_of({"enum": [1, -1]}), "targets": ref("vector")}
    return {
        "oneOf": [
            table({"inputs": list_of(ref("vector")), key: outcome, "multiplicity": counts})
            for key, outcome in outcomes.items()
        ]
    }


def _layered() -> dict[str, Schema | bool]:
    return {"activation": ref("activation"), "hidden": ref("sizes"), "hidden_bias": _FLAG, "output_bias": _FLAG}


def _kind_is(kind: str) -> Schema:
    return {"properties": {"kind": {"const": kind}}}


def _deep_belongs_to_shortcut() -> Schema:
    return {
        "if": _kind_is("shortcut"),
        "then": {"properties": {"deep": {"type": "object"}}},
        "else": {"properties": {"deep": NULL}},
    }


def _one_layer_unless_feedforward() -> Schema:
    return {"if": _kind_is("feedforward"), "then": True, "else": {"properties": {"hidden": {"maxItems": 1}}}}


# -- what the network demands of every point ---------------------------------------------------------------------------


def shapes_of_points() -> list[Schema]:
    """A point has exactly the parts and the biases that the network has, in the case and in the proof."""
    conditions: list[Schema] = []
    for part in ("deep", "exponential"):
        present: Schema = {"properties": {part: {"type": "object"}}}
        conditions.append(_when(present, {"required": [part]}, {"properties": {part: ABSENT}}))
    for flag, key in (("hidden_bias", "b"), ("output_bias", "a0")):
        has: Schema = {"properties": {flag: {"const": True}}}
        needed: Schema = {"required": [key]}
        absent: Schema = {"properties": {key: ABSENT}}
        conditions.append(_when(has, needed, absent))
        deep_has: Schema = {"properties": {"deep": has}}  # also where there is no deep part, and then it says nothing
        conditions.append(_when(deep_has, {"properties": {"deep": needed}}, {"properties": {"deep": absent}}))
    return conditions


def _when(network: Schema, then: Schema, otherwise: Schema) -> Schema:
    condition: Schema = {"properties": {"case": {"properties": {"network": network}}}}
    return {"if": condition, "then": _points(then), "else": _points(otherwise)}


def _points(schema: Schema) -> Schema:
    own: Schema = {"properties": {"point": schema, "better": schema}}
    return {"properties": {"case": own, "proof": own}}


# -- the claim ---------------------------------------------------------------------------------------------------------


def claim() -> Schema:
    """The claim with every key; what does not apply is null."""
    optional_flag, number = or_null(_FLAG), or_null(ref("number"))
    return table(
        {
            "kind": {"enum": sorted(KINDS)},
            "strict": optional_flag,
            "near": number,
            "bad": optional_flag,
            "training_error": number,
            "expect": {"enum": ["proved", "refuted", "undecided"]},
            "theorem": {"enum": ["A", "B", "C", "any", None]},
            "value": number,
            "lower": number,
            "upper": number,
        },
        description="The claim as the case file states it.",
        allOf=[
            _only_on(("strict", "bad", "training_error"), sorted(POINT_KINDS)),
            _only_on(("near",), ["local-minimum"]),
            _only_on(("value",), ["training-error", "loss"]),
            _only_on(("lower", "upper"), ["loss"]),
            _only_on(("theorem",), ["theorem-applies"]),
            {
                "if": {"properties": {"kind": {"const": "theorem-applies"}}},
                "then": {"properties": {"theorem": _TEXT}},
            },
        ],
    )


def _only_on(keys: tuple[str, ...], kinds: list[str]) -> Schema:
    condition: Schema = {"properties": {"kind": {"enum": kinds}}}
    return {"if": condition, "then": True, "else": {"properties": dict.fromkeys(keys, NULL)}}
