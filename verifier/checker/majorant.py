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
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain
from operator import add, matmul
from typing import Any

from flint import arb, arb_mat

from .case import Theta, Weights
from .enclosure import Enclosure
from .lanes import WORD
from .network import flatten, unflatten
from .number import enclose, is_zero
from .rounding import FINE, rounded
from .slopes import UNIT, slope_bounds
from .upper import Upper, table, upper, upper_matrix

Bounds = Any  # Upper, or a class with its operations; or None


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


Operation = Callable[[Bounds, Bounds], Bounds]  # bilinear


@dataclass(frozen=True)
class Jet:
    """Bounds of a function of t at t = 0: value, first and second derivative; None is 0, or not asked for."""

    value: Bounds
    first: Bounds = None
    second: Bounds = None

    @property
    def slope(self) -> Bounds:
        """The first derivative, where it is known not to be 0."""
        assert self.first is not None
        return self.first

    def map(self, change: Callable[[Bounds], Bounds]) -> Jet:
        """A linear map of all three."""
        return Jet(*(None if v is None else change(v) for v in (self.value, self.first, self.second)))

    def __add__(self, other: Jet) -> Jet:
        mine, others = ((x.value, x.first, x.second) for x in (self, other))
        return Jet(*map(_plus, mine, others))


def product(x: Jet, y: Jet, op: Operation) -> Jet:
    """x y."""
    return replace(derivatives(x, y, op), value=_term(op, x.value, y.value))


def derivatives(x: Jet, y: Jet, op: Operation) -> Jet:
    """(x y)' = x'y + xy' and (x y)''."""
    first = _plus(_term(op, x.first, y.value), _term(op, x.value, y.first))
    return replace(_last(x, y, op), first=first)


def _last(x: Jet, y: Jet, op: Operation) -> Jet:
    """(x y)'' = x''y + 2x'y' + xy'' alone."""
    mixed = _term(op, x.first, y.first)
    twice = None if mixed is None else mixed.doubled()
    return Jet(None, None, _plus(_term(op, x.second, y.value), twice, _term(op, x.value, y.second)))


def composed(bounds: Sequence[Bounds], u: Jet) -> list[Jet]:
    """s(u), s'(u), ... from bounds of s, s', ..., of which two more are needed: (s(u))' = s' u' and
    (s(u))'' = s' u'' + s'' u'^2.
    """
    moved = [bound.times(u.slope) for bound in bounds[1:]]
    return [
        Jet(value, first, _plus(None if u.second is None else slope.times(u.second), bend.times(u.slope)))
        for value, slope, first, bend in zip(bounds, bounds[1:], moved, moved[1:], strict=False)
    ]


def _term(op: Operation, x: Bounds, y: Bounds) -> Bounds:
    return None if x is None or y is None else op(x, y)


def _plus(*terms: Bounds) -> Bounds:
    known = [term for term in terms if term is not None]
    return reduce(add, known) if known else None


def _entries(x: Bounds, y: Bounds) -> Bounds:
    return x.times(y)


def _rows_scaled(x: Bounds, y: Bounds) -> Bounds:
    return x.scaled(y)


def _transposed(x: Bounds) -> Bounds:
    return x.transposed()


# -- the network -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Layer:
    """What a layer reads (n x inputs, the 1 of a bias last), its weights (units x inputs), how its pre-activations move
    (n x units, derivatives only), and the activation's derivative there. The output is one more layer, without
    activation.
    """

    features: Jet
    weights: Jet
    output: Jet
    biased: bool
    slopes: Jet | None = None

    @staticmethod
    def of(h: Jet, weights: Jet, biased: bool) -> Layer:
        """A layer that reads h."""
        features = h
        if biased:
            first, second = (None if v is None else v.with_column(0) for v in (h.first, h.second))
            features = Jet(h.value.with_column(1), first, second)
        return Layer(features, weights, derivatives(features, weights.map(_transposed), matmul), biased)

    def through(self, bounds: Sequence[Bounds]) -> tuple[Layer, Jet]:
        """The layer with its activation, of which bounds of order 0 to 3 are given; and what the activation gives."""
        h, slopes = composed(bounds, self.output)
        return replace(self, slopes=slopes), h

    def below(self, delta: Jet) -> Jet:
        """df/dh of what the layer reads, from df/du."""
        inputs = self.weights.slope.width - self.biased
        return product(delta, self.weights.map(lambda x: x.columns(inputs)), matmul)


