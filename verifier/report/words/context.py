"""What the words of every rule draw on: the case, the point, names for its units and parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flint import fmpq

from verifier.checker import number
from verifier.checker.analysis import Analysis
from verifier.checker.case import Case, Theta
from verifier.checker.claim import Claim
from verifier.checker.network import layouts
from verifier.checker.number import Exact
from verifier.checker.state import Unit
from verifier.report.text import Formula, Plain, Text, exact, joined, listed, say

MANY = 12  # entries of a list that a reader still looks at one by one


@dataclass(frozen=True)
class Context:
    """A certificate that the checker has accepted, at the point that its evidence is about (`theta`)."""

    case: Case
    claim: Claim
    verdict: str
    proof: Mapping[str, Any]
    shown: Mapping[str, Any]  # the statement as data
    theta: Theta | None

    @cached_property
    def analysis(self) -> Analysis:
        """The case at the point; only evidence about an exact point asks for it."""
        assert self.theta is not None
        return Analysis(self.case, self.theta)


def unit_name(case: Case, unit: Unit) -> str:
    """ "unit 2", with its layer and part where there are several; units are counted from 1."""
    part, layer, j = unit
    words = f"unit {j + 1}"
    if case.parts[part].depth > 1:
        words += f" of layer {layer + 1}"
    if case.parts[part].name == "exponential":
        words = "the exponential unit"
    elif len(case.parts) > 1:
        words += f" of the {case.parts[part].name} part"
    return words


def parameter_names(case: Case) -> list[str]:
    """A formula for each parameter, in the flat order: a_0, a_j, w_{j,k}, b_j; layers and parts as superscripts."""
    names = [""] * layouts(case)[-1].stop
    for part, layout in zip(case.parts, layouts(case), strict=True):
        mark = {"main": "", "deep": "D", "exponential": "E"}[part.name]
        if layout.a0 is not None:
            names[layout.a0] = _named("a", mark, "0")
        for j, position in enumerate(layout.a):
            names[position] = _named("a", mark, str(j + 1))
        for layer, blocks in enumerate(layout.blocks):
            upper = mark + (str(layer + 1) if part.depth > 1 else "")
            for j, block in enumerate(blocks):
                for k, position in enumerate(block.weights):
                    names[position] = _named("w", upper, f"{j + 1},{k + 1}")
                if block.bias is not None:
                    names[block.bias] = _named("b", upper, str(j + 1))
    return names


def _named(letter: str, upper: str, lower: str) -> str:
    return letter + (f"^{{{upper}}}" if upper else "") + f"_{{{lower}}}"


def direction(case: Case, vector: Sequence[Exact]) -> Text:
    """A vector of parameters by its entries that are not 0: "a_1: 1, w_{1,2}: -3, all others 0"."""
    names = parameter_names(case)
    moving = [(names[k], v) for k, v in enumerate(vector) if not number.is_zero(v)]
    parts: list[Text] = [(Formula(name), Plain(": "), exact(v)) for name, v in moving[:MANY]]
    rest = len(moving) - MANY
    end = say("; {rest} more entries are not 0", rest=rest) if rest > 0 else ()
    others = (Plain("; all others 0"),) if len(moving) < len(vector) and not end else ()
    return (*joined(parts), *end, *others)


def polynomial(coefficients: Sequence[Exact], variable: str = "z") -> Text:
    """c_0 + c_1 z + c_2 z^2, without the terms that are 0."""
    terms: list[Text] = []
    for k, c in enumerate(coefficients):
        if number.is_zero(c):
            continue
        power = "" if k == 0 else variable if k == 1 else f"{variable}^{{{k}}}"
        if power and isinstance(c, fmpq) and c == 1:
            terms.append((Formula(power),))
        else:
            terms.append((exact(c), *((Plain(" "), Formula(power)) if power else ())))
    return joined(terms, " + ") or (exact(fmpq(0)),)


def samples_text(indices: Sequence[int], capital: bool = False) -> Text:
    """ "sample 3", "samples 0, 1 and 2" """
    first = "S" if capital else "s"
    return (Plain(f"{first}ample{'' if len(indices) == 1 else 's'} {listed(indices)}"),)
