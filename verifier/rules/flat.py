"""Rules symmetry and flat-curve: another point of equal loss in every neighbourhood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import chain

from flint import fmpq

from verifier.arithmetic.linear import nullspace
from verifier.checker.errors import Rejected
from verifier.checker.network import layouts
from verifier.checker.number import Exact, Undecided
from verifier.checker.rules.flat import flat_curve
from verifier.checker.state import Unit
from verifier.checker.symmetry import incoming_positions, outgoing_positions
from verifier.rules.moves import moves
from verifier.rules.problem import Declined, Json, Problem, texts

MAX_AXES = 200
MAX_LINES = 40  # tried in each block of parameters


def propose(problem: Problem) -> Json:
    """A proof node, or Declined."""
    with suppress(Declined):
        return symmetric(problem)
    for direction in chain(_twins(problem), _lines(problem), _axes(problem)):
        node = {"rule": "flat-curve", "curve": [texts(direction)]}
        try:
            flat_curve(problem.analysis, node)
        except (Rejected, Undecided):
            continue
        return node
    raise Declined("no-flat-curve", "no curve of equal loss through the point was found")


def symmetric(problem: Problem) -> Json:
    """A node of rule symmetry, or Declined."""
    for move in moves(problem):
        return {"rule": "symmetry", "move": move.document}
    raise Declined("no-move", "no move of the parameters that leaves the loss unchanged acts on the point")


def _twins(problem: Problem) -> Iterator[tuple[Exact, ...]]:
    """Units with equal incoming weights: they can share their outgoing weights differently, and move together."""
    analysis = problem.analysis
    for part, architecture in enumerate(analysis.case.parts):
        for layer, width in enumerate(architecture.hidden):
            groups: dict[tuple[Exact, ...], list[Unit]] = {}
            for j in range(width):
                row = tuple(problem.theta[k] for k in incoming_positions(analysis, (part, layer, j)))
                groups.setdefault(row, []).append((part, layer, j))
            for twins in groups.values():
                if len(twins) > 1:
                    outgoing = [outgoing_positions(analysis, unit)[0] for unit in twins[:2]]
                    yield _vector(problem.size, dict(zip(outgoing, (fmpq(1), fmpq(-1)), strict=True)))
                    incoming = [incoming_positions(analysis, unit)[0] for unit in twins]
                    yield _vector(problem.size, dict.fromkeys(incoming, fmpq(1)))


def _vector(size: int, entries: Mapping[int, Exact]) -> tuple[Exact, ...]:
    return tuple(entries.get(k, fmpq(0)) for k in range(size))


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
            yield _vector(problem.size, dict(zip(block, vector, strict=True)))  # type: ignore[arg-type]


def _axes(problem: Problem) -> Iterator[tuple[Exact, ...]]:
    """Single parameters: the loss may stay the same although outputs change (where it is affine in them)."""
    for k in range(min(problem.size, MAX_AXES)):
        yield _vector(problem.size, {k: fmpq(1)})


def _blocks(problem: Problem) -> Iterator[list[int]]:
    whole = layouts(problem.checked)
    yield [k for layout in whole for k in (*(() if layout.a0 is None else (layout.a0,)), *layout.a)]
    for layout in whole:
        for layer in layout.blocks:
            yield [k for block in layer for k in block.positions]
