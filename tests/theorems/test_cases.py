"""The folder `cases/theorems`: it shows every hypothesis of every theorem held, and violated alone."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

from verifier.case import load
from verifier.certificate.schema import certificate_schema
from verifier.checker.check import check
from verifier.checker.library import ACTIVATIONS, LOSSES
from verifier.decision import decide
from verifier.model.translate import checker_case
from verifier.theorems.conditions import Conditions, conditions

FOLDER = Path(__file__).parents[2] / "cases" / "theorems"
VALIDATOR = jsonschema.Draft202012Validator(certificate_schema())
FILES = sorted(FOLDER.glob("*.toml"))
HYPOTHESES = {
    "A": ("labels", "architecture", "increasing neuron", "loss", "no weight decay", "separable data"),
    "B": (
        "labels",
        "architecture",
        "output bias",
        "strictly convex neuron",
        "loss",
        "no weight decay",
        "condition (B)",
    ),
    "C": ("labels", "exponential neuron", "loss", "no weight decay", "one label per input"),
}


@cache
def tables() -> tuple[list[Conditions], ...]:
    return tuple(conditions(checker_case(load(path))) for path in FILES)


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 30


@pytest.mark.parametrize(("theorem", "name"), [(t, name) for t, names in HYPOTHESES.items() for name in names])
def test_each_hypothesis_is_violated_alone_somewhere(theorem: str, name: str) -> None:
    found = [it for table in tables() for it in table if it.name == theorem]
    assert any([h.name for h in it.hypotheses if h.holds is False] == [name] for it in found)


@pytest.mark.parametrize("theorem", HYPOTHESES)
def test_no_other_hypotheses_are_known_and_all_hold_together_somewhere(theorem: str) -> None:
    found = [it for table in tables() for it in table if it.name == theorem]
    assert {h.name for it in found for h in it.hypotheses} == set(HYPOTHESES[theorem])
    assert any(it.applies for it in found)


def test_every_named_neuron_and_loss_appears() -> None:
    cases = [load(path) for path in FILES]
    neurons = {case.network.main.activation.name for case in cases}
    losses = {case.loss.function.name for case in cases}
    assert neurons == {*ACTIVATIONS, None} and losses == {*LOSSES, None}  # None: an expression


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_certificates_conform_to_their_schema_and_are_accepted_again(path: Path) -> None:
    case = load(path)
    assert case.source and case.notes
    for claim in case.claims:
        found = decide(case, claim)
        assert found.verdict.value == claim.expect
        if found.certificate is not None:
            document = json.loads(json.dumps(found.certificate))
            VALIDATOR.validate(document)
            assert check(document).verdict == claim.expect
