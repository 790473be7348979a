"""A case at a point (`Analysis`, exact) or over a box (`Enclosure`, balls): what both have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from flint import fmpq

from .case import Case, Theta
from .network import layouts, parameter_count
from .number import Exact

Unit = tuple[int, int, int]  # part, layer (from 0), unit (from 0)


class State(ABC):
    """Numbers are exact or balls, as the state is; see `Analysis` for the meaning of each abstract member."""

    case: Case
    theta: Theta

    @property
    @abstractmethod
    def traces(self) -> Sequence[Sequence[Any]]: ...
    @property
    @abstractmethod
    def awake(self) -> tuple[int, ...]: ...
    @abstractmethod
    def output_slope(self, sample: int, order: int = 1) -> Any: ...
    @abstractmethod
    def unit_derivatives(self, part: int, layer: int) -> list[tuple[list[Any], list[Any]]]: ...
    @abstractmethod
    def extended_input(self, part: int, sample: int) -> tuple[Exact, ...]: ...
    @abstractmethod
    def local(self, unit: Unit, sample: int) -> tuple[Exact, ...] | None: ...

    @property
    def samples(self) -> range:
        """The indices of all samples."""
        return range(len(self.case.inputs))

    def orientation(self, sample: int) -> int:
        """d(loss argument)/df: -y_i with labels, 1 with targets."""
        return 1 if self.case.labels is None else -self.case.labels[sample]

    def weight(self, sample: int) -> fmpq:
        """m_i / N."""
        return fmpq(self.case.multiplicity[sample], self.case.total)

    @cached_property
    def decay_rates(self) -> tuple[Exact, ...]:
        """r_k for each parameter: the penalty is sum r_k theta_k^2 / 2."""
        rates: list[Exact] = [self.case.weight_decay] * parameter_count(self.case)
        if self.case.parts[-1].name == "exponential":
            position = layouts(self.case)[-1].a.start
            rates[position] = rates[position] + self.case.exponential_decay
        return tuple(rates)

    def dead_layer(self, part: int, sample: int) -> int | None:
        """The last hidden layer all of whose units are locally constant on the sample: earlier layers are unseen."""
        for layer in reversed(range(self.case.parts[part].depth)):
            width = self.case.parts[part].hidden[layer]
            if all(is_constant(self.local((part, layer, j), sample)) for j in range(width)):
                return layer
        return None


def is_constant(local: tuple[Exact, ...] | None) -> bool:
    """Whether a local polynomial is known and constant."""
    return local is not None and len(local) <= 1
