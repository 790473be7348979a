"""The Hessian of L at a point: rational if every entry of the computation is, else in balls.

With g_i, k_i the first and second derivative of (m_i/N) loss_i with respect to f(x_i), H = sum_i k_i df_i df_i^T +
sum_i g_i d2f_i + diag(decay rates). For a layered part, u_l = W_l h_(l-1) + b_l, h_l = s(u_l), f = a0 + a . h_L and
B_lj = df/dh_lj give

    d2f = sum_lj B_lj s''(u_lj) (du_lj)^2 + 2 sum_lj B_lj s'(u_lj) sum_k dW_ljk dh_(l-1)k + 2 sum_j da_j dh_Lj.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb_mat, fmpq, fmpq_mat

from . import number
from .network import PartLayout, layouts, parameter_count
from .number import Exact, precision
from .state import State

Table = list[list[Any]]
Cast = Callable[[Exact], Any]


class _Irrational(Exception):
    """An entry is not rational: balls are needed."""


def hessian(state: State, bits: int) -> fmpq_mat | arb_mat:
    """The P x P Hessian, symmetric; L must be C^2 near the point (`require_smooth(2)`). Balls at `bits` bits."""
    try:
        return _hessian(state, _rational, fmpq_mat)
    except _Irrational:
        with precision(bits):
            return _hessian(state, number.enclose, arb_mat)


def gram(vectors: Sequence[Sequence[Exact]], bits: int) -> fmpq_mat | arb_mat:
    """sum_k v_k v_k^T."""
    return weighted_gram(vectors, [fmpq(1)] * len(vectors), bits)


def weighted_gram(vectors: Sequence[Sequence[Exact]], weights: Sequence[Exact], bits: int) -> fmpq_mat | arb_mat:
    """sum_k w_k v_k v_k^T, rational if all entries are."""
    rows = [list(row) for row in vectors]
    if all(isinstance(v, fmpq) for row in [*rows, weights] for v in row):
        result: fmpq_mat | arb_mat = _weighted(rows, list(weights), rows, fmpq_mat)
        return result
    with precision(bits):
        balls = [[number.enclose(v) for v in row] for row in rows]
        result = _weighted(balls, [number.enclose(w) for w in weights], balls, arb_mat)
        return result


def add(x: fmpq_mat | arb_mat, y: fmpq_mat | arb_mat, bits: int) -> fmpq_mat | arb_mat:
    """x + y."""
    with precision(bits):
        if isinstance(x, fmpq_mat) and isinstance(y, fmpq_mat):
            return x + y
        return arb_mat(x) + arb_mat(y)


def _rational(x: Exact) -> fmpq:
    if not isinstance(x, fmpq):
        raise _Irrational
    return x


@dataclass(frozen=True)
class _Unit:
    """One unit over all awake samples: du (a table n x len(positions)), s' and s'' per sample."""

    positions: tuple[int, ...]
    du: Table
    first: list[Any]
    second: list[Any]

    def dh(self) -> Table:
        """The derivative of the unit's output: s' du."""
        return [[s * v for v in row] for s, row in zip(self.first, self.du, strict=True)]


def _hessian(state: State, cast: Cast, matrix: Any) -> fmpq_mat | arb_mat:
    size = parameter_count(state.case)
    total: Table = [[cast(fmpq(0))] * size for _ in range(size)]
    for k, rate in enumerate(state.decay_rates):
        total[k][k] = cast(rate)
    if not state.awake:
        return _matrix(total, matrix)
    slopes = [cast(state.output_slope(i)) for i in state.awake]
    curvatures = [cast(state.output_slope(i, 2)) for i in state.awake]
    jacobian: Table = [[] for _ in state.awake]
    for p, layout in enumerate(layouts(state.case)):
        part = _Part(state, p, layout, cast, matrix)
        part.add_second_order(total, slopes)
        for row, more in zip(jacobian, part.jacobian(), strict=True):
            row.extend(more)
    _add_block(total, range(size), range(size), _weighted(jacobian, curvatures, jacobian, matrix).tolist())
    return _matrix(total, matrix)


def _matrix(rows: Table, matrix: Any) -> fmpq_mat | arb_mat:
    result: fmpq_mat | arb_mat = matrix(len(rows), len(rows), [v for row in rows for v in row])
    return result


