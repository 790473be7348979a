"""From a candidate to a case file that proves itself, or nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flint import fmpq

from verifier.arithmetic.convert import nearest_float
from verifier.arithmetic.rounding import nearest
from verifier.case import InputError, loads
from verifier.case.numbers import exact
from verifier.case.types import Case, Claim
from verifier.checker import case as checked
from verifier.checker.case import Theta
from verifier.checker.check import Accepted, seal
from verifier.checker.errors import Rejected
from verifier.checker.network import flatten, layouts, unflatten
from verifier.checker.number import DomainProblem, Exact, Undecided, log
from verifier.model.translate import checker_case, point_document
from verifier.rules import bound, dual, existence, flat, higher_order, sharp, strict
from verifier.rules.problem import Declined, Json, Problem
from verifier.search.better import better_point
from verifier.search.case_file import case_text

# The rules that show a minimum, by name; what is quick, and what shows most, first.
RULES: Mapping[str, Callable[[Problem], Json]] = {
    "convex": dual.propose_convex,
    "output-subspace": dual.propose_output_subspace,
    "lower-bound": bound.propose,
    "strict": strict.propose,
    "dual": dual.propose_dual,
    "higher-order": higher_order.propose,
}
NOT_CONVEX = ("strict", "higher-order", "dual", "convex")  # for points of no special form
TITLE = "A bad local minimum: "
NEAR = fmpq(1, 10**6)
DIGITS = 8  # decimals of a point near which a minimum lies
SHORT = 24  # denominators of points that may be exact
BOUND = 30.0  # of the exponents of e that are taken
CLOSE = 1e-7  # a float within this of a short number may mean that


@dataclass(frozen=True)
class Found:
    """A bad local minimum: the text of its case file, the case as read from it, the certificate of its one claim, what
    the checker said, and how it was found.
    """

    text: str
    case: Case
    certificate: Json
    accepted: Accepted
    how: str

    @property
    def claim(self) -> Claim:
        """The claim that the certificate proves."""
        return self.case.claims[0]


def certify_exact(case: Case, theta: Theta, how: str, rules: Sequence[str] = tuple(RULES)) -> Found | None:
    """The point itself is a bad local minimum, by one of the rules."""
    draft = _read(case, theta, (), how)
    if draft is None:
        return None
    problem = Problem(draft, flatten(theta))
    if case.data.labels is not None and not _is_wrong(problem):
        return None
    claim = Claim("local-minimum", bad=True)
    for rule in rules:
        with suppress(Declined, Rejected, Undecided, DomainProblem):
            proof = {"minimum": RULES[rule](problem), **_better(problem)}
            accepted = _sealed(draft, claim, proof)[1]
            proof, is_strict = _strictness(problem, proof, accepted.data["strict"])
            return _finished(case, theta, replace(claim, strict=is_strict), proof, accepted, how)
    return None


def certify_near(
    case: Case, theta: Sequence[float], how: str, near: fmpq = NEAR, decimals: int = DIGITS
) -> Found | None:
    """A bad local minimum lies near the float point, rounded to so many decimals (labels only)."""
    if case.data.labels is None:
        return None
    point = unflatten(checker_case(case), [_decimal(v, decimals) for v in theta])
    draft = _read(case, point, (), how)
    if draft is None:
        return None
    problem = Problem(draft, flatten(point))
    claim = Claim("local-minimum", near=near, bad=True)
    for propose in (existence.propose, partial(existence.propose, careful=True), sharp.propose):
        with suppress(Declined, Rejected, Undecided, DomainProblem):
            proof = {"existence": propose(problem, near)}
            accepted = _sealed(draft, claim, proof)[1]
            return _finished(case, point, replace(claim, strict=accepted.data["strict"]), proof, accepted, how)
    return None


def certify(case: Case, theta: Sequence[float], how: str) -> Found | None:
    """A bad local minimum at or near a float point: at a point of short numbers if it is close to one, else near it."""
    view = checker_case(case)
    short = [v for v in map(_short, _without_biases_of_exp(view, theta)) if v is not None]
    if len(short) == len(theta):
        found = certify_exact(case, unflatten(view, short), how, NOT_CONVEX)
        if found is not None:
            return found
    return certify_near(case, theta, how)


def _short(v: float) -> Exact | None:
    """The short rational, or the logarithm of one, that v is close to."""
    number = nearest(v, SHORT)
    if abs(nearest_float(number) - v) <= CLOSE:
        return number
    if abs(v) > BOUND:
        return None
    value = math.exp(v)
    number = nearest(value, SHORT)
    return log(number) if number > 0 and abs(nearest_float(number) - value) <= CLOSE * value else None


def _without_biases_of_exp(case: checked.Case, theta: Sequence[float]) -> list[float]:
    """The same function with b = 0 in a single layer of exp neurons: a exp(wx + b) = (a e^b) exp(wx)."""
    result = list(theta)
    for part, layout in zip(case.parts, layouts(case), strict=True):
        if part.spec.get("name") == "exp" and len(part.hidden) == 1 and part.name != "exponential":
            for k, block in zip(layout.a, layout.blocks[0], strict=True):
                if block.bias is not None and result[block.bias] < BOUND:
                    result[k] *= math.exp(result[block.bias])
                    result[block.bias] = 0.0
    return result


def _decimal(x: float, decimals: int) -> fmpq:
    return fmpq(round(x * 10**decimals), 10**decimals)


def _is_wrong(problem: Problem) -> bool:
    try:
        return problem.analysis.training_error > 0
    except (Undecided, DomainProblem):
        return False


def _better(problem: Problem) -> Json:
    """With targets, bad means that a better point is given."""
    if problem.case.data.labels is not None:
        return {}
    return {"better": point_document(problem.checked, better_point(problem))}


def _strictness(problem: Problem, proof: Json, known: bool | None) -> tuple[Json, bool | None]:
    if known is not None:
        return proof, known
    with suppress(Declined, Rejected, Undecided, DomainProblem):
        more = {**proof, "flat": flat.propose(problem)}
        _sealed(problem.case, Claim("local-minimum", bad=True, strict=False), more)
        return more, False
    return proof, None


def _sealed(case: Case, claim: Claim, proof: Json) -> tuple[dict[str, Any], Accepted]:
    return seal({"case": case.document(), "claim": claim.document(), "verdict": "proved", "proof": proof})


def _finished(case: Case, theta: Theta, claim: Claim, proof: Json, known: Accepted, how: str) -> Found | None:
    """The file with its claim, read back, and the certificate of exactly that claim."""
    error = known.data["training_error"]
    claim = replace(claim, training_error=None if error is None else exact(error))
    text = _text(case, theta, (claim,), how)
    whole = loads(text)
    certificate, accepted = _sealed(whole, whole.claims[0], proof)
    return Found(text, whole, certificate, accepted, how)


def _read(case: Case, theta: Theta, claims: Sequence[Claim], how: str) -> Case | None:
    try:
        return loads(_text(case, theta, claims, how))
    except InputError:  # a number beyond the bounds of the format
        return None


def _text(case: Case, theta: Theta, claims: Sequence[Claim], how: str) -> str:
    title = TITLE + case.title.removeprefix(TITLE)
    return case_text(case, theta, claims, title, f"Found by verify search: {how}.")
