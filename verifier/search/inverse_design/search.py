"""Inverse design: the point is sampled, the data are computed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from flint import fmpq

from verifier.case.types import Loss, Network
from verifier.checker.enclosure import Enclosure
from verifier.checker.number import DomainProblem, Undecided
from verifier.model.objective import Objective
from verifier.rules.existence import independent_moves
from verifier.search.inverse_design import mirrored
from verifier.search.inverse_design.anywhere import Anywhere
from verifier.search.inverse_design.continuation import Continuation, Family
from verifier.search.inverse_design.derivatives import sample_losses
from verifier.search.inverse_design.design import Design, bare_case
from verifier.search.inverse_design.pools import pool
from verifier.search.inverse_design.rounding import (
    Settled,
    fewer_samples,
    integer_weights,
    settled,
    shorter_weights,
    smaller_weights,
)
from verifier.search.inverse_design.starts import start
from verifier.search.kinds import DataKind

Floats = Any
ATTEMPTS = 1000  # at a point with finite outputs
PROPOSALS = 300  # of changes that may make a design shorter


def designs(
    network: Network,
    loss: Loss,
    dimension: int,
    kind: DataKind,
    *,
    seed: int = 0,
    seconds: float = 60.0,
) -> Iterator[Design]:
    """Designs as they are found: float candidates for strict bad minima of exactly this net and loss; only `verify`
    proves them. The same seed gives the same designs in the same order, as far as time allows.

    Ends after `seconds`. Raises ImportError without the optional extra `design`, ValueError for data of a kind that
    does not exist in this dimension, or for weight decay.
    """
    if loss.weight_decay != 0:
        raise ValueError("the weights of the samples are designed without weight decay")
    deadline = time.monotonic() + seconds
    candidates = pool(kind, dimension, seed)
    objective = Objective(bare_case(network, loss, candidates.inputs, candidates.labels, (1,) * len(candidates.labels)))
    draw = np.random.default_rng(seed)
    starts = (start(objective, draw, kind == "separable") for _ in range(ATTEMPTS))
    first = next((theta for theta in starts if theta is not None), None)
    if first is None:
        return
    free = free_coordinates(objective, first)
    family: Family[Any] = Anywhere(objective, draw, kind == "separable")
    if kind == "subspaces" and mirrored.applies(objective):
        family = mirrored.Mirrored(objective, draw)
    for found in Continuation(objective, free, family, draw, deadline).found():
        settles = settled(objective, found.weights, found.theta, free)
        whole = None if settles is None else shortened(objective, settles, draw, deadline)
        if whole is not None:
            yield _design(objective, whole, found.t)


def free_coordinates(objective: Objective, theta: Floats) -> Floats:
    """The positions that remain when moves that leave the loss unchanged (of exp or of homogeneous neurons) hold one
    coordinate each: in all of P coordinates no Hessian at a minimum would be definite.
    """
    try:
        _, frozen = independent_moves(Enclosure.at(objective.checked, [fmpq(round(256 * v), 256) for v in theta]))
    except (Undecided, DomainProblem):
        frozen = []
    return np.array([k for k in range(objective.size) if k not in set(frozen)])


def shortened(objective: Objective, first: Settled, draw: np.random.Generator, deadline: float) -> Settled | None:
    """Few samples, small integer multiplicities; None where no rounding of the weights keeps the minimum."""

    few = fewer_samples(objective, first, deadline)
    few = shorter_weights(objective, few, PROPOSALS, deadline, draw)
    whole = integer_weights(objective, few, deadline)
    return None if whole is None else smaller_weights(objective, whole, deadline)


def _design(objective: Objective, found: Settled, t: float) -> Design:
    used = [int(k) for k in np.flatnonzero(found.weights > 0)]
    data = objective.case.data
    labels = data.labels or ()
    _, arguments = sample_losses(objective, found.theta)
    counts = [round(float(found.weights[k])) for k in used]
    return Design(
        objective.case.network,
        objective.case.loss,
        tuple(tuple(int(v.p) for v in data.inputs[k]) for k in used),  # type: ignore[union-attr]
        tuple(labels[k] for k in used),
        tuple(counts),
        tuple(float(v) for v in found.theta),
        t,
        sum(c for k, c in zip(used, counts, strict=True) if arguments[k] >= 0),
        len(found.free) == objective.size,
    )
