"""Exact numbers and ends of enclosures as texts for statements.

Two releases may enclose the same number a little differently. So a certificate states decimals of DIGITS digits,
rounded outwards, and a check does not compare them with its own: it shows that they are bounds (`stated`), and keeps
them. Bounds that depend on how the checker estimates are stated a little worse than they are shown (`slack`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flint import arb, fmpq

from . import number
from .expression import ExpressionProblem, parse_number
from .number import Exact, TooLarge
from .rounding import symmetric

LONGEST = 200  # characters of an exact number that a statement repeats
MAX_EXPONENT = 30_000  # bits
DIGITS = 15  # significant ones, of the ends of an enclosure
FEW_DIGITS = 6  # of a bound that nobody needs to know better
SLACK = fmpq(1, 1000)  # of such a bound, or of the radius of a ball
LONGEST_DECIMAL = 400
NO_SLACK = fmpq(0)


def describe(x: Exact, stated: Any = None) -> dict[str, str] | None:
    """{"exact": text} of a number that is short enough, else {"lower", "upper"}: decimals that enclose it."""
    words = number.text(x)
    if isinstance(x, fmpq) or len(words) <= LONGEST:
        return {"exact": words}
    return enclosure(number.ball(x, 192), stated)


def enclosure(x: arb, stated: Any = None, slack: fmpq = NO_SLACK) -> dict[str, str] | None:
    """{"lower", "upper"} of a finite ball, whose radius may grow by the fraction `slack`."""
    if not x.is_finite():
        return None
    given: Mapping[str, Any] = stated if isinstance(stated, dict) else {}
    wide = x + symmetric(x.rad() * slack) if slack else x
    return {
        "lower": _kept(given.get("lower"), x, down=True) or decimal(wide.lower(), True),
        "upper": _kept(given.get("upper"), x, down=False) or decimal(wide.upper(), False),
    }


def at_least(x: arb, stated: Any = None, digits: int = DIGITS, slack: fmpq = NO_SLACK) -> str:
    """A decimal that is no more than x >= 0: the stated one, if that is shown."""
    return _kept(stated, x, down=True) or decimal((x * (1 - slack) if slack else x).lower(), True, digits)


def at_most(x: arb, stated: Any = None, digits: int = DIGITS, slack: fmpq = NO_SLACK) -> str:
    """A decimal that is no less than x >= 0: the stated one, if that is shown."""
    return _kept(stated, x, down=False) or decimal((x * (1 + slack) if slack else x).upper(), False, digits)


def _kept(stated: Any, x: arb, down: bool) -> str | None:
    """The stated bound of x, if it is one."""
    given = _bound(stated)
    return None if given is None or not bool(arb(given) <= x if down else arb(given) >= x) else str(stated)


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