class _Part:
    """The derivatives of one part's output at all awake samples."""

    def __init__(self, state: State, p: int, layout: PartLayout, cast: Cast, matrix: Any) -> None:
        self.layout, self.matrix = layout, matrix
        self.weights = state.theta[p]
        self.rows = [[[cast(v) for v in row] for row in layer] for layer in self.weights.W]
        self.a = [cast(v) for v in self.weights.a]
        self.one, self.zero = cast(fmpq(1)), cast(fmpq(0))
        traces = [state.traces[p][i] for i in state.awake]
        self.h = [[[cast(v) for v in layer] for layer in trace.h] for trace in traces]  # [sample][layer][unit]
        self.units = self._units(state, p, cast)
        self.beta = self._backward()  # [layer][unit][sample]: df/dh

    def _units(self, state: State, p: int, cast: Cast) -> list[list[_Unit]]:
        layers: list[list[_Unit]] = []
        for layer, blocks in enumerate(self.layout.blocks):
            units: list[_Unit] = []
            bias = [] if blocks[0].bias is None else [self.one]
            inputs: Table = [[*h[layer], *bias] for h in self.h]  # the same for all units of the layer
            for j, block in enumerate(blocks):
                derivatives = [state.unit_derivatives((p, layer, j), i) for i in state.awake]
                positions, own = block.positions, inputs
                if layer:
                    positions, own = self._through(layers[-1], layer, j, positions, own)
                first, second = ([cast(d[k]) for d in derivatives] for k in (0, 1))
                units.append(_Unit(positions, own, first, second))
            layers.append(units)
        return layers

    def _through(
        self, below: list[_Unit], layer: int, j: int, positions: tuple[int, ...], own: Table
    ) -> tuple[tuple[int, ...], Table]:
        """du_lj = (own weights and bias) + sum_k W_ljk dh_(l-1)k."""
        place: dict[int, int] = {}
        for unit in below:
            for position in unit.positions:
                place.setdefault(position, len(place))
        inner: Table = [[self.zero] * len(place) for _ in own]
        for weight, unit in zip(self.rows[layer][j], below, strict=True):
            for target, row in zip(inner, unit.dh(), strict=True):
                for position, v in zip(unit.positions, row, strict=True):
                    target[place[position]] += weight * v
        return (*place, *positions), [[*x, *y] for x, y in zip(inner, own, strict=True)]

    def _backward(self) -> list[list[list[Any]]]:
        n = len(self.h)
        beta: list[list[list[Any]]] = [[[v] * n for v in self.a]]
        for layer in reversed(range(1, len(self.rows))):
            above = [
                [b * s for b, s in zip(row, unit.first, strict=True)]
                for row, unit in zip(beta[0], self.units[layer], strict=True)
            ]
            below = []
            for k in range(len(self.rows[layer][0])):
                column = [self.zero] * n
                for j, delta in enumerate(above):
                    weight = self.rows[layer][j][k]
                    column = [c + weight * d for c, d in zip(column, delta, strict=True)]
                below.append(column)
            beta.insert(0, below)
        return beta

    def jacobian(self) -> Table:
        """df_i for every awake sample, in the part's own order of parameters."""
        start = self.layout.a.stop
        head = [] if self.layout.a0 is None else [self.one]
        top = self.units[-1]
        rows: Table = []
        for i, h in enumerate(self.h):
            factors = [weight * unit.first[i] for weight, unit in zip(self.a, top, strict=True)]
            if len(self.units) == 1:  # the units' positions follow one another
                inner = [f * v for f, unit in zip(factors, top, strict=True) for v in unit.du[i]]
            else:
                inner = [self.zero] * (self.layout.stop - start)
                for f, unit in zip(factors, top, strict=True):
                    for position, v in zip(unit.positions, unit.du[i], strict=True):
                        inner[position - start] += f * v
            rows.append([*head, *h[-1], *inner])
        return rows

    def add_second_order(self, total: Table, slopes: list[Any]) -> None:
        """Add sum_i g_i d2f_i."""
        for layer, units in enumerate(self.units):
            bends = [
                [g * b * c for g, b, c in zip(slopes, beta, unit.second, strict=True)]
                for beta, unit in zip(self.beta[layer], units, strict=True)
            ]
            for unit, square in zip(units, self._squares(units, bends), strict=True):
                _add_block(total, unit.positions, unit.positions, square)
            for j, unit in enumerate(units):
                beta = self.beta[layer][j]
                if layer:
                    delta = [g * b * s for g, b, s in zip(slopes, beta, unit.first, strict=True)]
                    self._add_cross(total, self.layout.blocks[layer][j].weights, self.units[layer - 1], delta)
        self._add_cross(total, self.layout.a, self.units[-1], slopes)

    def _squares(self, units: list[_Unit], bends: Table) -> list[Table]:
        """sum_i d_ij du_ij du_ij^T for each unit j; where all units of a layer have the same du, by one product."""
        du = units[0].du
        size = len(du[0])
        if any(unit.du is not du for unit in units) or size > len(units):
            return [
                _weighted(unit.du, d, unit.du, self.matrix).tolist() for unit, d in zip(units, bends, strict=True)
            ]
        pairs = [[x * y for x in row for y in row] for row in du]
        products = self._product(bends, pairs)
        return [[row[r * size : (r + 1) * size] for r in range(size)] for row in products]

    def _add_cross(self, total: Table, weights: range, below: list[_Unit], factors: list[Any]) -> None:
        """Twice sum_k dw_k dh_k, weighted: the entries (w_k, .) and (., w_k)."""
        rows = [[f * s for f, s in zip(factors, unit.first, strict=True)] for unit in below]
        if all(unit.du is below[0].du for unit in below):
            sums = self._product(rows, below[0].du)
        else:
            sums = [self._product([row], unit.du)[0] for row, unit in zip(rows, below, strict=True)]
        for position, unit, values in zip(weights, below, sums, strict=True):
            _add_block(total, [position], unit.positions, [values])
            _add_block(total, unit.positions, [position], [[v] for v in values])

    def _product(self, left: Table, right: Table) -> Table:
        """The matrix product of two tables."""
        x = self.matrix(len(left), len(right), [v for row in left for v in row])
        product: Table = (x * self.matrix(len(right), len(right[0]), [v for row in right for v in row])).tolist()
        return product


def _weighted(left: Table, weights: list[Any], right: Table, matrix: Any) -> Any:
    """sum_i w_i left_i right_i^T."""
    scaled = [w * v for w, row in zip(weights, left, strict=True) for v in row]
    x = matrix(len(left), len(left[0]), scaled)
    return x.transpose() * matrix(len(right), len(right[0]), [v for row in right for v in row])


def _add_block(total: Table, rows: Sequence[int], columns: Sequence[int], block: Table) -> None:
    for r, values in zip(rows, block, strict=True):
        target = total[r]
        for c, v in zip(columns, values, strict=True):
            target[c] += v
