"""What the Hessian and the moves need to know of a point (`Analysis`, exact) or of a box (`Enclosure`, balls)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from .case import Case, Theta
from .number import Exact

Unit = tuple[int, int, int]  # part, layer (from 0), unit (from 0)


class State(Protocol):
    """Numbers are exact or balls, as the state is; see `Analysis` for the meaning of each member."""

    @property
    def case(self) -> Case: ...
    @property
    def theta(self) -> Theta: ...
    @property
    def traces(self) -> Sequence[Sequence[Any]]: ...
    @property
    def awake(self) -> tuple[int, ...]: ...
    @property
    def decay_rates(self) -> tuple[Exact, ...]: ...
    def output_slope(self, sample: int, order: int = 1) -> Any: ...
    def unit_derivatives(self, unit: Unit, sample: int) -> tuple[Any, Any]: ...
    def extended_input(self, part: int, sample: int) -> tuple[Exact, ...]: ...
    def local(self, unit: Unit, sample: int) -> tuple[Exact, ...] | None: ...
    def dead_layer(self, part: int, sample: int) -> int | None: ...


def is_constant(local: tuple[Exact, ...] | None) -> bool:
    """Whether a local polynomial is known and constant."""
    return local is not None and len(local) <= 1
