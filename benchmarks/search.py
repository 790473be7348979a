"""Searches: certified counterexamples per minute of one core, and the share of the time that certification takes.

The naive loop takes the same starts one after the other through SciPy's BFGS, then certifies what has a small gradient
and a misclassified sample. `python -m benchmarks.search` prints the table.
"""

from __future__ import annotations

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # as in the program's workers; must precede the import of NumPy

import time  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402

from verifier.case import Case, loads  # noqa: E402
from verifier.model.objective import Objective  # noqa: E402
from verifier.search.certify import Found, certify  # noqa: E402
from verifier.search.training import BATCH, SPREADS, Training  # noqa: E402

from .timing import show  # noqa: E402

STARTS = 96
SEEDS = (0, 1)
XOR = "inputs = [[0, 0], [0, 1], [1, 0], [1, 1]]\nlabels = [-1, 1, 1, -1]"
LINE = "inputs = [[-3], [-1], [1], [3], [5]]\nlabels = [1, -1, 1, -1, 1]"
OUTLIER = (
    "inputs = [[-1, -3], [1, -1], [2, -1], [0, 1], [2, 3]]\nlabels = [-1, -1, 1, 1, 1]\nmultiplicity = [1, 3, 4, 1, 1]"
)


@dataclass(frozen=True)
class Family:
    """A problem: its name, and the tables of its case."""

    name: str
    data: str
    network: str
    loss: str

    def case(self) -> Case:
        """As read from a file."""
        tables = [f"[data]\n{self.data}", f"[network]\n{self.network}", f"[loss]\n{self.loss}"]
        return loads("\n".join(["schema = 1", f'title = "{self.name}"', *tables]))


def _single(activation: str, width: int) -> str:
    return f'kind = "single-layer"\nactivation = "{activation}"\nwidth = {width}'


FAMILIES = (
    Family(
        "XOR, 2 sigmoid, quadratic + decay", XOR, _single("sigmoid", 2), 'name = "quadratic"\nweight_decay = "1/100"'
    ),
    Family("line, 1 tanh, logistic + decay", LINE, _single("tanh", 1), 'name = "logistic"\nweight_decay = "1/100"'),
    Family("XOR, 3 ReLU, squared hinge", XOR, _single("relu", 3), 'name = "squared_hinge"'),
    Family(
        "line, 2-2 tanh, logistic + decay",
        LINE,
        'kind = "feedforward"\nactivation = "tanh"\nhidden = [2, 2]',
        'name = "logistic"\nweight_decay = "1/100"',
    ),
    Family("separable, 1 softplus, quadratic", OUTLIER, _single("softplus", 1), 'name = "quadratic"'),
)


@dataclass
class Tally:
    """What a loop did, in seconds of CPU time."""

    found: int = 0
    total: float = 0.0
    certifying: float = 0.0

    def cells(self) -> tuple[str, str, str]:
        """Found, per minute, share of certification."""
        per_minute = 60 * self.found / self.total
        return str(self.found), f"{per_minute:.0f}", f"{100 * self.certifying / self.total:.0f} %"


def batched(case: Case, tally: Tally) -> None:
    """The stage of `verify search`."""
    for seed in SEEDS:
        training = Training(Objective(case), seed)
        for candidate in training.candidates(STARTS):
            if _certified(case, candidate.theta, tally) is not None:
                candidate.cluster.certify()
                tally.found += 1


def naive(case: Case, tally: Tally) -> None:
    """One start after the other; distinct minima as in the batched loop, so that the same is counted."""
    from scipy.optimize import minimize

    objective = Objective(case)

    def both(theta: Any) -> tuple[float, Any]:
        here = objective.at(theta)
        return float(here.value), np.asarray(here.gradient(), dtype=np.float64)

    for seed in SEEDS:
        known = Training(objective, seed)
        for start in _starts(seed, objective.size):
            with np.errstate(all="ignore"):
                end = minimize(both, start, jac=True, method="BFGS", options={"maxiter": 3000, "gtol": 1e-8})
                here = objective.at(end.x)
                wrong = bool((np.asarray(here.arguments, dtype=np.float64) > 0).any())
                small = bool(np.abs(np.asarray(here.gradient(), dtype=np.float64)).max() < 1e-6)
            if wrong and small:
                found = _certified(case, tuple(map(float, end.x)), tally)
                if found is not None and known.know(end.x, found.claim.strict is not True):
                    tally.found += 1


def _starts(seed: int, size: int) -> Iterator[Any]:
    """Those of `Training`."""
    for number in range(STARTS // BATCH):
        draw = np.random.default_rng([seed, 2, number])
        spreads = np.array([SPREADS[k % len(SPREADS)] for k in range(BATCH)])
        yield from spreads[:, None] * draw.standard_normal((BATCH, size))


def _certified(case: Case, theta: tuple[float, ...], tally: Tally) -> Found | None:
    start = time.process_time()
    found = certify(case, theta, "benchmark")
    tally.certifying += time.process_time() - start
    return found


def _measured(loop: Callable[[Case, Tally], None], case: Case) -> Tally:
    tally = Tally()
    start = time.process_time()
    loop(case, tally)
    tally.total = time.process_time() - start
    return tally


def search() -> None:
    """Print the table."""
    rows = []
    for family in FAMILIES:
        case = family.case()
        rows.append((family.name, *_measured(batched, case).cells(), *_measured(naive, case).cells()))
    header = ("problem", "found", "a minute", "certifying", "naive: found", "a minute", "certifying")
    show(f"Distinct certified bad minima from {STARTS} starts for each of {len(SEEDS)} seeds, CPU time", header, rows)


if __name__ == "__main__":
    search()
