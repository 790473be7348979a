"""The state of a case over a box of parameters: everything as balls that hold for each point of the box.

An `Enclosure` answers the same questions as an `Analysis`, so that the Hessian (curvature.py) and the moves
(symmetry.py) are computed by the same code. It exists only where every pre-activation and loss argument stays inside
one piece of its function over the whole box; `UnknownSign` or `NeedsSide` is raised otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

from flint import arb, arb_mat, fmpq

from . import number
from .case import Case, Theta, Weights
from .expression import Expression
from .jets import Jet, Jets, jet, jets, like, ones, piece_over, times
from .network import Trace, flatten, layouts, unflatten
from .number import Exact, UnknownSign
from .piecewise import PiecewisePolynomial, piecewise
from .state import State, Unit, is_constant

Kink = tuple[int, int, int]  # part, unit of its first hidden layer, sample
Kinks = Mapping[Kink, tuple[arb, Jet]]  # the pre-activation and the jet that hold there


@dataclass(frozen=True)
class Enclosure(State):
    """A case over a box; members are balls at flint's current precision, which must stay what it was at first use."""

    case: Case
    theta: Theta  # of balls
    kinks: Kinks = field(default_factory=dict)

    @staticmethod
    def over(case: Case, center: Sequence[Exact], radii: Sequence[arb], kinks: Kinks | None = None) -> Enclosure:
        """The box of all parameters within `radii` of `center`, coordinate by coordinate."""
        balls = []
        for c, r in zip(center, radii, strict=True):
            middle = number.enclose(c)
            balls.append((middle - r).union(middle + r))
        return Enclosure(case, unflatten(case, balls), kinks or {})

    @staticmethod
    def at(case: Case, center: Sequence[Exact]) -> Enclosure:
        """The box that is a single point."""
        return Enclosure(case, unflatten(case, [number.enclose(c) for c in center]))

    @cached_property
    def passes(self) -> list[Pass]:
        """The forward pass of each part, all samples at once."""
        inputs = [number.enclose(v) for x in self.case.inputs for v in x]
        x = arb_mat(len(self.case.inputs), len(self.case.inputs[0]), inputs)
        return [
            forward(weights, x, part.activation, self._on_kinks(p))
            for p, (part, weights) in enumerate(zip(self.case.parts, self.theta, strict=True))
        ]

    def _on_kinks(self, part: int) -> dict[tuple[int, int], tuple[arb, Jet]]:
        return {(i, j): found for (p, j, i), found in self.kinks.items() if p == part}

    def sensitivity(self, part: int, unit: int, sample: int) -> arb:
        """df(x_i)/dh for a unit of the first hidden layer."""
        weights = self.theta[part]
        if len(weights.W) == 1:
            return number.enclose(weights.a[unit])
        above = self.passes[part].deltas(weights)[1]
        row = arb_mat(1, above.ncols(), [above[sample, j] for j in range(above.ncols())])
        result: arb = (row * outgoing(weights, 0))[0, unit]
        return result

    @cached_property
    def traces(self) -> list[list[Trace]]:
        """traces[part][sample]."""
        return [[part.trace(i) for i in self.samples] for part in self.passes]

    @cached_property
    def outputs(self) -> list[arb]:
        """f(x_i), one per sample."""
        first, *others = [part.output for part in self.passes]
        for other in others:
            first = [a + b for a, b in zip(first, other, strict=True)]
        return first

    @cached_property
    def _losses(self) -> list[Jet]:
        places = [self.orientation(i) * f for i, f in enumerate(self.outputs)]
        if self.case.targets is None:
            found = jets(self.case.loss(0), arb_mat(len(places), 1, places))
            return list(zip(*(m.entries() for m in (found.value, found.first, found.second)), strict=True))
        return [jet(self.case.loss(i))(z) for i, z in enumerate(places)]

    @cached_property
    def loss(self) -> arb:
        """L over the box, decay included."""
        total = arb(0)
        for i, found in enumerate(self._losses):
            total += self.weights[i] * found[0]
        for rate, v in zip(self.decay_rates, flatten(self.theta), strict=True):
            if not number.is_zero(rate):
                total += number.enclose(rate) * v * v / 2
        return total

    # -- derivatives ---------------------------------------------------------------------------------------------------

    def output_slope(self, sample: int, order: int = 1) -> arb:
        """The first or second derivative of (m_i/N) loss_i with respect to f(x_i)."""
        slope: arb = self.weights[sample] * self._losses[sample][order]
        return slope if order == 2 or self.orientation(sample) == 1 else -slope

    @cached_property
    def weights(self) -> list[arb]:
        """m_i / N."""
        known = {m: number.enclose(fmpq(m, self.case.total)) for m in set(self.case.multiplicity)}
        return [known[m] for m in self.case.multiplicity]

    def unit_derivatives(self, part: int, layer: int) -> list[tuple[list[Any], list[Any]]]:
        """For each unit of a layer s' and s'' at all samples that are awake."""
        found = self.passes[part].jets[layer]
        first, second = (m.transpose().tolist() for m in (found.first, found.second))
        if len(self.awake) < len(self.samples):
            first, second = ([[row[i] for i in self.awake] for row in rows] for rows in (first, second))
        return list(zip(first, second, strict=True))

    @cached_property
    def gradient(self) -> list[arb]:
        """The gradient of L in the flat order."""
        total = [number.enclose(r) * v for r, v in zip(self.decay_rates, flatten(self.theta), strict=True)]
        slopes = arb_mat(len(self.samples), 1, [self.output_slope(i) for i in self.samples])
        for p, (weights, found, layout) in enumerate(zip(self.theta, self.passes, layouts(self.case), strict=True)):
            head = [] if weights.a0 is None else (ones(1, slopes.nrows()) * slopes).entries()
            *inner, last = self.slope_sums[p]
            entries = [*head, *(found.h[-1].transpose() * slopes).entries(), *chain(*(m.entries() for m in inner))]
            entries += [a * v for a, row in zip(weights.a, last.tolist(), strict=True) for v in row]
            for k, value in enumerate(entries):
                total[layout.start + k] += value
        return total

    @cached_property
    def slope_sums(self) -> list[list[arb_mat]]:
        """[part][layer]: sum_i g_i delta_ij x_ik, units x inputs; g_i: loss slopes, delta: `Pass.deltas`."""
        slopes = [self.output_slope(i) for i in self.samples]
        return [found.slope_sums(weights, slopes) for weights, found in zip(self.theta, self.passes, strict=True)]

    # -- pattern -------------------------------------------------------------------------------------------------------

    def extended_input(self, part: int, sample: int) -> tuple[Exact, ...]:
        """(x_i, 1) if the part has hidden biases, else x_i; exact."""
        x = self.case.inputs[sample]
        return (*x, fmpq(1)) if self.case.parts[part].hidden_bias else x

    def local(self, unit: Unit, sample: int) -> tuple[Exact, ...] | None:
        """The polynomial that the activation equals over the whole box at this unit and sample, or None."""
        part, layer, j = unit
        whole = piecewise(self.case.parts[part].activation)
        return None if whole is None else _piece_over(whole, self.passes[part].u[layer][sample, j])

    @cached_property
    def awake(self) -> tuple[int, ...]:
        """The samples whose loss is not constant over the box."""
        if self.case.targets is not None:
            return tuple(self.samples)
        whole = piecewise(self.case.loss(0))
        if whole is None:
            return tuple(self.samples)
        places = [self.orientation(i) * f for i, f in enumerate(self.outputs)]
        return tuple(i for i, z in enumerate(places) if not is_constant(_piece_over(whole, z)))


