"""What a user hears about bad input: one line, with the file, the key, what was expected and what was found."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence

SHOWN = 60  # characters of the user's own text that a message repeats
LISTED = 12  # names that a message lists


class InputError(Exception):
    """A file that cannot be used; ``str()`` is one printable line ``file: key: message``.

    ``path`` is the file as the user named it, ``key`` the key path (``data.labels[2]``) or empty when
    the file as a whole is meant, ``message`` reads ``expected ..., got ...``.
    """

    def __init__(self, path: str, key: str, message: str) -> None:
        super().__init__(path, key, message)
        self.path = path
        self.key = printable(key)
        self.message = printable(message)

    def __str__(self) -> str:
        return ": ".join(part for part in (printable(self.path), self.key, self.message) if part)


class Refused(Exception):
    """Raised while a file is decoded, before the file's name is known to the code; see `InputError`."""

    def __init__(self, key: str, expected: str, got: str) -> None:
        super().__init__(key, expected, got)
        self.key = key
        self.expected = expected
        self.got = got

    def __str__(self) -> str:
        return f"{self.key}: {self.message}"

    @property
    def message(self) -> str:
        return f"expected {self.expected}, got {self.got}"

    def inside(self, key: str, name: str, table: str) -> Refused:
        """The same about the content of file `name`, which stands at `key`; `table` is where it would stand inline."""
        place = self.key.removeprefix(f"{table}.")
        return Refused(key, f"{self.expected} at {place} in {describe(name)}", self.got)


def refuse(key: str, expected: str, got: str) -> Refused:
    """The exception for a key whose value is not what was expected."""
    return Refused(key, expected, got)


def printable(text: str) -> str:
    """The same text on one line, with everything a terminal could act on escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def shorten(text: str) -> str:
    """At most `SHOWN` characters, all printable."""
    shown = printable(text[: SHOWN + 1])
    return shown if len(shown) <= SHOWN else shown[: SHOWN - 3] + "..."


def describe(value: object) -> str:
    """A value of a file in a few words: short texts and numbers as they are, bigger things by kind and size."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        # Never str() of a huge integer: Python refuses beyond 4300 digits, and nobody wants to read it.
        digits = math.ceil(value.bit_length() * math.log10(2))
        return str(value) if digits < SHOWN else f"an integer of about {digits} digits"
    if isinstance(value, str):
        return '"' + shorten(value) + '"'
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "an empty list" if not value else f"a list of {len(value)}"
    return shorten(str(value))


def nearest(name: str, names: Iterable[str]) -> str:
    """ " (did you mean ...?)" for a misspelt name, or an empty text when nothing is near."""
    # difflib is quadratic: a name far longer than every candidate is no misspelling.
    written = {known.lower(): known for known in names}
    found = difflib.get_close_matches(name[:SHOWN].lower(), list(written), n=1, cutoff=0.6)
    return f" (did you mean {written[found[0]]}?)" if found else ""


def choice(value: object, names: Sequence[str], key: str) -> str:
    """`value` when it is one of `names`; otherwise refused with the list, or with the nearest name."""
    if isinstance(value, str):
        if value in names:
            return value
        hint = nearest(value, names)
    else:
        hint = ""
    listed = ", ".join(names[:LISTED]) + (", ..." if len(names) > LISTED else "")
    raise refuse(key, f"one of {listed}", describe(value) + hint)
