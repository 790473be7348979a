"""The numerical search from a surviving support; and that training finds nothing where a certificate says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from verifier.case import load
from verifier.model.objective import Objective
from verifier.model.translate import checker_case
from verifier.search.from_support import CURVED, Candidate, descended, search
from verifier.theorems.least_width import least_width
from verifier.theorems.supports import known_class, propose, question_of

CASES = Path(__file__).parents[2] / "cases"
OTHERS = ("not-excluded-and-bad", "theorem-a-again")  # the second has a kinked neuron: no Hessian to look at
PROVED = sorted(path.stem for path in (CASES / "confirmed").glob("*.toml") if path.stem not in OTHERS)


def ends(name: str, starts: int) -> list[Candidate]:
    """Stationary ends of training from random starts."""
    objective = Objective(load(str(CASES / f"{name}.toml")))
    draw = np.random.default_rng(1)
    found = [descended(objective, (0.3, 1.0, 3.0)[k % 3] * draw.standard_normal(objective.size)) for k in range(starts)]
    return [end for end in found if end is not None]


def clearly_bad(end: Candidate) -> bool:
    """A misclassified sample and a clearly positive definite Hessian."""
    return end.wrong > 0 and end.eigenvalue > CURVED


@pytest.mark.slow
@pytest.mark.parametrize("name", PROVED)
def test_training_finds_no_clear_bad_minimum_where_there_is_a_certificate(name: str) -> None:
    assert propose(checker_case(load(str(CASES / "confirmed" / f"{name}.toml"))))["name"] == "supports"
    assert not any(clearly_bad(end) for end in ends(f"confirmed/{name}", 25))


def test_training_finds_the_bad_minima_that_are_there() -> None:
    """The test above can fail: the same training on data with a certified bad minimum."""
    assert any(clearly_bad(end) for end in ends("confirmed/not-excluded-and-bad", 12))


def test_search_from_a_survivor_finds_candidates() -> None:
    case = load(str(CASES / "confirmed/not-excluded-and-bad.toml"))
    checked = checker_case(case)
    survivor = least_width(question_of(checked, known_class(checked))).survivor
    assert survivor is not None
    found = search(case, survivor, starts=8, seconds=60)
    assert found.starts == 8 >= found.stationary >= len(found.candidates) > 0
    assert all(end.wrong > 0 and end.eigenvalue > -CURVED for end in found.candidates)
    curved = [end.eigenvalue for end in found.candidates]
    assert curved == sorted(curved, reverse=True) and curved[0] > CURVED
    assert search(case, survivor, starts=8, seconds=60) == found


def test_search_keeps_to_its_time() -> None:
    case = load(str(CASES / "confirmed/not-excluded-and-bad.toml"))
    checked = checker_case(case)
    survivor = least_width(question_of(checked, known_class(checked))).survivor
    assert survivor is not None
    assert search(case, survivor, seconds=0).starts == 0
