"""Case files as text: what is read back is the same case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flint import fmpq

from tests.helpers.cases import make
from verifier.case import loads
from verifier.case.types import Claim
from verifier.checker.number import log, sign
from verifier.model.translate import checker_case, theta_of
from verifier.search.case_file import case_text

INPUTS = [["1/3", "sqrt(2)"], [1, "-0.25"]]
SINGLE = {"activation": "relu", "width": 1, "hidden_bias": False}
DEEP: dict[str, Any] = {"kind": "feedforward", "activation": {"name": "leaky_relu", "slope": "1/7"}, "hidden": [1, 2]}
SHORTCUT = {**SINGLE, "kind": "shortcut", "deep": {"activation": "tanh", "hidden": [1], "output_bias": False}}
ADDED = {"activation": {"expr": "max(z, -z) + 1"}, "width": 1, "output_bias": False, "exponential": {"decay": "1/3"}}
POINTS: list[dict[str, Any]] = [
    {"a0": 1, "a": ["1/3"], "W": [["-1e-9", 0]]},
    {"a0": "log(3)", "a": [1, 2], "W": [[[1, 2]], [[1], ["2/7"]]], "b": [[0], [1, 2]]},
    {"a0": 0, "a": [1], "W": [[1, 1]], "deep": {"a": [1], "W": [[[2, 3]]], "b": [["1/3"]]}},
    {"a": [1], "W": [[1, 1]], "b": [2], "exponential": {"a": 0, "w": [1, "1/2"], "b": 5}},
]
LOSSES: list[Any] = [
    "hinge",
    {"name": "polynomial_hinge", "p": 3, "weight_decay": "1/100"},
    {"expr": "log(1 + exp(z))"},
    "logistic",
]


@pytest.mark.parametrize(("number", "network"), list(enumerate([SINGLE, DEEP, SHORTCUT, ADDED])))
@pytest.mark.parametrize("outcomes", [[1, -1], ["1/3", "pi"]])
def test_the_same_case_comes_back(number: int, network: dict[str, Any], outcomes: list[Any]) -> None:
    targets = outcomes[0] != 1
    loss = {"name": "quadratic", "weight_decay": "1/7"} if targets else LOSSES[number]
    case = make(INPUTS, outcomes, network, loss, POINTS[number], targets=targets, multiplicity=[1, 3])
    assert case.point is not None
    text = case_text(case, theta_of(case.point), (), case.title, "notes")
    again = loads(text)
    same = replace(again, notes=case.notes, source=case.source, path=case.path)
    assert same.document() == case.document()


@pytest.mark.parametrize(
    "claim",
    [
        Claim("local-minimum", strict=False, bad=True),
        Claim("local-minimum", strict=True, near=fmpq(1, 10**6), training_error=fmpq(1, 3)),
        Claim("bad-local-minimum-exists"),
    ],
)
def test_claims_come_back(claim: Claim) -> None:
    case = make([[1]], [1], SINGLE, "hinge", {"a0": 1, "a": [1], "W": [[1]]})
    assert case.point is not None
    again = loads(case_text(case, theta_of(case.point), (claim,), "title", "notes"))
    assert [c.document() for c in again.claims] == [claim.document()]


def test_any_title_and_any_notes() -> None:
    wild = 'quotes " and \\ and \'\'\' and """ and # [x]'
    case = make([[1]], [1], SINGLE, "hinge", {"a0": 1, "a": [1], "W": [[1]]})
    assert case.point is not None
    again = loads(case_text(case, theta_of(case.point), (), wild, f"{wild}\nsecond line"))
    assert again.title == wild
    assert again.notes is not None and again.notes.strip() == f"{wild}\nsecond line"


def test_computed_numbers_are_written_exactly() -> None:
    case = make([[1]], [1], SINGLE, "hinge", {"a0": 1, "a": [1], "W": [[1]]})
    (weights,) = checker_case(case).point or ()
    point = (replace(weights, a0=log(fmpq(3)) / 2),)
    again = checker_case(loads(case_text(case, point, (), "title", "notes"))).point
    assert again is not None and again[0].a0 is not None
    assert sign(again[0].a0 - log(fmpq(3)) / 2) == 0
