"""The samples and the output of the net, for inputs of one or two dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from verifier.checker import fields
from verifier.checker.case import Case
from verifier.report.document import Figure
from verifier.report.figures.drawings import Line, Plane
from verifier.report.figures.floats import Floats, Landscape, vector
from verifier.report.figures.scene import Scene
from verifier.report.figures.words import word
from verifier.report.text import say

Node = Mapping[str, Any]
CURVE = 201  # points of a curve
MAX_SAMPLES = 400


def data(case: Case, landscape: Landscape, place: Scene | None, proofs: Sequence[Node]) -> Iterator[Figure]:
    inputs = landscape.inputs
    if inputs.shape[1] not in (1, 2) or len(inputs) > MAX_SAMPLES:
        return
    labels = case.labels is not None
    outcomes = np.array(case.labels, dtype=np.float64) if case.labels is not None else vector(case.targets or ())
    outputs = None if place is None else landscape.outputs(place.point[None, :], inputs)[0]
    sides = np.zeros(len(inputs)) if outputs is None or not labels else np.sign(outcomes * outputs)
    if inputs.shape[1] == 1:
        if place is not None:
            yield from _line(landscape, place, outcomes, sides, labels)
        return
    x, y = (_range(inputs[:, k]) for k in (0, 1))
    grid = np.stack([v.ravel() for v in np.meshgrid(x, y)], axis=1)
    f = None if place is None else landscape.outputs(place.point[None, :], grid)[0].reshape(len(y), len(x))
    separator = _separator(case, proofs)
    if f is None and separator is None:
        return
    if f is not None and not np.all(np.isfinite(f)):
        return
    drawing = Plane(x, y, f, inputs, outcomes, sides, labels, separator if f is None else None)
    if f is None:
        title = "The data and a separating line"
        words = (
            f"{len(inputs)} samples in the plane, one marker shape for each class; the line of the certificate has one "
            "class on each side."
        )
    else:
        title = "The data and the decision function"
        words = _plane_words(f, outcomes, sides, labels)
    yield Figure("data", say(title), words, drawing)


def _separator(case: Case, proofs: Sequence[Node]) -> tuple[float, float, float] | None:
    for proof in proofs:
        node = proof.get("theorem", {})
        if "separator" in node:
            v = vector([fields.exact(c, "figure") for c in node["separator"]])
            return (float(v[0]), float(v[1]), float(v[2]) if len(v) > 2 else 0.0)
    return None


def _range(values: Floats, count: int = 81) -> Floats:
    low, high = float(values.min()), float(values.max())
    margin = 0.18 * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, count)


def _line(landscape: Landscape, place: Scene, outcomes: Floats, sides: Floats, labels: bool) -> Iterator[Figure]:
    x = _range(landscape.inputs[:, 0], CURVE)
    f = landscape.outputs(place.point[None, :], x[:, None])[0]
    if not np.all(np.isfinite(f)):
        return
    drawing = Line(x, f, landscape.inputs[:, 0], outcomes, sides, labels)
    if float(f.max() - f.min()) < 1e-9 * max(1.0, float(abs(f).max())):
        words = f"The output of the net at the point is the constant {word(float(f[0]))}"
    else:
        words = f"The output of the net at the point runs between {word(float(f.min()))} and {word(float(f.max()))}"
        changes = x[:-1][np.sign(f[:-1]) != np.sign(f[1:])]
        if labels:
            places = ", ".join(word(float(c), 3) for c in changes[:6])
            words += f", and changes its sign near x = {places}" if len(changes) else ", and never changes its sign"
    words += f" over the range of the {len(outcomes)} samples. {_sides_words(sides, labels)}"
    yield Figure("data", say("The data and the output of the net"), words.strip(), drawing)


def _plane_words(f: Floats, outcomes: Floats, sides: Floats, labels: bool) -> str:
    if not labels:
        return (
            f"Level lines of the output of the net at the point, from {word(float(f.min()))} to"
            f" {word(float(f.max()))}, over the samples."
        )
    share = float((f > 0).mean())
    if share in (0.0, 1.0):
        words = (
            f"The output of the net at the point is {'positive' if share else 'negative or 0'} on the whole rectangle: "
            "no boundary passes between the samples."
        )
    else:
        words = (
            f"The line f = 0 splits the rectangle around the samples: f is positive on about {round(100 * share)} % of "
            "it."
        )
    return f"{words} {_sides_words(sides, labels)}"


def _sides_words(sides: Floats, labels: bool) -> str:
    if not labels:
        return "The markers are the targets."
    wrong = int((sides < 0).sum())
    ties = int((sides == 0).sum())
    words = (
        f"{wrong} of {len(sides)} samples {'is' if wrong == 1 else 'are'} on the wrong side (ringed)"
        if wrong
        else "No sample is on the wrong side"
    )
    return f"{words}{f', {ties} exactly on the boundary' if ties else ''}."
