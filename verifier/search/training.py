"""Candidates for bad local minima by training from many starts. What is found here is numerical: rules judge it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from verifier.model.objective import Objective
from verifier.model.scalars import Array, Floats
from verifier.search.batch import Batch
from verifier.search.quasi_newton import descend

BATCH = 32  # starts that descend together
SPREADS = (0.5, 1.0, 2.0, 4.0)  # standard deviations of the parameters at a start
BOUND = 1e3  # parameters beyond are on their way to infinity
MAX_SIZE = 300  # parameters
STATIONARY = 1e-6  # a gradient below this times 1 + |theta| is worth Newton's method
POLISHED = 1e-9
DOWNWARD = 1e-6  # a Hessian's eigenvalue below minus this times the largest is a way down
FLAT = 1e-9  # an eigenvalue below this times the largest: Newton's method does not move along it
NEWTON = 12
WRONG = 1e-9  # an output y f below minus this is clearly wrong
PROBES = 6  # more inputs at which functions are compared
SAME = 1e-5  # isolated minima whose outputs agree to this are the same
ALIKE = 1e-3  # others count as the same where the slopes of the loss agree to this
TRIES = 3  # candidates that count as the same, until one is certified
LEVEL = 6  # decimals of losses that count as the same
LEVEL_TRIES = 9  # candidates with the same loss, until one is certified


@dataclass
class Cluster:
    """Candidates that count as the same, by `features`; whoever certifies one says so."""

    features: Floats
    level: Level
    tries: int = 0
    certified: bool = False

    def certify(self) -> None:
        """A candidate of this cluster is a minimum."""
        self.certified = self.level.certified = True

    @property
    def done(self) -> bool:
        """Whether another candidate is of no use."""
        failing = not self.level.certified and self.level.tries >= LEVEL_TRIES
        return self.certified or self.tries >= TRIES or failing


@dataclass
class Level:
    """Candidates of the same loss."""

    tries: int = 0
    certified: bool = False


@dataclass(frozen=True)
class Candidate:
    """Where a descent ended. `kinked`: the gradient is not small, so at best the point is near a minimum on kinks."""

    theta: tuple[float, ...]
    loss: float
    kinked: bool
    flat: bool  # the Hessian is nearly singular
    cluster: Cluster


@dataclass
class Tally:
    """What became of the starts."""

    starts: int = 0
    escaped: int = 0
    saddles: int = 0
    unfinished: int = 0
    good: int = 0
    repeated: int = 0
    candidates: int = 0

    def words(self) -> str:
        """For the report of a search."""
        counts = {
            "went to infinity": self.escaped,
            "ended at saddles": self.saddles,
            "were not finished": self.unfinished,
            "ended at training error 0": self.good,
            "ended where one had ended before": self.repeated,
            "gave candidates": self.candidates,
        }
        shown = ", ".join(f"{count} {words}" for words, count in counts.items() if count)
        return f"{self.starts} starts of training" + (f" ({shown})" if shown else "")


class Training:
    """Descents from random starts, in batches; the same seed gives the same candidates in the same order."""

    def __init__(self, objective: Objective, seed: int = 0, deadline: float = math.inf) -> None:
        self.objective = objective
        self.batch = Batch(objective)
        self.tally = Tally()
        self._clusters: list[Cluster] = []
        self._levels: dict[float, Level] = {}
        self._seed = seed
        self._deadline = deadline
        draw = np.random.default_rng([seed, 1])
        inputs = self.batch.inputs
        spread = 1 + np.abs(inputs).max()
        self._probes = inputs.mean(axis=0) + spread * draw.standard_normal((PROBES, inputs.shape[1]))

    def candidates(self, starts: int) -> Iterator[Candidate]:
        """Distinct candidates with a misclassified sample (with targets: all), as they are found."""
        if self.objective.size > MAX_SIZE:
            return
        for number in range(-(-starts // BATCH)):
            if time.monotonic() > self._deadline:
                return
            draw = np.random.default_rng([self._seed, 2, number])
            size = min(BATCH, starts - number * BATCH)
            spreads = np.array([SPREADS[k % len(SPREADS)] for k in range(size)])
            yield from self._descended(spreads[:, None] * draw.standard_normal((size, self.objective.size)))

    def near(self, theta: Floats, starts: int, spread: float) -> Iterator[Candidate]:
        """Candidates from around a point, the point itself first."""
        draw = np.random.default_rng([self._seed, 3])
        noise = spread * draw.standard_normal((starts, self.objective.size))
        noise[0] = 0
        yield from self._descended(theta + noise)

    def _descended(self, starts: Floats) -> Iterator[Candidate]:
        ends = descend(self.batch.evaluate, starts, BOUND, self._deadline)
        self.tally.starts += len(starts)
        for theta, value, slope in zip(ends.points, ends.values, ends.slopes, strict=True):
            found = self._judged(theta, float(value), float(slope))
            if found is not None:
                self.tally.candidates += 1
                yield found

    def _judged(self, theta: Floats, value: float, slope: float) -> Candidate | None:
        scale = 1 + float(np.abs(theta).max())
        if not np.isfinite(value) or scale > BOUND:
            self.tally.escaped += 1
            return None
        if not self._is_wrong(theta):
            self.tally.good += 1
            return None
        kinked = not slope < STATIONARY * scale
        flat = True
        if not kinked:
            polished = _polished(self.objective, theta)
            if polished is None:
                self.tally.saddles += 1
                return None
            theta, slope, flat = polished
            if not slope < POLISHED * scale or not np.abs(theta).max() < BOUND:
                self.tally.unfinished += 1
                return None
            if not self._is_wrong(theta):
                self.tally.good += 1
                return None
        elif not self._has_kinks:
            self.tally.unfinished += 1
            return None
        value = float(self.objective.value(theta))
        cluster = self._cluster(theta, value, flat)
        if cluster.done:
            self.tally.repeated += 1
            return None
        cluster.tries += 1
        cluster.level.tries += 1
        return Candidate(tuple(map(float, theta)), value, kinked, flat, cluster)

    def know(self, theta: Floats, flat: bool) -> bool:
        """Note a minimum that was found otherwise; whether it was not known before."""
        cluster = self._cluster(theta, float(self.objective.value(theta)), flat)
        new = not cluster.certified
        cluster.certify()
        return new

    def _is_wrong(self, theta: Floats) -> bool:
        if self.objective.checked.targets is not None:
            return True
        with np.errstate(all="ignore"):
            arguments = np.asarray(self.objective.at(theta).arguments, dtype=np.float64)
        return bool((arguments > WRONG).any())

    @property
    def _has_kinks(self) -> bool:
        functions = [*(part.activation for part in self.objective.parts), *self.objective.losses]
        return any(f.breakpoints is None or len(f.breakpoints) > 0 for f in functions)

    def _cluster(self, theta: Floats, value: float, flat: bool) -> Cluster:
        """Permutations and changes of sign of units leave the function as it is, so functions are compared: at the
        samples and at other inputs. Where the minimum is not isolated, the slopes of the loss at the samples stand for
        the whole valley.
        """
        if flat:
            features, within = self.batch.slopes(theta[None])[0], ALIKE
        else:
            everywhere = np.concatenate([self.batch.inputs, self._probes])
            features, within = self.batch.outputs(theta[None], everywhere)[0], SAME
        size = within * (1 + np.abs(features).max())
        for cluster in self._clusters:
            if len(cluster.features) == len(features) and np.abs(cluster.features - features).max() <= size:
                return cluster
        self._clusters.append(Cluster(features, self._levels.setdefault(round(value, LEVEL), Level())))
        return self._clusters[-1]


def _polished(objective: Objective, theta: Floats) -> tuple[Floats, float, bool] | None:
    """Newton's method: the point, the largest entry of its gradient, whether the Hessian is nearly singular; or None
    at a saddle.
    """
    best: tuple[Floats, float, bool] | None = None
    with np.errstate(all="ignore"):
        for _ in range(NEWTON):
            here = objective.at(theta)
            gradient: Array = np.asarray(here.gradient(), dtype=np.float64)
            hessian: Array = np.asarray(here.hessian(), dtype=np.float64)
            if not np.isfinite(gradient).all() or not np.isfinite(hessian).all():
                break
            slope = float(np.abs(gradient).max())
            if best is not None and not slope < best[1]:
                break
            eigenvalues, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
            largest = float(np.abs(eigenvalues).max())
            if eigenvalues[0] < -DOWNWARD * largest:
                return None
            best = (theta, slope, bool(eigenvalues[0] <= FLAT * largest))
            if slope == 0 or largest == 0:
                break
            useful = eigenvalues > FLAT * largest
            along = vectors.T @ gradient
            theta = theta - vectors[:, useful] @ (along[useful] / eigenvalues[useful])
    return best
