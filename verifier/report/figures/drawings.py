"""What is to be drawn, as float data; how it is drawn is the business of `draw.py`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Line:
    """Samples of dimension 1 with the output of the net: `x`, `f` the curve; `inputs`, `heights`, `sides` the samples.

    `sides`: 1 right, -1 wrong, 0 neither (a tie, or real targets).
    """

    x: Floats
    f: Floats
    inputs: Floats
    heights: Floats
    sides: Floats
    labels: bool


@dataclass(frozen=True, eq=False)
class Plane:
    """Samples of dimension 2 with the output of the net on a grid (`f` may be None), or a separating line v."""

    x: Floats
    y: Floats
    f: Floats | None
    inputs: Floats
    outcomes: Floats
    sides: Floats
    labels: bool
    separator: tuple[float, float, float] | None = None


@dataclass(frozen=True, eq=False)
class Surface:
    """L (`here` at the point) on a grid of a plane through it: `s` along the first, `t` along the second direction.

    `better` is the place of a better point in the plane, `region` the outline of what is certified around the center.
    """

    s: Floats
    t: Floats
    loss: Floats
    here: float
    names: tuple[str, str]
    better: tuple[float, float] | None
    region: Floats | None


@dataclass(frozen=True, eq=False)
class Segment:
    """L along the segment from the point (t = 0) to a better one (t = 1)."""

    t: Floats
    loss: Floats


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Eigenvalues in increasing order, and what is certified of each: "zero", "positive", "negative" or "undecided"."""

    values: Floats
    signs: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Crossing:
    """L across one kink: offsets, losses, and the certified slopes on either side as (low, high)."""

    name: str
    offsets: Floats
    loss: Floats
    left: tuple[float, float]
    right: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Crossings:
    """Several kinks side by side."""

    items: tuple[Crossing, ...]


@dataclass(frozen=True, eq=False)
class Cells:
    """The slope of a φ around a unit on its kinks: by angle of the direction; `walls` are the angles of the kinks."""

    angles: Floats
    slopes: Floats
    walls: tuple[float, ...]
    whole: bool  # all directions, or a plane through them


Drawing = Line | Plane | Surface | Segment | Spectrum | Crossings | Cells
