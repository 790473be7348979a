"""Bounds of an activation or loss and its first three derivatives over intervals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from flint import arb

from .expression import Expression
from .germ import NeedsSide, germ
from .number import Undecided, UnknownSign, enclose
from .upper import Upper, ceiling, table

UNIT = 60  # bounds are multiples of 2**-UNIT
MOST = 1 << 16  # bounds are remembered
CELL = 4  # bounds over cells of width 2**-CELL are remembered,
MOST = 1 << 16  # of so many at most
Bounds = tuple[int, ...]  # of |s|, |s'|, |s''|, |s'''|


class Slopes:
    """Bounds for one function; at intervals that meet a breakpoint UnknownSign is raised."""

    def __init__(self, expression: Expression) -> None:
        self._expression = expression
        self._cells: dict[tuple[int, int], Bounds | None] = {}

    def table(self, low: Sequence[int], high: Sequence[int], scale: int, width: int) -> list[Upper]:
        """For each order 0 to 3 a bound over each of the intervals [low, high] * 2**-scale, row by row."""
        known, shift = self._cells.get, scale - CELL
        if shift < 0:
            found = [self.over(a, b, scale) for a, b in zip(low, high, strict=True)]
        else:
            cells = zip([v >> shift for v in low], [v >> shift for v in high], strict=True)
            found = [known(pair) or self.over(low[k], high[k], scale) for k, pair in enumerate(cells)]
        return [table(orders, width, UNIT) for orders in zip(*found, strict=True)]

    def over(self, low: int, high: int, scale: int) -> Bounds:
        """Over one interval; where its cells meet a breakpoint, the interval itself is looked at."""
        return self.over_cells((_cell(low, scale), _cell(high, scale))) or self._bounds(low, high, scale)

    def over_cells(self, cells: tuple[int, int]) -> Bounds | None:
        """Over all cells from the first to the last; None if they meet a breakpoint."""
        if cells not in self._cells:
            if len(self._cells) >= MOST:
                self._cells.clear()
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
