"""Candidates of training: distinct, stationary, bad, and the same for the same seed."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from tests.helpers.cases import make
from verifier.case.types import Case
from verifier.model.objective import Objective
from verifier.search.training import LEVEL_TRIES, Training

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]]
SIGNS = [-1, 1, 1, -1]
DECAY = {"name": "quadratic", "weight_decay": "1/100"}


def xor(activation: str = "sigmoid", loss: Any = DECAY) -> Case:
    return make(XOR, SIGNS, {"activation": activation, "width": 2}, loss)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softplus"])
def test_candidates_are_stationary_bad_and_curved(activation: str) -> None:
    objective = Objective(xor(activation))
    for found in Training(objective).candidates(64):
        here = objective.at(np.array(found.theta))
        assert np.abs(np.asarray(here.gradient(), dtype=float)).max() < 1e-8
        assert (np.asarray(here.arguments, dtype=float) > 0).any()
        assert np.linalg.eigvalsh(np.asarray(here.hessian(), dtype=float)).min() > -1e-8


def test_images_under_permutation_and_sign_are_the_same() -> None:
    objective = Objective(xor("tanh"))
    theta = np.array(next(Training(objective).candidates(64)).theta)  # a0, a1, a2, then (w, b) of each unit
    swapped = theta[[0, 2, 1, 6, 7, 8, 3, 4, 5]]
    turned = theta * [1, -1, 1, -1, -1, -1, 1, 1, 1]
    fresh = Training(objective)
    assert fresh.know(theta, flat=False)
    assert not fresh.know(swapped, flat=False)
    assert not fresh.know(turned, flat=False)
    assert fresh.know(theta + 0.1, flat=False)


def test_a_certified_candidate_is_not_given_again() -> None:
    objective = Objective(xor())
    fresh = Training(objective)
    losses = []
    for found in fresh.candidates(96):
        found.cluster.certify()
        losses.append(np.array(objective.outputs(np.array(found.theta)), dtype=float))
    for k, one in enumerate(losses):
        assert all(np.abs(one - other).max() > 1e-5 for other in losses[:k])
    assert fresh.tally.repeated > 0


def test_candidates_that_never_hold_are_given_up() -> None:
    """Three of four samples can be fitted arbitrarily well: the minima of this loss lie at infinity."""
    objective = Objective(make([[0], [1], [2], [3]], [1, -1, 1, -1], {"activation": "tanh", "width": 1}, "logistic"))
    assert len(list(Training(objective).candidates(96))) <= LEVEL_TRIES


def test_the_same_seed() -> None:
    def thetas(seed: int) -> list[tuple[float, ...]]:
        return [found.theta for found in Training(Objective(xor()), seed).candidates(32)]

    assert thetas(3) == thetas(3)
    assert thetas(3) != thetas(4)


def test_more_starts_only_add() -> None:
    few = [found.theta for found in Training(Objective(xor())).candidates(32)]
    many = [found.theta for found in Training(Objective(xor())).candidates(64)]
    assert many[: len(few)] == few


def test_every_start_is_counted_once() -> None:
    fresh = Training(Objective(xor("relu", "squared_hinge")))
    found = list(fresh.candidates(40))
    tally = fresh.tally
    assert tally.starts == 40 and tally.candidates == len(found)
    assert tally.escaped + tally.saddles + tally.unfinished + tally.good + tally.repeated + tally.candidates == 40
    assert tally.words().startswith("40 starts of training (")


def test_a_deadline_that_has_passed() -> None:
    fresh = Training(Objective(xor()), deadline=time.monotonic() - 1)
    assert list(fresh.candidates(64)) == [] and fresh.tally.starts == 0


def test_near_a_point() -> None:
    objective = Objective(xor())
    theta = np.array(next(Training(objective).candidates(64)).theta)
    again = next(Training(objective).near(theta + 0.01, 2, 0.01))
    assert np.array(again.theta) == pytest.approx(theta, abs=1e-6)


def test_large_nets_are_not_trained() -> None:
    assert (
        list(
            Training(Objective(make([[0], [1]], [1, -1], {"activation": "tanh", "width": 200}, "logistic"))).candidates(
                8
            )
        )
        == []
    )
