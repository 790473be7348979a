"""JSON Schemas of the tables of a case file, each by itself."""

from __future__ import annotations

from verifier.case.claims import KINDS as CLAIM_KINDS
from verifier.case.claims import KINDS_OF, POINT_KINDS, THEOREMS, VERDICTS
from verifier.case.networks import KINDS
from verifier.case.schema_values import ABSENT, Schema, bounded, described, flag, list_of, ref, table, text

_BIASES: dict[str, Schema | bool] = {
    "hidden_bias": flag("Whether the hidden units have biases b.", True),
    "output_bias": flag("Whether there is an output bias a0.", True),
}


def data() -> Schema:
    """[data]: inputs with labels, or inputs with targets, or a file."""
    properties: dict[str, Schema | bool] = {
        "inputs": described(ref("matrix"), "One list of coordinates for each sample."),
        "labels": list_of({"enum": [1, -1, "1", "-1"]}, "1 or -1 for each sample."),
        "targets": described(ref("vector"), "A real target for each sample, instead of labels."),
        "multiplicity": list_of(
            {"anyOf": [{"type": "integer", "minimum": 1}, ref("closed_expression")]},
            "How often each sample counts; 1 if left out.",
        ),
        "file": _file("csv", "npz", "A csv or npz file with the samples, in the folder of this file or below."),
    }
    here = [
        {"required": ["inputs", outcome], "properties": {other: ABSENT, "file": ABSENT}}
        for outcome, other in (("labels", "targets"), ("targets", "labels"))
    ]
    file = {"required": ["file"], "properties": {"inputs": ABSENT, "labels": ABSENT, "targets": ABSENT}}
    return table(properties, description="The samples.", oneOf=[*here, file])


def _file(*endings_and_description: str) -> Schema:
    *endings, description = endings_and_description
    either = "|".join("".join(f"[{c}{c.upper()}]" for c in ending) for ending in endings)
    return {"type": "string", "description": description, "pattern": rf"^(?!/|[A-Za-z]:|\.\./).*\.({either})$"}


def network() -> Schema:
    """[network]: which keys it has depends on its kind."""
    properties: dict[str, Schema | bool] = {
        "kind": {"enum": list(KINDS), "description": "shortcut: a single layer plus the net of [network.deep]."},
        "activation": described(ref("activation"), "The activation of every hidden unit."),
        "width": described(ref("size"), "The number of hidden units (single-layer, shortcut)."),
        "hidden": list_of(ref("size"), "The sizes of the hidden layers (feedforward)."),
        **_BIASES,
        "deep": _deep(),
        "exponential": table(
            {"decay": bounded("mu > 0; adds (mu/2) times a**2 to the loss.", exclusiveMinimum=0)},
            ["decay"],
            description="Adds one neuron a*exp(w.x + b) to the output.",
        ),
    }
    by_kind = [
        _kind("single-layer", ["width"], ["hidden", "deep"]),
        _kind("feedforward", ["hidden"], ["width", "deep"]),
        _kind("shortcut", ["width", "deep"], ["hidden"]),
    ]
    return table(properties, ["kind", "activation"], description="The net.", oneOf=by_kind)


def _kind(kind: str, wanted: list[str], absent: list[str]) -> Schema:
    return {"required": wanted, "properties": {"kind": {"const": kind}, **dict.fromkeys(absent, ABSENT)}}


def _deep() -> Schema:
    properties: dict[str, Schema | bool] = {
        "activation": described(ref("activation"), "The activation of the deep part."),
        "hidden": list_of(ref("size"), "The sizes of its hidden layers."),
        **_BIASES,
    }
    return table(properties, ["activation", "hidden"], description="The deep part of a shortcut net.")


def point(description: str) -> Schema:
    """[point] and [better] for every net; which shapes a net has is said where the net is known."""
    properties: dict[str, Schema | bool] = {
        **_layered(),
        "deep": table(_layered(), ["a", "W"], description="The weights of [network.deep]."),
        "exponential": table(
            {
                "a": described(ref("number"), "The neuron's factor."),
                "w": described(ref("vector"), "One weight for each input coordinate."),
                "b": described(ref("number"), "The neuron's bias."),
            },
            ["a", "w", "b"],
            description="The weights of [network.exponential].",
        ),
        "file": _file("npz", "An npz file with the same keys as arrays (W1, W2, ... and b1, b2, ... for layers)."),
    }
    here: Schema = {"required": ["a", "W"], "properties": {"file": ABSENT}}
    file: Schema = {"required": ["file"], "maxProperties": 1}
    return table(properties, description=description, oneOf=[here, file])


def _layered() -> dict[str, Schema | bool]:
    one_or_all_layers = "; one such list for each layer of a feedforward or deep net."
    return {
        "a0": described(ref("number"), "The output bias."),
        "a": described(ref("vector"), "One output weight for each unit of the last layer."),
        "W": {
            "anyOf": [ref("matrix"), list_of(ref("matrix"))],
            "description": "One row for each unit" + one_or_all_layers,
        },
        "b": {
            "anyOf": [ref("vector"), ref("matrix")],
            "description": "One bias for each unit" + one_or_all_layers,
        },
    }


def claim() -> Schema:
    """One [[claim]]: which keys may stand on it depends on its kind."""
    properties: dict[str, Schema | bool] = {
        "kind": {"enum": list(CLAIM_KINDS), "description": "What is claimed."},
        "strict": flag("true: a strict minimum; false: equal losses in every neighbourhood; else neither is claimed."),
        "near": bounded("There is such a point within this max-norm distance of the point.", exclusiveMinimum=0),
        "bad": flag("true: some sample is misclassified (a tie is); false: none is."),
        "training_error": described(ref("number"), "The exact training error at the point."),
        "expect": {"enum": list(VERDICTS), "default": "proved", "description": "The verdict that this file expects."},
        "theorem": {"enum": list(THEOREMS), "default": "any", "description": "Whose hypotheses hold."},
        "value": described(ref("number"), "The exact value of the training error or of the loss."),
        "lower": described(ref("number"), "The loss is at least this."),
        "upper": described(ref("number"), "The loss is at most this."),
    }
    value: Schema = {"required": ["value"], "properties": {"lower": ABSENT, "upper": ABSENT}}
    interval: Schema = {"required": ["lower", "upper"], "properties": {"value": ABSENT}}
    no_error: Schema = {
        "required": ["bad", "training_error"],
        "properties": {"bad": {"const": True}, "training_error": {"enum": [0, "0"]}},
    }
    return table(
        properties,
        ["kind"],
        description="A claim that is to be proved or refuted.",
        dependentSchemas={key: {"properties": {"kind": {"enum": list(kinds)}}} for key, kinds in KINDS_OF.items()},
        allOf=[
            {"if": _has_kind("training-error"), "then": {"required": ["value"]}},
            {"if": _has_kind("loss"), "then": {"oneOf": [value, interval]}},
            {"not": no_error},
        ],
    )


def _has_kind(*kinds: str) -> Schema:
    return {"required": ["kind"], "properties": {"kind": {"enum": list(kinds)}}}


def claims_about_a_point() -> Schema:
    """Satisfied by a list with some claim that needs [point]."""
    return {"contains": _has_kind(*POINT_KINDS)}


def claims_about_errors() -> Schema:
    """Satisfied by a list with some claim on the training error."""
    return {"contains": {"anyOf": [_has_kind("training-error"), {"required": ["training_error"]}]}}


def title_and_notes() -> dict[str, Schema | bool]:
    return {
        "title": text("One line that names the case in tables and reports."),
        "source": text("Where the case comes from."),
        "notes": text("Free text."),
    }
