"""The Hessian of L at a point: rational if every entry of the computation is, else in balls.

With g_i, k_i the first and second derivative of (m_i/N) loss_i with respect to f(x_i), H = sum_i k_i df_i df_i^T +
sum_i g_i d2f_i + diag(decay rates). For a layered part, u_l = W_l h_(l-1) + b_l, h_l = s(u_l), f = a0 + a . h_L and
B_lj = df/dh_lj give

    d2f = sum_lj B_lj s''(u_lj) (du_lj)^2 + 2 sum_lj B_lj s'(u_lj) sum_k dW_ljk dh_(l-1)k + 2 sum_j da_j dh_Lj.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import mul
from typing import Any

from flint import arb, arb_mat, fmpq, fmpq_mat

from . import number
from .network import PartLayout, layouts, parameter_count
from .number import Exact, precision
from .state import State

Table = list[list[Any]]
Cast = Callable[[Iterable[Any]], list[Any]]


class _Irrational(Exception):
    """An entry is not rational: balls are needed."""


def hessian(state: State, bits: int) -> fmpq_mat | arb_mat:
    """The P x P Hessian, symmetric; L must be C^2 near the point (`require_smooth(2)`). Balls at `bits` bits."""
    try:
        return _hessian(state, _rational, fmpq_mat)
    except _Irrational:
        with precision(bits):
            return _hessian(state, balls, arb_mat)


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


def _rational(values: Iterable[Exact]) -> list[Any]:
    found = list(values)
    if not all(isinstance(x, fmpq) for x in found):
        raise _Irrational
    return found


def balls(values: Iterable[Any]) -> list[arb]:
    """Numbers enclosed at the current precision."""
    found = list(values)
    return found if set(map(type, found)) == {arb} else list(map(number.enclose, found))


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


@dataclass(frozen=True)
class Factors:
    """One layer's columns of the Jacobian of a part's output: row i is delta[i] (x) features[i], the inputs of one unit
    side by side. delta: n x units; features: n x inputs of the layer (with 1 for a bias).
    """

    delta: Table
    features: Table

    def rows(self) -> Table:
        """The columns written out."""
        return [[d * h for d in ds for h in hs] for ds, hs in zip(self.delta, self.features, strict=True)]


def _hessian(state: State, cast: Cast, matrix: Any) -> fmpq_mat | arb_mat:
    size = parameter_count(state.case)
    parts = part_derivatives(state, cast, matrix)
    total = second_order(state, parts, cast)
    if state.awake:
        curvatures = cast(state.output_slope(i, 2) for i in state.awake)
        jacobian: Table = [[] for _ in state.awake]
        for factors in (f for part in parts for f in part.factors()):
            for row, more in zip(jacobian, factors.rows(), strict=True):
                row.extend(more)
        _add_block(total, range(size), range(size), _weighted(jacobian, curvatures, jacobian, matrix).tolist())
    return _matrix(total, matrix)


def part_derivatives(state: State, cast: Cast, matrix: Any) -> list[PartDerivatives]:
    """The derivatives of each part's output; none if no sample is awake."""
    if not state.awake:
        return []
    return [PartDerivatives(state, p, layout, cast, matrix) for p, layout in enumerate(layouts(state.case))]


def second_order(state: State, parts: Sequence[PartDerivatives], cast: Cast) -> Table:
    """sum_i g_i d2f_i + diag(decay rates), P x P."""
    size = parameter_count(state.case)
    (zero,) = cast([fmpq(0)])
    total: Table = [[zero] * size for _ in range(size)]
    for k, rate in enumerate(cast(state.decay_rates)):
        total[k][k] = rate
    slopes = cast(state.output_slope(i) for i in state.awake)
    for part in parts:
        part.add_second_order(total, slopes)
    return total


def _matrix(rows: Table, matrix: Any) -> fmpq_mat | arb_mat:
    result: fmpq_mat | arb_mat = matrix(len(rows), len(rows), [v for row in rows for v in row])
    return result


