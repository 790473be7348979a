"""The Hessian and the gradient against the expansion of the loss along lines, which is computed in another way."""

from __future__ import annotations

import random
from typing import Any

import pytest
from flint import arb_mat, fmpq, fmpq_mat

from tests.checker.rules.certify import analysis
from tests.helpers.cases import make
from verifier.checker import number
from verifier.checker.curvature import hessian
from verifier.checker.network import flatten
from verifier.checker.series import curve_vector, loss_along

DEEP: dict[str, Any] = {"kind": "feedforward", "hidden": [2, 2]}
POINT: dict[str, Any] = {
    "a0": "1/3",
    "a": [1, -2],
    "W": [[[1, "1/2"], [-1, 1]], [["1/2", 1], [1, -1]]],
    "b": [["1/7", 1], [0, "1/5"]],
}
INPUTS = [[1, 2], [-1, "1/3"], ["1/2", 1]]


def expansion(activation: Any, loss: Any) -> Any:
    return analysis(make(INPUTS, [1, -1, 1], {**DEEP, "activation": activation}, loss, POINT, multiplicity=[1, 2, 3]))


@pytest.mark.parametrize("activation", ["quadratic", "relu", "hard_tanh", {"expr": "z**3 - z"}])
@pytest.mark.parametrize("loss", ["quadratic", "squared_hinge", {"name": "quadratic", "weight_decay": "1/3"}])
def test_rational_hessians(activation: Any, loss: Any) -> None:
    at, draw = expansion(activation, loss), random.Random(0)
    h = hessian(at, 64)
    assert isinstance(h, fmpq_mat)
    assert h == h.transpose()
    for _ in range(5):
        v = [fmpq(draw.randint(-3, 3)) for _ in flatten(at.theta)]
        _, slope, bend = loss_along(at, curve_vector(at, [v], 2)).coefficients
        assert sum(g * x for g, x in zip(at.gradient, v, strict=True)) == slope
        row = fmpq_mat(1, len(v), v)
        assert (row * h * row.transpose())[0, 0] == 2 * bend


@pytest.mark.parametrize("activation", ["softplus", "exp"])
def test_balls(activation: str) -> None:
    at, draw = expansion(activation, "logistic"), random.Random(0)
    h = hessian(at, 256)
    assert isinstance(h, arb_mat)
    v = [fmpq(draw.randint(-3, 3)) for _ in flatten(at.theta)]
    bend = loss_along(at, curve_vector(at, [v], 2)).coefficients[2]
    with number.precision(256):
        row = arb_mat(fmpq_mat(1, len(v), v))
        assert (row * h * row.transpose())[0, 0].overlaps(2 * number.enclose(bend))
