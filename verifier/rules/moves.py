"""All the moves of `verifier/checker/symmetry.py` that leave the loss unchanged near a point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flint import fmpq

from verifier.arithmetic.linear import nullspace
from verifier.checker.errors import Rejected
from verifier.checker.number import Exact, Undecided, is_zero
from verifier.checker.state import State, Unit, is_constant
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
    return moves_of(problem.analysis)


def moves_of(state: State) -> list[Move]:
    """The same at a point or over a box."""
    found: list[Move] = []
    if not any(is_zero(rate) for rate in state.decay_rates):
        return found
    for part, architecture in enumerate(state.case.parts):
        for layer, width in enumerate(architecture.hidden):
            for j in range(width):
                found += _of_unit(state, (part, layer, j))
        last = architecture.depth - 1
        found += _among_affine(state, [(part, last, j) for j in range(architecture.hidden[last])])
    return found


def _of_unit(state: State, unit: Unit) -> list[Move]:
    rows = [move for document in _rows(state, unit) if (move := _accepted(state, document))]
    kinds = ["outgoing", "shift"]
    if len(rows) < len(incoming_positions(state, unit)):
        kinds.append("scale")
    others = [_accepted(state, {"move": kind, "unit": list(unit)}) for kind in kinds]
    return rows + [move for move in others if move is not None]


def _among_affine(state: State, units: list[Unit]) -> list[Move]:
    """What the last layer's units that are affine on all samples can pass on to one of them, and to the output bias."""
    affine = [u for u in units if seen(state, u) and all(_is_affine(state, u, i) for i in seen(state, u))]
    found: list[Move] = []
    for receiver in affine:
        offset = _accepted(state, {"move": "offset", "unit": list(receiver)})
        size = len(incoming_positions(state, receiver))
        directions = [[str(int(k == m)) for m in range(size)] for k in range(size)]
        documents = [
            {"move": "transfer", "unit": list(unit), "to": list(receiver), "direction": direction}
            for unit in affine
            if unit != receiver
            for direction in directions
        ]
        passed = [_accepted(state, document) for document in documents]
        if documents and all(move is None for move in passed):
            continue  # it has no effect: another unit may receive
        return [move for move in (offset, *passed) if move is not None]
    return found


def _is_affine(state: State, unit: Unit, sample: int) -> bool:
    local = state.local(unit, sample)
    return local is not None and len(local) == 2


def _rows(state: State, unit: Unit) -> Iterator[Json]:
    """Directions of the incoming weights that no sample sees."""
    active = [i for i in seen(state, unit) if not is_constant(state.local(unit, i))]
    size = len(incoming_positions(state, unit))
    if not active:
        directions = [tuple(fmpq(int(k == m)) for m in range(size)) for k in range(size)]
    elif unit[1] == 0:
        try:
            directions = list(nullspace([state.extended_input(unit[0], i) for i in active], size))  # type: ignore[arg-type]
        except Undecided:
            return
    else:
        return
    for direction in directions:
        yield {"move": "row", "unit": list(unit), "direction": texts(direction)}


def _accepted(state: State, document: Json) -> Move | None:
    try:
        vectors = tangents(state, [document], "move")
    except (Rejected, Undecided):
        return None
    moving = tuple(v for v in vectors if not all(is_zero(x) for x in v))
    return Move(document, moving) if moving else None
