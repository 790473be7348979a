"""Critical points with a singular, semidefinite Hessian, of any size: single-layer nets that fit their targets.

At such a point H = (2/n) J^T J, and its kernel has at least one dimension for each unit (rescaling); quadratic units
add the rotations among units.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from flint import fmpq

from verifier.case.types import Case, Data, FunctionSpec, Layered, Loss, Network, Parameters
from verifier.model.objective import Objective

ACTIVATIONS = {
    "leaky_relu": FunctionSpec("leaky_relu", Parameters({"slope": fmpq(1, 10)})),
    "quadratic": FunctionSpec("quadratic"),
}


@dataclass(frozen=True)
class Problem:
    """A case with real targets and quadratic loss, and a point where its gradient is 0."""

    case: Case
    theta: tuple[fmpq, ...]
    activation: str
    width: int


def fitted(activation: str, width: int, dimension: int, samples: int, seed: int = 0) -> Problem:
    """A random net whose targets are its own outputs; all numbers are short decimals."""
    r = random.Random(seed)
    inputs = tuple(tuple(fmpq(r.randint(-99, 99), 10) for _ in range(dimension)) for _ in range(samples))
    network = Network("single-layer", Layered(ACTIVATIONS[activation], (width,), True, True))

    def with_targets(targets: tuple[fmpq, ...]) -> Case:
        data = Data(inputs, None, targets, (1,) * samples)
        return Case(data, network, Loss(FunctionSpec("quadratic"), fmpq(0)))

    blank = Objective(with_targets((fmpq(0),) * samples))
    biases = {block.bias for block in blank.parts[0].layout.blocks[0]}
    off_kinks = fmpq(1, 1000)  # w.x has two decimals
    theta = tuple(fmpq(r.randint(-99, 99), 10) + (off_kinks if k in biases else 0) for k in range(blank.size))
    return Problem(with_targets(tuple(blank.outputs(theta).tolist())), theta, activation, width)
