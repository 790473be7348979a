"""Attacks on decision trees over supports: the facts about ranks and signs against numbers, and tampered trees."""

from __future__ import annotations

import copy
import itertools
import random
from typing import Any

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.cases import make
from tests.helpers.tampering import fields
from verifier.checker.case import Case
from verifier.checker.errors import Rejected
from verifier.checker.theorems.supports import (
    Element,
    State,
    elements,
    excludes,
    facts_used,
    rank_facts,
    signs,
)
from verifier.model.translate import checker_case

CUBIC = {"name": "polynomial_hinge", "p": 2}
KEYS = ("positive", "negative", "zero")


# -- one of the cases of a node "outgoing" is true ---------------------------------------------------------------------


def test_every_vector_of_signs_is_in_a_case_of_every_node() -> None:
    """Of a tree for width M, at all widths M, M + 1, M + 2."""
    for width in range(1, 5):
        for exact in (False, True):
            for h in range(1, width + 1 - exact):
                cases = signs(State(frozenset(), frozenset({0})), width, h, exact)
                for more in range(3):
                    for a in itertools.product((-1, 0, 1), repeat=width + more):
                        plus, minus = a.count(1), a.count(-1)
                        assert any(
                            0 in a if it.outgoing == "zero" else it.positive <= plus and it.negative <= minus
                            for it in cases
                        )


def outgoing(h: Any, child: Any, *keys: str) -> dict[str, Any]:
    return {"outgoing": h, **dict.fromkeys(keys or KEYS, child)}


@pytest.mark.parametrize("h", [0, 3, -1, True, "1", None, 1.0])
def test_numbers_of_units_are_within_the_width(h: Any) -> None:
    with pytest.raises(Rejected):
        facts_used(elements(case([[1], [2]], [1, -1], 2)), 2, outgoing(h, {"by": "empty"}))


def test_with_both_the_last_number_is_too_many() -> None:
    node = outgoing(2, {"by": "ranks"}, *KEYS, "both")
    with pytest.raises(Rejected, match="from 1 to 1"):
        facts_used(elements(case([[1], [2]], [1, -1], 2)), 2, node)


# -- ranks: where they exclude a support, the loss has negative curvature along a line of constant outputs -------------


@st.composite
def states(draw: st.DrawFn) -> tuple[dict[int, Element], State]:
    size, dimension = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    entries = st.lists(st.integers(-1, 1), min_size=dimension, max_size=dimension)
    found = {}
    for i in range(size):
        row = tuple(fmpq(v) for v in draw(entries))
        found[i] = Element(i, draw(st.sampled_from([1, -1])), row)
    place = [draw(st.sampled_from("iiou")) for _ in found]  # inside, out, open
    inside, open_ = (frozenset(i for i in found if place[i] == p) for p in "iu")
    return found, State(inside, open_, "both", draw(st.integers(0, 3)), draw(st.integers(0, 3)))


@settings(max_examples=200, deadline=None)
@given(states(), st.integers(0, 10**6))
def test_where_ranks_exclude_a_support_there_is_a_direction_of_descent(
    drawn: tuple[dict[int, Element], State], seed: int
) -> None:
    found, state = drawn
    facts = rank_facts(found, state)
    if facts is None or state.positive + state.negative == 0:
        return
    chance = np.random.default_rng(seed)
    for extra in itertools.product((False, True), repeat=len(state.open)):
        support = sorted(state.inside | {i for i, e in zip(sorted(state.open), extra, strict=True) if e})
        if support:
            assert curvature(found, support, state, "balance" in facts, chance) < -1e-9


def curvature(
    found: dict[int, Element], support: list[int], state: State, bias: bool, chance: np.random.Generator
) -> float:
    """The least value of -sum_i mu_i y_i sum_j a_j s''_ij (u_j . X_i)^2 where all df_i, i in the support, are 0.

    Samples outside the support do not count: there l' = l'' = 0. All slopes and curvatures are random, > 0.
    """
    X = np.array([[float(v.p) for v in found[i].row] for i in support])
    y = np.array([found[i].label for i in support], dtype=float)
    a = np.concatenate([chance.uniform(1, 2, state.positive), -chance.uniform(1, 2, state.negative)])
    mu = chance.uniform(1, 2, len(support))
    first, second = (chance.uniform(1, 2, (len(support), len(a))) for _ in range(2))
    moves = [(a[j] * first[:, j])[:, None] * X for j in range(len(a))]
    jacobian = np.hstack([*moves, *([np.ones((len(support), 1))] if bias else [])])
    form = np.zeros((jacobian.shape[1],) * 2)
    d = X.shape[1]
    for j in range(len(a)):
        block = slice(j * d, (j + 1) * d)
        form[block, block] = -X.T @ np.diag(mu * y * a[j] * second[:, j]) @ X
    _, values, rows = np.linalg.svd(jacobian)
    rank = int((values > 1e-9).sum())
    kernel = rows[rank:].T
    return float(np.linalg.eigvalsh(kernel.T @ form @ kernel)[0]) if kernel.shape[1] else 0.0


# -- leaves and eliminations at their limits ---------------------------------------------------------------------------


def case(inputs: Any, labels: Any, width: int = 1, **network: Any) -> Case:
    net = {"activation": "softplus", "width": width, **network}
    return checker_case(make(inputs, labels, net, CUBIC))


def refused(it: Case, tree: Any) -> str:
    with pytest.raises(Rejected) as caught:
        excludes(it, {"tree": tree})
    return str(caught.value)


