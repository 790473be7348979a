"""sum_i g_i d2f_i + diag(decay rates) at a point, in balls: what the Hessian has besides J^T K J (curvature.py).

For one hidden layer, u = W x and f = a0 + a . s(u), its only entries are

    a_j sum_i g_i s''(u_ij) x_ia x_ib  at (W_ja, W_jb)   and   sum_i g_i s'(u_ij) x_ia  at (a_j, W_ja), (W_ja, a_j),

of which the first sums are products of integers, as in gram.py, and the second ones part of the gradient.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from flint import arb, arb_mat

from .curvature import PartDerivatives, balls
from .enclosure import Enclosure
from .lanes import lane_for
from .network import PartLayout, layouts
from .number import enclose, is_zero
from .rounding import FINE, Rounded, column, joined, product, symmetric
from .tables import Tables

Entry = tuple[int, int]


def second_order(state: Enclosure, tables: Sequence[Tables], digits: int) -> dict[Entry, arb]:
    """The entries on and above the diagonal that are not known to be 0; for sums of integers all factors have `digits`
    bits. `tables`: one for each part.
    """
    total: defaultdict[Entry, arb] = defaultdict(arb)
    for k, rate in enumerate(state.decay_rates):
        if not is_zero(rate):
            total[k, k] += enclose(rate)
    for p, layout in enumerate(layouts(state.case)):
        entries = _single(state, p, layout, tables[p], digits) if len(layout.blocks) == 1 else _deep(state, p, layout)
        for place, value in entries:
            total[place] += value
    return total


def _single(
    state: Enclosure, p: int, layout: PartLayout, tables: Tables, digits: int
) -> Iterator[tuple[Entry, arb]]:
    """One hidden layer."""
    weights, units = state.theta[p], layout.blocks[0]
    for a, unit, row in zip(layout.a, units, state.slope_sums[p][0].tolist(), strict=True):
        for k, value in zip(unit.positions, row, strict=True):
            yield (a, k), value
    lane = lane_for(2 * digits + len(state.samples).bit_length())
    slopes = column([state.output_slope(i) for i in state.samples], lane, digits)
    x = tables.features[0].cut(digits).widened(lane)
    places, factors = _pairs(x, slopes, units[0].bias is not None, digits)
    sums = _sums(tables.bends(digits).cut(digits), joined(factors))
    error = symmetric(arb((sums.error, -FINE)))
    scales = [arb((1, -sums.scale - table.scale)) for table in factors for _ in range(table.lanes.width)]
    for factor, unit, found in zip(weights.a, units, sums.rows, strict=True):
        for (k, m), v, scale in zip(places, found, scales, strict=True):
            yield (unit.positions[k], unit.positions[m]), factor * scale * (v + error)


def _sums(bends: Rounded, pairs: Rounded) -> Rounded:
    """bends^T pairs; the narrower factor, number by number, is the dear one."""
    if bends.lanes.width <= pairs.lanes.width:
        return product(bends, pairs)
    return product(pairs, bends.widened(pairs.lanes.lane)).turned()


def _pairs(x: Rounded, slopes: Rounded, biased: bool, digits: int) -> tuple[list[Entry], list[Rounded]]:
    """g_i x_ia x_ib for a <= b, side by side, where they stand; the 1 of a bias comes last."""
    size = x.lanes.width
    along = x.scaled(slopes).cut(digits)
    places = [(k, m) for k in range(size) for m in range(k, size)]
    tables = [x.after(k).scaled(along.column(k)).cut(digits) for k in range(size)]
    return (places + [(k, size) for k in range(size + 1)], [*tables, along, slopes]) if biased else (places, tables)


def _deep(state: Enclosure, p: int, layout: PartLayout) -> Iterator[tuple[Entry, arb]]:
    """Any number of hidden layers."""
    if not state.awake:
        return
    zero = arb(0)
    total = [[zero] * layout.stop for _ in range(layout.stop)]
    PartDerivatives(state, p, layout, balls, arb_mat).add_second_order(
        total, [state.output_slope(i) for i in state.awake]
    )
    for r, row in enumerate(total):
        for c, value in enumerate(row[r:], r):
            if value is not zero:
                yield (r, c), value
