"""The JSON Schema of certificates: accepts what `verify` writes, and nothing that differs from it in one place."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from flint import fmpq

from tests.helpers.cases import decision, make
from verifier.case import load
from verifier.certificate import schema_proof
from verifier.certificate.schema import certificate_schema
from verifier.checker.check import seal
from verifier.checker.claim import KEYS as CLAIM_KEYS
from verifier.checker.rules import table as rules
from verifier.checker.theorems.exclusions import EXCLUSIONS
from verifier.checker.theorems.table import THEOREMS
from verifier.decision import decide

LIANG = Path(__file__).parents[2] / "cases" / "liang2018"
SCHEMA: Any = certificate_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
# Together they use every rule, every move, every identity that the library uses, and every part that a net can have.
SAMPLE = (
    "dead-relu-hinge-p1",
    "deep-relu-dead-first-layer",
    "even-absolute-value",
    "even-deep",
    "exponential-neuron-removes-dead-minimum",
    "flat-quadratic-units",
    "mirror-arctan-shortcut",
    "quadratic-loss-exp",
    "theorem-a-exp",
    "theorem-a-logistic",
    "theorem-a-non-separable",
    "theorem-a-targets",
    "weight-decay-critical",
    "weight-decay-quartic-saddle",
)


@cache
def certificates(name: str) -> tuple[Any, ...]:
    """Those of all claims of a case in the library, as they come back from a file."""
    case = load(LIANG / f"{name}.toml")
    found = [decide(case, claim).certificate for claim in case.claims]
    return tuple(json.loads(json.dumps(certificate)) for certificate in found if certificate is not None)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value in JSON data with the way to it; of a list only the first entry."""
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*path, 0))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """The value at the end of a way."""
    for step in path:
        value = value[step]
    return value


