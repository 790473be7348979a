"""A case file as text: the data, net and loss of a case with another point and other claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from verifier.case import dumps
from verifier.case.types import Case, Claim, ExponentialPoint, LayeredPoint, Point
from verifier.checker.case import Theta, Weights
from verifier.model.translate import checker_case

SOURCE = "verify search"


def case_text(case: Case, theta: Theta, claims: Sequence[Claim], title: str, notes: str) -> str:
    """TOML that says the same as `case`, at the point `theta` (one `Weights` per part), with these claims."""
    found = replace(
        case,
        title=title,
        source=SOURCE,
        notes=f"{notes}\n",
        point=_point(case, theta),
        better=None,
        claims=tuple(claims),
    )
    return dumps(found)


def _point(case: Case, theta: Theta) -> Point:
    parts = {part.name: weights for part, weights in zip(checker_case(case).parts, theta, strict=True)}
    return Point(
        _layered(parts["main"]),
        _layered(parts["deep"]) if "deep" in parts else None,
        _exponential(parts["exponential"]) if "exponential" in parts else None,
    )


def _layered(weights: Weights) -> LayeredPoint:
    return LayeredPoint(weights.a0, weights.a, weights.W, weights.b)


def _exponential(weights: Weights) -> ExponentialPoint:
    assert weights.b is not None
    return ExponentialPoint(weights.a[0], weights.W[0][0], weights.b[0][0])
