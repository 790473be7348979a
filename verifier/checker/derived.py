"""Facts of a piecewise polynomial, each decided from its definition by exact signs (`polynomial.py`).

Throughout, f has pieces p_i on [b_(i-1), b_i] and is continuous. Its one-sided slopes are the values of p_i'
on these closed intervals.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from flint import fmpq, fmpq_poly

from .fact_types import UNKNOWN, Fact, Facts, no, yes
from .number import Undecided, work
from .piecewise import PiecewisePolynomial, add
from .polynomial import End, is_non_negative, is_positive, rational_roots, sign

MAX_WORK = 100_000
Interval = tuple[End, End, fmpq_poly]


def derived_facts(f: PiecewisePolynomial) -> Facts:
    """All facts of f; a fact is unknown only where a size bound is exceeded or a minimiser is irrational."""
    with work(MAX_WORK):
        return _facts(f)


def _facts(f: PiecewisePolynomial) -> Facts:
    infimum, attained = _decided_pair(f)
    return Facts(
        affine=_decided(_affine, f),
        increasing=_decided(_increasing, f),
        non_decreasing=_decided(_non_decreasing, f),
        convex=_decided(_convex, f),
        strictly_convex=_decided(_strictly_convex, f),
        even=_decided(_even, f),
        mirror=_decided(_mirror, f),
        homogeneous=_decided(_homogeneous, f),
        differentiable=_decided(lambda g: _smooth(g, 1), f),
        twice_differentiable=_decided(lambda g: _smooth(g, 2), f),
        exponential=no("a piecewise polynomial is not exp: it does not grow like exp"),
        l1=_decided(_l1, f),
        l2=_decided(_l2, f),
        l_plus=_decided(_l_plus, f),
        bounds_error=_decided(_bounds_error, f),
        lower_bound=infimum,
        attained=attained,
    )


def _decided(rule: Callable[[PiecewisePolynomial], Fact], f: PiecewisePolynomial) -> Fact:
    try:
        return rule(f)
    except Undecided as problem:
        return Fact(None, str(problem))


def _slopes(f: PiecewisePolynomial) -> list[Interval]:
    return [(a, b, p.derivative()) for a, b, p in f.intervals()]


def _place(a: End, b: End) -> str:
    return f"between {'-oo' if a is None else a} and {'oo' if b is None else b}"


def _affine(f: PiecewisePolynomial) -> Fact:
    if f.breakpoints:
        return no("it has a breakpoint: two neighbouring pieces differ")
    return yes("one piece of degree <= 1") if f.pieces[0].degree() <= 1 else no("its degree is above 1")


def _increasing(f: PiecewisePolynomial) -> Fact:
    for a, b, slope in _slopes(f):
        if not is_positive(slope, a, b):
            return no(f"some one-sided slope {_place(a, b)} is <= 0")
    return yes("the derivative of every piece is > 0 on its closed interval (Sturm)")


def _non_decreasing(f: PiecewisePolynomial) -> Fact:
    for a, b, slope in _slopes(f):
        if not is_non_negative(slope, a, b):
            return no(f"the slope is < 0 somewhere {_place(a, b)}")
    return yes(
        "the derivative of every piece is >= 0 on its interval (Sturm), and the function is continuous"
    )


def _convex(f: PiecewisePolynomial) -> Fact:
    """A continuous f is convex iff every piece is (p'' >= 0) and the slope does not fall at a breakpoint."""
    slopes = _slopes(f)
    for a, b, slope in slopes:
        if not is_non_negative(slope.derivative(), a, b):
            return no(f"the second derivative is < 0 somewhere {_place(a, b)}")
    for (_, b, left), (_, _, right) in pairwise(slopes):
        if b is not None and left(b) > right(b):
            return no(f"the slope falls at {b}")
    return yes("every piece has second derivative >= 0 (Sturm), and no slope falls at a breakpoint")


def _strictly_convex(f: PiecewisePolynomial) -> Fact:
    smooth = _smooth(f, 2)
    if smooth.holds is not True:
        return no(f"not C^2: {smooth.why}")
    for a, b, slope in _slopes(f):
        if not is_positive(slope.derivative(), a, b):
            return no(f"the second derivative is <= 0 somewhere {_place(a, b)}")
    return yes("C^2, and the second derivative is > 0 everywhere (Sturm)")


def _even(f: PiecewisePolynomial) -> Fact:
    same = f.reflected() == f
    return yes("s(-z) has the same pieces as s(z)") if same else no("s(-z) and s(z) have different pieces")


def _mirror(f: PiecewisePolynomial) -> Fact:
    value = add(f, f.reflected()).constant()
    return no("s(z) + s(-z) is not constant") if value is None else yes(f"s(z) + s(-z) = {value}", value)


def _homogeneous(f: PiecewisePolynomial) -> Fact:
    """s(tz) = t^k s(z) makes s a multiple of |z|^k on each side of 0, with one k; conversely such s is
    homogeneous.
    """
    if any(b != 0 for b in f.breakpoints):
        return no("it has a breakpoint away from 0")
    degrees = set()
    for p in f.pieces:
        if sum(c != 0 for c in p.coeffs()) > 1:
            return no("a piece is not a multiple of one power of z")
        if not p.is_zero():
            degrees.add(p.degree())
    if len(degrees) > 1:
        return no("the two sides of 0 are of different degree")
    degree = degrees.pop() if degrees else 1
    return yes(f"a multiple of z**{degree} on each side of 0", fmpq(degree))


def _smooth(f: PiecewisePolynomial, order: int) -> Fact:
    smoothness = f.smoothness()
    if smoothness is None:
        return yes("a polynomial")
    if smoothness >= order:
        return yes(f"derivatives up to order {smoothness} agree at every breakpoint")
    return no(f"the derivative of order {smoothness + 1} jumps at a breakpoint")


def _l1(f: PiecewisePolynomial) -> Fact:
    smooth, monotone = _smooth(f, 1), _non_decreasing(f)
    for needed in (smooth, monotone):
        if needed.holds is not True:
            return no(needed.why)
    for a, b, slope in _slopes(f):
        if (b is None or b >= 0) and not is_positive(
            slope, fmpq(0) if a is None or a < 0 else a, None if b is None else b
        ):
            return no("the derivative is 0 at some z >= 0")
    return yes("C^1, derivative >= 0 everywhere and > 0 for z >= 0 (Sturm)")


def _l2(f: PiecewisePolynomial) -> Fact:
    first, smooth = _l1(f), _smooth(f, 2)
    if first.holds is True and smooth.holds is True:
        return yes(f"{first.why}; C^2: {smooth.why}")
    return no(smooth.why if first.holds is True else first.why)


def _l_plus(f: PiecewisePolynomial) -> Fact:
    smooth, rising = _smooth(f, 1), _increasing(f)
    if smooth.holds is True and rising.holds is True:
        return yes(f"C^1: {smooth.why}; {rising.why}")
    return no(rising.why if smooth.holds is True else smooth.why)


def _bounds_error(f: PiecewisePolynomial) -> Fact:
    for a, b, p in f.intervals():
        if not is_non_negative(p, a, b):
            return no(f"it is < 0 somewhere {_place(a, b)}")
        if (b is None or b > 0) and not is_non_negative(p - 1, fmpq(0) if a is None or a < 0 else a, b):
            return no("it is < 1 at some z >= 0")
    return yes(">= 0 everywhere, and >= 1 for z >= 0 (Sturm)")


def _decided_pair(f: PiecewisePolynomial) -> tuple[Fact, Fact]:
    try:
        return _infimum(f)
    except Undecided:
        return UNKNOWN, UNKNOWN


def _infimum(f: PiecewisePolynomial) -> tuple[Fact, Fact]:
    """(infimum, whether attained).

    On each side f is constant or tends to +-oo. If nowhere to -oo, f attains its minimum: at a breakpoint, on
    a constant piece, or at a root of some p_i'. The least of these values at rational points is the minimum
    iff f minus it is >= 0 everywhere, which is checked; it fails only when the minimiser is irrational.
    """
    first, last = f.pieces[0], f.pieces[-1]
    falls_left = first.degree() > 0 and sign(first.leading_coefficient()) * (-1) ** (first.degree() % 2) < 0
    if falls_left or (last.degree() > 0 and last.leading_coefficient() < 0):
        where = "-oo" if falls_left else "+oo"
        return no(f"it tends to -oo as z tends to {where}"), no("unbounded below")
    values = [f(b) for b in f.breakpoints]
    for a, b, p in f.intervals():
        slope = p.derivative()
        values += [p[0]] if slope.is_zero() else [p(r) for r in rational_roots(slope, a, b)]
    reached = yes("continuous, and constant or tending to +oo on either side")
    if not values:
        return UNKNOWN, reached
    least = min(values)
    if all(is_non_negative(p - least, a, b) for a, b, p in f.intervals()):
        return yes(
            f"the minimum is {least}: the value is taken, and s - {least} >= 0 (Sturm)", least
        ), reached
    return Fact(None, "the minimum is at an irrational point"), reached
