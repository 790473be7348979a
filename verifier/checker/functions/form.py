"""Quotients of polynomials in z, s = exp(u(z)) and r = sqrt(w(z)): a form in which an expression can be compared.

`form` rewrites an expression by identities that hold wherever it is defined, so a numerator without terms proves that
the expression is 0 there. The denominators are products of numerators that the expression divides by: where it is
defined they are not 0. Of one expression all exponents must be c + k v with one polynomial v without constant term,
k rational; then s = exp(u) with u = c0 + g v, every exponent an integer multiple of u up to a constant.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from math import gcd, lcm

from flint import fmpq, fmpq_poly

from .. import number
from ..expression import Expression, evaluate
from ..number import Exact, Undecided, inverse, spend
from . import ring as poly
from .differentiate import negative
from .ring import UNIT, Polynomial, Ring


class NotInForm(Undecided):
    """The expression is no such quotient."""


@dataclass(frozen=True)
class Form:
    """numerator / product of factor**power over the denominators (in no order)."""

    numerator: Polynomial
    denominators: tuple[tuple[Polynomial, int], ...]
    ring: Ring


def form(expression: Expression) -> Form:
    """The form; raises Undecided (NotInForm, TooLarge), DomainProblem."""
    return _Reader(_ring(expression)).read(expression)


def is_identically_zero(expression: Expression) -> bool:
    """True only if the expression is 0 wherever it is defined. Raises nothing: what is not shown is False."""
    try:
        return form(expression).numerator.is_zero()
    except (Undecided, number.DomainProblem):
        return False


# -- the two irrational functions --------------------------------------------------------------------------------------


def nodes(expression: Expression) -> list[Expression]:
    """The different sub-expressions, itself included."""
    seen: dict[Expression, None] = {}
    todo = [expression]
    while todo:
        e = todo.pop()
        if e not in seen:
            spend(1)
            seen[e] = None
            todo.extend(e.args)
    return list(seen)


def _ring(expression: Expression) -> Ring:
    inside = nodes(expression)
    plain = _Reader(Ring())
    exponents = [_exponent(plain, e.args[0]) for e in inside if e.op in ("exp", "sigmoid", "tanh")]
    base = _common([p for p in exponents if p is not None and p.degree() > 0])
    reader = _Reader(Ring(base))
    radicands = {_radicand(reader, e.args[0]) for e in inside if e.op == "sqrt" and not reader.is_closed(e)}
    if len(radicands) > 1:
        raise NotInForm("two different square roots")
    return Ring(base, next(iter(radicands), None))


def _exponent(reader: _Reader, argument: Expression) -> fmpq_poly | None:
    """The argument of an exponential as a rational polynomial; None for a constant, which needs no s."""
    if reader.is_closed(argument):
        return None
    found = reader.read(argument)
    parts = _split_polynomial(found)
    if parts is None:
        raise NotInForm("an exponent is not a polynomial over Q")
    return parts[1]


def _split_polynomial(x: Form) -> tuple[Exact, fmpq_poly] | None:
    """(c, p) with x = c + p, p a rational polynomial; c is 0 or irrational. None if x is no such thing."""
    if x.denominators or not x.numerator.only(0):
        return None
    parts = dict(x.numerator.terms)
    origin = parts.pop(UNIT, fmpq(0))
    coefficients = [fmpq(0)] * (x.numerator.degrees(0).stop)
    for (i, _, _), c in parts.items():
        if not isinstance(c, fmpq):
            return None
        coefficients[i] = c
    if isinstance(origin, fmpq):
        coefficients[0] = origin
        return fmpq(0), fmpq_poly(coefficients)
    return origin, fmpq_poly(coefficients)


def _bare(p: fmpq_poly) -> fmpq_poly:
    return p - p[0]


def _common(exponents: list[fmpq_poly]) -> fmpq_poly | None:
    """u of which all exponents are integer multiples up to constants; its leading coefficient is > 0."""
    if not exponents:
        return None
    first = exponents[0]
    unit = _bare(first) / first.leading_coefficient()
    ratios = [p.leading_coefficient() for p in exponents]
    if any(_bare(p) != q * unit for p, q in zip(exponents, ratios, strict=True)):
        raise NotInForm("exponents that are no multiples of one another")
    below = reduce(lcm, (int(q.q) for q in ratios))
    step = fmpq(reduce(gcd, (int((q * below).p) for q in ratios), 0), below)
    return step * unit + first[0] * step / ratios[0]


def _radicand(reader: _Reader, argument: Expression) -> Polynomial:
    found = reader.read(argument)
    if found.denominators or any(key[2] for key, _ in found.numerator.terms):
        raise NotInForm("a square root of a quotient or of a root")
    return found.numerator


# -- reading an expression ---------------------------------------------------------------------------------------------


class _Reader:
    def __init__(self, ring: Ring) -> None:
        self.ring = ring
        self.known: dict[Expression, Form] = {}
        self.closed: dict[Expression, bool] = {}

    def is_closed(self, e: Expression) -> bool:
        """Whether z does not occur in e."""
        found = self.closed.get(e)
        if found is None:
            found = e.op != "var"
            for argument in e.args:  # a loop, not a comprehension: one stack frame per level of nesting
                found = self.is_closed(argument) and found
            self.closed[e] = found
        return found

    def read(self, e: Expression) -> Form:
        found = self.known.get(e)
        if found is None:
            found = self.known[e] = self._new(e)
        return found

    def _new(self, e: Expression) -> Form:
        if e.op == "var":
            return self._whole(poly.Z)
        if self.is_closed(e):
            return self._whole(poly.constant(evaluate(e, {})))
        if e.op == "exp":
            return self._exponential(e.args[0], 1)
        if e.op == "sigmoid":  # 1/(1 + exp(-x))
            return self._inverse(self._plus_one(self._exponential(e.args[0], -1)))
        if e.op == "tanh":  # 1 - 2/(1 + exp(2x))
            share = self._inverse(self._plus_one(self._exponential(e.args[0], 2)))
            return self._plus_one(self._times(self._whole(poly.constant(fmpq(-2))), share))
        if e.op == "sqrt":
            return self._root(e.args[0])
        args: list[Form] = []
        for argument in e.args:  # a loop, not a comprehension: one stack frame per level of nesting
            args.append(self.read(argument))
        if e.op == "add":
            return reduce(self._plus, args)
        if e.op == "mul":
            return reduce(self._times, args)
        if e.op == "neg":
            return self._times(self._whole(poly.constant(fmpq(-1))), args[0])
        if e.op == "inv":
            return self._inverse(args[0])
        if e.op == "pow":
            return self._power(args[0], e.exponent)
        raise NotInForm(f"{e.op} of a function that is not constant")

    def _whole(self, numerator: Polynomial) -> Form:
        return Form(numerator, (), self.ring)

    def _plus_one(self, x: Form) -> Form:
        return self._plus(self._whole(poly.ONE), x)

    def _plus(self, x: Form, y: Form) -> Form:
        left, right = dict(x.denominators), dict(y.denominators)
        both = {d: max(left.get(d, 0), right.get(d, 0)) for d in (*left, *right)}
        tops = []
        for top, own in ((x.numerator, left), (y.numerator, right)):
            for d, n in both.items():
                top = poly.multiply(top, poly.power(d, n - own.get(d, 0), self.ring), self.ring)
            tops.append(top)
        return Form(poly.add(*tops), tuple(both.items()), self.ring)

    def _times(self, x: Form, y: Form) -> Form:
        below = dict(x.denominators)
        for d, n in y.denominators:
            below[d] = below.get(d, 0) + n
        return Form(poly.multiply(x.numerator, y.numerator, self.ring), tuple(below.items()), self.ring)

    def _power(self, x: Form, n: int) -> Form:
        if n < 0:
            return self._power(self._inverse(x), -n)
        top = poly.power(x.numerator, n, self.ring)
        return Form(top, tuple((d, m * n) for d, m in x.denominators if n), self.ring)

    def _inverse(self, x: Form) -> Form:
        """1/x: the numerator, up to a constant and a power of s, becomes a denominator."""
        if x.numerator.is_zero():
            raise number.DomainProblem("division by zero")
        lowest = x.numerator.degrees(1).start
        over = inverse(x.numerator.terms[-1][1])
        d = poly.shift(poly.scale(over, x.numerator), (0, -lowest, 0))
        top = poly.shift(poly.constant(over), (0, -lowest, 0))
        for factor, n in x.denominators:
            top = poly.multiply(top, poly.power(factor, n, self.ring), self.ring)
        return Form(top, () if d == poly.ONE else ((d, 1),), self.ring)

    def _exponential(self, argument: Expression, multiple: int) -> Form:
        """exp(multiple * argument) = exp(c - k u(0)) s**k, where multiple * argument = c + k (u - u(0))."""
        parts = _split_polynomial(self.read(argument))
        base = self.ring.exponent
        if parts is None:
            raise NotInForm("an exponent is not a polynomial over Q")
        c, p = multiple * parts[0] + fmpq(multiple) * parts[1][0], _bare(parts[1]) * fmpq(multiple)
        if p.is_zero():
            return self._whole(poly.constant(number.exp(c)))
        if base is None:
            raise NotInForm("an exponential inside an exponent")
        k = p.leading_coefficient() / base.leading_coefficient()
        if k.q != 1 or p != k * _bare(base):
            raise NotInForm("an exponent that is no multiple of the others")
        return self._whole(poly.shift(poly.constant(number.exp(c - k * base[0])), (0, int(k.p), 0)))

    def _root(self, argument: Expression) -> Form:
        if self.ring.radicand is None or _radicand(self, argument) != self.ring.radicand:
            raise NotInForm("a square root inside another, or two different ones")
        return self._whole(poly.gather([((0, 0, 1), fmpq(1))]))


def reflected(expression: Expression) -> Expression:
    """The expression at -z."""
    return _reflect(expression, {})


def _reflect(e: Expression, known: dict[Expression, Expression]) -> Expression:
    found = known.get(e)
    if found is None:
        if e.op == "var":
            found = negative(e)
        else:
            args: list[Expression] = []
            for argument in e.args:  # a loop, not a comprehension: one stack frame per level of nesting
                args.append(_reflect(argument, known))
            found = Expression(e.op, tuple(args), e.value, e.name, e.exponent)
        known[e] = found
    return found
