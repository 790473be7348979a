"""Rule strict: what it proposes on the smallest cases, and why not elsewhere."""

from __future__ import annotations

import pytest
from flint import fmpq

from tests.helpers.cases import dead, make, problem
from verifier.case.types import Case
from verifier.rules import strict
from verifier.rules.problem import Declined
from verifier.rules.strict import translations, witness

LINEAR = {"activation": "linear", "width": 1, "hidden_bias": False}


def decayed(decay: fmpq) -> Case:
    """a = w = 0 with the best constant: a strict minimum above the decay 8/3, a saddle below, of order four at it."""
    point = {"a0": fmpq(2) / (6 + 3 * decay), "a": [0], "W": [[0]]}
    loss = {"name": "squared_hinge", "weight_decay": decay}
    return make([[1], [-2]], [1, -1], LINEAR, loss, point, multiplicity=[2, 1])


def test_a_definite_hessian_needs_no_moves() -> None:
    node = strict.propose(problem(decayed(fmpq(3))))
    assert (node["rule"], node["modulo"]) == ("strict", [])


def test_dead_units_are_taken_modulo_their_moves() -> None:
    node = strict.propose(problem(dead()))
    kinds = [move["move"] for move in node["modulo"]]
    assert kinds.count("row") == 4 and kinds.count("outgoing") == 2


def test_an_eigenvalue_of_minus_ten_to_the_minus_thirty_is_seen() -> None:
    tiny = fmpq(1, 10**30)
    assert strict.propose(problem(decayed(fmpq(8, 3) + tiny)))["rule"] == "strict"
    with pytest.raises(Declined) as caught:
        strict.propose(problem(decayed(fmpq(8, 3) - tiny)))
    assert caught.value.code == "hessian-not-definite"


def test_a_singular_hessian_is_not_definite() -> None:
    with pytest.raises(Declined) as caught:
        strict.propose(problem(decayed(fmpq(8, 3))))
    assert caught.value.code == "hessian-not-definite"


def test_a_gradient_of_ten_to_the_minus_forty_is_not_zero() -> None:
    point = {"a0": "1/3 + 1e-40", "a": [1, -1], "W": [[-1], [-2]], "b": [0, 1]}
    with pytest.raises(Declined) as caught:
        strict.propose(problem(dead(point=point)))
    assert caught.value.code == "gradient-not-zero"


@pytest.mark.parametrize(
    ("loss", "a0", "b"),
    [
        ("hinge", 1, [0, 1]),  # two samples on the kink of the loss
        ("squared_hinge", 1, [0, 1]),  # only C^1 at z = -1
        ("squared_hinge", "1/3", [1, 1]),  # a unit on its kink at the first sample
    ],
)
def test_a_kink_is_declined(loss: str, a0: object, b: list[int]) -> None:
    with pytest.raises(Declined) as caught:
        strict.propose(problem(dead(loss, point={"a0": a0, "a": [1, -1], "W": [[-1], [-2]], "b": b})))
    assert caught.value.code == "kink"


def test_translations_leave_out_scalings() -> None:
    case = make([[1], [2]], [1, -1], {"activation": "linear", "width": 1}, "quadratic", SCALED)
    assert [move.document["move"] for move in translations(problem(case))] == []
    assert {move.document["move"] for move in translations(problem(dead()))} == {"row", "outgoing"}


SCALED = {"a0": 0, "a": [1], "W": [[1]], "b": [0]}


def test_witness_adds_the_vectors() -> None:
    """diag(1, 0) is not definite; with the vector e_2 it is."""
    zero, one = fmpq(0), fmpq(1)
    matrix = [[one, zero], [zero, zero]]
    with pytest.raises(Declined):
        witness([list(row) for row in matrix], [])
    assert witness([list(row) for row in matrix], [(zero, one)])
    assert matrix == [[one, zero], [zero, zero]]
