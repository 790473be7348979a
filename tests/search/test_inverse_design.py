"""Inverse design: what it proposes is proved from its file alone, and its programs and roundings do what they say."""

from __future__ import annotations

import math
import time
from functools import cache
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from verifier.case import loads
from verifier.case.types import FunctionSpec, Layered, Loss, Network, Parameters
from verifier.checker.number import text
from verifier.decision import decide
from verifier.model.objective import Objective
from verifier.search.inverse_design import Design, available, case_text, designs, mirrored
from verifier.search.inverse_design.anywhere import Anywhere
from verifier.search.inverse_design.continuation import Continuation, Found
from verifier.search.inverse_design.derivatives import sample_losses
from verifier.search.inverse_design.design import bare_case, case_of
from verifier.search.inverse_design.pools import MOST, pool
from verifier.search.inverse_design.program import stiffest_weights
from verifier.search.inverse_design.rounding import fewer_samples, integer_weights, settled, smaller_weights
from verifier.search.inverse_design.search import free_coordinates
from verifier.search.inverse_design.starts import start
from verifier.search.kinds import KINDS
from verifier.verdict import Verdict

SOFTPLUS, EXP = FunctionSpec("softplus"), FunctionSpec("exp")
HINGE = Loss(FunctionSpec("polynomial_hinge", Parameters({"p": fmpq(2)})), fmpq(0))
LOGISTIC = Loss(FunctionSpec("logistic"), fmpq(0))
UNIT = Network("single-layer", Layered(SOFTPLUS, (1,), True, True))
DEEP = Network("feedforward", Layered(SOFTPLUS, (2, 1), True, True))
SHORTCUT = Network("shortcut", Layered(SOFTPLUS, (1,), True, True), Layered(EXP, (1, 2), False, False))
GOOD = np.array([0.818, -0.163, 0.714, -1.613, 1.23])  # a point of UNIT where t > 0 on two lines
EVERY = np.arange(5)


def objective(network: Network, kind: str, dimension: int = 2, loss: Loss = HINGE) -> Objective:
    """All candidates, once each."""
    samples = pool(kind, dimension, 0)  # type: ignore[arg-type]
    return Objective(bare_case(network, loss, samples.inputs, samples.labels, (1,) * len(samples.labels)))


@cache
def found() -> Design:
    """One neuron on two lines, from scratch."""
    return next(designs(UNIT, HINGE, 2, "subspaces", seed=2, seconds=120))


def test_the_solver_is_part_of_the_development_tools() -> None:
    assert available()


@pytest.mark.slow
def test_one_softplus_neuron_on_two_lines_is_found_from_scratch_and_proved_from_its_file() -> None:
    case = loads(case_text(found()))
    (claim,) = case.claims
    assert (claim.kind, claim.strict, claim.bad) == ("local-minimum", True, True)
    assert claim.near == fmpq(1, 10_000)
    decision = decide(case, claim)
    assert (decision.verdict, decision.strict) == (Verdict.PROVED, True)
    assert decision.training_error == text(found().training_error)


@pytest.mark.slow
def test_a_design_has_the_wanted_data() -> None:
    design = found()
    for x, y in zip(design.inputs, design.labels, strict=True):
        assert any(x)
        assert x[1 if y == 1 else 0] == 0
    assert all(m >= 1 for m in design.multiplicities)
    assert 0 < design.training_error < 1
    assert case_of(design).data.multiplicity == design.multiplicities


def continuation(net: Objective, seed: int, kind: str = "subspaces", free: Any = EVERY) -> Continuation[Any]:
    """From random points."""
    draw = np.random.default_rng(seed)
    return Continuation(net, free, Anywhere(net, draw, kind == "separable"), draw, math.inf)


def at(net: Objective, theta: Any, stiffness: float = 1.0) -> Found | None:
    """The best weights at a point."""
    return continuation(net, 0, free=np.arange(net.size)).judged(theta, stiffness)


def test_a_seed_reproduces() -> None:
    net = objective(UNIT, "subspaces")
    first, second, other = (next(continuation(net, seed).found()) for seed in (2, 2, 3))
    assert (first.theta == second.theta).all()
    assert (first.weights == second.weights).all()
    assert not np.allclose(first.theta, other.theta)


def test_nothing_is_proposed_once_the_time_is_over() -> None:
    assert list(designs(UNIT, HINGE, 2, "subspaces", seed=2, seconds=0)) == []


def test_weight_decay_and_subspaces_of_a_line_are_refused() -> None:
    with pytest.raises(ValueError, match="weight decay"):
        next(designs(UNIT, Loss(HINGE.function, fmpq(1, 100)), 2, "subspaces", seconds=1))
    with pytest.raises(ValueError, match="at least two dimensions"):
        next(designs(UNIT, HINGE, 1, "subspaces", seconds=1))


# -- the semidefinite program ------------------------------------------------------------------------------------------


