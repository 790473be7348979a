"""Values and gradients of many points at once against one at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.helpers.cases import make
from verifier.model.objective import Objective
from verifier.search.batch import Batch

INPUTS = [[0, 1], [1, 0], [2, -1]]
DEEP = {"kind": "feedforward", "activation": "tanh", "hidden": [2, 3], "output_bias": False}
SHORTCUT = {"kind": "shortcut", "activation": "softplus", "width": 2, "deep": {"activation": "elu", "hidden": [2, 2]}}
EXPONENTIAL = {"activation": "sigmoid", "width": 2, "exponential": {"decay": "1/10"}}
BARE = {"activation": "relu", "width": 3, "hidden_bias": False}


@pytest.mark.parametrize("network", [DEEP, SHORTCUT, EXPONENTIAL, BARE])
@pytest.mark.parametrize("loss", ["logistic", {"name": "quadratic", "weight_decay": "1/7"}, {"expr": "(1 + z)**2"}])
def test_as_one_at_a_time(network: dict[str, Any], loss: Any) -> None:
    objective = Objective(make(INPUTS, [1, -1, 1], network, loss, multiplicity=[1, 2, 5]))
    thetas = np.random.default_rng(0).standard_normal((4, objective.size))
    batch = Batch(objective)
    values, gradients = batch.evaluate(thetas)
    for theta, value, gradient in zip(thetas, values, gradients, strict=True):
        assert value == pytest.approx(float(objective.value(theta)), rel=1e-12)
        assert gradient == pytest.approx(np.asarray(objective.gradient(theta), dtype=float), rel=1e-10, abs=1e-12)
    outputs = np.array([objective.outputs(theta) for theta in thetas], dtype=float)
    assert batch.outputs(thetas, batch.inputs) == pytest.approx(outputs, rel=1e-12)


@pytest.mark.parametrize("loss", ["quadratic", {"expr": "(f - t)**4"}])
def test_targets(loss: Any) -> None:
    case = make(INPUTS, ["1/3", 2, 0], {"activation": "tanh", "width": 2}, loss, targets=True)
    objective = Objective(case)
    thetas = np.random.default_rng(1).standard_normal((3, objective.size))
    values, gradients = Batch(objective).evaluate(thetas)
    for theta, value, gradient in zip(thetas, values, gradients, strict=True):
        assert value == pytest.approx(float(objective.value(theta)), rel=1e-12)
        assert gradient == pytest.approx(np.asarray(objective.gradient(theta), dtype=float), rel=1e-10, abs=1e-12)


def test_what_overflows_is_not_finite_and_no_warning() -> None:
    objective = Objective(make(INPUTS, [1, -1, 1], {"activation": "exp", "width": 1}, "exponential"))
    values, _ = Batch(objective).evaluate(np.full((1, objective.size), 1e4))
    assert not np.isfinite(values).any()
