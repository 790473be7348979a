"""The Hessian at a point by products of integers, which are the quickest to multiply.

H = J^T K J + S (curvature.py). J comes in blocks: for each input of a layer, the derivatives df/du of the layer's
units, row i multiplied by the input at sample i. All factors are rounded to integers; a row of J is one long integer
(lanes.py), and J^T K J one product for each block. One error bound for all entries counts all roundings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from flint import arb

from .curvature import balls
from .enclosure import Enclosure
from .lanes import Lanes, lane_for
from .network import layouts
from .rounding import FINE, SPARE, Integers, Rounded, column, increased, joined, largest, nearest, product
from .second_order import second_order
from .tables import Tables

PRECISE = 50  # bits of the factors of the sums that cost little


@dataclass(frozen=True)
class _Block:
    """Columns of J: entry (i, k) is factor_i table_ik weights_k (no factor: 1)."""

    positions: Sequence[int]
    table: Rounded
    factor: Rounded | None
    weights: Sequence[arb]

    def columns(self, digits: int) -> Rounded:
        """The columns without the weights."""
        return self.table if self.factor is None else self.table.scaled(self.factor).cut(digits)


def point_hessian(state: Enclosure, digits: int) -> Integers:
    """The Hessian of L at the state's point, all factors rounded to `digits` bits of their largest entries; raises
    UnknownSign where it is not finite.
    """
    lane = lane_for(2 * digits + len(state.samples).bit_length())  # holds sums of products of two factors
    tables = [Tables.of(state, p, lane) for p in range(len(state.case.parts))]
    blocks = [block for p, found in enumerate(tables) for block in _blocks(state, p, found, lane, digits)]
    curvatures = column([state.output_slope(i, 2) for i in state.samples], lane, digits)
    more = second_order(state, tables, max(digits, PRECISE))
    return increased(_gram(blocks, curvatures, digits), more, digits + SPARE)


def _blocks(state: Enclosure, p: int, tables: Tables, lane: int, digits: int) -> Iterator[_Block]:
    """The columns of one part."""
    weights, layout = state.theta[p], layouts(state.case)[p]
    one = arb(1)
    if layout.a0 is not None:
        ones = Rounded(Lanes([1 << digits] * len(state.samples), 1, lane), digits, 0, digits)
        yield _Block([layout.a0], ones, None, [one])
    features = [table.cut(digits) for table in tables.features]
    yield _Block(layout.a, features[-1], None, [one] * len(layout.a))
    for units, delta, inputs in zip(layout.blocks, tables.deltas, features, strict=False):
        table = delta.cut(digits)
        factors = balls(weights.a) if units is layout.blocks[-1] else [one] * len(units)
        for k, positions in enumerate(zip(*(unit.positions for unit in units), strict=True)):
            yield _Block(positions, table, inputs.column(k) if k < inputs.lanes.width else None, factors)


def _gram(blocks: Sequence[_Block], curvatures: Rounded, digits: int) -> Integers:
    """sum_i k_i J_i J_i^T in the flat order of parameters: of the symmetric result all blocks from the diagonal on are
    computed.
    """
    columns = [block.columns(digits) for block in blocks]
    jacobian = joined(columns)
    starts = list(accumulate((len(block.positions) for block in blocks), initial=0))
    products = []
    for block, own, start in zip(blocks, columns, starts, strict=False):
        factor = curvatures if block.factor is None else curvatures.scaled(block.factor).cut(digits)
        found = product(block.table, jacobian.after(start).scaled(factor).cut(digits)).cut(digits + SPARE)
        products.append(replace(found, scale=found.scale - own.scale))
    weights = [w * arb((1, -own.scale)) for block, own in zip(blocks, columns, strict=True) for w in block.weights]
    order = sorted(range(len(weights)), key=[k for block in blocks for k in block.positions].__getitem__)
    return _weighted(products, weights, order, digits)


def _weighted(products: Sequence[Rounded], weights: Sequence[arb], order: Sequence[int], digits: int) -> Integers:
    """The products one below the other, each without the columns of those above it, times weights[r] weights[c]."""
    factors, place, blur = nearest(weights, digits + SPARE)
    ends = [factors[-found.lanes.width :] for found in products]
    lengths = [_length(end[: len(found.lanes.rows)]) + _length(end) for found, end in zip(products, ends, strict=True)]
    excess = [found.bits + length - digits - SPARE for found, length in zip(products, lengths, strict=True)]
    scale = min(found.scale - max(more, 0) for found, more in zip(products, excess, strict=True)) + 2 * place
    rows: list[list[int]] = []
    error = 0
    for found, end in zip(products, ends, strict=True):
        shift, size = found.scale + 2 * place - scale, 1 << _length(end)
        for f, row in zip(end, found.rows, strict=False):
            rows.append([v * g >> shift for v, g in zip(row, map(f.__mul__, end), strict=True)])
        error = max(error, (found.bound * blur * (2 * size + blur) >> shift) + 2)
    spread = largest(found.error * arb((1, -found.scale - FINE)) for found in products).sqrt()
    sizes = [(abs(w) * spread).upper() for w in weights]
    return Integers(_mirrored(rows, order), scale, error, [sizes[k] for k in order])


def _length(values: Sequence[int]) -> int:
    return max(map(abs, values)).bit_length()


def _mirrored(rows: list[list[int]], order: Sequence[int]) -> list[list[int]]:
    """All rows and columns of a symmetric matrix, in another order: of each row the last entries are given, from the
    diagonal or before it.
    """
    size = len(rows)
    columns = list(zip(*([0] * (size - len(row)) + row for row in rows), strict=True))
    found = []
    for r in order:
        whole = (*columns[r][: size - len(rows[r])], *rows[r])
        found.append([whole[c] for c in order])
    return found
