"""Rules gradient, curvature and arc: directions in which the loss falls, the simplest first."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from flint import arb, fmpq

from verifier.arithmetic.convert import nearest_float
from verifier.checker.errors import Rejected
from verifier.checker.number import Exact, Undecided, is_zero, sign
from verifier.checker.rules.descent import descent
from verifier.rules import kinks
from verifier.rules.higher_order import arcs
from verifier.rules.problem import Declined, Json, Problem, texts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_AXES = 400
CLEAR = 3  # partial derivatives tried that balls show not to be 0
RANDOM_DIRECTIONS = 60
ROUNDINGS = (1, 4, 64, 4_096, 1 << 20, 1 << 40)
Direction = tuple[Exact, ...]
T = TypeVar("T")


def propose(problem: Problem, first_order: bool = False) -> Json:
    """A proof node that the checker's rule accepts, or Declined; `first_order`: of order 1 only."""
    candidates = [_first_order] if first_order else [_first_order, _second_order, _bent]
    reason = "no direction was found in which the loss falls"
    for source in candidates:
        try:
            for node in source(problem):
                if _accepted(problem, node):
                    return node
        except Declined as declined:
            reason = declined.reason
    raise Declined("no-descent", reason)


def _accepted(problem: Problem, node: Json) -> bool:
    try:
        descent(problem.analysis, node)
    except (Rejected, Undecided):
        return False
    return True


def _first_order(problem: Problem) -> Iterator[Json]:
    for k, side in problem.clear_slopes[:CLEAR]:
        yield _line("gradient", 1, _axis(problem.size, k, -side))
    try:
        slopes = problem.gradient
    except Declined:
        for direction in chain(_axes(problem), _while_settled(kinks.steepest(problem))):
            yield _line("gradient", 1, direction)
        return
    known = [(k, s) for k, s in enumerate(slopes) if not is_zero(s)]
    sizes = sorted(known, key=lambda item: -abs(nearest_float(item[1])))
    for k, slope in sizes:
        try:
            side = sign(slope)
        except Undecided:
            continue
        yield _line("gradient", 1, _axis(problem.size, k, -side))


def _second_order(problem: Problem) -> Iterator[Json]:
    try:
        matrix = problem.curvature
    except Declined:
        for direction in _axes(problem):
            yield _line("curvature", 2, direction)
        return
    import numpy as np

    floats = np.array([[float(x.mid()) if isinstance(x, arb) else nearest_float(x) for x in row] for row in matrix])
    if not np.isfinite(floats).all():
        return
    values, vectors = np.linalg.eigh(floats)
    for k in range(min(3, len(values))):
        if values[k] > 1e-6 * max(1.0, float(np.abs(values).max())):
            break
        for direction in _rounded(vectors[:, k]):
            yield _line("curvature", 2, direction)
            yield _line("curvature", 2, tuple(-v for v in direction))


def _bent(problem: Problem) -> Iterator[Json]:
    for order, curves in ((2, kinks.sliding(problem)), (3, kinks.awakenings(problem))):
        for curve in _while_settled(curves):
            yield {"rule": "arc", "order": order, "curve": [texts(row) for row in curve]}
    yield from arcs(problem)


def _while_settled(proposals: Iterator[T]) -> Iterator[T]:
    """What a source proposes until a step of it cannot be settled: other sources may still find something."""
    with suppress(Undecided):
        yield from proposals


def _rounded(vector: NDArray[np.float64]) -> Iterator[Direction]:
    """Short rational vectors near a float one, coarse first."""
    import numpy as np

    scaled = vector / np.abs(vector).max()
    for unit in ROUNDINGS:
        integers = [int(v) for v in np.rint(scaled * unit)]
        if any(integers):
            yield tuple(fmpq(v) for v in integers)


def _axes(problem: Problem) -> Iterator[Direction]:
    """Coordinate directions both ways, pairs of them, then small random ones: for points on kinks."""
    size = problem.size
    if size <= MAX_AXES:
        for k in range(size):
            for s in (1, -1):
                yield _axis(size, k, s)
    draw = random.Random(0)
    for _ in range(RANDOM_DIRECTIONS):
        yield tuple(fmpq(draw.choice((-2, -1, 0, 0, 1, 2))) for _ in range(size))


def _axis(size: int, k: int, s: int) -> Direction:
    return tuple(fmpq(s if m == k else 0) for m in range(size))


def _line(rule: str, order: int, direction: Direction) -> Json:
    return {"rule": rule, "order": order, "curve": [texts(direction)]}
