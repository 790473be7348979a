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
from verifier.arithmetic.linear import nullspace, solve
from verifier.checker.network import layouts
from verifier.checker.number import Exact, Undecided, is_zero, sign
from verifier.checker.symmetry import incoming_positions
from verifier.rules.problem import Declined, Problem

if TYPE_CHECKING:
    from verifier.model.pattern import LossKink, Sides, UnitKink
    from verifier.model.scalars import Array

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


def sliding(problem: Problem) -> Iterator[list[Direction]]:
    """Curves (t and t^2 coefficients) along which the loss falls at t^2 while its arguments stay on their kinks.

    With G_k, D_k the jumps of gradient and Hessian across kink k: if the gradient on one side is -sum n_k G_k, then
    along theta* + t d + t^2 c with G_k.d = 0 and G_k.c = -d.D_k d/2 the loss changes by t^2 d.(H + sum n_k D_k)d/2.
    """
    from verifier.model.pattern import LossKink

    kinks = problem.here.pattern.kinks(1)
    if not kinks or problem.size > MAX_SIZE or not all(isinstance(kink, LossKink) for kink in kinks):
        return
    below = dict.fromkeys(kinks, -1)
    slope, matrix = list(problem.here.gradient(below)), problem.here.hessian(below)
    jumps: list[list[Exact]] = []
    bends: list[Array] = []
    for kink in kinks:
        other = {**below, kink: 1}
        jumps.append([v - u for u, v in zip(slope, problem.here.gradient(other), strict=True)])
        bends.append(problem.here.hessian(other) - matrix)
    weights = solve([list(column) for column in zip(*jumps, strict=True)], [-v for v in slope])
    if weights is None:
        return
    for n, bend in zip(weights, bends, strict=True):
        matrix = matrix + n * bend
    basis = nullspace(jumps, problem.size)
    for d in _most_negative(matrix, list(basis)):  # type: ignore[arg-type]
        right = [-_form(bend, d) / 2 for bend in bends]
        c = solve(jumps, right)
        if c is not None:
            yield [d, tuple(c)]  # type: ignore[arg-type]


def _form(matrix: Array, d: Direction) -> Exact:
    total: Exact = fmpq(0)
    for row, v in zip(matrix.tolist(), d, strict=True):
        for entry, w in zip(row, d, strict=True):
            total = total + v * entry * w
    return total


def _most_negative(matrix: Array, basis: list[Direction]) -> Iterator[Direction]:
    """Combinations of the basis along which the form is negative, both ways, with short coefficients first."""
    import numpy as np

    if not basis:
        return
    vectors = np.array([[nearest_float(v) for v in row] for row in basis])
    floats = np.array([[nearest_float(v) for v in row] for row in matrix.tolist()])
    values, found = np.linalg.eigh(vectors @ floats @ vectors.T)
    if values[0] > -FALLS:
        return
    scaled = found[:, 0] / np.abs(found[:, 0]).max()
    for unit in UNITS:
        coefficients = [fmpq(int(v), unit) for v in np.rint(scaled * unit)]
        for s in (1, -1):
            total: list[Exact] = [fmpq(0)] * len(basis[0])
            for c, row in zip(coefficients, basis, strict=True):
                total = [t + s * c * v for t, v in zip(total, row, strict=True)]
            yield tuple(total)
