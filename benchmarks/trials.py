"""Random trials of the rule existence: `python -m benchmarks.trials [--count N] [--first SEED] [--workers K]`.

Each trial trains a small net on random data, moves away from where training ended, asks the program about a minimum
`near` that point, and judges the answer with the provers' model of the loss in balls of 700 bits (200 digits), whose
derivatives share no code with the checker's. A wrong verdict is printed with its seed; the table counts the rest.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq

from verifier.case.types import (
    Case,
    Claim,
    Data,
    ExponentialPoint,
    FunctionSpec,
    Layered,
    LayeredPoint,
    Loss,
    Network,
    Parameters,
    Point,
)
from verifier.checker.fields import exact
from verifier.checker.network import flatten, unflatten
from verifier.checker.number import DomainProblem, Undecided, enclose, precision
from verifier.decision import decide
from verifier.model.objective import Objective
from verifier.verdict import Decision, Verdict

NEAR = fmpq(1, 10**6)
BITS = 700
TINY = fmpq(1, 10**180)
NEWTON_STEPS = 12
ACTIVATIONS = (
    *("sigmoid", "tanh", "arctan", "softplus", "exp", "silu", "gelu", "quadratic", "linear"),
    *("elu", "selu", "relu", "leaky_relu", "hard_tanh"),
)
SMOOTH = ACTIVATIONS[:9]
LOSSES = ("logistic", "exponential", "quadratic", "squared_hinge", "polynomial_hinge")
DECAYS = ("0", "0", "1/1000", "1/100", "1/10", "1/2")
OFFSETS = (0.0, 0.0, 1e-8, 1e-7, 5e-7, 9.9e-7, 9.9e-7, 1.01e-6)  # how far the point lies from where training ended


@dataclass(frozen=True)
class Outcome:
    """What became of one trial; `wrong` says why the verdict is false, None if it is not."""

    seed: int
    group: str
    verdict: str
    wrong: str | None


# -- cases -------------------------------------------------------------------------------------------------------------


def trial(seed: int) -> Outcome:
    """Draw, train, decide, judge. A crash counts as a wrong verdict."""
    try:
        return _trial(seed)
    except Exception as problem:
        return Outcome(seed, "crashed", "none", repr(problem))


def _trial(seed: int) -> Outcome:
    draw = random.Random(seed)
    case = random_case(draw)
    trained = train(Objective(case), draw)
    offset = draw.choice(OFFSETS)
    moved = [v + offset * draw.choice((-1.0, 1.0, draw.uniform(-1, 1))) for v in trained]
    case = at_point(case, [fmpq(*float(v).as_integer_ratio()) for v in moved])
    claim = random_claim(draw, case)
    found = decide(case, claim)
    return Outcome(seed, _group(case), found.verdict.value, judge(case, claim, found))


def random_case(draw: random.Random) -> Case:
    """A net of at most some twenty parameters with random data; its point is still to come."""
    kind = draw.choice(("single-layer", "single-layer", "feedforward", "shortcut"))
    d, n = draw.randint(1, 2), draw.randint(3, 10)
    inputs = tuple(tuple(fmpq(draw.randint(-20, 20), 8) for _ in range(d)) for _ in range(n))
    counts = tuple(draw.choice((1, 1, 1, 2, 5)) for _ in range(n))
    regression = draw.random() < 0.35
    labels = None if regression else tuple(draw.choice((-1, 1)) for _ in range(n))
    targets = tuple(fmpq(draw.randint(-12, 12), 8) for _ in range(n)) if regression else None
    deep = _layered(draw, draw.randint(1, 2), 2) if kind == "shortcut" else None
    main = _layered(draw, draw.randint(2, 3) if kind == "feedforward" else 1, 2 if kind != "single-layer" else 4)
    neuron = fmpq(1, draw.choice((2, 10))) if draw.random() < 0.15 else None
    name = "quadratic" if regression else draw.choice(LOSSES)
    parameters = Parameters({"p": fmpq(draw.randint(1, 3))}) if name == "polynomial_hinge" else Parameters()
    decay = _rational(draw.choice(DECAYS))
    data = Data(inputs, labels, targets, counts)
    network = Network(kind, main, deep, neuron)
    loss = Loss(FunctionSpec(name, parameters), decay)
    return Case(data, network, loss, title="A random trial")


def _rational(words: str) -> fmpq:
    p, _, q = words.partition("/")
    return fmpq(int(p), int(q or 1))


def _layered(draw: random.Random, depth: int, widest: int) -> Layered:
    name = draw.choice(ACTIVATIONS if draw.random() < 0.4 else SMOOTH)
    parameters = {"leaky_relu": {"slope": fmpq(1, 10)}, "elu": {"alpha": fmpq(1)}}.get(name, {})
    hidden = tuple(draw.randint(1, widest) for _ in range(depth))
    return Layered(FunctionSpec(name, Parameters(parameters)), hidden, draw.random() < 0.7, draw.random() < 0.7)


def at_point(case: Case, theta: Sequence[fmpq]) -> Case:
    """The case with its point."""
    weights = unflatten(Objective(case).checked, theta)
    layered = [LayeredPoint(w.a0, tuple(w.a), w.W, w.b) for w in weights]
    deep = layered[1] if case.network.deep is not None else None
    neuron = None
    if case.network.exponential_decay is not None:
        last = weights[-1]
        assert last.b is not None
        neuron = ExponentialPoint(last.a[0], last.W[0][0], last.b[0][0])
    return replace(case, point=Point(layered[0], deep, neuron))


def random_claim(draw: random.Random, case: Case) -> Claim:
    """near, and now and then strict, bad or a training error: true or false."""
    claim = Claim("local-minimum", near=NEAR)
    if draw.random() < 0.2:
        claim = replace(claim, strict=draw.choice((True, True, True, False)))
    if case.data.labels is not None and draw.random() < 0.2:
        claim = replace(claim, bad=draw.choice((True, False)))
    if case.data.labels is not None and draw.random() < 0.2:
        total = sum(case.data.multiplicity)
        claim = replace(claim, training_error=fmpq(draw.randint(0, total), total))
    return claim


def _group(case: Case) -> str:
    return f"{case.network.kind}, {'decay' if case.loss.weight_decay != 0 else 'no decay'}"


# -- training ----------------------------------------------------------------------------------------------------------


def train(objective: Objective, draw: random.Random, steps: int = 60) -> np.ndarray[Any, Any]:
    """Newton's method with shifted eigenvalues and a halved step, in float64; where it stands at the end."""
    theta = np.array([draw.gauss(0, 1) for _ in range(objective.size)])
    with np.errstate(all="ignore"):
        value = float(objective.value(theta))
        for _ in range(steps):
            here = objective.at(theta)
            slope = np.asarray(here.gradient(), dtype=np.float64)
            matrix = np.asarray(here.hessian(), dtype=np.float64)
            if not (np.isfinite(slope).all() and np.isfinite(matrix).all()) or not np.abs(slope).max() > 1e-15:
                break
            values, vectors = np.linalg.eigh(matrix)
            step = vectors @ ((vectors.T @ slope) / np.maximum(np.abs(values), 1e-6))
            step *= min(1.0, 2.0 / float(np.abs(step).max()))
            found = _line_search(objective, theta, step, value)
            if found is None:
                break
            theta, value = found
    return theta


