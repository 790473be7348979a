"""Exact linear programming over the rationals, every answer with a verified certificate.

    A x = b,   lower_j <= x_j <= upper_j      (None: no bound)

HiGHS (floats) proposes a vertex for larger problems; the exact simplex starts there and decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from flint import fmpq, fmpq_mat

from verifier.arithmetic.convert import Entries, Rows, float_of, rational_matrix, rational_rows, rationals_of
from verifier.arithmetic.simplex import Bound, Outcome, simplex

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DIRECT_SIZE = 3_000  # entries of A up to which the exact simplex alone is faster than loading SciPy
_ZERO = fmpq(0)


@dataclass(frozen=True)
class Feasible:
    """x with A x = b and lower <= x <= upper."""

    x: tuple[fmpq, ...]


@dataclass(frozen=True)
class Infeasible:
    """Farkas multipliers y, one per row of A: with g = A^T y,

        max{ g.x : lower <= x <= upper }  =  sum_{g_j>0} g_j upper_j + sum_{g_j<0} g_j lower_j  <  y.b

    (so g_j > 0 only where upper_j is a bound, g_j < 0 only where lower_j is). Proof that there is no solution:
    one would give y.b = y.Ax = g.x <= that maximum < y.b. An interval lower_j > upper_j is reported by y = 0
    and `crossed` = j.
    """

    farkas: tuple[fmpq, ...]
    crossed: int | None = None


@dataclass(frozen=True)
class Optimal:
    """A feasible x of least c.x, and dual multipliers y: with r = c - A^T y,

        c.x = y.b + sum_{r_j>0} r_j lower_j + sum_{r_j<0} r_j upper_j  <=  c.x'  for every feasible x',

    because c.x' = y.b + r.x' and each r_j x'_j is at least its term.
    """

    x: tuple[fmpq, ...]
    y: tuple[fmpq, ...]
    value: fmpq


@dataclass(frozen=True)
class Unbounded:
    """A feasible x and a ray d, A d = 0, c.d < 0, d_j >= 0 (<= 0) where x_j is bounded below (above)."""

    x: tuple[fmpq, ...]
    ray: tuple[fmpq, ...]


def feasible(matrix: Rows, right: Entries, lower: Sequence[Bound], upper: Sequence[Bound]) -> Feasible | Infeasible:
    """Decide A x = b, lower <= x <= upper exactly; the answer has been verified. Raises ValueError on bad shapes."""
    answer = minimise([_ZERO] * len(lower), matrix, right, lower, upper)
    if isinstance(answer, Infeasible):
        return answer
    return Feasible(answer.x)


def minimise(
    cost: Entries, matrix: Rows, right: Entries, lower: Sequence[Bound], upper: Sequence[Bound]
) -> Optimal | Infeasible | Unbounded:
    """Minimise c.x exactly under A x = b, lower <= x <= upper; the answer has been verified."""
    problem = _Problem.read(cost, matrix, right, lower, upper)
    for j, (low, high) in enumerate(zip(lower, upper, strict=True)):
        if low is not None and high is not None and low > high:
            return Infeasible((_ZERO,) * len(problem.b), crossed=j)
    guess = _approximate_vertex(problem) if problem.matrix.nrows() * problem.n > DIRECT_SIZE else None
    outcome = simplex(problem.matrix, problem.b, lower, upper, problem.c, guess)
    answer = _answer(problem, outcome)
    if not verified(problem, answer):
        raise ArithmeticError("the exact simplex returned an answer that does not verify")
    return answer


@dataclass(frozen=True)
class _Problem:
    c: list[fmpq]
    matrix: fmpq_mat
    b: list[fmpq]
    lower: Sequence[Bound]
    upper: Sequence[Bound]

    @property
    def n(self) -> int:
        return len(self.c)

    @staticmethod
    def read(cost: Entries, matrix: Rows, right: Entries, lower: Sequence[Bound], upper: Sequence[Bound]) -> _Problem:
        c, rows, b = rationals_of(cost), rational_rows(matrix), rationals_of(right)
        shapes = {len(c), len(lower), len(upper), *(len(row) for row in rows)}
        if len(shapes) != 1 or len(rows) != len(b):
            raise ValueError("the parts of a linear program have different sizes")
        return _Problem(c, rational_matrix(rows, len(c)), b, lower, upper)


def _answer(problem: _Problem, outcome: Outcome) -> Optimal | Infeasible | Unbounded:
    if outcome.status == "infeasible":
        return Infeasible(outcome.y)
    if outcome.status == "unbounded":
        return Unbounded(outcome.x, outcome.ray)
    return Optimal(outcome.x, outcome.y, dot(problem.c, outcome.x))


def dot(x: Sequence[fmpq], y: Sequence[fmpq]) -> fmpq:
    """x.y"""
    total = _ZERO
    for a, b in zip(x, y, strict=True):
        if a != 0 and b != 0:
            total += a * b
    return total


def verified(problem: _Problem, answer: Optimal | Infeasible | Unbounded) -> bool:
    """Whether the answer satisfies the definition in its docstring, exactly."""
    if isinstance(answer, Infeasible):
        bound = _extreme(_transposed(problem, answer.farkas), problem.upper, problem.lower)
        return bound is not None and bound < dot(answer.farkas, problem.b)
    if not _is_feasible(problem, answer.x):
        return False
    if isinstance(answer, Unbounded):
        ray = answer.ray
        ways = zip(ray, problem.lower, problem.upper, strict=True)
        free = all((d >= 0 or low is None) and (d <= 0 or high is None) for d, low, high in ways)
        return free and not any(_times(problem, ray)) and dot(problem.c, ray) < 0
    pulled = _transposed(problem, answer.y)
    reduced = [c - g for c, g in zip(problem.c, pulled, strict=True)]
    bound = _extreme(reduced, problem.lower, problem.upper)
    value = dot(problem.c, answer.x)
    return bound is not None and value == answer.value == bound + dot(answer.y, problem.b)


def _extreme(g: Sequence[fmpq], at_plus: Sequence[Bound], at_minus: Sequence[Bound]) -> fmpq | None:
    """sum g_j * (at_plus_j where g_j > 0, at_minus_j where g_j < 0); None if a bound it needs is missing."""
    total = _ZERO
    for x, plus, minus in zip(g, at_plus, at_minus, strict=True):
        if x == 0:
            continue
        bound = plus if x > 0 else minus
        if bound is None:
            return None
        total += x * bound
    return total


def _times(problem: _Problem, x: Sequence[fmpq]) -> list[fmpq]:
    return list((problem.matrix * fmpq_mat(problem.n, 1, list(x))).entries())


def _transposed(problem: _Problem, y: Sequence[fmpq]) -> list[fmpq]:
    return list((fmpq_mat(1, len(y), list(y)) * problem.matrix).entries())


def _is_feasible(problem: _Problem, x: Sequence[fmpq]) -> bool:
    inside = all(
        (low is None or low <= value) and (high is None or value <= high)
        for value, low, high in zip(x, problem.lower, problem.upper, strict=True)
    )
    return inside and _times(problem, x) == problem.b


# -- floats propose ----------------------------------------------------------------------------------------------------


def _approximate_vertex(problem: _Problem) -> list[float] | None:
    """A float vertex: of the program itself, else of the one minimising sum |A x - b|; None when HiGHS fails."""
    import numpy as np

    shape = (problem.matrix.nrows(), problem.n)
    a = np.array([float_of(x) for x in problem.matrix.entries()], dtype=np.float64).reshape(shape)
    b = np.array([float_of(x) for x in problem.b], dtype=np.float64)
    c = np.array([float_of(x) for x in problem.c], dtype=np.float64)
    bounds = [
        (None if low is None else float_of(low), None if high is None else float_of(high))
        for low, high in zip(problem.lower, problem.upper, strict=True)
    ]
    ends = np.array([end for pair in bounds for end in pair if end is not None], dtype=np.float64)
    if not all(np.isfinite(part).all() for part in (a, b, c, ends)):
        return None
    found = float_program(c, a, b, bounds)
    if found is None:
        slack = np.eye(shape[0])
        elastic = np.hstack([a, slack, -slack])
        costs = np.concatenate([np.zeros(problem.n), np.ones(2 * shape[0])])
        found = float_program(costs, elastic, b, [*bounds, *[(0.0, None)] * (2 * shape[0])])
    return None if found is None else [float(x) for x in found[: problem.n]]


def float_program(
    cost: NDArray[np.float64],
    matrix: NDArray[np.float64],
    right: NDArray[np.float64],
    bounds: Sequence[tuple[float | None, float | None]],
) -> NDArray[np.float64] | None:
    """What HiGHS finds for min c.x, A x = b within bounds; None when it finds nothing. Proves nothing."""
    import numpy as np

    linprog: Any = import_module("scipy.optimize").linprog
    result = linprog(cost, A_eq=matrix, b_eq=right, bounds=list(bounds), method="highs-ds")
    if result.status != 0 or result.x is None:
        return None
    return np.asarray(result.x, dtype=np.float64)
