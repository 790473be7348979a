"""The loss around the point: along two directions, and on the way to a better point."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from verifier.checker.network import flatten
from verifier.report.document import Figure
from verifier.report.figures.drawings import Segment, Surface
from verifier.report.figures.floats import Floats, Landscape, vector
from verifier.report.figures.scene import Curvature, Scene
from verifier.report.figures.words import word
from verifier.report.text import say
from verifier.report.words.context import parameter_names

GRID = 49  # points along each side of a square
CURVE = 401  # points of a curve


def surface(landscape: Landscape, place: Scene, bent: Curvature | None) -> Iterator[Figure]:
    point = place.point
    size = len(point)
    if size < 2:
        return
    second, reach, better, second_name = _second(place, bent)
    first, first_name = _first(bent, second, place)
    window = 2.5 * place.radius if place.radius is not None else 0.6 * reach
    s = np.linspace(-window, window, GRID)
    t = np.linspace(-window, window, GRID)
    if better and place.radius is None:
        t = np.linspace(-0.35 * reach, 1.25 * reach, GRID)
    grid_s, grid_t = np.meshgrid(s, t)
    thetas = point + grid_s.ravel()[:, None] * first + grid_t.ravel()[:, None] * second
    loss = landscape.losses(thetas).reshape(grid_s.shape)
    here = float(landscape.losses(point[None, :])[0])
    if not np.all(np.isfinite(loss)) or float(loss.max() - loss.min()) <= 1e-13 * max(1.0, abs(here)):
        return
    region = None if place.radius is None else _outline(first, second, place)
    names = (first_name, second_name)
    drawing = Surface(s, t, loss, here, names, (0.0, reach) if better and place.radius is None else None, region)
    title = say("The loss along two directions through the point")
    yield Figure("surface", title, _words(drawing), drawing)


def _second(place: Scene, bent: Curvature | None) -> tuple[Floats, float, bool, str]:
    """(unit vector, natural length, whether it leads to a better point, its name)."""
    point = place.point
    if place.better is not None:
        step = vector(flatten(place.better)) - point
        length = float(np.linalg.norm(step))
        if length > 0:
            return step / length, length, True, "towards the better point"
    scale = max(1.0, float(np.linalg.norm(point)))
    if place.descent is not None:
        return place.descent / np.linalg.norm(place.descent), scale, False, "direction of descent"
    if bent is not None and np.all(np.isfinite(bent.matrix)):
        _, vectors = np.linalg.eigh(bent.matrix)
        return _signed(vectors[:, -1]), scale, False, "steepest direction"
    return _axis(len(point) - 1, len(point)), scale, False, _axis_name(place, len(point) - 1)


def _first(bent: Curvature | None, second: Floats, place: Scene) -> tuple[Floats, str]:
    """A unit vector orthogonal to the second direction, and its name: the flattest, or at kinks along an axis."""
    size = len(second)
    complement = np.eye(size) - np.outer(second, second)
    if bent is None or not np.all(np.isfinite(bent.matrix)):
        k = int(np.argmin(abs(second)))
        return _unit(complement @ _axis(k, size)), _axis_name(place, k)
    free = [k for k in range(size) if k not in place.frozen]
    lifted = complement @ bent.matrix @ complement + np.outer(second, second) * (1 + abs(bent.matrix).sum())
    values, vectors = np.linalg.eigh(lifted[np.ix_(free, free)])
    found = np.zeros(size)
    found[free] = vectors[:, int(np.argmin(abs(values)))]
    found = complement @ found
    if float(np.linalg.norm(found)) < 1e-9:  # the only free direction is the second
        found = complement @ _axis(int(np.argmin(abs(second))), size)
    return _signed(_unit(found)), "flattest direction"


def _axis(k: int, size: int) -> Floats:
    return np.asarray(np.eye(size)[k])


def _axis_name(place: Scene, k: int) -> str:
    return "parameter " + parameter_names(place.case)[k].replace("{", "").replace("}", "")


def _unit(v: Floats) -> Floats:
    return np.asarray(v / np.linalg.norm(v))


def _signed(v: Floats) -> Floats:
    """The one of v and -v whose largest entry is positive."""
    return v if v[int(np.argmax(abs(v)))] > 0 else -v


def _outline(first: Floats, second: Floats, place: Scene) -> Floats:
    """The max-norm ball of the radius around the center, cut by the plane."""
    assert place.radius is not None
    angles = np.linspace(0, 2 * np.pi, 361)
    directions = np.cos(angles)[:, None] * first + np.sin(angles)[:, None] * second
    lengths = place.radius / abs(directions).max(axis=1)
    return np.stack([lengths * np.cos(angles), lengths * np.sin(angles)])


def _words(drawing: Surface) -> str:
    loss, here, first = drawing.loss, drawing.here, drawing.names[0]
    least, most = float(loss.min()), float(loss.max())
    words = f"Level lines of the loss, from {word(least)} to {word(most)}; at the point it is {word(here)}. "
    row = loss[int(np.argmin(abs(drawing.t)))]
    change = float(abs(row - here).max())
    where = "Along the flattest direction" if first.startswith("flattest") else f"Along {first}"
    if change <= 1e-9 * max(1.0, abs(here)):
        words += f"{where} the loss does not change at all. "
    else:
        words += f"{where} it changes by at most {word(change, 2)}. "
    if least < here - 1e-9 * max(1.0, abs(here)):
        words += "The coloured line is the level of the point: the loss is smaller on the light side of it. "
    if drawing.better is not None:
        words += "The cross above is the better point. "
    if drawing.region is not None:
        words += "The outline is certified: inside it there is one stationary point, the minimum. "
    return words.strip()


def segment(landscape: Landscape, place: Scene) -> Iterator[Figure]:
    if place.better is None:
        return
    t = np.linspace(-0.15, 1.1, CURVE)
    step = vector(flatten(place.better)) - place.point
    if not np.any(step):
        return
    loss = landscape.losses(place.point + t[:, None] * step)
    start, end = landscape.losses(np.stack([place.point, place.point + step]))
    if not np.all(np.isfinite(loss)):
        return
    inside = (t >= 0) & (t <= 1)
    top = int(np.argmax(np.where(inside, loss, -np.inf)))
    words = f"From {word(start)} at the point (t = 0) the loss "
    if loss[top] > start + 1e-9 * max(1.0, abs(start)):
        words += (
            f"rises to {word(loss[top])} near t = {word(t[top], 2)}, a barrier of {word(loss[top] - start, 2)}, and "
            "falls to"
        )
    else:
        flat = t[inside & (loss >= start - 1e-9 * max(1.0, abs(start)))]
        words += (
            f"stays level until t = {word(flat[-1], 2)} and falls to" if len(flat) > 3 else "falls without a barrier to"
        )
    words += f" {word(end)} at the better point (t = 1)."
    yield Figure("segment", say("The loss on the segment to a better point"), words, Segment(t, loss))
