"""One-sided Taylor expansions of the functions of the grammar, and their composition with power series.

`germ(e, u, side, order)` returns c_0..c_order with  e(u + s) = c_0 + c_1 s + ... + O(s^(order+1))  for s -> 0 on the
given side (side = +1: s > 0, -1: s < 0). Lemma (pieces): on a one-sided neighbourhood of u an expression of the grammar
is analytic up to u, because by induction each argument is: an analytic difference of the arguments of max, min, abs has
one sign there or vanishes identically, and the other functions are analytic where they are expanded here (sqrt at 0 is
refused). At a tie of order `order` both branches agree up to O(s^(order+1)), so either may be taken.
Corollary (smoothness): if the two germs agree up to order m, the function is C^m near u. (Without a side, and no
NeedsSide, every choice was the same on both sides or between branches that agree up to that order.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flint import arb, fmpq

from . import number
from .expression import Expression
from .number import PI, Scalar, Undecided, times

MAX_WORK = 200_000
Coefficients = tuple[Scalar, ...]


class NeedsSide(Exception):
    """The expansion depends on the side and none was given."""


def germ(expression: Expression, at: Scalar, side: int | None, order: int) -> Coefficients:
    """Taylor coefficients at `at`; raises NeedsSide (side None at a breakpoint), Undecided, DomainProblem."""
    variable = (at, fmpq(1), *[fmpq(0)] * (order - 1))[: order + 1]
    with number.work(MAX_WORK):
        return _expand(expression, variable, side)


def smooth_germ(expression: Expression, at: Scalar, order: int) -> Coefficients | None:
    """The two-sided expansion if the function is C^order near the point, else None. Raises Undecided."""
    try:
        return germ(expression, at, None, order)
    except NeedsSide:
        right, left = germ(expression, at, 1, order), germ(expression, at, -1, order)
        return right if all(number.is_zero(r - s) for r, s in zip(right, left, strict=True)) else None


def compose(coefficients: Coefficients, inner: Sequence[Scalar]) -> Coefficients:
    """sum_k c_k (inner - inner_0)^k truncated: the series of e(inner(t)) from the germ of e at inner(0).

    Raises ValueError if there are fewer coefficients than the truncation needs (they are not 0, only not known).
    """
    if len(coefficients) < len(inner):
        raise ValueError(f"a germ of order {len(coefficients) - 1} in a series of order {len(inner) - 1}")
    step = (fmpq(0), *inner[1:])
    result: Coefficients = (coefficients[-1], *[fmpq(0)] * (len(inner) - 1))
    for c in reversed(coefficients[:-1]):
        result = multiply(result, step)
        result = (result[0] + c, *result[1:])
    return result


def derivative(coefficients: Coefficients) -> Coefficients:
    """The germ of the derivative, one order shorter."""
    return tuple(k * c for k, c in enumerate(coefficients))[1:]


def multiply(x: Sequence[Scalar], y: Sequence[Scalar]) -> Coefficients:
    """The truncated product of two series of equal length."""
    n = len(x)
    result: list[Scalar] = [fmpq(0)] * n
    for i, a in enumerate(x):
        if isinstance(a, fmpq) and a == 0:
            continue
        for j in range(n - i):
            b = y[j]
            if not (isinstance(b, fmpq) and b == 0):
                result[i + j] = result[i + j] + times(a, b)
    return tuple(result)


def add(x: Sequence[Scalar], y: Sequence[Scalar]) -> Coefficients:
    """The sum of two series of equal length."""
    return tuple(a + b for a, b in zip(x, y, strict=True))


def scale(factor: Scalar, x: Sequence[Scalar]) -> Coefficients:
    """factor * x."""
    return tuple(factor * a for a in x)


def leading_sign(x: Sequence[Scalar]) -> int:
    """The sign of the first coefficient that is not exactly 0 (0 if there is none); raises UnknownSign."""
    for c in x:
        if not number.is_zero(c):
            return number.sign(c)
    return 0


def _expand(e: Expression, variable: Coefficients, side: int | None) -> Coefficients:
    n = len(variable)
    if e.op == "var":
        return variable
    if e.op == "num":
        assert e.value is not None
        return _constant(e.value, n)
    if e.op == "pi":
        return _constant(PI, n)
    args: list[Coefficients] = []
    for argument in e.args:  # a loop, not a comprehension: one stack frame per level of nesting
        args.append(_expand(argument, variable, side))
    if e.op in _FOLDS:
        result = args[0]
        for other in args[1:]:
            result = _FOLDS[e.op](result, other)
        return result
    if e.op in ("max", "min", "abs"):
        return _branch(e.op, args, side)
    if e.op == "pow":
        return _power(args[0], e.exponent)
    return _SERIES[e.op](args[0])


def _constant(c: Scalar, n: int) -> Coefficients:
    return (c, *[fmpq(0)] * (n - 1))


def _branch(op: str, args: list[Coefficients], side: int | None) -> Coefficients:
    x, y = (args[0], scale(fmpq(-1), args[0])) if op == "abs" else (args[0], args[1])
    difference = add(x, scale(fmpq(-1), y))
    larger = number.sign(difference[0])
    if larger == 0:
        larger = _side_sign(difference, side)
    return x if (larger >= 0) != (op == "min") else y


def _side_sign(difference: Coefficients, side: int | None) -> int:
    """The sign on the given side of a germ that vanishes at the point."""
    if all(number.is_zero(c) for c in difference):
        return 0
    if side is None:
        raise NeedsSide
    return leading_sign([c if side > 0 or k % 2 == 0 else -c for k, c in enumerate(difference)])


def _power(x: Coefficients, exponent: int) -> Coefficients:
    if exponent < 0:
        return _power(_inverse(x), -exponent)
    result = _constant(fmpq(1), len(x))
    for bit in bin(exponent)[2:]:
        result = multiply(result, result)
        if bit == "1":
            result = multiply(result, x)
    return result


# The recurrences below are the coefficients of y' = ..., e.g. y = exp x has y' = x' y, so n y_n = sum_k k x_k y_(n-k).


def _convolve(x: Sequence[Scalar], y: Sequence[Scalar], n: int) -> Scalar:
    """sum_{k=1..n} k x_k y_(n-k)."""
    total: Scalar = fmpq(0)
    for k in range(1, n + 1):
        total = total + times(k * x[k], y[n - k])
    return total


def _integrate(start: Scalar, x: Coefficients, rate: Callable[[list[Scalar], int], Scalar]) -> Coefficients:
    """y with y_0 = start and n y_n = sum_k k x_k r_(n-k), r_m = rate(y_0..y_m, m)."""
    y: list[Scalar] = [start]
    r: list[Scalar] = [rate(y, 0)]
    for n in range(1, len(x)):
        y.append(_convolve(x, r, n) / fmpq(n))
        r.append(rate(y, n))
    return tuple(y)


def _inverse(x: Coefficients) -> Coefficients:
    lead = number.inverse(x[0])
    y: list[Scalar] = [lead]
    for n in range(1, len(x)):
        total: Scalar = fmpq(0)
        for k in range(1, n + 1):
            total = total + times(x[k], y[n - k])
        y.append(times(-lead, total))
    return tuple(y)


def _exp(x: Coefficients) -> Coefficients:
    return _integrate(number.exp(x[0]), x, lambda y, m: y[m])


def _log(x: Coefficients) -> Coefficients:
    rate = _inverse(x)
    return _integrate(number.log(x[0]), x, lambda _, m: rate[m])


def _sqrt(x: Coefficients) -> Coefficients:
    root = number.sqrt(x[0])
    if number.sign(root) == 0:
        raise Undecided("sqrt at 0 has no Taylor expansion")
    y: list[Scalar] = [root]
    for n in range(1, len(x)):
        total: Scalar = x[n]
        for k in range(1, n):
            total = total - times(y[k], y[n - k])
        y.append(total / (2 * root))
    return tuple(y)


def _sigmoid(x: Coefficients) -> Coefficients:
    def rate(y: list[Scalar], m: int) -> Scalar:  # s' = (s - s^2) x'
        total = y[m]
        for k in range(m + 1):
            total = total - times(y[k], y[m - k])
        return total

    return _integrate(number.sigmoid(x[0]), x, rate)


def _softplus(x: Coefficients) -> Coefficients:
    rate = _sigmoid(x)
    return _integrate(number.softplus(x[0]), x, lambda _, m: rate[m])


def _tanh(x: Coefficients) -> Coefficients:
    if isinstance(x[0], arb):
        return _integrate(number.tanh(x[0]), x, _one_minus_square)
    double = scale(fmpq(2), _sigmoid(scale(fmpq(2), x)))
    return (double[0] - 1, *double[1:])


def _one_minus_square(y: list[Scalar], m: int) -> Scalar:
    total: Scalar = fmpq(int(m == 0))
    for k in range(m + 1):
        total = total - times(y[k], y[m - k])
    return total


def _arctan(x: Coefficients) -> Coefficients:
    rate = _inverse(add(_square(x), _constant(fmpq(1), len(x))))
    return _integrate(number.arctan(x[0]), x, lambda _, m: rate[m])


def _square(x: Coefficients) -> Coefficients:
    """x^2, over a ball too nowhere negative."""
    first, *others = multiply(x, x)
    return (first.nonnegative_part() if isinstance(first, arb) else first, *others)


def _erf(x: Coefficients) -> Coefficients:
    rate = scale(2 / number.sqrt(PI), _exp(scale(fmpq(-1), _square(x))))
    return _integrate(number.erf(x[0]), x, lambda _, m: rate[m])


_FOLDS: dict[str, Callable[[Sequence[Scalar], Sequence[Scalar]], Coefficients]] = {"add": add, "mul": multiply}
_SERIES: dict[str, Callable[[Coefficients], Coefficients]] = {
    "neg": lambda x: scale(fmpq(-1), x),
    "inv": _inverse,
    "exp": _exp,
    "log": _log,
    "sqrt": _sqrt,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "tanh": _tanh,
    "arctan": _arctan,
    "erf": _erf,
}