def test_no_design_exists_where_theorem_a_excludes_all() -> None:
    """One neuron on separable data: no weights make a point stationary, however much the loss bends."""
    net, draw = objective(UNIT, "separable"), np.random.default_rng(0)
    seen = 0
    while seen < 12:
        theta = start(net, draw, True)
        if theta is None:
            continue
        seen += 1
        assert at(net, theta, 1e5) is None


def test_a_point_with_a_design_has_t_positive_and_the_weights_do_what_they_should() -> None:
    net = objective(UNIT, "subspaces")
    here = at(net, GOOD)
    assert here is not None and here.t > 1e-3
    losses, arguments = sample_losses(net, GOOD)
    assert abs(here.weights.sum() - 1) < 1e-6 and (here.weights >= 0).all()
    assert np.abs(here.weights @ losses.gradient).max() < 1e-6 * (here.weights @ np.abs(losses.gradient)).max()
    assert np.linalg.eigvalsh(np.tensordot(here.weights, losses.hessian, 1))[0] > 0
    assert here.weights[arguments > 0].sum() > 0


def test_a_stiffer_loss_never_lowers_t() -> None:
    net = objective(UNIT, "subspaces")
    values = [found.t for s in (1.0, 2.0, 10.0) if (found := at(net, GOOD, s)) is not None]
    assert len(values) == 3 and values == sorted(values)


def test_t_does_not_depend_on_coordinates_or_units_of_the_samples() -> None:
    draw = np.random.default_rng(0)
    gradients = draw.normal(size=(9, 3))
    hessians = 2 * gradients[:, :, None] * gradients[:, None, :] + 0.1 * np.eye(3)
    sizes, wrong = np.full(9, 2.0), np.array([True] * 3 + [False] * 6)
    change = draw.normal(size=(3, 3))
    units = draw.uniform(0.5, 2.0, size=9)
    first = stiffest_weights(gradients, hessians, sizes, wrong, 0.01)
    moved = gradients @ change.T
    second = stiffest_weights(moved, change @ hessians @ change.T, sizes, wrong, 0.01)
    third = stiffest_weights(units[:, None] * gradients, units[:, None, None] * hessians, sizes / units**2, wrong, 0.01)
    assert first is not None and second is not None and third is not None
    assert math.isclose(first[1], second[1], rel_tol=1e-4)
    assert math.isclose(first[1], third[1], rel_tol=1e-4)
    assert np.allclose(first[0], third[0] * units, atol=1e-4)


def test_two_samples_by_hand() -> None:
    """P = 1, gradients 1 and -1, curvatures 3 and 1: half and half, t = 2; with a share of 3/4 for the second, no
    weights are stationary. Where the gradients do not span, there is nothing to whiten.
    """
    gradients, hessians = np.array([[1.0], [-1.0]]), np.array([[[3.0]], [[1.0]]])
    ones, wrong = np.ones(2), np.array([False, True])
    free = stiffest_weights(gradients, hessians, ones, wrong, 0.25)
    assert free is not None
    assert math.isclose(free[1], 2, abs_tol=1e-6) and np.allclose(free[0], 0.5, atol=1e-6) and free[2] < 1e-6
    assert stiffest_weights(gradients, hessians, ones, wrong, 0.75) is None
    assert stiffest_weights(np.zeros((2, 1)), hessians, ones, wrong, 0.25) is None


def test_steps_uphill_raise_the_value() -> None:
    net = objective(UNIT, "subspaces")
    search = continuation(net, 3)
    assert search.value(search._climbed(GOOD, 1.0), 1.0) > search.value(GOOD, 1.0)


# -- two lines, more neurons -------------------------------------------------------------------------------------------

TWO = Network("single-layer", Layered(SOFTPLUS, (2,), True, True))


def test_mirrored_points_are_stationary_for_mirrored_weights() -> None:
    """Equal weights of the slopes on both lines; neurons with different biases."""
    net = objective(TWO, "subspaces")
    assert mirrored.applies(net)
    family = mirrored.Mirrored(net, np.random.default_rng(0))
    seen = 0
    for _ in range(20):
        shape = family.start()
        theta = family.theta(shape)
        if theta is None:
            continue
        losses, arguments = sample_losses(net, theta)
        slopes = 3 * np.maximum(1 + arguments, 0) ** 2
        if not (slopes > 1e-3).all():
            continue
        seen += 1
        weights = np.tile(np.exp(shape.nu - shape.nu.max()), 2) / slopes
        assert np.abs(weights @ losses.gradient).max() < 1e-9 * (weights @ np.abs(losses.gradient)).max()
    assert seen >= 3


def test_with_a_stiff_loss_two_neurons_have_minima_and_exponential_ones_have_none() -> None:
    """docs/inverse-design.md: on two lines no bad local minimum of two exponential neurons exists."""
    for network, expected in ((TWO, True), (Network("single-layer", Layered(EXP, (2,), True, True)), False)):
        net, draw = objective(network, "subspaces"), np.random.default_rng(0)
        family = mirrored.Mirrored(net, draw)
        search = Continuation(net, free_coordinates(net, np.full(net.size, 0.25)), family, draw, math.inf)
        values = [search.value(family.start(), 1e5) for _ in range(60)]
        assert (max(values) > 1e-3) is expected


