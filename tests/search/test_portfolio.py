"""Searches from scratch: what is found holds by itself, what theorems say is final, what is unknown stays undecided."""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.cases import decision, make, rechecked
from tests.search.found import ended, first, rejudged
from verifier.case import load
from verifier.case.types import Case
from verifier.checker.check import check
from verifier.search.portfolio import search

CASES = Path(__file__).parents[2] / "cases"
XOR = [[0, 0], [0, 1], [1, 0], [1, 1]]
SIGNS = [-1, 1, 1, -1]
LINE = [[1], [2], [3]]
MIRRORED = [[1, 0], [-1, 0], [0, 1], [0, -1]]


def xor_with_decay() -> Case:
    return make(XOR, SIGNS, {"activation": "sigmoid", "width": 2}, {"name": "quadratic", "weight_decay": "1/100"})


# -- one counterexample for each condition that is dropped (docs/theory.md) --------------------------------------------

SEPARABLE: list[Any] = [LINE, [1, 1, -1]]
BARE = {"width": 2, "hidden_bias": False}
OUTLIER = [[-1, -3], [1, -1], [2, -1], [0, 1], [2, 3]]
ROWS: dict[str, tuple[Case, str]] = {
    "flat side": (make(*SEPARABLE, {"activation": "relu", "width": 2}, "squared_hinge"), "1/3"),
    "even neuron": (
        make([[1], [-1]], [1, -1], {"activation": "quadratic", **BARE}, "logistic", multiplicity=[2, 1]),
        "1/3",
    ),
    "odd neuron": (
        make(MIRRORED, [1, 1, -1, -1], {"activation": "tanh", **BARE}, "logistic", multiplicity=[2, 2, 1, 1]),
        "1/3",
    ),
    "affine neuron": (
        make(XOR, SIGNS, {"activation": "leaky_relu", "width": 2}, "logistic", multiplicity=[1, 2, 2, 1]),
        "1/3",
    ),
    "quadratic loss": (
        make(
            OUTLIER,
            [-1, -1, 1, 1, 1],
            {"activation": "softplus", "width": 1},
            "quadratic",
            multiplicity=[1, 3, 4, 1, 1],
        ),
        "1/10",
    ),
    "logistic loss": (load(CASES / "liang2018" / "logistic-exp-strict.toml"), "11/441"),
    "hinge": (make([[0], [1], [2], [3]], [1, -1, 1, 1], {"activation": "leaky_relu", "width": 3}, "hinge"), "1/4"),
    "deep": (make(*SEPARABLE, {"kind": "feedforward", "activation": "relu", "hidden": [2, 2]}, "logistic"), "1/3"),
    "data": (xor_with_decay(), "1/2"),
}


@pytest.mark.parametrize("row", list(ROWS))
def test_a_counterexample_for_each_condition(row: str) -> None:
    case, error = ROWS[row]
    found = first(case)
    assert found.accepted.data["training_error"] == error
    assert found.accepted.data["ties"] == 0


def test_the_data_of_the_quadratic_loss_are_separable() -> None:
    """Theorem A with a loss that never falls applies to them: the loss is what fails."""
    case, _ = ROWS["quadratic loss"]
    smooth = make(OUTLIER, [-1, -1, 1, 1, 1], {"activation": "softplus", "width": 1}, "squared_hinge")
    assert case.data.inputs == smooth.data.inputs and case.data.labels == smooth.data.labels
    assert decision(smooth, "theorem-applies", theorem="A").verdict.value == "proved"


# -- nothing to find ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a-holds-softplus", "b-two-lines-width-5", "c-relu-xor"])
def test_a_theorem_is_returned_at_once(name: str) -> None:
    job = ended(load(CASES / "theorems" / f"{name}.toml"))
    assert job.nothing is not None and job.nothing.rule == f"theorem {name[0].upper()}"
    assert job.tried == ["theorems A, B, C"]
    assert check(job.nothing.certificate).claim == "no-bad-local-minimum"


