"""The numerical search from a surviving support; and that training finds nothing where a certificate says so."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.cases import make
from tests.helpers.supports import CLASSES, question
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


@pytest.mark.slow
def test_training_finds_no_clear_bad_minimum_on_random_data_that_are_excluded() -> None:
    """At the least width of small random data that are not separable, where it comes from counting ranks."""
    draw = random.Random(4)
    seen = 0
    while seen < 8:
        points = [([draw.choice((-1, 0, 0, 1, 2)) for _ in range(2)], draw.choice((1, -1))) for _ in range(4)]
        labels = [y for _, y in points]
        if len({tuple(x) for x, _ in points}) < 4 or len(set(labels)) == 1:
            continue
        width = least_width(question(points, CLASSES[1])).width
        if width is None or not 1 < width <= 4:
            continue
        seen += 1
        net = {"activation": "quadratic", "width": width}
        counts = [draw.randint(1, 4) for _ in points]
        case = make([x for x, _ in points], labels, net, {"name": "polynomial_hinge", "p": 2}, multiplicity=counts)
        assert propose(checker_case(case))["name"] == "supports"
        objective, random_start = Objective(case), np.random.default_rng(seen)
        for _ in range(8):
            end = descended(objective, random_start.standard_normal(objective.size))
            assert end is None or not (end.wrong and end.eigenvalue > CURVED)


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
