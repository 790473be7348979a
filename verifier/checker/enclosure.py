"""The state of a case over a box of parameters: everything as balls that hold for each point of the box.

An `Enclosure` answers the same questions as an `Analysis`, so that the Hessian (curvature.py) and the moves
(symmetry.py) are computed by the same code. It exists only where every pre-activation and loss argument stays inside
one piece of its function over the whole box; `UnknownSign` or `NeedsSide` is raised otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
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

Jet = tuple[Any, Any, Any]  # value, first derivative, half the second derivative
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
            forward(weights, x, jet(part.activation), self._on_kinks(p))
            for p, (part, weights) in enumerate(zip(self.case.parts, self.theta, strict=True))
        ]

    def _on_kinks(self, part: int) -> dict[tuple[int, int], tuple[arb, Jet]]:
        return {(i, j): found for (p, j, i), found in self.kinks.items() if p == part}

    def sensitivity(self, part: int, unit: int, sample: int) -> arb:
        """df(x_i)/dh for a unit of the first hidden layer."""
        weights, found = self.theta[part], self.passes[part]
        beta: list[Any] = list(weights.a)
        for layer in reversed(range(1, len(weights.W))):
            delta = [b * jet[1] for b, jet in zip(beta, found.jets[layer][sample], strict=True)]
            beta = [
                sum((d * row[k] for d, row in zip(delta, weights.W[layer], strict=True)), arb(0))
                for k in range(len(weights.W[layer][0]))
            ]
        result: arb = beta[unit]
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
        shared = jet(self.case.loss(0)) if self.case.targets is None else None
        return [
            (shared or jet(self.case.loss(i)))(self.orientation(i) * f) for i, f in enumerate(self.outputs)
        ]

    @cached_property
    def loss(self) -> arb:
        """L over the box, decay included."""
        total = arb(0)
        for i, found in enumerate(self._losses):
            total += self.weight(i) * found[0]
        for rate, v in zip(self.decay_rates, flatten(self.theta), strict=True):
            if not number.is_zero(rate):
                total += number.enclose(rate) * v * v / 2
        return total

    # -- derivatives ---------------------------------------------------------------------------------------------------

    def output_slope(self, sample: int, order: int = 1) -> arb:
        """The first or second derivative of (m_i/N) loss_i with respect to f(x_i)."""
        factor = self.orientation(sample) if order == 1 else 2
        slope: arb = self.weight(sample) * factor * self._losses[sample][order]
        return slope

    def unit_derivatives(self, unit: Unit, sample: int) -> tuple[Any, Any]:
        """(s', s'') at one unit and sample."""
        part, layer, j = unit
        found = self.passes[part].jets[layer][sample][j]
        return found[1], 2 * found[2]

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
        return None if whole is None else _piece_over(whole, self.passes[part].u[layer][sample][j])

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
    """One part on all samples: u[layer][sample][unit], the activation's jets there, h[layer] (n x width, h[0] the
    inputs), and the outputs.
    """

    u: list[list[list[arb]]]
    jets: list[list[list[Jet]]]
    h: list[arb_mat]
    output: list[arb]

    @cached_property
    def _rows(self) -> list[list[list[arb]]]:
        return [h.tolist() for h in self.h]

    def trace(self, sample: int) -> Trace:
        """One sample."""
        u = tuple(layer[sample] for layer in self.u)
        return Trace(u, tuple(rows[sample] for rows in self._rows), self.output[sample])


def forward(
    weights: Weights, x: arb_mat, activation: Callable[[arb], Jet], kinks: Mapping[tuple[int, int], tuple[arb, Jet]]
) -> Pass:
    """u_l = h_(l-1) W_l^T + b_l, h_l = s(u_l), f = a0 + h_L a, as matrix products.

    `kinks`: (sample, unit) of the first layer -> the pre-activation and the jet to be taken there.
    """
    us, jets, hs = [], [], [x]
    for layer, rows in enumerate(weights.W):
        bias = None if weights.b is None else weights.b[layer]
        product = (hs[-1] * _matrix(rows).transpose()).tolist()
        if bias is not None:
            product = [[u + b for u, b in zip(row, bias, strict=True)] for row in product]
        fixed = {} if layer else kinks
        for (i, j), (u, _) in fixed.items():
            product[i][j] = u
        us.append(product)
        jets.append(
            [
                [fixed[i, j][1] if (i, j) in fixed else activation(u) for j, u in enumerate(row)]
                for i, row in enumerate(product)
            ]
            if fixed
            else [[activation(u) for u in row] for row in product]
        )
        hs.append(arb_mat([[found[0] for found in row] for row in jets[-1]]))
    output = (hs[-1] * _matrix([weights.a]).transpose()).entries()
    if weights.a0 is not None:
        output = [f + weights.a0 for f in output]
    return Pass(us, jets, hs, output)


def backward(weights: Weights, found: Pass, slopes: Sequence[arb]) -> list[arb]:
    """The gradient of sum_i slopes_i f_part(x_i), in the part's order of parameters."""
    g = arb_mat(len(slopes), 1, list(slopes))
    ones = arb_mat(1, len(slopes), [1] * len(slopes))
    beta: arb_mat = g * _matrix([weights.a])  # n x width: slope_i df_i/dh
    layers: list[list[arb]] = []
    for layer in reversed(range(len(weights.W))):
        jets = found.jets[layer]
        rows = [[b * jet[1] for b, jet in zip(r, js, strict=True)] for r, js in zip(beta.tolist(), jets, strict=True)]
        delta = arb_mat(rows)
        entries = (delta.transpose() * found.h[layer]).tolist()
        if weights.b is not None:
            entries = [[*row, b] for row, b in zip(entries, (ones * delta).entries(), strict=True)]
        layers.append([v for row in entries for v in row])
        beta = delta * _matrix(weights.W[layer])
    head = [] if weights.a0 is None else (ones * g).entries()
    return [*head, *(found.h[-1].transpose() * g).entries(), *(v for layer in reversed(layers) for v in layer)]


def _matrix(rows: Sequence[Sequence[Any]]) -> arb_mat:
    return arb_mat([list(row) for row in rows])


def _piece_over(whole: PiecewisePolynomial, u: arb) -> tuple[Exact, ...] | None:
    index = 0
    for b in whole.breakpoints:
        if u > b:
            index += 1
        elif not u < b:
            return None
    return tuple(whole.pieces[index].coeffs())


# -- jets --------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def jet(expression: Expression) -> Callable[[arb], Jet]:
    """u -> (s(u), s'(u), s''(u)/2) over a ball; raises UnknownSign where the ball may meet a breakpoint."""
    closed = _CLOSED.get(expression.op) if expression.args and expression.args[0].op == "var" else None
    if closed is not None:
        return closed
    whole = piecewise(expression)
    if whole is not None:
        return _polynomial_jet(whole)

    def general(u: arb) -> Jet:
        try:
            c0, c1, c2 = germ(expression, u, None, 2)
        except NeedsSide:
            raise UnknownSign("a ball meets a breakpoint") from None
        return c0, c1, c2

    return general


def _polynomial_jet(whole: PiecewisePolynomial) -> Callable[[arb], Jet]:
    def piece(u: arb) -> Jet:
        index = 0
        for b in whole.breakpoints:
            if u > b:
                index += 1
            elif not u < b:
                raise UnknownSign("a ball meets a breakpoint")
        p = whole.pieces[index]
        first = p.derivative()
        return _at(p, u), _at(first, u), _at(first.derivative(), u) / 2

    return piece


def _at(p: fmpq_poly, u: arb) -> arb:
    total = arb(0)
    for c in reversed(p.coeffs()):
        total = total * u + arb(c)
    return total


def _sigmoid(u: arb) -> Jet:
    s = number.sigmoid(u)
    first = s * (1 - s)
    return s, first, first * (1 - 2 * s) / 2


def _softplus(u: arb) -> Jet:
    s = number.sigmoid(u)
    return number.softplus(u), s, s * (1 - s) / 2


def _tanh(u: arb) -> Jet:
    t = u.tanh()
    first = 1 - t * t
    return t, first, -t * first


def _exp(u: arb) -> Jet:
    e = u.exp()
    return e, e, e / 2


def _arctan(u: arb) -> Jet:
    first = 1 / (1 + u * u)
    return u.atan(), first, -u * first * first


_CLOSED: dict[str, Callable[[arb], Jet]] = {
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "tanh": _tanh,
    "exp": _exp,
    "arctan": _arctan,
}
