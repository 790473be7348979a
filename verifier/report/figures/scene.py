"""What the certificates of a case give to draw: the point, a better one, a certified region, the Hessian, kinks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from flint import arb, fmpq_mat

from verifier.checker import fields
from verifier.checker.analysis import Analysis
from verifier.checker.case import Case, Theta, read_point
from verifier.checker.curvature import hessian
from verifier.checker.enclosure import Enclosure
from verifier.checker.errors import Rejected
from verifier.checker.network import flatten, parameter_count, unflatten
from verifier.checker.number import DomainProblem, Exact, Undecided, precision
from verifier.checker.symmetry import tangents
from verifier.report.figures.floats import Floats, vector

Node = Mapping[str, Any]
BITS = 128
MAX_PARAMETERS = 150  # beyond which no Hessian is computed for a figure
MAX_RATIONAL = 40  # size of a rational matrix whose exact inertia is computed


@dataclass(frozen=True)
class Scene:
    """One point of a case, with what the certificates say about it; what is not known is None or empty."""

    case: Case
    theta: Theta
    better: Theta | None
    radius: float | None  # max-norm: the minimum is alone so near the center
    frozen: tuple[int, ...]
    minimum: bool  # certified to be (or, with a radius, to be near) a local minimum
    node: Node | None  # of the rule that shows the minimum
    existence: Node | None
    descent: Floats | None  # a direction along which L falls

    @property
    def point(self) -> Floats:
        return vector(flatten(self.theta))


def scene(case: Case, proofs: Sequence[Node], found: Sequence[Mapping[str, Any]]) -> Scene | None:
    """The scene of some accepted certificates; None if no point is known."""
    for proof, data in zip(proofs, found, strict=True):
        if "existence" in proof:
            return _nearby(case, proof, data, proofs)
    point = next((read_point(proof["point"], case, "report") for proof in proofs if "point" in proof), case.point)
    if point is None:
        return None
    node = next((proof["minimum"] for proof in proofs if "minimum" in proof), None)
    falls = next((proof["descent"] for proof in proofs if "descent" in proof), None)
    line = None
    if falls is not None:
        rows = fields.curve(falls["curve"], "report", parameter_count(case))
        line = next((v for row in rows if np.any(v := vector(row))), None)
    return Scene(case, point, _better(case, proofs), None, (), node is not None, node, None, line)


def _nearby(case: Case, proof: Node, data: Mapping[str, Any], proofs: Sequence[Node]) -> Scene:
    node = proof["existence"]
    center = fields.vector(node["center"], "report", parameter_count(case))
    radius = float(data["radius"]) if data["radius"] is not None else 0.0
    theta = unflatten(case, center)
    frozen = tuple(node["frozen"])
    return Scene(case, theta, _better(case, proofs), radius or None, frozen, True, None, node, None)


def _better(case: Case, proofs: Sequence[Node]) -> Theta | None:
    return next((read_point(proof["better"], case, "report") for proof in proofs if "better" in proof), case.better)


# -- the Hessian -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Curvature:
    """The Hessian in floats, and how many of its eigenvalues are certified to be 0, positive, negative."""

    matrix: Floats
    zeros: int
    positive: int
    negative: int


def curvature(scene: Scene) -> Curvature | None:
    """The Hessian at the point, if L is known to be smooth there; signs are counted only where they are certified."""
    if parameter_count(scene.case) > MAX_PARAMETERS or (scene.existence is not None and "kinks" in scene.existence):
        return None
    try:
        return _near_a_minimum(scene) if scene.existence is not None else _at_the_point(scene)
    except (Rejected, Undecided, DomainProblem):
        return None


def _near_a_minimum(scene: Scene) -> Curvature | None:
    node = scene.existence
    assert node is not None
    center: Sequence[Exact] = flatten(scene.theta)
    with precision(BITS):
        matrix = _floats(hessian(Enclosure.at(scene.case, center), BITS))
    zeros = len(scene.frozen)  # as many moves, whose tangents the Hessian at the minimum maps to 0
    return Curvature(matrix, zeros, len(center) - zeros, 0)


def _at_the_point(scene: Scene) -> Curvature | None:
    analysis = Analysis(scene.case, scene.theta)
    analysis.require_smooth(2, "figure")
    exact = hessian(analysis, BITS)
    matrix = _floats(exact)
    size = len(matrix)
    node = scene.node
    if node is not None and node["rule"] in ("strict", "higher-order"):
        vectors = tangents(analysis, node["modulo"], "figure")
        rank = int(np.linalg.matrix_rank(np.array([vector(v) for v in vectors]))) if vectors else 0
        zeros = rank + (node["rule"] == "higher-order")
        return Curvature(matrix, zeros, size - zeros, 0)
    if isinstance(exact, fmpq_mat) and size <= MAX_RATIONAL:
        return Curvature(matrix, *inertia(exact))
    negative = 0
    if scene.descent is not None:
        negative = int(float(scene.descent @ matrix @ scene.descent) < 0 and _falls_at_second_order(analysis))
    return Curvature(matrix, 0, 0, negative)


def inertia(matrix: fmpq_mat) -> tuple[int, int, int]:
    """How many eigenvalues of a symmetric rational matrix are 0, positive, negative: exact.

    All roots of the characteristic polynomial are real, so the changes of sign among its coefficients count the
    positive ones (Descartes' rule is an equality then).
    """
    coefficients = list(matrix.charpoly().coeffs())
    zeros = next(k for k, c in enumerate(coefficients) if c != 0)
    signs = [c > 0 for c in coefficients if c != 0]
    positive = sum(a != b for a, b in pairwise(signs))
    return zeros, positive, matrix.nrows() - zeros - positive


def _falls_at_second_order(analysis: Analysis) -> bool:
    """At a stationary point a fall at second order is a negative eigenvalue."""
    from verifier.checker import number

    return all(number.is_zero(v) for v in analysis.gradient)


def _floats(matrix: Any) -> Floats:
    rows = [[float(v.mid()) if isinstance(v, arb) else int(v.p) / int(v.q) for v in row] for row in matrix.tolist()]
    return np.array(rows, dtype=np.float64)
