"""How the nets of cases/trained were trained: `python -m benchmarks.training` writes the cases again.

Every recipe has one seed, so that the same machine gives the same bytes; another BLAS may end in other last digits,
which are within the radius that the case claims.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from flint import fmpq
from scipy.linalg import null_space
from scipy.optimize import minimize

from verifier.arithmetic.convert import nearest_float
from verifier.case import Case, loads
from verifier.case.numbers import from_text
from verifier.interop import LossFunction, Samples, Trained, activation, from_arrays, loss, write_case
from verifier.interop.exact import exact_numbers
from verifier.interop.writing import case_text
from verifier.model.objective import Objective

from .recipes import RECIPES, Recipe

FOLDER = Path(__file__).parents[1] / "cases" / "trained"
CLOSE = 1e-4  # a pre-activation below it is taken to be at a kink
Floats = np.ndarray[Any, np.dtype[np.float64]]


def train(recipe: Recipe) -> Floats:
    """The weights where training ends: BFGS and Newton's method, or plain gradient descent in float32."""
    objective = Objective(_case(recipe, None))
    start = np.random.default_rng(recipe.seed).normal(size=objective.size) * recipe.scale
    return TRAINERS[recipe.trainer](objective, start) + recipe.moved


def _newton(objective: Objective, start: Floats) -> Floats:
    return _polished(objective, _bfgs(objective, start))


def _bfgs(objective: Objective, start: Floats) -> Floats:
    def both(theta: Floats) -> tuple[float, Floats]:
        here = objective.at(theta)
        return float(here.value), np.asarray(here.gradient(), dtype=np.float64)

    with np.errstate(all="ignore"):
        found = minimize(both, start, jac=True, method="BFGS", options={"maxiter": 3000, "gtol": 1e-8})
    return np.asarray(found.x)


def _polished(objective: Objective, theta: Floats) -> Floats:
    """Newton's method from there, while the gradient falls; at a singular Hessian the shortest step."""
    for _ in range(30):
        here = objective.at(theta)
        slope = np.asarray(here.gradient(), dtype=np.float64)
        step = np.linalg.lstsq(np.asarray(here.hessian(), dtype=np.float64), slope, rcond=1e-13)[0]
        after = np.asarray(objective.at(theta - step).gradient(), dtype=np.float64)
        if not np.abs(after).max() < np.abs(slope).max():
            break
        theta = theta - step
    return theta


def _kinked(objective: Objective, start: Floats) -> Floats:
    """BFGS, which comes close to kinks but does not converge on them; then Newton's method among all weights that keep
    those pre-activations of the first layer at 0 that are almost 0, or become 0 on the way."""
    theta = _bfgs(objective, start)
    rows = _first_layer(objective)
    held = np.abs(rows @ theta) < CLOSE
    for _ in range(50):
        basis = null_space(rows[held]) if held.any() else np.eye(objective.size)
        theta = basis @ (basis.T @ theta)
        here = objective.at(theta)
        slope = basis.T @ np.asarray(here.gradient(), dtype=np.float64)
        curvature = basis.T @ np.asarray(here.hessian(), dtype=np.float64) @ basis
        step = -basis @ np.linalg.solve(curvature, slope)
        if np.abs(step).max() < 1e-14:
            break
        u, change = rows @ theta, rows @ step
        crossing = np.full(len(rows), np.inf)
        moving = ~held & (u * change < 0)
        crossing[moving] = -u[moving] / change[moving]
        theta = theta + min(1.0, float(crossing.min())) * step
        held |= (crossing < 1) & (crossing == crossing.min())
    return theta


def _first_layer(objective: Objective) -> Floats:
    """The pre-activations of the first layer as rows that multiply theta: one for each unit and sample."""
    inputs = np.array([[nearest_float(v) for v in x] for x in objective.inputs])
    blocks = objective.parts[0].layout.blocks[0]
    rows = np.zeros((len(blocks), len(inputs), objective.size))
    for j, block in enumerate(blocks):
        rows[j][:, list(block.positions)] = np.hstack([inputs, np.ones((len(inputs), 1))])
    return rows.reshape(-1, objective.size)


