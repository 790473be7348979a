"""What the certificates of a case show together, in one or two plain sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, Decimal, localcontext
from typing import Any

from verifier.report.text import Plain, Text, say

Data = Mapping[str, Any]  # a statement as data
_MINIMUM = ("the point is a local minimum of the loss", "a local minimum of the loss exists near the point")
_GLOBAL = "the point is a global minimum of the loss"
_NO_MINIMUM = "no local minimum exists at all"
_NO_BAD = "every local minimum of the loss has training error 0"
_FAILING = "what does not apply, and the hypothesis that fails: "
_BAD = "the loss has a bad local minimum"


def headline(found: Sequence[Data], proofs: Sequence[Mapping[str, Any]]) -> Text:
    """One sentence about the point and one about the data set, as far as there is something to say."""
    parts = [part for part in (_point(found, proofs), _data_set(found)) if part]
    return (Plain(" ".join(parts)),) if parts else sentence(found[0])


def sentence(data: Data) -> Text:
    """What one certificate shows."""
    established = str(data["established"])
    if established.startswith((_NO_MINIMUM, _NO_BAD)):
        established = established.partition("; ")[0]  # its scope is a part of the proof
    if established.startswith(_FAILING):
        return (Plain(_failing(established)),)
    strict = {True: ", a strict one", False: ", and not a strict one", None: ""}[data["strict"]]
    minimum = established in (*_MINIMUM, _BAD)
    within = f", within {_rounded_up(data['distance'])} of it (max-norm)" if data["radius"] is not None else ""
    return say("{words}{strict}{within}.", words=_capital(established), strict=strict if minimum else "", within=within)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _point(found: Sequence[Data], proofs: Sequence[Mapping[str, Any]]) -> str:
    minima = [d for d in found if d["established"] in (*_MINIMUM, _GLOBAL, _BAD)]
    better = any("better" in proof for proof in proofs)
    if minima:
        return _minimum(minima, better)
    falls = [
        d for d in found if str(d["established"]).startswith(("the point is not a local minimum", "it is false that"))
    ]
    if falls:
        return "The given weights are not a local minimum: arbitrarily near to them the loss is smaller."
    nothing = [d for d in found if str(d["established"]).startswith("no point within the radius")]
    if nothing:
        return "Near the given weights there is no local minimum of the kind that was claimed."
    if better:
        return "The given weights are not optimal: others have a smaller loss."
    return ""


def _minimum(minima: Sequence[Data], better: bool) -> str:
    which = {d["established"] for d in minima}
    values = next((d for d in minima if d["training_error"] is not None), minima[0])
    strict = any(d["strict"] for d in minima)
    near = next((d for d in minima if d["radius"] is not None), None)
    kind = "strict local minimum" if strict else "local minimum"
    if _GLOBAL in which:
        words = "The given weights are a global minimum of the loss"
    elif near is not None:
        words = f"Within {_rounded_up(near['distance'])} of the given weights lies a {kind} of the loss"
    elif which == {_BAD}:
        words = f"The loss has a bad {kind}"
    else:
        words = f"The given weights are a {kind} of the loss"
    error = values["training_error"]
    if error is not None and error != "0":
        words += f", and yet {_share(error, values['samples'])} on the wrong side"
    elif error == "0":
        words += ", and every sample is on the right side"
    if better:
        words += "; other weights have a smaller loss"
    bad = error not in (None, "0") or (error is None and better)
    return f"{words}: a bad local minimum." if bad and which != {_BAD} else f"{words}."


def _rounded_up(distance: str) -> str:
    """An upper bound with three digits."""
    with localcontext(prec=3, rounding=ROUND_CEILING):
        return f"{+Decimal(distance):g}"


def _share(error: str, samples: int) -> str:
    """ "1 of 3 samples is": the training error as a number of samples."""
    p, _, q = error.partition("/")
    wrong = int(p) * samples // int(q or 1)
    return f"{wrong} of {samples} samples {'is' if wrong == 1 else 'are'}"


def _data_set(found: Sequence[Data]) -> str:
    for d in found:
        established = str(d["established"])
        if established.startswith(_NO_MINIMUM):
            return "On these data the loss has no local minimum at all."
        if established.startswith(_NO_BAD):
            return (
                "On these data no local minimum is bad: wherever training comes to rest in a local minimum, every"
                " sample is right."
            )
    for d in found:
        established = str(d["established"])
        if established.startswith("theorem "):
            return f"{_capital(established)}."
    for d in found:
        if str(d["established"]).startswith(_FAILING):
            return _failing(str(d["established"]))
    return ""


def _failing(established: str) -> str:
    """ "Theorem A does not apply: “separable data” fails.", for each theorem in question."""
    listed = established.removeprefix(_FAILING).removeprefix("theorem ").split(" and theorem ")
    return " ".join(f"Theorem {it[0]} does not apply: “{it[3:-1]}” fails." for it in listed)
