"""The state of a case over a box of parameters: everything as balls that hold for each point of the box.

An `Enclosure` answers the same questions as an `Analysis`, so that the Hessian (curvature.py) and the moves
(symmetry.py) are computed by the same code. It exists only where every pre-activation and loss argument stays inside
one piece of its function over the whole box; `UnknownSign` or `NeedsSide` is raised otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from operator import add
from typing import Any

from flint import arb, fmpq, fmpq_poly

from . import number
from .case import Case, Theta
from .expression import Expression
from .germ import NeedsSide, germ
from .network import Trace, backward, dot, flatten, layouts, parameter_count, unflatten
from .number import Exact, UnknownSign
from .piecewise import PiecewisePolynomial, piecewise
from .state import Unit, is_constant

Jet = tuple[Any, Any, Any]  # value, first derivative, half the second derivative


@dataclass(frozen=True)
class Enclosure:
    """A case over a box; members are balls at flint's current precision, which must stay what it was at first use."""

    case: Case
    theta: Theta  # of balls

    @staticmethod
    def over(case: Case, center: Sequence[Exact], radii: Sequence[arb]) -> Enclosure:
        """The box of all parameters within `radii` of `center`, coordinate by coordinate."""
        balls = []
        for c, r in zip(center, radii, strict=True):
            middle = number.enclose(c)
            balls.append((middle - r).union(middle + r))
        return Enclosure(case, unflatten(case, balls))

    @staticmethod
    def at(case: Case, center: Sequence[Exact]) -> Enclosure:
        """The box that is a single point."""
        return Enclosure(case, unflatten(case, [number.enclose(c) for c in center]))

    @property
    def samples(self) -> range:
        """The indices of all samples."""
        return range(len(self.case.inputs))

    @cached_property
    def _inputs(self) -> list[list[arb]]:
        return [[number.enclose(v) for v in x] for x in self.case.inputs]

    @cached_property
    def _passes(self) -> list[list[tuple[Trace, list[list[Jet]]]]]:
        """Per part and sample: the forward pass, and the activation's jets at every unit."""
        return [
            [_forward(weights, x, jet(part.activation)) for x in self._inputs]
            for part, weights in zip(self.case.parts, self.theta, strict=True)
        ]

    @property
    def traces(self) -> list[list[Trace]]:
        """traces[part][sample]."""
        return [[trace for trace, _ in part] for part in self._passes]

    @cached_property
    def outputs(self) -> list[arb]:
        """f(x_i), one per sample."""
        return [reduce(add, (part[i][0].output for part in self._passes)) for i in self.samples]

    def orientation(self, sample: int) -> int:
        """d(loss argument)/df."""
        return 1 if self.case.labels is None else -self.case.labels[sample]

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

    def weight(self, sample: int) -> fmpq:
        """m_i / N."""
        return fmpq(self.case.multiplicity[sample], self.case.total)

    @cached_property
    def decay_rates(self) -> tuple[Exact, ...]:
        """r_k for each parameter: the penalty is sum r_k theta_k^2 / 2."""
        rates: list[Exact] = [self.case.weight_decay] * parameter_count(self.case)
        if self.case.parts[-1].name == "exponential":
            position = layouts(self.case)[-1].a.start
            rates[position] = rates[position] + self.case.exponential_decay
        return tuple(rates)

    # -- derivatives ---------------------------------------------------------------------------------------------------

    def output_slope(self, sample: int, order: int = 1) -> arb:
        """The first or second derivative of (m_i/N) loss_i with respect to f(x_i)."""
        factor = self.orientation(sample) if order == 1 else 2
        slope: arb = self.weight(sample) * factor * self._losses[sample][order]
        return slope

    def unit_derivatives(self, unit: Unit, sample: int) -> tuple[Any, Any]:
        """(s', s'') at one unit and sample."""
        part, layer, j = unit
        found = self._passes[part][sample][1][layer][j]
        return found[1], 2 * found[2]

    @cached_property
    def gradient(self) -> list[arb]:
        """The gradient of L in the flat order."""
        total = [number.enclose(r) * v for r, v in zip(self.decay_rates, flatten(self.theta), strict=True)]
        for p, layout in enumerate(layouts(self.case)):
            for i in self.samples:
                g = self.output_slope(i)
                trace, jets = self._passes[p][i]
                for k, value in enumerate(backward(self.theta[p], trace, _slopes(jets))):
                    total[layout.start + k] += g * value
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
        return None if whole is None else _piece_over(whole, self._passes[part][sample][0].u[layer][j])

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

    def dead_layer(self, part: int, sample: int) -> int | None:
        """The last hidden layer all of whose units are constant over the box on the sample."""
        for layer in reversed(range(self.case.parts[part].depth)):
            width = self.case.parts[part].hidden[layer]
            if all(is_constant(self.local((part, layer, j), sample)) for j in range(width)):
                return layer
        return None


def _forward(weights: Any, x: list[arb], activation: Callable[[arb], Jet]) -> tuple[Trace, list[list[Jet]]]:
    us: list[list[arb]] = []
    hs: list[list[arb]] = [x]
    jets: list[list[Jet]] = []
    for layer, rows in enumerate(weights.W):
        bias = None if weights.b is None else weights.b[layer]
        us.append([dot(row, hs[-1], None if bias is None else bias[j]) for j, row in enumerate(rows)])
        jets.append([activation(u) for u in us[-1]])
        hs.append([found[0] for found in jets[-1]])
    return Trace(tuple(us), tuple(hs), dot(weights.a, hs[-1], weights.a0)), jets


def _slopes(jets: list[list[Jet]]) -> Callable[[Any], Any]:
    """The slopes in the order in which `backward` asks for them: layer by layer from the last."""
    waiting = iter([found[1] for layer in reversed(jets) for found in layer])
    return lambda _: next(waiting)


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