def _descent(objective: Objective, start: Floats) -> Floats:
    """20,000 steps of full-batch gradient descent with the weights rounded to float32 after each."""
    theta = start.astype(np.float32)
    for _ in range(20_000):
        slope = np.asarray(objective.at(theta.astype(np.float64)).gradient(), dtype=np.float64)
        theta = (theta - 0.2 * slope).astype(np.float32)
    return theta.astype(np.float64)


TRAINERS: dict[str, Callable[[Objective, Floats], Floats]] = {
    "bfgs-newton": _newton,
    "newton": _polished,  # which finds saddles as well
    "bfgs-kinks": _kinked,
    "descent-float32": _descent,
}


# -- cases -------------------------------------------------------------------------------------------------------------


def _samples(recipe: Recipe, function: LossFunction) -> Samples:
    inputs = exact_numbers(recipe.data.inputs.tolist(), recipe.name, "X")
    outcomes = exact_numbers(recipe.data.outcomes.tolist(), recipe.name, "y")
    return Samples(inputs, outcomes, recipe.data.labels, None, "as they are")


def _arrays(recipe: Recipe, theta: Floats | None) -> dict[str, Any]:
    """The arrays of a point file; zeros without theta."""
    rest = iter(np.zeros(10**6) if theta is None else theta)

    def part(prefix: str, hidden: tuple[int, ...], single: bool) -> Iterator[tuple[str, Any]]:
        yield f"{prefix}a0", float(next(rest))
        yield f"{prefix}a", [float(next(rest)) for _ in range(hidden[-1])]
        for n, (size, width) in enumerate(zip((recipe.data.dimension, *hidden), hidden, strict=False), 1):
            rows = [[float(next(rest)) for _ in range(size + 1)] for _ in range(width)]
            number = "" if single else n
            yield f"{prefix}W{number}", [row[:-1] for row in rows]
            yield f"{prefix}b{number}", [row[-1] for row in rows]

    found = dict(part("", recipe.hidden, len(recipe.hidden) == 1))
    if recipe.deep is not None:
        found |= dict(part("deep.", recipe.deep[1], False))
    return {key: exact_numbers(value, recipe.name, key) for key, value in found.items()}


def trained(recipe: Recipe, theta: Floats | None) -> Trained:
    """The case of a recipe at theta, with its claims; without theta at 0 and without them."""
    function = loss(recipe.loss)
    deep = None if recipe.deep is None else activation(recipe.deep[0])
    net = from_arrays(_arrays(recipe, theta), activation(recipe.activation), deep)
    claims = _claims(recipe, theta) if theta is not None else ()
    source = f"trained by benchmarks/training.py ({recipe.trainer}, seed {recipe.seed})"
    samples = _samples(recipe, function)
    decay, near = from_text(recipe.decay), from_text(recipe.near)
    return Trained(net, samples, function, recipe.title, decay, near, recipe.notes, source, claims)


def _case(recipe: Recipe, theta: Floats | None) -> Case:
    """The same in memory."""
    return loads(case_text(trained(recipe, theta)))


def _claims(recipe: Recipe, theta: Floats) -> tuple[dict[str, Any], ...]:
    here = Objective(_case(recipe, None)).at(theta)
    claim: dict[str, Any] = {"kind": "local-minimum", "near": from_text(recipe.near)}
    if recipe.expect != "proved":
        return ({**claim, "expect": recipe.expect},)
    if recipe.strict is not None:
        claim["strict"] = recipe.strict
    if recipe.data.labels and recipe.error:
        wrong = int((recipe.data.outcomes * np.asarray(here.outputs, dtype=np.float64) <= 0).sum())
        error = fmpq(wrong, len(recipe.data.outcomes))
        claim |= {"bad": bool(wrong), "training_error": error}
    value = float(here.value)
    low = math.floor(value * 1e6)
    return claim, {"kind": "loss", "lower": fmpq(low, 10**6), "upper": fmpq(low + 1, 10**6)}


def main(names: list[str]) -> None:
    """Train and write all cases, or those named."""
    FOLDER.mkdir(exist_ok=True)
    for recipe in RECIPES:
        if not names or recipe.name in names:
            write_case(trained(recipe, train(recipe)), FOLDER / f"{recipe.name}.toml", force=True)
            print(recipe.name, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
