"""How fast the Hessian moves around a point, as the checker will bound it (majorant.py), in floats."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verifier.checker.expression import Expression
from verifier.checker.majorant import Jet, Layer, composed, third_derivative
from verifier.checker.number import Undecided
from verifier.checker.slopes import CELL, PART, UNIT, slope_bounds
from verifier.model.layers import Part
from verifier.model.objective import Evaluation
from verifier.rules.sizes import Sizes

Floats = NDArray[np.float64]
PLACES = 40  # bits behind the point of a pre-activation


def third(here: Evaluation, along: Floats, reach: float) -> Floats:
    """Bounds of |D^3 L|[e_k, w, w] over the box of radius reach * w around a float point, w = `along`; infinite where
    the box meets a breakpoint.
    """
    objective = here.objective
    outer = np.abs(here.theta) + reach * along
    try:
        nets = [_layers(here, p, outer, along, reach) for p in range(len(objective.parts))]
        f = reduce(Jet.__add__, (layers[-1].output for layers in nets))
        g = _losses(here, f, reach)
    except (Undecided, OverflowError):
        return np.full(objective.size, np.inf)
    one = Sizes(np.ones((1, 1)))
    return np.array([v for layers in nets for v in third_derivative(layers, g, one)])


def _layers(here: Evaluation, p: int, outer: Floats, along: Floats, reach: float) -> list[Layer]:
    part, forward = here.objective.parts[p], here.forwards[p]
    expression = here.objective.checked.parts[p].activation
    h = Jet(Sizes(np.abs(np.asarray(here.objective.constants(here.kind)["inputs"], dtype=np.float64))))
    layers: list[Layer] = []
    for k, u in enumerate(forward.u):
        weights = Jet(Sizes(part.rows(k, outer)), Sizes(part.rows(k, along)))
        layer = Layer.of(h, weights, part.hidden_bias)
        radii = reach * layer.output.slope.array
        layer, h = layer.through(_bounds(expression, np.asarray(u), radii))
        layers.append(layer)
    head = Jet(*(Sizes(_head(part, theta)) for theta in (outer, along)))
    return [*layers, Layer.of(h, head, part.output_bias)]


def _head(part: Part, theta: Floats) -> Floats:
    """The outgoing weights, then the output bias."""
    head = part.head(theta)
    return np.roll(head, -1)[None] if part.output_bias else head[None]


def _bounds(expression: Expression, places: Floats, radii: Floats) -> list[Sizes]:
    """Bounds of an activation and its derivatives for each sample and unit."""
    cells, more = np.rint(np.ldexp(places, CELL)), np.ldexp(radii.max(), PART)
    if not (np.abs(cells) < 2.0**60).all() or not more < 2.0**60:
        raise OverflowError
    known = slope_bounds(expression)
    distinct, place = np.unique(cells.astype(np.int64), return_inverse=True)
    found = [known.around(cell, int(more) + 1) for cell in distinct.tolist()]
    table = np.array([bounds or (0, 0, 0, 0) for bounds in found], dtype=np.float64)[place.ravel()]
    for k in np.flatnonzero(np.array([bounds is None for bounds in found])[place.ravel()]).tolist():
        u, r = places.ravel()[k : k + 1], radii.ravel()[k : k + 1]
        table[k] = known.over(_integers(u - r)[0], _integers(u + r)[0], PLACES)
    return [Sizes(np.ldexp(column, -UNIT).reshape(places.shape)) for column in table.T]


def _losses(here: Evaluation, f: Jet, reach: float) -> Jet:
    state = here.objective
    places = here.outputs * np.asarray(state.constants(here.kind)["orientation"], dtype=np.float64)
    radii = reach * f.slope.array[:, 0]
    low, high = _integers(places - radii), _integers(places + radii)
    if state.checked.targets is None:
        known = [slope_bounds(state.checked.loss(0))] * len(low)
    else:
        known = [slope_bounds(state.checked.loss(i)) for i in range(len(low))]
    found = [one.over(a, b, PLACES) for one, a, b in zip(known, low, high, strict=True)]
    weights = np.asarray(state.constants(here.kind)["multiplicity"], dtype=np.float64)[:, None]
    columns = (np.array(values, dtype=np.float64)[:, None] for values in zip(*found, strict=True))
    orders = [Sizes(np.ldexp(column, -UNIT)) for column in columns]
    (g,) = composed(orders[1:], f)
    return g.map(lambda x: x.times(Sizes(weights)))


def _integers(places: Any) -> Sequence[int]:
    scaled = np.ldexp(np.asarray(places, dtype=np.float64).ravel(), PLACES)
    if not np.isfinite(scaled).all():
        raise OverflowError
    return [int(v) for v in scaled.tolist()]
