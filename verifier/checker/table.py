"""Facts of the named functions that are not piecewise polynomials over Q, each with its proof.

Written S for the sigmoid 1/(1+e^-z): S' = S(1-S) > 0, S(-z) = 1 - S(z). Three arguments recur:

* B (not homogeneous): s(tz) = t^k s(z) for t > 0 makes s(z) = s(1) z^k for z > 0 and s(z) = s(-1) |z|^k for z
  < 0, one k.
* C (not convex): a convex function that is bounded above on (-oo, 0] is non-decreasing there (else its
  chords, falling to the right, would rise without bound to the left).
* D (not affine): an affine function that is not constant is unbounded on both sides of 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flint import fmpq

from .fact_types import UNKNOWN, Fact, Facts, no, yes
from .number import PI, Exact, Undecided, compare, sign

_SMOOTH = yes(
    "composed of exp, log, erf, arctan, products and quotients with positive denominators: C^infinity"
)
_NOT_EXP = no("it differs from exp")


def _rising(why: str, at_minus_infinity: Exact, mirror: Fact, not_homogeneous: str) -> Facts:
    """Facts of a C^infinity function with s' > 0 and a finite limit at -oo, not affine; convexity is left
    open.
    """
    return Facts(
        affine=no("not constant, and bounded on z < 0 (D)"),
        increasing=yes(why),
        non_decreasing=yes(why),
        even=no("an increasing function has s(-1) < s(1)"),
        mirror=mirror,
        homogeneous=no(not_homogeneous),
        differentiable=_SMOOTH,
        twice_differentiable=_SMOOTH,
        exponential=_NOT_EXP,
        l1=yes(f"C^infinity and {why}"),
        l2=yes(f"C^infinity and {why}"),
        l_plus=yes(f"C^infinity and {why}"),
        lower_bound=yes("the limit at -oo of an increasing function", at_minus_infinity),
        attained=no("an increasing function has no smallest value"),
    )


def _bent(facts: Facts, why: str) -> Facts:
    return replace(facts, convex=no(why), strictly_convex=no(why))


def _curved(facts: Facts, why: str) -> Facts:
    return replace(facts, convex=yes(why), strictly_convex=yes(why))


_LEVELS = "s(0) = {} and s(t*0) = t^k s(0) force k = 0, so s(t) = s(1) for all t > 0; but s increases (B)"
_SATURATES = "s > 0 and bounded on z > 0 forces k <= 0 (B), but then s does not increase there"

SIGMOID = _bent(
    _rising("s' = S(1-S) > 0", fmpq(0), yes("1/(1+e^-z) + 1/(1+e^z) = 1", fmpq(1)), _LEVELS.format("1/2")),
    "s'' = S(1-S)(1-2S) < 0 for z > 0, where S > 1/2",
)
TANH = _bent(
    _rising("s' = 1 - tanh^2 > 0, as |tanh| < 1", fmpq(-1), yes("tanh is odd", fmpq(0)), _SATURATES),
    "s'' = -2 tanh (1 - tanh^2) < 0 for z > 0",
)
ARCTAN = _bent(
    _rising("s' = 1/(1+z^2) > 0", -PI / 2, yes("arctan is odd", fmpq(0)), _SATURATES),
    "s'' = -2z/(1+z^2)^2 < 0 for z > 0",
)
SOFTPLUS = _curved(  # the logistic loss too
    _rising(
        "s' = S > 0",
        fmpq(0),
        no("s(z) + s(-z) is 2 log 2 at z = 0 and tends to oo with z"),
        _LEVELS.format("log 2"),
    ),
    "s'' = S(1-S) > 0",
)
SOFTPLUS = replace(SOFTPLUS, bounds_error=no("s(0) = log 2 < 1"))
EXP = replace(  # the exponential loss too
    _curved(
        _rising(
            "s' = e^z > 0", fmpq(0), no("e^z + e^-z is 2 at 0 and larger elsewhere"), _LEVELS.format("1")
        ),
        "s'' = e^z > 0",
    ),
    exponential=yes("it is exp"),
    bounds_error=yes("e^z > 0, and e^z >= 1 for z >= 0"),
)


def _dips(down: str, mirror: str) -> Facts:
    """Facts of silu and gelu: z*D(z), D a C^infinity distribution function, so s < 0 < s(-z) for z < 0;
    s(-oo) = 0.

    The exact minimum (at a transcendental point) is left unknown.
    """
    return Facts(
        affine=no("s(-oo) = 0 and s(0) = 0, but s(-1) < 0"),
        increasing=no(down),
        non_decreasing=no(down),
        convex=no(f"bounded on z < 0, so a convex s would be non-decreasing there (C), but {down}"),
        strictly_convex=no(f"bounded on z < 0, so a convex s would be non-decreasing there (C), but {down}"),
        even=no("s(-1) < 0 < s(1)"),
        mirror=no(mirror),
        homogeneous=no("as z -> oo, s(-z) -> 0 without being 0 asks for k < 0, s(z) -> oo for k > 0 (B)"),
        differentiable=_SMOOTH,
        twice_differentiable=_SMOOTH,
        exponential=_NOT_EXP,
        l1=no(down),
        l2=no(down),
        l_plus=no(down),
        attained=yes("continuous, negative at -1, >= 0 for z >= 0, and s(-oo) = 0"),
    )


SILU = _dips(
    "s(-2) > s(-1): 2/(1+e^2) < 1/(1+e) iff e^2 - 2e - 1 > 0 iff e > 1 + sqrt 2",
    "s(z) + s(-z) = z(S(z) - S(-z)) is 0 at z = 0 and > 0 at z = 1",
)
# With P the normal distribution function and p its density: 2P(-2) < p(2), since P(-x) < p(x)/x (Mills), and
# p(2) < P(-1), since P(-1) exceeds the integral of p from -2 to -1, where p > p(2).
GELU = _dips(
    "s(-2) > s(-1): 2P(-2) < p(2) < P(-1), P the normal distribution, p its density",
    "s(z) + s(-z) = z(P(z) - P(-z)) is 0 at z = 0 and > 0 at z = 1",
)

FIXED: Mapping[str, Facts] = {
    "sigmoid": SIGMOID,
    "tanh": TANH,
    "arctan": ARCTAN,
    "softplus": SOFTPLUS,
    "exp": EXP,
    "silu": SILU,
    "gelu": GELU,
    "logistic": SOFTPLUS,
    "exponential": EXP,
}


# -- functions with a parameter ------------------------------------------------------------------------------


def _known_sign(x: Exact) -> int | None:
    try:
        return sign(x)
    except Undecided:
        return None


def _versus(x: Exact, y: int) -> int | None:
    try:
        return compare(x, fmpq(y))
    except Undecided:
        return None


def _either(condition: bool | None, why_yes: str, why_no: str, value: Exact | None = None) -> Fact:
    if condition is None:
        return Fact(None, "a parameter cannot be compared with the constant on which this depends")
    return yes(why_yes, value) if condition else no(why_no)


def leaky_relu(slope: Exact) -> Facts:
    """s(z) = z for z >= 0, slope*z for z < 0. Rational slopes are derived; this is for irrational ones."""
    side, to_one, to_minus_one = _known_sign(slope), _versus(slope, 1), _versus(slope, -1)
    positive = None if side is None else side > 0
    not_negative = None if side is None else side >= 0
    linear = None if to_one is None else to_one == 0
    rising_and_smooth = _either(linear, "slope = 1: s(z) = z", "not C^1: the slope jumps at 0")
    return Facts(
        affine=_either(linear, "slope = 1: s(z) = z", "the slopes on the two sides of 0 differ"),
        increasing=_either(positive, "both slopes, 1 and `slope`, are > 0", "the slope on z < 0 is <= 0"),
        non_decreasing=_either(not_negative, "both slopes are >= 0", "the slope on z < 0 is negative"),
        convex=_either(None if to_one is None else to_one <= 0, "slope <= 1", "the slope falls at 0"),
        strictly_convex=no("affine on z > 0: s'' = 0"),
        even=_either(
            None if to_minus_one is None else to_minus_one == 0, "slope = -1: |z|", "s(-1) = -slope != s(1)"
        ),
        mirror=_either(linear, "s(z) = z is odd", "s(z) + s(-z) = (1 - slope)|z|", fmpq(0)),
        homogeneous=yes("linear on each side of 0", fmpq(1)),
        differentiable=rising_and_smooth,
        twice_differentiable=rising_and_smooth,
        exponential=_NOT_EXP,
        l1=rising_and_smooth,
        l2=rising_and_smooth,
        l_plus=rising_and_smooth,
        lower_bound=_either(
            _negation(positive), "both sides are >= s(0) = 0", "slope > 0: s(-oo) = -oo", fmpq(0)
        ),
        attained=_either(_negation(positive), "at 0", "unbounded below"),
    )


def elu(alpha: Exact, scale: Exact) -> Facts:
    """s(z) = scale*z for z >= 0, scale*alpha*(e^z - 1) for z < 0; scale > 0.

    One-sided slopes: scale on the right, scale*alpha*e^z on the left. All facts but the infimum are those of
    scale = 1.
    """
    side, to_one = _known_sign(alpha), _versus(alpha, 1)
    positive = None if side is None else side > 0
    not_negative = None if side is None else side >= 0
    smooth = None if to_one is None else to_one == 0
    not_c2 = "s'' is 0 right of 0; left of 0 it tends to alpha, or s' jumps if alpha != 1"
    convex = None if side is None or to_one is None else side >= 0 and to_one <= 0
    least = -(scale * alpha) if positive else fmpq(0)
    return Facts(
        affine=no("not constant, and bounded on z < 0 (D)"),
        increasing=_either(positive, "slopes alpha e^z > 0 and 1", "alpha <= 0: no slope on z < 0 is > 0"),
        non_decreasing=_either(not_negative, "slopes alpha e^z >= 0 and 1", "alpha < 0: falls on z < 0"),
        convex=_either(
            convex,
            "s'' = alpha e^z >= 0 on z < 0, 0 on z > 0, and the slope at 0 goes from alpha <= 1 to 1",
            "alpha < 0: s'' = alpha e^z < 0 on z < 0; alpha > 1: the slope falls at 0",
        ),
        strictly_convex=no("affine on z > 0: s'' = 0"),
        even=no("unbounded on z > 0, bounded on z < 0"),
        mirror=no("s(z) + s(-z) = z + alpha(e^-z - 1) is unbounded on z > 0"),
        homogeneous=_either(
            None if side is None else side == 0,
            "alpha = 0: relu",
            "s(z) = z for z > 0 asks for k = 1, but s is bounded and not 0 on z < 0 (B)",
            fmpq(1),
        ),
        differentiable=_either(smooth, "alpha = 1: both slopes at 0 are 1", "the slope jumps at 0"),
        twice_differentiable=no(not_c2),
        exponential=_NOT_EXP,
        l1=_either(smooth, "alpha = 1: C^1, slopes e^z and 1", "not C^1: the slope jumps at 0"),
        l2=no(not_c2),
        l_plus=_either(smooth, "alpha = 1: C^1, slopes e^z and 1", "not C^1: the slope jumps at 0"),
        lower_bound=UNKNOWN
        if positive is None
        else yes(
            "the limit at -oo of an increasing function" if positive else "s >= 0 on both sides of 0", least
        ),
        attained=_either(_negation(positive), "alpha <= 0: s >= 0 = s(0)", "alpha > 0: s increases"),
    )


def _negation(x: bool | None) -> bool | None:
    return None if x is None else not x


def target_quadratic(target: Exact) -> Facts:
    """f -> (f - t)**2, for an irrational t; a rational t is derived. (l1, l2, l_plus speak of labels.)"""
    origin = _known_sign(target)
    centred = None if origin is None else origin == 0
    second = yes("second derivative 2 > 0")
    smooth = yes("a polynomial")
    falls = no("falls for f < t")
    return Facts(
        affine=no("of degree 2"),
        increasing=falls,
        non_decreasing=falls,
        convex=second,
        strictly_convex=second,
        even=_either(centred, "t = 0", "t != 0: the axis is not 0"),
        mirror=no("s(f) + s(-f) = 2 f^2 + 2 t^2"),
        homogeneous=_either(centred, "t = 0: f^2", "t != 0: the only zero is t", fmpq(2)),
        differentiable=smooth,
        twice_differentiable=smooth,
        exponential=_NOT_EXP,
        lower_bound=yes("a square, 0 at f = t", fmpq(0)),
        attained=yes("at f = t"),
    )
