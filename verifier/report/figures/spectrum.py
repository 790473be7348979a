"""The eigenvalues of the Hessian, and which of their signs are certified."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from verifier.report.document import Figure
from verifier.report.figures.drawings import Spectrum
from verifier.report.figures.floats import Floats
from verifier.report.figures.scene import Curvature, Scene
from verifier.report.figures.words import word
from verifier.report.text import say


def spectrum(place: Scene, bent: Curvature | None) -> Iterator[Figure]:
    if bent is None or not np.all(np.isfinite(bent.matrix)):
        return
    values = np.asarray(np.linalg.eigvalsh(bent.matrix), dtype=np.float64)
    signs = _signs(values, bent)
    words = (
        f"The {len(values)} eigenvalues of the Hessian "
        f"{'near the minimum' if place.radius is not None else 'at the point'}, from {word(float(values[0]))} to "
        f"{word(float(values[-1]))}. "
    )
    counts = [(sign, signs.count(sign)) for sign in ("zero", "positive", "negative")]
    certified = [f"{n} {'is' if n == 1 else 'are'} {sign}" for sign, n in counts if n]
    rest = signs.count("undecided")
    words += f"Certified: {', '.join(certified)}." if certified else "No sign is certified."
    words += f" The signs of {rest} others are not." if rest and certified else ""
    yield Figure("spectrum", say("The spectrum of the Hessian"), words, Spectrum(values, signs))


def _signs(values: Floats, bent: Curvature) -> tuple[str, ...]:
    """A certified sign for each eigenvalue, in their order: negative ones first, positive last, the least in size 0."""
    size = len(values)
    signs = ["undecided"] * size
    signs[: bent.negative] = ["negative"] * bent.negative
    signs[size - bent.positive :] = ["positive"] * bent.positive
    rest = [k for k in range(size) if signs[k] == "undecided"]
    for k in sorted(rest, key=lambda k: abs(values[k]))[: bent.zeros]:
        signs[k] = "zero"
    return tuple(signs)
