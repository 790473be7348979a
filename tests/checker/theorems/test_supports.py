"""The checker of decision trees over supports: complete trees are accepted, one wrong step is named."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.cases import make
from tests.helpers.supports import CLASSES, Brute, question
from verifier.case import load
from verifier.checker.case import Case
from verifier.checker.errors import Rejected
from verifier.checker.theorems import supports
from verifier.checker.theorems.exclusions import EXCLUSIONS, named
from verifier.checker.theorems.supports import BALANCE, BENDS, RANKS, SLOPES, elements, excludes, facts_used
from verifier.model.translate import checker_case

CASES = Path(__file__).parents[3] / "cases"
EMPTY, ONE, BY_RANKS = {"by": "empty"}, {"by": "one-class"}, {"by": "ranks"}
CUBIC = {"name": "polynomial_hinge", "p": 2}

# Two planes in dimension 4, no hidden bias: at width 3 every support is excluded without slopes.
PLANES = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
LABELS = [1, 1, -1, -1]
TREE: dict[str, Any] = {
    "outgoing": 2,
    "positive": {
        "split": 0,
        "in": {"split": 1, "in": BY_RANKS, "out": BY_RANKS},
        "out": {"split": 1, "in": BY_RANKS, "out": ONE},
    },
    "negative": {
        "split": 2,
        "in": {"split": 3, "in": BY_RANKS, "out": BY_RANKS},
        "out": {"split": 3, "in": BY_RANKS, "out": ONE},
    },
    "zero": {
        "quadratic": [["1", "0", "0", "0"], ["0", "1", "0", "0"], ["0", "0", "0", "0"], ["0", "0", "0", "0"]],
        "rest": ONE,
    },
}


def case(activation: Any = "softplus", loss: Any = CUBIC, width: int = 3, **more: Any) -> Case:
    inputs, labels, net = more.pop("inputs", PLANES), more.pop("labels", LABELS), more
    network = {"activation": activation, "width": width, "hidden_bias": False, **net}
    return checker_case(make(inputs, labels, network, loss))


def used(tree: Any, width: int = 3, inputs: Any = PLANES, labels: Any = LABELS) -> frozenset[str]:
    return facts_used(elements(case(inputs=inputs, labels=labels)), width, tree)


def changed(way: tuple[str, ...], value: Any) -> Any:
    """TREE with one value replaced (removed if the value is ...)."""
    tree = copy.deepcopy(TREE)
    inner = tree
    for step in way[:-1]:
        inner = inner[step]
    if value is ...:
        del inner[way[-1]]
    else:
        inner[way[-1]] = value
    return tree


# -- complete trees ----------------------------------------------------------------------------------------------------


def test_complete_tree_uses_what_its_leaves_use() -> None:
    assert used(TREE) == {RANKS, BENDS, BALANCE}
    assert used({"separator": ["1", "1", "-1", "-1"], "rest": EMPTY}) == {SLOPES}
    assert used(ONE, labels=[1, 1, 1, 1]) == {BALANCE}


def test_tree_serves_every_larger_width_and_no_smaller_one() -> None:
    assert all(used(TREE, width) for width in (3, 4, 10))
    with pytest.raises(Rejected, match="the rank is too small"):
        used(TREE, 2)


def test_separator_with_a_positive_margin_inside_is_a_leaf() -> None:
    whole = {"separator": ["1", "1", "-1", "-1"]}
    first = {"separator": ["1", "0", "0", "0"]}
    tree = {"split": 0, "in": first, "out": {**whole, "rest": EMPTY}}
    assert used(tree) == {SLOPES}


def test_ranks_bound_every_support_of_an_open_state() -> None:
    """I+ = {0, 1}, nothing of S- known: 2 * rank 2 > 2; but with sample 1 open only rank 1 is sure, and 2 * 1 <= 2."""
    both = {"split": 0, "in": {"split": 1, "in": BY_RANKS, "out": BY_RANKS}, "out": TREE["positive"]["out"]}
    assert used(changed(("positive",), both))
    with pytest.raises(Rejected, match="the rank is too small"):
        used(changed(("positive", "in"), BY_RANKS))
    assert used({**TREE, "positive": {"split": 0, "in": BY_RANKS, "out": TREE["positive"]["out"]}, "outgoing": 3}, 4)


def test_both_signs_with_the_output_bias() -> None:
    """One unit of each sign on two independent samples: as much freedom as conditions, and the output bias on top."""
    inputs, labels = [[1, 0], [0, 1]], [1, -1]
    known = {"split": 0, "in": {"split": 1, "in": BY_RANKS, "out": ONE}, "out": ONE}
    signs = dict.fromkeys(("positive", "negative", "both"), known)
    tree = {"outgoing": 1, **signs, "zero": {"quadratic": [["1", "0"], ["0", "0"]], "rest": ONE}}
    assert used(tree, 2, inputs, labels) == {RANKS, BENDS, BALANCE}
    for width in (1, 0):
        with pytest.raises(Rejected, match="expected an integer from 1 to"):
            used(tree, width, inputs, labels)
    without = {key: value for key, value in tree.items() if key != "both"}
    with pytest.raises(Rejected, match="the rank is too small"):
        used(without, 2, inputs, labels)
    with pytest.raises(Rejected, match="the rank is too small"):  # three samples, and no more freedom
        pairs = {"split": 1, "in": BY_RANKS, "out": ONE}
        both = {"split": 2, "in": {"split": 0, "in": pairs, "out": pairs}, "out": known}
        used({**tree, "both": both}, 2, [*inputs, [2, 0]], [*labels, 1])
    other = {"outgoing": 1, **signs, "zero": {"separator": ["1", "-1"], "rest": EMPTY}}
    no_bias = case(width=2, inputs=inputs, labels=labels, output_bias=False)
    with pytest.raises(Rejected, match="output bias: there is none"):
        excludes(no_bias, {"tree": other})


# -- one wrong step ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "value", "match"),
    [
        (("outgoing",), 1, "the rank is too small"),
        (("outgoing",), 3, "the rank is too small"),
        (("outgoing",), 0, "expected an integer from 1 to 3"),
        (("outgoing",), 4, "expected an integer from 1 to 3"),
        (("outgoing",), True, "expected an integer"),
        (("zero",), ..., "expected a node with"),
        (("zero",), BY_RANKS, "the rank is too small"),
        (("zero",), ONE, "2 classes are left"),
        (("zero",), EMPTY, "a set of samples is left"),
        (("zero",), [], "expected an object"),
        (("zero", "rest"), EMPTY, "a set of samples is left"),
        (("zero", "rest"), BY_RANKS, "the rank is too small"),
        (("zero", "rest"), ..., "expected a node with"),
        (("zero", "quadratic"), [["1", "0", "0", "0"]], "expected 4 entries"),
        (("zero", "quadratic"), [["0"] * 4] * 4, "is 0 at all possible samples"),
        (("zero", "quadratic"), [["1"] * 4] * 4, "negative at sample"),
        (("positive", "split"), 2, "2 classes are left"),
        (("positive", "split"), 7, "7 is not an open element"),
        (("positive", "split"), True, "True is not an open element"),
        (("positive", "split"), "0", "'0' is not an open element"),
        (("positive", "in", "split"), 0, "0 is not an open element"),
        (("positive", "in", "out"), ONE, "2 classes are left"),
        (("positive", "in", "out"), ..., "expected a node with"),
        (("positive", "out", "out"), EMPTY, "a set of samples is left"),
        (("positive", "out", "out"), BY_RANKS, "the rank is too small"),
        (("positive", "out", "out"), {"by": "nothing"}, "unknown leaf"),
        (("positive", "out", "out"), {"by": "one-class", "more": 1}, "expected a node with by"),
        (("positive", "out", "out"), {}, "expected a node with by"),
        (("positive", "out"), TREE, "the outgoing weights are known here"),
        (("positive", "out"), TREE["zero"], 'below "zero" only'),
        (("positive", "more"), 1, "expected a node with"),
        (("negative",), TREE["positive"], "the rank is too small"),
        (("negative", "in"), {"separator": ["1", "0", "0", "0"]}, "expected a node with rest, separator"),
        (("negative", "in"), {"separator": ["0", "0", "1", "0"]}, "negative at sample 2"),
        (("negative", "in"), {"separator": ["0", "0", "-1", "0"], "rest": EMPTY}, "expected a node with separator"),
        (("negative", "in"), {"separator": ["sqrt(2)", "0", "-1", "0"]}, "expected rational numbers"),
        (("negative", "in"), {"separator": [1, 0, -1, 0]}, "expected a number as text"),
        (("negative", "in"), {"separator": ["-1"]}, "expected 4 entries"),
    ],
)
def test_one_wrong_step_is_rejected(way: tuple[str, ...], value: Any, match: str) -> None:
    with pytest.raises(Rejected, match=match):
        used(changed(way, value))


@pytest.mark.parametrize("tree", [None, [], "empty", 0, {}, EMPTY, ONE, BY_RANKS])
def test_no_tree_at_all(tree: Any) -> None:
    with pytest.raises(Rejected):
        used(tree)


def test_number_of_nodes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supports, "MAX_NODES", 17)
    assert used(TREE)
    monkeypatch.setattr(supports, "MAX_NODES", 16)
    with pytest.raises(Rejected, match="more than 16 nodes"):
        used(TREE)


# -- false trees -------------------------------------------------------------------------------------------------------


def nodes(samples: tuple[int, ...], size: int) -> st.SearchStrategy[Any]:
    """Random trees that know the form: their steps are anything."""
    number = st.integers(-3, 3).map(str)
    vector = st.lists(number, min_size=size, max_size=size)
    leaf = st.one_of(st.sampled_from([EMPTY, ONE, BY_RANKS]), st.fixed_dictionaries({"separator": vector}))

    def larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        signs = dict.fromkeys(("positive", "negative", "zero"), inner)
        matrix = st.lists(vector, min_size=size, max_size=size)
        return st.one_of(
            st.fixed_dictionaries({"split": st.sampled_from(samples), "in": inner, "out": inner}),
            st.fixed_dictionaries({"outgoing": st.integers(1, 3), **signs}),
            st.fixed_dictionaries({"separator": vector, "rest": inner}),
            st.fixed_dictionaries({"quadratic": matrix, "rest": inner}),
        )

    return st.recursive(leaf, larger, max_leaves=12)


@st.composite
def data_and_trees(draw: st.DrawFn) -> tuple[list[tuple[list[int], int]], Any]:
    inputs = draw(st.lists(st.tuples(st.integers(-1, 1), st.integers(-1, 1)), min_size=2, max_size=3, unique=True))
    points = [(list(x), draw(st.sampled_from([1, -1]))) for x in inputs]
    return points, draw(nodes(tuple(range(len(points))), 2))


@settings(max_examples=150, deadline=None)
@given(data_and_trees())
def test_no_random_tree_is_accepted_where_a_support_survives(given_data: Any) -> None:
    points, tree = given_data
    found = question(points, CLASSES[2], hidden_bias=False)
    try:
        facts_used(found.elements, 3, tree)
    except Rejected:
        return
    assert not Brute(found).surviving(3)


WRONG_TREES: list[Any] = [
    EMPTY,
    ONE,
    BY_RANKS,
    {"separator": ["1"], "rest": EMPTY},
    {"separator": ["-1"], "rest": ONE},
    {"outgoing": 1, "positive": BY_RANKS, "negative": BY_RANKS, "zero": ONE},
    {"outgoing": 1, "positive": BY_RANKS, "negative": BY_RANKS, "zero": {"quadratic": [["1"]], "rest": EMPTY}},
    {"split": 1, "in": {"separator": ["-1"]}, "out": {"separator": ["1"], "rest": ONE}},
]


@pytest.mark.parametrize("tree", WRONG_TREES)
@pytest.mark.parametrize("name", ["liang2018/smooth-hinge-exp-strict", "confirmed/not-excluded-and-bad"])
def test_no_tree_for_data_with_a_certified_bad_minimum(name: str, tree: Any) -> None:
    with pytest.raises(Rejected):
        excludes(checker_case(load(str(CASES / f"{name}.toml"))), {"tree": tree})


# -- hypotheses --------------------------------------------------------------------------------------------------------


def test_hypotheses_are_those_that_the_tree_uses() -> None:
    found, scope = excludes(case(), {"tree": TREE})
    assert [h.name for h in found] == [
        "labels",
        "architecture",
        "strictly convex neuron",
        "output bias",
        "loss",
        "no weight decay",
        "no possible support",
    ]
    assert all(h.holds for h in found)
    assert "every neuron that is C^2 with s'' > 0, every C^2 loss" in scope
    assert scope.endswith("every width from 3 on")


def test_scope_is_wider_where_less_is_used() -> None:
    tree = {"separator": ["1", "1", "-1", "-1"], "rest": EMPTY}
    _, scope = excludes(case("leaky_relu", "squared_hinge", 1), {"tree": tree})
    assert "every neuron that increases (all one-sided slopes > 0), every C^1 loss" in scope
    assert scope.endswith("every width")
    _, anything = excludes(case("relu", "squared_hinge", 1, labels=[1, 1, 1, 1]), {"tree": ONE})
    assert "this holds for every neuron, every C^1 loss" in anything


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"activation": "sigmoid"}, "strictly convex neuron"),
        ({"activation": "leaky_relu"}, "strictly convex neuron"),
        ({"activation": {"expr": "z**4"}}, "strictly convex neuron"),
        ({"loss": "squared_hinge"}, "loss"),
        ({"loss": "quadratic"}, "loss"),
        ({"loss": "hinge"}, "loss"),
        ({"loss": {**CUBIC, "weight_decay": "1/1000"}}, "no weight decay"),
        ({"output_bias": False}, "output bias"),
        ({"kind": "feedforward", "width": None, "hidden": [3, 3]}, "architecture"),
    ],
)
def test_a_case_without_a_fact_that_is_used(changes: dict[str, Any], match: str) -> None:
    network = {"activation": "softplus", "width": 3, "hidden_bias": False, **changes}
    loss = network.pop("loss", CUBIC)
    network = {key: value for key, value in network.items() if value is not None}
    with pytest.raises(Rejected, match=match):
        excludes(checker_case(make(PLANES, LABELS, network, loss)), {"tree": TREE})


def test_slopes_need_an_increasing_neuron() -> None:
    tree = {"separator": ["1", "1", "-1", "-1"], "rest": EMPTY}
    assert excludes(case("sigmoid"), {"tree": tree})
    for activation in ("relu", "quadratic", "gelu"):
        with pytest.raises(Rejected, match="increasing neuron"):
            excludes(case(activation), {"tree": tree})


def test_width_is_the_case_s_own() -> None:
    with pytest.raises(Rejected, match="the rank is too small"):
        excludes(case(width=2), {"tree": TREE})


def test_needs_rational_data_with_labels() -> None:
    with pytest.raises(Rejected, match="rational"):
        excludes(case(inputs=[["sqrt(2)", 0, 0, 0], *PLANES[1:]]), {"tree": TREE})
    targets = checker_case(make([[1], [2]], ["1/2", 1], {"activation": "exp", "width": 3}, "quadratic", targets=True))
    with pytest.raises(Rejected, match="needs labels"):
        excludes(targets, {"tree": TREE})


def test_parallel_parts_change_nothing() -> None:
    deep = {"activation": "relu", "hidden": [2, 2]}
    assert excludes(case(kind="shortcut", deep=deep, exponential={"decay": "1"}), {"tree": TREE})


def test_samples_of_equal_input_and_label_are_one() -> None:
    twice = case(inputs=[*PLANES, PLANES[0]], labels=[*LABELS, 1])
    assert sorted(elements(twice)) == [0, 1, 2, 3]
    assert excludes(twice, {"tree": TREE})
    other = case(inputs=[*PLANES, PLANES[0]], labels=[*LABELS, -1])
    assert sorted(elements(other)) == [0, 1, 2, 3, 4]
    with pytest.raises(Rejected):
        excludes(other, {"tree": TREE})


def test_exclusions_by_name() -> None:
    exclusion, node = named({"name": "supports", "tree": TREE}, "proof")
    assert exclusion is EXCLUSIONS["supports"] and node == {"tree": TREE}
    for name in ("A", "any", None, []):
        with pytest.raises(Rejected, match="expected one of"):
            named({"name": name, "tree": TREE}, "proof")
    with pytest.raises(Rejected, match="expected a node with tree"):
        excludes(case(), {"tree": TREE, "more": 1})


def places(value: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The ways to all inner nodes of a tree."""
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield (*way, key)
            yield from places(inner, (*way, key))


@pytest.mark.parametrize("way", sorted(places(TREE)))
def test_every_subtree_is_needed(way: tuple[str, ...]) -> None:
    """Without its subtree a node shows nothing: "empty" in its place is false everywhere in this tree."""
    with pytest.raises(Rejected):
        used(changed(way, EMPTY))
    assert json.loads(json.dumps(TREE)) == TREE