def _line_search(objective: Objective, theta: Any, step: Any, value: float) -> tuple[Any, float] | None:
    for k in range(30):
        there = theta - step / 2**k
        reached = float(objective.value(there))
        if reached < value:
            return there, reached
    return None


# -- judging -----------------------------------------------------------------------------------------------------------


def judge(case: Case, claim: Claim, found: Decision) -> str | None:
    """Why the verdict is wrong, or None."""
    if found.verdict is Verdict.UNDECIDED:
        return None
    assert found.certificate is not None
    proof = found.certificate["proof"]
    with precision(BITS):
        if found.verdict is Verdict.PROVED:
            node = proof.get("existence", {"kinks": []})  # minima at the point itself or on kinks are not judged here
            return None if "kinks" in node else _judge_minimum(case, claim, found, node)
        return _judge_refuted(case, claim)


def _judge_minimum(case: Case, claim: Claim, found: Decision, node: Any) -> str | None:
    objective = Objective(case)
    center = [enclose(exact(v, "center")).mid() for v in node["center"]]
    free = [k for k in range(objective.size) if k not in set(node["frozen"])]
    theta = newton(objective, center, free)
    if theta is None:
        return "Newton's method does not converge from the center"
    here = objective.at(theta)
    if not all(bool(abs(g) < TINY) for g in here.gradient()):
        return "the gradient is not 0"
    if not definite(here.hessian(), free):
        return "the Hessian is not positive definite on the free coordinates"
    if node["frozen"] and not _flat(here.hessian(), free, node["frozen"]):
        return "the Hessian has another rank than its free part"
    assert found.distance is not None and case.point is not None
    if not distance(case, theta) <= enclose(exact(found.distance, "distance")) or not distance(case, theta) <= NEAR:
        return "the minimum is farther away than stated"
    return _judge_values(objective, claim, found, here)


