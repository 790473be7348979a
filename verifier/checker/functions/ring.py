"""Polynomials in z, s and r with exact coefficients, where s = exp(u(z)) and r = sqrt(w(z)) for one u and one w.

A polynomial is the tuple of its terms ((i, j, k), c), standing for c z^i s^j r^k, sorted, no c the rational 0; i >= 0,
k is 0 or 1 (r**2 is replaced by w), and j may be negative. Equal tuples are equal functions; in the other direction
nothing is promised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from flint import fmpq, fmpq_poly

from ..number import Exact, TooLarge, inverse, is_zero, spend, times

MAX_TERMS = 400
MAX_DEGREE = 60

Key = tuple[int, int, int]
Terms = tuple[tuple[Key, Exact], ...]
UNIT: Key = (0, 0, 0)


@dataclass(frozen=True)
class Polynomial:
    """The terms, sorted by key."""

    terms: Terms

    @cached_property
    def _hash(self) -> int:
        return hash(self.terms)

    def __hash__(self) -> int:
        return self._hash

    def is_zero(self) -> bool:
        """Whether there is no term; then the function is 0."""
        return not self.terms

    def degrees(self, axis: int) -> range:
        """From the least to the largest power of z (axis 0), s (1) or r (2)."""
        powers = [key[axis] for key, _ in self.terms] or [0]
        return range(min(powers), max(powers) + 1)

    def only(self, axis: int) -> bool:
        """Whether no other variable occurs."""
        return all(not any(key[:axis] + key[axis + 1 :]) for key, _ in self.terms)


ZERO = Polynomial(())


@dataclass(frozen=True, eq=False)
class Ring:
    """What s and r mean: u without s and r, and w without r; None if there is no such variable."""

    exponent: fmpq_poly | None = None
    radicand: Polynomial | None = None


def gather(terms: Iterable[tuple[Key, Exact]]) -> Polynomial:
    """The sum of terms; raises TooLarge."""
    found: dict[Key, Exact] = {}
    for key, c in terms:
        found[key] = found[key] + c if key in found else c
    kept = tuple(sorted(((key, c) for key, c in found.items() if not is_zero(c)), key=lambda term: term[0]))
    if len(kept) > MAX_TERMS or any(i > MAX_DEGREE or abs(j) > MAX_DEGREE for (i, j, _), _ in kept):
        raise TooLarge("a normal form has too many terms")
    spend(1 + len(kept))
    return Polynomial(kept)


def constant(c: Exact) -> Polynomial:
    """The constant c."""
    return gather([(UNIT, c)])


ONE = constant(fmpq(1))
Z = gather([((1, 0, 0), fmpq(1))])


def add(p: Polynomial, q: Polynomial) -> Polynomial:
    """p + q."""
    return gather([*p.terms, *q.terms])


def scale(c: Exact, p: Polynomial) -> Polynomial:
    """c p."""
    return gather((key, times(c, x)) for key, x in p.terms)


def shift(p: Polynomial, by: Key) -> Polynomial:
    """p times the monomial z^i s^j (k = 0)."""
    return gather(((key[0] + by[0], key[1] + by[1], key[2]), c) for key, c in p.terms)


def multiply(p: Polynomial, q: Polynomial, ring: Ring) -> Polynomial:
    """p q, with r**2 = w; raises TooLarge."""
    spend(len(p.terms) * len(q.terms))
    plain: list[tuple[Key, Exact]] = []
    squared: list[tuple[Key, Exact]] = []
    for (i, j, k), c in p.terms:
        for (h, m, n), d in q.terms:
            (squared if k + n == 2 else plain).append(((i + h, j + m, (k + n) % 2), times(c, d)))
    if not squared:
        return gather(plain)
    assert ring.radicand is not None
    return add(gather(plain), multiply(gather(squared), ring.radicand, ring))


def power(p: Polynomial, n: int, ring: Ring) -> Polynomial:
    """p**n for n >= 0; raises TooLarge."""
    result = ONE
    for bit in bin(n)[2:]:
        result = multiply(result, result, ring)
        if bit == "1":
            result = multiply(result, p, ring)
    return result


def rational(p: Polynomial, axis: int) -> tuple[fmpq_poly, Exact] | None:
    """(q, c) with p = c q, q a rational polynomial in the variable of `axis`, if p is that for the last term's c."""
    if p.is_zero() or not p.only(axis) or p.degrees(axis).start < 0:
        return None
    last = p.terms[-1][1]
    unit = fmpq(1) if all(isinstance(c, fmpq) for _, c in p.terms) else last
    over = inverse(unit)
    coefficients = [fmpq(0)] * p.degrees(axis).stop
    for key, c in p.terms:
        ratio = times(c, over)
        if not isinstance(ratio, fmpq):
            return None
        coefficients[key[axis]] = ratio
    return fmpq_poly(coefficients), unit


def split(p: Polynomial, axis: int) -> Mapping[int, Polynomial]:
    """p = sum over n of x**n p_n, where x is the variable of `axis` and no p_n contains it."""
    parts: dict[int, list[tuple[Key, Exact]]] = {}
    for key, c in p.terms:
        rest = (*key[:axis], 0, *key[axis + 1 :])
        parts.setdefault(key[axis], []).append(((rest[0], rest[1], rest[2]), c))
    return {n: gather(terms) for n, terms in parts.items()}
