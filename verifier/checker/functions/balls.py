"""Balls around the values of an expression without max, min and abs; equal sub-expressions are evaluated once."""

from __future__ import annotations

from flint import arb

from ..expression import UNARY, Expression
from ..number import PI, enclose, power, spend


def value(expression: Expression, z: arb) -> arb:
    """An enclosure of all values for z in the ball, at flint's precision; raises Undecided, DomainProblem."""
    return _value(expression, z, {})


def _value(e: Expression, z: arb, known: dict[Expression, arb]) -> arb:
    found = known.get(e)
    if found is not None:
        return found
    spend(1)
    if e.op == "var":
        result = z
    elif e.op == "num":
        assert e.value is not None
        result = arb(e.value)
    elif e.op == "pi":
        result = enclose(PI)
    else:
        args: list[arb] = []
        for argument in e.args:  # a loop, not a comprehension: one stack frame per level of nesting
            args.append(_value(argument, z, known))
        result = _apply(e, args)
    known[e] = result
    return result


def _apply(e: Expression, args: list[arb]) -> arb:
    if e.op == "add":
        total = args[0]
        for x in args[1:]:
            total = total + x
        return total
    if e.op == "mul":
        result = args[0]
        for x in args[1:]:
            result = result * x
        return result
    if e.op == "neg":
        return -args[0]
    if e.op == "pow":
        return power(args[0], e.exponent)  # not **: flint makes nan of a ball around 0
    return UNARY[e.op](args[0])
