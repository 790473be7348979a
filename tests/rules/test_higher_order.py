"""Rule higher-order and arcs: one flat direction, decided at order 3, 4 or more."""

from __future__ import annotations

import pytest
from flint import fmpq

from tests.helpers.cases import dead, decision, make, problem, verdict
from verifier.case.types import Case
from verifier.rules import higher_order
from verifier.rules.problem import Declined

LINEAR = {"activation": "linear", "width": 1, "hidden_bias": False}


def critical(activation: object = "linear") -> Case:
    point = {"a0": "1/7", "a": [0], "W": [[0]]}
    loss = {"name": "squared_hinge", "weight_decay": "8/3"}
    return make([[1], [-2]], [1, -1], {**LINEAR, "activation": activation}, loss, point, multiplicity=[2, 1])


def through_a_constant(expr: str) -> Case:
    """L is the loss of a0 alone: one dead unit whose moves are factored out, one sample."""
    point = {"a0": 0, "a": [1], "W": [[0]], "b": [-1]}
    return make([[1]], [1], {"activation": "relu", "width": 1}, {"expr": expr}, point)


def test_order_four_after_the_curve_has_been_bent() -> None:
    node = higher_order.propose(problem(critical()))
    assert (node["order"], len(node["curve"])) == (4, 2)
    assert verdict(critical(), strict=True) == "proved"


def test_the_cubic_term_of_the_neuron_makes_it_fall() -> None:
    with pytest.raises(Declined) as caught:
        higher_order.propose(problem(critical({"expr": "z + z**3"})))
    assert caught.value.code == "descends"
    found = decision(critical({"expr": "z + z**3"}))
    assert (found.verdict.value, found.rule) == ("refuted", "arc")


@pytest.mark.parametrize("order", [4, 6, 8])
def test_even_powers(order: int) -> None:
    node = higher_order.propose(problem(through_a_constant(f"z**{order} + z**{order + 1}")))
    assert node["order"] == order
    assert all(move["move"] in ("row", "outgoing") for move in node["modulo"])
    assert verdict(through_a_constant(f"z**{order} - z**{order + 1}")) == "proved"


@pytest.mark.parametrize(("expr", "order"), [("z**3", 3), ("-z**3", 3), ("z**5 + z**6", 5), ("-z**4 + z**6", 4)])
def test_odd_or_negative_powers_fall(expr: str, order: int) -> None:
    case = through_a_constant(expr)
    with pytest.raises(Declined) as caught:
        higher_order.propose(problem(case))
    assert caught.value.code == "descends"
    arcs = list(higher_order.arcs(problem(case)))
    assert arcs and all(arc["order"] == order for arc in arcs)
    found = decision(case)
    assert (found.verdict.value, found.rule) == ("refuted", "arc")


@pytest.mark.parametrize("expr", ["abs(z)**3", "abs(z)**3 - z**4", "max(0, z)**3"])
def test_one_sided_expansions_do_not_count(expr: str) -> None:
    """|u|^3 - u^4 is a minimum that one-sided derivatives call a maximum: it is only C^2, so the rule keeps off."""
    case = through_a_constant(expr)
    with pytest.raises(Declined) as caught:
        higher_order.propose(problem(case))
    assert caught.value.code == "kink"
    assert verdict(case) != "refuted"


def test_more_than_one_flat_direction() -> None:
    network = {"activation": "quadratic", "width": 2, "hidden_bias": False}
    point = {"a0": 0, "a": [0, 0], "W": [[0], [0]]}
    with pytest.raises(Declined) as caught:
        higher_order.propose(problem(make([[1], [-1]], [1, -1], network, "quadratic", point)))
    assert caught.value.code == "kernel"


def test_a_loss_that_never_changes_is_not_a_higher_order_minimum() -> None:
    with pytest.raises(Declined) as caught:
        higher_order.propose(problem(dead()))
    assert caught.value.code == "kernel"  # no flat direction is left after the moves


def test_flat_directions_are_a_basis_of_the_kernel() -> None:
    here = problem(critical())
    (n,) = higher_order.flat_directions(here, [])
    assert n[0] == 0 and n[1] != 0 and n[1] in (n[2], -n[2])
    for row in here.hessian:
        assert sum((h * v for h, v in zip(row, n, strict=True)), fmpq(0)) == 0
