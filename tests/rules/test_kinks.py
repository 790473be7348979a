"""Descents at kinks: the linear program of each piece, and units that nothing reads yet."""

from __future__ import annotations

import pytest
from flint import fmpq

from tests.helpers.cases import DEAD, dead, decision, make, problem
from verifier.case.types import Case
from verifier.checker.errors import Rejected
from verifier.checker.rules.descent import descent
from verifier.rules.kinks import awakenings, sliding, steepest
from verifier.rules.problem import Problem, texts

ABSOLUTE = {"activation": {"expr": "abs(z)"}, "width": 1}


def falls(here: Problem, rule: str, order: int, curve: list[tuple[object, ...]]) -> bool:
    node = {"rule": rule, "order": order, "curve": [texts(row) for row in curve]}  # type: ignore[arg-type]
    try:
        descent(here.analysis, node)
    except Rejected:
        return False
    return True


def narrow() -> Case:
    """phi(w, b) = 2 |3w + b| - |2w + b| - |w + b| is negative only near the direction (-1, 3) and its opposite."""
    point = {"a0": "1/3", "a": [1], "W": [[0]], "b": [0]}
    return make([[1], [2], [3]], [1, 1, -1], ABSOLUTE, "squared_hinge", point)


def test_the_linear_program_finds_a_narrow_descent() -> None:
    here = problem(narrow())
    assert any(falls(here, "gradient", 1, [direction]) for direction in steepest(here))
    found = decision(narrow())
    assert (found.verdict.value, found.rule) == ("refuted", "gradient")


def test_kinks_of_the_loss_are_walls_too() -> None:
    """The positive samples are on the kink of the hinge: a0 alone is balanced, a0 and w together are not."""
    point = {"a0": "1/2", "a": [1], "W": [[0]], "b": ["1/2"]}
    case = make([[1], [2], [3]], [1, 1, -1], {"activation": "linear", "width": 1}, "hinge", point)
    here = problem(case)
    assert any(falls(here, "gradient", 1, [direction]) for direction in steepest(here))


@pytest.mark.parametrize(("a", "w", "b"), [(1, 1, -3), (-1, -1, 1)])
def test_no_piece_falls_at_a_minimum(a: int, w: int, b: int) -> None:
    point = {"a0": "1/3", "a": [a], "W": [[w]], "b": [b]}
    case = make([[1], [2], [3]], [1, 1, -1], {"activation": "relu", "width": 1}, "squared_hinge", point)
    assert list(steepest(problem(case))) == []


def test_no_piece_falls_at_a_balanced_kink_of_the_hinge() -> None:
    assert list(steepest(problem(dead("hinge", point={**DEAD, "a0": 1})))) == []


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_a_unit_that_nothing_reads_is_woken_up(activation: str) -> None:
    """On its kink at one sample, with outgoing weight 0: flat at orders 1 and 2, falling at order 3."""
    point = {"a0": "1/3", "a": [0], "W": [[1]], "b": [-3]}
    case = make([[1], [2], [3]], [1, 1, -1], {"activation": activation, "width": 1}, "squared_hinge", point)
    here = problem(case)
    assert any(falls(here, "arc", 3, curve) for curve in awakenings(here)) or activation == "leaky_relu"
    assert decision(case).verdict.value == "refuted"


def test_awakenings_move_the_row_first_and_the_outgoing_weight_second() -> None:
    point = {"a0": "1/3", "a": [0, 1], "W": [[1], [1]], "b": [-3, -9]}
    case = make([[1], [2], [3]], [1, 1, -1], {"activation": "relu", "width": 2}, "squared_hinge", point)
    for first, second in awakenings(problem(case)):
        assert [k for k, v in enumerate(second) if v != 0] == [1] and abs(second[1]) == fmpq(1)
        assert {k for k, v in enumerate(first) if v != 0} <= {3, 4}  # a0, a, a, then (w, b) of unit 0


def test_units_that_are_read_are_left_alone() -> None:
    assert list(awakenings(problem(dead()))) == []


def curved(counts: list[int]) -> Case:
    """f = a e^(wx) under the hinge, with the sample x = 1 exactly on the kink."""
    network = {"activation": "exp", "width": 1, "hidden_bias": False, "output_bias": False}
    point = {"a": ["1/2"], "W": [["log(2)"]]}
    return make([[-1], [0], [1]], [1, -1, 1], network, "hinge", point, multiplicity=counts)


def test_a_curved_kink_is_followed() -> None:
    """Along f(1) = 1 the loss falls at order 2, although the tangent line does not show it."""
    here = problem(curved([4, 4, 6]))
    curve = next(curve for curve in sliding(here) if falls(here, "arc", 2, curve))
    assert not falls(here, "curvature", 2, curve[:1])
    found = decision(curved([4, 4, 6]))
    assert (found.verdict.value, found.rule) == ("refuted", "arc")


def test_nothing_to_follow_where_the_slopes_do_not_balance() -> None:
    assert list(sliding(problem(curved([1, 4, 6])))) == []


def test_nothing_to_follow_without_a_kink_or_with_a_unit_on_one() -> None:
    assert list(sliding(problem(dead()))) == []
    assert list(sliding(problem(narrow()))) == []
