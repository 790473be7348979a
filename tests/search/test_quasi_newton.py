"""Descents in batches: where they end is where they should, each for itself."""

from __future__ import annotations

import math

import numpy as np
import pytest

from verifier.model.scalars import Floats
from verifier.search.quasi_newton import descend

CENTER = np.array([1.0, -2.0, 3.0])
SCALES = np.array([1.0, 100.0, 0.01])


def bowl(x: Floats) -> tuple[Floats, Floats]:
    return ((x - CENTER) ** 2 @ SCALES), 2 * SCALES * (x - CENTER)


def double_well(x: Floats) -> tuple[Floats, Floats]:
    """(x^2 - 1)^2: from each side its own minimum."""
    return ((x * x - 1) ** 2)[:, 0], 4 * x * (x * x - 1)


def cliff(x: Floats) -> tuple[Floats, Floats]:
    """e^-x: no minimum."""
    return np.exp(-x)[:, 0], -np.exp(-x)


def corner(x: Floats) -> tuple[Floats, Floats]:
    return np.abs(x)[:, 0], np.sign(x)


def test_a_badly_scaled_bowl() -> None:
    starts = 5 * np.random.default_rng(0).standard_normal((7, 3))
    ends = descend(bowl, starts, 1e3)
    assert ends.points == pytest.approx(np.tile(CENTER, (7, 1)), abs=1e-6)
    assert (ends.slopes < 1e-7).all()


def test_each_start_has_its_own_end() -> None:
    ends = descend(double_well, np.array([[0.1], [-0.1], [3.0], [-3.0]]), 1e3)
    assert np.abs(ends.points[:, 0]) == pytest.approx(np.ones(4), abs=1e-8)
    assert list(np.sign(ends.points[:2, 0])) == [1, -1]


def test_together_as_alone() -> None:
    starts = np.random.default_rng(2).standard_normal((4, 3))
    together = descend(bowl, starts, 1e3)
    for k in range(4):
        assert descend(bowl, starts[k : k + 1], 1e3).points[0] == pytest.approx(together.points[k], abs=1e-6)


def test_losses_never_rise() -> None:
    starts = np.random.default_rng(3).standard_normal((5, 1))
    for function in (double_well, cliff, corner):
        assert (descend(function, starts, 1e3).values <= function(starts)[0]).all()


def test_an_escape_ends_and_a_kink_too() -> None:
    assert descend(cliff, np.zeros((1, 1)), 10.0).points[0, 0] > 5
    assert abs(descend(corner, np.array([[0.3]]), 10.0).points[0, 0]) < 1e-3


def test_a_deadline_that_has_passed() -> None:
    starts = np.ones((2, 3))
    assert (descend(bowl, starts, 1e3, -math.inf).points == starts).all()


def test_a_start_without_a_finite_value_stays() -> None:
    def broken(x: Floats) -> tuple[Floats, Floats]:
        return np.where(x[:, 0] < 0, np.inf, x[:, 0] ** 2), np.where(x < 0, np.nan, 2 * x)

    ends = descend(broken, np.array([[-1.0], [2.0]]), 1e3)
    assert ends.points[0, 0] == -1 and abs(ends.points[1, 0]) < 1e-6
