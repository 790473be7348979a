"""All the moves of `verifier/checker/symmetry.py` that leave the loss unchanged near a point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flint import fmpq

from verifier.arithmetic.linear import nullspace
from verifier.checker.analysis import Analysis
from verifier.checker.errors import Rejected
from verifier.checker.number import Exact, Undecided, is_zero
from verifier.checker.state import Unit, is_constant
from verifier.checker.symmetry import incoming_positions, seen, tangents
from verifier.rules.problem import Json, Problem, texts


@dataclass(frozen=True)
class Move:
    """A move as a certificate writes it, and its tangent vectors at the point (not all 0)."""

    document: Json
    tangents: tuple[tuple[Exact, ...], ...]

    @property
    def translation(self) -> bool:
        """Whether the move adds a fixed vector to the parameters."""
        return self.document["move"] in ("row", "outgoing")


def moves(problem: Problem) -> list[Move]:
    """Every move that the checker accepts at the point and that moves it."""
    analysis = problem.analysis
    found: list[Move] = []
    for part, architecture in enumerate(analysis.case.parts):
        for layer, width in enumerate(architecture.hidden):
            for j in range(width):
                found += _of_unit(analysis, (part, layer, j))
    return found


def _of_unit(analysis: Analysis, unit: Unit) -> list[Move]:
    rows = [move for document in _rows(analysis, unit) if (move := _accepted(analysis, document))]
    kinds = ["outgoing", "shift"]
    if len(rows) < len(incoming_positions(analysis, unit)):
        kinds.append("scale")
    others = [_accepted(analysis, {"move": kind, "unit": list(unit)}) for kind in kinds]
    return rows + [move for move in others if move is not None]


def _rows(analysis: Analysis, unit: Unit) -> Iterator[Json]:
    """Directions of the incoming weights that no sample sees."""
    active = [i for i in seen(analysis, unit) if not is_constant(analysis.local(unit, i))]
    size = len(incoming_positions(analysis, unit))
    if not active:
        directions = [tuple(fmpq(int(k == m)) for m in range(size)) for k in range(size)]
    elif unit[1] == 0:
        try:
            directions = list(nullspace([analysis.extended_input(unit[0], i) for i in active], size))  # type: ignore[arg-type]
        except Undecided:
            return
    else:
        return
    for direction in directions:
        yield {"move": "row", "unit": list(unit), "direction": texts(direction)}


def _accepted(analysis: Analysis, document: Json) -> Move | None:
    try:
        vectors = tangents(analysis, [document], "move")
    except (Rejected, Undecided):
        return None
    moving = tuple(v for v in vectors if not all(is_zero(x) for x in v))
    return Move(document, moving) if moving else None
