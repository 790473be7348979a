"""Theorem C in the checker: its hypotheses need no certificate, and each is needed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.cases import make
from verifier.checker.errors import Rejected
from verifier.checker.theorems import exponential
from verifier.model.translate import checker_case

XOR, LABELS = [[1, 1], [-1, -1], [1, -1], [-1, 1]], [1, 1, -1, -1]
NET = {"activation": "relu", "width": 2, "exponential": {"decay": "1/100"}}


def case(inputs: Any = XOR, labels: Any = LABELS, loss: Any = "squared_hinge", **net: Any) -> Any:
    network = {k: v for k, v in {**NET, **net}.items() if v is not None}
    return checker_case(make(inputs, labels, network, loss))


@pytest.mark.parametrize(
    "net",
    [
        {},
        {"output_bias": False, "hidden_bias": False},
        {"kind": "feedforward", "width": None, "hidden": [2, 1], "activation": "hard_tanh"},
        {"kind": "shortcut", "deep": {"activation": "gelu", "hidden": [1, 1]}},
        {"activation": {"expr": "abs(z) + exp(-z**2)"}},
        {"exponential": {"decay": "1e-300"}},
    ],
)
def test_applies_beside_any_net(net: Any) -> None:
    found = exponential.applies(case(**net), {})
    assert [h.holds for h in found] == [True] * 5


@pytest.mark.parametrize(
    ("changes", "hypothesis", "why"),
    [
        ({"exponential": None}, "exponential neuron", "no added exponential neuron"),
        ({"exponential": None, "activation": "exp", "width": 1}, "exponential neuron", "no added"),
        ({"loss": "hinge"}, "loss", "jumps|C"),
        ({"loss": "quadratic"}, "loss", "< 0"),
        ({"loss": {"expr": "max(0, z)**2"}}, "loss", ""),
        ({"loss": {"name": "logistic", "weight_decay": "1e-30"}}, "no weight decay", "decay of 1/1"),
        ({"labels": [1, -1, -1, -1], "inputs": [[1, 1], [1, 1], [1, -1], [0, 0]]}, "one label per input", "0 and 1"),
    ],
)
def test_every_hypothesis_is_needed(changes: Any, hypothesis: str, why: str) -> None:
    it = case(**changes)
    with pytest.raises(Rejected, match=f"{hypothesis}: .*({why})"):
        exponential.applies(it, {})
    failed = exponential.fails(it, {"hypothesis": hypothesis})
    assert (failed.name, failed.holds) == (hypothesis, False)
    with pytest.raises(Rejected, match=f"{hypothesis} is not known to fail"):
        exponential.fails(case(), {"hypothesis": hypothesis})


def test_targets() -> None:
    it = checker_case(make(XOR, [0, 1, 2, 3], NET, "quadratic", targets=True))
    with pytest.raises(Rejected, match="labels: real targets"):
        exponential.applies(it, {})
    assert exponential.fails(it, {"hypothesis": "labels"}).holds is False
    with pytest.raises(Rejected, match="unknown hypothesis 'one label per input'"):
        exponential.fails(it, {"hypothesis": "one label per input"})


def test_fields() -> None:
    with pytest.raises(Rejected, match="unknown field separator"):
        exponential.applies(case(), {"separator": ["1"]})
    with pytest.raises(Rejected, match="missing field hypothesis"):
        exponential.fails(case(), {})
    with pytest.raises(Rejected, match="unknown field more"):
        exponential.fails(case(), {"hypothesis": "loss", "more": 1})
    with pytest.raises(Rejected, match="unknown hypothesis"):
        exponential.fails(case(), {"hypothesis": ["loss"]})


def label_hypothesis(inputs: Any, labels: Any) -> tuple[bool | None, str]:
    found = exponential.structural(case(inputs, labels))[-1]
    assert found.name == "one label per input"
    return found.holds, found.why


def test_equal_inputs_with_equal_labels_do_no_harm() -> None:
    assert label_hypothesis([[1], [1], [2]], [1, 1, -1])[0] is True


def test_inputs_are_compared_exactly() -> None:
    assert label_hypothesis([[1], ["1 + 1e-100"]], [1, -1])[0] is True
    assert label_hypothesis([["1/3"], ["2/6"]], [1, -1])[0] is False
    assert label_hypothesis([["sqrt(8)/2"], ["sqrt(2)"]], [1, -1])[0] is False
    assert label_hypothesis([["sqrt(2)", 0], ["sqrt(2) + 1e-50", 0]], [1, -1])[0] is True
    assert label_hypothesis([["sqrt(2)", 0], ["sqrt(2)", 1]], [1, -1])[0] is True


def test_inputs_that_may_be_equal_leave_it_open() -> None:
    """sqrt(2 + sqrt(3)) = (sqrt(6) + sqrt(2))/2, which no rewriting of the number type sees."""
    holds, why = label_hypothesis([["sqrt(2 + sqrt(3))"], [0], ["(sqrt(6) + sqrt(2))/2"]], [1, 1, -1])
    assert holds is None and "samples 0 and 2" in why
    assert label_hypothesis([["sqrt(2 + sqrt(3))"], ["(sqrt(6) + sqrt(2))/2"]], [1, 1])[0] is True
