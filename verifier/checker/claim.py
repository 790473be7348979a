"""The claim inside a certificate, read strictly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import fields
from .case import read_number
from .errors import Rejected, require
from .number import Exact, Undecided, sign

POINT_KINDS = frozenset(
    {
        "local-minimum",
        "not-local-minimum",
        "stationary",
        "global-minimum",
        "suboptimal",
        "training-error",
        "loss",
    }
)
KINDS = POINT_KINDS | {"theorem-applies", "no-bad-local-minimum", "bad-local-minimum-exists"}
KEYS = frozenset(
    {"kind", "strict", "near", "bad", "training_error", "expect", "theorem", "value", "lower", "upper"}
)


@dataclass(frozen=True)
class Claim:
    """What is claimed; what does not apply is None."""

    kind: str
    strict: bool | None
    near: Exact | None
    bad: bool | None
    training_error: Exact | None
    theorem: str | None
    value: Exact | None
    lower: Exact | None
    upper: Exact | None


def read_claim(document: Any) -> Claim:
    """The claim of a certificate; raises Rejected naming the field."""
    table = fields.node(document, "claim")
    require(set(table) == KEYS, "claim", f"expected the keys {', '.join(sorted(KEYS))}")
    kind, theorem = table["kind"], table["theorem"]
    if not isinstance(kind, str) or kind not in KINDS:
        raise Rejected("claim.kind", f"unknown kind {kind!r:.40}")
    if theorem is not None and theorem not in ("A", "B", "C", "any"):
        raise Rejected("claim.theorem", f"unknown theorem {theorem!r:.40}")
    require((theorem is not None) == (kind == "theorem-applies"), "claim.theorem", "belongs to theorem-applies")
    claim = Claim(
        kind,
        _flag(table["strict"], "claim.strict"),
        _optional(table["near"], "claim.near"),
        _flag(table["bad"], "claim.bad"),
        _optional(table["training_error"], "claim.training_error"),
        theorem,
        _optional(table["value"], "claim.value"),
        _optional(table["lower"], "claim.lower"),
        _optional(table["upper"], "claim.upper"),
    )
    if kind not in POINT_KINDS:
        extra = (claim.strict, claim.bad, claim.training_error)
        require(all(v is None for v in extra), "claim", f"strict, bad and training_error do not stand on {kind}")
    require(claim.near is None or kind == "local-minimum", "claim.near", "stands on local-minimum only")
    require(claim.near is None or _positive(claim.near), "claim.near", "expected a number > 0")
    require(claim.value is None or kind in ("training-error", "loss"), "claim.value", f"does not stand on {kind}")
    bounded = claim.lower is not None or claim.upper is not None
    require(not bounded or kind == "loss", "claim", f"lower and upper do not stand on {kind}")
    if kind == "training-error":
        require(claim.value is not None, "claim.value", "expected the training error that is claimed")
    if kind == "loss":
        bounds = (claim.lower is not None) + (claim.upper is not None)
        require(bounds == (0 if claim.value is not None else 2), "claim", "expected value, or lower and upper")
    expect = table["expect"]
    require(expect is None or expect in ("proved", "refuted", "undecided"), "claim.expect", "expected a verdict")
    return claim


def _flag(value: Any, where: str) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise Rejected(where, f"expected true, false or null, got {value!r:.40}")
    return value


def _optional(value: Any, where: str) -> Exact | None:
    return None if value is None else read_number(value, where)


def _positive(x: Exact) -> bool:
    try:
        return sign(x) > 0
    except Undecided as problem:
        raise Rejected("claim.near", str(problem)) from None
