"""sum_i g_i d2f_i + diag(decay rates) at a point: what the Hessian has besides J^T K J (curvature.py).

A parameter v of unit k of layer l that multiplies the input x of that layer (1 for a bias) moves the pre-activation by
x. So with the second derivatives T_lm and the slopes E_lm of backward.py and the slopes delta_mr = df/du_mr

    d2f / dv dv' = x x' T_lm(k, r) + [x' is h_mq] x delta_mr E_lm(k, q)     (v' of unit r of layer m >= l; E_ll = 0).

At the output the second term is left, with delta = 1. Where T or E is diagonal only its diagonal is summed. All sums
over samples are products of integers, as in gram.py, but those at the output weights and the last hidden layer, which
are part of the gradient.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flint import arb

from .backward import Level, levels
from .enclosure import Enclosure
from .lanes import lane_for
from .network import PartLayout, layouts
from .number import Exact, enclose, is_zero
from .rounding import FINE, Rounded, column, joined, product, symmetric
from .tables import Tables

Entry = tuple[int, int]
Entries = Iterator[tuple[Entry, arb]]


def second_order(state: Enclosure, tables: Sequence[Tables], digits: int) -> dict[Entry, arb]:
    """The entries on and above the diagonal that are not known to be 0; all factors of sums have `digits` bits.
    `tables`: one for each part.
    """
    total: defaultdict[Entry, arb] = defaultdict(arb)
    for k, rate in enumerate(state.decay_rates):
        if not is_zero(rate):
            total[k, k] += enclose(rate)
    for p, layout in enumerate(layouts(state.case)):
        for (r, c), value in _part(state, p, layout, tables[p], digits):
            total[min(r, c), max(r, c)] += value
    return total


def _part(state: Enclosure, p: int, layout: PartLayout, tables: Tables, digits: int) -> Entries:
    most = max(len(state.samples), *(len(units) for units in layout.blocks))
    lane = lane_for(2 * digits + most.bit_length())  # holds sums of products of two factors
    slopes = column([state.output_slope(i) for i in state.samples], lane, digits)
    features = [table.cut(digits).widened(lane) for table in tables.features]
    sums = _Sums(layout, slopes, features, digits)
    yield from _last_layer(state, p, tables, sums)
    if len(layout.blocks) > 1:
        weights = state.theta[p]
        a = column([enclose(v) for v in weights.a], lane, digits)
        deltas = [table.cut(digits).widened(lane) for table in tables.deltas]
        for level in levels(tables, a, lane, digits):
            yield from _bends(level, sums)
            yield from _steps(level, deltas, weights.a, sums)


def _last_layer(state: Enclosure, p: int, tables: Tables, sums: _Sums) -> Entries:
    """Entries at the weights of the last hidden layer and those of the output."""
    layout, last = sums.layout, len(sums.layout.blocks) - 1
    units = layout.blocks[last]
    for a, unit, row in zip(layout.a, units, state.slope_sums[p][last].tolist(), strict=True):
        for position, value in zip(unit.positions, row, strict=True):
            yield (a, position), value
    places, factors = sums.pairs(last, last)
    found = _summed(tables.bends(last, sums.digits).cut(sums.digits), factors)
    for factor, unit, row in zip(state.theta[p].a, units, found, strict=True):
        for (x, y), value in zip(places, row, strict=True):
            yield (unit.positions[x], unit.positions[y]), factor * value


def _bends(level: Level, sums: _Sums) -> Entries:
    """x x' T_lm(k, r), l the level's layer."""
    blocks = sums.layout.blocks
    for m, table in {level.layer: level.own, **level.bends}.items():
        places, factors = sums.pairs(level.layer, m)
        found = iter(_summed(table, factors))
        for k, unit in enumerate(blocks[level.layer]):
            for r, other in enumerate(blocks[m]):
                for (x, y), value in zip(places, next(found), strict=True):
                    if m > level.layer or x < y or k <= r:  # of (k, x), (r, y) and (r, y), (k, x) one
                        yield (unit.positions[x], other.positions[y]), value


def _steps(level: Level, deltas: Sequence[Rounded], a: Sequence[Exact], sums: _Sums) -> Entries:
    """x delta_mr E_lk(k, q), l the level's layer; the deltas of the last layer are without their factors a."""
    blocks, digits = sums.layout.blocks, sums.digits
    weighted, last = sums.weighted(level.layer), len(blocks) - 1
    for m, table in {level.layer + 1: level.slope, **level.slopes}.items():
        factors = weighted if m > last else [deltas[m].scaled(g).cut(digits) for g in weighted]
        found = iter(_summed(table, factors))
        for k, unit in enumerate(blocks[level.layer]):
            for q in [k] if m == level.layer + 1 else range(len(blocks[m - 1])):
                values = iter(next(found))
                for position in unit.positions:
                    if m > last:
                        yield (position, sums.layout.a[q]), next(values)
                    else:
                        for r, other in enumerate(blocks[m]):
                            value = next(values)
                            yield (position, other.weights[q]), value * enclose(a[r]) if m == last else value


@dataclass(frozen=True)
class _Sums:
    """What is summed over samples: the slopes of the losses, n x 1, and what each layer reads."""

    layout: PartLayout
    slopes: Rounded
    features: Sequence[Rounded]
    digits: int

    @property
    def _biased(self) -> bool:
        return self.layout.blocks[0][0].bias is not None

    def weighted(self, layer: int) -> list[Rounded]:
        """g x for each input x of a layer, the 1 of a bias last."""
        along = self._along(layer)
        columns = [along.column(x) for x in range(along.lanes.width)]
        return [*columns, self.slopes] if self._biased else columns

    def pairs(self, layer: int, other: int) -> tuple[list[Entry], list[Rounded]]:
        """g x y for the inputs x of a layer and y of another, side by side, and where they stand; of one layer for
        x <= y only.
        """
        columns, features = self.weighted(layer), self.features[other]
        size = features.lanes.width
        starts = [x if layer == other else 0 for x in range(len(columns))]
        places = [(x, y) for x, start in enumerate(starts) for y in range(start, size)]
        tables = [
            features.after(start).scaled(g).cut(self.digits)
            for g, start in zip(columns, starts, strict=True)
            if start < size
        ]
        if self._biased:
            places += [(x, size) for x in range(len(columns))]
            tables += [self._along(layer), self.slopes]
        return places, tables

    def _along(self, layer: int) -> Rounded:
        return self.features[layer].scaled(self.slopes).cut(self.digits)


def _summed(table: Rounded, factors: Sequence[Rounded]) -> list[list[arb]]:
    """table^T factor for all factors side by side."""
    found = _product(table, joined(factors))
    error = symmetric(arb((found.error, -FINE)))
    units = [arb((1, -found.scale - factor.scale)) for factor in factors for _ in range(factor.lanes.width)]
    return [[unit * (v + error) for unit, v in zip(units, row, strict=True)] for row in found.rows]


def _product(table: Rounded, factors: Rounded) -> Rounded:
    """table^T factors; the narrower one, number by number, is the dear one."""
    if table.lanes.width <= factors.lanes.width:
        return product(table, factors)
    return product(factors, table.widened(factors.lanes.lane)).turned()
