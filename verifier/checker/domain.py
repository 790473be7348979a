"""Is an expression defined on all of R? `defined_on_R` says True only when that is shown.

Method: every node gets an interval that contains all values it takes on R (rational ends, open or closed),
from the intervals of its arguments; a division then needs an interval without 0, log one above 0, sqrt one at
or above 0. Where a node is a piecewise polynomial its exact sign on R (Sturm) is used as well, so
1/(z**2+z+1) is seen to be defined. Defined here implies continuous: so is every operation of the grammar on
its domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from flint import arb, fmpq

from .expression import UNARY, Expression, evaluate
from .number import DomainProblem, Exact, Undecided, ball, spend, work
from .number import sign as exact_sign
from .piecewise import PiecewisePolynomial, Value, as_constant, fold, negative
from .polynomial import is_non_negative, is_positive

MAX_WORK = 100_000
_FAR = fmpq(1_000)
_MAX_END_BITS = 1 << 16


class _NotShown(Undecided):
    """The expression is not shown to be defined."""


@dataclass(frozen=True)
class Range:
    """All values v satisfy low <= v <= high (None: no bound), strictly where `above` / `below` is set."""

    low: fmpq | None = None
    high: fmpq | None = None
    above: bool = False
    below: bool = False

    def positive(self) -> bool:
        """All values are > 0."""
        return self.low is not None and (self.low > 0 or (self.low == 0 and self.above))

    def non_negative(self) -> bool:
        """All values are >= 0."""
        return self.low is not None and self.low >= 0

    def negated(self) -> Range:
        """The range of -v."""
        low, high = self.low, self.high
        return Range(None if high is None else -high, None if low is None else -low, self.below, self.above)

    def and_also(self, other: Range) -> Range:
        """The values in both ranges."""
        low, above = _higher((self.low, self.above), (other.low, other.above))
        minus = _higher((self.negated().low, self.below), (other.negated().low, other.below))
        return Range(low, None if minus[0] is None else -minus[0], above, minus[1])


REALS = Range()
_IMAGE: Mapping[str, Range] = {  # of the increasing functions, on all of R (log, sqrt: on their domain)
    "exp": Range(low=fmpq(0), above=True),
    "softplus": Range(low=fmpq(0), above=True),
    "sigmoid": Range(fmpq(0), fmpq(1), True, True),
    "tanh": Range(fmpq(-1), fmpq(1), True, True),
    "erf": Range(fmpq(-1), fmpq(1), True, True),
    "arctan": Range(fmpq(-8, 5), fmpq(8, 5), True, True),  # pi/2 = 1.5707...
    "sqrt": Range(low=fmpq(0)),
    "log": REALS,
}


def defined_on_R(expression: Expression) -> bool:
    """True only if the expression is shown to have a value for every real z. False means "not shown", not
    "undefined somewhere".
    """
    try:
        with work(MAX_WORK):
            _analyse(expression)
    except (Undecided, DomainProblem):
        return False
    return True


def range_on(expression: Expression, bounds: Range) -> Range:
    """An interval of all values for z in `bounds`, where the expression is known to be defined; raises TooLarge.

    Being defined is used: an operation whose argument may leave its domain, as far as intervals tell, is left open.
    """
    return _range_on(expression, bounds, {})


def _range_on(e: Expression, bounds: Range, known: dict[Expression, Range]) -> Range:
    found = known.get(e)
    if found is not None:
        return found
    spend(1 + len(e.args))
    if e.op == "var":
        result = bounds
    elif not e.args:
        result = _range_of_constant(evaluate(e, {}))
    else:
        ranges: list[Range] = []
        for argument in e.args:  # a loop, not a comprehension: one stack frame per level of nesting
            ranges.append(_range_on(argument, bounds, known))
        try:
            result = _bounds(e, ranges)
        except _NotShown:
            result = REALS
    known[e] = result
    return result


def _analyse(e: Expression) -> tuple[Value | None, Range]:
    """(the node as a piecewise polynomial or constant if it is one, the range of its values)."""
    values: list[Value | None] = []
    ranges: list[Range] = []
    for argument in e.args:  # a loop, not a comprehension: one stack frame per level of nesting
        value, bounds = _analyse(argument)
        values.append(value)
        ranges.append(bounds)
    value = _value(e, values)
    if value is not None and as_constant(value) is not None:
        return value, _range_of_value(value)
    bounds = _bounds(e, ranges) if e.args else REALS
    if value is not None:
        return value, bounds.and_also(_range_of_value(value))
    if e.op == "add":
        bounds = bounds.and_also(_sum_with_polynomial_part(e, values, ranges))
    return None, bounds


def _value(e: Expression, values: list[Value | None]) -> Value | None:
    """The node as a piecewise polynomial or constant; raises if it is a constant that has no value to be
    shown.
    """
    known = [v for v in values if v is not None]
    if len(known) < len(values):
        return None
    try:
        return fold(e, known)
    except Undecided:
        if all(as_constant(v) is not None for v in known):
            raise
        return None


def _sum_with_polynomial_part(e: Expression, values: list[Value | None], ranges: list[Range]) -> Range:
    """The range of a sum, its piecewise polynomial terms taken together: z**2 + z + 1 + exp(z)."""
    terms = [(a, v) for a, v in zip(e.args, values, strict=True) if v is not None]
    if len(terms) < 2:
        return REALS
    try:
        node = Expression("add", tuple(a for a, _ in terms))
        together = _range_of_value(fold(node, [v for _, v in terms]))
    except Undecided:
        return REALS
    return reduce(_add, (r for r, v in zip(ranges, values, strict=True) if v is None), together)


def _range_of_value(value: Value) -> Range:
    exact = as_constant(value)
    if exact is not None:
        return _range_of_constant(exact)
    assert isinstance(value, PiecewisePolynomial)
    return _sign_range(value).and_also(_sign_range(negative(value)).negated())


def _sign_range(f: PiecewisePolynomial) -> Range:
    try:
        if all(is_positive(p, a, b) for a, b, p in f.intervals()):
            return Range(low=fmpq(0), above=True)
        if all(is_non_negative(p, a, b) for a, b, p in f.intervals()):
            return Range(low=fmpq(0))
    except Undecided:
        pass
    return REALS


def _range_of_constant(x: Exact) -> Range:
    if isinstance(x, fmpq):
        return Range(x, x)
    enclosure = ball(x)
    result = Range(_rational(enclosure.lower()), _rational(enclosure.upper()))
    try:
        side = exact_sign(x)
    except Undecided:
        return result
    if side > 0:
        return result.and_also(Range(low=fmpq(0), above=True))
    return result.and_also(Range(high=fmpq(0), below=True)) if side < 0 else result


def _rational(x: arb) -> fmpq | None:
    """An exact (radius 0) ball as a rational; None if infinite or of a size not worth carrying."""
    if not x.is_finite() or abs(x) > 10**400:
        return None
    return x.fmpq() if x.is_zero() or abs(x) > arb(10) ** -400 else None


# -- ranges of the operations --------------------------------------------------------------------------------


def _bounds(e: Expression, ranges: list[Range]) -> Range:
    """The range of one node from those of its arguments; raises _NotShown where it may be undefined."""
    first = ranges[0]
    if e.op == "add":
        return reduce(_add, ranges)
    if e.op == "mul":
        return reduce(_multiply, ranges)
    if e.op == "neg":
        return first.negated()
    if e.op == "pow":
        return _power(first if e.exponent >= 0 else _inverse(first), abs(e.exponent))
    if e.op == "abs":
        return _absolute(first)
    if e.op == "max":
        return _maximum(first, ranges[1])
    if e.op == "min":
        return _maximum(first.negated(), ranges[1].negated()).negated()
    if e.op == "inv":
        return _inverse(first)
    return _increasing(e.op, first)


def _bound(*ends: fmpq) -> None:
    """Refuse ends that are too long to compute with."""
    bits = sum(int(end.height_bits()) for end in ends)
    if bits > _MAX_END_BITS:
        raise _NotShown("the bounds of the values are too long")
    spend(1 + bits // 64)


def _higher(x: tuple[fmpq | None, bool], y: tuple[fmpq | None, bool]) -> tuple[fmpq | None, bool]:
    """The larger of two lower bounds (bound, strict)."""
    if x[0] is None or y[0] is None:
        return y if x[0] is None else x
    if x[0] == y[0]:
        return x[0], x[1] or y[1]
    return x if x[0] > y[0] else y


def _add(x: Range, y: Range) -> Range:
    _bound(*(end for end in (x.low, x.high, y.low, y.high) if end is not None))
    low = None if x.low is None or y.low is None else x.low + y.low
    high = None if x.high is None or y.high is None else x.high + y.high
    return Range(low, high, x.above or y.above, x.below or y.below)


def _multiply(x: Range, y: Range) -> Range:
    if not x.non_negative() and x.negated().non_negative():
        return _multiply(x.negated(), y).negated()
    if not y.non_negative() and y.negated().non_negative():
        return _multiply(x, y.negated()).negated()
    ends = (x.low, x.high, y.low, y.high)
    known = [end for end in ends if end is not None]
    _bound(*known)
    for constant, other in ((x, y), (y, x)):  # a positive constant factor keeps what is strict
        factor = constant.low
        if factor is not None and factor == constant.high and factor > 0:
            low, high = (None if end is None else factor * end for end in (other.low, other.high))
            return Range(low, high, other.above, other.below)
    if x.low is not None and y.low is not None and x.low >= 0 and y.low >= 0:
        high = None if x.high is None or y.high is None else x.high * y.high
        return Range(x.low * y.low, high, x.positive() and y.positive() and x.low * y.low == 0)
    if len(known) < 4:
        return REALS
    corners = [a * b for a in known[:2] for b in known[2:]]
    return Range(min(corners), max(corners))


def _inverse(x: Range) -> Range:
    if x.negated().positive():
        return _inverse(x.negated()).negated()
    if not x.positive() or x.low is None:
        raise _NotShown("a denominator may be 0")
    low = fmpq(0) if x.high is None else 1 / x.high
    return Range(low, None if x.low == 0 else 1 / x.low, above=x.high is None or x.below, below=x.above)


def _absolute(x: Range) -> Range:
    if x.non_negative():
        return x
    return _maximum(x, x.negated()).and_also(Range(low=fmpq(0)))


def _power(x: Range, n: int) -> Range:
    """x**n, n >= 0: t -> t**n increases on [0, oo), and for odd n on all of R; strictness carries over."""
    if n == 0:
        return Range(fmpq(1), fmpq(1))
    if n % 2 == 0:
        x = _absolute(x)
    return Range(_end_power(x.low, n), _end_power(x.high, n), x.above, x.below)


def _end_power(end: fmpq | None, n: int) -> fmpq | None:
    if end is not None and end.height_bits() * n > _MAX_END_BITS:
        raise _NotShown("the bounds of a power are too long")
    return None if end is None else end**n


def _maximum(x: Range, y: Range) -> Range:
    low, above = _higher((x.low, x.above), (y.low, y.above))
    if x.high is None or y.high is None:
        return Range(low, None, above)
    high = max(x.high, y.high)
    return Range(low, high, above, (x.high < high or x.below) and (y.high < high or y.below))


def _increasing(op: str, x: Range) -> Range:
    """A strictly increasing function of x. An end far out is moved outwards to +-1000 or dropped: weaker,
    still true.
    """
    if op == "log" and not x.positive():
        raise _NotShown("the argument of log may be <= 0")
    if op == "sqrt" and not x.non_negative():
        raise _NotShown("the argument of sqrt may be < 0")
    image = _IMAGE[op]
    if x.low is not None and x.low >= -_FAR and not (op == "log" and x.low == 0):
        at = min(x.low, _FAR)
        bottom: Exact = UNARY[op](at)
        low = bottom if isinstance(bottom, fmpq) else _rational(ball(bottom).lower())
        strict = isinstance(bottom, fmpq) and (x.above or at < x.low)
        image = image.and_also(Range(low=low, above=strict))
    if x.high is not None and x.high <= _FAR:
        top: Exact = UNARY[op](max(x.high, -_FAR))
        high = top if isinstance(top, fmpq) else _rational(ball(top).upper())
        image = image.and_also(Range(high=high))
    return image
