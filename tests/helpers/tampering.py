"""What a hostile certificate may change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def fields(value: Any, so_far: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths to all fields of JSON data, containers included, the whole excluded."""
    if so_far:
        yield so_far
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield from fields(inner, (*so_far, key))
