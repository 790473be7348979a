"""The nets of cases/trained: what each is trained on, from which seed, and what is claimed of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Data:
    """Inputs (n x d) and outcomes (n): labels -1 and 1, or targets."""

    inputs: Array
    outcomes: Array
    labels: bool = True

    @property
    def dimension(self) -> int:
        """d."""
        return int(self.inputs.shape[1])


@dataclass(frozen=True)
class Recipe:
    """One case: how it is trained, and what is claimed.

    `strict` None and `error` False leave the claim without these keys; `moved` is added to every weight in the end;
    `deep` is activation and hidden layers of the part f_D of a shortcut net.
    """

    name: str
    title: str
    data: Data
    activation: str
    hidden: tuple[int, ...]
    loss: str
    decay: str
    seed: int
    scale: float = 1.0
    trainer: str = "bfgs-newton"
    near: str = "1e-6"
    strict: bool | None = True
    error: bool = True
    expect: str = "proved"
    notes: tuple[str, ...] = ()
    deep: tuple[str, tuple[int, ...]] | None = None
    moved: float = 0.0


# -- samples -----------------------------------------------------------------------------------------------------------


def _grid(values: Array) -> Array:
    """Rounded to multiples of 1/64, which are short in a file."""
    return np.asarray(np.round(values * 64) / 64)


def noisy(count: int) -> Data:
    """Two overlapping clouds in the plane, one for each class."""
    random = np.random.default_rng(1)
    labels = np.where(np.arange(count) % 2 == 0, 1, -1)
    return Data(_grid(random.normal(size=(count, 2)) * 0.9 + np.outer(labels, [0.6, 0.3])), labels)


def clusters(count: int) -> Data:
    """Four clouds at the corners of XOR, with two labels flipped."""
    random = np.random.default_rng(1)
    corners = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])[np.arange(count) % 4]
    labels = -corners[:, 0] * corners[:, 1]
    inputs = corners + 0.5 * random.normal(size=(count, 2))
    labels[random.choice(count, 2, replace=False)] *= -1
    return Data(_grid(inputs), labels)


def waves(count: int) -> Data:
    """A noisy sine, as targets."""
    inputs = np.linspace(-2, 2, count)
    targets = np.sin(2 * inputs) + 0.3 * np.random.default_rng(1).normal(size=count)
    return Data(_grid(inputs)[:, None], _grid(targets), False)


XOR = Data(np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]]), np.array([-1, 1, 1, -1]))
XOR01 = Data(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([-1, 1, 1, -1]))

RECIPES: tuple[Recipe, ...] = ()
