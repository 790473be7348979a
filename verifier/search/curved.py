"""Exact strict bad minima of curved nets for free data: short rational points, and an SMT solver for the samples."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
from flint import fmpq

from verifier.arithmetic.convert import nearest_float
from verifier.case.types import Case, Data
from verifier.checker.network import unflatten
from verifier.checker.number import DomainProblem, Undecided
from verifier.checker.piecewise import piecewise
from verifier.model.objective import Objective
from verifier.search.certify import Found, certify_exact
from verifier.search.inverse_design.design import bare_case
from verifier.search.inverse_design.pools import Pool, pool
from verifier.search.inverse_design.search import free_coordinates
from verifier.search.kinds import DataKind
from verifier.search.smt.weighted import Candidate, weights

WEIGHTS = [fmpq(k, 2) for k in range(-4, 5)]
OUTGOING = [fmpq(k, 4) for k in (-8, -4, -2, -1, 1, 2, 4, 8)]
OUTPUT = [fmpq(k, 4) for k in range(-6, 7)]
FAR = 40  # outputs beyond belong to no candidate
MOST_CANDIDATES = 40
POINTS = 60
SECONDS = 20.0  # of the solver, for one point


def applies(case: Case) -> bool:
    """Whether gradients and Hessians are rational at rational points: labels, piecewise polynomials, no decay."""
    objective = Objective(case)
    functions = [part.activation for part in objective.checked.parts]
    rational = all(piecewise(f) is not None for f in functions) and piecewise(objective.checked.loss(0)) is not None
    return rational and objective.checked.labels is not None and case.loss.weight_decay == 0


def curved(case: Case, kind: DataKind, dimension: int, most: int, seed: int, deadline: float) -> Iterator[Found]:
    """Certified strict bad local minima with at most so many samples, at POINTS short random points.
    """
    draw = np.random.default_rng([seed, 4])
    samples = _few(pool(kind, dimension, seed), draw)
    bare = bare_case(case.network, case.loss, samples.inputs, samples.labels, (1,) * len(samples.labels))
    objective = Objective(bare)
    for _ in range(POINTS):
        if time.monotonic() > deadline:
            return
        theta = _point(objective, draw)
        known = _candidates(bare, theta, free_coordinates(objective, np.array([nearest_float(v) for v in theta])))
        if not any(c.wrong for c in known.values()):
            continue
        places = list(known)
        left = min(SECONDS, deadline - time.monotonic())
        *_, fewest = [(), *weights([known[i] for i in places], most, left)]
        chosen = [(i, m) for i, m in zip(places, fewest, strict=False) if m]
        if not chosen:
            continue
        data = Data(
            tuple(bare.data.inputs[i] for i, _ in chosen),
            tuple(samples.labels[i] for i, _ in chosen),
            None,
            tuple(m for _, m in chosen),
        )
        how = f"an SMT solver, data of the kind {kind}"
        found = certify_exact(_with(case, data), unflatten(objective.checked, theta), how, ("strict",))
        if found is not None:
            yield found


def _with(case: Case, data: Data) -> Case:
    return Case(data, case.network, case.loss, title=case.title, path="-")


def _few(samples: Pool, draw: np.random.Generator) -> Pool:
    if len(samples.labels) <= MOST_CANDIDATES:
        return samples
    kept = sorted(draw.choice(len(samples.labels), MOST_CANDIDATES, replace=False))
    return Pool(tuple(samples.inputs[i] for i in kept), tuple(samples.labels[i] for i in kept))


def _point(objective: Objective, draw: np.random.Generator) -> list[fmpq]:
    """Halves as incoming weights, not all 0 of a unit; quarters as outgoing ones."""
    theta = [WEIGHTS[draw.integers(len(WEIGHTS))] for _ in range(objective.size)]
    for part in objective.parts:
        for block in (block for blocks in part.layout.blocks for block in blocks):
            while not any(theta[k] for k in block.weights):
                for k in block.weights:
                    theta[k] = WEIGHTS[draw.integers(len(WEIGHTS))]
        for k in part.layout.a:
            theta[k] = OUTGOING[draw.integers(len(OUTGOING))]
        if part.layout.a0 is not None:
            theta[part.layout.a0] = OUTPUT[draw.integers(len(OUTPUT))]
    return theta


def _candidates(case: Case, theta: list[fmpq], free: Any) -> dict[int, Candidate]:
    """The samples at which the loss is smooth and has a slope, by their place."""
    found: dict[int, Candidate] = {}
    for i, (x, y) in enumerate(zip(case.data.inputs, case.data.labels or (), strict=True)):
        with suppress(Undecided, DomainProblem):
            here = Objective(_with(case, Data((x,), (y,), None, (1,)))).at(theta)
            (z,) = here.arguments
            gradient, hessian = here.gradient(), here.hessian()
            if abs(z) <= FAR and any(gradient[k] != 0 for k in free):
                rows = tuple(tuple(hessian[r, c] for c in free) for r in free)
                found[i] = Candidate(tuple(gradient[k] for k in free), rows, bool(z > 0))
    return found
