"""Directions and curves in which the loss may fall at a kink, where no single gradient or Hessian tells.

Near the point L consists of smooth pieces. A random direction leads into one of them; the steepest descent of that
piece among the directions that lead into it is a linear program (in floats: what comes out is a proposal).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flint import fmpq

from verifier.arithmetic.convert import nearest_float
from verifier.checker.network import layouts
from verifier.checker.number import Exact, Undecided, is_zero, sign
from verifier.checker.symmetry import incoming_positions
from verifier.rules.problem import Declined, Problem

if TYPE_CHECKING:
    from verifier.model.pattern import LossKink, Sides, UnitKink

DRAWS = 40
MAX_SIZE = 200  # parameters
MAX_KINKS = 400
MAX_UNITS = 16
FALLS = 1e-9
UNITS = (1, 16, 4_096, 1 << 24)  # denominators, coarse first
Direction = tuple[Exact, ...]


def steepest(problem: Problem) -> Iterator[Direction]:
    """Directions in which a piece of L falls to first order, piece by piece as random directions lead to them."""
    kinks = problem.here.pattern.kinks(1)
    if problem.size > MAX_SIZE or len(kinks) > MAX_KINKS:
        return
    seen: set[Any] = set()
    draw = random.Random(0)
    for _ in range(DRAWS):
        direction = [fmpq(draw.randint(-9, 9)) for _ in range(problem.size)]
        try:
            sides = _sides(problem, kinks, direction)
            key = tuple(sides.values())
            if key not in seen:
                seen.add(key)
                yield from _of_piece(problem, sides)
        except (Undecided, Declined):
            continue


def _sides(problem: Problem, kinks: tuple[UnitKink | LossKink, ...], direction: list[fmpq]) -> Sides:
    """The side of every kink into which a direction leads (+1 where it does not move it)."""
    from verifier.model.pattern import LossKink
    from verifier.model.series import Series

    moved = [Series((v, d)) for v, d in zip(problem.theta, direction, strict=True)]
    there = problem.objective.at(moved)
    found: dict[UnitKink | LossKink, int] = {}
    for kink in kinks:
        if isinstance(kink, LossKink):
            argument = there.arguments[kink.sample]
        else:
            argument = there.forwards[kink.part].u[kink.layer][kink.sample, kink.unit]
        rate = argument.coefficients[1] if isinstance(argument, Series) else fmpq(0)
        found[kink] = sign(rate) or 1
    return found


def _of_piece(problem: Problem, sides: Sides) -> Iterator[Direction]:
    """The steepest descent of one piece within the directions that lead into it (deep kinks left out), rounded."""
    import numpy as np
    from scipy.optimize import linprog

    slopes = [nearest_float(v) for v in problem.here.gradient(sides)]
    rows = [[-side * nearest_float(v) for v in row] for row, side in _walls(problem, sides)]
    found = linprog(slopes, A_ub=rows or None, b_ub=[0.0] * len(rows) or None, bounds=(-1, 1))
    if found.status != 0 or found.fun > -FALLS:
        return
    for unit in UNITS:
        rounded = tuple(fmpq(int(v), unit) for v in np.rint(found.x * unit))
        if any(v != 0 for v in rounded):
            yield rounded


def _walls(problem: Problem, sides: Sides) -> Iterator[tuple[list[Exact], int]]:
    """(gradient of a kink's argument, side) for the kinks of the first layers and of the loss."""
    from verifier.model.pattern import LossKink

    analysis = problem.analysis
    jacobian = problem.here.jacobian(sides)
    for kink, side in sides.items():
        if isinstance(kink, LossKink):
            yield [analysis.orientation(kink.sample) * v for v in jacobian[kink.sample]], side
        elif kink.layer == 0:
            row: list[Exact] = [fmpq(0)] * problem.size
            positions = incoming_positions(analysis, (kink.part, 0, kink.unit))
            for k, v in zip(positions, analysis.extended_input(kink.part, kink.sample), strict=True):
                row[k] = v
            yield row, side


def awakenings(problem: Problem) -> Iterator[list[Direction]]:
    """Curves (t and t^2 coefficients) for units that nothing reads yet (outgoing weight 0).

    Its row moves by t d, its outgoing weight by +-t^2: a smooth loss changes by +-t^3 sum_i g_i s'(u_i; d) at a
    stationary point, and by t^4 through everything else; so it falls unless that sum is 0 for every d.
    """
    analysis = problem.analysis
    draw = random.Random(0)
    tried = 0
    for part, architecture in enumerate(analysis.case.parts):
        layer = architecture.depth - 1
        layout = layouts(analysis.case)[part]
        for j in range(architecture.hidden[-1]):
            if tried == MAX_UNITS or not is_zero(problem.theta[layout.a[j]]):
                continue
            tried += 1
            positions = incoming_positions(analysis, (part, layer, j))
            rows = [[int(k == m) * s for m in range(len(positions))] for k in range(len(positions)) for s in (1, -1)]
            rows += [[draw.randint(-9, 9) for _ in positions] for _ in range(8)]
            for row in rows:
                for s in (1, -1):
                    first, second = ([fmpq(0)] * problem.size for _ in range(2))
                    for k, v in zip(positions, row, strict=True):
                        first[k] = fmpq(v)
                    second[layout.a[j]] = fmpq(s)
                    yield [tuple(first), tuple(second)]
