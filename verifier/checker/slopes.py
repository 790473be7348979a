"""Bounds of an activation or loss and its first three derivatives over intervals."""

from __future__ import annotations

from functools import lru_cache

from flint import arb

from .expression import Expression
from .germ import NeedsSide, germ
from .number import Undecided, UnknownSign, enclose
from .rounding import FINE, Rounded
from .upper import DIGITS, Upper, ceiling, table

UNIT = 60  # bounds are multiples of 2**-UNIT
CELL = 4  # places are rounded to multiples of 2**-CELL,
PART = 10  # and intervals widened to multiples of 2**-PART,
MOST = 1 << 16  # so that the bounds can be remembered: of so many at most
Bounds = tuple[int, ...]  # of |s|, |s'|, |s''|, |s'''|


class Slopes:
    """Bounds for one function; at intervals that meet a breakpoint UnknownSign is raised."""

    def __init__(self, expression: Expression) -> None:
        self._expression = expression
        self._known: dict[tuple[int, int], Bounds | None] = {}

    def table(self, places: Rounded, slope: Upper, reach: Upper) -> list[Upper]:
        """For each order 0 to 3 a bound within slope * reach of each place, row by row."""
        shift, width = max(places.scale - CELL, 0), places.lanes.width
        cells = places.lanes.cut(shift).entries()
        fine = places.scale - shift + PART - CELL
        more = slope.largest().times(reach).units(fine)[0] - (-places.error >> places.scale + FINE - fine)
        around = {cell: self.around(cell, more, fine) for cell in set(cells)}
        known = {cell: bounds for cell, bounds in around.items() if bounds is not None}
        if len(known) == len(around):
            return [_listed(cells, {cell: bounds[k] for cell, bounds in known.items()}, width) for k in range(4)]
        radii = slope.times(reach).units(places.scale)
        margin = (places.error >> FINE) + 1
        flat = zip(cells, places.entries, radii, strict=True)
        found = [known.get(c) or self.over(v - r - margin, v + r + margin, places.scale) for c, v, r in flat]
        return [table(orders, width, UNIT) for orders in zip(*found, strict=True)]

    def around(self, cell: int, more: int, fine: int = PART) -> Bounds | None:
        """Within `more` multiples of 2**-fine of all that is rounded to a cell; None if there is a breakpoint."""
        half = 1 << PART - CELL - 1
        ends = (2 * cell - 1) * half - more, (2 * cell + 1) * half + more
        return self._remembered(*ends) if fine == PART else self._bounds(*ends, fine)

    def over(self, low: int, high: int, scale: int) -> Bounds:
        """Over the interval [low, high] * 2**-scale: over whole cells if they have no breakpoint."""
        found, shift = None, scale - CELL
        if shift >= 0:
            found = self._remembered(low >> shift << PART - CELL, (high >> shift) + 1 << PART - CELL)
        found = found or self._bounds(low, high, scale)
        if found is None:
            raise UnknownSign("a ball meets a breakpoint")
        return found

    def _remembered(self, low: int, high: int) -> Bounds | None:
        """Over [low, high] * 2**-PART."""
        if (low, high) not in self._known:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[low, high] = self._bounds(low, high, PART)
        return self._known[low, high]

    def _bounds(self, low: int, high: int, scale: int) -> Bounds | None:
        ball = arb((low, -scale)).union(arb((high, -scale)))
        try:
            germs = germ(self._expression, ball, None, 3)
        except (NeedsSide, Undecided):
            return None
        return tuple(ceiling(factor * abs(enclose(c)), UNIT) for factor, c in zip((1, 1, 2, 6), germs, strict=True))


def _listed(cells: list[int], bounds: dict[int, int], width: int) -> Upper:
    """The bounds of all cells in few digits."""
    cut = max(max(bounds.values()).bit_length() - DIGITS, 0)
    few = {cell: -(-bound >> cut) for cell, bound in bounds.items()}
    return Upper(list(map(few.__getitem__, cells)), width, UNIT - cut)


@lru_cache(maxsize=64)
def slope_bounds(expression: Expression) -> Slopes:
    """The bounds of an expression in one variable."""
    return Slopes(expression)
