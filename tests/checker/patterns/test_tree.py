"""The tree of a certificate: complete ones are accepted; what is missing, false or tampered with is not."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import pytest
from flint import fmpq

from tests.helpers.cases import make
from verifier.checker.case import Case
from verifier.checker.errors import Rejected
from verifier.checker.patterns.setting import read_setting
from verifier.checker.patterns.system import ABOVE, AT_LEAST, EQUAL, Row, root
from verifier.checker.patterns.tree import Weighted, contradictory, excludes, split
from verifier.model.translate import checker_case
from verifier.theorems.patterns import decide

MIRRORED: dict[str, Any] = {"activation": "relu", "width": 2, "hidden_bias": False}


@cache
def case() -> Case:
    """x = 1 and x = -1 with opposite labels: no ReLU unit without bias can be dead on both."""
    return checker_case(make([[1], [-1]], [1, -1], MIRRORED, "squared_hinge"))


@cache
def quadratic() -> Case:
    """The same with the quadratic loss, whose slope has both signs: the tree is larger."""
    return checker_case(make([[1], [-1]], [1, -1], MIRRORED, "quadratic"))


@cache
def _tree(it: Callable[[], Case]) -> Any:
    return decide(it()).tree


def tree(it: Callable[[], Case] = case) -> Any:
    return copy.deepcopy(_tree(it))


def leaves(node: Any) -> Iterator[Any]:
    if "then" in node:
        for child in node["then"]:
            yield from leaves(child)
    else:
        yield node


def nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in node.get("then", []):
        yield from nodes(child)


def test_a_complete_tree_is_accepted() -> None:
    hypotheses, words = excludes(case(), {"tree": tree()})
    assert [h.holds for h in hypotheses] == [True] * 3
    count = len(list(leaves(tree())))
    assert words == f"{count} systems of linear conditions cover every sign pattern, and each is contradictory"


def test_it_has_nodes_of_several_kinds() -> None:
    kinds = {key for node in nodes(tree(quadratic)) for key in node}
    assert kinds == {"sign", "side", "wrong", "then", "swap", "rows", "directions"}
    excludes(quadratic(), {"tree": tree(quadratic)})


@pytest.mark.parametrize(("it", "every"), [(case, 1), (quadratic, 11)])
def test_every_multiplier_matters(it: Callable[[], Case], every: int) -> None:
    """Each multiplier and each direction of a leaf, changed or dropped alone, is noticed."""
    count = len(list(leaves(tree(it))))
    for k in range(0, count, every):
        for change in _changes(list(leaves(tree(it)))[k]):
            whole = tree(it)
            change(list(leaves(whole))[k])
            with pytest.raises(Rejected):
                excludes(it(), {"tree": whole})


def _changes(leaf: Any) -> list[Callable[[Any], Any]]:
    if "swap" in leaf:
        return [lambda it: it.update(swap=it["swap"][::-1]), lambda it: it.update(swap=[0, 0])]
    found: list[Callable[[Any], Any]] = []
    # A leaf whose only term is a strict 0 > 0 or a negative constant may be scaled: only its sign matters.
    alone = len(leaf["rows"]) + len(leaf["directions"]) == 1
    for name, y in leaf["rows"].items():
        found.append(partial(_without_row, name))
        if not alone:
            found.append(partial(_with_row, name, -7 * y))
    for k, (_, _, y) in enumerate(leaf["directions"]):
        found += [partial(_without_direction, k), partial(_with_entry, k, 2, -y), partial(_with_entry, k, 0, 9)]
    return found


def _without_row(name: str, leaf: Any) -> None:
    leaf["rows"].pop(name)


def _with_row(name: str, y: int, leaf: Any) -> None:
    leaf["rows"][name] = y


def _without_direction(k: int, leaf: Any) -> None:
    leaf["directions"].pop(k)


def _with_entry(k: int, place: int, value: int, leaf: Any) -> None:
    leaf["directions"][k][place] = value


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda it: it["then"].pop(), "expected 3 entries"),
        (lambda it: it["then"].append(it["then"][0]), "expected 3 entries"),
        (lambda it: it.update(sign=2), "expected an integer from 0 to 1"),
        (lambda it: it.update(side=[0, 0]), "one way to split"),
        (lambda it: it.update(magic=it.pop("sign")), "unknown way to split"),
        (lambda it: it["then"].__setitem__(0, {}), "expected the fields"),
        (lambda it: it["then"].__setitem__(0, {"sign": 0, "then": []}), "fixed twice"),
        (lambda it: it["then"].__setitem__(0, {"side": [1, 0], "then": []}), "before its sign"),
        (lambda it: it["then"].__setitem__(0, {"swap": [0, 1]}), "not out of order"),
        (lambda it: it["then"].__setitem__(0, {"rows": {}, "directions": []}), "no contradiction"),
        (lambda it: it["then"].__setitem__(0, {"rows": {"hope": 1}, "directions": []}), "no row"),
        (lambda it: it["then"].__setitem__(0, {"rows": {"bias": 1.0}, "directions": []}), "expected an integer"),
        (lambda it: it["then"].__setitem__(0, {"rows": {"bias": True}, "directions": []}), "expected an integer"),
        (lambda it: it["then"].__setitem__(0, {"rows": {}, "directions": [[1, [1], 1]]}), "whose sign is open"),
        (lambda it: it["then"].__setitem__(0, {"rows": {}, "directions": [[0, [1, 1], 1]]}), "expected 1 entries"),
        (lambda it: it["then"].__setitem__(0, None), "expected an object"),
    ],
)
def test_a_tree_tampered_with(change: Callable[[Any], Any], why: str) -> None:
    whole = tree()
    assert "sign" in whole
    change(whole)
    with pytest.raises(Rejected, match=why):
        excludes(case(), {"tree": whole})


@pytest.mark.parametrize("node", [{}, {"tree": {}, "more": 1}, {"tree": []}])
def test_a_node_of_another_form(node: Any) -> None:
    with pytest.raises(Rejected):
        excludes(case(), node)


@pytest.mark.parametrize(
    "other",
    [
        lambda: make([[1], [-1]], [1, -1], {**MIRRORED, "hidden_bias": True}, "squared_hinge"),  # a dead unit
        lambda: make([[1], [2]], [1, -1], MIRRORED, "squared_hinge"),  # both on one side
        lambda: make([[1], [-1]], [1, -1], {**MIRRORED, "width": 1}, "quadratic"),
        lambda: make([[1], [-1]], [1, -1], {**MIRRORED, "activation": "leaky_relu"}, "quadratic"),
        lambda: make([[1], [-1]], [1, -1], {**MIRRORED, "activation": "linear"}, {"expr": "z"}),
    ],
)
def test_the_tree_of_another_case(other: Callable[[], Any]) -> None:
    with pytest.raises(Rejected):
        excludes(checker_case(other()), {"tree": tree()})


# -- contradictions ----------------------------------------------------------------------------------------------------


def weigh(*rows: tuple[dict[int, int], int, str, int]) -> bool:
    setting, _ = read_setting(case())
    terms = [
        Weighted(Row({k: fmpq(v) for k, v in c.items()}, fmpq(b), relation), fmpq(y)) for c, b, relation, y in rows
    ]
    return contradictory(setting, terms)


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        ([({}, -1, AT_LEAST, 1)], True),
        ([({}, 0, AT_LEAST, 1)], False),
        ([({}, 0, ABOVE, 1)], True),
        ([({}, 1, ABOVE, 1)], False),
        ([({}, 1, EQUAL, -1)], True),
        ([({}, 1, AT_LEAST, -1)], False),  # the multiplier of an inequality has to be positive
        ([({}, 0, ABOVE, 0)], False),
        ([({0: 1}, 0, ABOVE, 1), ({0: -1}, 0, AT_LEAST, 1)], True),
        ([({0: 1}, 0, AT_LEAST, 1), ({0: -1}, 0, AT_LEAST, 1)], False),
        ([({0: 1}, 0, ABOVE, 1), ({0: -2}, 0, AT_LEAST, 1)], False),
        ([], False),
    ],
)
def test_contradictions(rows: list[tuple[dict[int, int], int, str, int]], answer: bool) -> None:
    assert weigh(*rows) is answer


def test_a_unit_with_outgoing_weight_0_has_no_side_on_a_kink() -> None:
    setting, _ = read_setting(case())
    for sign, sides in ((-1, 3), (0, 2), (1, 3)):
        assert len(split(root(setting).with_sign(0, sign), {"side": [0, 0], "then": []})) == sides


def test_wrong_and_piece_split_into_all_possibilities() -> None:
    setting, _ = read_setting(case())
    assert [b.wrong for b in split(root(setting), {"wrong": None, "then": []})] == [0, 1]
    assert [b.pieces[1] for b in split(root(setting), {"piece": 1, "then": []})] == [0, 1]
    with pytest.raises(Rejected, match="expected null"):
        split(root(setting), {"wrong": 0, "then": []})


def test_a_tree_that_looks_at_one_unit_only_serves_every_width() -> None:
    """The conditions on one unit contradict each other already, whatever the others do."""
    assert not any("sign" in node and node["sign"] == 1 for node in nodes(tree()))
    excludes(checker_case(make([[1], [-1]], [1, -1], {**MIRRORED, "width": 3}, "squared_hinge")), {"tree": tree()})
