"""Second derivatives of a part's output by its pre-activations, all samples at once, as integers.

Let e_l be added to the pre-activations u_l, so that u_m is a function of e_0, ..., e_m. With h_(l+1) = s(u_l),

    T_lm(k, r) = d2f / de_lk de_mr     (l <= m),     E_lm(k, r) = dh_mr / de_lk     (l < m)

have, from the last layer down (chain rule; what lies above u_(l+1) knows e_l through u_(l+1) alone),

    X_lm(k, .) = s'(u_lk) sum_j W_(l+1)jk X_(l+1)m(j, .)     for X = T, l + 1 <= m, and X = E, l + 1 < m,
    T_ll(k, r) = s'(u_lr) sum_j W_(l+1)jr T_l(l+1)(k, j) + [k = r] df/dh_(l+1)k s''(u_lk),
    E_l(l+1)(k, r) = [k = r] s'(u_lk).

A table stands with a row for each unit k, in which the numbers of all samples follow one another for each r.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .lanes import Lanes, packed
from .rounding import SPARE, Rounded, product
from .tables import Tables


@dataclass(frozen=True)
class Level:
    """The tables of a layer l that is not the last, a row for each sample, r running fastest: T_ll; by m > l T_lm; s',
    the diagonal of E_l(l+1); by m > l + 1 E_lm, of which the last one is that of the output.
    """

    layer: int
    own: Rounded
    bends: dict[int, Rounded]
    slope: Rounded
    slopes: dict[int, Rounded]


def levels(tables: Tables, a: Rounded, lane: int, digits: int) -> Iterator[Level]:
    """From the last layer but one down to the first; a: the output weights, a column. All factors have `digits` bits,
    so that their products fit into the lanes.
    """
    n, top = len(tables.features[0].lanes.rows), len(tables.slopes) - 1
    firsts = [table.cut(digits).widened(lane) for table in tables.slopes]
    slopes = [table.turned() for table in firsts]
    weights = [table.cut(digits).widened(lane) for table in tables.weights]
    last = tables.bends(top, digits).cut(digits).widened(lane).turned()
    own = _diagonal(last.scaled(a).cut(digits), n)
    bends: dict[int, Rounded] = {}
    steps = {top + 1: _diagonal(slopes[top], n)}
    for layer in reversed(range(top)):
        slope = slopes[layer]

        def down(table: Rounded, weight: Rounded = weights[layer], slope: Rounded = slope) -> Rounded:
            inner = product(weight, table).cut(digits)
            return inner.times(_repeated(slope, inner.lanes.width // n), digits + SPARE).cut(digits)

        bends = {m: down(table) for m, table in {**bends, layer + 1: own}.items()}
        further = {m: down(table) for m, table in steps.items()}
        beta = tables.betas[layer].cut(digits)
        bend = tables.bends(layer, digits).cut(digits).times(beta, digits + SPARE).cut(digits).widened(lane)
        own = down(_exchanged(bends[layer + 1], n)).plus(_diagonal(bend.turned(), n)).cut(digits)
        steps = {**further, layer + 1: _diagonal(slope, n)}
        yield Level(
            layer,
            _by_sample(own, n),
            {m: _by_sample(table, n) for m, table in bends.items()},
            firsts[layer],
            {m: _by_sample(table, n) for m, table in further.items()},
        )


def _diagonal(table: Rounded, n: int) -> Rounded:
    """A row of n numbers for each unit k to those for (k, r), 0 but for r = k."""
    lanes = table.lanes
    rows = [row << lanes.lane * n * k for k, row in enumerate(lanes.rows)]
    return replace(table, lanes=Lanes(rows, n * len(rows), lanes.lane))


def _repeated(table: Rounded, count: int) -> Rounded:
    """Each row so many times, one after the other."""
    lanes = table.lanes
    once = lanes.lane * lanes.width
    rows = [sum(row << once * k for k in range(count)) for row in lanes.rows]
    return replace(table, lanes=Lanes(rows, lanes.width * count, lanes.lane))


def _exchanged(table: Rounded, n: int) -> Rounded:
    """(k, r) to (r, k)."""
    width = table.lanes.width
    entries = [v for r in range(0, width, n) for row in table.rows for v in row[r : r + n]]
    return replace(table, lanes=packed(entries, n * len(table.lanes.rows), table.lanes.lane))


def _by_sample(table: Rounded, n: int) -> Rounded:
    """A row for each sample."""
    entries = table.entries
    turned = [v for i in range(n) for v in entries[i::n]]
    return replace(table, lanes=packed(turned, len(entries) // n, table.lanes.lane))
