"""Candidate samples of the wanted kind, on a grid of integers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from verifier.search.kinds import DataKind

MOST = 56  # candidates of each label
REACH = 6
FIRST = (1, 2)  # the distances from the threshold, where there are other coordinates


@dataclass(frozen=True)
class Pool:
    """n candidates: integer rows, and labels 1 or -1."""

    inputs: tuple[tuple[int, ...], ...]
    labels: tuple[int, ...]


def pool(kind: DataKind, dimension: int, seed: int) -> Pool:
    """separable: the sign of the first coordinate is the label (which any separable data become by an affine map).
    subspaces: positive samples in the span of the first ceil(d/2) coordinates, negative ones in that of the others.
    general: each point of the grid with both labels.

    More than 56 of a label are thinned out at random. Raises ValueError for subspaces of less than two dimensions.
    """
    draw = np.random.default_rng(seed)
    positive, negative = _classes(kind, dimension)
    chosen = [(x, y) for rows, y in ((positive, 1), (negative, -1)) for x in _thinned(rows, draw)]
    return Pool(tuple(x for x, _ in chosen), tuple(y for _, y in chosen))


def _classes(kind: DataKind, d: int) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    if kind == "separable":
        first = FIRST if d > 1 else range(1, REACH + 3)
        rest = list(product(*[_axis(d - 1)] * (d - 1)))
        return [(s, *x) for s in first for x in rest], [(-s, *x) for s in first for x in rest]
    if kind == "subspaces":
        if d < 2:
            raise ValueError("two subspaces need at least two dimensions")
        k = (d + 1) // 2
        return [(*x, *[0] * (d - k)) for x in _nonzero(k)], [(*[0] * k, *x) for x in _nonzero(d - k)]
    points = list(product(*[_axis(d)] * d))
    return points, points


def _axis(d: int) -> range:
    """Fewer values of a coordinate in more dimensions."""
    reach = {0: 0, 1: REACH, 2: 3}.get(d, 2)
    return range(-reach, reach + 1)


def _nonzero(d: int) -> list[tuple[int, ...]]:
    return [x for x in product(*[_axis(d)] * d) if any(x)]


def _thinned(rows: list[tuple[int, ...]], draw: np.random.Generator) -> list[tuple[int, ...]]:
    if len(rows) <= MOST:
        return rows
    kept = draw.choice(len(rows), MOST, replace=False)
    return [rows[k] for k in sorted(kept)]
