"""cases/trained says what its recipes say, and training ends where the files are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.recipes import RECIPES, Recipe
from benchmarks.training import FOLDER, train, trained
from verifier.arithmetic.convert import nearest_float
from verifier.case import load
from verifier.interop import write_case
from verifier.model.objective import flat_point

BY_NAME = {recipe.name: recipe for recipe in RECIPES}


def weights(recipe: Recipe) -> np.ndarray:
    """The weights in the file of a recipe, which are floats."""
    case = load(FOLDER / f"{recipe.name}.toml")
    assert case.point is not None
    return np.array([nearest_float(v) for v in flat_point(case.point)])


def test_every_recipe_has_a_name_of_its_own() -> None:
    assert len(BY_NAME) == len(RECIPES) > 12


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_files_are_written_from_recipes(recipe: Recipe, tmp_path: Path) -> None:
    """Byte for byte, from the weights that stand in them."""
    for path in write_case(trained(recipe, weights(recipe)), tmp_path / f"{recipe.name}.toml"):
        assert path.read_bytes() == (FOLDER / path.name).read_bytes()


@pytest.mark.parametrize("name", ["relu-decay", "saddle-tanh", "kinks-xor-relu"])
def test_training_ends_within_the_claimed_radius(name: str) -> None:
    recipe = BY_NAME[name]
    assert np.abs(train(recipe) - weights(recipe)).max() <= float(recipe.near)
