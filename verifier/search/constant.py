"""Points at which all incoming weights are 0: the output is a constant, the best one that is known in closed form.

Where the data are such that nothing better than a constant fits (mirror images of opposite or equal labels, for even
and odd neurons without hidden bias), these are global minima, and bad.
"""

from __future__ import annotations

from collections.abc import Iterator

from flint import fmpq

from verifier.case.types import Case
from verifier.checker.case import Architecture, Theta, Weights
from verifier.checker.expression import evaluate
from verifier.checker.number import Exact
from verifier.model.translate import checker_case
from verifier.search.dead import best_constants


def constant_points(case: Case) -> Iterator[Theta]:
    """Points with W = 0, b = 0, and outgoing weights 1, then 0; none without an output bias."""
    parts = checker_case(case).parts
    if not parts[0].output_bias or parts[-1].name == "exponential":
        return
    dimension = len(case.data.inputs[0])
    for outgoing in (fmpq(1), fmpq(0)):
        for output in best_constants(case):
            weights = [_flat(part, dimension, outgoing) for part in parts]
            rest: Exact = output
            for part in parts:
                rest = rest - _value(part) * (outgoing * part.hidden[-1])
            first = weights[0]
            yield (Weights(rest, first.a, first.W, first.b), *weights[1:])


def _value(part: Architecture) -> Exact:
    """What each unit of the last layer gives: all weights are 0, so its argument is 0."""
    return evaluate(part.activation, {"z": fmpq(0)})


def _flat(part: Architecture, dimension: int, outgoing: fmpq) -> Weights:
    zero = fmpq(0)
    sizes = (dimension, *part.hidden)
    W = tuple(tuple((zero,) * size for _ in range(width)) for size, width in zip(sizes, part.hidden, strict=False))
    b = tuple((zero,) * width for width in part.hidden) if part.hidden_bias else None
    return Weights(zero if part.output_bias else None, (outgoing,) * part.hidden[-1], W, b)
