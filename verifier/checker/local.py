"""The polynomial that a function equals near one point.

Lemma. Let e be defined on R, hence continuous (every operation of the grammar is). If at each max, min and
abs the two branches differ at u, their order is the same on an open interval around u, so e equals the chosen
branch there; what is left after choosing has no branches, and where it folds to a polynomial it is that
polynomial. A branch that is only *touched* at u is never chosen, unless both branches are the same polynomial
near u.
"""

from __future__ import annotations

from flint import fmpq

from .expression import UNARY, Expression, evaluate
from .number import DomainProblem, Exact, TooLarge, Undecided, compare, height, is_zero, spend, times, work
from .number import power as number_power
from .piecewise import MAX_DEGREE, VARIABLE, PiecewisePolynomial, piecewise

MAX_COEFFICIENT_PRODUCTS = 10_000
MAX_COEFFICIENT_BITS = 1 << 16
MAX_WORK = 100_000
Coefficients = tuple[Exact, ...]  # c_0, c_1, ... of powers of z; () is the zero polynomial


class _NotPolynomial(Undecided):
    """No polynomial is known to equal the expression near the point."""


def local_polynomial(expression: Expression, u: Exact) -> Coefficients | None:
    """(c_0, c_1, ...): expression = c_0 + c_1 z + ... on an open interval around u; None if that is not
    shown.

    Powers of z, not of z - u; exact; () for zero; the last coefficient is not the rational 0 (but an
    irrational form of 0 is not excluded). The expression must be defined on R (`domain.defined_on_R`).
    """
    whole = piecewise(expression)
    try:
        with work(MAX_WORK):
            return _fold(expression, u) if whole is None else _piece_around(whole, u)
    except (Undecided, DomainProblem):
        return None


def _piece_around(function: PiecewisePolynomial, u: Exact) -> Coefficients:
    index = 0
    for b in function.breakpoints:
        side = compare(u, b)
        if side == 0:
            raise _NotPolynomial("u is a breakpoint")
        index += side > 0
    return tuple(function.pieces[index].coeffs())


def _fold(e: Expression, u: Exact) -> Coefficients:
    if e.op == "var" and e.name == VARIABLE:
        return (fmpq(0), fmpq(1))
    if not e.args:
        return _trimmed([evaluate(e, {})])
    if e.op in ("max", "min", "abs"):
        return _branch(e, u)
    parts: list[Coefficients] = []
    for argument in e.args:  # a loop, not a comprehension: one stack frame per level of nesting
        parts.append(_fold(argument, u))
    if e.op == "add":
        return _sum(parts)
    if e.op == "neg":
        return tuple(-c for c in parts[0])
    if e.op == "mul":
        result: Coefficients = (fmpq(1),)
        for part in parts:
            result = _product(result, part)
        return result
    if len(parts[0]) <= 1:  # a constant near u
        value = parts[0][0] if parts[0] else fmpq(0)
        return _trimmed([number_power(value, e.exponent) if e.op == "pow" else UNARY[e.op](value)])
    if e.op == "pow" and e.exponent >= 0:
        return _power(parts[0], e.exponent)
    raise _NotPolynomial(f"{e.op} of a function that is not constant")


def _branch(e: Expression, u: Exact) -> Coefficients:
    first = e.args[0]
    second = Expression("neg", (first,)) if e.op == "abs" else e.args[1]
    if first == second:
        return _fold(first, u)
    env = {VARIABLE: u}
    order = compare(evaluate(first, env), evaluate(second, env))
    if order == 0:
        p, q = _fold(first, u), _fold(second, u)
        if p != q:
            raise _NotPolynomial("u is a breakpoint")
        return p
    chosen = first if (order > 0) != (e.op == "min") else second
    return _fold(chosen, u)


# -- polynomials with exact coefficients ---------------------------------------------------------------------


def _trimmed(coefficients: list[Exact]) -> Coefficients:
    while coefficients and is_zero(coefficients[-1]):
        coefficients.pop()
    return tuple(coefficients)


def _sum(parts: list[Coefficients]) -> Coefficients:
    total: list[Exact] = [fmpq(0)] * max(len(p) for p in parts)
    for p in parts:
        for k, c in enumerate(p):
            total[k] = total[k] + c
    return _trimmed(total)


def _product(p: Coefficients, q: Coefficients) -> Coefficients:
    if not p or not q:
        return ()
    first = [(i, a) for i, a in enumerate(p) if not is_zero(a)]
    second = [(j, b) for j, b in enumerate(q) if not is_zero(b)]
    if len(p) + len(q) > MAX_DEGREE + 2 or len(first) * len(second) > MAX_COEFFICIENT_PRODUCTS:
        raise TooLarge("a product of polynomials with exact coefficients is too large")
    total: list[Exact] = [fmpq(0)] * (len(p) + len(q) - 1)
    spend(len(first) * len(second) // 4)
    for i, a in first:
        for j, b in second:
            total[i + j] = total[i + j] + times(a, b)
    if any(height(c) > MAX_COEFFICIENT_BITS for c in total):
        raise TooLarge("a polynomial has too large coefficients")
    return _trimmed(total)


def _power(p: Coefficients, exponent: int) -> Coefficients:
    if (len(p) - 1) * exponent > MAX_DEGREE:
        raise TooLarge("a power of a polynomial is too large")
    result: Coefficients = (fmpq(1),)
    for bit in bin(exponent)[2:]:
        result = _product(result, result)
        if bit == "1":
            result = _product(result, p)
    return result
