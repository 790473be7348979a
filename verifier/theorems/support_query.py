"""Asking an SMT solver for a support that survives.

The solver proposes: a support that it finds is checked here exactly, and where it finds none, the decision tree is
built and checked without it. The query is linear: Booleans for the support, reals t_i = mu_i s_i and
c_i = mu_i s''_i that are positive exactly on it.
The signs of the outgoing weights are split outside the solver, lazily: of a support that the ranks exclude, the solver
learns cubes of supports around it, excluded by so many units with a_j > 0, by so many with a_j < 0, or by both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flint import fmpq

from verifier.arithmetic.rounding import primitive
from verifier.checker.theorems.supports import Row, State
from verifier.rules.problem import Declined
from verifier.theorems.support_question import Question, Samples, signed

ENGINES = {"z3": "z3", "cvc5": "cvc5.pythonic"}  # name -> module with z3's interface
Weights = Mapping[int, fmpq]


@dataclass(frozen=True)
class Survivor:
    """A support that no fact excludes at the width asked for, with multipliers that show it.

    slopes: t > 0 on the support, sum t_i y_i X_i = 0 (None if the class has no such condition); bends: c > 0 with
    sum c_i y_i X_i X_i' = 0, if the case of a zero outgoing weight survives. needs: the least width that excludes it.
    """

    support: Samples
    slopes: Weights | None
    bends: Weights | None
    needs: int | None


def available(engine: str) -> bool:
    """Whether the engine is installed."""
    return find_spec(ENGINES[engine].split(".")[0]) is not None


class Query:
    """Survivors for one question; widths may be asked for in ascending order.

    Raises Declined when the engine is missing, gives up, or answers something that does not hold.
    """

    def __init__(self, question: Question, engine: str = "z3", seconds: float = 20.0) -> None:
        if not available(engine):
            raise Declined(
                "engine-missing", f"{engine} is not installed (pip install 'loss-surface-verifier[{engine}]')"
            )
        self.question, self.engine = question, engine
        self.api: Any = import_module(ENGINES[engine])
        self.deadline = time.monotonic() + seconds
        self.hard: list[Samples] = []  # supports that only the ranks exclude
        self._inside = {i: self.api.Bool(f"in{i}") for i in question.elements}
        self._slopes = self._reals("t") if question.neurons.increasing else None
        self._solver = self._base()

    def survivor(self, width: int) -> Survivor | None:
        """A support that survives at the width, or None: the solver finds none."""
        return (self._zero if self.question.neurons.convex else self._any)() or self._by_ranks(width)

    # -- queries -------------------------------------------------------------------------------------------------------

    def _any(self) -> Survivor | None:
        return self._survivor(self._solver, {}) if self._satisfiable(self._solver) else None

    def _zero(self) -> Survivor | None:
        """Some outgoing weight is 0."""
        bends = self._reals("c")
        solver = self._base()
        self._balanced(solver, bends, signed(self.question, self.question.elements, quadratic=True))
        return self._survivor(solver, bends) if self._satisfiable(solver) else None

    def _by_ranks(self, width: int) -> Survivor | None:
        """No outgoing weight is 0."""
        if not self.question.neurons.convex:
            return None
        wide = self._wide(width)
        while self._satisfiable(self._solver, wide):
            found = self._survivor(self._solver, {})
            if found.needs is None or found.needs > width:
                return found
            self.hard.append(found.support)
            self._learn(found.support)
        return None

    def _wide(self, width: int) -> Any:
        """An assumption: the support survives p units with a_j > 0 and q with a_j < 0 for some p + q = width."""
        api = self.api
        name = api.Bool(f"width{width}")
        left = [
            api.And(*[api.Not(self._excluded(*pair)) for pair in ((p, 0), (0, width - p), (p, width - p))])
            for p in range(width + 1)
        ]
        self._solver.add(api.Or(api.Not(name), *left))
        return name

    def _excluded(self, positive: int, negative: int) -> Any:
        """The support is known not to survive so many units of each sign. More than all samples are as many."""
        most = len(self.question.elements) + 1
        return self.api.Bool(f"excluded{min(positive, most)},{min(negative, most)}")

    def _learn(self, support: Samples) -> None:
        """What excludes the support, and a cube of supports around it each time."""
        positive, negative = self.question.thresholds(support)
        assert positive is not None and negative is not None
        more = range(len(self.question.elements) + 2)
        self._learn_cube(State(support, frozenset(), "positive", positive), [(n, 0) for n in more if n >= positive])
        self._learn_cube(State(support, frozenset(), "negative", 0, negative), [(0, n) for n in more if n >= negative])
        if self.question.exact(support):
            pair = (positive - 1, negative - 1)
            self._learn_cube(State(support, frozenset(), "both", *pair), [pair])

    def _learn_cube(self, state: State, units: Sequence[tuple[int, int]]) -> None:
        for i in self.question.elements:
            wider = replace(state, inside=state.inside - {i}, open=state.open | {i})
            if self.question.ranks_exclude(wider):
                state = wider
        api, out = self.api, self.question.elements.keys() - state.possible
        elsewhere = [api.Not(self._inside[i]) for i in state.inside] + [self._inside[i] for i in out]
        for pair in units:
            self._solver.add(api.Or(*elsewhere, self._excluded(*pair)))

    # -- the solver ----------------------------------------------------------------------------------------------------

    def _reals(self, name: str) -> dict[int, Any]:
        return {i: self.api.Real(f"{name}{i}") for i in self.question.elements}

    def _base(self) -> Any:
        """A non-empty support, both classes in it if there is an output bias; the slopes if they count."""
        api, solver = self.api, self.api.Solver()
        groups = [frozenset(self.question.elements)]
        if self.question.output_bias:
            groups = [self.question.labelled(groups[0], label) for label in (1, -1)]
        for group in groups:
            solver.add(api.Or(*[self._inside[i] for i in sorted(group)]) if group else api.BoolVal(False))
        if self._slopes is not None:
            self._balanced(solver, self._slopes, signed(self.question, self.question.elements))
        return solver

    def _balanced(self, solver: Any, weights: Mapping[int, Any], rows: Mapping[int, Row]) -> None:
        """weights > 0 exactly on the support, sum weights_i rows_i = 0."""
        for i, weight in weights.items():
            solver.add(weight >= 0, (weight > 0) == self._inside[i])
        names = list(rows)
        for column in zip(*(rows[i] for i in names), strict=True):
            terms = [weights[i] * c for i, c in zip(names, primitive(column), strict=True) if c]
            if terms:
                solver.add(_sum(terms) == 0)

    def _satisfiable(self, solver: Any, *assumptions: Any) -> bool:
        left = self.deadline - time.monotonic()
        if left > 0:
            _limit(self.engine, solver, left)
            answer = solver.check(*assumptions)
            if answer in (self.api.sat, self.api.unsat):
                return bool(answer == self.api.sat)
        raise Declined("supports-too-large", f"{self.engine} found no answer in time")

    def _survivor(self, solver: Any, bends: Mapping[int, Any]) -> Survivor:
        """The solver's model, checked."""
        model = solver.model()
        support = frozenset(
            i for i, b in self._inside.items() if self.api.is_true(model.evaluate(b, model_completion=True))
        )
        read = partial(_read, model, support)
        slopes = None if self._slopes is None else read(self._slopes)
        found = Survivor(
            support, slopes, read(bends) if bends else None, None if bends else self.question.width_needed(support)
        )
        if not holds(self.question, found):
            raise Declined("engine-wrong", f"{self.engine} gave multipliers that do not hold")
        return found