def tampered(certificate: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The certificate with one value replaced."""
    result = copy.deepcopy(certificate)
    at(result, path[:-1])[path[-1]] = value
    return result


def test_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


@pytest.mark.parametrize("name", SAMPLE)
def test_accepts_what_is_written(name: str) -> None:
    assert certificates(name)
    for certificate in certificates(name):
        VALIDATOR.validate(certificate)


def test_sample_uses_every_rule_and_every_move() -> None:
    nodes = [node for name in SAMPLE for c in certificates(name) for _, node in places(c["proof"])]
    used = {node.get("rule") for node in nodes if isinstance(node, dict)}
    assert used >= set(rules.MINIMUM) | set(rules.DESCENT) | set(rules.FLAT)
    moves = {node["move"] for node in nodes if isinstance(node, dict) and isinstance(node.get("move"), str)}
    assert moves >= {"row", "scale", "shift"}


def test_every_rule_and_theorem_of_the_checker_is_described() -> None:
    assert set(schema_proof.MINIMUM) == set(rules.MINIMUM)
    assert set(schema_proof.DESCENT) == set(rules.DESCENT)
    assert set(schema_proof.FLAT) == set(rules.FLAT)
    assert set(schema_proof.EXCLUSIONS) == set(EXCLUSIONS)
    assert set(schema_proof.APPLIES) == set(schema_proof.FAILS) == set(THEOREMS)
    assert set(SCHEMA["properties"]["claim"]["properties"]) == CLAIM_KEYS


def different_places() -> Iterator[tuple[Any, tuple[Any, ...], Any]]:
    """(certificate, way, value) over the whole sample, each kind of place once."""
    seen: set[Any] = set()
    for name in SAMPLE:
        for certificate in certificates(name):
            for path, value in places(certificate):
                kind = (path, form(value))
                if kind not in seen:
                    seen.add(kind)
                    yield certificate, path, value


def form(value: Any) -> Any:
    """What distinguishes the objects that may stand in one place: their keys, and what names a rule or a shape."""
    if not isinstance(value, dict):
        return None
    return (*value, *(value[key] for key in ("rule", "shape", "by") if key in value))


def test_rejects_an_unknown_key_in_any_object() -> None:
    for certificate, path, value in different_places():
        if isinstance(value, dict):
            broken = copy.deepcopy(certificate)
            at(broken, path)["extra"] = "1"
            assert not VALIDATOR.is_valid(broken), path


def test_rejects_a_missing_key_in_any_object() -> None:
    """Only the evidence differs from claim to claim, and a multiplier stands for each sample that needs one."""
    for certificate, path, value in different_places():
        if isinstance(value, dict) and path != ("proof",) and path[-1:] != ("subgradients",):
            for key in value:
                broken = copy.deepcopy(certificate)
                del at(broken, path)[key]
                assert not VALIDATOR.is_valid(broken), (path, key)


def test_rejects_a_float_anywhere() -> None:
    for certificate, path, _ in different_places():
        if path:
            assert not VALIDATOR.is_valid(tampered(certificate, path, 0.5)), path


def first(name: str, key: str) -> Any:
    """A certificate of the case whose proof has the key."""
    return next(certificate for certificate in certificates(name) if key in certificate["proof"])


@pytest.mark.parametrize(
    ("name", "key", "path", "value"),
    [
        ("dead-relu-hinge-p1", "minimum", ("format",), "another-certificate"),
        ("dead-relu-hinge-p1", "minimum", ("version",), 2),
        ("dead-relu-hinge-p1", "minimum", ("verdict",), "undecided"),
        ("dead-relu-hinge-p1", "minimum", ("digest",), "0" * 63),
        ("dead-relu-hinge-p1", "minimum", ("digest",), "A" * 64),
        ("dead-relu-hinge-p1", "minimum", ("case", "data", "labels", 0), 0),
        ("dead-relu-hinge-p1", "minimum", ("case", "data", "labels"), []),
        ("dead-relu-hinge-p1", "minimum", ("case", "data", "targets"), ["1", "1", "1"]),
        ("dead-relu-hinge-p1", "minimum", ("case", "data", "inputs", 0, 0), 1),
        ("dead-relu-hinge-p1", "minimum", ("case", "data", "inputs", 0, 0), "z"),
        ("dead-relu-hinge-p1", "minimum", ("case", "data", "inputs", 0, 0), ""),
        ("dead-relu-hinge-p1", "minimum", ("case", "data", "multiplicity", 0), 0),
        ("dead-relu-hinge-p1", "minimum", ("case", "network", "kind"), "shortcut"),
        ("dead-relu-hinge-p1", "minimum", ("case", "network", "hidden"), [2, 2]),
        ("dead-relu-hinge-p1", "minimum", ("case", "network", "hidden"), [0]),
        ("dead-relu-hinge-p1", "minimum", ("case", "network", "hidden_bias"), False),
        ("dead-relu-hinge-p1", "minimum", ("case", "network", "output_bias"), False),
        ("dead-relu-hinge-p1", "minimum", ("case", "network", "activation"), "relu"),
        ("dead-relu-hinge-p1", "minimum", ("case", "network", "activation"), {"name": "relu", "slope": "1"}),
        ("dead-relu-hinge-p1", "minimum", ("case", "network", "exponential"), {"decay": "1"}),
        ("dead-relu-hinge-p1", "minimum", ("case", "loss", "p"), 101),
        ("dead-relu-hinge-p1", "minimum", ("case", "loss", "name"), "hinge"),
        ("dead-relu-hinge-p1", "minimum", ("case", "point", "a0"), None),
        ("dead-relu-hinge-p1", "minimum", ("claim", "kind"), "maximum"),
        ("dead-relu-hinge-p1", "minimum", ("claim", "kind"), "no-bad-local-minimum"),
        ("dead-relu-hinge-p1", "minimum", ("claim", "theorem"), "A"),
        ("dead-relu-hinge-p1", "minimum", ("claim", "value"), "1"),
        ("dead-relu-hinge-p1", "minimum", ("claim", "expect"), "maybe"),
        ("dead-relu-hinge-p1", "refutes", ("proof", "refutes"), "all"),
        ("dead-relu-hinge-p1", "minimum", ("proof", "minimum", "rule"), "obviously"),
        ("dead-relu-hinge-p1", "minimum", ("proof", "minimum", "rule"), "output-subspace"),
        ("dead-relu-hinge-p1", "minimum", ("proof", "minimum", "subgradients"), {"first": "1"}),
        ("dead-relu-hinge-p1", "minimum", ("proof", "minimum", "parts", 0, "by"), "mirror"),
        ("dead-relu-hinge-p1", "theorems", ("proof", "theorems"), []),
        ("dead-relu-hinge-p1", "theorems", ("proof", "theorems", 0, "name"), "Z"),
        ("dead-relu-hinge-p1", "theorems", ("proof", "theorems", 0, "hypothesis"), "good weather"),
        ("dead-relu-hinge-p1", "theorems", ("claim", "theorem"), None),
        ("mirror-arctan-shortcut", "minimum", ("case", "point", "deep"), {}),
        ("quadratic-loss-exp", "minimum", ("proof", "minimum", "parts", 0, "units", 0, "shape"), "flat"),
        ("quadratic-loss-exp", "minimum", ("proof", "minimum", "parts", 0, "units", 0, "bits"), 63),
        ("weight-decay-critical", "minimum", ("proof", "minimum", "order"), 5),
        ("weight-decay-critical", "minimum", ("proof", "minimum", "bits"), 8193),
        ("weight-decay-critical", "minimum", ("proof", "minimum", "witness", "rows", 0, 0), "1"),
        ("weight-decay-critical", "minimum", ("proof", "minimum", "witness", "exponents", 0), 1 << 15),
        ("weight-decay-critical", "minimum", ("proof", "minimum", "curve"), []),
        ("weight-decay-critical", "minimum", ("proof", "minimum", "modulo"), [{"move": "scale", "unit": [0, 0, 0]}]),
        ("flat-quadratic-units", "minimum", ("proof", "minimum", "modulo"), [{"move": "scale", "unit": [0, 0]}]),
        ("flat-quadratic-units", "minimum", ("proof", "minimum", "modulo"), [{"move": "away", "unit": [0, 0, 0]}]),
    ],
)
def test_rejects(name: str, key: str, path: tuple[Any, ...], value: Any) -> None:
    certificate = first(name, key)
    VALIDATOR.validate(certificate)
    assert not VALIDATOR.is_valid(tampered(certificate, path, value))


# -- evidence that the sample does not have ----------------------------------------------------------------------------

EXP = {"activation": "exp", "width": 1, "hidden_bias": False}
LINES = ([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0]], [1, 1, -1, -1])  # theorem B from width 5 on
CUBIC = {"name": "polynomial_hinge", "p": 2}


@cache
def near(a0: str, **keys: Any) -> Any:
    """The certificate of a claim about minima near a point that is not quite (-3/2, 4/3, log 2)."""
    point = {"a0": a0, "a": ["1.333"], "W": [["0.693"]]}
    multiplicity = [28, 56, 5, 7]
    case = make([[-2], [-1], [0], [1]], [-1, -1, 1, 1], EXP, "quadratic", point, multiplicity=multiplicity)
    return decision(case, near=fmpq(1, 100), **keys).certificate


@cache
def on_lines(width: int) -> Any:
    network = {"activation": "softplus", "width": width, "hidden_bias": False}
    return decision(make(*LINES, network, CUBIC), "theorem-applies", theorem="B").certificate


@cache
def with_exponential() -> Any:
    network = {"activation": "relu", "width": 2, "exponential": {"decay": 1}}
    return decision(make([[0], [1], [2]], [1, -1, 1], network, CUBIC), "theorem-applies", theorem="C").certificate


@cache
def by_supports() -> Any:
    """One separator is a whole tree on separable data."""
    case = make([[1], [-1]], [1, -1], {"activation": "softplus", "width": 1}, CUBIC)
    claim = dict.fromkeys(CLAIM_KEYS) | {"kind": "no-bad-local-minimum", "expect": "proved"}
    proof = {"exclusion": {"name": "supports", "tree": {"separator": ["1", "0"], "rest": {"by": "empty"}}}}
    return seal({"case": case.document(), "claim": claim, "verdict": "proved", "proof": proof})[0]


@pytest.mark.parametrize(
    ("certificate", "path", "value"),
    [
        (lambda: near("-1.5", bad=True), ("proof", "existence", "frozen"), [-1]),
        (lambda: near("-1.5", bad=True), ("proof", "existence", "center", 0), 1),
        (lambda: near("-1.5", bad=False), ("proof", "nowhere", "margins"), False),
        (lambda: near("5"), ("proof", "nowhere", "coordinate"), -1),
        (lambda: near("5"), ("proof", "nowhere", "direction"), ["1"]),
        (lambda: on_lines(5), ("proof", "theorem", "positive", "exits", 0), [0]),
        (lambda: on_lines(5), ("proof", "theorem", "negative", "sets"), [["2"]]),
        (lambda: on_lines(4), ("proof", "theorems", 0, "label"), 0),
        (lambda: on_lines(4), ("proof", "theorems", 0, "wider"), {}),
        (lambda: with_exponential(), ("proof", "theorem", "separator"), ["1"]),
        (lambda: by_supports(), ("proof", "exclusion", "name"), "hope"),
        (lambda: by_supports(), ("proof", "exclusion", "tree", "rest"), None),
        (lambda: by_supports(), ("proof", "exclusion", "tree", "rest", "by"), "magic"),
    ],
)
def test_other_evidence(certificate: Callable[[], Any], path: tuple[Any, ...], value: Any) -> None:
    document = json.loads(json.dumps(certificate()))
    VALIDATOR.validate(document)
    assert path[1] in document["proof"]
    assert not VALIDATOR.is_valid(tampered(document, path, value))


@pytest.mark.parametrize(
    ("shape", "valid"),
    [
        ({"shape": "flat"}, True),
        ({"shape": "kink", "multipliers": ["1/2", "-1"]}, True),
        ({"shape": "kink", "multipliers": []}, True),
        ({"shape": "kink", "cells": [["0"], ["sqrt(2)"]]}, True),
        ({"shape": "kink", "cells": []}, False),
        ({"shape": "kink"}, False),
        ({"shape": "kink", "multipliers": ["1"], "cells": [["1"], ["1"]]}, False),
        ({"shape": "kink", "multipliers": [1]}, False),
    ],
)
def test_shapes_of_units(shape: Any, valid: bool) -> None:
    unit_shape = jsonschema.Draft202012Validator({"$ref": "#/$defs/unit_shape", "$defs": SCHEMA["$defs"]})
    assert unit_shape.is_valid(shape) is valid


@pytest.mark.parametrize(
    ("node", "valid"),
    [
        ({"by": "empty"}, True),
        ({"split": 0, "in": {"by": "ranks"}, "out": {"by": "one-class"}}, True),
        ({"split": 0, "in": {"by": "ranks"}}, False),
        ({"outgoing": 1, "positive": {"by": "ranks"}, "negative": {"by": "ranks"}, "zero": {"by": "empty"}}, True),
        ({"outgoing": 0, "positive": {"by": "ranks"}, "negative": {"by": "ranks"}, "zero": {"by": "empty"}}, False),
        ({"separator": ["1", "1/2"]}, True),
        ({"separator": ["1"], "quadratic": [["1"]]}, False),
        ({"quadratic": [["1", "0"], ["0", "-1"]], "rest": {"separator": ["1", "0"]}}, True),
        ({"quadratic": ["1"], "rest": {"by": "empty"}}, False),
    ],
)
def test_nodes_of_trees(node: Any, valid: bool) -> None:
    tree = jsonschema.Draft202012Validator({"$ref": "#/$defs/support_tree", "$defs": SCHEMA["$defs"]})
    assert tree.is_valid(node) is valid
