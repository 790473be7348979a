"""The nets of cases/trained: what each is trained on, from which seed, and what is claimed of it."""

from __future__ import annotations

from collections.abc import Iterator
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
    """One case; the fields beyond `seed` say how it is trained and what is claimed."""

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
    strict: bool = True
    expect: str = "proved"
    claims: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    deep: tuple[str, tuple[int, ...]] | None = None
    moved: float = 0.0  # added to every weight after the training


RECIPES: tuple[Recipe, ...] = ()
