"""Building a decision tree that excludes every support, or finding one that survives: by exact programs alone."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from verifier.checker.theorems.supports import MAX_NODES, Row, State, rank, signs
from verifier.rules.problem import Declined, Json, texts
from verifier.theorems.support_question import Question, Samples, eliminating, signed, unlifted


@dataclass(frozen=True)
class Thresholds:
    """A support that survives slopes and balance; how many units of either sign exclude it, and whether one less of
    each does it, too (`Question.exact`).
    """

    support: Samples
    positive: int
    negative: int
    exact: bool

    def served(self, case: State) -> bool:
        """Whether ranks exclude the support where so many units of each sign are known."""
        positive, negative = case.positive - self.positive, case.negative - self.negative
        return positive >= 0 or negative >= 0 or (self.exact and positive == negative == -1)


class Survives(Exception):
    """No fact excludes this support at this width."""

    def __init__(self, support: Samples) -> None:
        super().__init__(f"samples {sorted(support)}")
        self.support = support


class _Stuck(Exception):
    """Below "positive", "negative" or "both" this support is not excluded; another h may do it."""

    def __init__(self, support: Samples) -> None:
        super().__init__()
        self.support = support


def build(question: Question, width: int, hard: Iterable[Samples], seconds: float) -> Json:
    """A complete tree for the width. `hard`: supports that are known to need ranks; they guide the choice of h.

    Raises Survives, or Declined when time or the bound on nodes is reached.
    """
    builder = _Builder(question, width, time.monotonic() + seconds)
    for support in hard:
        builder.learn(support)
    return builder.node(State(frozenset(), frozenset(question.elements)))


class _Builder:
    def __init__(self, question: Question, width: int, deadline: float) -> None:
        self.question, self.width, self.deadline = question, width, deadline
        self.pool: dict[Samples, Thresholds] = {}
        self.nodes = 0
        self._eliminated: dict[tuple[Samples, bool], tuple[Row, Samples] | None] = {}

    def learn(self, support: Samples) -> None:
        """Remember what a support needs; raises Survives."""
        positive, negative = self.question.thresholds(support)
        needed = self.question.width_needed(support)
        if positive is None or negative is None or needed is None or needed > self.width:
            raise Survives(support)
        self.pool[support] = Thresholds(support, positive, negative, self.question.exact(support))

    def node(self, state: State) -> Json:
        self.nodes += 1
        if self.nodes > MAX_NODES or time.monotonic() > self.deadline:
            raise Declined("supports-too-large", "the decision tree grows too large")
        if not state.possible:
            return {"by": "empty"}
        if self.question.one_class(state.possible):
            return {"by": "one-class"}
        if self.question.ranks_exclude(state):
            return {"by": "ranks"}
        for quadratic in (False, True):
            made = self._elimination(state, quadratic)
            if made is not None:
                return made
        if state.outgoing is not None:
            return self._signed(state)
        return self._outgoing(state)

    # -- elimination ---------------------------------------------------------------------------------------------------

    def _elimination(self, state: State, quadratic: bool) -> Json | None:
        allowed = state.outgoing == "zero" if quadratic else self.question.neurons.increasing
        found = self._eliminate(state.possible, quadratic) if allowed else None
        if found is None:
            return None
        v, out = found
        made: Json = {"separator": texts(v)}
        if quadratic:
            size = len(next(iter(self.question.elements.values())).row)
            made = {"quadratic": [texts(row) for row in unlifted(v, size)]}
        if not out & state.inside:
            made["rest"] = self.node(replace(state, open=state.open - out))
        return made

    def _eliminate(self, samples: Samples, quadratic: bool) -> tuple[Row, Samples] | None:
        key = (samples, quadratic)
        if key not in self._eliminated:
            self._eliminated[key] = eliminating(signed(self.question, samples, quadratic))
        return self._eliminated[key]

    # -- splitting -----------------------------------------------------------------------------------------------------

    def _split(self, state: State, i: int) -> Json:
        rest = state.open - {i}
        inside = self.node(replace(state, inside=state.inside | {i}, open=rest))
        return {"split": i, "in": inside, "out": self.node(replace(state, open=rest))}

    def _signed(self, state: State) -> Json:
        """The signs are known and nothing excludes the whole state."""
        if state.open and state.outgoing != "zero":
            return self._split(state, self._choice(state))
        # every exact elimination has failed: the possible samples together are a support that survives
        if state.outgoing == "zero":
            raise Survives(state.possible)
        raise _Stuck(state.possible)

    def _choice(self, state: State) -> int:
        """An open element of a moving class that adds to the rank if there is one, else one of the other class."""
        elements = self.question.elements
        for label, units in ((1, state.positive), (-1, state.negative)):
            others = state.possible - self.question.labelled(state.possible, label)
            known = [elements[i].row for i in others | self.question.labelled(state.inside, label)]
            base = rank(known)
            for i in sorted(self.question.labelled(state.open, label) if units else ()):
                if rank([*known, elements[i].row]) > base:
                    return i
        label = 1 if state.positive else -1
        return min(state.open - self.question.labelled(state.open, label), default=min(state.open))

    def _outgoing(self, state: State) -> Json:
        """The signs of the outgoing weights: an h that serves all hard supports known here, else a split."""
        if not self.question.neurons.convex:
            raise Survives(state.possible)
        while True:
            near = [t for s, t in self.pool.items() if state.inside <= s <= state.possible]
            chosen = self._serving(state, near)
            if chosen is None:
                return self._split(state, self._distinguishing(state, near))
            try:
                return self._with_signs(state, *chosen)
            except _Stuck as stuck:
                self.learn(stuck.support)

    def _serving(self, state: State, near: Sequence[Thresholds]) -> tuple[int, bool] | None:
        """(h, with "both" or not) such that every case with signs excludes every one of these supports."""
        middle = (self.width + 1) / 2
        for exact in (False, True):
            for h in sorted(range(1, self.width + 1 - exact), key=lambda h: abs(h - middle)):
                cases = [c for c in signs(state, self.width, h, exact) if c.outgoing != "zero"]
                if all(t.served(case) for t in near for case in cases):
                    return h, exact
        return None

    def _distinguishing(self, state: State, near: Sequence[Thresholds]) -> int:
        """An open element of one of two supports: of two that no h serves together, if there are such."""
        pairs = list(combinations(near, 2))
        apart = (pair for pair in pairs if self._serving(state, pair) is None)
        one, other = next(apart, pairs[0])
        return min((one.support ^ other.support) & state.open)

    def _with_signs(self, state: State, h: int, exact: bool) -> Json:
        made: Json = {"outgoing": h}
        for case in signs(state, self.width, h, exact):
            made[str(case.outgoing)] = self.node(case)
        return made