def _judge_values(objective: Objective, claim: Claim, found: Decision, here: Any) -> str | None:
    assert found.loss is not None
    low, high = (exact(found.loss[end], "loss") for end in ("lower", "upper"))
    if not (here.value >= low and here.value <= high):
        return "the loss is outside its bounds"
    error = _error(objective, here.outputs)
    if found.training_error is not None and str(error) != found.training_error:
        return "the training error is another one"
    if claim.training_error is not None and error != claim.training_error:
        return "the training error is not the one claimed"
    if claim.bad is not None and error is not None and (error > 0) is not claim.bad:
        return "bad is not as claimed"
    return None


def _judge_refuted(case: Case, claim: Claim) -> str | None:
    """A refuted claim must not be true: Newton's method from the point finds no minimum with what is claimed."""
    objective = Objective(case)
    every = list(range(objective.size))
    assert case.point is not None
    theta = newton(objective, [enclose(v).mid() for v in flatten(objective.checked.point or ())], every)
    if theta is None or not distance(case, theta) <= NEAR:
        return None
    here = objective.at(theta)
    if not all(bool(abs(g) < TINY) for g in here.gradient()) or not definite(here.hessian(), every):
        return None
    error = _error(objective, here.outputs)
    agrees = claim.strict is not False
    agrees &= claim.training_error is None or error == claim.training_error
    agrees &= claim.bad is None or (error is not None and (error > 0) is claim.bad)
    return "there is a minimum as claimed" if agrees else None


def newton(objective: Objective, start: Sequence[arb], free: list[int]) -> list[arb] | None:
    """Newton's method in the free coordinates with exact midpoints; None where it does not converge."""
    theta = list(start)
    for _ in range(NEWTON_STEPS):
        try:
            here = objective.at(theta)
            slope, matrix = list(here.gradient()), here.hessian()
            step = _solve(
                [[enclose(matrix[r][c]).mid() for c in free] for r in free], [enclose(slope[k]).mid() for k in free]
            )
        except (Undecided, DomainProblem, ArithmeticError):
            return None
        if not all(v.is_finite() for v in step):
            return None
        for k, s in zip(free, step, strict=True):
            theta[k] = (theta[k] - s).mid()
        if all(bool(abs(s) < TINY) for s in step):
            return theta
    return None


def _solve(rows: list[list[arb]], right: list[arb]) -> list[arb]:
    return [v.mid() for v in arb_mat(rows).solve(arb_mat(len(right), 1, right)).entries()]


