"""The limit of an expression without max, min and abs as z tends to +oo or -oo.

By the rules of calculus from the limits of the arguments; an indeterminate form (oo - oo, 0 * oo, 1/0, ...) is left
open, unless it has a normal form: one term of the numerator and one of the denominator outgrow the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flint import fmpq

from .. import number
from ..expression import UNARY, Expression, evaluate
from ..number import PI, DomainProblem, Exact, Undecided, spend
from .form import Form, form
from .ring import Polynomial


@dataclass(frozen=True)
class Limit:
    """A real value, or infinity with the sign `infinite` (0: finite)."""

    value: Exact = fmpq(0)  # noqa: RUF009
    infinite: int = 0


class _Open(Undecided):
    """An indeterminate form."""


def limit(expression: Expression, side: int) -> Limit | None:
    """The limit at side * oo; None if it is not found. Raises nothing."""
    try:
        return _limit(expression, side, {})
    except (Undecided, DomainProblem):
        return None


def _limit(e: Expression, side: int, known: dict[Expression, Limit]) -> Limit:
    found = known.get(e)
    if found is not None:
        return found
    spend(1)
    if e.op == "var":
        result = Limit(infinite=side)
    elif not e.args:
        result = Limit(evaluate(e, {}))
    else:
        args: list[Limit] = []
        for argument in e.args:  # a loop, not a comprehension: one stack frame per level of nesting
            args.append(_limit(argument, side, known))
        try:
            result = _rule(e, args)
        except _Open:
            result = _by_form(e, side)
    known[e] = result
    return result


def _rule(e: Expression, args: list[Limit]) -> Limit:
    if e.op == "add":
        return _sum(args)
    if e.op == "mul":
        result = args[0]
        for x in args[1:]:
            result = _product(result, x)
        return result
    x = args[0]
    if e.op == "neg":
        return _product(Limit(fmpq(-1)), x)
    if e.op == "pow":
        return _power(x if e.exponent >= 0 else _inverse(x), abs(e.exponent))
    if e.op == "inv":
        return _inverse(x)
    if x.infinite:
        return _FAR[e.op](x.infinite)
    if e.op == "log" and number.is_zero(x.value):
        return Limit(infinite=-1)  # where it is defined its argument is > 0
    return Limit(UNARY[e.op](x.value))


def _sum(args: list[Limit]) -> Limit:
    infinite = {x.infinite for x in args if x.infinite}
    if len(infinite) > 1:
        raise _Open("oo - oo")
    return Limit(infinite=infinite.pop()) if infinite else Limit(number.total(x.value for x in args))


def _product(x: Limit, y: Limit) -> Limit:
    if not x.infinite and not y.infinite:
        return Limit(number.times(x.value, y.value))
    side = (x.infinite or number.sign(x.value)) * (y.infinite or number.sign(y.value))
    if not side:
        raise _Open("0 * oo")
    return Limit(infinite=side)


def _power(x: Limit, n: int) -> Limit:
    if not x.infinite:
        return Limit(number.power(x.value, n))
    return Limit(infinite=x.infinite**n) if n else Limit(fmpq(1))


def _inverse(x: Limit) -> Limit:
    if x.infinite:
        return Limit(fmpq(0))
    if number.is_zero(x.value):
        raise _Open("1/0")
    return Limit(number.inverse(x.value))


def _below(side: int) -> Limit:
    """log and sqrt at oo; their arguments do not tend to -oo."""
    if side < 0:
        raise _Open("outside the domain")
    return Limit(infinite=1)


def _half_line(side: int) -> Limit:
    """exp and softplus."""
    return Limit(infinite=1) if side > 0 else Limit(fmpq(0))


_FAR: Mapping[str, Callable[[int], Limit]] = {
    "exp": _half_line,
    "softplus": _half_line,
    "log": _below,
    "sqrt": _below,
    "sigmoid": lambda side: Limit(fmpq(int(side > 0))),
    "tanh": lambda side: Limit(fmpq(side)),
    "erf": lambda side: Limit(fmpq(side)),
    "arctan": lambda side: Limit(side * (PI / 2)),
}


# -- normal forms ------------------------------------------------------------------------------------------------------


def _by_form(e: Expression, side: int) -> Limit:
    """N/D with N ~ c z^i s^j and D ~ d z^k s^l: the limit of (c/d) z^(i-k) s^(j-l)."""
    found = form(e)
    if found.numerator.is_zero():
        return Limit(fmpq(0))
    growth = _growth(found, side)
    i, j, c = _leading(found.numerator, growth)
    for d, n in found.denominators:
        k, m, below = _leading(d, growth)
        i, j, c = i - n * k, j - n * m, number.times(c, number.power(below, -n))
    order = (j * growth, i)
    if order == (0, 0):
        return Limit(c)
    if order < (0, 0):
        return Limit(fmpq(0))
    return Limit(infinite=number.sign(c) * (side if i % 2 else 1))


def _growth(found: Form, side: int) -> int:
    """1 if u tends to oo, -1 if to -oo, as z tends to side * oo; 0 without s."""
    u = found.ring.exponent
    return 0 if u is None else side ** u.degree()


def _leading(p: Polynomial, growth: int) -> tuple[int, int, Exact]:
    """The term that outgrows all others: powers of s count before powers of z, since u is a polynomial."""
    if any(k for (_, _, k), _ in p.terms):
        raise _Open("a square root")
    (i, j, _), c = max(p.terms, key=lambda term: (term[0][1] * growth, term[0][0]))
    return i, j, c
