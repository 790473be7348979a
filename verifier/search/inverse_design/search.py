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
from verifier.search.inverse_design.climbing import Peak, climbed, peak, sparse_weights
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
BATCH = 24  # starts of which the best few are climbed from
CLIMBS = 6
RAISES = 12
SPREADS = (0.05, 0.15, 0.3)  # relative, of the parameters around a peak
DEGENERATE = 1e-6
STEPS = 40
ENOUGH = 1e-3  # a t at which climbing ends
LOW = 1e-4  # a t below which more climbs are made from near the peak
LEAST = 5e-7  # a t that is tried
SPARSE = 3  # random costs for each point
KEEP = (0.3, 0.1, 0.6)  # of t, when few samples are asked for
PROPOSALS = 120  # of changes that may make a design shorter


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
    for top in peaks(objective, free, draw, kind == "separable", deadline):
        yield from _designs_at(objective, top, free, draw, deadline)


def peaks(
    objective: Objective, free: Floats, draw: np.random.Generator, separable: bool, deadline: float
) -> Iterator[Peak]:
    """Local maxima of the optimal value over the points, from the best few of each batch of random starts; around one
    with t > 0 a larger one is looked for.
    """
    while time.monotonic() < deadline:
        batch: list[Peak] = []
        for _ in range(BATCH):
            theta = start(objective, draw, separable) if time.monotonic() < deadline else None
            found = None if theta is None else peak(objective, theta, free)
            # A t of the size of the solver's tolerance belongs to a nearly degenerate point: nothing to start from.
            if found is not None and abs(found.weighting.value) > DEGENERATE:
                batch.append(found)
        batch.sort(key=lambda p: -p.weighting.value)
        for found in batch[:CLIMBS]:
            if time.monotonic() > deadline:
                return
            top = climbed(objective, found, free, STEPS, ENOUGH, deadline)
            if top.stationary and top.weighting.t > LEAST:
                yield _raised(objective, top, free, draw, deadline)


def _raised(objective: Objective, top: Peak, free: Floats, draw: np.random.Generator, deadline: float) -> Peak:
    """The highest of some climbs from near a peak."""
    for _ in range(RAISES):
        if top.weighting.t >= LOW or time.monotonic() > deadline:
            break
        theta = top.theta * (1 + draw.choice(SPREADS) * draw.standard_normal(len(top.theta)))
        found = peak(objective, theta, free)
        if found is None:
            continue
        there = climbed(objective, found, free, STEPS // 2, LOW, deadline)
        if there.stationary and there.weighting.t > top.weighting.t:
            top = there
    return top


def free_coordinates(objective: Objective, theta: Floats) -> Floats:
    """The positions that remain when moves that leave the loss unchanged (of exp or of homogeneous neurons) hold one
    coordinate each: in all of P coordinates no Hessian at a minimum would be definite.
    """
    try:
        _, frozen = independent_moves(Enclosure.at(objective.checked, [fmpq(round(256 * v), 256) for v in theta]))
    except (Undecided, DomainProblem):
        frozen = []
    return np.array([k for k in range(objective.size) if k not in set(frozen)])


def _designs_at(
    objective: Objective, top: Peak, free: Floats, draw: np.random.Generator, deadline: float
) -> Iterator[Design]:
    best: tuple[int, float] | None = None
    for k in range(SPARSE):
        if time.monotonic() > deadline:
            return
        weights = sparse_weights(objective, top, free, KEEP[k % len(KEEP)], draw)
        first = None if weights is None else settled(objective, weights, top.theta, free)
        found = None if first is None else shortened(objective, first, draw, deadline)
        if found is None:
            continue
        size = (int((found.weights > 0).sum()), float(found.weights.sum()))
        if best is None or size < best:
            best = size
            yield _design(objective, found, top.weighting.t)


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
