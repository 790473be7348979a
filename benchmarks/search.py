"""Searches: certified counterexamples per minute on two cores, and the share of the time that certification takes.

Each core has a seed of its own. Times are processor times, so that other work on the machine does not count. The naive
loop takes the same starts one after the other through SciPy's BFGS, then certifies what has a small gradient
and a misclassified sample. `python -m benchmarks.search` prints the table.
"""

from __future__ import annotations

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # as in the program's workers; must precede the import of NumPy

import multiprocessing  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from concurrent.futures import ProcessPoolExecutor  # noqa: E402
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
    """What a loop did with one seed, in seconds of CPU time."""

    found: int = 0
    total: float = 0.0
    certifying: float = 0.0


def batched(case: Case, seed: int, tally: Tally) -> None:
    """The stage of `verify search`."""
    training = Training(Objective(case), seed)
    for candidate in training.candidates(STARTS):
        if _certified(case, candidate.theta, tally) is not None:
            candidate.cluster.certify()
            tally.found += 1


def naive(case: Case, seed: int, tally: Tally) -> None:
    """One start after the other; distinct minima as in the batched loop, so that the same is counted."""
    from scipy.optimize import minimize

    objective = Objective(case)

    def both(theta: Any) -> tuple[float, Any]:
        here = objective.at(theta)
        return float(here.value), np.asarray(here.gradient(), dtype=np.float64)

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


LOOPS: dict[str, Callable[[Case, int, Tally], None]] = {"batched": batched, "naive": naive}


def _measured(loop: str, family: Family, seed: int) -> Tally:
    """In a process of its own."""
    case, tally = family.case(), Tally()
    start = time.process_time()
    LOOPS[loop](case, seed, tally)
    tally.total = time.process_time() - start
    return tally


def _cells(tallies: list[Tally]) -> tuple[str, str, str]:
    """Found, per minute on as many cores as there are seeds, share of certification."""
    per_minute = sum(60 * tally.found / tally.total for tally in tallies)
    certifying = sum(t.certifying for t in tallies) / sum(t.total for t in tallies)
    return str(sum(t.found for t in tallies)), f"{per_minute:.0f}", f"{100 * certifying:.0f} %"


def search() -> None:
    """Print the table."""
    rows = []
    with ProcessPoolExecutor(len(SEEDS), mp_context=multiprocessing.get_context("spawn")) as pool:
        for family in FAMILIES:
            runs = {loop: [pool.submit(_measured, loop, family, seed) for seed in SEEDS] for loop in LOOPS}
            cells = [_cells([run.result() for run in runs[loop]]) for loop in LOOPS]
            rows.append((family.name, *cells[0], *cells[1]))
    header = ("problem", "found", "a minute", "certifying", "naive: found", "a minute", "certifying")
    title = (
        f"Distinct certified bad minima from {STARTS} starts for each of {len(SEEDS)} seeds, one core each, CPU time"
    )
    show(title, header, rows)


if __name__ == "__main__":
    search()