def test_equal_inputs_with_both_labels_have_no_separator() -> None:
    it = case([[1], [1]], [1, -1])
    for v in (["1", "0"], ["-1", "1"], ["0", "0"], ["1/3", "2"]):
        assert "separator" in refused(it, {"separator": v, "rest": {"by": "empty"}})
        assert "separator" in refused(it, {"separator": v, "rest": {"by": "one-class"}})


def test_a_zero_input_without_bias_is_never_eliminated() -> None:
    it = case([[0], [1]], [1, -1], hidden_bias=False)
    tree = {"separator": ["-1"], "rest": {"by": "one-class"}}
    excludes(it, {"tree": tree})
    assert "left" in refused(it, {"separator": ["-1"], "rest": {"by": "empty"}})
    alone = case([[0]], [1], hidden_bias=False, output_bias=False)  # L = l(-sum a_j s(0)) has no local minimum
    assert "0 at all possible samples" in refused(alone, {"separator": ["1"], "rest": {"by": "empty"}})
    assert "output bias" in refused(alone, {"by": "one-class"})


def test_ranks_do_not_bound_supports_by_open_elements() -> None:
    """Open elements count as conditions, and never as freedom."""
    it = elements(case([[1, 0], [0, 1]], [1, 1], 3, hidden_bias=False))
    assert rank_facts(it, State(frozenset(), frozenset(it), "positive", 3)) is None
    assert rank_facts(it, State(frozenset({0}), frozenset({1}), "positive", 1)) is None
    assert rank_facts(it, State(frozenset({0}), frozenset({1}), "positive", 2)) == frozenset({"ranks", "balance"})
    assert rank_facts(it, State(frozenset({0}), frozenset({1}), "positive", 3)) == frozenset({"ranks"})


def test_the_other_class_counts_with_its_open_elements() -> None:
    """W is spanned by open negatives, too: modulo it the positive inside has rank 0."""
    it = elements(case([[1, 0], [2, 0]], [1, -1], 3, hidden_bias=False))
    assert rank_facts(it, State(frozenset({0}), frozenset(), "positive", 2)) is not None
    assert rank_facts(it, State(frozenset({0}), frozenset({1}), "positive", 9)) is None


def test_what_is_known_of_the_outgoing_weights_holds_on_its_own_branch_only() -> None:
    it = case([[1], [2]], [1, -1], 2)
    quadratic: Any = {"quadratic": [["0", "0"], ["0", "1"]], "rest": {"by": "empty"}}
    for key in ("positive", "negative", "both"):
        node = outgoing(1, {"separator": ["-1", "3/2"], "rest": {"by": "empty"}}, *KEYS, "both")
        excludes(it, {"tree": node})
        assert 'below "zero" only' in refused(it, {**node, key: quadratic})
    assert "known here" in refused(it, outgoing(1, node))


# -- tampering ---------------------------------------------------------------------------------------------------------

JUNK: tuple[Any, ...] = (
    *(None, True, -1, 0, 1, 10**30, 0.5, "", "empty", "ranks", "1/0", "sqrt(2)"),
    *([], {}, [["1"]], ["1"]),
)


def test_junk_in_a_field_is_rejected_in_words() -> None:
    it = case([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], [1, 1, -1, -1], 3, hidden_bias=False)
    ranks, one = {"by": "ranks"}, {"by": "one-class"}

    def side(i: int) -> Any:
        out = {"split": i + 1, "in": ranks, "out": one}
        return {"split": i, "in": {"split": i + 1, "in": ranks, "out": ranks}, "out": out}

    form = [[str(int(r == c < 2)) for c in range(4)] for r in range(4)]
    tree = {"outgoing": 2, "positive": side(0), "negative": side(2), "zero": {"quadratic": form, "rest": one}}
    excludes(it, {"tree": tree})
    accepted = set()
    for path in fields(tree):
        for junk in JUNK:
            changed: Any = copy.deepcopy(tree)
            inner = changed
            for key in path[:-1]:
                inner = inner[key]
            if type(inner[path[-1]]) is type(junk) and inner[path[-1]] == junk:
                continue
            inner[path[-1]] = copy.deepcopy(junk)
            try:
                excludes(it, {"tree": changed})
            except Rejected:
                continue
            accepted.add(path)
    # other true proofs: entries of the form that no sample sees, a leaf that ranks settle as well
    assert all("quadratic" in path or path[-1] == "by" for path in accepted), accepted


def test_a_random_tree_never_excludes_the_support_of_a_certified_minimum() -> None:
    """Alternating labels on a line: for one unit the support of all four samples survives every fact."""
    found = elements(case([[1], [2], [3], [4]], [1, -1, 1, -1], 1))
    chance = random.Random(1)

    def grow(state: State, depth: int) -> Any:
        kind = chance.random()
        if state.open and kind < 0.5 and depth:
            i = chance.choice(sorted(state.open))
            return {"split": i, "in": grow(state, depth - 1), "out": grow(state, depth - 1)}
        if kind < 0.7 and depth:
            v = [str(chance.randint(-3, 3)), str(chance.randint(-3, 3))]
            return {"separator": v, "rest": grow(state, depth - 1)}
        return {"by": chance.choice(["empty", "one-class", "ranks"])}

    for _ in range(500):
        with pytest.raises(Rejected):
            facts_used(found, 1, grow(State(frozenset(), frozenset(found)), 4))
