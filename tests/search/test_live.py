"""Live units: an exact question about the point, answered by the pieces that its pre-activations are in."""

from __future__ import annotations

import pytest

from tests.helpers.cases import Table, make
from verifier.checker.case import Theta
from verifier.model.translate import theta_of
from verifier.search.certify import certify_exact
from verifier.search.live import is_live
from verifier.search.portfolio import search

LINE = [[-1], [0], [1]]
RELU = {"activation": "relu", "width": 1}


def _theta(point: Table) -> Theta:
    case = make(LINE, [-1, -1, 1], RELU, "squared_hinge", point)
    assert case.point is not None
    return theta_of(case.point)


@pytest.mark.parametrize(
    ("point", "live"),
    [
        ({"a0": "-1/3", "a": [-1], "W": [[-1]], "b": ["-1/3"]}, True),  # positive on the first sample only
        ({"a0": "-1/2", "a": [-1], "W": [[-1]], "b": [-2]}, False),  # negative everywhere
        ({"a0": "-1/2", "a": [0], "W": [[0]], "b": [-1]}, False),
    ],
)
def test_a_relu_unit(point: Table, live: bool) -> None:
    """(-1, -1, 1) with weights (1, 2, 1): the best constant for all is -1/2, for the last two -1/3."""
    case = make(LINE, [-1, -1, 1], RELU, "squared_hinge", multiplicity=[1, 2, 1])
    found = certify_exact(case, _theta(point), "by hand")
    assert found is not None and is_live(found) is live


def test_an_outgoing_weight_of_0_does_not_count() -> None:
    """The unit is positive on the first sample, which is right by a margin of 1, but nothing reads it."""
    case = make([[-1], [0]], [1, -1], RELU, "hinge")
    theta = _theta({"a0": 1, "a": [0], "W": [[-1]], "b": ["-1/2"]})
    found = certify_exact(case, theta, "by hand")
    assert found is None or not is_live(found)


def test_a_neuron_that_is_nowhere_constant_is_live_where_it_is_read() -> None:
    case = make(
        [[0, 0], [0, 1], [1, 0], [1, 1]],
        [-1, 1, 1, -1],
        {"activation": "sigmoid", "width": 1},
        {"name": "quadratic", "weight_decay": "1/100"},
    )
    assert is_live(next(found for found in search(case).run() if found.claim.near is not None))


def test_a_neuron_that_is_nowhere_constant_is_not_live_where_nothing_reads_it() -> None:
    """XOR, where the constant output is a minimum for strong decay."""
    case = make(
        [[0, 0], [0, 1], [1, 0], [1, 1]],
        [-1, 1, 1, -1],
        {"activation": "sigmoid", "width": 1},
        {"name": "quadratic", "weight_decay": 1},
        {"a0": 0, "a": [0], "W": [[0, 0]], "b": [0]},
    )
    assert case.point is not None
    found = certify_exact(case, theta_of(case.point), "by hand")
    assert found is not None and not is_live(found)


def test_a_kink_does_not_count() -> None:
    """Two separable samples, the unit at its kink on one, negative on the other: the bound of docs/search.md is not
    about such points.
    """
    case = make([[-1], [1]], [1, -1], RELU, "hinge")
    found = certify_exact(case, _theta({"a0": "1/2", "a": [-1], "W": [[-1]], "b": [-1]}), "by hand")
    assert found is not None and not is_live(found)