@pytest.mark.parametrize(
    ("network", "kind", "dimension"),
    [
        (UNIT, "subspaces", 2),
        (DEEP, "subspaces", 2),
        (TWO, "general", 2),
        (TWO, "subspaces", 3),
        (Network("single-layer", Layered(SOFTPLUS, (2,), False, True)), "subspaces", 2),
    ],
)
def test_what_is_not_mirrored(network: Network, kind: str, dimension: int) -> None:
    assert not mirrored.applies(objective(network, kind, dimension))


# -- derivatives -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", [UNIT, DEEP, SHORTCUT], ids=["unit", "deep", "shortcut"])
@pytest.mark.parametrize("loss", [HINGE, LOGISTIC], ids=["hinge", "logistic"])
def test_the_samples_own_derivatives_add_up_to_those_of_the_model(network: Network, loss: Loss) -> None:
    net = objective(network, "separable", loss=loss)
    theta = 0.3 * np.random.default_rng(1).standard_normal(net.size)
    losses, arguments = sample_losses(net, theta)
    here, n = net.at(theta), len(net.inputs)
    assert np.allclose(arguments, np.asarray(here.arguments, dtype=float), rtol=1e-12)
    assert np.allclose(losses.gradient.sum(axis=0) / n, np.asarray(here.gradient(), dtype=float), atol=1e-12)
    assert np.allclose(losses.hessian.sum(axis=0) / n, np.asarray(here.hessian(), dtype=float), atol=1e-12)
    some, _ = sample_losses(net, theta, np.array([3, 1]))
    assert (some.hessian == losses.hessian[[3, 1]]).all()
    each, _ = sample_losses(net, np.array([theta, 2 * theta]), np.array([3, 1]))
    assert np.allclose(each.hessian[0], losses.hessian[3], rtol=1e-12)
    assert not np.allclose(each.hessian[1], losses.hessian[1])


def test_moves_of_exponential_neurons_hold_a_coordinate_each() -> None:
    exp = Network("single-layer", Layered(EXP, (2,), True, True))
    net = objective(exp, "general", 1)
    assert len(free_coordinates(net, np.array([0.25, 0.5, -0.75, 0.5, 0.125, -0.25, 0.25]))) == net.size - 2
    assert len(free_coordinates(objective(UNIT, "subspaces"), GOOD)) == 5


# -- rounding ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_rounding_keeps_a_definite_minimum_with_a_misclassified_sample() -> None:
    net = objective(UNIT, "subspaces")
    here = at(net, GOOD)
    assert here is not None
    weights = here.weights
    first = settled(net, weights, GOOD, EVERY)
    assert first is not None
    few = fewer_samples(net, first, time.monotonic() + 2)
    assert (few.weights > 0).sum() <= (weights > 0).sum()
    whole = integer_weights(net, few, math.inf)
    assert whole is not None
    small = smaller_weights(net, whole, time.monotonic() + 2)
    assert small.weights.sum() <= whole.weights.sum()
    assert (small.weights == np.rint(small.weights)).all()
    assert (small.weights > 0).sum() <= (few.weights > 0).sum()
    losses, arguments = sample_losses(net, small.theta)
    used = small.weights > 0
    hessian = np.tensordot(small.weights[used], losses.hessian[used], 1)
    assert np.linalg.eigvalsh(hessian)[0] > 0
    assert np.abs(small.weights @ losses.gradient).max() < 1e-6 * small.weights.sum()
    assert (arguments[used] > 0).any() and (arguments[used] < 0).any()


def test_newton_goes_nowhere_from_a_saddle() -> None:
    net = objective(UNIT, "general", 1)
    assert settled(net, np.ones(len(net.inputs)), np.zeros(net.size), np.arange(net.size)) is None


# -- candidates --------------------------------------------------------------------------------------------------------


EVERYWHERE = [(kind, d) for kind in KINDS for d in (1, 2, 3, 4) if (kind, d) != ("subspaces", 1)]


@pytest.mark.parametrize(("kind", "dimension"), EVERYWHERE)
def test_candidates_are_of_their_kind(kind: str, dimension: int) -> None:
    samples = pool(kind, dimension, 0)  # type: ignore[arg-type]
    rows = {y: [x for x, label in zip(samples.inputs, samples.labels, strict=True) if label == y] for y in (1, -1)}
    assert all(0 < len(set(of)) == len(of) <= MOST for of in rows.values())
    assert all(len(x) == dimension for x in samples.inputs)
    if kind == "separable":
        assert all(y * x[0] > 0 for y, of in rows.items() for x in of)
    if kind == "subspaces":
        assert not np.any(np.array(rows[1]) @ np.array(rows[-1]).T)
