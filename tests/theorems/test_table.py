"""The provers of the theorems: what they propose is accepted, what they decline says exactly why."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.cases import decision, make
from verifier.checker.theorems.table import THEOREMS
from verifier.model.translate import checker_case
from verifier.rules.problem import Declined
from verifier.theorems.conditions import TITLES, conditions
from verifier.theorems.table import PROVERS
from verifier.verdict import Verdict

CUBIC = {"name": "polynomial_hinge", "p": 2}
NET = {"activation": "softplus", "width": 3}
APART, LABELS = [[1, 0], [0, 1]], [1, -1]
XOR, SIGNS = [[1, 1], [-1, -1], [1, -1], [-1, 1]], [1, 1, -1, -1]
EXPONENTIAL = {"exponential": {"decay": 1}}
UNKNOWN = {"expr": "max(exp(z), 2)"}  # a neuron about which nothing is known: its breakpoint is irrational


def case(inputs: Any = APART, labels: Any = LABELS, loss: Any = CUBIC, **net: Any) -> Any:
    return checker_case(make(inputs, labels, {**NET, **net}, loss))


def declined(name: str, kind: str, it: Any) -> Declined:
    with pytest.raises(Declined) as caught:
        getattr(PROVERS[name], kind)(it)
    return caught.value


def test_one_prover_and_one_title_for_each_theorem_of_the_checker() -> None:
    assert list(PROVERS) == list(THEOREMS) == list(TITLES)
    assert all(prover.name == name for name, prover in PROVERS.items())


@pytest.mark.parametrize("name", list(PROVERS))
def test_a_case_to_which_everything_applies(name: str) -> None:
    it = case(**EXPONENTIAL)
    node = PROVERS[name].propose(it)
    assert node.pop("name") == name
    assert all(h.holds for h in THEOREMS[name].applies(it, node))
    assert declined(name, "refute", it).code == "no-hypothesis-fails"


@pytest.mark.parametrize(
    ("name", "it", "reason"),
    [
        ("A", case(XOR, SIGNS), "the weights 1, 1, 1, 1 on samples 0, 1, 2, 3"),
        ("A", case([[0, 0]], [1], hidden_bias=False), "the input of sample 0 is 0"),
        ("A", case(activation="relu"), "increasing neuron"),
        ("B", case(XOR, SIGNS), "needs width 5, has 3"),
        ("B", case(width=2), "needs width 3, has 2: the positive input of sample 0 has rank 1"),
        ("B", case([[1], [2], [3]], [1, 1, -1]), "sample 2 lies in the span of the other class"),
        ("B", case([[k, k * k] for k in range(8)], [1] * 8, hidden_bias=False), "the input of|sample 0 lies"),
        ("B", case(output_bias=False), "output bias: the net has no output bias"),
        ("C", case(), "exponential neuron: the net has no added exponential neuron"),
        ("C", case([[1], [1]], [1, -1], **EXPONENTIAL), "samples 0 and 1 have equal inputs and different labels"),
        ("C", case(loss={**CUBIC, "weight_decay": "1/7"}, **EXPONENTIAL), "a weight decay of 1/7"),
    ],
)
def test_a_hypothesis_that_fails(name: str, it: Any, reason: str) -> None:
    why = declined(name, "propose", it)
    assert why.code == "hypothesis-fails" and why.reason.startswith(f"theorem {name}: ")
    assert any(part in why.reason for part in reason.split("|"))
    node = PROVERS[name].refute(it)
    assert node.pop("name") == name
    assert any(part in THEOREMS[name].fails(it, node).why or part.startswith(node["hypothesis"])
               for part in reason.split("|"))  # fmt: skip


@pytest.mark.parametrize("name", ["A", "B"])
def test_an_unknown_neuron_leaves_a_hypothesis_open_and_its_name_is_said(name: str) -> None:
    it = case(activation=UNKNOWN)
    for kind in ("propose", "refute"):
        why = declined(name, kind, it)
        assert why.code == "hypothesis-open" and "neuron" in why.reason
    found = decision(make(APART, LABELS, {**NET, "activation": UNKNOWN}, CUBIC), "theorem-applies", theorem=name)
    assert found.verdict is Verdict.UNDECIDED and "neuron" in found.reason


def test_a_failing_hypothesis_refutes_whatever_else_is_open() -> None:
    it = case(XOR, SIGNS, activation=UNKNOWN)
    assert PROVERS["A"].refute(it)["hypothesis"] == "separable data"
    assert PROVERS["B"].refute(it)["hypothesis"] == "condition (B)"


def test_irrational_inputs() -> None:
    separated = case([["sqrt(2)", 0], ["-sqrt(3)", "pi"]], LABELS)
    assert PROVERS["A"].propose(separated)["separator"]
    opposite = case([["sqrt(2)", "pi"], ["sqrt(2)", "pi"]], LABELS)
    assert PROVERS["A"].refute(opposite)["weights"] == ["1", "1"]
    on_a_line = case([["sqrt(2)"], ["sqrt(2) + 1"], ["sqrt(2) + 2"]], [1, -1, 1])
    assert PROVERS["A"].refute(on_a_line)["weights"] == ["1", "2", "1"]
    hard = case([["sqrt(2)", 0], ["sqrt(2) + sqrt(3)", 0], ["3*sqrt(2) + sqrt(3)", 0]], [1, -1, 1])
    for kind in ("propose", "refute"):  # the weights are irrational themselves
        assert declined("A", kind, hard).code == "irrational-data"
    huge = case([["exp(10000)"], ["-exp(10000)"]], LABELS)
    assert declined("A", "propose", huge).code == "irrational-data"
    assert PROVERS["B"].refute(case([["sqrt(2)"], [1]], LABELS, width=2))["samples"] == [0]
    assert PROVERS["B"].refute(case([[0], ["sqrt(2)"], ["sqrt(2)"]], [1, 1, -1]))["samples"] == [1]
    assert declined("B", "propose", separated).code == "irrational-data"
    found = decision(make([["sqrt(2)"], [1]], LABELS, NET, CUBIC), "theorem-applies", theorem="B")
    assert found.verdict is Verdict.UNDECIDED and "rational inputs only" in found.reason


def test_conditions_list_every_hypothesis() -> None:
    a, b, c = conditions(case(loss="logistic"))
    assert (a.applies, b.applies, c.applies) == (True, True, False)
    assert a.conclusion == b.conclusion == "no local minimum exists at all" and c.conclusion is None
    assert [h.name for h in a.hypotheses][-1] == "separable data"
    assert [h.name for h in b.hypotheses][-1] == "condition (B)"
    assert [h.name for h in c.hypotheses if h.holds is False] == ["exponential neuron"]


def test_conditions_say_how_much_is_lacking_and_what_is_open() -> None:
    a, b, _ = conditions(case(XOR, SIGNS, activation=UNKNOWN))
    assert a.applies is False and b.applies is False
    assert {h.name: h.holds for h in a.hypotheses}["increasing neuron"] is None
    assert b.hypotheses[-1].why.startswith("needs width 5, has 3")
    a, b, _ = conditions(case([["sqrt(2)"], [1]], LABELS))
    assert (a.applies, b.applies) == (True, None)
    assert b.hypotheses[-1].why == "decided for rational inputs only"


def test_conditions_without_labels_or_a_single_layer_do_not_look_at_the_data() -> None:
    targets = checker_case(make(APART, [0, 1], NET, "quadratic", targets=True))
    assert conditions(targets)[0].hypotheses[-1].why == "not looked at: it is about labels"
    deep = checker_case(make(APART, LABELS, {"kind": "feedforward", "activation": "softplus", "hidden": [2, 1]}, CUBIC))
    assert conditions(deep)[1].hypotheses[-1].why == "not looked at: it is about a single hidden layer"


def test_an_expression_that_may_be_undefined_leaves_everything_open() -> None:
    odd = conditions(case(activation={"expr": "log(exp(z) - z)"}))
    assert all(it.applies is not True and it.hypotheses[0].name == "defined everywhere" for it in odd)
    assert odd[0].conclusion is None
