"""The text of a case file: TOML that is read back as the same case, number by number."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from flint import fmpq

from verifier.case import tables
from verifier.case.errors import InputError
from verifier.case.numbers import text_of
from verifier.checker.number import Number
from verifier.files import write_atomically

if TYPE_CHECKING:
    from verifier.case.types import Case

_SHORT = 10**15  # numerators and denominators below this are looked at for a short decimal
_WIDTH = 120


def dumps(case: Case) -> str:
    """The case as the text of a case file, with all samples and weights in it; `loads` gives an equal case."""
    return dumps_tables(tables.case(case))


def dumps_tables(whole: Mapping[str, object]) -> str:
    """The text of a case file from its tables: texts, exact numbers, lists and tables within tables."""
    head = {key: value for key, value in whole.items() if not _is_table(value)}
    rest = {key: value for key, value in whole.items() if _is_table(value)}
    blocks = ["\n".join(_lines(head)), *(block for key, value in rest.items() for block in _blocks(key, value))]
    return "\n\n".join(blocks) + "\n"


def dump(case: Case, path: str | os.PathLike[str]) -> None:
    """Write the case file, in one step: nobody ever sees half of it.  Raises InputError where that cannot be done."""
    try:
        write_atomically(Path(path), dumps(case))
    except OSError as problem:
        message = f"expected a file that can be written, got an error: {problem.strerror}"
        raise InputError(os.fspath(path), "", message) from None


def _is_table(value: object) -> bool:
    """Whether the value has a heading of its own: [data], [[claim]]."""
    return isinstance(value, Mapping) or (isinstance(value, list) and all(isinstance(v, Mapping) for v in value))


def _blocks(key: str, value: object) -> Iterator[str]:
    """The lines below each heading; a table of few short values (an activation) stays on the line of its key."""
    if isinstance(value, list):
        for item in value:
            yield "\n".join([f"[[{key}]]", *_lines(item)])
        return
    assert isinstance(value, Mapping)
    inner = {name: item for name, item in value.items() if isinstance(item, Mapping) and name != "activation"}
    yield "\n".join([f"[{key}]", *_lines({name: item for name, item in value.items() if name not in inner})])
    for name, item in inner.items():
        yield from _blocks(f"{key}.{name}", item)


def _lines(table: Mapping[str, object]) -> Iterator[str]:
    for key, value in table.items():
        line = f"{key} = {toml(value)}"
        long = isinstance(value, list) and len(line) > _WIDTH
        yield f"{key} = [\n" + "".join(f"    {toml(item)},\n" for item in value) + "]" if long else line  # type: ignore[attr-defined]


def toml(value: object) -> str:
    """TOML of a value of a case file.

    A number is an integer or a decimal where a short one is the exact value, else the text of its exact form.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | fmpq | Number):
        return number(fmpq(value) if isinstance(value, int) else value)
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    assert isinstance(value, Sequence)
    return "[" + ", ".join(toml(item) for item in value) + "]"


def number(value: fmpq | Number) -> str:
    """TOML of one exact number."""
    if isinstance(value, fmpq):
        p, q = int(value.p), int(value.q)
        if q == 1 and abs(p) < _SHORT:
            return str(p)
        if abs(p) < _SHORT and q < _SHORT:
            decimal = repr(p / q).replace("e-0", "e-")
            if Fraction(decimal) == Fraction(p, q):
                return decimal
    return f'"{text_of(value)}"'


def text(value: str) -> str:
    """TOML of a text; one of several lines is written on as many."""
    if "\n" not in value:
        return _quoted(value)
    return '"""\n' + "\n".join(_quoted(line)[1:-1] for line in value.split("\n")) + '"""'


def _quoted(value: str) -> str:
    """A basic string: the escapes of JSON are those of TOML; what a reader would not see is escaped, too."""
    words = json.dumps(value, ensure_ascii=False)
    return words if words.isprintable() else "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in words)
