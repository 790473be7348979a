"""The question that the checker's `supports` answers: data, width and the class of neurons and losses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement

from flint import fmpq

from verifier.arithmetic.lp import Optimal, minimise
from verifier.arithmetic.rounding import primitive, short_vectors
from verifier.checker.theorems.supports import BALANCE, Element, Row, State, rank, rank_facts

MAX_ELEMENTS = 16  # distinct (input, label): trees and queries grow exponentially in the worst case
Samples = frozenset[int]


@dataclass(frozen=True)
class Neurons:
    """The class: which facts of `verifier/checker/theorems/supports.py` may be used."""

    increasing: bool
    convex: bool  # C^2 with s'' > 0, and the loss C^2

    def words(self) -> str:
        """The class in words."""
        kinds = [name for name, has in (("increasing", self.increasing), ("strictly convex", self.convex)) if has]
        return " and ".join(kinds) or "any"


CLASSES = (Neurons(True, False), Neurons(False, True), Neurons(True, True))


@dataclass(frozen=True)
class Question:
    """Can the samples at which the loss has a slope at a local minimum be a non-empty set?"""

    elements: Mapping[int, Element]
    neurons: Neurons
    output_bias: bool

    def labelled(self, samples: Iterable[int], label: int) -> Samples:
        """The samples of one class."""
        return frozenset(i for i in samples if self.elements[i].label == label)

    def one_class(self, samples: Iterable[int]) -> bool:
        """Whether the output bias excludes every non-empty part of these (non-empty) samples."""
        return self.output_bias and len({self.elements[i].label for i in samples}) == 1

    def thresholds(self, support: Samples) -> tuple[int | None, int | None]:
        """The least numbers of units with a_j > 0, and with a_j < 0, that this support does not survive (or None)."""
        found = []
        for label in (1, -1):
            others = [self.elements[i].row for i in support if self.elements[i].label != label]
            every = [self.elements[i].row for i in support]
            free = rank(every) - rank(others)
            found.append(len(self.labelled(support, label)) // free + 1 if free and self.neurons.convex else None)
        return found[0], found[1]

    def exact(self, support: Samples) -> bool:
        """Whether one unit of each sign less than the thresholds is enough when both are there, as an output bias adds
        to the freedom that is all used up.
        """
        positive, negative = self.thresholds(support)
        if positive is None or negative is None:
            return False
        return self.ranks_exclude(State(support, frozenset(), "both", positive - 1, negative - 1))

    def width_needed(self, support: Samples) -> int | None:
        """The least width at which every choice of signs excludes the support. None: at no width.

        With thresholds P, Q: p < P and q < Q for some p + q = M if and only if M <= P + Q - 2, and at M = P + Q - 2
        only for p = P - 1, q = Q - 1.
        """
        positive, negative = self.thresholds(support)
        if positive is None or negative is None:
            return None
        return positive + negative - (2 if self.exact(support) else 1)

    def ranks_exclude(self, state: State) -> bool:
        """Whether the ranks exclude every support of the state."""
        facts = rank_facts(self.elements, state) if self.neurons.convex else None
        return facts is not None and (self.output_bias or BALANCE not in facts)


def lifted(row: Row) -> Row:
    """The products X_a X_b, a <= b."""
    return tuple(a * b for a, b in combinations_with_replacement(row, 2))


def unlifted(vector: Row, size: int) -> tuple[Row, ...]:
    """The matrix Q (upper triangular) with X'QX = vector . lifted(X)."""
    values = iter(vector)
    return tuple(tuple(next(values) if b >= a else fmpq(0) for b in range(size)) for a in range(size))


def eliminating(rows: Mapping[int, Row]) -> tuple[Row, Samples] | None:
    """v with v . rows_i >= 0 for all i, and the samples with > 0: as many as possible; None if no v has any.

    The set is the largest one, since separators add up; outside it some weights t > 0 have sum_i t_i rows_i = 0.
    """
    names, n = list(rows), len(rows)
    size = len(rows[names[0]])
    zero, one = fmpq(0), fmpq(1)
    unit = [[-one if i == k else zero for k in range(n)] for i in range(n)]
    system = [[*rows[name], *unit[i], *unit[i]] for i, name in enumerate(names)]
    cost = [zero] * size + [-one] * n + [zero] * n
    lower = [None] * size + [zero] * (2 * n)
    upper = [None] * size + [one] * n + [None] * n
    answer = minimise(cost, system, [zero] * n, lower, upper)
    assert isinstance(answer, Optimal)
    if answer.value == 0:
        return None
    v = tuple(fmpq(x) for x in primitive(answer.x[:size]))
    out = _positive(rows, v)
    assert out is not None
    largest = max(abs(x) for x in v)
    for short in short_vectors([float(int((x / largest * 2**40).floor())) for x in v]):
        candidate = tuple(fmpq(x) for x in short)
        if _positive(rows, candidate) == out:
            return candidate, out
    return v, out


def _positive(rows: Mapping[int, Row], v: Row) -> Samples | None:
    """The samples with v . rows_i > 0; None if one is negative."""
    products = {i: sum((a * b for a, b in zip(v, row, strict=True)), fmpq(0)) for i, row in rows.items()}
    return None if any(x < 0 for x in products.values()) else frozenset(i for i, x in products.items() if x > 0)


def signed(question: Question, samples: Iterable[int], quadratic: bool = False) -> dict[int, Row]:
    """y_i X_i, or y_i times the products of the entries of X_i."""
    found = {}
    for i in sorted(samples):
        element = question.elements[i]
        row = lifted(element.row) if quadratic else element.row
        found[i] = tuple(element.label * v for v in row)
    return found
