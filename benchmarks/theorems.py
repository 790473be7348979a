"""Theorems A and B on large data, the checker's second look included; the scaling curve."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace

from flint import fmpq

from verifier.case.types import Case, Claim, Data, FunctionSpec, Layered, Loss, Network, Parameters
from verifier.checker.check import check
from verifier.decision import decide

from .timing import median, seconds, show

CUBIC = Loss(FunctionSpec("polynomial_hinge", Parameters({"p": fmpq(2)})), fmpq(0))
DIMENSION, WIDTH = 50, 20
SIZES = (25, 50, 100, 200)
Rows = Sequence[Sequence[fmpq]]


def theorems() -> None:
    """Print both tables."""
    large = [
        _row("A", "proved", labelled(1000, noise=0)),
        _row("A", "refuted", labelled(1000, noise=100)),
        _row("B", "proved", subspaces(200, 25)),
        _row("B", "refuted", subspaces(200, 5)),
        _row("B", "proved", subspaces(1000, 25, width=60)),
    ]
    header = ("theorem", "verdict", "n", "d", "width", "deciding", "checking", "together", "certificate")
    show("Theorems on large data (CPU time; deciding includes one run of the checker)", header, large)
    curve = []
    for n in SIZES:
        curve.append(_row("A", "proved", labelled(n, noise=0)))
        curve += [_row("B", "proved" if n < 100 or rank > 5 else "refuted", subspaces(n, rank)) for rank in (25, 5)]
    show("Scaling: theorem A on separable data, theorem B on classes of rank 25 and of rank 5", header, curve)


def labelled(n: int, noise: int, seed: int = 0) -> Case:
    """Six-decimal inputs on the two sides of a plane; `noise` of the labels are turned."""
    r = random.Random(seed)
    normal = [r.randint(-9, 9) for _ in range(DIMENSION)]
    inputs = [[fmpq(round(r.gauss(0, 10**6)), 10**6) for _ in range(DIMENSION)] for _ in range(n)]
    labels = [1 if sum((x * v for x, v in zip(row, normal, strict=True)), fmpq(0)) > 0 else -1 for row in inputs]
    for i in r.sample(range(n), noise):
        labels[i] = -labels[i]
    return _case(inputs, labels, WIDTH)


def subspaces(n: int, rank: int, width: int = WIDTH, seed: int = 0) -> Case:
    """Half of the samples of each class, each class in a random subspace of the given dimension."""
    r = random.Random(seed)
    inputs: list[list[fmpq]] = []
    sizes = (n - n // 2, n // 2)
    for size in sizes:
        basis = [[r.randint(-3, 3) for _ in range(DIMENSION)] for _ in range(rank)]
        for _ in range(size):
            weights = [r.randint(-3, 3) for _ in basis]
            column = zip(*basis, strict=True)
            inputs.append([fmpq(sum(w * v for w, v in zip(weights, c, strict=True))) for c in column])
    return _case(inputs, [1] * sizes[0] + [-1] * sizes[1], width)


def _case(inputs: Rows, labels: Sequence[int], width: int) -> Case:
    data = Data(tuple(map(tuple, inputs)), tuple(labels), None, (1,) * len(inputs))
    network = Network("single-layer", Layered(FunctionSpec("softplus"), (width,), False, True))
    return Case(data, network, CUBIC)


def _row(theorem: str, verdict: str, case: Case) -> tuple[str, ...]:
    claim = Claim("theorem-applies", theorem=theorem)
    found = decide(case, claim)
    assert found.verdict.value == verdict, found.reason
    text = json.dumps(found.certificate)
    deciding = median(lambda: decide(_again(case), claim), 1)
    checking = median(lambda: check(json.loads(text)), 1)
    shape = (str(len(case.data.inputs)), str(DIMENSION), str(case.network.main.hidden[0]))
    times = map(seconds, (deciding, checking, deciding + checking))
    return (theorem, verdict, *shape, *times, f"{len(text) / 1e6:.2f} MB")


def _again(case: Case) -> Case:
    """An equal case that nothing is remembered about."""
    return replace(case)
