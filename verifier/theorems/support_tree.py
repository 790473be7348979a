"""Building a decision tree that excludes every support, or finding one that survives: by exact programs alone."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from verifier.checker.theorems.supports import MAX_NODES, Row, State, rank
from verifier.rules.problem import Declined, Json, texts
from verifier.theorems.support_question import Question, Samples, eliminating, signed, unlifted


@dataclass(frozen=True)
class Thresholds:
    """A support that survives slopes and balance, and how many units of each sign exclude it."""

    support: Samples
    positive: int
    negative: int


class Survives(Exception):
    """No fact excludes this support at this width."""

    def __init__(self, support: Samples) -> None:
        super().__init__(f"samples {sorted(support)}")
        self.support = support


class _Stuck(Exception):
    """Below "positive" or "negative" this support is not excluded; another h may do it."""

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
        if positive is None or negative is None or positive + negative - 1 > self.width:
            raise Survives(support)
        self.pool[support] = Thresholds(support, positive, negative)

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
        """An open element of the moving class that adds to the rank if there is one, else one of the other class."""
        label = 1 if state.outgoing == "positive" else -1
        elements = self.question.elements
        own = self.question.labelled(state.open, label)
        others = state.possible - self.question.labelled(state.possible, label)
        known = [elements[i].row for i in others | self.question.labelled(state.inside, label)]
        base = rank(known)
        for i in sorted(own):
            if rank([*known, elements[i].row]) > base:
                return i
        return min(state.open & others, default=min(state.open))

    def _outgoing(self, state: State) -> Json:
        """The signs of the outgoing weights: an h that serves all hard supports known here, else a split."""
        if not self.question.neurons.convex:
            raise Survives(state.possible)
        while True:
            near = [t for s, t in self.pool.items() if state.inside <= s <= state.possible]
            most = max(near, key=lambda t: t.positive, default=None)
            other = max(near, key=lambda t: t.negative, default=None)
            low = most.positive if most else 1
            high = self.width + 1 - (other.negative if other else 1)
            if low > high:
                assert most is not None and other is not None
                return self._split(state, min((most.support ^ other.support) & state.open))
            try:
                return self._with_signs(state, (low + high) // 2)
            except _Stuck as stuck:
                self.learn(stuck.support)

    def _with_signs(self, state: State, h: int) -> Json:
        made: Json = {"outgoing": h}
        for sign, units in (("positive", h), ("negative", self.width - h + 1), ("zero", 1)):
            made[sign] = self.node(replace(state, outgoing=sign, units=units))
        return made
