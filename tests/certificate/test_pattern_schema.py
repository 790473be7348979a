"""The JSON Schema of certificates that exclude bad local minima pattern by pattern, and the checker's entry on them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from tests.helpers.cases import decision, make
from verifier.certificate.schema import certificate_schema
from verifier.checker.check import check, digest
from verifier.checker.errors import Rejected

VALIDATOR = jsonschema.Draft202012Validator(certificate_schema())


@cache
def _certificate() -> Any:
    net = {"activation": "relu", "width": 2, "hidden_bias": False}
    found = decision(make([[1], [-1]], [1, -1], net, "quadratic"), "no-bad-local-minimum")
    return json.loads(json.dumps(found.certificate))


def certificate() -> Any:
    return copy.deepcopy(_certificate())


def node(document: Any) -> Any:
    return document["proof"]["exclusion"]


def leaf(document: Any) -> Any:
    """The first leaf with multipliers of a direction."""
    stack = [node(document)["tree"]]
    while stack:
        at = stack.pop()
        if at.get("directions"):
            return at
        stack += reversed(at.get("then", []))
    raise AssertionError


def test_a_real_certificate_is_valid_and_accepted() -> None:
    document = certificate()
    VALIDATOR.validate(document)
    accepted = check(document)
    assert (accepted.claim, accepted.verdict) == ("no-bad-local-minimum", "proved")
    assert "every sign pattern" in accepted.statement
    names = [h["name"] for h in accepted.data["hypotheses"]]
    assert names == ["architecture", "piecewise linear neuron", "loss"]


@pytest.mark.parametrize(
    "change",
    [
        lambda it: node(it).update(name="hope"),
        lambda it: node(it).pop("tree"),
        lambda it: node(it).update(more=1),
        lambda it: node(it)["tree"].update(sign="0"),
        lambda it: node(it)["tree"].update(then=[]),
        lambda it: node(it)["tree"].update(wrong=None),
        lambda it: leaf(it).pop("rows"),
        lambda it: leaf(it)["rows"].update(bias="1"),
        lambda it: leaf(it)["directions"][0].append(1),
        lambda it: leaf(it)["directions"][0].__setitem__(2, 0),
        lambda it: leaf(it)["directions"][0].__setitem__(1, ["1"]),
    ],
)
def test_schema_and_checker_reject(change: Callable[[Any], Any]) -> None:
    document = certificate()
    change(document)
    document["digest"] = digest(document)
    assert not VALIDATOR.is_valid(document)
    with pytest.raises(Rejected):
        check(document)


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it["case"]["data"].update(labels=[1, 1]),
        lambda it: it["case"]["data"].update(inputs=[["1"], ["2"]]),
        lambda it: it["case"]["network"].update(hidden_bias=True),
        lambda it: it["case"]["network"].update(activation={"name": "hard_tanh"}),
        lambda it: it["case"]["loss"].update(weight_decay="1"),
        lambda it: it["case"].update(loss={"name": "hinge", "weight_decay": "0"}),
        lambda it: it["claim"].update(kind="bad-local-minimum-exists"),
        lambda it: it.update(verdict="refuted"),
        lambda it: it["statement"].update(text="Everything is good."),
    ],
)
def test_the_proof_of_another_statement(change: Callable[[Any], Any]) -> None:
    document = certificate()
    change(document)
    document["digest"] = digest(document)
    with pytest.raises(Rejected):
        check(document)
