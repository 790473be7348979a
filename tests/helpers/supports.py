"""Which supports survive: all of them looked at, with SciPy's linear programs and NumPy's ranks. Slow and plain."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from flint import fmpq
from hypothesis import strategies as st
from scipy.optimize import linprog

from verifier.checker.theorems.supports import Element
from verifier.theorems.support_question import Neurons, Question

CLASSES = (Neurons(True, False), Neurons(False, True), Neurons(True, True))
Points = Sequence[tuple[Sequence[int], int]]


def question(points: Points, neurons: Neurons, hidden_bias: bool = True, output_bias: bool = True) -> Question:
    """A question about different (input, label)."""
    bias = (fmpq(1),) if hidden_bias else ()
    elements = {i: Element(i, y, tuple(fmpq(v) for v in x) + bias) for i, (x, y) in enumerate(points)}
    return Question(elements, neurons, output_bias)


@st.composite
def questions(draw: st.DrawFn, most: int = 6) -> Question:
    """Up to `most` samples with small integer inputs, any class, with and without biases."""
    dimension = draw(st.integers(1, 3))
    entries = st.lists(st.integers(-2, 2), min_size=dimension, max_size=dimension).map(tuple)
    sample = st.tuples(entries, st.sampled_from([1, -1]))
    points = draw(st.lists(sample, min_size=1, max_size=most, unique=True))
    return question(points, draw(st.sampled_from(CLASSES)), draw(st.booleans()), draw(st.booleans()))


class Brute:
    """All non-empty supports that balance and slopes leave, and at which widths each survives."""

    def __init__(self, it: Question) -> None:
        self.question = it
        names = list(it.elements)
        sets = [frozenset(c) for size in range(1, len(names) + 1) for c in combinations(names, size)]
        self._zero = {support: self._some_zero(support) for support in sets if self._left(support)}

    def surviving(self, width: int) -> set[frozenset[int]]:
        """The supports that no fact excludes at the width, for some signs of the outgoing weights."""
        if not self.question.neurons.convex:
            return set(self._zero)
        return {support for support, zero in self._zero.items() if zero or self._some_signs(support, width)}

    def _signed(self, support: frozenset[int]) -> list[tuple[int, np.ndarray]]:
        found = [self.question.elements[i] for i in support]
        return [(e.label, np.array([int(v.p) for v in e.row], dtype=float)) for e in found]

    def _left(self, support: frozenset[int]) -> bool:
        pairs = self._signed(support)
        if self.question.output_bias and len({y for y, _ in pairs}) == 1:
            return False
        return not self.question.neurons.increasing or combination([y * x for y, x in pairs])

    def _some_zero(self, support: frozenset[int]) -> bool:
        return combination([y * np.outer(x, x).ravel() for y, x in self._signed(support)])

    def _some_signs(self, support: frozenset[int], width: int) -> bool:
        counts, frees = {}, {}
        for label in (1, -1):
            own = [x for y, x in self._signed(support) if y == label]
            others = [x for y, x in self._signed(support) if y != label]
            free = matrix_rank([*own, *others]) - matrix_rank(others)
            counts[label], frees[label] = len(own), free
        return any(self._pair(counts, frees, {1: p, -1: width - p}) for p in range(width + 1))

    def _pair(self, counts: dict[int, int], frees: dict[int, int], units: dict[int, int]) -> bool:
        """Whether it survives these numbers of units: what is free is no more than the conditions."""
        over = {label: units[label] * frees[label] - counts[label] for label in (1, -1)}
        return max(over.values()) <= 0 and not (self.question.output_bias and over == {1: 0, -1: 0})


def combination(vectors: Sequence[np.ndarray]) -> bool:
    """Whether sum t_i vectors_i = 0 for some t >= 1."""
    matrix = np.array(vectors).T
    n = matrix.shape[1]
    return bool(linprog(np.zeros(n), A_eq=matrix, b_eq=np.zeros(len(matrix)), bounds=[(1, None)] * n).status == 0)


def matrix_rank(vectors: Sequence[np.ndarray]) -> int:
    """The rank of a list of small integer vectors."""
    return int(np.linalg.matrix_rank(np.array(vectors))) if vectors else 0
