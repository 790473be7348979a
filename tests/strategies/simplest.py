"""The simplest example that a strategy has."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import Phase, find, settings
from hypothesis import strategies as st

T = TypeVar("T")


def simplest(strategy: st.SearchStrategy[T], condition: Callable[[T], object] = lambda _: True) -> T:
    """What Hypothesis shrinks to; fails where it finds no example with the condition."""
    how = settings(max_examples=200, database=None, phases=[Phase.generate, Phase.shrink])
    return find(strategy, lambda it: bool(condition(it)), settings=how)
