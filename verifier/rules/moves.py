"""All the moves of `verifier/checker/symmetry.py` that leave the loss unchanged near a point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flint import fmpq

from verifier.arithmetic.linear import nullspace
from verifier.checker.errors import Rejected
from verifier.checker.network import flatten, layouts
from verifier.checker.number import Exact, Undecided, is_zero, sign
from verifier.checker.state import State, Unit, is_constant
from verifier.checker.symmetry import incoming_positions, outgoing_positions, seen, tangents
from verifier.rules.problem import Json, Problem, texts

MAX_COLUMNS = 300  # of the exact system that finds linear moves


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
        if architecture.depth == 1:
            found += _linear(state, part)
    return found


def _of_unit(state: State, unit: Unit) -> list[Move]:
    rows = [move for document in _rows(state, unit) if (move := _accepted(state, document))]
    kinds = ["outgoing", "shift"]
    if len(rows) < len(incoming_positions(state, unit)):
        kinds.append("scale")
    others = [_accepted(state, {"move": kind, "unit": list(unit)}) for kind in kinds]
    return rows + [move for move in others if move is not None]


def _linear(state: State, part: int) -> list[Move]:
    """What units that are affine near the point can pass on to one another and to the output bias."""
    width = state.case.parts[part].hidden[0]
    samples = seen(state, (part, 0, 0))
    size = len(incoming_positions(state, (part, 0, 0)))
    slopes = {(i, j): _slope(state, (part, 0, j), i) for i in samples for j in range(width)}
    acting = [j for j in range(width) if any(slopes[i, j] for i in samples) and _acts(state, (part, 0, j))]
    if not acting or len(acting) * size > MAX_COLUMNS:
        return []
    bias = [fmpq(1)] if layouts(state.case)[part].a0 is not None else []
    constraints: list[list[Exact]] = []
    for i in samples:
        x = state.extended_input(part, i)
        for j in (j for j in acting if slopes[i, j] is None):  # not affine: the pre-activation must stay
            constraints.append([*(v if k == j else fmpq(0) for k in acting for v in x), *(fmpq(0) for _ in bias)])
        constraints.append([*((slopes[i, k] or fmpq(0)) * v for k in acting for v in x), *bias])
    try:
        directions = list(nullspace(constraints, len(acting) * size + len(bias)))
    except Undecided:
        return []
    zero = ["0"] * size
    found = []
    for direction in directions:
        words = texts(direction)  # type: ignore[arg-type]
        rows = {j: words[k * size : (k + 1) * size] for k, j in enumerate(acting)}
        offset = words[-1] if bias else "0"
        document = {"move": "linear", "part": part, "rows": [rows.get(j, zero) for j in range(width)], "offset": offset}
        found.append(_accepted(state, document))
    return [move for move in found if move is not None]


def _slope(state: State, unit: Unit, sample: int) -> Exact | None:
    """The slope of a unit that is affine near its pre-activation on the sample, else None."""
    local = state.local(unit, sample)
    if local is None or len(local) > 2:
        return None
    return local[1] if len(local) == 2 else fmpq(0)


def _acts(state: State, unit: Unit) -> bool:
    """Whether the outgoing weight is known not to be 0."""
    try:
        return sign(flatten(state.theta)[outgoing_positions(state, unit)[0]]) != 0
    except Undecided:
        return False


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
