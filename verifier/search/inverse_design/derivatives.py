"""Gradients and Hessians of every sample's own loss, in float64: what the weights of the samples are chosen by.

`verifier/model/objective.py` sums over the samples at once; here they stay apart. Forward mode, a value with its
gradient and Hessian in all P parameters: for nets small enough that P x P numbers for each sample are few.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.checker.network import PartLayout
from verifier.model.function import Function
from verifier.model.layers import Part
from verifier.model.objective import Objective
from verifier.model.scalars import Kind

Floats = Any


@dataclass(frozen=True)
class Jets:
    """A quantity for each of n samples: value (n), gradient (n x P), Hessian (n x P x P)."""

    value: Floats
    gradient: Floats
    hessian: Floats

    def through(self, function: Function) -> Jets:
        """The composition with a function of one variable."""
        value, first, second = (np.asarray(v, dtype=float) for v in function.values(self.value, 2))
        outer = self.gradient[:, :, None] * self.gradient[:, None, :]
        return Jets(
            value,
            first[:, None] * self.gradient,
            first[:, None, None] * self.hessian + second[:, None, None] * outer,
        )


def sample_losses(objective: Objective, theta: Floats, rows: Floats | slice = slice(None)) -> tuple[Jets, Floats]:
    """The loss of each of the samples `rows` (its multiplicity and N left out) as jets, and the arguments -y f.

    `theta` is one point, or one for each of the rows (rows x P). Weight decay, the same for all samples, is not in it.
    Labels only.
    """
    theta = np.asarray(theta, dtype=float)
    constants = objective.constants(Kind.FLOAT)
    with np.errstate(all="ignore"):
        argument = _arguments(objective, theta, constants["inputs"][rows], -constants["orientation"][rows])
        return argument.through(objective.losses[0]), argument.value


def _arguments(objective: Objective, theta: Floats, inputs: Floats, y: Floats) -> Jets:
    outputs = [_output(part, theta, inputs) for part in objective.parts]
    return Jets(
        -y * sum(f.value for f in outputs),
        -y[:, None] * sum(f.gradient for f in outputs),
        -y[:, None, None] * sum(f.hessian for f in outputs),
    )


def _output(part: Part, theta: Floats, inputs: Floats) -> Jets:
    """The part's output f."""
    n, size = len(inputs), theta.shape[-1]
    layout: PartLayout = part.layout
    below = [Jets(inputs[:, k], np.zeros((n, size)), np.zeros((n, size, size))) for k in range(inputs.shape[1])]
    for blocks in layout.blocks:
        below = [_affine(theta, list(b.weights), b.bias, below).through(part.activation) for b in blocks]
    return _affine(theta, list(layout.a), layout.a0, below)


def _affine(theta: Floats, weights: list[int], bias: int | None, below: list[Jets]) -> Jets:
    """theta[bias] + sum_k theta[weights[k]] below[k], the weights being parameters themselves."""
    n, size = below[0].gradient.shape
    value, gradient, hessian = np.zeros(n), np.zeros((n, size)), np.zeros((n, size, size))
    for position, h in zip(weights, below, strict=True):
        weight = theta[..., position]
        value += weight * h.value
        gradient += weight[..., None] * h.gradient
        gradient[:, position] += h.value
        hessian += weight[..., None, None] * h.hessian
        hessian[:, position, :] += h.gradient
        hessian[:, :, position] += h.gradient
    if bias is not None:
        value += theta[..., bias]
        gradient[:, bias] += 1.0
    return Jets(value, gradient, hessian)
