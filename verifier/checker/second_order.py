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
from .rounding import FINE, Rounded, column, joined, product, rounded, symmetric

Entry = tuple[int, int]


def second_order(state: Enclosure, digits: int) -> dict[Entry, arb]:
    """The entries that are not known to be 0; for sums of integers all factors have `digits` bits."""
    total: defaultdict[Entry, arb] = defaultdict(arb)
    for k, rate in enumerate(state.decay_rates):
        if not is_zero(rate):
            total[k, k] += enclose(rate)
    for p, layout in enumerate(layouts(state.case)):
        entries = _single(state, p, layout, digits) if len(layout.blocks) == 1 else _deep(state, p, layout)
        for place, value in entries:
            total[place] += value
    return total


def _single(state: Enclosure, p: int, layout: PartLayout, digits: int) -> Iterator[tuple[Entry, arb]]:
    """One hidden layer."""
    found, weights, units = state.passes[p], state.theta[p], layout.blocks[0]
    lane = lane_for(2 * digits + len(state.samples).bit_length())
    slopes = column([state.output_slope(i) for i in state.samples], lane, digits)
    x = rounded(found.h[0], lane).cut(digits)
    inputs = [x.column(k) for k in range(x.lanes.width)]
    weighted = [slopes.scaled(v).cut(digits) for v in inputs] + ([] if units[0].bias is None else [slopes])
    for a, unit, row in zip(layout.a, units, state.slope_sums[p][0].tolist(), strict=True):
        for k, value in zip(unit.positions, row, strict=True):
            yield (a, k), value
            yield (k, a), value
    second = rounded(found.second[0], lane).cut(digits)
    pairs = {(k, m): w.scaled(v).cut(digits) for k, w in enumerate(weighted) for m, v in enumerate(inputs[: k + 1])}
    if units[0].bias is not None:
        pairs[len(inputs), len(inputs)] = slopes
    for (k, m), values in zip(pairs, _sums(list(pairs.values()), second), strict=True):
        for factor, unit, value in zip(weights.a, units, values, strict=True):
            for place in {(unit.positions[k], unit.positions[m]), (unit.positions[m], unit.positions[k])}:
                yield place, factor * value


def _sums(columns: Sequence[Rounded], table: Rounded) -> Iterator[list[arb]]:
    """sum_i c_i table_i for each column c."""
    found = product(joined(columns), table)
    error = symmetric(arb((found.error, -FINE)))
    for c, row in zip(columns, found.rows, strict=True):
        unit = arb((1, -found.scale - c.scale))
        yield [(v + error) * unit for v in row]


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
        for c, value in enumerate(row):
            if value is not zero:
                yield (r, c), value
