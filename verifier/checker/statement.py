"""The statement that a certificate proves, in words and as data; rebuilt from the case by the checker."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from . import number
from .analysis import Analysis
from .case import Architecture, Case
from .claim import POINT_KINDS, Claim
from .number import Exact, Undecided
from .settle import Findings
from .statement_numbers import FEW_DIGITS, NO_SLACK, SLACK, at_least, at_most, describe, enclosure

if TYPE_CHECKING:
    from .near import Enclosed

SMALLEST = 1_024


def statement(case: Case, claim: Claim, verdict: str, found: Findings, stated: Any = None) -> dict[str, Any]:
    """{"text": one or two sentences, "data": the same as data}.

    `stated` is the statement of the certificate, if there is one: ends of enclosures are taken from it where they hold.
    """
    given = stated.get("data") if isinstance(stated, dict) else None
    given = given if isinstance(given, dict) else {}
    data: dict[str, Any] = {
        "kind": claim.kind,
        "verdict": verdict,
        "established": found.main,
        "refuted_part": found.refuted,
        "strict": found.strict,
        "setting": setting(case),
        "samples": case.total,
        "training_error": None,
        "ties": None,
        "loss": None,
        "distance": "0" if claim.near is not None and verdict == "proved" else None,
        "radius": None,
        "hypotheses": [{"name": h.name, "holds": h.holds, "why": h.why} for h in found.hypotheses],
    }
    point = found.point
    if point is None and claim.kind in POINT_KINDS and case.point is not None:
        point = Analysis(case, case.point)
    if found.enclosed is not None:
        data |= _enclosed_values(claim, found.enclosed, given)
    elif point is not None and not found.nowhere:
        data |= values(point, given.get("loss"))
    return {"text": _text(data), "data": data}


def _enclosed_values(claim: Claim, found: Enclosed, given: Mapping[str, Any]) -> dict[str, Any]:
    error, distance = found.training_error, found.distance
    inside = claim.near is not None and bool(distance * (1 + SLACK) <= number.enclose(claim.near))
    return {
        "training_error": None if error is None else str(error),
        "ties": None if error is None else 0,
        "loss": enclosure(found.loss, given.get("loss"), SLACK),
        "distance": at_most(distance, given.get("distance"), FEW_DIGITS, SLACK if inside else NO_SLACK),
        "radius": at_least(found.radius, given.get("radius"), FEW_DIGITS, SLACK),
    }


def values(point: Analysis, stated: Any = None) -> dict[str, Any]:
    """training_error, ties and loss at a point, each None where it cannot be settled."""
    found: dict[str, Any] = {"training_error": None, "ties": None, "loss": None}
    if point.case.labels is not None:
        with suppress(Undecided):
            found |= {"training_error": str(point.training_error), "ties": point.ties}
    with suppress(Undecided):
        found["loss"] = describe(point.loss, stated)
    return found


def setting(case: Case) -> str:
    """The network, the data and the loss in a few words."""
    n, d = len(case.inputs), len(case.inputs[0])
    outcomes = "labels" if case.labels is not None else "real targets"
    parts = [_part(part) for part in case.parts]
    decay = "" if number.is_zero(case.weight_decay) else f" and weight decay {_short(case.weight_decay)}"
    counted = f"{n} samples" if case.total == n else f"{n} samples ({case.total} with multiplicity)"
    return f"{' + '.join(parts)}, {counted} in dimension {d} with {outcomes}, {_function(case.loss_spec)} loss{decay}"


def _part(part: Architecture) -> str:
    if part.name == "exponential":
        return "one exponential neuron"
    sizes = "-".join(str(h) for h in part.hidden)
    lacking = [name for name, has in (("hidden", part.hidden_bias), ("output", part.output_bias)) if not has]
    without = f", no {' and no '.join(lacking)} bias" if lacking else ""
    prefix = {"main": "", "deep": "parallel "}[part.name]
    return f"{prefix}{_function(part.spec)} net with hidden layers {sizes}{without}"


def _function(spec: Any) -> str:
    if "expr" in spec:
        return number.shorten(str(spec["expr"]), 80)
    extra = ", ".join(f"{k} = {number.shorten(str(v))}" for k, v in spec.items() if k != "name")
    return f"{spec['name']}" + (f" ({extra})" if extra else "")


def _short(x: Exact) -> str:
    return number.shorten(number.text(x))


def _text(data: dict[str, Any]) -> str:
    strict = {True: ", a strict one", False: ", not a strict one", None: ""}[data["strict"]]
    minimum = data["established"] in (NEAR_WORDS, BAD_WORDS) or data["established"].startswith("the point is a local")
    if not minimum:
        strict = ""
    within = f", within {data['distance']} of it (max-norm)" if data["radius"] is not None else ""
    sentences = [f"For this case ({data['setting']}): {data['established']}{strict}{within}."]
    facts = []
    if data["training_error"] is not None:
        ties = f" ({data['ties']} of {data['samples']} samples tied at output 0)" if data["ties"] else ""
        facts.append(f"the training error is {data['training_error']}{ties}")
    loss = data["loss"]
    if loss is not None:
        exact = f"is {loss['exact']}" if "exact" in loss else f"lies in [{loss['lower']}, {loss['upper']}]"
        facts.append(f"the loss {exact}")
    if facts:
        where = "At that minimum" if data["radius"] is not None else "At the point"
        sentences.append(f"{where}, {' and '.join(facts)}.")
    failing = [h for h in data["hypotheses"] if h["holds"] is False]
    if failing:
        plural, verb = ("hypotheses", "fail") if len(failing) > 1 else ("hypothesis", "fails")
        listed = "; ".join(f"{h['name']} ({h['why']})" for h in failing)
        sentences.append(f"The {plural} that {verb}: {listed}.")
    return " ".join(sentences)


NEAR_WORDS = "a local minimum of the loss exists near the point"
BAD_WORDS = "the loss has a bad local minimum"
