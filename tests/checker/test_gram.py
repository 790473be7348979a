"""The Hessian at a point by integers: its balls contain what the provers' model finds in balls of 300 bits."""

from __future__ import annotations

import random
from typing import Any

import pytest
from flint import arb, arb_mat, fmpq

from tests.helpers.cases import make
from tests.helpers.nets import random_case
from verifier.case.types import Case
from verifier.checker.enclosure import Enclosure
from verifier.checker.gram import point_hessian
from verifier.checker.number import Undecided, enclose, precision
from verifier.model.objective import Objective


def compared(objective: Objective, center: list[fmpq], bits: int, digits: int) -> tuple[arb_mat, arb_mat]:
    """The Hessian by integers of so many digits as balls, and the middles of the model's."""
    with precision(bits):
        found = point_hessian(Enclosure.at(objective.checked, center), digits)
    with precision(300):
        rows = objective.hessian([enclose(v) for v in center])
        unit = arb((1, -found.scale))
        errors = [[found.error * unit + x * y for y in found.sizes] for x in found.sizes]
        balls = [
            [v * unit + e.union(-e) for v, e in zip(row, own, strict=True)]
            for row, own in zip(found.rows, errors, strict=True)
        ]
        return arb_mat(balls), arb_mat([[enclose(v).mid() for v in row] for row in rows])


def test_random_nets() -> None:
    draw = random.Random(0)
    held = 0
    for _ in range(120):
        objective = Objective(random_case(draw))
        center = [fmpq(draw.randint(-30, 30), 20) for _ in range(objective.size)]
        for k in range(objective.size):
            if draw.random() < 0.2:
                center[k] *= fmpq(10) ** draw.choice((-30, -9, -3, 3))
        try:
            found, exact = compared(objective, center, draw.choice((64, 128)), draw.choice((16, 25, 30, 62, 100)))
        except Undecided:  # a kink, or a number that is too large
            continue
        held += 1
        assert found.contains(exact)
    assert held > 60


def wide(width: int, samples: int, loss: Any) -> Case:
    """Samples that all matter, weights of both signs."""
    inputs = [[fmpq(k * k % 7 - 3, 2), fmpq(k * k % 5 - 2, 3)] for k in range(samples)]
    return make(inputs, [(-1) ** k for k in range(samples)], {"activation": "tanh", "width": width}, loss)


@pytest.mark.parametrize("width", [1, 2, 5])
@pytest.mark.parametrize("loss", ["logistic", {"expr": "z**3/9 + z"}, {"expr": "tanh(z)"}])
def test_curvatures_of_both_signs(width: int, loss: Any) -> None:
    """Few digits: the error counts."""
    objective = Objective(wide(width, 20, loss))
    center = [fmpq(k * k % 11 - 5, 4) for k in range(objective.size)]
    coarse, exact = compared(objective, center, 64, 16)
    fine, _ = compared(objective, center, 128, 100)
    assert coarse.contains(exact) and fine.contains(exact)
    middles = coarse.mid()
    entries = zip(middles.entries(), exact.entries(), fine.entries(), strict=True)
    errors = [abs(middle - value) > fmpq(1, 2**20) and fmpq(1, 2**80) > ball.rad() for middle, value, ball in entries]
    assert any(errors)


def test_a_sample_without_curvature() -> None:
    """The quadratic hinge of a sample with y f > 1 is 0 nearby; the hinge has no curvature anywhere."""
    network = {"activation": "linear", "width": 1}
    for loss in ("squared_hinge", "hinge"):
        objective = Objective(make([[1], [3], [-2]], [1, 1, -1], network, loss))
        found, exact = compared(objective, [fmpq(1, 3), fmpq(1), fmpq(1, 2), fmpq(0)], 64, 40)
        assert found.contains(exact)


@pytest.mark.parametrize("digits", [16, 25, 56, 120])
@pytest.mark.parametrize("small", [fmpq(0), fmpq(1, 10**12)])
def test_the_error_is_that_of_the_digits(digits: int, small: fmpq) -> None:
    """Whatever a column of inputs with (nearly) nothing in it makes of its own digits."""
    inputs = [[small * k, fmpq(k * k % 5 - 2, 3)] for k in range(12)]
    case = make(inputs, [(-1) ** k for k in range(12)], {"activation": "softplus", "width": 3}, "quadratic")
    objective = Objective(case)
    center = [fmpq(k * k % 11 - 5, 4) for k in range(objective.size)]
    found, exact = compared(objective, center, 192, digits)
    assert found.contains(exact)
    largest = max(abs(v) for v in exact.entries())
    assert all(v.rad() < largest * fmpq(2) ** (12 - digits) for v in found.entries())


def test_a_small_column_of_the_jacobian_has_a_small_error() -> None:
    """An outgoing weight of 10^-9 makes the curvature in its unit's weights as small, and the error with it."""
    objective = Objective(wide(2, 20, "logistic"))
    center = [fmpq(k * k % 11 - 5, 4) for k in range(objective.size)]
    center[1] = fmpq(1, 10**9)
    found, exact = compared(objective, center, 128, 25)
    assert found.contains(exact)
    first = range(3, 6)  # the weights of the first unit
    with precision(128):
        state = Enclosure.at(objective.checked, center)
        sizes = point_hessian(state, 25).sizes
    assert all(sizes[k] < fmpq(1, 10**6) * sizes[k + 3] for k in first)


@pytest.mark.parametrize("hidden", [[3, 1], [1, 4], [2, 3, 2], [3, 1, 2], [2, 1, 3, 2]])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "softplus", "arctan", "exp", "quadratic", "gelu"])
@pytest.mark.parametrize("biased", [True, False])
def test_deep_nets(hidden: list[int], activation: str, biased: bool) -> None:
    """All entries, to nearly all of the digits."""
    inputs = [[fmpq(k * k % 7 - 3, 2), fmpq(k * k % 5 - 2, 3)] for k in range(9)]
    network = {"kind": "feedforward", "activation": activation, "hidden": hidden, "hidden_bias": biased}
    objective = Objective(make(inputs, [(-1) ** k for k in range(9)], network, "logistic"))
    center = [fmpq(k * k % 11 - 5, 9) for k in range(objective.size)]
    for digits in (25, 100):
        found, exact = compared(objective, center, 192, digits)
        assert found.contains(exact)
        largest = max(abs(v) for v in exact.entries())
        assert all(v.rad() < largest * fmpq(2) ** (12 + 2 * len(hidden) - digits) for v in found.entries())
        assert not found.contains(exact * (1 + fmpq(1, 2**10)))
