"""Exact numbers and ends of enclosures as texts for statements.

Two releases may enclose the same number a little differently. So a certificate states decimals of DIGITS digits,
rounded outwards, and a check does not compare them with its own: it shows that they are bounds (`stated`), and keeps
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flint import arb, fmpq

from . import number
from .expression import ExpressionProblem, parse_number
from .number import Exact, TooLarge

LONGEST = 200  # characters of an exact number that a statement repeats
MAX_EXPONENT = 30_000  # bits
DIGITS = 15  # significant ones, of the ends of an enclosure
FEW_DIGITS = 6  # of a bound that nobody needs to know better
LONGEST_DECIMAL = 400


def describe(x: Exact, stated: Any = None) -> dict[str, str] | None:
    """{"exact": text} of a number that is short enough, else {"lower", "upper"}: decimals that enclose it."""
    words = number.text(x)
    if isinstance(x, fmpq) or len(words) <= LONGEST:
        return {"exact": words}
    return enclosure(number.ball(x, 192), stated)


def enclosure(x: arb, stated: Any = None) -> dict[str, str] | None:
    """{"lower", "upper"} of a finite ball."""
    if not x.is_finite():
        return None
    given: Mapping[str, Any] = stated if isinstance(stated, dict) else {}
    return {"lower": at_least(x, given.get("lower")), "upper": at_most(x, given.get("upper"))}


def at_least(x: arb, stated: Any = None, digits: int = DIGITS) -> str:
    """A decimal that is no more than x: the stated one, if that is shown."""
    given = _bound(stated)
    return str(stated) if given is not None and bool(arb(given) <= x) else decimal(x.lower(), True, digits)


def at_most(x: arb, stated: Any = None, digits: int = DIGITS) -> str:
    """A decimal that is no less than x: the stated one, if that is shown."""
    given = _bound(stated)
    return str(stated) if given is not None and bool(arb(given) >= x) else decimal(x.upper(), False, digits)


def _bound(stated: Any) -> fmpq | None:
    if not isinstance(stated, str) or len(stated) > LONGEST_DECIMAL:
        return None
    try:
        value = parse_number(stated)
    except ExpressionProblem:
        return None
    return value if isinstance(value, fmpq) else None


def decimal(end: arb, down: bool, places: int = DIGITS) -> str:
    """A decimal with that many significant digits on the given side of an exact binary number; raises TooLarge."""
    mantissa, exponent = (int(v) for v in end.man_exp())
    if mantissa == 0:
        return "0"
    size = mantissa.bit_length() + exponent  # 2**(size-1) <= |end| < 2**size
    if size < -MAX_EXPONENT:  # too small to write out: 0, or the smallest that is written
        away = (mantissa < 0) == down
        return f"{'-' if mantissa < 0 else ''}1e-{MAX_EXPONENT // 4}" if away else "0"
    if size > MAX_EXPONENT:
        raise TooLarge("a number is too large for a statement")
    value = fmpq(mantissa) * fmpq(2) ** exponent
    magnitude = size * 30103 // 100000 + 1  # the decimal exponent, or one more
    shift = places - magnitude
    scaled = value * fmpq(10) ** shift
    rounded = int(scaled.floor() if down else scaled.ceil())
    sign, digits = ("-", str(-rounded)) if rounded < 0 else ("", str(rounded))
    if 0 <= shift <= 2 * DIGITS:
        digits = digits.rjust(shift + 1, "0")
        return sign + (f"{digits[:-shift]}.{digits[-shift:]}" if shift else digits)
    return f"{sign}{digits}e{-shift}"
