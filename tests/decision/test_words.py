"""The sentence for each rule, and the name under which it is reported."""

from __future__ import annotations

import pytest

from tests.helpers.cases import dead, decision, make
from verifier.decision.evidence import MINIMUM
from verifier.decision.words import _SENTENCES, sentence


def test_every_rule_for_minima_has_a_sentence() -> None:
    assert set(MINIMUM) <= set(_SENTENCES)


@pytest.mark.parametrize("rule", ["convex", "dual", "strict", "higher-order"])
def test_name_and_words_of_a_minimum(rule: str) -> None:
    name, words = sentence(rule, "proved", {"minimum": {"rule": rule, "order": 4}}, {})
    assert name == rule and words.startswith(_SENTENCES[rule])
    assert ("order 4" in words) == (rule == "higher-order")


def test_modulo_is_said() -> None:
    words = sentence("strict", "proved", {"minimum": {"rule": "strict", "modulo": [{}]}}, {})[1]
    assert words.endswith("modulo moves that leave the loss unchanged")


def test_the_flat_curve_is_named_where_it_refutes_strictness() -> None:
    proof = {"refutes": "strict", "minimum": {"rule": "strict"}, "flat": {"rule": "symmetry"}}
    assert sentence("flat", "refuted", proof, {})[0] == "symmetry"


def test_decisions_speak_in_words() -> None:
    assert decision(dead()).reason == _SENTENCES["convex"]
    assert decision(dead(), "stationary").reason == "the gradient is exactly 0"
    softplus = make([[1], [-1]], [1, -1], {"activation": "softplus", "width": 1}, "squared_hinge")
    assert "every hypothesis of theorem A holds" in decision(softplus, "theorem-applies", theorem="A").reason
