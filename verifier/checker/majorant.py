"""How far the outputs, the loss and its Hessian can move over a box.

Let B = {theta : |theta - c| <= s w}, entry by entry, w >= 0, and let L be C^3 on B. For theta in B

    |H(theta) - H(c)| w <= s T,   T >= sup_B |D^3 L|[., w, w],
    |f(x_i; theta) - f(x_i; c)| <= s sup_B |Df(x_i)|[w],   |L(theta) - L(c)| <= s sup_B |DL|[w]

(absolute values entry by entry, mean value theorem: |theta - c| <= s w). Derivatives of L are polynomials with
coefficients >= 0 in the weights, the inputs and the derivatives of activation and loss (chain and product rule). With
upper bounds over B for the sizes of all of these, the same polynomials give upper bounds: T is the second derivative at
t = 0 of the gradient of the *majorant* along w, computed as every gradient is, with (value, first, second derivative)
by t in place of numbers. Bounds of pre-activations and outputs over B, layer by layer, say over which intervals the
derivatives of activation and loss have to be bounded, and that these intervals meet no breakpoint.

All numbers are upper bounds in integers (upper.py). The polynomials stand in `Layer` and `third_derivative`, for any
numbers with the operations of `Upper`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from typing import Any

from flint import arb, arb_mat

from .case import Theta, Weights
from .enclosure import Enclosure
from .network import flatten, unflatten
from .number import enclose, is_zero
from .rounding import rounded
from .slopes import UNIT, slope_bounds
from .upper import Upper, table, upper

PLACES = 56  # bits of a pre-activation that say where it lies
Bounds = Any  # Upper, or a class with its operations


@dataclass(frozen=True)
class Majorant:
    """Bounds over the box: outputs[i] of |Df(x_i)|[w], loss of |DL|[w], third[k] of |D^3 L|[e_k, w, w]."""

    outputs: list[arb]
    loss: arb
    third: list[arb]


def majorant(state: Enclosure, w: Sequence[arb], s: arb) -> Majorant:
    """The bounds over the box of radius s w around the state's point; raises UnknownSign where L is not seen to be
    smooth on it.
    """
    largest = arb(0)
    for v in w:
        largest = largest.max(v)
    along = [v / largest for v in w]  # of size 1
    reach = (s * largest).upper()
    outer = [abs(enclose(v)) + reach * d for v, d in zip(flatten(state.theta), along, strict=True)]
    box = _Box(state, unflatten(state.case, outer), unflatten(state.case, along), upper([reach], 1))
    parts = [box.layers(p) for p in range(len(state.case.parts))]
    f = reduce(Jet.__add__, (layers[-1].output for layers in parts))
    g = box.losses(f)
    slope = sum((x * y for x, y in zip(g.value.numbers(), f.slope.numbers(), strict=True)), arb(0))
    for rate, v, d in zip(state.decay_rates, outer, along, strict=True):
        if not is_zero(rate):
            slope += enclose(rate) * v * d
    one = Upper([1], 1, 0)
    third = [bound * largest * largest for layers in parts for bound in third_derivative(layers, g, one)]
    return Majorant([v * largest for v in f.slope.numbers()], slope * largest, third)


# -- values with two derivatives ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Jet:
    """Bounds of a function of t at t = 0: value, first and second derivative; None is 0."""

    value: Bounds
    first: Bounds | None = None
    second: Bounds | None = None

    @property
    def slope(self) -> Bounds:
        """The first derivative, where it is known not to be 0."""
        assert self.first is not None
        return self.first

    def map(self, change: Callable[[Bounds], Bounds]) -> Jet:
        """A linear map of all three."""
        first, second = (None if v is None else change(v) for v in (self.first, self.second))
        return Jet(change(self.value), first, second)

    def __add__(self, other: Jet) -> Jet:
        return Jet(self.value + other.value, _plus(self.first, other.first), _plus(self.second, other.second))


def product(x: Jet, y: Jet, op: Callable[[Bounds, Bounds], Bounds]) -> Jet:
    """A bilinear operation: (x y)' = x'y + xy', (x y)'' = x''y + 2x'y' + xy''."""

    def term(a: Bounds | None, b: Bounds | None) -> Bounds | None:
        return None if a is None or b is None else op(a, b)

    mixed = term(x.first, y.first)
    first = _plus(term(x.first, y.value), term(x.value, y.first))
    second = _plus(term(x.second, y.value), None if mixed is None else mixed.doubled(), term(x.value, y.second))
    return Jet(op(x.value, y.value), first, second)


def _plus(*terms: Bounds | None) -> Bounds | None:
    known = [term for term in terms if term is not None]
    return reduce(lambda x, y: x + y, known) if known else None


def composed(bounds: Sequence[Bounds], u: Jet) -> Jet:
    """s(u) from bounds of s, s', s'' at u: s' u' and s' u'' + s'' u'^2."""
    value, first, second = bounds
    if u.first is None:
        return Jet(value)
    squared = second.times(u.first).times(u.first)
    return Jet(value, first.times(u.first), _plus(squared, None if u.second is None else first.times(u.second)))


