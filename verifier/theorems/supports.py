"""The prover of the checker's `supports`: a decision tree for a case, or a set of samples that stands in the way."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.checker.case import Case
from verifier.checker.errors import Rejected
from verifier.checker.facts import activation_facts, loss_facts
from verifier.checker.theorems.hypothesis import samples
from verifier.checker.theorems.supports import elements, hypotheses
from verifier.rules.problem import Declined, Json
from verifier.theorems.support_query import Query, Survivor
from verifier.theorems.support_question import MAX_ELEMENTS, Neurons, Question
from verifier.theorems.support_tree import Survives, build

SECONDS = 15.0  # for the solver, and again for the tree


def propose(case: Case) -> Json:
    """The node that excludes every support, with the facts that the case has; Declined with a support that survives."""
    require_setting(case)
    question = question_of(case, known_class(case))
    width = case.parts[0].hidden[0]
    query = Query(question, seconds=SECONDS)
    try:
        survivor = query.survivor(width)
    except Declined as declined:
        if declined.code != "supports-too-large":
            raise
        survivor = None  # the tree decides without the solver
    if survivor is not None:
        raise Declined("supports-survive", f"{words(survivor, width)}")
    return {"name": "supports", "tree": tree(question, width, query.hard)}


def tree(question: Question, width: int, hard: Iterable[frozenset[int]] = (), seconds: float = SECONDS) -> Json:
    """A complete tree, or Declined."""
    try:
        return build(question, width, hard, seconds)
    except Survives as problem:
        raise Declined("supports-survive", f"{_stands(problem.support)}") from None


def require_setting(case: Case) -> None:
    """The hypotheses that do not depend on the neuron hold; raises Declined."""
    for hypothesis in hypotheses(case, frozenset()):
        if hypothesis.holds is not True:
            code = "hypothesis-fails" if hypothesis.holds is False else "hypothesis-open"
            raise Declined(code, f"{hypothesis.name}: {hypothesis.why}")


def known_class(case: Case) -> Neurons:
    """The smallest class that the case's neuron and loss are known to belong to."""
    facts = activation_facts(case.parts[0].spec)
    c2 = case.labels is not None and loss_facts(case.loss_spec).l2.holds is True
    return Neurons(facts.increasing.holds is True, facts.strictly_convex.holds is True and c2)


def question_of(case: Case, neurons: Neurons) -> Question:
    """The case's data and biases, with a class of neurons; raises Declined."""
    try:
        found = elements(case)
    except Rejected as problem:
        raise Declined("irrational-data", str(problem)) from None
    if len(found) > MAX_ELEMENTS:
        raise Declined(
            "supports-too-large",
            f"{len(found)} different samples, and the sets of samples are searched for up to {MAX_ELEMENTS}",
        )
    return Question(found, neurons, case.parts[0].output_bias)


def words(survivor: Survivor, width: int | None) -> str:
    """Why the support survives at a width, in a sentence."""
    return f"{_stands(survivor.support)}{_why(survivor, width)}"


def _stands(support: frozenset[int]) -> str:
    return f"no fact of the class excludes a slope of the loss at {samples(sorted(support))}"


def _why(survivor: Survivor, width: int | None) -> str:
    if survivor.bends is not None:
        return ", if some outgoing weight is 0"
    if survivor.needs is None:
        return ", at any width"
    return f": it takes width {survivor.needs} to exclude that" + (f", not {width}" if width is not None else "")
