"""The pattern of a point: kinks, inactive units, samples asleep, layers not seen."""

from __future__ import annotations

import math

import pytest
from flint import arb, fmpq

from tests.model.builders import deep, make_case, named, single, written
from verifier.checker import number
from verifier.checker.number import Undecided
from verifier.model.objective import Objective
from verifier.model.pattern import LossKink, Pattern, UnitKink
from verifier.model.scalars import objects

HINGE = named("polynomial_hinge", p=fmpq(2))


def pattern(objective: Objective, *theta: object) -> Pattern:
    return objective.at([fmpq(x) if isinstance(x, int) else x for x in theta]).pattern  # type: ignore[misc]


def relu(labels: tuple[int, ...] = (1, 1, 1), loss: object = HINGE) -> Objective:
    return Objective(make_case([[-1], [0], [1]], labels, single(named("relu"), 1), loss))  # type: ignore[arg-type]


def test_a_unit_on_the_three_parts_of_relu() -> None:
    found = pattern(relu(), 0, 2, 1, 0)
    inactive, kink, active = (found.place(0, 0, 0, i) for i in range(3))
    assert inactive.constant and inactive.affine == (0, 0) and not inactive.kink
    assert kink.kink and kink.smoothness == 0 and kink.affine is None and not kink.constant
    assert active.affine == (1, 0) and not active.constant
    assert found.asleep == (False, False, True)  # z = 0, 0, -2
    assert found.kinks() == (UnitKink(0, 0, 0, 1),)
    assert found.kinks(0) == ()
    assert found.smoothness() == 0


def test_no_kinks() -> None:
    found = pattern(relu(), 0, 1, 1, fmpq(1, 2))
    assert found.kinks() == () and found.smoothness() == math.inf


def test_loss_on_its_breakpoint() -> None:
    found = pattern(relu(), 1, 0, 1, 5)  # f = 1, z = -1 for label 1
    assert found.kinks() == tuple(LossKink(i) for i in range(3))
    assert found.kinks(2) == () and found.kinks(3) == found.kinks()
    assert found.smoothness() == 2
    assert found.asleep == (False, False, False)


def test_samples_asleep_hide_kinks() -> None:
    found = pattern(relu((-1, 1, -1)), 2, 1, 1, 0)  # z = 2, -2, 3
    assert found.asleep == (False, True, False)
    assert found.place(0, 0, 0, 1).kink
    assert found.kinks() == ()
    assert not found.sees(0, 0, 1) and found.sees(0, 0, 0)


@pytest.mark.parametrize("loss", [named("logistic"), named("quadratic"), named("exponential")])
def test_losses_that_never_sleep(loss: object) -> None:
    assert pattern(relu((-1, 1, -1), loss), 50, 1, 1, 0).asleep == (False, False, False)


def test_quadratic_loss_at_its_minimum_is_not_asleep() -> None:
    assert pattern(relu((1, 1, 1), named("quadratic")), 1, 0, 0, -1).asleep == (False, False, False)


def test_layers_below_a_dead_layer_are_unseen() -> None:
    objective = Objective(make_case([[0]], [-1], deep(named("relu"), (1, 1, 1)), HINGE))
    # u_1 = 0 (kink), u_2 = -1 (dead), u_3 = 1
    found = pattern(objective, 0, 1, 1, 0, 1, -1, 1, 1)
    assert found.unseen == ((1,),)
    assert not found.sees(0, 0, 0) and found.sees(0, 1, 0) and found.sees(0, 2, 0)
    assert found.kinks() == ()
    alive = pattern(objective, 0, 1, 1, 0, 1, 1, 1, 1)
    assert alive.unseen == ((0,),)
    assert alive.kinks() == (UnitKink(0, 0, 0, 0),)


def test_a_half_dead_layer_is_seen_through() -> None:
    objective = Objective(make_case([[0]], [-1], deep(named("relu"), (1, 2)), HINGE))
    found = pattern(objective, 0, 1, 1, 1, 0, 1, -1, 1, 1)
    assert found.unseen == ((0,),)
    assert found.kinks() == (UnitKink(0, 0, 0, 0),)


def test_zero_outgoing_weight_does_not_hide_a_kink() -> None:
    assert pattern(relu(), 0, 0, 1, 0).kinks() == (UnitKink(0, 0, 0, 1),)


def test_polynomial_and_smooth_places() -> None:
    inputs = [[1]]
    square = Objective(make_case(inputs, [1], single(named("quadratic"), 1), HINGE))
    assert pattern(square, 0, 1, 1, 0).place(0, 0, 0, 0).polynomial == (0, 0, 1)
    smooth = Objective(make_case(inputs, [1], single(named("sigmoid"), 1), HINGE))
    place = pattern(smooth, 0, 1, 1, 0).place(0, 0, 0, 0)
    assert place.polynomial is None and place.smoothness == math.inf and not place.kink


def test_irrational_kink() -> None:
    objective = Objective(make_case([[1]], [-1], single(written("max(z, sqrt(2))"), 1), HINGE))
    root = number.sqrt(fmpq(2))
    assert pattern(objective, 0, 1, root, 0).kinks() == (UnitKink(0, 0, 0, 0),)
    assert pattern(objective, 0, 1, root + fmpq(1, 10**30), 0).kinks() == ()


def test_undecidable_side_is_said() -> None:
    objective = Objective(make_case([[1]], [1], single(named("relu"), 1), HINGE))
    hidden_zero = number.exp(number.sqrt(fmpq(2))) - number.exp(number.sqrt(3 + 2 * number.sqrt(fmpq(2))) - 1)
    with pytest.raises(Undecided):
        pattern(objective, 0, 1, hidden_zero, 0)


def test_balls() -> None:
    objective = relu()
    thin = objects([arb(0), arb(2), arb(1), arb(0.25, 1e-9)], (4,))
    assert objective.at(thin).pattern.kinks() == ()
    wide = objects([arb(0), arb(2), arb(1), arb(0, 1e-9)], (4,))
    assert objective.at(wide).pattern.kinks() == (UnitKink(0, 0, 0, 1),)
