"""Random points to begin with: outputs within the range in which losses still have slopes."""

from __future__ import annotations

from typing import Any

import numpy as np

from verifier.checker.network import PartLayout
from verifier.model.objective import Objective

Floats = Any
SCALES = (0.3, 0.6, 1.0, 2.0)
SLANT = 0.3  # of first-layer weights on the coordinate that separates


def start(objective: Objective, draw: np.random.Generator, separable: bool) -> Floats | None:
    """A point whose outputs on the candidates spread between 1/2 and 3/2 to both sides of about 0; None if they are all
    the same or not finite.
    """
    scale = draw.choice(SCALES)
    theta = scale * draw.standard_normal(objective.size)
    layouts = [part.layout for part in objective.parts]
    inputs = np.array([[float(v) for v in row] for row in objective.inputs])
    reach = np.maximum(np.abs(inputs).max(axis=0), 1.0)
    for layout in layouts:
        for block in layout.blocks[0]:
            weights = 3 * scale * draw.standard_normal(len(reach)) / reach
            weights[0] *= SLANT if separable and len(reach) > 1 else 1.0
            theta[list(block.weights)] = weights
    return _fitted(objective, theta, layouts, draw)


def _fitted(objective: Objective, theta: Floats, layouts: list[PartLayout], draw: np.random.Generator) -> Floats | None:
    """The same with the outgoing weights and an output bias so that the outputs have the wanted range."""
    with np.errstate(all="ignore"):
        outputs = np.asarray(objective.at(theta).outputs, dtype=float)
        low, high = outputs.min(), outputs.max()
    if not np.isfinite(high - low) or high - low < 1e-9:
        return None
    biases = [layout.a0 for layout in layouts if layout.a0 is not None]
    spread = (high - low) / 2 if biases else max(high, -low)
    factor = draw.uniform(0.5, 1.5) / spread
    for layout in layouts:
        theta[list(layout.a)] *= factor
    for bias in biases:
        theta[bias] *= factor
    if biases:
        theta[biases[0]] += 0.25 * draw.standard_normal() - factor * (low + high) / 2
    return theta
