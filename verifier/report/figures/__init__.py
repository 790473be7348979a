"""Figures of a report: data in floats with words that say what is to be seen, drawn as SVG where a page wants them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from verifier.checker.case import Case
from verifier.report.document import Figure

if TYPE_CHECKING:
    from verifier.report.figures.scene import Scene

Node = Mapping[str, Any]


def figures(case: Case, proofs: Sequence[Node], found: Sequence[Mapping[str, Any]]) -> tuple[Figure, ...]:
    """Everything that can be drawn of a case with accepted certificates, in the order of a page.

    `proofs` and `found` are the proofs of the certificates and their statements as data. A figure whose numbers
    overflow is left out.
    """
    import numpy as np

    from verifier.report.figures.scene import scene

    with np.errstate(all="ignore"):
        return tuple(_all(case, scene(case, proofs, found), proofs))


def _all(case: Case, place: Scene | None, proofs: Sequence[Node]) -> Iterator[Figure]:
    from verifier.report.figures.data import data
    from verifier.report.figures.floats import Landscape
    from verifier.report.figures.kinks import cells, crossings
    from verifier.report.figures.scene import curvature
    from verifier.report.figures.spectrum import spectrum
    from verifier.report.figures.surface import segment, surface

    landscape = Landscape(case)
    yield from data(case, landscape, place, proofs)
    if place is None:
        return
    bent = curvature(place)
    yield from surface(landscape, place, bent)
    yield from segment(landscape, place)
    yield from spectrum(place, bent)
    yield from crossings(landscape, place)
    yield from cells(place)
