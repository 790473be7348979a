"""Theorem B in the checker: what shows its condition, what refutes it, and what is rejected."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.helpers.cases import make
from verifier.case.types import Case
from verifier.checker.errors import Rejected
from verifier.checker.theorems import spans
from verifier.model.translate import checker_case

Node = dict[str, Any]
CUBIC = {"name": "polynomial_hinge", "p": 2}
NET = {"activation": "softplus", "width": 5, "hidden_bias": False}
# Positive samples on a line, 0 and 1 mirrored; the negative one on another line.
INPUTS, LABELS = [[1, 0], [-1, 0], [0, 1]], [1, 1, -1]
EMPTY: Node = {"sets": [], "exits": [], "steps": []}
SINGLE: Node = {"sets": [[2], []], "exits": [[2, 1]], "steps": []}
LINE: Node = {"sets": [[0], [1], []], "exits": [[0, 2], [1, 2]], "steps": []}
GOOD: Node = {"positive": LINE, "negative": SINGLE}
# Three vectors in a plane, e3 apart: two sets, sample 2 out by an exit, 0 and 1 by steps to what 2 could replace.
PLANE = [[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1]]


def case(inputs: Any = INPUTS, labels: Any = LABELS, loss: Any = CUBIC, **net: Any) -> Any:
    return checker_case(make(inputs, labels, {**NET, **net}, loss))


def changed(node: Node, change: Callable[[Node], Any]) -> Node:
    found = copy.deepcopy(node)
    change(found)
    return found


def test_accepts_partitions() -> None:
    found = spans.applies(case(), GOOD)
    assert [h.holds for h in found] == [True] * len(found)
    assert found[-1].name == spans.CONDITION and "every width >= 5" in found[-1].why


def test_accepts_a_wider_net_with_the_same_partitions() -> None:
    assert "the width is 12" in spans.applies(case(width=12), GOOD)[-1].why


def test_accepts_steps() -> None:
    plane = {"sets": [[0, 1], [2]], "exits": [[0, 1], [1, 1]], "steps": [[2, 0]]}
    negative = {"sets": [[3], []], "exits": [[3, 1]], "steps": []}
    it = case(PLANE, [1, 1, 1, -1], width=3)
    assert spans.applies(it, {"positive": plane, "negative": negative})[-1].holds
    longer = {"sets": [[0, 1], [2]], "exits": [[0, 1]], "steps": [[2, 0], [1, 2]]}
    assert spans.applies(it, {"positive": longer, "negative": negative})[-1].holds


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda n: n.pop("negative"), "missing field negative"),
        (lambda n: n.update(more=1), "unknown field more"),
        (lambda n: n.update(positive=[]), "expected an object"),
        (lambda n: n["positive"].pop("steps"), "missing field steps"),
        (lambda n: n["positive"].update(sets={}), "expected a list"),
        (lambda n: n["positive"]["sets"].append([]), "4 sets, expected at most 3"),
        (lambda n: n["positive"]["sets"].pop(), "expected an integer from 0 to 1"),
        (lambda n: n["positive"]["sets"].pop(0), "expected each of the 2 positive elements once"),
        (lambda n: n["positive"]["sets"][0].append(0), "expected each of the 2"),
        (lambda n: n["positive"]["sets"][2].append(1), "expected each of the 2"),
        (lambda n: n["positive"]["sets"][0].append(2), "expected the first sample of a positive input"),
        (lambda n: n["positive"]["sets"][0].append(-1), "expected the first sample"),
        (lambda n: n["positive"]["sets"][0].append(True), "expected the first sample"),
        (lambda n: n["positive"]["sets"][0].append("0"), "expected the first sample"),
        (lambda n: n["positive"].update(sets=[[0, 1], [], []]), "set 0 is not independent"),
        (lambda n: n["positive"]["exits"].pop(), "an element has no way out"),
        (lambda n: n["positive"]["exits"].append([0, 2]), "no exit from 0"),
        (lambda n: n["positive"]["exits"][0].append(1), "expected 2 entries"),
        (lambda n: n["positive"]["exits"][0].__setitem__(1, 0), "no exit from 0 to set 0"),
        (lambda n: n["positive"]["exits"][0].__setitem__(1, 1), "set 1 with 0 is not independent"),
        (lambda n: n["positive"]["exits"][0].__setitem__(1, 3), "expected an integer from 0 to 2"),
        (lambda n: n["positive"]["exits"][0].__setitem__(1, "2"), "expected an integer"),
        (lambda n: n["positive"]["exits"][0].__setitem__(0, 2), "expected the first sample of a positive"),
        (lambda n: n["positive"]["steps"].append([0, 1]), "does not lead out"),
        (lambda n: n["negative"].update(EMPTY), "expected each of the 1 negative elements once"),
        (lambda n: n["negative"]["exits"].pop(), "an element has no way out"),
    ],
)
def test_rejects_what_is_tampered_with(change: Callable[[Node], Any], message: str) -> None:
    with pytest.raises(Rejected, match=message):
        spans.applies(case(), changed(GOOD, change))


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([[2, 2]], "does not lead out"),  # to itself
        ([[1, 2], [2, 0]], "does not lead out"),  # to what has no way out yet
        ([[2, 0], [1, 0]], "1 and 0 are in one set"),
        ([[2, 0], [1, 2], [1, 2]], "does not lead out"),  # twice
        ([[2, 3]], "expected the first sample of a positive"),
        ([[2]], "expected 2 entries"),
    ],
)
def test_rejects_steps_that_lead_nowhere(steps: Any, message: str) -> None:
    plane = {"sets": [[0, 1], [2]], "exits": [[0, 1]], "steps": steps}
    negative = {"sets": [[3], []], "exits": [[3, 1]], "steps": []}
    with pytest.raises(Rejected, match=message):
        spans.applies(case(PLANE, [1, 1, 1, -1], width=3), {"positive": plane, "negative": negative})


def test_rejects_a_step_that_breaks_a_set() -> None:
    """2 = (1, 1, 0) may replace 0, but 4 = (0, 2, 0), parallel to 1, may not."""
    inputs = [*PLANE, [0, 2, 0]]
    plane = {"sets": [[0, 1], [2], [4]], "exits": [[0, 1], [1, 1], [2, 2]], "steps": [[4, 0]]}
    negative = {"sets": [[3], []], "exits": [[3, 1]], "steps": []}
    it = case(inputs, [1, 1, 1, -1, 1], width=5)
    with pytest.raises(Rejected, match="4 cannot take the place of 0"):
        spans.applies(it, {"positive": plane, "negative": negative})
    plane["steps"] = [[4, 1]]
    assert spans.applies(it, {"positive": plane, "negative": negative})[-1].holds


def test_rejects_partitions_at_a_smaller_width() -> None:
    with pytest.raises(Rejected, match="3 sets, expected at most 2"):
        spans.applies(case(width=4), GOOD)


@pytest.mark.parametrize(
    ("net", "loss", "hypothesis"),
    [
        ({"output_bias": False}, CUBIC, "output bias"),
        ({"activation": "sigmoid"}, CUBIC, "strictly convex neuron"),
        ({"activation": {"expr": "z**4"}}, CUBIC, "strictly convex neuron"),
        ({}, "squared_hinge", "loss"),
        ({}, "quadratic", "loss"),
        ({}, {**CUBIC, "weight_decay": "1e-30"}, "no weight decay"),
        ({"kind": "feedforward", "hidden": [5, 1], "width": None}, CUBIC, "architecture"),
    ],
)
def test_every_hypothesis_is_needed(net: Any, loss: Any, hypothesis: str) -> None:
    network = {k: v for k, v in {**NET, **net}.items() if v is not None}
    it = checker_case(make(INPUTS, LABELS, network, loss))
    with pytest.raises(Rejected, match=hypothesis):
        spans.applies(it, GOOD)
    failed = spans.fails(it, {"hypothesis": hypothesis})
    assert (failed.name, failed.holds) == (hypothesis, False)
    with pytest.raises(Rejected, match=f"{hypothesis} is not known to fail"):
        spans.fails(case(), {"hypothesis": hypothesis})


def test_targets() -> None:
    it = checker_case(make(INPUTS, [0, 1, 2], NET, "quadratic", targets=True))
    with pytest.raises(Rejected, match="labels"):
        spans.applies(it, GOOD)
    with pytest.raises(Rejected, match="needs labels"):
        spans.fails(it, {"hypothesis": spans.CONDITION, "label": 1, "samples": [0], "wider": None})
    assert spans.fails(it, {"hypothesis": "labels"}).holds is False


def test_an_output_bias_in_a_parallel_part_is_enough() -> None:
    deep = {"activation": "relu", "hidden": [2]}
    assert spans.applies(case(kind="shortcut", output_bias=False, deep=deep), GOOD)
    without = {**deep, "output_bias": False}
    with pytest.raises(Rejected, match="output bias"):
        spans.applies(case(kind="shortcut", output_bias=False, deep=without), GOOD)


# -- violations --------------------------------------------------------------------------------------------------------

NARROW: Node = {"hypothesis": spans.CONDITION, "label": 1, "samples": [0, 1], "wider": GOOD}


def test_accepts_a_violation_with_the_smallest_sufficient_width() -> None:
    found = spans.fails(case(width=4), NARROW)
    assert (found.name, found.holds) == (spans.CONDITION, False)
    assert found.why.startswith("needs width 5, has 4: the 2 positive inputs of samples 0, 1 have rank 1")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda n: n.pop("wider"), "missing field wider"),
        (lambda n: n.update(more=1), "unknown field more"),
        (lambda n: n.update(label=-1), "expected the first sample of a negative"),
        (lambda n: n.update(label=0), "expected 1 or -1, got 0"),
        (lambda n: n.update(label="1"), "expected an integer"),
        (lambda n: n.update(label=2), "expected an integer from -1 to 1"),
        (lambda n: n.update(samples=[]), "expected a non-empty set"),
        (lambda n: n.update(samples=[0, 0]), "expected a non-empty set"),
        (lambda n: n.update(samples=[0]), "2 times the rank 1 is more than 1"),
        (lambda n: n.update(samples=[0, 1, 2]), "expected the first sample of a positive"),
        (lambda n: n.update(samples=0), "expected a list"),
        (lambda n: n.update(wider=None), "expected an object"),
        (lambda n: n.update(wider={"positive": LINE}), "missing field negative"),
        (lambda n: n["wider"]["positive"]["sets"].append([]), "4 sets, expected at most 3"),
        (lambda n: n["wider"]["positive"]["exits"].pop(), "no way out"),
        (lambda n: n.update(hypothesis="loss"), "unknown field"),
        (lambda n: n.update(hypothesis="good weather"), "unknown field"),
    ],
)
def test_rejects_a_violation_that_is_tampered_with(change: Callable[[Node], Any], message: str) -> None:
    with pytest.raises(Rejected, match=message):
        spans.fails(case(width=4), changed(NARROW, change))


def test_no_violation_where_the_condition_holds() -> None:
    with pytest.raises(Rejected, match="3 times the rank 1 is more than 2"):
        spans.fails(case(width=5), NARROW)


def test_unknown_hypothesis() -> None:
    with pytest.raises(Rejected, match="unknown hypothesis 'good weather'"):
        spans.fails(case(), {"hypothesis": "good weather"})


def in_span(label: int, samples: list[int]) -> Node:
    return {"hypothesis": spans.CONDITION, "label": label, "samples": samples, "wider": None}


def test_a_sample_in_the_other_span_at_any_width() -> None:
    it = case([[1, 0], [0, 1], [2, 3]], [1, 1, -1], width=99_999)
    assert spans.fails(it, in_span(-1, [2])).why == (
        "sample 2 lies in the span of the other class, so no width is enough"
    )
    with pytest.raises(Rejected, match="expected null"):
        spans.fails(it, {**in_span(-1, [2]), "wider": GOOD})


def test_one_input_with_both_labels() -> None:
    it = case([[1, 0], [0, 1], [1, 0]], [1, -1, -1], width=9)
    assert "(sample 2 has the same input)" in spans.fails(it, in_span(1, [0])).why
    assert "(sample 0 has the same input)" in spans.fails(it, in_span(-1, [2])).why


def test_the_input_zero_without_and_with_biases() -> None:
    inputs, labels = [[0, 0], [1, 0]], [1, -1]
    assert "no width" in spans.fails(case(inputs, labels), in_span(1, [0])).why
    node = {
        "positive": {"sets": [[0], []], "exits": [[0, 1]], "steps": []},
        "negative": {"sets": [[1], []], "exits": [[1, 1]], "steps": []},
    }
    assert spans.applies(case(inputs, labels, hidden_bias=True, width=3), node)


def test_zero_alone_in_its_class_has_rank_zero() -> None:
    assert "no width" in spans.fails(case([[0]], [1]), in_span(1, [0])).why


def test_one_class_is_measured_by_its_own_rank() -> None:
    inputs = [[1, 0], [2, 0], [0, 1]]
    sets = {"sets": [[0, 2], [1], []], "exits": [[0, 2], [1, 2], [2, 1]], "steps": []}
    for label, name, other in ((1, "positive", "negative"), (-1, "negative", "positive")):
        it = case(inputs, [label] * 3, width=5)
        assert spans.applies(it, {name: sets, other: EMPTY})[-1].holds
        narrow = {"hypothesis": spans.CONDITION, "label": label, "samples": [0, 1], "wider": {name: sets, other: EMPTY}}
        assert "needs width 5, has 4" in spans.fails(case(inputs, [label] * 3, width=4), narrow).why


def test_repeated_samples_are_one_element_and_multiplicities_nothing() -> None:
    inputs, labels = [[1, 0], [1, 0], [0, 1], ["2/2", 0]], [1, 1, -1, 1]
    node = {
        "positive": {"sets": [[0], []], "exits": [[0, 1]], "steps": []},
        "negative": {"sets": [[2], []], "exits": [[2, 1]], "steps": []},
    }
    made: Case = make(inputs, labels, {**NET, "width": 3}, CUBIC, multiplicity=[1, 7, 2, 1])
    assert spans.applies(checker_case(made), node)
    with pytest.raises(Rejected, match="expected the first sample of a positive input, got 1"):
        spans.fails(checker_case(made), {**NARROW, "samples": [0, 1]})


def test_proportional_inputs_are_two_elements() -> None:
    it = case([[1, 0], [2, 0], [0, 1]], LABELS, width=4)
    assert "rank 1" in spans.fails(it, NARROW).why


@pytest.mark.parametrize(("width", "k"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3)])
def test_half_of_the_width_rounded_up(width: int, k: int) -> None:
    assert spans.width_half(case(width=width)) == k


IRRATIONAL: Any = [["sqrt(2)", 0], [0, 1]]


def test_irrational_inputs() -> None:
    with pytest.raises(Rejected, match="decided for rational inputs only"):
        spans.applies(case(IRRATIONAL, [1, -1]), GOOD)
    with pytest.raises(Rejected, match="decided for rational inputs only"):
        spans.fails(case(IRRATIONAL, [1, -1]), in_span(1, [0]))


def test_irrational_inputs_violate_the_condition_by_one_sample() -> None:
    narrow = case(IRRATIONAL, [1, -1], width=2)
    assert "needs width 3 or more, has 2" in spans.fails(narrow, in_span(1, [0])).why
    twins = case([*IRRATIONAL, ["2/sqrt(2)", 0]], [1, -1, -1], width=9)
    assert "(sample 2 has the same input), so no width" in spans.fails(twins, in_span(1, [0])).why


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (in_span(-1, [0]), "not the sample's"),
        (in_span(1, [0, 1]), "expected 1 entries"),
        (in_span(1, []), "expected 1 entries"),
        (in_span(1, [2]), "expected an integer from 0 to 1"),
        ({**in_span(1, [0]), "wider": GOOD}, "expected null"),
        ({**in_span(1, [0]), "label": True}, "not the sample's"),
    ],
)
def test_rejects_a_violation_by_one_irrational_sample_that_is_tampered_with(node: Node, message: str) -> None:
    with pytest.raises(Rejected, match=message):
        spans.fails(case(IRRATIONAL, [1, -1], width=2), node)


def test_a_rank_that_falls_modulo_the_prime_only() -> None:
    """(1, 0) and (1, p) are parallel modulo p, and independent."""
    inputs = [[1, 0, 0], [1, str(spans.PRIME), 0], [0, 0, 1]]
    node = {
        "positive": {"sets": [[0, 1], []], "exits": [[0, 1], [1, 1]], "steps": []},
        "negative": {"sets": [[2], []], "exits": [[2, 1]], "steps": []},
    }
    assert spans.applies(case(inputs, LABELS, width=3), node)
