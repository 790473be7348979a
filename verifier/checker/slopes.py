"""Bounds of an activation or loss and its first three derivatives over intervals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from flint import arb

from .expression import Expression
from .germ import NeedsSide, germ
from .number import Undecided, UnknownSign, enclose
from .upper import Upper, ceiling, row

UNIT = 60  # bounds are multiples of 2**-UNIT
CELL = 4  # bounds over cells of width 2**-CELL are remembered
MAX_CELLS = 512
Bounds = tuple[int, ...]  # of |s|, |s'|, |s''|, |s'''|


class Slopes:
    """Bounds for one function; at intervals that meet a breakpoint UnknownSign is raised."""

    def __init__(self, expression: Expression) -> None:
        self._expression = expression
        self.smooth = not _has_breakpoints(expression)
        self._cells: dict[tuple[int, int], Bounds | None] = {}

    def columns(self, low: Sequence[int], high: Sequence[int], scale: int, width: int) -> list[Upper]:
        """For each order 0 to 3 one row: a bound for each of `width` columns over all its intervals
        [low, high] * 2**-scale, which stand row by row.
        """
        found: list[Bounds] = []
        for k in range(width):
            lows, highs = low[k::width], high[k::width]
            if self.smooth:
                found.append(self._hull(min(lows), max(highs), scale))
            else:
                single = [self.over(a, b, scale) for a, b in zip(lows, highs, strict=True)]
                found.append(tuple(map(max, zip(*single, strict=True))))
        return [row(orders, UNIT) for orders in zip(*found, strict=True)]

    def _hull(self, low: int, high: int, scale: int) -> Bounds:
        """Over an interval in which the function has no breakpoint, cell by cell."""
        first, last = _cell(low, scale), _cell(high, scale)
        step = 1 + (last - first) // MAX_CELLS
        bounds = [self._known((a, min(a + step - 1, last))) for a in range(first, last + 1, step)]
        if None in bounds:
            raise UnknownSign("the function is not bounded over an interval")
        return tuple(map(max, zip(*(b for b in bounds if b is not None), strict=True)))

    def over(self, low: int, high: int, scale: int) -> Bounds:
        """Over one interval; where its cells meet a breakpoint, the interval itself is looked at."""
        return self._known((_cell(low, scale), _cell(high, scale))) or self._bounds(low, high, scale)

    def _known(self, cells: tuple[int, int]) -> Bounds | None:
        """Over all cells from the first to the last; None if they meet a breakpoint."""
        if cells not in self._cells:
            try:
                self._cells[cells] = self._bounds(cells[0], cells[1] + 1, CELL)
            except UnknownSign:
                self._cells[cells] = None
        return self._cells[cells]

    def _bounds(self, low: int, high: int, scale: int) -> Bounds:
        ball = arb((low, -scale)).union(arb((high, -scale)))
        try:
            germs = germ(self._expression, ball, None, 3)
        except (NeedsSide, Undecided):
            raise UnknownSign("a ball meets a breakpoint") from None
        return tuple(ceiling(factor * abs(enclose(c)), UNIT) for factor, c in zip((1, 1, 2, 6), germs, strict=True))


@lru_cache(maxsize=64)
def slope_bounds(expression: Expression) -> Slopes:
    """The bounds of an expression in one variable."""
    return Slopes(expression)


def _cell(place: int, scale: int) -> int:
    return place >> (scale - CELL) if scale >= CELL else place << (CELL - scale)


def _has_breakpoints(e: Expression) -> bool:
    return e.op in ("max", "min", "abs") or any(map(_has_breakpoints, e.args))
