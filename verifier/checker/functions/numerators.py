"""The signs of a polynomial in z, s = exp(u(z)) and r = sqrt(w(z)) > 0 on a closed interval.

Lemmas, for p with the powers of s and r that all its terms share divided out (s, r > 0):

* p in z alone: Sturm's theorem decides.
* p in s alone: s takes values in an interval [low, high] (see `_values_of_s`), where Sturm's theorem decides. If s
  takes all values there but perhaps 0 and oo, the signs on [low, high] are taken: p(0) is not 0, so the sign of p at 0
  is also taken near 0.
* p = z^i q: signs multiply.
* p = sum of terms c z^i s^j r^k whose factors have known signs: terms >= 0, one of them > 0, add up to > 0.
* p = A + B r: if A^2 - B^2 w is nowhere 0, neither is p (a zero has A^2 = B^2 w); p is continuous, so it has one sign.
"""

from __future__ import annotations

from functools import reduce

from flint import arb, fmpq, fmpq_poly

from ..number import UnknownSign, enclose, precision
from ..number import sign as exact_sign
from ..polynomial import End, interior_point, is_non_negative, is_positive
from .ring import Polynomial, Ring, add, multiply, rational, scale, shift, split
from .sign_set import ALL, Signs, added, both, exactly, flipped, multiplied, only

POINT_BITS = 128
_FAR = fmpq(100)


def numerator_signs(p: Polynomial, ring: Ring, left: End, right: End) -> Signs:
    """The signs of p on [left, right]; raises Undecided (TooLarge)."""
    if p.is_zero():
        return only(0)
    p = _without_positive_monomial(p)
    if p.only(0):
        return _scaled(p, 0, left, right)
    found = _signs_of_terms(p, left, right)
    if found.is_settled():
        return found
    power = p.degrees(0).start
    if power:
        rest = numerator_signs(shift(p, (-power, 0, 0)), ring, left, right)
        return both(found, multiplied(sturm_signs(_monomial(power), left, right), rest))
    if p.degrees(2).stop > 1:
        return both(found, _with_root(p, ring, left, right))
    if p.only(1) and ring.exponent is not None:
        low, high, exact = _values_of_s(ring.exponent, left, right)
        result = _scaled(p, 1, low, high)
        return both(found, result if exact else Signs(result.possible))
    return found


def sturm_signs(p: fmpq_poly, left: End, right: End) -> Signs:
    """Exactly the signs that a polynomial takes on [left, right] (infinite ends excluded)."""
    if p.is_zero():
        return only(0)
    for sign, q in ((1, p), (-1, -p)):
        if is_positive(q, left, right):
            return only(sign)
        if is_non_negative(q, left, right):
            return exactly(0, sign)
    return exactly(-1, 0, 1)


def value_at(p: Polynomial, ring: Ring, z: fmpq) -> arb:
    """An enclosure of p at a rational point, at flint's precision; raises Undecided."""
    s = arb(1) if ring.exponent is None else arb(ring.exponent(z)).exp()
    r = arb(1) if ring.radicand is None else value_at(ring.radicand, Ring(ring.exponent), z).sqrt()
    return reduce(
        lambda total, term: total + enclose(term[1]) * arb(z) ** term[0][0] * s ** term[0][1] * r ** term[0][2],
        p.terms,
        arb(0),
    )


def sign_at(p: Polynomial, ring: Ring, z: fmpq) -> int:
    """The sign of p at a rational point where it is not 0; raises UnknownSign."""
    with precision(POINT_BITS):
        found = value_at(p, ring, z)
    if found > 0 or found < 0:
        return 1 if found > 0 else -1
    raise UnknownSign("a normal form is too close to 0 at a point")


def _monomial(power: int) -> fmpq_poly:
    return fmpq_poly([0] * power + [1])


def _without_positive_monomial(p: Polynomial) -> Polynomial:
    p = shift(p, (0, -p.degrees(1).start, 0))
    if p.degrees(2).start == 1:
        p = Polynomial(tuple(((i, j, 0), c) for (i, j, _), c in p.terms))
    return p


def _scaled(p: Polynomial, axis: int, left: End, right: End) -> Signs:
    """The signs of p on values in [left, right] of its only variable."""
    parts = rational(p, axis)
    if parts is None:
        return ALL
    result = sturm_signs(parts[0], left, right)
    return result if exact_sign(parts[1]) > 0 else flipped(result)


def _values_of_s(u: fmpq_poly, left: End, right: End) -> tuple[End, End, bool]:
    """(low, high, exact): exp(u) is in [low, high] on [left, right]; exact: it takes all values there but 0 and oo.

    A linear u rises (`form._common`). Otherwise only the sign of u is used.
    """
    if u.degree() == 1:
        low, low_is_exact = _exp_bound(None if left is None else u(left), -1)
        high, high_is_exact = _exp_bound(None if right is None else u(right), 1)
        return low, high, low_is_exact and high_is_exact
    low = fmpq(1) if is_non_negative(u, left, right) else fmpq(0)
    return low, fmpq(1) if is_non_negative(-u, left, right) else None, False


def _exp_bound(x: End, side: int) -> tuple[End, bool]:
    """(a bound of exp(x) from below (side -1) or above, whether it is exp(x)); x None: side * oo."""
    infinite = fmpq(0) if side < 0 else None
    if x is None:
        return infinite, True
    if x == 0:
        return fmpq(1), True
    if abs(x) > _FAR:
        return infinite, False
    with precision(POINT_BITS):
        enclosure = arb(x).exp()
    return (enclosure.lower() if side < 0 else enclosure.upper()).fmpq(), False


def _signs_of_terms(p: Polynomial, left: End, right: End) -> Signs:
    result = only(0)
    for (i, _, _), c in p.terms:
        term = sturm_signs(_monomial(i), left, right) if i else only(1)
        result = added(result, multiplied(term, only(exact_sign(c))))
    return result if len(result.possible) == 1 else Signs(result.possible)


def _with_root(p: Polynomial, ring: Ring, left: End, right: End) -> Signs:
    parts = split(p, 2)
    a, b = parts[0], parts[1]  # both are there: a shared r is divided out
    assert ring.radicand is not None
    found = added(numerator_signs(a, ring, left, right), numerator_signs(b, ring, left, right))
    square = multiply(multiply(b, b, ring), ring.radicand, ring)
    norm = numerator_signs(add(multiply(a, a, ring), scale(fmpq(-1), square)), ring, left, right)
    if 0 in norm.possible:
        return found
    return both(found, only(sign_at(p, ring, interior_point(left, right))))
