"""Rules symmetry and flat-curve: another point of equal loss in every neighbourhood."""

from __future__ import annotations

from collections.abc import Iterator

from flint import fmpq

from verifier.arithmetic.linear import nullspace
from verifier.checker.errors import Rejected
from verifier.checker.network import layouts
from verifier.checker.number import Exact, Undecided
from verifier.checker.rules.flat import flat_curve
from verifier.rules.moves import moves
from verifier.rules.problem import Declined, Json, Problem, texts

MAX_LINES = 40  # tried in each block of parameters


def propose(problem: Problem) -> Json:
    """A proof node, or Declined."""
    for move in moves(problem):
        return {"rule": "symmetry", "move": move.document}
    for direction in _lines(problem):
        node = {"rule": "flat-curve", "curve": [texts(direction)]}
        try:
            flat_curve(problem.analysis, node)
        except (Rejected, Undecided):
            continue
        return node
    raise Declined("no-flat-curve", "no curve of equal loss through the point was found")


def _lines(problem: Problem) -> Iterator[tuple[Exact, ...]]:
    """Directions in one block of parameters (the output weights, or one layer) that change no output to first order."""
    sides = dict.fromkeys(problem.here.pattern.kinks(1), 1)  # a proposal only: either side will do
    jacobian: list[list[Exact]] = problem.here.jacobian(sides).tolist()
    awake = problem.analysis.awake
    for block in _blocks(problem):
        try:
            kernel = nullspace([[jacobian[i][k] for k in block] for i in awake], len(block))
        except Undecided:
            continue
        for vector in kernel[:MAX_LINES]:
            entries = dict(zip(block, vector, strict=True))
            yield tuple(entries.get(k, fmpq(0)) for k in range(problem.size))  # type: ignore[misc]


def _blocks(problem: Problem) -> Iterator[list[int]]:
    whole = layouts(problem.objective.checked)
    yield [k for layout in whole for k in (*(() if layout.a0 is None else (layout.a0,)), *layout.a)]
    for layout in whole:
        for layer in layout.blocks:
            yield [k for block in layer for k in block.positions]
