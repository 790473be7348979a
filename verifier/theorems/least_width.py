"""From which width on does a data set exclude bad local minima, for a class of neurons and losses?"""

from __future__ import annotations

from dataclasses import dataclass

from verifier.checker.theorems.supports import facts_used, scope
from verifier.rules.problem import Json
from verifier.theorems.support_query import Query, Survivor
from verifier.theorems.support_question import Question
from verifier.theorems.supports import tree


@dataclass(frozen=True)
class LeastWidth:
    """width: the least one with a complete tree (None: there is none at any width, `survivor` shows why).

    survivor: the support that survives at width - 1 if width > 1, with multipliers that have been checked exactly. It
    says that the facts of the class do not exclude it, not that a bad local minimum exists.
    """

    width: int | None
    survivor: Survivor | None
    tree: Json | None
    scope: str | None  # of the tree, in words; the checker has gone through it


def least_width(question: Question, engine: str = "z3", seconds: float = 20.0) -> LeastWidth:
    """The least width; raises Declined when time is up or the engine is missing.

    Each survivor tells the next width worth asking for: the one that it needs.
    """
    query = Query(question, engine, seconds)
    width, last = 1, None
    while (found := query.survivor(width)) is not None:
        last = found
        if found.needs is None:
            return LeastWidth(None, found, None, None)
        width = found.needs
    made = tree(question, width, query.hard, seconds)
    used = facts_used(question.elements, width, made)
    return LeastWidth(width, last, made, scope(used, width))
