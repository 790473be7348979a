"""Theorem B: partitions of the two classes, or a set that violates its condition."""

from __future__ import annotations

from verifier.arithmetic.linear import PRIME
from verifier.arithmetic.matroid import Loops, Partition, least_partition
from verifier.checker.case import Case
from verifier.checker.errors import Rejected
from verifier.checker.theorems import spans
from verifier.checker.theorems.spans import CONDITION, IRRATIONAL, Side
from verifier.rules.problem import Declined, Json

PRIMES = (PRIME, spans.PRIME)


def data(case: Case) -> Json:
    """The part of a node about condition (B): partitions, or a set that violates it; verified, or Declined."""
    try:
        sides = spans.sides(case)
    except Rejected:
        return _irrational(case)
    k = spans.width_half(case)
    for prime in PRIMES:  # a prime that divides a determinant of the data gives a wrong proposal
        node = _propose(sides, k, prime)
        try:
            _recheck(case, sides, node)
        except Rejected:
            continue
        return node
    raise Declined("not-settled", "no partition modulo a prime is one over the rationals")


def _irrational(case: Case) -> Json:
    """A single sample that violates the condition whatever the ranks are; Declined if there is none."""
    assert case.labels is not None
    samples = set(zip(case.inputs, case.labels, strict=True))
    for i, (x, label) in enumerate(zip(case.inputs, case.labels, strict=True)):
        if (x, -label) in samples or spans.width_half(case) == 1:
            return {"hypothesis": CONDITION, "label": label, "samples": [i], "wider": None}
    raise Declined("irrational-data", IRRATIONAL)


def _propose(sides: dict[int, Side], k: int, prime: int) -> Json:
    partitions: dict[int, Partition] = {}
    for label, side in sides.items():
        found = least_partition(list(side.vectors.values()), prime)
        if isinstance(found, Loops):
            first = list(side.vectors)[found.members[0]]
            return {"hypothesis": CONDITION, "label": label, "samples": [first], "wider": None}
        partitions[label] = found
    both = {side.name: _node(side, partitions[label]) for label, side in sides.items()}
    worst = max(sides, key=lambda label: len(partitions[label].sets))
    if len(partitions[worst].sets) <= k:
        return both
    elements = list(sides[worst].vectors)
    tight = [elements[x] for x in partitions[worst].tight]
    return {"hypothesis": CONDITION, "label": worst, "samples": tight, "wider": both}


def _node(side: Side, partition: Partition) -> Json:
    """Positions become samples."""
    elements = list(side.vectors)
    return {
        "sets": [[elements[x] for x in members] for members in partition.sets],
        "exits": [[elements[x], j] for x, j in partition.exits],
        "steps": [[elements[x], elements[y]] for x, y in partition.steps],
    }


def _recheck(case: Case, sides: dict[int, Side], node: Json) -> None:
    if "hypothesis" in node:
        spans.fails(case, node)
        return
    for side in sides.values():
        spans.require_partition(side, node[side.name], spans.width_half(case), spans.WHERE)
