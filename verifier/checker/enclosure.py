"""The state of a case over a box of parameters: everything as balls that hold for each point of the box.

An `Enclosure` answers the same questions as an `Analysis`, so that the Hessian (curvature.py) and the moves
(symmetry.py) are computed by the same code. It exists only where every pre-activation and loss argument stays inside
one piece of its function over the whole box; `UnknownSign` or `NeedsSide` is raised otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from operator import mul
from typing import Any

from flint import arb, arb_mat, fmpq, fmpq_poly

from . import number
from .case import Case, Theta, Weights
from .expression import Expression
from .germ import NeedsSide, germ
from .network import Trace, flatten, layouts, unflatten
from .number import Exact, UnknownSign
from .piecewise import PiecewisePolynomial, piecewise
from .state import State, Unit, is_constant

Jet = tuple[Any, Any, Any]  # value, first and second derivative
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
            forward(weights, x, jets(part.activation), self._on_kinks(p))
            for p, (part, weights) in enumerate(zip(self.case.parts, self.theta, strict=True))
        ]

    def _on_kinks(self, part: int) -> dict[tuple[int, int], tuple[arb, Jet]]:
        return {(i, j): found for (p, j, i), found in self.kinks.items() if p == part}

    def sensitivity(self, part: int, unit: int, sample: int) -> arb:
        """df(x_i)/dh for a unit of the first hidden layer."""
        result: arb = self.passes[part].slopes(self.theta[part])[0][sample, unit]
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
            return list(zip(*jets(self.case.loss(0))(places, {}), strict=True))
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
        found = self.passes[part]
        first, second = (m[layer].transpose().tolist() for m in (found.first, found.second))
        if len(self.awake) < len(self.samples):
            first, second = ([[row[i] for i in self.awake] for row in rows] for rows in (first, second))
        return list(zip(first, second, strict=True))

    @cached_property
    def gradient(self) -> list[arb]:
        """The gradient of L in the flat order."""
        total = [number.enclose(r) * v for r, v in zip(self.decay_rates, flatten(self.theta), strict=True)]
        slopes = [self.output_slope(i) for i in self.samples]
        for weights, found, layout in zip(self.theta, self.passes, layouts(self.case), strict=True):
            for k, value in enumerate(backward(weights, found, slopes)):
                total[layout.start + k] += value
        return total

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
    """One part on all samples. Matrices n x width: u[layer], and the activation's value h[layer + 1] and derivatives
    first[layer], second[layer] there; h[0] holds the inputs. The outputs.
    """

    u: list[arb_mat]
    h: list[arb_mat]
    first: list[arb_mat]
    second: list[arb_mat]
    output: list[arb]

    @cached_property
    def _rows(self) -> tuple[list[list[list[arb]]], list[list[list[arb]]]]:
        return [u.tolist() for u in self.u], [h.tolist() for h in self.h]

    def trace(self, sample: int) -> Trace:
        """One sample."""
        u, h = (tuple(rows[sample] for rows in layers) for layers in self._rows)
        return Trace(u, h, self.output[sample])

    def slopes(self, weights: Weights) -> list[arb_mat]:
        """df/dh for each hidden layer, n x width."""
        n = len(self.output)
        found = [arb_mat(n, 1, [1] * n) * _matrix([weights.a])]
        for layer in reversed(range(1, len(weights.W))):
            found.insert(0, times(found[0], self.first[layer]) * _matrix(weights.W[layer]))
        return found


def forward(
    weights: Weights, x: arb_mat, activation: Jets, kinks: Mapping[tuple[int, int], tuple[arb, Jet]]
) -> Pass:
    """u_l = h_(l-1) W_l^T + b_l, h_l = s(u_l), f = a0 + h_L a, as matrix products.

    `kinks`: (sample, unit) of the first layer -> the pre-activation and the jet to be taken there.
    """
    us, hs, firsts, seconds = [], [x], [], []
    ones = arb_mat(x.nrows(), 1, [1] * x.nrows())
    for layer, rows in enumerate(weights.W):
        u = hs[-1] * _matrix(rows).transpose()
        if weights.b is not None:
            u = u + ones * _matrix([weights.b[layer]])
        fixed = {} if layer else kinks
        flat, width = u.entries(), u.ncols()
        for (i, j), (at, _) in fixed.items():
            flat[i * width + j] = at
        jets = activation(flat, {i * width + j: jet for (i, j), (_, jet) in fixed.items()})
        h, first, second = (arb_mat(u.nrows(), width, values) for values in jets)
        us.append(arb_mat(u.nrows(), width, flat) if fixed else u)
        hs.append(h)
        firsts.append(first)
        seconds.append(second)
    output = hs[-1] * _matrix([weights.a]).transpose()
    if weights.a0 is not None:
        output = output + ones * number.enclose(weights.a0)
    return Pass(us, hs, firsts, seconds, output.entries())


def backward(weights: Weights, found: Pass, slopes: Sequence[arb]) -> list[arb]:
    """The gradient of sum_i slopes_i f_part(x_i), in the part's order of parameters."""
    g = arb_mat(len(slopes), 1, list(slopes))
    head = [] if weights.a0 is None else (arb_mat(1, len(slopes), [1] * len(slopes)) * g).entries()
    entries = [*head, *(found.h[-1].transpose() * g).entries()]
    for beta, first, below in zip(found.slopes(weights), found.first, found.h, strict=False):
        inputs = [[s * v for v in row] for s, row in zip(slopes, below.tolist(), strict=True)]
        if weights.b is not None:
            inputs = [[*row, s] for row, s in zip(inputs, slopes, strict=True)]
        if first is found.first[-1]:  # df/dh is the same for all samples
            rows = (first.transpose() * arb_mat(inputs)).tolist()
            entries += [a * v for a, row in zip(weights.a, rows, strict=True) for v in row]
        else:
            entries += (times(beta, first).transpose() * arb_mat(inputs)).entries()
    return entries


