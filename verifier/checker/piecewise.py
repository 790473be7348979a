"""Continuous piecewise polynomials over Q: what `max(0,1+z)**3` or `abs(z)-min(z,1/2)` really is.

`piecewise` turns an Expression into a `PiecewisePolynomial`, or says None: the expression is not one that
this module can represent exactly (a transcendental part, an irrational coefficient or breakpoint, a size
beyond the bounds below). The form is canonical (neighbouring pieces differ), so two functions are equal iff
their forms are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import pairwise

from flint import fmpq, fmpq_poly

from .expression import UNARY, Expression, evaluate
from .number import DomainProblem, Exact, Number, TooLarge, Undecided, spend, times, total, work
from .polynomial import End, interior_point, sign, sign_changes, size_in_bits

MAX_DEGREE = 1_200
MAX_PIECES = 200
MAX_BITS = 1 << 22
MAX_WORK = 100_000
VARIABLE = "z"  # the only variable of an activation, and of a loss (a target is substituted first)


class NotPiecewise(Undecided):
    """The expression has no representation here."""


@dataclass(frozen=True)
class PiecewisePolynomial:
    """pieces[i] holds between breakpoints[i-1] and breakpoints[i]; continuous, neighbouring pieces differ."""

    breakpoints: tuple[fmpq, ...]
    pieces: tuple[fmpq_poly, ...]

    def intervals(self) -> list[tuple[End, End, fmpq_poly]]:
        """(left, right, polynomial) from left to right; None for an infinite end."""
        ends: tuple[End, ...] = (None, *self.breakpoints, None)
        return list(zip(ends[:-1], ends[1:], self.pieces, strict=True))

    def __call__(self, u: fmpq) -> fmpq:
        """The exact value at a rational u."""
        return self.pieces[bisect_left(self.breakpoints, u)](u)

    def reflected(self) -> PiecewisePolynomial:
        """z -> self(-z)."""
        minus = fmpq_poly([0, -1])
        return _canonical([-b for b in reversed(self.breakpoints)], [p(minus) for p in reversed(self.pieces)])

    def constant(self) -> fmpq | None:
        """The value, if the function is constant."""
        return self.pieces[0][0] if not self.breakpoints and self.pieces[0].degree() <= 0 else None

    def smoothness(self) -> int | None:
        """The largest m such that the function is C^m on R; None if it is a polynomial (C^infinity).

        At a breakpoint b with neighbours p and q it is C^m iff (z - b)^(m+1) divides q - p.
        """
        orders = [
            _order_of_vanishing(q - p, b)
            for b, p, q in zip(self.breakpoints, self.pieces, self.pieces[1:], strict=False)
        ]
        return min(orders) - 1 if orders else None


Value = (
    PiecewisePolynomial | Number
)  # a Number is an irrational constant on its way to cancelling or to failing


def _order_of_vanishing(p: fmpq_poly, b: fmpq) -> int:
    order = 0
    while p(b) == 0:  # p != 0, since neighbouring pieces differ
        p = p.derivative()
        order += 1
    return order


def _canonical(breakpoints: list[fmpq], pieces: list[fmpq_poly]) -> PiecewisePolynomial:
    """Drop breakpoints between equal pieces; refuse what is too large."""
    kept_points: list[fmpq] = []
    kept = pieces[:1]
    for b, p in zip(breakpoints, pieces[1:], strict=True):
        if p != kept[-1]:
            kept_points.append(b)
            kept.append(p)
    if len(kept) > MAX_PIECES or any(p.degree() > MAX_DEGREE for p in kept):
        raise TooLarge("a piecewise polynomial has too many pieces or too high a degree")
    bits = sum((p.degree() + 1) * size_in_bits(p) for p in kept)
    if bits > MAX_BITS:
        raise TooLarge("a piecewise polynomial has too large coefficients")
    spend(1 + len(pieces) // 4 + bits // 2_000)
    return PiecewisePolynomial(tuple(kept_points), tuple(kept))


def constant(value: fmpq | int) -> PiecewisePolynomial:
    """The constant function."""
    return PiecewisePolynomial((), (fmpq_poly([value]),))


IDENTITY = PiecewisePolynomial((), (fmpq_poly([0, 1]),))


# -- arithmetic ----------------------------------------------------------------------------------------------


def _aligned(f: PiecewisePolynomial, g: PiecewisePolynomial) -> list[tuple[End, End, fmpq_poly, fmpq_poly]]:
    """The common refinement: (left, right, piece of f, piece of g)."""
    points = sorted({*f.breakpoints, *g.breakpoints})
    spend(1 + len(points))
    ends: list[End] = [None, *points, None]
    result = []
    for left, right in pairwise(ends):
        inside = interior_point(left, right)
        p = f.pieces[bisect_left(f.breakpoints, inside)]
        q = g.pieces[bisect_left(g.breakpoints, inside)]
        result.append((left, right, p, q))
    return result


def _pointwise(
    f: PiecewisePolynomial, g: PiecewisePolynomial, op: Callable[[fmpq_poly, fmpq_poly], fmpq_poly]
) -> PiecewisePolynomial:
    rows = _aligned(f, g)
    return _canonical(
        [right for _, right, _, _ in rows if right is not None], [op(p, q) for _, _, p, q in rows]
    )


def add(f: PiecewisePolynomial, g: PiecewisePolynomial) -> PiecewisePolynomial:
    """f + g."""
    return _pointwise(f, g, lambda p, q: p + q)


def multiply(f: PiecewisePolynomial, g: PiecewisePolynomial) -> PiecewisePolynomial:
    """f * g."""
    return _pointwise(f, g, lambda p, q: p * q)


def power(f: PiecewisePolynomial, exponent: int) -> PiecewisePolynomial:
    """f**exponent, exponent >= 0 (f**0 = 1); the size is bounded before anything is multiplied."""
    for p in f.pieces:
        degree = max(p.degree(), 0) * exponent
        bits = exponent * (size_in_bits(p) + p.length().bit_length())
        if degree > MAX_DEGREE or (degree + 1) * bits > MAX_BITS:
            raise TooLarge("a power of a polynomial is too large")
    return _canonical(list(f.breakpoints), [p**exponent for p in f.pieces])


def maximum(f: PiecewisePolynomial, g: PiecewisePolynomial) -> PiecewisePolynomial:
    """max(f, g). Between two neighbouring sign changes of f - g one of the two is the larger throughout."""
    points: list[fmpq] = []
    pieces: list[fmpq_poly] = []
    for left, right, p, q in _aligned(f, g):
        spend(3)
        changes = sign_changes(p - q, left, right)
        if changes is None:
            raise NotPiecewise("a breakpoint is irrational")
        ends: list[End] = [left, *changes, right]
        for a, b in pairwise(ends):
            pieces.append(p if _mostly_positive(p - q, a, b) else q)
            if b is not None:
                points.append(b)
        if len(pieces) > 2 * MAX_PIECES:
            raise TooLarge("a piecewise polynomial has too many pieces")
    return _canonical(points, pieces)


def _mostly_positive(p: fmpq_poly, left: End, right: End) -> bool:
    """Whether p >= 0 on (left, right), for a p that does not change sign there: its sign at a non-root
    decides.

    p has at most `degree` roots, so one of degree + 1 interior points is none of them (or p = 0: either
    answer is right).
    """
    point = interior_point(left, right)
    for _ in range(p.degree() + 1):
        if value := sign(p(point)):
            return value > 0
        point = interior_point(left, point)
    return True


def negative(f: PiecewisePolynomial) -> PiecewisePolynomial:
    """-f."""
    return multiply(constant(-1), f)


# -- from expressions ----------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def piecewise(expression: Expression) -> PiecewisePolynomial | None:
    """The piecewise polynomial that `expression` (in z) equals on all of R, where it is then defined; or
    None.

    Never raises for size or domain: such an expression gives None.
    """
    try:
        with work(MAX_WORK):
            result = _convert(expression)
    except (Undecided, DomainProblem):
        return None
    return None if isinstance(result, Number) else result


def _convert(expression: Expression) -> Value:
    children: list[Value] = []
    for argument in expression.args:  # a loop, not a comprehension: one stack frame per level of nesting
        children.append(_convert(argument))
    return fold(expression, children)


def fold(expression: Expression, children: list[Value]) -> Value:
    """The value of one node, its arguments' values given. Raises Undecided (NotPiecewise, TooLarge),
    DomainProblem.
    """
    op = expression.op
    if op == "var" and expression.name == VARIABLE:
        return IDENTITY
    if not children:
        return as_value(evaluate(expression, {}))
    values = [as_constant(c) for c in children]
    known = [v for v in values if v is not None]
    if len(known) == len(values):  # all arguments are constants: so is the node
        names = [f"x{i}" for i in range(len(known))]
        leaves = tuple(Expression("var", name=n) for n in names)
        node = Expression(op, leaves, exponent=expression.exponent)
        return as_value(evaluate(node, dict(zip(names, known, strict=True))))
    if op in ("add", "mul"):
        functions = [c for c, v in zip(children, values, strict=True) if v is None]
        together: Exact = total(known) if op == "add" else _product(known)
        rest = [_function(as_value(together)), *map(_function, functions)]
        return reduce(add if op == "add" else multiply, rest)
    f = _function(children[0])
    if op == "neg":
        return negative(f)
    if op == "pow" and expression.exponent >= 0:
        return power(f, expression.exponent)
    if op == "abs":
        return maximum(f, negative(f))
    if op == "max":
        return maximum(f, _function(children[1]))
    if op == "min":
        return negative(maximum(negative(f), negative(_function(children[1]))))
    raise NotPiecewise(
        f"{op} of a function that is not constant" if op in UNARY else f"{op} is not polynomial"
    )


def _product(factors: list[Exact]) -> Exact:
    result: Exact = fmpq(1)
    for factor in factors:
        result = times(result, factor)
    return result


def as_value(x: Exact) -> Value:
    """A constant as a Value."""
    return x if isinstance(x, Number) else constant(x)


def as_constant(x: Value) -> Exact | None:
    """The exact number that x is, if it is a constant."""
    return x if isinstance(x, Number) else x.constant()


def _function(x: Value) -> PiecewisePolynomial:
    if isinstance(x, Number):
        raise NotPiecewise("an irrational coefficient")
    return x
