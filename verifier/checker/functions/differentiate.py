"""The derivative of an expression without max, min and abs, as an expression.

Each rule is the chain rule for one operation, true wherever the expression is defined and every argument of sqrt is
> 0. Terms with a factor 0 are dropped (their other factors are defined there too), and equal arguments stay shared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flint import fmpq

from ..expression import Expression, num
from ..number import Exact, TooLarge, Undecided, spend, times
from ..piecewise import VARIABLE

MAX_HEIGHT = 250  # the walks over an expression use one stack frame per level

ZERO, ONE, TWO = num(0), num(1), num(2)


def derivative(expression: Expression) -> Expression:
    """d/dz; raises Undecided for max, min, abs and for a result nested too deeply."""
    result = _derive(expression, {})
    if result.height > MAX_HEIGHT:
        raise TooLarge("a derivative is nested too deeply")
    return result


def total(*terms: Expression) -> Expression:
    """The sum, without terms that are the literal 0."""
    kept = [t for t in terms if t != ZERO]
    if not kept:
        return ZERO
    return kept[0] if len(kept) == 1 else Expression("add", tuple(kept))


def product(*factors: Expression) -> Expression:
    """The product: literal factors collected, 0 if one of them is."""
    literal: Exact = fmpq(1)
    kept = []
    for f in factors:
        if f.value is None:
            kept.append(f)
        else:
            literal = times(literal, f.value)
    assert isinstance(literal, fmpq)  # a product of rationals
    if literal == 0 or not kept:
        return num(literal)
    parts = tuple(kept) if literal == 1 else (num(literal), *kept)
    return parts[0] if len(parts) == 1 else Expression("mul", parts)


def negative(x: Expression) -> Expression:
    """-x."""
    return product(num(-1), x)


def power(x: Expression, n: int) -> Expression:
    """x**n, n >= 0."""
    if n == 0:
        return ONE
    return x if n == 1 else Expression("pow", (x,), exponent=n)


def call(op: str, x: Expression) -> Expression:
    """op(x) for an operation of one argument."""
    return Expression(op, (x,))


def _derive(e: Expression, known: dict[Expression, Expression]) -> Expression:
    found = known.get(e)
    if found is not None:
        return found
    spend(1 + len(e.args))
    if e.op == "var":
        result = ONE if e.name == VARIABLE else ZERO
    elif not e.args:
        result = ZERO
    else:
        inner: list[Expression] = []
        for argument in e.args:  # a loop, not a comprehension: one stack frame per level of nesting
            inner.append(_derive(argument, known))
        result = ZERO if all(d == ZERO for d in inner) else _rule(e, inner)
    known[e] = result
    return result


def _rule(e: Expression, inner: list[Expression]) -> Expression:
    if e.op == "add":
        return total(*inner)
    if e.op == "mul":
        terms = []
        for k, d in enumerate(inner):
            spend(len(inner) if d != ZERO else 1)
            terms.append(product(*e.args[:k], d, *e.args[k + 1 :]) if d != ZERO else ZERO)
        return total(*terms)
    if e.op == "pow":
        return _power_rule(e.args[0], e.exponent, inner[0])
    if e.op not in _OUTER:
        raise Undecided(f"{e.op} has no derivative everywhere")
    return product(inner[0], _OUTER[e.op](e.args[0]))


def _power_rule(x: Expression, n: int, inner: Expression) -> Expression:
    if n == 0:
        return ZERO
    if n > 0:
        return product(num(n), inner, power(x, n - 1))
    return product(num(n), inner, power(call("inv", x), 1 - n))


def _bell(x: Expression) -> Expression:
    """S(x) S(-x), the derivative of the sigmoid S; each factor is positive."""
    return product(call("sigmoid", x), call("sigmoid", negative(x)))


_OUTER: Mapping[str, Callable[[Expression], Expression]] = {  # f'(x) for f(x)
    "neg": lambda _: num(-1),
    "inv": lambda x: negative(power(call("inv", x), 2)),
    "exp": lambda x: call("exp", x),
    "log": lambda x: call("inv", x),
    "sqrt": lambda x: call("inv", product(TWO, call("sqrt", x))),
    "sigmoid": _bell,
    "softplus": lambda x: call("sigmoid", x),
    "tanh": lambda x: product(num(4), _bell(product(TWO, x))),
    "arctan": lambda x: call("inv", total(ONE, power(x, 2))),
    "erf": lambda x: product(TWO, call("inv", call("sqrt", Expression("pi"))), call("exp", negative(power(x, 2)))),
}
