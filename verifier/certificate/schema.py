"""The JSON Schema (2020-12) of certificates of version 1, in the canonical form in which `verify` writes them.

A schema describes the form only. Whether a certificate proves its statement, and whether its lengths and numbers fit
its case, is decided by the checker, which does not rely on this schema.
"""

from __future__ import annotations

from verifier.certificate import schema_proof, schema_values
from verifier.certificate.schema_case import case, claim, shapes_of_points
from verifier.certificate.schema_values import Schema, list_of, or_null, table
from verifier.checker.check import FORMAT, VERSION
from verifier.checker.claim import KINDS

_TEXT: Schema = {"type": "string"}
_VERDICT: Schema = {"enum": ["proved", "refuted"]}


def certificate_schema() -> dict[str, object]:
    """The schema of a whole certificate; every object in it has no other keys than those described."""
    whole = table(
        {
            "format": {"const": FORMAT},
            "version": {"const": VERSION},
            "case": case(),
            "claim": claim(),
            "verdict": _VERDICT,
            "statement": _statement(),
            "proof": schema_proof.proof(),
            "digest": {
                "type": "string",
                "pattern": "^[0-9a-f]{64}$",
                "description": "SHA-256 of the canonical JSON without this key.",
            },
        }
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Certificate of loss-surface-verifier",
        **whole,
        "allOf": shapes_of_points(),
        "$defs": {**schema_values.definitions(), **schema_proof.definitions()},
    }


def _statement() -> Schema:
    ends = table({"lower": _TEXT, "upper": _TEXT})
    hypothesis = table({"name": _TEXT, "holds": {"type": ["boolean", "null"]}, "why": _TEXT})
    data = table(
        {
            "kind": {"enum": sorted(KINDS)},
            "verdict": _VERDICT,
            "established": _TEXT,
            "refuted_part": or_null(_TEXT),
            "strict": {"type": ["boolean", "null"]},
            "setting": _TEXT,
            "samples": {"type": "integer", "minimum": 1},
            "training_error": or_null(_TEXT),
            "ties": or_null({"type": "integer", "minimum": 0}),
            "loss": {"anyOf": [table({"exact": _TEXT}), ends, {"type": "null"}]},
            "distance": or_null(_TEXT),
            "radius": or_null(_TEXT),
            "hypotheses": list_of(hypothesis, at_least=0),
        }
    )
    return table({"text": _TEXT, "data": data}, description="What is proved, in words and as data.")
