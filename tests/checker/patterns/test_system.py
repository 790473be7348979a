"""The rows of a branch: each holds at certified bad minima (which have no contradiction), and says what it should."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.cases import make
from verifier.checker.errors import Rejected
from verifier.checker.patterns.setting import Setting, read_setting
from verifier.checker.patterns.system import ABOVE, AT_LEAST, EQUAL, Branch, Row, root
from verifier.model.translate import checker_case


def setting(loss: Any = "squared_hinge", **network: Any) -> Setting:
    net = {"activation": {"name": "leaky_relu", "slope": "1/2"}, "width": 2, **network}
    return read_setting(checker_case(make([[1], [0], [-2]], [1, -1, 1], net, loss, multiplicity=[1, 2, 3])))[0]


def full(loss: Any = "squared_hinge") -> Branch:
    """Unit 0: +, sides + 0 -; unit 1: -, sides + + -; pieces right, right, left; sample 1 is wrong."""
    return replace(root(setting(loss)), signs=(1, -1), sides=((1, 0, -1), (1, 1, -1)), pieces=(1, 1, 0), wrong=1)


def row(coefficients: dict[int, Any], constant: Any, relation: str) -> Row:
    return Row({k: fmpq(v) for k, v in coefficients.items()}, fmpq(constant), relation)


# Unknowns: 0 a0; 1, 2 unit 0 (weight, bias); 3, 4 unit 1; 5, 6, 7 z; 8, 9, 10 lambda.
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bias", row({8: -1, 9: 2, 10: -3}, 0, EQUAL)),
        ("wrong", row({6: 1}, 0, AT_LEAST)),
        ("steep", row({9: 1}, -2, AT_LEAST)),
        ("error", row({8: 1, 9: 1, 10: 1}, -2, AT_LEAST)),
        ("side 0 0", row({1: 1, 2: 1}, 0, ABOVE)),
        ("side 0 1", row({2: 1}, 0, EQUAL)),
        ("side 0 2", row({1: 2, 2: -1}, 0, ABOVE)),
        ("output 0", row({5: 1, 0: 1, 1: 1, 2: 1, 3: -1, 4: -1}, 0, EQUAL)),
        ("output 1", row({6: 1, 0: -1, 4: 1}, 0, EQUAL)),
        ("output 2", row({7: 1, 0: 1, 1: -1, 2: fmpq(1, 2), 3: 1, 4: fmpq(-1, 2)}, 0, EQUAL)),
        ("piece 0", row({8: 1, 5: -2}, -2, EQUAL)),
        ("piece 2", row({10: 1, 7: 0}, 0, EQUAL)),
        ("low 0", row({5: 1}, 1, AT_LEAST)),
        ("high 2", row({7: -1}, -1, AT_LEAST)),
        ("sign 0", row({8: 1}, 0, AT_LEAST)),
        ("over 0 1", row({8: 1, 5: -2}, -2, AT_LEAST)),
        ("over 1 0", row({9: 1, 6: 0}, 0, AT_LEAST)),
    ],
)
def test_rows(name: str, expected: Row) -> None:
    assert full().row(name) == expected


@pytest.mark.parametrize(
    "name",
    [
        "",
        "hope",
        "bias 0",
        "side 0",
        "side 2 0",
        "side 0 3",
        "side 0 -1",
        "side 0 x",
        "high 0",
        "low 2",
        "under 0 0",
        "over 0 2",
        "output 3",
        "piece",
        "side 0 0 0",
        "side  0 0",
        "side 0 ¹",
    ],
)
def test_names_without_a_row(name: str) -> None:
    assert full().find(name) is None
    with pytest.raises(Rejected, match="no row"):
        full().row(name)


@pytest.mark.parametrize("name", ["wrong", "steep", "side 0 0", "output 0", "piece 0", "low 0"])
def test_an_open_branch_lacks(name: str) -> None:
    assert root(setting()).find(name) is None


def test_the_quadratic_loss_is_one_equation_and_has_open_signs() -> None:
    branch = root(setting("quadratic"))
    assert branch.row("piece 1") == row({9: 1, 6: -2}, -2, EQUAL)
    assert branch.find("over 1 0") is None and branch.find("under 1 0") is None
    assert branch.find("sign 1") is None and branch.find("error") is None
    assert branch.with_wrong(1).known_sign(1) == 1
    known = branch.with_piece(0, 0).with_piece(1, 1).with_piece(2, 1)
    assert known.row("error") == row({9: 1, 10: 1}, -2, AT_LEAST)
    assert known.row("sign 0") == row({8: -1}, 0, AT_LEAST)


def test_without_output_bias_there_is_no_balance() -> None:
    branch = root(setting(output_bias=False))
    assert branch.find("bias") is None
    known = replace(branch, signs=(1, 0), sides=((1, 1, 1), (None,) * 3))
    assert known.row("output 1") == row({6: 1, 2: -1}, 0, EQUAL)


def test_a_unit_with_outgoing_weight_0_adds_nothing() -> None:
    branch = replace(full(), signs=(1, 0))
    assert branch.row("output 0") == row({5: 1, 0: 1, 1: 1, 2: 1}, 0, EQUAL)


def test_directions() -> None:
    """tau D(d) = sum_i tau (-m_i y_i) (x_i . d) * slope * lambda_i, slopes one-sided on the kink at sample 1."""
    branch = full()
    assert branch.direction(0, [fmpq(0), fmpq(1)]) == row({8: -1, 9: 2, 10: fmpq(-3, 2)}, 0, AT_LEAST)
    assert branch.direction(0, [fmpq(0), fmpq(-1)]) == row({8: 1, 9: -1, 10: fmpq(3, 2)}, 0, AT_LEAST)
    assert branch.direction(0, [fmpq(1), fmpq(-1)]) == row({9: -1, 10: fmpq(9, 2)}, 0, AT_LEAST)
    assert branch.direction(1, [fmpq(0), fmpq(1)]) == row({8: 1, 9: -2, 10: fmpq(3, 2)}, 0, AT_LEAST)
    flat = replace(branch, signs=(1, 0))
    assert flat.direction(1, [fmpq(0), fmpq(1)]) == row({8: -1, 9: 2, 10: fmpq(-3, 2)}, 0, AT_LEAST)


def test_an_open_side_counts_with_the_larger_term() -> None:
    branch = replace(root(setting()), signs=(1, None))
    assert branch.direction(0, [fmpq(0), fmpq(1)]) == row({8: fmpq(-1, 2), 9: 2, 10: fmpq(-3, 2)}, 0, AT_LEAST)
    with pytest.raises(Rejected, match="sign is open"):
        branch.direction(1, [fmpq(0), fmpq(1)])
    quadratic = replace(root(setting("quadratic")), signs=(1, None))
    with pytest.raises(Rejected, match="no known sign"):
        quadratic.direction(0, [fmpq(0), fmpq(1)])
    assert quadratic.with_wrong(0).direction(0, [fmpq(0), fmpq(0)]) == row({}, 0, AT_LEAST)


@pytest.mark.parametrize(
    ("signs", "sides", "excluded"),
    [
        ((1, -1), ((None,) * 3, (None,) * 3), True),
        ((-1, 1), ((None,) * 3, (None,) * 3), False),
        ((1, None), ((1, 1, 1), (-1, -1, -1)), False),
        ((1, 1), ((1, 0, 1), (1, -1, 1)), True),
        ((1, 1), ((1, 0, 1), (1, 0, 1)), False),
        ((1, 1), ((None, 1, 1), (1, -1, 1)), False),
        ((1, 1), ((1, 1, None), (1, -1, None)), True),
    ],
)
def test_order_of_units(signs: Any, sides: Any, excluded: bool) -> None:
    branch = replace(root(setting()), signs=signs, sides=sides)
    assert branch.out_of_order(0, 1) is excluded
    assert branch.out_of_order(1, 0) is False


@pytest.mark.parametrize("fixed", ["with_sign", "with_side", "with_piece", "with_wrong"])
def test_nothing_is_fixed_twice(fixed: str) -> None:
    arguments = {"with_sign": (0, 1), "with_side": (0, 0, 1), "with_piece": (0, 0), "with_wrong": (0,)}[fixed]
    once = getattr(root(setting()), fixed)(*arguments)
    with pytest.raises(Rejected, match="twice"):
        getattr(once, fixed)(*arguments)


def test_a_sample_that_no_weight_moves_has_no_side() -> None:
    net = {"activation": "relu", "width": 1, "hidden_bias": False}
    blind, _ = read_setting(checker_case(make([[0], [1]], [1, -1], net, "quadratic")))
    branch = root(blind).with_sign(0, 1)
    with pytest.raises(Rejected, match="features are 0"):
        branch.possible_sides(0, 0)
    assert branch.row("output 0") == row({0: 1, blind.margin(0): 1}, 0, EQUAL)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_relaxed_directions_are_above_all_that_they_relax(data: st.DataObject) -> None:
    """With lambda of the known signs, opening a side never makes the left hand side smaller."""
    sides = tuple(data.draw(st.sampled_from((-1, 0, 1))) for _ in range(3))
    opened = tuple(s if data.draw(st.booleans()) else None for s in sides)
    tau = data.draw(st.sampled_from((-1, 0, 1)))
    d = [fmpq(data.draw(st.integers(-2, 2))) for _ in range(2)]
    lambdas = {8 + i: fmpq(data.draw(st.integers(0, 3))) for i in range(3)}
    branch = replace(root(setting()), signs=(tau, None))
    exact = replace(branch, sides=(sides, (None,) * 3)).direction(0, d)
    relaxed = replace(branch, sides=(opened, (None,) * 3)).direction(0, d)

    def value(it: Row) -> fmpq:
        return sum((c * lambdas[k] for k, c in it.coefficients.items()), fmpq(0))

    assert value(relaxed) >= value(exact)
