"""The kinds of data that a search may choose."""

from __future__ import annotations

from typing import Literal, get_args

DataKind = Literal["separable", "subspaces", "general"]
KINDS: tuple[str, ...] = get_args(DataKind)
