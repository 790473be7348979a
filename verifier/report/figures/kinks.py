"""The loss across kinks, and the cells into which they cut the directions around a unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from verifier.checker.analysis import Analysis
from verifier.checker.case import Case
from verifier.checker.errors import Rejected
from verifier.checker.network import flatten, layouts
from verifier.checker.number import DomainProblem, Undecided
from verifier.checker.rules.dual import UnitView, directional
from verifier.checker.rules.sharp import sharp
from verifier.checker.subgradient import moved, subgradients
from verifier.report.document import Figure
from verifier.report.figures.drawings import Cells, Crossing, Crossings
from verifier.report.figures.floats import Floats, Landscape, vector
from verifier.report.figures.scene import Scene
from verifier.report.figures.words import word
from verifier.report.text import say
from verifier.report.words.context import unit_name

CURVE = 201  # points of a curve
MAX_CELLS, MAX_CROSSINGS = 2, 4


def crossings(landscape: Landscape, place: Scene) -> Iterator[Figure]:
    node = place.existence
    if node is None or "kinks" not in node:
        return
    given = flatten(place.case.point) if place.case.point is not None else flatten(place.theta)
    found = sharp(place.case, given, node)
    items = []
    for (part, j, i), (low, high) in list(zip(node["kinks"], found.slopes, strict=True))[:MAX_CROSSINGS]:
        normal = _normal(place.case, part, j, landscape.inputs[i], len(place.point))
        offsets = np.linspace(-1, 1, CURVE) * 1e-3 * max(1.0, float(np.linalg.norm(place.point)))
        loss = landscape.losses(place.point + offsets[:, None] * normal / float(normal @ normal))
        name = f"{unit_name(place.case, (part, 0, j))}, sample {i}"
        items.append(Crossing(name, offsets, loss, _ends(low), _ends(high)))
    if not all(np.all(np.isfinite(item.loss)) for item in items):
        return
    which = "the kink" if len(items) == 1 else f"{len(items)} kinks"
    slopes = [
        f"at {it.name} its slope along the gradient of the kink jumps from {word(it.left[1], 3)} to"
        f" {word(it.right[0], 3)}"
        for it in items
    ]
    words = (
        f"The loss across {which}, the other parameters at the center: {'; '.join(slopes)}. Each is a corner that "
        "points down."
    )
    yield Figure("kinks", say("Across the kinks"), words, Crossings(tuple(items)))


def _ends(ball: Any) -> tuple[float, float]:
    return float(ball.lower()), float(ball.upper())


def _normal(case: Case, part: int, j: int, x: Floats, size: int) -> Floats:
    """The gradient of the pre-activation of a first-layer unit on one sample."""
    block = layouts(case)[part].blocks[0][j]
    found = np.zeros(size)
    found[block.weights.start : block.weights.stop] = x
    if block.bias is not None:
        found[block.bias] = 1.0
    return found


def cells(place: Scene) -> Iterator[Figure]:
    node = place.node
    if node is None or node["rule"] != "dual":
        return
    analysis = Analysis(place.case, place.theta)
    try:
        g = subgradients(analysis, node["subgradients"], False, "figure")
        units = [
            (part, j)
            for part, entry in enumerate(node["parts"])
            for j, data in enumerate(entry.get("units", ()))
            if data["shape"] == "kink"
        ]
        for part, j in units[:MAX_CELLS]:
            unit = UnitView(analysis, (part, 0, j), g, moved(g), "figure")
            figure = _cells_of(unit)
            if figure is not None:
                yield figure
    except (Rejected, Undecided, DomainProblem):
        return


def _cells_of(unit: UnitView) -> Figure | None:
    slope, kinks = directional(unit)
    if not kinks or len(slope) < 2:
        return None
    v, normals = vector(slope), [vector(x) for x, _ in kinks]
    bends = vector([bend for _, bend in kinks])
    basis = np.eye(2) if len(v) == 2 else _plane_of(normals, len(v))
    angles = np.linspace(0, 2 * np.pi, 721)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1) @ basis
    slopes = directions @ v + sum(b * abs(directions @ x) for b, x in zip(bends, normals, strict=True))
    walls = tuple(sorted(float(np.arctan2(*(basis @ x)[::-1]) + np.pi / 2) % np.pi for x in normals))
    name = unit_name(unit.analysis.case, unit.unit)
    lines, least, most = len(set(walls)), float(slopes.min()), float(slopes.max())
    flat = abs(least) <= 1e-9 * max(1.0, most)
    words = (
        f"The slope of the loss's lower bound when the weights of {name} move in a direction, by the angle of the "
        "direction"
    )
    words += "" if len(v) == 2 else " in a plane through the kinks"
    words += (
        f": {lines} line{' cuts' if lines == 1 else 's cut'} the directions into {2 * lines} cells; on a line a "
        "pre-activation stays on its kink. The slope is nowhere negative: "
        f"{'it is 0 in some directions' if flat else f'at least {word(least, 3)}'}, and at most {word(most, 3)}."
    )
    drawing = Cells(angles, np.maximum(slopes, 0.0), walls, len(v) == 2)
    return Figure(f"cells-{unit.unit[0]}-{unit.unit[2]}", say("The cells around {name}", name=name), words, drawing)


def _plane_of(normals: Sequence[Floats], size: int) -> Floats:
    """Two orthonormal rows: the first two independent normals, or a normal and an axis."""
    rows: list[Floats] = []
    for x in [*normals, *np.eye(size)]:
        rest = x - sum((r * (r @ x) for r in rows), np.zeros(size))
        if float(np.linalg.norm(rest)) > 1e-9 * float(np.linalg.norm(x)):
            rows.append(rest / np.linalg.norm(rest))
        if len(rows) == 2:
            break
    return np.array(rows)
