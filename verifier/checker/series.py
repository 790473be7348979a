"""Truncated power series in one variable t as numbers, and the loss and its gradient along a curve through the point.

Lemma (curves). Let theta(t) = theta* + c_1 t + c_2 t^2 + ... for small t >= 0. Every operation of a network is a sum, a
product, or a function of the grammar, which is analytic up to each point from each side (germ.py); the side is that on
which its argument moves away. So the coefficients computed here are the one-sided Taylor coefficients of L(theta(t)) at
t = 0, whether or not L is differentiable. An argument that does not move within the order kept is within O(t^(K+1)) of
its start; functions of the grammar with an expansion there are Lipschitz near it, so its value is exact to that order.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flint import fmpq

from . import germ, number
from .analysis import Analysis
from .case import Theta
from .expression import Expression
from .network import Trace, backward, flatten, forward, layouts, unflatten
from .number import Exact, Scalar

_ZERO = fmpq(0)
Vector = Sequence[Exact]


class Series:
    """c_0 + c_1 t + ... + c_K t^K, everything beyond t^K dropped; K is the same for all operands of a computation."""

    __slots__ = ("coefficients",)

    def __init__(self, coefficients: Sequence[Scalar]) -> None:
        self.coefficients = tuple(coefficients)

    def __add__(self, other: Series | Scalar | int) -> Series:
        if isinstance(other, Series):
            return Series(germ.add(self.coefficients, other.coefficients))
        return Series((self.coefficients[0] + other, *self.coefficients[1:]))

    __radd__ = __add__

    def __mul__(self, other: Series | Scalar | int) -> Series:
        if isinstance(other, Series):
            return Series(germ.multiply(self.coefficients, other.coefficients))
        return Series([c * other for c in self.coefficients])

    __rmul__ = __mul__

    @property
    def moves(self) -> bool:
        """Whether some coefficient beyond c_0 is not identically 0."""
        return not all(number.is_zero(c) for c in self.coefficients[1:])

    def side(self) -> int:
        """On which side of c_0 the series is for small t > 0 (+1 where it does not move); raises UnknownSign."""
        return germ.leading_sign(self.coefficients[1:]) or 1


def curve_vector(analysis: Analysis, curve: Sequence[Vector], order: int) -> list[Series]:
    """theta* + curve[0] t + curve[1] t^2 + ..., one series for each parameter, truncated at t^order."""
    rows = [*curve[:order], *[()] * (order - len(curve))]
    start = flatten(analysis.theta)
    return [Series((v, *(row[k] if row else _ZERO for row in rows))) for k, v in enumerate(start)]


def loss_along(analysis: Analysis, vector: Sequence[Series]) -> Series:
    """The one-sided expansion of L along the curve, t -> 0+."""
    theta = unflatten(analysis.case, vector)
    traces = _traces(analysis, theta)
    total = _decay(analysis, vector)
    for i in analysis.samples:
        z = analysis.orientation(i) * _output(traces, i)
        total = total + analysis.weight(i) * _apply(analysis.case.loss(i), z)
    return total


def gradient_along(analysis: Analysis, vector: Sequence[Series], order: int) -> list[Series]:
    """The gradient of L along the curve; L must be C^(order+1) near theta* (`require_smooth`)."""
    theta = unflatten(analysis.case, vector)
    traces = _traces(analysis, theta)
    total: list[Any] = _decay_gradient(analysis, vector)
    for i in analysis.awake:
        z = analysis.orientation(i) * _output(traces, i)
        slope = analysis.weight(i) * analysis.orientation(i) * _slope(order, analysis.case.loss(i), z)
        for p, layout in enumerate(layouts(analysis.case)):
            rows = backward(theta[p], traces[p][i], partial(_slope, order, analysis.case.parts[p].activation))
            for k, value in enumerate(rows):
                total[layout.start + k] = total[layout.start + k] + slope * value
    return total


def _traces(analysis: Analysis, theta: Theta) -> list[list[Trace]]:
    return [
        [forward(weights, x, partial(_apply, part.activation)) for x in analysis.case.inputs]
        for part, weights in zip(analysis.case.parts, theta, strict=True)
    ]


def _output(traces: list[list[Trace]], sample: int) -> Any:
    first, *others = [part[sample].output for part in traces]
    for other in others:
        first = first + other
    return first


def _apply(e: Expression, u: Series) -> Series:
    order = len(u.coefficients) - 1
    if not u.moves:
        value = germ.germ(e, u.coefficients[0], 1, 0)[0]
        return Series((value, *[_ZERO] * order))
    return Series(germ.compose(germ.germ(e, u.coefficients[0], u.side(), order), u.coefficients))


def _slope(order: int, e: Expression, u: Series) -> Series:
    """The derivative of a function that is C^(order+1) near u_0, along u."""
    coefficients = germ.smooth_germ(e, u.coefficients[0], order + 1)
    if coefficients is None:
        raise number.Undecided("a derivative does not exist at a breakpoint")
    derivative = germ.derivative(coefficients)
    return Series(germ.compose(derivative, u.coefficients))


def _decay(analysis: Analysis, vector: Sequence[Series]) -> Series:
    total = Series([_ZERO] * len(vector[0].coefficients))
    for rate, v in zip(analysis.decay_rates, vector, strict=True):
        if not number.is_zero(rate):
            total = total + (rate / 2) * (v * v)
    return total


def _decay_gradient(analysis: Analysis, vector: Sequence[Series]) -> list[Any]:
    return [rate * v for rate, v in zip(analysis.decay_rates, vector, strict=True)]