def third_derivative(layers: Sequence[Layer], g: Jet, one: Bounds) -> list[Any]:
    """The second derivative of sum_i g_i grad f(x_i), in the flat order of the part; one: the 1 x 1 matrix 1.

    With beta = df/dh, that in a layer's weights is sum_i g_i beta_ij s'_ij x_ik; where beta is the same for all samples
    it stays outside the sum.
    """
    output, *hidden = reversed(layers)
    head = _sums(_last, output.features, g, Jet(one)).second.numbers()
    head = [*head[-1:], *head[:-1]] if output.biased else head
    beta = output.below(Jet(one))
    found: list[Any] = []
    for layer in hidden:
        slopes, deepest = layer.slopes, layer is layers[0]
        assert slopes is not None
        if beta.value.height == 1:
            sums = _sums(product, layer.features, g, slopes)
            second = _last(sums, beta.map(_transposed), _rows_scaled).second
        else:
            second = _sums(_last, layer.features, g, product(beta, slopes, _entries)).second
        found = second.numbers() + found
        if not deepest:
            beta = layer.below(product(beta, slopes, _entries))
    return [*head, *found]


def _sums(combine: Callable[[Jet, Jet, Operation], Jet], features: Jet, g: Jet, table: Jet) -> Jet:
    """sum_i g_i table_ij features_ik at (j, k); the narrower of both is weighted, and turned for the matrix product."""
    narrow, wide = sorted((features, table), key=lambda jet: int(jet.value.width))
    found = combine(product(narrow, g, _rows_scaled).map(_transposed), wide, matmul)
    return found if narrow is table else found.map(_transposed)


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
        h = Jet(upper_matrix(found.h[0]))
        layers: list[Layer] = []
        for k, u in enumerate(found.u):
            layer = Layer.of(h, self._weights(p, lambda weights, k=k: _rows(weights, k)), part.hidden_bias)  # type: ignore[misc]
            bounds = slope_bounds(part.activation).table(rounded(u, WORD), layer.output.slope, self.reach)
            layer, h = layer.through(bounds)
            layers.append(layer)
        return [*layers, Layer.of(h, self._weights(p, _head), part.output_bias)]

    def _weights(self, p: int, rows: Callable[[Weights], list[list[arb]]]) -> Jet:
        outer, along = rows(self.outer[p]), rows(self.along[p])
        return Jet(*(upper(list(chain.from_iterable(table)), len(table[0])) for table in (outer, along)))

    def losses(self, f: Jet) -> Jet:
        """|dL/df(x_i)|, n x 1."""
        state = self.state
        outputs = [state.orientation(i) * v for i, v in enumerate(state.outputs)]
        places = rounded(arb_mat(len(outputs), 1, outputs), WORD)
        if state.case.targets is None:
            orders = slope_bounds(state.case.loss(0)).table(places, f.slope, self.reach)
        else:
            margin = (places.error >> FINE) + 1
            radii = [r + margin for r in f.slope.times(self.reach).units(places.scale)]
            around = zip(state.samples, places.entries, radii, strict=True)
            found = [slope_bounds(state.case.loss(i)).over(v - r, v + r, places.scale) for i, v, r in around]
            orders = [table(bounds, 1, UNIT) for bounds in zip(*found, strict=True)]
        (g,) = composed(orders[1:], f)
        return g.map(upper_matrix(arb_mat(len(outputs), 1, state.weights)).times)


def _rows(weights: Weights, layer: int) -> list[list[arb]]:
    """The incoming weights of each unit, then its bias."""
    biases = [()] * len(weights.W[layer]) if weights.b is None else [(b,) for b in weights.b[layer]]
    return [list(map(enclose, (*row, *bias))) for row, bias in zip(weights.W[layer], biases, strict=True)]


def _head(weights: Weights) -> list[list[arb]]:
    """The outgoing weights, then the output bias."""
    return [list(map(enclose, weights.a if weights.a0 is None else (*weights.a, weights.a0)))]
