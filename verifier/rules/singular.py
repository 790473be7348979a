"""In words: along which direction the Hessian near a point is flat, if it is; found in floats, a hint and no proof."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from verifier.checker.case import Case
from verifier.checker.network import layouts
from verifier.rules.problem import Declined

FLAT = 1e-9  # of the largest curvature
SHOWN = 4  # entries of a direction
SMALL = 0.05  # of the largest entry: not shown


def declined(case: Case, matrix: NDArray[np.float64], free: Sequence[int]) -> Declined | None:
    """Why no box can hold a single minimum, if the Hessian (in the free coordinates) is singular or not definite."""
    values, vectors = np.linalg.eigh(matrix)
    k = int(np.abs(values).argmin())
    if abs(values[k]) <= FLAT * np.abs(values).max():
        words = direction(case, vectors[:, k], free)
        reason = f"the Hessian near the point is singular: its curvature is {values[k]:.1e} along {words}"
        return Declined("flat-direction", reason)
    if values[0] < 0:
        words = direction(case, vectors[:, 0], free)
        reason = f"the Hessian near the point has the curvature {values[0]:.1e} along {words}"
        return Declined("hessian-not-definite", reason)
    return None


def direction(case: Case, vector: NDArray[np.float64], free: Sequence[int]) -> str:
    """ "0.8 a[0] - 0.6 W[0][1] + ...": the largest entries, by the keys of a case file."""
    names = parameter_keys(case)
    sizes = np.abs(vector)
    order = [int(m) for m in np.argsort(-sizes, kind="stable") if sizes[m] >= SMALL * sizes.max()]
    turned = vector if vector[order[0]] > 0 else -vector
    words = ""
    for m in order[:SHOWN]:
        sign = "- " if turned[m] < 0 else "+ " if words else ""
        words += f"{' ' if words else ''}{sign}{sizes[m]:.2f} {names[free[m]]}"
    return words + (" + ..." if len(order) > SHOWN else "")


def parameter_keys(case: Case) -> list[str]:
    """The key of each parameter in [point], in the flat order; all indices from 0."""
    names: list[str] = []
    for part, layout in zip(case.parts, layouts(case), strict=True):
        if part.name == "exponential":
            own = [f"w[{k}]" for k in range(len(layout.blocks[0][0].weights))]
            names += [f"exponential.{key}" for key in ("a", *own, "b")]
            continue
        found = [] if layout.a0 is None else ["a0"]
        found += [f"a[{j}]" for j in range(len(layout.a))]
        for layer, blocks in enumerate(layout.blocks):
            at = f"[{layer}]" if part.depth > 1 else ""
            for j, block in enumerate(blocks):
                found += [f"W{at}[{j}][{k}]" for k in range(len(block.weights))]
                found += [] if block.bias is None else [f"b{at}[{j}]"]
        names += [f"deep.{key}" if part.name == "deep" else key for key in found]
    return names
