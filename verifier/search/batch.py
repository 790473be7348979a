"""The loss and its gradient at many points at once, in float64.

values, gradients = Batch(objective).evaluate(thetas)     # S x P -> S, S x P
"""

from __future__ import annotations

import numpy as np

from verifier.checker.number import Exact
from verifier.model.layers import Part
from verifier.model.objective import Objective
from verifier.model.scalars import Array, Floats, Kind, convert, objects


class Batch:
    """L over stacks of flat parameter vectors; immutable."""

    def __init__(self, objective: Objective) -> None:
        self.objective = objective
        constants = objective.constants(Kind.FLOAT)
        self.inputs: Floats = constants["inputs"]
        self._weights: Floats = constants["multiplicity"]
        self._orientation: Floats = constants["orientation"]
        self._shift: Floats | None = constants.get("_shift")
        self._decay = np.full(objective.size, _float(objective.checked.weight_decay))
        if objective.checked.parts[-1].name == "exponential":
            a = objective.parts[-1].layout.a
            self._decay[a.start : a.stop] += _float(objective.checked.exponential_decay)

    def evaluate(self, thetas: Floats) -> tuple[Floats, Floats]:
        """Values and gradients; entries may be infinite or NaN where floats overflow."""
        with np.errstate(all="ignore"):
            passes = [_forward(part, thetas, self.inputs) for part in self.objective.parts]
            outputs = _sum([p[-1] for p in passes])
            losses, slopes = self._losses(outputs)
            values = losses @ self._weights + (thetas * thetas) @ self._decay / 2
            gradients = thetas * self._decay
            slopes = slopes * self._weights * self._orientation
            for part, found in zip(self.objective.parts, passes, strict=True):
                _backward(part, thetas, self.inputs, found, slopes, gradients)
        return values, gradients

    def outputs(self, thetas: Floats, inputs: Floats) -> Floats:
        """f at other inputs (k x d): S x k."""
        with np.errstate(all="ignore"):
            return _sum([_forward(part, thetas, inputs)[-1] for part in self.objective.parts])

    def slopes(self, thetas: Floats) -> Floats:
        """The derivatives of the loss by its argument, S x n."""
        with np.errstate(all="ignore"):
            return self._losses(self.outputs(thetas, self.inputs))[1]

    def _losses(self, outputs: Floats) -> tuple[Floats, Floats]:
        z = outputs * self._orientation
        if self._shift is not None:
            z = z + self._shift
        functions = self.objective.losses
        if all(f is functions[0] for f in functions):
            value, slope = functions[0].values(z, 1)
            return value, slope
        columns = [f.values(z[:, i], 1) for i, f in enumerate(functions)]
        return np.stack([c[0] for c in columns], axis=1), np.stack([c[1] for c in columns], axis=1)


def _sum(arrays: list[Array]) -> Floats:
    total: Floats = arrays[0]
    for array in arrays[1:]:
        total = total + array
    return total


def _float(x: Exact) -> float:
    return float(convert(objects([x], (1,)), Kind.FLOAT)[0])


def _rows(part: Part, thetas: Floats, layer: int) -> tuple[Floats, Floats | None]:
    """Weights S x units x inputs and biases S x units of a hidden layer."""
    span = part.span(layer)
    units = len(part.layout.blocks[layer])
    rows = thetas[:, span].reshape(len(thetas), units, -1)
    return (rows[:, :, :-1], rows[:, :, -1]) if part.hidden_bias else (rows, None)


def _forward(part: Part, thetas: Floats, inputs: Floats) -> list[Array]:
    """Features and slopes of each layer, h_1, s_1, h_2, s_2, ..., and at last the outputs S x n."""
    found: list[Array] = []
    h: Array = np.broadcast_to(inputs, (len(thetas), *inputs.shape))
    for layer in range(part.depth):
        W, b = _rows(part, thetas, layer)
        u = h @ W.transpose(0, 2, 1)
        if b is not None:
            u = u + b[:, None, :]
        h, slope = part.activation.values(np.ascontiguousarray(u), 1)
        found += [h, slope]
    a = thetas[:, part.layout.a.start : part.layout.a.stop]
    output = (h @ a[:, :, None])[:, :, 0]
    if part.layout.a0 is not None:
        output = output + thetas[:, part.layout.a0, None]
    return [*found, output]


def _backward(
    part: Part, thetas: Floats, inputs: Floats, found: list[Array], slopes: Floats, gradients: Floats
) -> None:
    """Add the part's gradient; `slopes` are dL/df, S x n."""
    start, stop = part.layout.a.start, part.layout.a.stop
    if part.layout.a0 is not None:
        gradients[:, part.layout.a0] += slopes.sum(axis=1)
    gradients[:, start:stop] += (slopes[:, None, :] @ found[2 * part.depth - 2])[:, 0]
    delta = slopes[:, :, None] * thetas[:, None, start:stop]
    for layer in reversed(range(part.depth)):
        delta = delta * found[2 * layer + 1]
        below = found[2 * layer - 2] if layer else np.broadcast_to(inputs, (len(thetas), *inputs.shape))
        rows = delta.transpose(0, 2, 1) @ below
        if part.hidden_bias:
            rows = np.concatenate([rows, delta.sum(axis=1)[:, :, None]], axis=2)
        gradients[:, part.span(layer)] += rows.reshape(len(thetas), -1)
        if layer:
            delta = delta @ _rows(part, thetas, layer)[0]