@dataclass(frozen=True)
class Pass:
    """One part on all samples: the inputs; for each hidden layer the pre-activations u and the activation there, n x
    width; the outputs.
    """

    x: arb_mat
    u: list[arb_mat]
    jets: list[Jets]
    output: list[arb]

    @cached_property
    def h(self) -> list[arb_mat]:
        """What each layer reads, the output last."""
        return [self.x, *(found.value for found in self.jets)]

    @cached_property
    def _rows(self) -> tuple[list[list[list[arb]]], list[list[list[arb]]]]:
        return [u.tolist() for u in self.u], [h.tolist() for h in self.h]

    def trace(self, sample: int) -> Trace:
        """One sample."""
        u, h = (tuple(rows[sample] for rows in layers) for layers in self._rows)
        return Trace(u, h, self.output[sample])

    def deltas(self, weights: Weights) -> list[arb_mat]:
        """df/du for each hidden layer, n x width; for the last layer without its factors a, equal for all samples."""
        found = [self.jets[-1].first]
        for layer in reversed(range(len(weights.W) - 1)):
            found.insert(0, times(found[0] * outgoing(weights, layer), self.jets[layer].first))
        return found

    def slope_sums(self, weights: Weights, slopes: Sequence[arb]) -> list[arb_mat]:
        """See `Enclosure.slope_sums`."""
        result = []
        for delta, below in zip(self.deltas(weights), self.h, strict=False):
            inputs = [[s * v for v in row] for s, row in zip(slopes, below.tolist(), strict=True)]
            if weights.b is not None:
                inputs = [[*row, s] for row, s in zip(inputs, slopes, strict=True)]
            result.append(delta.transpose() * arb_mat(inputs))
        return result


def forward(
    weights: Weights, x: arb_mat, activation: Expression, kinks: Mapping[tuple[int, int], tuple[arb, Jet]]
) -> Pass:
    """u_l = h_(l-1) W_l^T + b_l, h_l = s(u_l), f = a0 + h_L a, as matrix products.

    `kinks`: (sample, unit) of the first layer -> the pre-activation and the jet to be taken there.
    """
    us: list[arb_mat] = []
    found: list[Jets] = []
    h, column = x, ones(x.nrows(), 1)
    for layer, rows in enumerate(weights.W):
        u = h * matrix(rows).transpose()
        if weights.b is not None:
            u = u + column * matrix([weights.b[layer]])
        fixed = {} if layer else {i * u.ncols() + j: found for (i, j), found in kinks.items()}
        if fixed:
            flat = u.entries()
            for k, (at, _) in fixed.items():
                flat[k] = at
            u = like(u, flat)
        us.append(u)
        found.append(jets(activation, u, {k: jet for k, (_, jet) in fixed.items()}))
        h = found[-1].value
    output = h * matrix([weights.a]).transpose()
    if weights.a0 is not None:
        output = output + column * number.enclose(weights.a0)
    return Pass(x, us, found, output.entries())


def outgoing(weights: Weights, layer: int) -> arb_mat:
    """df/dh = deltas * this matrix, where the deltas are those of the layer above."""
    rows = weights.W[layer + 1]
    if layer + 2 == len(weights.W):
        rows = tuple(tuple(a * v for v in row) for a, row in zip(weights.a, rows, strict=True))
    return matrix(rows)


def matrix(rows: Sequence[Sequence[Any]]) -> arb_mat:
    return arb_mat([list(row) for row in rows])


def _piece_over(whole: PiecewisePolynomial, u: arb) -> tuple[Exact, ...] | None:
    try:
        return tuple(whole.pieces[piece_over(whole, u)].coeffs())
    except UnknownSign:
        return None
