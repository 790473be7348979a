"""Signs of a rational polynomial on an interval, decided exactly (Sturm's theorem).

An interval is a pair (left, right) of rationals, left < right; None stands for -infinity or +infinity. Every
function returns a decision, never an estimate, and raises `TooLarge` where its bounds are exceeded.
"""

from __future__ import annotations

from itertools import pairwise

from flint import fmpq, fmpq_poly

from .number import TooLarge, spend

MAX_STURM_DEGREE = 128
MAX_STURM_WORK = 1 << 20  # degree squared times bits
End = fmpq | None


def size_in_bits(p: fmpq_poly) -> int:
    """An upper bound on the bits of any numerator or denominator of p."""
    return int(p.numer().height_bits()) + int(p.denom().bit_length())


def sign(x: fmpq) -> int:
    """-1, 0 or 1."""
    return (x > 0) - (x < 0)


def interior_point(left: End, right: End) -> fmpq:
    """Some rational strictly between left and right."""
    if left is None:
        return fmpq(0) if right is None else right - 1
    return left + 1 if right is None else (left + right) / 2


def _weigh(p: fmpq_poly) -> None:
    """Count the work of finding the square-free part of p."""
    spend(1 + (p.degree() + 1) * size_in_bits(p) // 2_000)


def _bound_sturm(p: fmpq_poly, purpose: str) -> None:
    cost = p.degree() ** 2 * size_in_bits(p)
    if p.degree() > MAX_STURM_DEGREE or cost > MAX_STURM_WORK:
        raise TooLarge(f"a polynomial of degree {p.degree()} is too large for {purpose}")
    spend(1 + cost // 16)


def odd_part(p: fmpq_poly) -> fmpq_poly:
    """c * (product of the square-free factors of odd multiplicity): a square-free r such that p = r * (a
    square).

    So r and p have the same sign wherever p is not 0, and r changes sign at each of its real roots (they are
    simple). The zero polynomial is returned unchanged.
    """
    if p.degree() <= 1:
        return p
    _weigh(p)
    unit, factors = p.factor_squarefree()
    result = fmpq_poly([unit])
    for factor, multiplicity in factors:
        if multiplicity % 2:
            result = result * factor
    return result


def _squarefree(p: fmpq_poly) -> fmpq_poly:
    if p.degree() == 1:
        return p
    _weigh(p)
    return p // p.gcd(p.derivative())


def _primitive(p: fmpq_poly) -> fmpq_poly:
    """p times a positive constant, with coprime integer coefficients (keeps the numbers in a Sturm chain
    small).
    """
    integral = p.numer()
    return fmpq_poly(integral) / integral.content()


def _sturm_chain(p: fmpq_poly) -> list[fmpq_poly]:
    """p, p', then negated remainders, each up to a positive factor, which does not change a sign."""
    _bound_sturm(p, "an exact root count")
    chain = [_primitive(p), _primitive(p.derivative())]
    while True:
        remainder = chain[-2] % chain[-1]
        if remainder.is_zero():
            return chain
        chain.append(_primitive(-remainder))


def _sign_at(p: fmpq_poly, point: End, infinity: int) -> int:
    """The sign of p at a rational point; if the point is None, at infinity * (+infinity)."""
    if point is not None:
        return sign(p(point))
    leading = sign(p.leading_coefficient())
    return -leading if infinity < 0 and p.degree() % 2 else leading


def _variations(chain: list[fmpq_poly], point: End, infinity: int) -> int:
    signs = [s for p in chain if (s := _sign_at(p, point, infinity))]
    return sum(a != b for a, b in pairwise(signs))


def roots_between(p: fmpq_poly, left: End, right: End) -> int:
    """The number of distinct real roots of p != 0 in the open interval (left, right).

    Sturm's theorem: for a square-free q with q(left), q(right) != 0, the number of its roots between them is
    the number of sign changes of the chain at left minus that at right. Roots at the ends are divided out
    first.
    """
    if p.is_zero():
        raise ValueError("the zero polynomial has no finite number of roots")
    q = _squarefree(p)
    for end in (left, right):
        if end is not None and q(end) == 0:
            q = q // fmpq_poly([-end, 1])
    if q.degree() <= 0:
        return 0
    if q.degree() == 1:
        root = -q[0] / q[1]
        return int((left is None or root > left) and (right is None or root < right))
    chain = _sturm_chain(q)
    return _variations(chain, left, -1) - _variations(chain, right, +1)


def is_non_negative(p: fmpq_poly, left: End, right: End) -> bool:
    """Whether p >= 0 on (left, right), and so, by continuity, on its closure.

    With r = odd_part(p): p >= 0 iff r >= 0 (they agree off the roots of p). A root of r inside is a change of
    sign; if there is none, r has the sign it has at any one interior point.
    """
    r = odd_part(p)
    if r.is_zero():
        return True
    return r(interior_point(left, right)) > 0 and roots_between(r, left, right) == 0


def is_positive(p: fmpq_poly, left: End, right: End) -> bool:
    """Whether p > 0 on the closed interval [left, right] (infinite ends excluded)."""
    if p.is_zero() or any(end is not None and p(end) <= 0 for end in (left, right)):
        return False
    return p(interior_point(left, right)) > 0 and roots_between(p, left, right) == 0


def rational_roots(p: fmpq_poly, left: End, right: End) -> list[fmpq]:
    """Rational roots of p != 0 in (left, right), ascending. All of them, if the factoring in FLINT is
    complete; each is checked here, so a caller that needs completeness compares their number with
    `roots_between`."""
    q = _squarefree(p)
    if q.degree() == 1:
        found = {-q[0] / q[1]}
    else:
        _bound_sturm(q, "a search for rational roots")
        found = {root for root, _ in q.roots() if q(root) == 0}
    return sorted(r for r in found if (left is None or r > left) and (right is None or r < right))


def sign_changes(p: fmpq_poly, left: End, right: End) -> list[fmpq] | None:
    """The points of (left, right) where p changes sign, ascending; None if one of them is irrational."""
    r = odd_part(p)
    if r.degree() <= 0:
        return []
    rational = rational_roots(r, left, right)
    return rational if len(rational) == roots_between(r, left, right) else None