class PartDerivatives:
    """The derivatives of one part's output at all awake samples."""

    def __init__(self, state: State, p: int, layout: PartLayout, cast: Cast, matrix: Any) -> None:
        self.layout, self.matrix = layout, matrix
        self.weights = state.theta[p]
        self.rows = [[cast(row) for row in layer] for layer in self.weights.W]
        self.a = cast(self.weights.a)
        (self.one, self.zero) = cast([fmpq(1), fmpq(0)])
        traces = [state.traces[p][i] for i in state.awake]
        bias = [] if layout.blocks[0][0].bias is None else [self.one]
        depth = len(layout.blocks)
        # [layer][sample]: what the layer reads, with 1 for a bias; the last one is read by the output
        self.features = [[[*cast(trace.h[layer]), *bias] for trace in traces] for layer in range(depth)]
        head = [] if layout.a0 is None else [self.one]
        self.features.append([[*head, *cast(trace.h[depth])] for trace in traces])
        self.units = self._units(state, p, cast)
        self.beta = self._backward()  # [layer][unit][sample]: df/dh

    def _units(self, state: State, p: int, cast: Cast) -> list[list[_Unit]]:
        layers: list[list[_Unit]] = []
        for layer, blocks in enumerate(self.layout.blocks):
            units: list[_Unit] = []
            derivatives = state.unit_derivatives(p, layer)
            for j, (block, (first, second)) in enumerate(zip(blocks, derivatives, strict=True)):
                positions, own = block.positions, self.features[layer]  # the first layer's units share this table
                if layer:
                    positions, own = self._through(layers[-1], layer, j, positions, own)
                units.append(_Unit(positions, own, cast(first), cast(second)))
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
        n = len(self.features[0])
        beta: list[list[list[Any]]] = [[[v] * n for v in self.a]]
        for layer in reversed(range(1, len(self.rows))):
            above = self._delta(layer, beta[0])
            below = []
            for k in range(len(self.rows[layer][0])):
                column = [self.zero] * n
                for j, delta in enumerate(above):
                    weight = self.rows[layer][j][k]
                    column = [c + weight * d for c, d in zip(column, delta, strict=True)]
                below.append(column)
            beta.insert(0, below)
        return beta

    def _delta(self, layer: int, beta: list[list[Any]]) -> list[list[Any]]:
        """df/du [unit][sample]."""
        return [list(map(mul, row, unit.first)) for row, unit in zip(beta, self.units[layer], strict=True)]

    def factors(self) -> list[Factors]:
        """The Jacobian of the part's output in factors, in the part's own order of parameters."""
        head = Factors([[self.one]] * len(self.features[0]), self.features[-1])
        layers = range(len(self.units))
        deltas = [list(map(list, zip(*self._delta(layer, self.beta[layer]), strict=True))) for layer in layers]
        return [head, *(Factors(deltas[layer], self.features[layer]) for layer in layers)]

    def add_second_order(self, total: Table, slopes: list[Any]) -> None:
        """Add sum_i g_i d2f_i."""
        for layer, units in enumerate(self.units):
            for unit, square in zip(units, self._squares(layer, slopes), strict=True):
                _add_block(total, unit.positions, unit.positions, square)
            if layer:
                for j, delta in enumerate(self._delta(layer, self.beta[layer])):
                    weights = self.layout.blocks[layer][j].weights
                    self._add_cross(total, weights, self.units[layer - 1], list(map(mul, slopes, delta)))
        self._add_cross(total, self.layout.a, self.units[-1], slopes)

    def _squares(self, layer: int, slopes: list[Any]) -> list[Table]:
        """sum_i g_i beta_ij s''_ij du_ij du_ij^T for each unit j; where all units of the layer have the same du, by one
        product.
        """
        units = self.units[layer]
        du, size = units[0].du, len(units[0].du[0])
        if any(unit.du is not du for unit in units) or size > len(units):
            bends = [map(mul, slopes, map(mul, b, u.second)) for b, u in zip(self.beta[layer], units, strict=True)]
            return [_weighted(u.du, list(d), u.du, self.matrix).tolist() for u, d in zip(units, bends, strict=True)]
        pairs = [[x * y for x in (g * v for v in row) for y in row] for g, row in zip(slopes, du, strict=True)]
        if layer + 1 == len(self.units):  # beta is the same for all samples
            products = self._product([unit.second for unit in units], pairs)
            products = [[a * v for v in row] for a, row in zip(self.a, products, strict=True)]
        else:
            bends = [map(mul, b, u.second) for b, u in zip(self.beta[layer], units, strict=True)]
            products = self._product(list(map(list, bends)), pairs)
        return [[row[r * size : (r + 1) * size] for r in range(size)] for row in products]

    def _add_cross(self, total: Table, weights: range, below: list[_Unit], factors: list[Any]) -> None:
        """Twice sum_k dw_k dh_k, weighted: the entries (w_k, .) and (., w_k)."""
        if all(unit.du is below[0].du for unit in below):
            weighted = [[f * v for v in row] for f, row in zip(factors, below[0].du, strict=True)]
            sums = self._product([unit.first for unit in below], weighted)
        else:
            rows = [list(map(mul, factors, unit.first)) for unit in below]
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
