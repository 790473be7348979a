"""Two lines, more neurons: points at which the neurons do not tell the lines apart.

Positive candidates (s, 0), negative ones (0, s), the same numbers s. Give both lines the same weights nu_s of the
slopes of the loss, and neuron j the same weight w_j on both coordinates. Then the equations of a stationary point hold
for a_0, a_j and b_j by symmetry, whatever b_j is, and for w_j if it minimises w -> sum nu_s sigma(w s + b_j). So there
are stationary points with any number of different neurons (docs/inverse-design.md says when they are minima). A random
point is almost never one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from verifier.model.function import Function
from verifier.model.objective import Objective
from verifier.model.scalars import Floats, Kind

REACH = 25.0  # of w s
NEWTON = 60
SPREAD = 1.3  # largest half range of the outputs


@dataclass(frozen=True)
class Shape:
    """A point of the family: logarithms of nu (r), biases, outgoing weights up to a factor (M), the outputs' middle,
    and their half range as a logit.
    """

    nu: Floats
    biases: Floats
    outgoing: Floats
    middle: float
    spread: float


class Mirrored:
    """The family for an objective to which it `applies`."""

    def __init__(self, objective: Objective, draw: np.random.Generator) -> None:
        self.objective, self.draw = objective, draw
        (self.part,) = objective.parts
        self.width = len(self.part.layout.a)
        inputs = objective.constants(Kind.FLOAT)["inputs"]
        self.numbers: Floats = inputs[: len(inputs) // 2, 0]

    def start(self) -> Shape:
        """A random member."""
        draw, width = self.draw, self.width
        return Shape(
            draw.normal(size=len(self.numbers)) * draw.choice([0.5, 1.0, 2.0]),
            draw.normal(size=width) * draw.choice([1.0, 2.0, 4.0]),
            draw.normal(size=width),
            0.2 * float(draw.normal()),
            0.5 + float(draw.normal()),
        )

    def moved(self, shape: Shape, step: float) -> Shape:
        """Another one nearby."""
        draw, kind = self.draw, self.draw.integers(5)
        if kind == 0:
            some = draw.uniform(size=len(shape.nu)) < 0.3
            shape = replace(shape, nu=shape.nu + 3 * step * some * draw.normal(size=len(shape.nu)))
        elif kind == 1:
            shape = replace(shape, biases=shape.biases + 2 * step * draw.normal(size=self.width))
        elif kind == 2:
            shape = replace(shape, outgoing=shape.outgoing * np.exp(step * draw.normal(size=self.width)))
        elif kind == 3:
            shape = replace(shape, middle=shape.middle + step * float(draw.normal()))
        else:
            shape = replace(shape, spread=shape.spread + 2 * step * float(draw.normal()))
        return shape

    def theta(self, shape: Shape) -> Floats | None:
        """The point of a shape; None where a weight w_j is not found, or the outputs are all the same."""
        nu = np.exp(shape.nu - shape.nu.max())
        weights = [_balanced(self.part.activation, nu, self.numbers, float(b)) for b in shape.biases]
        theta = np.zeros(self.objective.size)
        layout = self.part.layout
        theta[list(layout.a)] = shape.outgoing
        for block, w, b in zip(layout.blocks[0], weights, shape.biases, strict=True):
            if w is None or abs(w) * np.abs(self.numbers).max() > REACH or block.bias is None:
                return None
            theta[list(block.weights)] = w
            theta[block.bias] = b
        outputs = np.asarray(self.objective.at(theta).outputs, dtype=float)
        half = float(outputs.max() - outputs.min()) / 2
        if not 1e-9 < half < np.inf or layout.a0 is None:
            return None
        factor = SPREAD / (1 + float(np.exp(-shape.spread))) / half
        theta[list(layout.a)] *= factor
        theta[layout.a0] = shape.middle - factor * float(outputs.max() + outputs.min()) / 2
        return theta


def _balanced(activation: Function, nu: Floats, numbers: Floats, bias: float) -> float | None:
    """w with sum nu s sigma'(w s + bias) = 0, by Newton's method with steps of at most 1/2."""
    w = 0.0
    with np.errstate(all="ignore"):
        for _ in range(NEWTON):
            _, first, second = (np.asarray(v, dtype=float) for v in activation.values(w * numbers + bias, 2))
            bend = float((nu * numbers**2 * second).sum())
            if not 1e-300 < bend < np.inf:
                return None
            step = float(np.clip((nu * numbers * first).sum() / bend, -0.5, 0.5))
            w -= step
            if abs(step) < 1e-13:
                return w
    return None


def applies(objective: Objective) -> bool:
    """Whether the net and the samples are as `Mirrored` wants them, with more than one neuron."""
    if len(objective.parts) != 1 or objective.parts[0].depth != 1 or objective.checked.labels is None:
        return False
    layout = objective.parts[0].layout
    biases = layout.a0 is not None and all(block.bias is not None for block in layout.blocks[0])
    inputs, n = objective.constants(Kind.FLOAT)["inputs"], len(objective.inputs)
    if inputs.shape[1] != 2 or n % 2 or not biases or len(layout.a) < 2:
        return False
    first, second = inputs[: n // 2], inputs[n // 2 :]
    lines = not first[:, 1].any() and not second[:, 0].any() and bool((first[:, 0] == second[:, 1]).all())
    return lines and objective.checked.labels == (1,) * (n // 2) + (-1,) * (n // 2)
