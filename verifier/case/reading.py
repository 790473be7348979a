"""From a file to the plain tables of TOML: sizes bounded first, decimals kept as text."""

from __future__ import annotations

import re
import stat
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from verifier.case.errors import Refused, refuse, shorten

MAX_BYTES = 64 * 2**20
MAX_DIGITS = 10_000
MAX_DOTS = 100

# tomllib takes quadratic time for a dotted key of very many parts, so such a key is refused beforehand.
_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
_DOTTED = re.compile(rf"(?<![\w.-])(?:{_PART}){{{MAX_DOTS}}}")
_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_REPEATED = ("overwrite", "twice", "redefine", "mutate", "Duplicate")


@dataclass(frozen=True, slots=True)
class DecimalLiteral:
    """A decimal, nan or inf as it stands in the TOML text (underscores removed): never a float."""

    text: str

    def __str__(self) -> str:
        return self.text


def _decimal(text: str) -> DecimalLiteral:
    return DecimalLiteral(text.replace("_", ""))


def read_bytes(path: Path, what: str) -> bytes:
    """The content of a regular file of at most 64 MiB; the size is looked at before anything is read.

    Raises Refused with an empty key; `what` names the kind of file in the message.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise refuse("", what, "a folder")
        if not stat.S_ISREG(status.st_mode):
            raise refuse("", what, "something that is not a regular file")
        _check_size(status.st_size)
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as problem:  # ValueError: a NUL byte in the name
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
        raise refuse("", what, f"an error: {reason}") from None
    _check_size(len(content))
    return content


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise refuse("", f"a file of at most {MAX_BYTES >> 20} MiB", f"{size / 2**20:.1f} MiB")


def decode_utf8(content: bytes) -> str:
    """The text of a UTF-8 file; a byte order mark is dropped.  Raises Refused."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        byte = content[problem.start]
        raise refuse("", "UTF-8 text", f"byte 0x{byte:02x} at position {problem.start}") from None


def parse_toml(text: str) -> dict[str, object]:
    """The tables of a TOML text, decimals as `DecimalLiteral`.  Raises Refused with the line as its key."""
    if not text.strip():
        raise refuse("", "a case file", "an empty file")
    if _DOTTED.search(text):
        raise refuse("", f"keys of at most {MAX_DOTS} dotted parts", "a longer one")
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as problem:
        raise _toml_problem(str(problem)) from None
    except RecursionError:
        raise refuse("", "tables and lists nested less deeply", "a nesting beyond every shape of a case file") from None
    except ValueError:
        return _parse_long_integers(text)


def _parse_long_integers(text: str) -> dict[str, object]:
    """Once more for a text with an integer beyond Python's own limit of 4300 digits; ours is 10,000."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(MAX_DIGITS)
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as problem:
        raise _toml_problem(str(problem)) from None
    except ValueError:
        raise refuse("", f"integers of at most {MAX_DIGITS} digits", "a longer one") from None
    finally:
        sys.set_int_max_str_digits(limit)


def _toml_problem(message: str) -> Refused:
    position = _POSITION.search(message)
    where, said = "", shorten(message)
    if position:
        said = shorten(message[: position.start()])
        where = f"line {position[1]}, column {position[2]}" if position[1] else "end of file"
    kind = "a repeated key" if any(word in message for word in _REPEATED) else "a syntax error"
    return refuse(where, "valid TOML", f"{kind} ({said})")
