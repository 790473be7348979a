"""Rule nowhere: what may show that no point near the given one is a minimum as claimed.

A coordinate of the gradient that keeps its sign on the box, the margins on the box, a direction of negative curvature,
or the only minimum of a wider box, which lies outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from flint import fmpq

from verifier.arithmetic.convert import nearest_float
from verifier.checker.enclosure import Enclosure
from verifier.checker.number import DomainProblem, Exact, Undecided, enclose, precision, text
from verifier.rules import existence
from verifier.rules.problem import Declined, Json, Problem

BITS = 128
WIDER = 8  # how far, in radii, a minimum is looked for that shows that none is nearer


def propose(problem: Problem, near: Exact) -> Iterator[Json]:
    """Nodes that may show that no point within `near` is a local minimum with the claimed properties."""
    case = problem.checked
    try:
        with precision(BITS):
            box = Enclosure.over(case, problem.theta, [enclose(near)] * problem.size)
            sides = [k for k, v in enumerate(box.gradient) if bool(v > 0 or v < 0)]
    except (Undecided, DomainProblem) as reason:
        raise Declined("box", f"the loss is not smooth within the radius: {reason}") from None
    for k in sides[:1]:
        yield {"bits": BITS, "coordinate": k}
    yield {"bits": BITS, "margins": True}
    yield from ({"bits": BITS, "direction": [text(v) for v in d]} for d in _negative_directions(problem))
    with suppress(Declined):
        yield {"bits": 2 * BITS, "minimum": existence.propose(problem, near * fmpq(WIDER), careful=True)}


def _negative_directions(problem: Problem) -> Iterator[list[fmpq]]:
    import numpy as np

    with np.errstate(all="ignore"):
        matrix = np.array(problem.objective.at(np.array([nearest_float(v) for v in problem.theta])).hessian())
    if not np.isfinite(matrix).all():
        return
    values, vectors = np.linalg.eigh(matrix)
    if values[0] < 0:
        scaled = vectors[:, 0] / np.abs(vectors[:, 0]).max()
        yield [fmpq(round(float(v) * 2**20), 2**20) for v in scaled]