def _sum(terms: Sequence[Any]) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _read(model: Any, support: Samples, variables: Mapping[int, Any]) -> dict[int, fmpq]:
    values = {i: model.evaluate(variables[i], model_completion=True).as_fraction() for i in sorted(support)}
    whole = primitive([fmpq(v.numerator, v.denominator) for v in values.values()])
    return dict(zip(values, (fmpq(v) for v in whole), strict=True))


def _limit(engine: str, solver: Any, seconds: float) -> None:
    milliseconds = max(1, int(seconds * 1000))
    if engine == "z3":
        solver.set("timeout", milliseconds)
    else:
        solver.setOption("tlimit-per", str(milliseconds))


def holds(question: Question, found: Survivor) -> bool:
    """The support is non-empty, has both classes where it must, and the multipliers are as they should be: exactly."""
    checks: list[Callable[[], bool]] = [
        lambda: bool(found.support),
        lambda: not question.one_class(found.support),
        lambda: found.slopes is None or _balanced(found.slopes, signed(question, found.support)),
        lambda: found.bends is None or _balanced(found.bends, signed(question, found.support, quadratic=True)),
        lambda: (found.slopes is not None) is question.neurons.increasing,
    ]
    return all(check() for check in checks)


def _balanced(weights: Weights, rows: Mapping[int, Row]) -> bool:
    if set(weights) != set(rows) or any(w <= 0 for w in weights.values()):
        return False
    return all(
        sum((weights[i] * rows[i][k] for i in rows), fmpq(0)) == 0 for k in range(len(next(iter(rows.values()))))
    )
