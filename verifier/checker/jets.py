"""An activation or loss and its first two derivatives over balls: value, slope, bend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import mul
from typing import Any

from flint import arb, arb_mat, fmpq_poly

from . import number
from .expression import Expression
from .germ import NeedsSide, germ
from .number import UnknownSign
from .piecewise import PiecewisePolynomial, piecewise

Jet = tuple[Any, Any, Any]  # value, first and second derivative


@dataclass(frozen=True)
class Relative:
    """s'' = s' (constant + factor t), t = s' if `of_slope`, else s."""

    constant: int
    factor: int
    of_slope: bool = False


@dataclass(frozen=True)
class Jets:
    """s, s' and s'' at each entry of a matrix. Where `bend` tells s'' by s and s', it is left to whoever needs it: for
    many purposes nobody does.
    """

    value: arb_mat
    first: arb_mat
    bend: Relative | arb_mat

    @cached_property
    def second(self) -> arb_mat:
        """s''."""
        if not isinstance(self.bend, Relative):
            return self.bend
        other = self.first if self.bend.of_slope else self.value
        constant = ones(other.nrows(), other.ncols()) * self.bend.constant
        return times(self.first, constant + other * self.bend.factor)


def jets(expression: Expression, u: arb_mat, given: Mapping[int, Jet] | None = None) -> Jets:
    """s, s', s'' over the balls u; entry k, row by row, is taken from `given` if it is there. Raises UnknownSign where
    a ball may meet a breakpoint.
    """
    closed = _CLOSED.get(expression.op) if expression.args and expression.args[0].op == "var" else None
    if closed is not None:
        return closed(u)  # smooth on all of R: no kinks are ever given
    one, known = jet(expression), given or {}
    found = [known.get(k) or one(v) for k, v in enumerate(u.entries())]
    return Jets(*(like(u, list(values)) for values in zip(*found, strict=True)))


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


# -- activations in closed form: whole matrices are added much faster than number by number ----------------------------


def _sigmoid(u: arb_mat) -> Jets:
    s = list(map(number.sigmoid, u.entries()))
    value = like(u, s)
    return Jets(value, value - like(u, list(map(mul, s, s))), Relative(1, -2))


def _softplus(u: arb_mat) -> Jets:
    entries = u.entries()
    first = like(u, list(map(number.sigmoid, entries)))
    return Jets(like(u, list(map(number.softplus, entries))), first, Relative(1, -1, of_slope=True))


def _tanh(u: arb_mat) -> Jets:
    t = list(map(arb.tanh, u.entries()))
    return Jets(like(u, t), ones(u.nrows(), u.ncols()) - like(u, list(map(mul, t, t))), Relative(0, -2))


def _exp(u: arb_mat) -> Jets:
    value = like(u, list(map(arb.exp, u.entries())))
    return Jets(value, value, value)


def _arctan(u: arb_mat) -> Jets:
    entries = u.entries()
    first = [1 / (1 + (v * v).nonnegative_part()) for v in entries]
    second = [v * (d * d) for v, d in zip(entries, first, strict=True)]
    return Jets(like(u, list(map(arb.atan, entries))), like(u, first), like(u, second) * -2)


_CLOSED: dict[str, Callable[[arb_mat], Jets]] = {
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "tanh": _tanh,
    "exp": _exp,
    "arctan": _arctan,
}


# -- matrices ----------------------------------------------------------------------------------------------------------


def times(x: arb_mat, y: arb_mat) -> arb_mat:
    """The product entry by entry."""
    return like(x, list(map(mul, x.entries(), y.entries())))


def like(x: arb_mat, entries: list[arb]) -> arb_mat:
    """A matrix of the same shape."""
    return arb_mat(x.nrows(), x.ncols(), entries)


def ones(height: int, width: int) -> arb_mat:
    """A matrix of ones."""
    return arb_mat(height, 1, [1] * height) * arb_mat(1, width, [1] * width)
