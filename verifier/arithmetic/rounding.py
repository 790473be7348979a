"""Short rationals near given numbers, and short integer vectors near given directions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import gcd, isfinite, isqrt

from flint import fmpq

SCALES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 100, *(2**k for k in range(7, 52, 3)))


def nearest(x: float | fmpq, max_denominator: int) -> fmpq:
    """The rational closest to x with denominator at most `max_denominator` (continued fractions)."""
    exact = Fraction(x) if isinstance(x, float) else Fraction(int(x.p), int(x.q))
    found = exact.limit_denominator(max_denominator)
    return fmpq(found.numerator, found.denominator)


def simplest_between(low: fmpq, high: fmpq) -> fmpq:
    """The rational of smallest denominator (then smallest size) in [low, high]; raises ValueError if empty."""
    if low > high:
        raise ValueError("empty interval")
    if low <= 0 <= high:
        return fmpq(0)
    if high < 0:
        return -simplest_between(-high, -low)
    # 0 < low: descend the continued fractions; numerators p and denominators q of the last two convergents.
    p, previous_p, q, previous_q = 1, 0, 0, 1
    while True:
        whole = int(low.floor())
        if low == whole or high >= whole + 1:
            whole = int(low.ceil())
            return fmpq(whole * p + previous_p, whole * q + previous_q)
        p, previous_p = whole * p + previous_p, p
        q, previous_q = whole * q + previous_q, q
        low, high = 1 / (high - whole), 1 / (low - whole)


def primitive(values: Sequence[fmpq]) -> tuple[int, ...]:
    """The integer vector without common factor on the same ray."""
    common = 1
    for x in values:
        common = common * int(x.q) // gcd(common, int(x.q))
    integers = [int(x.p) * (common // int(x.q)) for x in values]
    divisor = gcd(*integers) or 1
    return tuple(n // divisor for n in integers)


def short_vectors(direction: Sequence[float]) -> Iterator[tuple[int, ...]]:
    """Integer vectors closer and closer to the ray of `direction`, short ones first; no repetitions in a row."""
    size = max((abs(x) for x in direction), default=0.0)
    if size == 0.0 or not all(map(isfinite, direction)):
        return
    before: tuple[int, ...] | None = None
    for scale in SCALES:
        candidate = tuple(round(x / size * scale) for x in direction)
        if candidate != before:
            yield candidate
        before = candidate


def reconstruct(residue: int, modulus: int) -> fmpq | None:
    """The fraction p/q = residue (mod modulus) with |p|, q <= sqrt(modulus/2), or None (Wang's algorithm)."""
    bound = isqrt(modulus // 2)
    r, next_r, t, next_t = modulus, residue % modulus, 0, 1
    while next_r > bound:
        quotient = r // next_r
        r, next_r = next_r, r - quotient * next_r
        t, next_t = next_t, t - quotient * next_t
    if next_t == 0 or abs(next_t) > bound or gcd(next_r, next_t) != 1:
        return None
    return fmpq(next_r, next_t)