def times(x: arb_mat, y: arb_mat) -> arb_mat:
    """The product entry by entry."""
    return arb_mat(x.nrows(), x.ncols(), list(map(mul, x.entries(), y.entries())))


def _matrix(rows: Sequence[Sequence[Any]]) -> arb_mat:
    return arb_mat([list(row) for row in rows])


def _piece_over(whole: PiecewisePolynomial, u: arb) -> tuple[Exact, ...] | None:
    try:
        return tuple(whole.pieces[piece_over(whole, u)].coeffs())
    except UnknownSign:
        return None


# -- jets --------------------------------------------------------------------------------------------------------------


Jets = Callable[[Sequence[arb], Mapping[int, Jet]], tuple[list[arb], list[arb], list[arb]]]


@lru_cache(maxsize=64)
def jets(expression: Expression) -> Jets:
    """(u_k), {k: jet taken as given} -> (s(u_k)), (s'(u_k)), (s''(u_k)) over balls; raises UnknownSign where a ball may
    meet a breakpoint.
    """
    closed = _CLOSED.get(expression.op) if expression.args and expression.args[0].op == "var" else None
    if closed is not None:
        return closed
    one = jet(expression)

    def general(us: Sequence[arb], given: Mapping[int, Jet]) -> tuple[list[arb], list[arb], list[arb]]:
        found = [given.get(k) or one(u) for k, u in enumerate(us)]
        values, first, second = map(list, zip(*found, strict=True))
        return values, first, second

    return general


@lru_cache(maxsize=64)
def jet(expression: Expression) -> Callable[[arb], Jet]:
    """u -> (s(u), s'(u), s''(u)) over one ball; raises UnknownSign where the ball may meet a breakpoint."""
    whole = piecewise(expression)
    if whole is not None:
        return _polynomial_jet(whole)

    def general(u: arb) -> Jet:
        try:
            c0, c1, c2 = germ(expression, u, None, 2)
        except NeedsSide:
            raise UnknownSign("a ball meets a breakpoint") from None
        return number.enclose(c0), number.enclose(c1), 2 * number.enclose(c2)

    return general


def _polynomial_jet(whole: PiecewisePolynomial) -> Callable[[arb], Jet]:
    derivatives = [[p, p.derivative(), p.derivative().derivative()] for p in whole.pieces]

    def piece(u: arb) -> Jet:
        value, first, second = (_at(p, u) for p in derivatives[piece_over(whole, u)])
        return value, first, second

    return piece


def piece_over(whole: PiecewisePolynomial, u: arb) -> int:
    """The index of the piece that holds on the ball; raises UnknownSign if it meets a breakpoint."""
    index = 0
    for b in whole.breakpoints:
        if u > b:
            index += 1
        elif not u < b:
            raise UnknownSign("a ball meets a breakpoint")
    return index


def _at(p: fmpq_poly, u: arb) -> arb:
    total = arb(0)
    for c in reversed(p.coeffs()):
        total = total * u + arb(c)
    return total


def _sigmoid(us: Sequence[arb], _: Mapping[int, Jet]) -> tuple[list[arb], list[arb], list[arb]]:
    values = list(map(number.sigmoid, us))
    first = [s - s * s for s in values]
    return values, first, [v - 2 * (v * s) for v, s in zip(first, values, strict=True)]


def _softplus(us: Sequence[arb], _: Mapping[int, Jet]) -> tuple[list[arb], list[arb], list[arb]]:
    first = list(map(number.sigmoid, us))
    return list(map(number.softplus, us)), first, [s - s * s for s in first]


def _tanh(us: Sequence[arb], _: Mapping[int, Jet]) -> tuple[list[arb], list[arb], list[arb]]:
    values = [u.tanh() for u in us]
    first = [1 - t * t for t in values]
    return values, first, [-2 * (t * v) for t, v in zip(values, first, strict=True)]


def _exp(us: Sequence[arb], _: Mapping[int, Jet]) -> tuple[list[arb], list[arb], list[arb]]:
    values = [u.exp() for u in us]
    return values, values, values


def _arctan(us: Sequence[arb], _: Mapping[int, Jet]) -> tuple[list[arb], list[arb], list[arb]]:
    first = [1 / (1 + u * u) for u in us]
    return [u.atan() for u in us], first, [-2 * (u * (v * v)) for u, v in zip(us, first, strict=True)]


# Smooth on all of R: no kinks are ever given.
_CLOSED: dict[str, Jets] = {
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "tanh": _tanh,
    "exp": _exp,
    "arctan": _arctan,
}
