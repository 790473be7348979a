"""The [[claim]] tables: which keys go with which kind of claim, and what makes a claim an input error."""

from __future__ import annotations

from collections.abc import Callable

from flint import fmpq

from verifier.case import raw
from verifier.case.errors import choice, describe, refuse
from verifier.case.numbers import number
from verifier.case.types import Claim
from verifier.case.vectors import positive
from verifier.checker.number import Exact

# Claims about the point of the file; bad, strict and training_error may stand on each of them.
POINT_KINDS = (
    "local-minimum",
    "stationary",
    "not-local-minimum",
    "global-minimum",
    "suboptimal",
    "training-error",
    "loss",
)
KINDS = (*POINT_KINDS, "theorem-applies", "no-bad-local-minimum", "bad-local-minimum-exists")
VERDICTS = ("proved", "refuted", "undecided")
THEOREMS = ("A", "B", "C", "any")

# key -> the kinds of claims on which it may stand
KINDS_OF: dict[str, tuple[str, ...]] = {
    "strict": POINT_KINDS,
    "bad": POINT_KINDS,
    "training_error": POINT_KINDS,
    "near": ("local-minimum",),
    "theorem": ("theorem-applies",),
    "value": ("training-error", "loss"),
    "lower": ("loss",),
    "upper": ("loss",),
}


def decode_claim(table: raw.Claim, index: int, has_point: bool, has_targets: bool) -> Claim:
    """One claim; `index` counts from 0 as in every key path.  Raises Refused."""
    key = f"claim[{index}]"
    kind = choice(table.kind, KINDS, f"{key}.kind")
    for name, kinds in KINDS_OF.items():
        _stands_on(getattr(table, name), kind, kinds, f"{key}.{name}")
    if kind in POINT_KINDS and not has_point:
        raise refuse("point", f"a table [point] for {key} ({kind})", "nothing")
    _check_targets(table, kind, has_targets, key)
    _check_values(table, kind, key)
    claim = Claim(
        kind=kind,
        strict=table.strict,
        near=_optional(table.near, f"{key}.near", lambda v, k: positive(v, k, "a number > 0")),
        bad=table.bad,
        training_error=_optional(table.training_error, f"{key}.training_error", number),
        expect=choice(table.expect, VERDICTS, f"{key}.expect"),
        theorem=_theorem(table, kind, key),
        value=_optional(table.value, f"{key}.value", number),
        lower=_optional(table.lower, f"{key}.lower", number),
        upper=_optional(table.upper, f"{key}.upper", number),
    )
    if claim.bad and claim.training_error == fmpq(0):
        raise refuse(f"{key}.training_error", "more than 0 for a claim with bad = true", describe(table.training_error))
    return claim


def _stands_on(value: object, kind: str, kinds: tuple[str, ...], key: str) -> None:
    if value is not None and kind not in kinds:
        where = "claims about a point" if kinds is POINT_KINDS else " and ".join(kinds)
        raise refuse(key, f"no such key on {kind} (only on {where})", describe(value))


def _check_targets(table: raw.Claim, kind: str, has_targets: bool, key: str) -> None:
    if has_targets and kind == "training-error":
        raise refuse(f"{key}.kind", "another kind of claim (data with targets have no training error)", describe(kind))
    if has_targets and table.training_error is not None:
        expected = "no such key (data with targets have no training error)"
        raise refuse(f"{key}.training_error", expected, describe(table.training_error))


def _check_values(table: raw.Claim, kind: str, key: str) -> None:
    bounds = (table.lower is not None) + (table.upper is not None)
    if kind == "training-error" and table.value is None:
        raise refuse(f"{key}.value", "the training error that is claimed", "nothing")
    if kind == "loss" and table.value is None and not bounds:
        raise refuse(f"{key}.value", "value, or lower and upper, for a claim on the loss", "nothing")
    if kind == "loss" and bounds == 1:
        missing, other = ("upper", "lower") if table.upper is None else ("lower", "upper")
        raise refuse(f"{key}.{missing}", f"a number beside {other}", "nothing")
    if kind == "loss" and table.value is not None and bounds:
        raise refuse(f"{key}.value", "value, or lower and upper, not both", describe(table.value))


def _theorem(table: raw.Claim, kind: str, key: str) -> str | None:
    if kind != "theorem-applies":
        return None
    return "any" if table.theorem is None else choice(table.theorem, THEOREMS, f"{key}.theorem")


def _optional(value: object, key: str, decode: Callable[[object, str], Exact]) -> Exact | None:
    return None if value is None else decode(value, key)
