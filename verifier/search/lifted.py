"""Bad local minima of narrower nets, lifted to the width that is asked for by splitting a unit into equal ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flint import fmpq

from verifier.case.types import Case
from verifier.checker.case import Theta, Weights

NARROW = 3  # units: facts about so few serve every width
SPLITS = (fmpq(1, 2), fmpq(2))  # shares of the outgoing weight that one of two equal units gets


def narrower(case: Case) -> Iterator[Case]:
    """The same case with fewer units, one to NARROW of them; single-layer nets only."""
    network = case.network
    if network.kind != "single-layer" or network.exponential_decay is not None:
        return
    for width in range(1, min(network.main.hidden[0], NARROW + 1)):
        main = replace(network.main, hidden=(width,))
        yield replace(case, network=replace(network, main=main), point=None, better=None, claims=())


def lifted(theta: Theta, width: int) -> Iterator[Theta]:
    """Points of the wider single-layer net with the same function: one unit of `theta` split into equal ones."""
    (weights,) = theta
    extra = width - len(weights.a)
    for j in range(len(weights.a)):
        for share in SPLITS:
            rest = weights.a[j] * ((1 - share) / extra)
            a = (*weights.a[:j], weights.a[j] * share, *weights.a[j + 1 :], *(rest,) * extra)
            W = ((*weights.W[0], *(weights.W[0][j],) * extra),)
            b = None if weights.b is None else ((*weights.b[0], *(weights.b[0][j],) * extra),)
            yield (Weights(weights.a0, a, W, b),)
