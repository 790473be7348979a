"""The words of every rule by its name in a certificate. A new rule of the checker needs one line here."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from verifier.checker import settle, symmetry
from verifier.checker.case import read_point
from verifier.checker.patterns import tree
from verifier.checker.rules import bound, dual, existence, flat, higher_order, sharp, strict
from verifier.checker.rules import descent as falling
from verifier.checker.theorems import exponential, separable, spans
from verifier.checker.theorems import supports as support
from verifier.report.document import Argument, Step
from verifier.report.text import Text, say
from verifier.report.words import descent, moves, nearby, outputs, patterns, second_order, supports, theorems
from verifier.report.words.context import Context

RULES_PAGE, THEORY_PAGE = "rules.md", "theory.md"


@dataclass(frozen=True)
class Words:
    """The steps of a rule, the heading of its lemma in docs/rules.md (or another page), what docstrings state it."""

    steps: Callable[[Context, Any], tuple[Step, ...]]
    anchor: str
    stated: tuple[object, ...] = ()
    page: str = RULES_PAGE

    @property
    def lemma(self) -> str:
        """The lemma as the checker's source states it; empty where Python has dropped docstrings."""
        return "\n\n".join(text for it in self.stated if (text := inspect.getdoc(it)))


MINIMUM: Mapping[str, Words] = {
    "strict": Words(second_order.strict, "strict", (strict.strict, symmetry)),
    "convex": Words(outputs.convex, "convex", (dual.convex, dual)),
    "output-subspace": Words(outputs.output_subspace, "output-subspace", (dual.output_subspace, dual)),
    "dual": Words(outputs.dual, "dual", (dual,)),
    "higher-order": Words(second_order.higher_order, "higher-order", (higher_order.higher_order,)),
    "lower-bound": Words(descent.lower_bound, "lower-bound", (bound.lower_bound,)),
}
DESCENT: Mapping[str, Words] = dict.fromkeys(
    ("gradient", "curvature", "arc"), Words(descent.descent, "gradient-curvature-arc", (falling.descent,))
)
FLAT: Mapping[str, Words] = {
    "flat-curve": Words(moves.flat_curve, "flat-curve", (flat.flat_curve,)),
    "symmetry": Words(moves.symmetry, "symmetry", (flat.symmetry, symmetry)),
}
EXISTENCE: Mapping[str, Words] = {
    "existence": Words(nearby.existence, "existence", (existence.existence,)),
    "sharp": Words(nearby.sharp, "sharp", (sharp.sharp,)),
}
EXCLUSIONS: Mapping[str, Words] = {
    "supports": Words(supports.supports, "supports", (support,)),
    "patterns": Words(patterns.patterns, "patterns", (tree,)),
}
THEOREMS: Mapping[str, Words] = {
    name: Words(theorems.applies, theorems.TITLES[name][1], (stated,), THEORY_PAGE)
    for name, stated in {"A": separable.structural, "B": spans, "C": exponential.structural}.items()
}
FAILS = Words(theorems.fails, "theorems")
NOWHERE = Words(nearby.nowhere, "nowhere", (existence.no_minimum_near, existence.minimum_elsewhere))
BETTER = Words(descent.better, "setting-and-notation", (), THEORY_PAGE)

SHOWS: Mapping[str, str] = {
    "minimum": "The point is a local minimum",
    "descent": "The loss falls from the point",
    "flat": "Other points with the same loss are as near as one likes",
    "existence": "A local minimum lies near the point",
    "nowhere": "No point near by is as claimed",
    "better": "The point is not a global minimum",
    "theorem": "A theorem applies",
    "theorems": "A hypothesis fails",
    "exclusion": "No local minimum of these data is bad",
}


def arguments(context: Context) -> tuple[Argument, ...]:
    """The proof of a certificate in words: one argument for each piece of evidence."""
    if "point" in context.proof:
        context = replace(context, theta=read_point(context.proof["point"], context.case, "report"))
    found = tuple(_argument(context, key, value) for key, value in context.proof.items() if key in SHOWS)
    return found or (_computed(context),)


def _argument(context: Context, key: str, value: Any) -> Argument:
    name, words = _words(key, value)
    shows = say(SHOWS[key])
    if key == "minimum" and context.shown["strict"] is True:
        shows = say("The point is a strict local minimum")
    if name == "lower-bound" or name == "output-subspace":
        shows = say("The point is a global minimum")
    error = context.shown["training_error"]
    if context.shown["established"] == settle.BAD and error is not None:
        shows = (*shows, *say(", and a bad one: the training error there is {e}", e=str(error)))
    return Argument(name, shows, words.page, words.anchor, words.lemma, words.steps(context, value))


def _words(key: str, value: Any) -> tuple[str, Words]:
    """The rule's name and words for one entry of the evidence."""
    simple: Mapping[str, tuple[str, Words]] = {
        "nowhere": ("nowhere", NOWHERE),
        "better": ("better-point", BETTER),
        "theorems": ("theorem", FAILS),
    }
    if key in simple:
        return simple[key]
    if key == "theorem":
        name = str(value["name"])
        return f"theorem {name}", THEOREMS[name]
    if key == "existence":
        name = "sharp" if "kinks" in value else "existence"
        return name, EXISTENCE[name]
    if key == "exclusion":
        return value["name"], EXCLUSIONS[value["name"]]
    table = {"minimum": MINIMUM, "descent": DESCENT, "flat": FLAT}[key]
    return value["rule"], table[value["rule"]]


def _computed(context: Context) -> Argument:
    """Claims that need no evidence: values, and a gradient that is 0."""
    if context.claim.kind == "stationary" and context.verdict == "proved":
        shows: Text = say("The gradient is exactly 0")
        return Argument("gradient", shows, RULES_PAGE, "common-ground", "", second_order.stationary(context))
    return Argument("evaluation", say("Computed exactly"), RULES_PAGE, "common-ground", "", descent.values(context))
