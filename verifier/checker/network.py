"""The network itself: forward pass, backward pass, and the order of its parameters.

Written for any scalars with + and * (exact numbers, balls, power series); the activation comes as a function argument.
The flat order of parameters: parts main, deep, exponential; in each part a0 (if any), a, then for every layer and unit
its row of W followed by its bias (if any).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .case import Architecture, Case, Theta, Weights

Row = Sequence[Any]


@dataclass(frozen=True)
class Block:
    """Positions in the flat vector of one unit's incoming row and bias."""

    weights: range
    bias: int | None

    @property
    def positions(self) -> tuple[int, ...]:
        return (*self.weights, *(() if self.bias is None else (self.bias,)))


@dataclass(frozen=True)
class PartLayout:
    """Positions of one part's parameters; `blocks[l][j]` belongs to unit j of hidden layer l (from 0)."""

    a0: int | None
    a: range
    blocks: tuple[tuple[Block, ...], ...]
    stop: int

    @property
    def start(self) -> int:
        return self.a.start if self.a0 is None else self.a0


def layouts(case: Case) -> tuple[PartLayout, ...]:
    """Where each part's parameters stand in the flat vector."""
    position, found = 0, []
    for part in case.parts:
        layout = _layout(part, len(case.inputs[0]), position)
        found.append(layout)
        position = layout.stop
    return tuple(found)


def _layout(part: Architecture, d: int, position: int) -> PartLayout:
    a0 = position if part.output_bias else None
    position += part.output_bias
    a = range(position, position + part.hidden[-1])
    position = a.stop
    layers: list[tuple[Block, ...]] = []
    for size, width in zip((d, *part.hidden), part.hidden, strict=False):
        blocks: list[Block] = []
        for _ in range(width):
            weights = range(position, position + size)
            bias = weights.stop if part.hidden_bias else None
            position = weights.stop + part.hidden_bias
            blocks.append(Block(weights, bias))
        layers.append(tuple(blocks))
    return PartLayout(a0, a, tuple(layers), position)


def parameter_count(case: Case) -> int:
    """P, the length of the flat vector."""
    return layouts(case)[-1].stop


def flatten(theta: Theta) -> tuple[Any, ...]:
    """The flat vector of a point."""
    return tuple(v for weights in theta for v in _flat(weights))


def _flat(weights: Weights) -> Iterator[Any]:
    if weights.a0 is not None:
        yield weights.a0
    yield from weights.a
    for layer, rows in enumerate(weights.W):
        for unit, row in enumerate(rows):
            yield from row
            if weights.b is not None:
                yield weights.b[layer][unit]


def unflatten(case: Case, vector: Sequence[Any]) -> Theta:
    """The point of a flat vector of any scalars."""
    return tuple(_weights(layout, vector) for layout in layouts(case))


def _weights(layout: PartLayout, vector: Sequence[Any]) -> Weights:
    W = tuple(tuple(tuple(vector[p] for p in block.weights) for block in layer) for layer in layout.blocks)
    biased = layout.blocks[0][0].bias is not None
    b = tuple(tuple(vector[block.bias] for block in layer if block.bias is not None) for layer in layout.blocks)
    a0 = None if layout.a0 is None else vector[layout.a0]
    return Weights(a0, tuple(vector[p] for p in layout.a), W, b if biased else None)


@dataclass(frozen=True)
class Trace:
    """One sample through one part: pre-activations u_l, layer outputs h_0 = x, h_1, ..., and the part's output."""

    u: tuple[Row, ...]
    h: tuple[Row, ...]
    output: Any


def forward(weights: Weights, x: Row, activation: Callable[[Any], Any]) -> Trace:
    """u_l = W_l h_(l-1) + b_l, h_l = activation(u_l), output = a0 + a . h_L."""
    us: list[Row] = []
    hs: list[Row] = [x]
    for layer, rows in enumerate(weights.W):
        bias = None if weights.b is None else weights.b[layer]
        u = [dot(row, hs[-1], None if bias is None else bias[j]) for j, row in enumerate(rows)]
        us.append(u)
        hs.append([activation(v) for v in u])
    return Trace(tuple(us), tuple(hs), dot(weights.a, hs[-1], weights.a0))


def backward(weights: Weights, trace: Trace, slope: Callable[[Any], Any]) -> list[Any]:
    """The gradient of the part's output in the flat order (back-propagation); slope is the activation's derivative."""
    beta: Row = weights.a
    layers: list[list[Any]] = []
    for layer in reversed(range(len(weights.W))):
        delta = [b * slope(u) for b, u in zip(beta, trace.u[layer], strict=True)]
        entries: list[Any] = []
        for value in delta:
            entries.extend(value * h for h in trace.h[layer])
            if weights.b is not None:
                entries.append(value)
        layers.append(entries)
        rows = weights.W[layer]
        beta = [dot([row[k] for row in rows], delta, None) for k in range(len(rows[0]))]
    head = [] if weights.a0 is None else [1]
    return [*head, *trace.h[-1], *(entry for entries in reversed(layers) for entry in entries)]


def dot(x: Row, y: Row, start: Any | None) -> Any:
    """x . y (+ start)."""
    total = start
    for a, b in zip(x, y, strict=True):
        total = a * b if total is None else total + a * b
    return total
