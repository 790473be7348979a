"""Exact numbers and ends of enclosures as texts for statements."""

from __future__ import annotations

from flint import arb, fmpq

from . import number
from .number import Exact

LONGEST = 200  # characters of an exact number that a statement repeats
DIGITS = 20  # significant ones, of the ends of an enclosure


def describe(x: Exact) -> dict[str, str] | None:
    """{"exact": text} of a number that is short enough, else {"lower", "upper"}: decimals that enclose it."""
    words = number.text(x)
    if isinstance(x, fmpq) or len(words) <= LONGEST:
        return {"exact": words}
    return enclosure(number.ball(x, 192))


def enclosure(x: arb) -> dict[str, str] | None:
    """{"lower", "upper"} of a finite ball."""
    if not x.is_finite():
        return None
    return {"lower": decimal(x.lower(), down=True), "upper": decimal(x.upper(), down=False)}


def decimal(end: arb, down: bool) -> str:
    """A decimal with DIGITS significant digits on the given side of an exact binary number."""
    mantissa, exponent = (int(v) for v in end.man_exp())
    if mantissa == 0:
        return "0"
    value = fmpq(mantissa) * fmpq(2) ** exponent
    magnitude = (mantissa.bit_length() + exponent) * 30103 // 100000 + 1  # the decimal exponent, or one more
    shift = DIGITS - magnitude
    scaled = value * fmpq(10) ** shift
    rounded = int(scaled.floor() if down else scaled.ceil())
    sign, digits = ("-", str(-rounded)) if rounded < 0 else ("", str(rounded))
    if 0 <= shift <= 3 * DIGITS:
        digits = digits.rjust(shift + 1, "0")
        return sign + (f"{digits[:-shift]}.{digits[-shift:]}" if shift else digits)
    return f"{sign}{digits}e{-shift}"
