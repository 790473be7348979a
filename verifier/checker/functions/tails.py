"""One sign far out, for a polynomial in z and s = exp(q z + c), q > 0.

Lemma. Let N/s^m = c_m(z) + (sum over terms c z^i s^(-k), k >= 1), c_m not 0. If on [R, oo), R > 0, c_m has no zero
and |c_m| does not fall, and k q R >= i for every other term, then each |z^i s^(-k)| is largest at R (its logarithm has
the derivative i/z - k q), so where the sum of the |c| R^i s(R)^(-k) is less than |c_m(R)|, N has the sign of c_m
throughout.
"""

from __future__ import annotations

from flint import arb, fmpq, fmpq_poly

from ..number import enclose, precision
from ..number import sign as exact_sign
from ..polynomial import is_non_negative, is_positive
from .ring import Polynomial, Ring, gather, rational, split

BITS = 128


def right_tail(p: Polynomial, ring: Ring, start: fmpq) -> int | None:
    """1 or -1 if p has that sign on [start, oo), start > 0; None if that is not shown. Raises Undecided."""
    u = ring.exponent
    if u is None or u.degree() != 1 or u[1] <= 0 or start <= 0 or p.is_zero() or any(k for (_, _, k), _ in p.terms):
        return None
    top = p.degrees(1).stop - 1
    leading = rational(split(p, 1)[top], 0)
    if leading is None:
        return None
    side = next((s for s in (1, -1) if is_positive(s * leading[0], start, None)), None)
    if side is None or not is_non_negative(side * leading[0].derivative(), start, None):
        return None
    with precision(BITS):
        s = arb(u(start)).exp()
        rest = arb(0)
        for (i, j, _), c in p.terms:
            if j < top:
                if (top - j) * u[1] * start < i:
                    return None
                rest = rest + abs(enclose(c)) * arb(start) ** i / s ** (top - j)
        if not rest < abs(enclose(leading[1]) * arb(leading[0](start))):
            return None
    return side * exact_sign(leading[1])


def left_tail(p: Polynomial, ring: Ring, start: fmpq) -> int | None:
    """The same on (-oo, -start]: z -> -z turns s = exp(q z + c) into 1/exp(q z - c)."""
    u = ring.exponent
    if u is None or u.degree() != 1:
        return None
    mirrored = gather(((i, -j, k), -c if i % 2 else c) for (i, j, k), c in p.terms)
    return right_tail(mirrored, Ring(fmpq_poly([-u[0], u[1]]), ring.radicand), start)
