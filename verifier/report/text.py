"""Words of a report: plain text with formulas, exact numbers and links in it, independent of any output format.

A piece that comes from a certificate is `Plain` or `Number`, and every renderer escapes it. `Formula` is our own
notation, the one of docs/theory.md: Greek letters, `x_i`, `w_{j,k}`, `σ'`, `²`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from flint import arb

from verifier.checker import number
from verifier.checker.number import Exact

LONGEST = 36  # characters of an exact number within a sentence
LONGEST_PLAIN = 1_000  # characters of one in plain text
DIGITS = 10  # of a rounded number


@dataclass(frozen=True)
class Plain:
    """Text as it is."""

    text: str


@dataclass(frozen=True)
class Strong:
    """Text that stands out."""

    text: str


@dataclass(frozen=True)
class Formula:
    """Mathematics in the notation of the documents."""

    text: str


@dataclass(frozen=True)
class Number:
    """An exact number in the grammar of case files; `rounded` is set where it is too long for a sentence."""

    exact: str
    rounded: str | None = None


@dataclass(frozen=True)
class Quoted:
    """A name or a line of another language: file names, commands, expressions."""

    text: str


@dataclass(frozen=True)
class Link:
    """A link to a page of the documents: `page` like "rules.md", `anchor` a heading of it."""

    text: str
    page: str
    anchor: str


Piece = Plain | Strong | Formula | Number | Quoted | Link
Text = tuple[Piece, ...]
Value = Exact | arb | int | str | Piece | Text

_PARTS = re.compile(r"\$([^$]*)\$|\{(\w+)\}")


def say(template: str, **values: Value) -> Text:
    """A sentence: `$...$` is a formula (in which `{name}` stands for a plain value), `{name}` elsewhere any value."""
    found: list[Piece] = []
    end = 0
    for match in _PARTS.finditer(template):
        found += _plain(template[end : match.start()])
        formula, name = match.groups()
        if name is not None:
            found += as_text(values[name])
        else:
            found.append(Formula(_filled(formula, values)))
        end = match.end()
    return (*found, *_plain(template[end:]))


def _plain(text: str) -> list[Piece]:
    return [Plain(text)] if text else []


def _filled(formula: str, values: dict[str, Value]) -> str:
    return re.sub(r"\{(\w+)\}", lambda m: str(values[m[1]]) if m[1] in values else m[0], formula)


def as_text(value: Value) -> Text:
    """A value of any kind as text."""
    if isinstance(value, tuple):
        return value
    if isinstance(value, str):
        return (Plain(value),) if value else ()
    if isinstance(value, int):
        return (Number(str(value)),)
    if isinstance(value, Plain | Strong | Formula | Number | Quoted | Link):
        return (value,)
    if isinstance(value, arb):
        return (Plain(enclosure(value)),)
    return (exact(value),)


def exact(x: Exact) -> Number:
    """An exact number, with a rounding of it where it is long."""
    words = number.text(x)
    return Number(words, None if len(words) <= LONGEST else decimal(x))


def decimal(x: Exact, digits: int = DIGITS) -> str:
    """A decimal near x, for the eye."""
    return rounded(number.ball(x, 128), digits)


def rounded(x: arb, digits: int = DIGITS) -> str:
    """The middle of a ball as a decimal, for the eye."""
    words = str(x.mid().str(digits, radius=False))
    if "e" in words:
        mantissa, _, power = words.partition("e")
        return f"{_trimmed(mantissa)}e{int(power)}"
    return _trimmed(words)


def _trimmed(words: str) -> str:
    return words.rstrip("0").rstrip(".") if "." in words else words


def enclosure(x: arb, digits: int = 6) -> str:
    """A ball as flint writes it, its radius included: "0.333333 ± 3.34e-7"."""
    words = str(x.str(digits))
    return words.removeprefix("[").removesuffix("]").replace("+/-", "±")


def joined(parts: Iterable[Text], by: str = ", ") -> Text:
    """Texts with a separator between them."""
    found: list[Piece] = []
    for part in parts:
        if found:
            found.append(Plain(by))
        found += part
    return tuple(found)


def vector(values: Sequence[Exact], longest: int = 12) -> Text:
    """(v_0, v_1, ...), its middle left out where it is long."""
    shown = list(values) if len(values) <= longest else [*values[: longest - 2], None, values[-1]]
    parts = [(Plain("…"),) if v is None else (exact(v),) for v in shown]
    return (Plain("("), *joined(parts), Plain(")"))


def listed(indices: Sequence[int], longest: int = 12) -> str:
    """0, 1, 2 and 5"""
    words = [str(i) for i in indices]
    if len(words) > longest:
        return f"{', '.join(words[: longest - 1])}, … ({len(words)} in all)"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def approximately(text: Text, is_rounded: Callable[[Number], bool]) -> Text:
    """The text without the "=" before a number that is shown rounded, since "≈" takes its place."""
    found: list[Piece] = []
    for piece in text:
        if isinstance(piece, Number) and is_rounded(piece) and found and isinstance(found[-1], Plain):
            found[-1] = Plain(re.sub(r"= $", "", found[-1].text))
        found.append(piece)
    return tuple(found)


def plain(text: Text) -> str:
    """The text for a reader of plain text; numbers exact, unless they fill a page."""
    return "".join(_plain_piece(piece) for piece in text)


def _plain_piece(piece: Piece) -> str:
    if not isinstance(piece, Number):
        return piece.text
    return piece.exact if piece.rounded is None or len(piece.exact) <= LONGEST_PLAIN else f"≈ {piece.rounded}"


_HIDDEN = frozenset(
    {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
)  # categories of characters that show nothing or act on others


def visible(text: str) -> str:
    """A stranger's text: white space as blanks; characters that act on others, or show nothing, are spelled out."""
    return "".join(
        " " if c.isspace() else c if unicodedata.category(c) not in _HIDDEN else f"[U+{ord(c):04X}]" for c in text
    )


def paragraphs(text: str) -> list[str]:
    """A stranger's text, cut at empty lines, each paragraph on one line."""
    return [" ".join(visible(part).split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def typeset(why: str) -> str:
    """A reason of the checker, which writes ASCII, with the signs of mathematics."""
    for plain, sign in (("<=", "≤"), (">=", "≥"), ("-oo", "−∞"), ("+oo", "∞"), ("oo", "∞"), ("^1", "¹"), ("^2", "²")):
        why = why.replace(plain, sign) if plain != "oo" else re.sub(r"\boo\b", sign, why)
    return why