def definite(matrix: Any, free: Sequence[int]) -> bool:
    """All pivots of the elimination are positive: by Sylvester's criterion the submatrix is positive definite."""
    rows = [[enclose(matrix[r][c]) for c in free] for r in free]
    for k, pivot_row in enumerate(rows):
        if not pivot_row[k] > 0:
            return False
        for row in rows[k + 1 :]:
            factor = row[k] / pivot_row[k]
            for c in range(k, len(row)):
                row[c] = row[c] - factor * pivot_row[c]
    return True


def _flat(matrix: Any, free: list[int], frozen: Sequence[int]) -> bool:
    """The Schur complement of the free part is 0: the Hessian has a kernel of the dimension of the frozen part."""
    inner = arb_mat([[enclose(matrix[r][c]) for c in free] for r in free])
    cross = arb_mat([[enclose(matrix[r][c]) for c in frozen] for r in free])
    corner = arb_mat([[enclose(matrix[r][c]) for c in frozen] for r in frozen])
    left = corner - cross.transpose() * inner.solve(cross)
    return all(bool(abs(v) < fmpq(1, 10**150)) for v in left.entries())


def distance(case: Case, theta: Sequence[arb]) -> arb:
    """The max-norm distance from the case's point."""
    given = flatten(Objective(case).checked.point or ())
    result = arb(0)
    for v, g in zip(theta, given, strict=True):
        result = result.max(abs(v - enclose(g)))
    return result


def _error(objective: Objective, outputs: Any) -> fmpq | None:
    """The training error, None with targets or where an output is too near to 0."""
    labels = objective.checked.labels
    if labels is None or any(not (bool(f > 0) or bool(f < 0)) for f in outputs):
        return None
    counts = objective.checked.multiplicity
    wrong = sum(m for y, m, f in zip(labels, counts, outputs, strict=True) if bool(y * f < 0))
    return fmpq(wrong, sum(counts))


# -- the command -------------------------------------------------------------------------------------------------------


def run(count: int, first: int, workers: int) -> list[Outcome]:
    """The trials first, first + 1, ..."""
    seeds = range(first, first + count)
    if workers == 1:
        return [_told(trial(seed)) for seed in seeds]
    with ProcessPoolExecutor(workers) as pool:
        return [_told(outcome) for outcome in pool.map(trial, seeds, chunksize=20)]


def _told(outcome: Outcome) -> Outcome:
    """The outcome, also as a line on stderr."""
    print(outcome.seed, outcome.group, outcome.verdict, outcome.wrong or "", sep="\t", file=sys.stderr, flush=True)
    return outcome


def report(outcomes: Sequence[Outcome]) -> str:
    """A table of verdicts by group, and every wrong verdict."""
    counts = Counter((o.group, o.verdict) for o in outcomes)
    words = [v.value for v in (Verdict.PROVED, Verdict.REFUTED, Verdict.UNDECIDED)]
    lines = ["| network | " + " | ".join(words) + " |", "| --- " * 4 + "|"]
    for group in sorted({o.group for o in outcomes}):
        lines.append(f"| {group} | " + " | ".join(str(counts[group, w]) for w in words) + " |")
    totals = [str(sum(o.verdict == w for o in outcomes)) for w in words]
    lines.append(f"| all {len(outcomes)} | " + " | ".join(totals) + " |")
    wrong = [o for o in outcomes if o.wrong]
    lines += ["", f"wrong verdicts: {len(wrong)}", *(f"seed {o.seed} ({o.verdict}): {o.wrong}" for o in wrong)]
    return "\n".join(lines)


def main() -> int:
    """Run and print; 1 if a verdict is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    outcomes = run(options.count, options.first, options.workers)
    print(report(outcomes))
    return int(any(o.wrong for o in outcomes))


if __name__ == "__main__":
    sys.exit(main())
