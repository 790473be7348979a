"""Where the facts of a specification come from: derived, looked up, or unknown."""

from __future__ import annotations

import dataclasses

import pytest
from flint import fmpq

from verifier.checker.expression import ALL_FUNCTIONS, evaluate, parse
from verifier.checker.facts import _SPELLINGS, activation_facts, loss_facts
from verifier.checker.functions.facts_of_study import expression_facts
from verifier.checker.library import ACTIVATIONS, SpecificationProblem, activation_expression
from verifier.checker.number import PI, ball, sqrt

Q = fmpq
SPELLED = [(name, words) for name, texts in _SPELLINGS.items() for words in texts]


@pytest.mark.parametrize(("name", "words"), SPELLED)
def test_a_usual_spelling_has_the_facts_of_the_name(name: str, words: str) -> None:
    assert activation_facts({"expr": words}) == activation_facts({"name": name})
    functions = ALL_FUNCTIONS | {"softplus"}
    spelled, named = (parse(w, frozenset({"z"}), functions) for w in (words, ACTIVATIONS[name]))
    for u in (Q(-3), Q(0), Q(1, 2), Q(7)):
        assert ball(evaluate(spelled, {"z": u}) - evaluate(named, {"z": u}), 300).contains(0)


@pytest.mark.parametrize("words", ["exp(z) + z", "exp(-z)", "tanh(2*z)", "log(2+exp(z))", "max(0, exp(z))", "pi*z"])
def test_facts_of_another_expression_are_derived(words: str) -> None:
    assert activation_facts({"expr": words}) == expression_facts(activation_expression({"expr": words}))
    assert loss_facts({"expr": words}) == activation_facts({"expr": words})
    assert activation_facts({"expr": words}).increasing.holds is (words not in ("exp(-z)",))


@pytest.mark.parametrize("words", ["max(exp(z), 2)", "log(z)", "1/z"])
def test_an_expression_that_is_not_understood_is_unknown(words: str) -> None:
    for facts in (activation_facts({"expr": words}), loss_facts({"expr": words})):
        assert {getattr(facts, f.name).holds for f in dataclasses.fields(facts)} == {None}


def test_an_expression_that_is_a_piecewise_polynomial_is_derived() -> None:
    assert activation_facts({"expr": "(abs(z) + z)/2"}) == activation_facts({"name": "relu"})
    assert loss_facts({"expr": "max(0, 1+z)**3"}) == loss_facts({"name": "polynomial_hinge", "p": 2})
    assert loss_facts({"name": "polynomial_hinge", "p": 100}).l2.holds is True
    assert activation_facts({"name": "elu", "alpha": "0"}) == activation_facts({"name": "relu"})


@pytest.mark.parametrize("target", [Q(0), Q(-1, 3), PI, -sqrt(Q(2))])
def test_with_a_target_the_classes_of_label_losses_are_unknown(target: object) -> None:
    for spec in ({"name": "quadratic"}, {"expr": "(f-t)**2"}, {"expr": "(t-f)**2"}, {"expr": "exp(f)"}, {"expr": "f"}):
        facts = loss_facts(spec, target)  # type: ignore[arg-type]
        assert facts.l1.holds is facts.l2.holds is facts.l_plus.holds is None
        assert facts.convex.holds is True


def test_a_rational_and_an_irrational_target_agree() -> None:
    def answers(target: object) -> list[object]:
        facts = loss_facts({"name": "quadratic"}, target)  # type: ignore[arg-type]
        return [getattr(facts, f.name).holds for f in dataclasses.fields(facts)]

    assert answers(Q(3)) == answers(PI)


def test_an_unknown_name_is_a_problem() -> None:
    with pytest.raises(SpecificationProblem):
        activation_facts({"name": "logistic"})
    with pytest.raises(SpecificationProblem):
        loss_facts({"name": "sigmoid"})