def test_patterns_say_that_there_is_none() -> None:
    job = ended(load(CASES / "patterns" / "leaky-relu-no-bias-decided.toml"), starts=8)
    assert job.nothing is not None and job.nothing.rule == "patterns"
    assert check(job.nothing.certificate).verdict == "proved"


def test_undecided_says_what_was_tried() -> None:
    """Both samples are fitted from every start; nothing excludes a bad minimum."""
    job = ended(make([[1], [2]], [1, -1], {"activation": "arctan", "width": 1}, "quadratic"), starts=8)
    assert job.nothing is None
    assert any("8 starts of training" in words for words in job.tried)


# -- many --------------------------------------------------------------------------------------------------------------


def test_three_distinct_strict_minima_of_xor() -> None:
    results = [rejudged(found) for found in search(xor_with_decay(), starts=96).run()]
    strict = [f for f in results if f.claim.strict and f.accepted.data["ties"] == 0]
    assert len(strict) >= 3
    assert len({f.text.partition("[point]")[2] for f in results}) == len(results)
    assert len({f.accepted.data["loss"]["lower"] for f in strict}) >= 3  # not images of one another


def test_ties_come_last() -> None:
    results = list(search(xor_with_decay(), starts=64).run())
    assert [f.accepted.data["ties"] for f in results[:-1]] == [0] * (len(results) - 1)
    assert results[-1].accepted.data["ties"] == 4


def test_the_same_seed_finds_the_same_and_another_one_starts_elsewhere() -> None:
    def texts(seed: int) -> list[str]:
        return [f.text for f in islice(search(xor_with_decay(), seed=seed, starts=64).run(), 2)]

    assert texts(0) == texts(0)
    assert texts(0) != texts(1)


def test_the_point_and_the_claims_of_the_case_are_not_looked_at() -> None:
    with_point = load(CASES / "liang2018" / "dead-relu-quadratic.toml")
    assert first(with_point).case.point is not None
    assert search(with_point).case.point is None


def test_lifting() -> None:
    """The minimum of one exp unit at w = log 2 is recognised as exact and split in two."""
    found = first(load(CASES / "liang2018" / "quadratic-loss-exp.toml"), starts=64)
    assert "one of them split" in found.how
    assert found.claim.near is None
    assert found.accepted.data["loss"] == {"exact": "7/72"}


# -- claims of existence -----------------------------------------------------------------------------------------------


def test_a_claim_starts_a_search() -> None:
    found = decision(xor_with_decay(), "bad-local-minimum-exists")
    assert (found.verdict.value, found.rule, found.strict) == ("proved", "existence", True)
    assert decision(xor_with_decay(), "no-bad-local-minimum").verdict.value == "refuted"


def test_a_claim_is_proved_near_the_point_of_the_case() -> None:
    results = search(xor_with_decay(), starts=32).run()
    found = decision(next(results).case, "bad-local-minimum-exists")
    assert found.verdict.value == "proved"
    assert found.distance is not None
    assert "point" not in rechecked_proof(found)


def rechecked_proof(found: Any) -> Any:
    rechecked(found)
    return found.certificate["proof"]


def test_a_search_without_success_is_undecided() -> None:
    case = make([[1], [2]], [1, -1], {"activation": "arctan", "width": 1}, "quadratic")
    found = decision(case, "bad-local-minimum-exists")
    assert found.verdict.value == "undecided"
    assert "starts of training" in found.reason


def test_real_targets() -> None:
    """A dead ReLU net: the best constant is the mean, and a better point is given."""
    case = make([[1], [2], [3]], [0, 1, 5], {"activation": "relu", "width": 1}, "quadratic", targets=True)
    found = first(case)
    assert found.accepted.data["loss"] == {"exact": "14/3"}
    assert decision(case, "bad-local-minimum-exists").verdict.value == "proved"


def test_a_deadline_that_has_passed_leaves_constructions() -> None:
    job = search(xor_with_decay())
    job.deadline = time.monotonic() - 1
    assert [f.how for f in job.run()] == ["closed construction, all incoming weights 0"]
    assert job.training.tally.starts == 0