# -- the network -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Layer:
    """What a layer reads (n x inputs, the 1 of a bias last), its weights (units x inputs), its pre-activations (n x
    units), and the activation's derivative there. The output is one more layer, without activation.
    """

    features: Jet
    weights: Jet
    output: Jet
    biased: bool
    slopes: Jet | None = None

    @staticmethod
    def of(h: Jet, weights: Jet, biased: bool) -> Layer:
        """A layer that reads h."""
        first, second = (None if v is None else v.with_column(0) for v in (h.first, h.second))
        features = Jet(h.value.with_column(1), first, second) if biased else h
        return Layer(features, weights, product(features, weights, lambda x, y: x @ y.transposed()), biased)

    def through(self, bounds: Sequence[Bounds]) -> tuple[Layer, Jet]:
        """The layer with its activation, of which bounds of order 0 to 3 are given; and what the activation gives."""
        slopes = composed(bounds[1:], self.output)
        return Layer(self.features, self.weights, self.output, self.biased, slopes), composed(bounds[:3], self.output)


def third_derivative(layers: Sequence[Layer], g: Jet, one: Bounds) -> list[Any]:
    """The second derivative of sum_i g_i grad f(x_i), in the flat order of the part; one: the 1 x 1 matrix 1."""
    delta = Jet(one)  # df/du, n x units
    found: list[Any] = []
    head: list[Any] = []
    for layer, below in zip(reversed(layers), [*reversed(layers[:-1]), None], strict=True):
        if layer.features.value.width < delta.value.width:  # the smaller one is weighted
            weighted = product(layer.features, g, lambda x, y: x.scaled(y)).map(lambda x: x.transposed())
            second = _second(weighted, delta).transposed()
        else:
            weighted = product(delta, g, lambda x, y: x.scaled(y)).map(lambda x: x.transposed())
            second = _second(weighted, layer.features)
        entries = second.numbers()
        if layer is layers[-1]:
            head = [*entries[-1:], *entries[:-1]] if layer.biased else entries
        else:
            found = entries + found
        if below is not None and below.slopes is not None:
            inputs = layer.features.value.width - layer.biased
            weights = layer.weights.map(lambda v, count=inputs: v.columns(count))  # type: ignore[misc]
            delta = product(product(delta, weights, lambda x, y: x @ y), below.slopes, lambda x, y: x.times(y))
    return [*head, *found]


def _second(x: Jet, y: Jet) -> Bounds:
    """The second derivative of the matrix product x y."""
    pairs = ((x.second, y.value), (x.value, y.second))
    terms = [a @ b for a, b in pairs if a is not None and b is not None]
    if x.first is not None and y.first is not None:
        terms.append((x.first @ y.first).doubled())
    return _plus(*terms)


# -- the box of a certificate ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Box:
    """The box around the state's point: theta is at most `outer` in size, and within `reach` * `along` of the point."""

    state: Enclosure
    outer: Theta
    along: Theta
    reach: Upper

    def layers(self, p: int) -> list[Layer]:
        """One part, from the inputs to the output."""
        part, found = self.state.case.parts[p], self.state.passes[p]
        h = Jet(upper(found.h[0].entries(), found.h[0].ncols()))
        layers: list[Layer] = []
        for k, u in enumerate(found.u):
            layer = Layer.of(h, self._weights(p, lambda weights, k=k: _rows(weights, k)), part.hidden_bias)  # type: ignore[misc]
            bounds = slope_bounds(part.activation).table(*self._intervals(u, layer.output.slope), u.ncols())
            layer, h = layer.through(bounds)
            layers.append(layer)
        return [*layers, Layer.of(h, self._weights(p, _head), part.output_bias)]

    def _weights(self, p: int, rows: Callable[[Weights], list[list[arb]]]) -> Jet:
        outer, along = rows(self.outer[p]), rows(self.along[p])
        return Jet(*(upper(list(chain.from_iterable(table)), len(table[0])) for table in (outer, along)))

    def _intervals(self, centers: arb_mat, slope: Upper) -> tuple[list[int], list[int], int]:
        """(low, high, scale) of the arguments within reach * slope of the centers."""
        places = rounded(centers, PLACES)
        radii = slope.times(self.reach).units(places.scale)
        flat = list(chain.from_iterable(places.rows))
        low = [v - r - places.error for v, r in zip(flat, radii, strict=True)]
        high = [v + r + places.error for v, r in zip(flat, radii, strict=True)]
        return low, high, places.scale

    def losses(self, f: Jet) -> Jet:
        """|dL/df(x_i)|, n x 1."""
        state = self.state
        places = [state.orientation(i) * v for i, v in enumerate(state.outputs)]
        low, high, scale = self._intervals(arb_mat(len(places), 1, places), f.slope)
        if state.case.targets is None:
            known = [slope_bounds(state.case.loss(0))] * len(places)
        else:
            known = [slope_bounds(state.case.loss(i)) for i in state.samples]
        bounds = [one.over(a, b, scale) for one, a, b in zip(known, low, high, strict=True)]
        weights = upper(state.weights, 1)
        orders = [table(found, 1, UNIT) for found in zip(*bounds, strict=True)]
        return composed(orders[1:], f).map(weights.times)


def _rows(weights: Weights, layer: int) -> list[list[arb]]:
    """The incoming weights of each unit, then its bias."""
    biases = [()] * len(weights.W[layer]) if weights.b is None else [(b,) for b in weights.b[layer]]
    return [list(map(enclose, (*row, *bias))) for row, bias in zip(weights.W[layer], biases, strict=True)]


def _head(weights: Weights) -> list[list[arb]]:
    """The outgoing weights, then the output bias."""
    return [list(map(enclose, weights.a if weights.a0 is None else (*weights.a, weights.a0)))]
