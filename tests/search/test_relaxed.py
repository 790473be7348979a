"""Neighbouring cases: one condition is another one, the rest is as it was."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.cases import make
from tests.search.found import rejudged
from verifier.case.types import Case
from verifier.search.portfolio import search
from verifier.search.relaxed import CONDITIONS, relaxed

SHORTCUT = {"kind": "shortcut", "activation": "softplus", "width": 2, "deep": {"activation": "tanh", "hidden": [2]}}


def separable(network: Any = None) -> Case:
    network = network or {"activation": "softplus", "width": 2}
    return make([[1], [2], [3]], [1, 1, -1], network, {"name": "polynomial_hinge", "p": 3})


KEPT = {
    "neuron": lambda c: (c.data, c.loss, c.network.kind, c.network.main.hidden),
    "loss": lambda c: (c.data, c.network),
    "architecture": lambda c: (c.data, c.loss, c.network.main.activation),
    "data": lambda c: (c.data.inputs, c.data.multiplicity, c.loss, c.network),
    "width": lambda c: (c.data, c.loss, c.network.kind, c.network.main.activation),
}


@pytest.mark.parametrize("condition", list(CONDITIONS))
@pytest.mark.parametrize("network", [{"activation": "softplus", "width": 2}, SHORTCUT])
def test_only_the_condition_changes(condition: str, network: Any) -> None:
    case = separable(network)
    neighbours = list(relaxed(case, condition))
    assert len(neighbours) >= 2
    assert len({it.name for it in neighbours}) == len(neighbours)
    for it in neighbours:
        assert KEPT[condition](it.case) == KEPT[condition](case)
        assert (it.case.data, it.case.loss, it.case.network) != (case.data, case.loss, case.network)
        assert it.words in it.case.title
        assert it.case.claims == () and it.case.point is None


def test_every_neighbour_is_a_case_of_its_own() -> None:
    """Each label is turned once; each other width up to two more is taken once."""
    assert [it.case.data.labels for it in relaxed(separable(), "data")] == [(-1, 1, -1), (1, -1, -1), (1, 1, 1)]
    assert [it.case.network.main.hidden for it in relaxed(separable(), "width")] == [(1,), (3,), (4,)]


def test_theorem_a_holds_and_its_neighbour_with_a_flat_neuron_has_a_bad_minimum() -> None:
    assert list(search(separable()).run()) == []
    relu = next(it for it in relaxed(separable(), "neuron") if it.name == "relu")
    found = next(search(relu.case).run())
    assert "neuron relu" in rejudged(found).case.title
