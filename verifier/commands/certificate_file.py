"""Reading a certificate: plain JSON without the liberties that Python's reader takes, and of bounded size."""

from __future__ import annotations

import json
from typing import Any

from verifier.sources import Source

LIMIT = 512 * 1024 * 1024  # bytes: a case may have 64 MiB, and a certificate carries it with its proof


class NotACertificate(Exception):
    """The file cannot be read as one JSON object; the text says expected and got."""


def read(source: Source) -> dict[str, Any]:
    """The JSON object in a file (or in text read already); raises NotACertificate."""
    text = source.text if source.text is not None else _content(source.path)
    try:
        document = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except ValueError as error:  # a syntax error, or an integer of more digits than Python converts
        raise NotACertificate(f"expected JSON: {error}") from None
    except RecursionError:
        raise NotACertificate("expected JSON, got too many brackets within brackets") from None
    if not isinstance(document, dict):
        raise NotACertificate(f"expected a JSON object, got {type(document).__name__}")
    return document


def _content(path: str) -> str:
    try:
        with open(path, "rb") as file:
            content = file.read(LIMIT + 1)
    except OSError as error:
        raise NotACertificate(f"cannot be read: {error.strerror}") from None
    if len(content) > LIMIT:
        raise NotACertificate(f"expected at most {LIMIT} bytes, got more")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotACertificate(f"expected UTF-8 text, got byte {content[error.start]:#04x}") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers could disagree about a repeated key, so there must be none."""
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise NotACertificate(f"expected every key once, got {key[:60]!r} again")
        result[key] = value
    return result


def _no_constant(name: str) -> Any:
    raise NotACertificate(f"expected a number, got {name}")
