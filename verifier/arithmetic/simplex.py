"""Bounded-variable primal simplex in exact rational arithmetic.

    minimise c.x  subject to  A x = b,  lower <= x <= upper     (None: no bound)

The tableau T = B^-1 A is a FLINT matrix, so a pivot is one rank-one update. Phase 1 minimises the sum of the bound
violations of the basic variables. The largest reduced cost enters until a step has length zero, then Bland's rule
applies until progress is made: within zero steps the cost is fixed, hence no cycling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from flint import fmpq, fmpq_mat

from verifier.arithmetic.convert import float_of
from verifier.arithmetic.linear import echelon_basis

Bound = fmpq | None
_ZERO = fmpq(0)


@dataclass(frozen=True)
class Outcome:
    """Where the simplex stopped: a point x, with multipliers y of the rows (or a ray when unbounded).

    `optimal`: y with c - A^T y of the right signs; `infeasible`: y is a Farkas certificate (see lp.Infeasible);
    `unbounded`: x feasible and ray a direction of descent. Claims, to be verified by the caller.
    """

    status: Literal["optimal", "infeasible", "unbounded"]
    x: tuple[fmpq, ...]
    y: tuple[fmpq, ...]
    ray: tuple[fmpq, ...]


def simplex(
    matrix: fmpq_mat,
    right: Sequence[fmpq],
    lower: Sequence[Bound],
    upper: Sequence[Bound],
    cost: Sequence[fmpq],
    guess: Sequence[float] | None = None,
) -> Outcome:
    """Run both phases; `guess` (an approximate vertex) only chooses where to start. Needs lower <= upper."""
    m, n = matrix.nrows(), matrix.ncols()
    independent = echelon_basis(matrix.transpose()) if m else []
    if len(independent) < m:
        multipliers = _inconsistency(matrix, right)
        if multipliers is not None:
            return Outcome("infeasible", (), multipliers, ())
    kept = fmpq_mat(len(independent), n, [matrix[i, j] for i in independent for j in range(n)])
    table = _Tableau(kept, [right[i] for i in independent], lower, upper, guess)

    def spread(costs: dict[int, fmpq]) -> tuple[fmpq, ...]:
        y = [_ZERO] * m
        for i, value in zip(independent, table.multipliers(costs), strict=True):
            y[i] = value
        return tuple(y)

    while costs := table.violation_costs():
        if table.improve(costs) is not None:
            return Outcome("infeasible", tuple(table.x), spread(costs), ())
    costs = {j: c for j, c in enumerate(cost) if c != 0}
    while True:
        stopped = table.improve(costs)
        if stopped == "optimal":
            return Outcome("optimal", tuple(table.x), spread(costs), ())
        if stopped == "unbounded":
            return Outcome("unbounded", tuple(table.x), (), tuple(table.ray))


def _inconsistency(matrix: fmpq_mat, right: Sequence[fmpq]) -> tuple[fmpq, ...] | None:
    """y with y A = 0 and y.b = 1, or None when A x = b is consistent without bounds."""
    m, n = matrix.nrows(), matrix.ncols()
    rows = [[matrix[i, j] for i in range(m)] + [_ZERO] for j in range(n)]
    system = fmpq_mat([*rows, [*right, fmpq(1)]])
    pivots = echelon_basis(system)
    if m in pivots:
        return None
    reduced, _ = system.rref()
    y = [_ZERO] * m
    for i, pivot in enumerate(pivots):
        y[pivot] = reduced[i, m]
    return tuple(y)


class _Tableau:
    """The mutable state of one run: basis, T = B^-1 A, and the current x with A x = b."""

    def __init__(
        self,
        matrix: fmpq_mat,
        right: Sequence[fmpq],
        lower: Sequence[Bound],
        upper: Sequence[Bound],
        guess: Sequence[float] | None,
    ) -> None:
        self.matrix, self.lower, self.upper = matrix, lower, upper
        self.m, self.n = matrix.nrows(), matrix.ncols()
        order = list(range(self.n)) if guess is None else sorted(range(self.n), key=self._depth(guess))
        entries = [matrix[i, j] for i in range(self.m) for j in order]
        permuted = fmpq_mat(self.m, self.n, entries)
        pivots = echelon_basis(permuted)
        self.basis = [order[p] for p in pivots]
        square = fmpq_mat(self.m, self.m, [matrix[i, j] for i in range(self.m) for j in self.basis])
        inverse = square.inv() if self.m else square
        self.table = inverse * matrix if self.m else matrix
        self.x = [self._start(j, guess) for j in range(self.n)]
        for j in self.basis:
            self.x[j] = _ZERO
        residual = fmpq_mat(self.m, 1, list(right)) - matrix * fmpq_mat(self.n, 1, self.x)
        values = (inverse * residual).entries() if self.m else []
        for j, value in zip(self.basis, values, strict=True):
            self.x[j] = value
        self.ray: list[fmpq] = []
        self.careful = False

    def _depth(self, guess: Sequence[float]) -> Depth:
        return Depth(guess, self.lower, self.upper)

    def _start(self, j: int, guess: Sequence[float] | None) -> fmpq:
        low, high = self.lower[j], self.upper[j]
        if low is None or high is None:
            return low if low is not None else high if high is not None else _ZERO
        if guess is None:
            return low
        middle = (low + high) / 2
        return low if guess[j] <= float_of(middle) else high

    def violation_costs(self) -> dict[int, fmpq]:
        """Cost -1 per basic variable below its lower bound, +1 per one above its upper bound."""
        costs = {}
        for j in self.basis:
            low, high = self.lower[j], self.upper[j]
            if low is not None and self.x[j] < low:
                costs[j] = fmpq(-1)
            elif high is not None and self.x[j] > high:
                costs[j] = fmpq(1)
        return costs

    def multipliers(self, costs: dict[int, fmpq]) -> list[fmpq]:
        """y with B^T y = c_B."""
        if not self.m:
            return []
        square = fmpq_mat(self.m, self.m, [self.matrix[i, j] for j in self.basis for i in range(self.m)])
        solution = square.solve(fmpq_mat(self.m, 1, [costs.get(j, _ZERO) for j in self.basis]))
        return list(solution.entries())

    def improve(self, costs: dict[int, fmpq]) -> Literal["optimal", "unbounded"] | None:
        """One step against `costs`; None when a step was made."""
        entering = self._entering(costs)
        if entering is None:
            return "optimal"
        j, direction = entering
        column = [self.table[i, j] for i in range(self.m)]
        step, leaving = self._ratio(j, direction, column)
        if step is None:
            self.ray = [_ZERO] * self.n
            self.ray[j] = direction
            for i, k in enumerate(self.basis):
                self.ray[k] = -direction * column[i]
            return "unbounded"
        self.careful = step == 0
        self.x[j] += direction * step
        for i, k in enumerate(self.basis):
            if column[i] != 0:
                self.x[k] -= direction * step * column[i]
        if leaving is not None:
            self._pivot(leaving, j, column)
        return None

    def _entering(self, costs: dict[int, fmpq]) -> tuple[int, fmpq] | None:
        reduced = [_ZERO] * self.n
        if self.m:
            weights = fmpq_mat(1, self.m, [costs.get(j, _ZERO) for j in self.basis])
            reduced = [-x for x in (weights * self.table).entries()]
        for j, c in costs.items():
            reduced[j] += c
        best: tuple[int, fmpq] | None = None
        size = _ZERO
        basic = set(self.basis)
        for j, d in enumerate(reduced):
            if d == 0 or j in basic:
                continue
            low, high = self.lower[j], self.upper[j]
            if d < 0 and (high is None or self.x[j] < high):
                move, gain = fmpq(1), -d
            elif d > 0 and (low is None or self.x[j] > low):
                move, gain = fmpq(-1), d
            else:
                continue
            if self.careful:
                return j, move
            if gain > size:
                best, size = (j, move), gain
        return best

    def _ratio(self, j: int, direction: fmpq, column: list[fmpq]) -> tuple[fmpq | None, int | None]:
        """The longest step and the row that blocks it (None: the entering variable's own other bound)."""
        own = self.upper[j] if direction > 0 else self.lower[j]
        step = None if own is None else abs(own - self.x[j])
        blocking: int | None = None
        for i, k in enumerate(self.basis):
            rate = -direction * column[i]
            limit = None if rate == 0 else self._limit(k, rate)
            if limit is None:
                continue
            earlier = step is None or limit < step
            tied = limit == step and blocking is not None and k < self.basis[blocking]
            if earlier or tied:
                step, blocking = limit, i
        return step, blocking

    def _limit(self, k: int, rate: fmpq) -> fmpq | None:
        """How far x_k may move at `rate` until it meets the bound that stops it."""
        low, high, x = self.lower[k], self.upper[k], self.x[k]
        if rate > 0:
            stop = low if low is not None and x < low else high
            return None if stop is None or x > stop else (stop - x) / rate
        stop = high if high is not None and x > high else low
        return None if stop is None or x < stop else (stop - x) / rate

    def _pivot(self, i: int, j: int, column: list[fmpq]) -> None:
        row = fmpq_mat(1, self.n, [self.table[i, k] / column[i] for k in range(self.n)])
        shifted = [x - 1 if r == i else x for r, x in enumerate(column)]
        self.table = self.table - fmpq_mat(self.m, 1, shifted) * row
        self.basis[i] = j


class Depth:
    """Sort key: columns whose approximate value lies deepest between its bounds come first."""

    def __init__(self, guess: Sequence[float], lower: Sequence[Bound], upper: Sequence[Bound]) -> None:
        self.guess, self.lower, self.upper = guess, lower, upper

    def __call__(self, j: int) -> float:
        low, high, x = self.lower[j], self.upper[j], self.guess[j]
        gaps = [x - float_of(low)] if low is not None else []
        gaps += [float_of(high) - x] if high is not None else []
        return -min(gaps, default=float("inf"))
