"""Rules convex, output-subspace and dual: multipliers of the loss, and a reason for each part of the network.

The multipliers m_i on breakpoints of the loss enter all conditions linearly, so an exact linear program finds them;
what then remains (definite witnesses, kinks of units) is looked for unit by unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice, product

from flint import fmpq

from verifier.arithmetic.linear import nullspace
from verifier.arithmetic.lp import Feasible, feasible
from verifier.checker import number
from verifier.checker.analysis import Analysis
from verifier.checker.errors import Rejected
from verifier.checker.facts import activation_facts
from verifier.checker.number import Exact, Undecided, is_zero, text
from verifier.checker.rules.dual import MAX_CELL_KINKS, UnitView, directional
from verifier.checker.span import hidden_spans, output_span
from verifier.checker.state import is_constant
from verifier.checker.subgradient import moved, orthogonal
from verifier.rules.problem import BITS, Declined, Json, Problem, texts
from verifier.rules.strict import witness

Vector = tuple[Exact, ...]
GLOBAL = ("polynomial", "mirror", "even", "equal")
MAX_CHOICES = 64
_ZERO, _ONE = fmpq(0), fmpq(1)


@dataclass(frozen=True)
class _Choice:
    """One way to treat a part: the vectors g has to be orthogonal to, and how its entry is then written."""

    vectors: list[Vector]
    entry: Callable[[list[Exact]], Json]


@dataclass(frozen=True)
class _Loss:
    """Intervals of the multipliers m_i of all samples."""

    analysis: Analysis

    @cached_property
    def intervals(self) -> list[tuple[Exact, Exact]]:
        return [self.analysis.one_sided_slopes(i) for i in self.analysis.samples]

    @cached_property
    def samples(self) -> list[int]:
        """The samples whose multiplier may differ from 0."""
        return [i for i, (low, high) in enumerate(self.intervals) if not (is_zero(low) and is_zero(high))]

    @cached_property
    def kinked(self) -> list[int]:
        """The samples whose multiplier is not fixed."""
        return [i for i in self.samples if not is_zero(self.intervals[i][1] - self.intervals[i][0])]

    def weight(self, sample: int) -> Exact:
        """g_i / m_i."""
        return self.analysis.weight(sample) * self.analysis.orientation(sample)

    def balanced(self, vectors: list[Vector]) -> dict[int, Exact] | None:
        """Multipliers of the kinked samples with g orthogonal to all vectors (over `samples`); None if there are
        none.
        """
        if not self.kinked:
            g = self.subgradient({})
            return {} if all(orthogonal(g, self.samples, v) for v in vectors) else None
        place = {i: k for k, i in enumerate(self.samples)}
        rows = [[self.weight(i) * v[place[i]] for i in self.kinked] for v in vectors]
        right = [self._fixed(v, place) for v in vectors]
        bounds = [self.intervals[i] for i in self.kinked]
        if not all(isinstance(x, fmpq) for row in (*rows, right, *bounds) for x in row):
            return None
        if not rows:
            return {i: low for i, (low, _) in zip(self.kinked, bounds, strict=True)}
        answer = feasible(rows, right, [b[0] for b in bounds], [b[1] for b in bounds])  # type: ignore[misc]
        return dict(zip(self.kinked, answer.x, strict=True)) if isinstance(answer, Feasible) else None

    def _fixed(self, vector: Vector, place: dict[int, int]) -> Exact:
        total: Exact = _ZERO
        for i in self.samples:
            if i not in self.kinked:
                total = total - self.weight(i) * self.intervals[i][0] * vector[place[i]]
        return total

    def subgradient(self, multipliers: dict[int, Exact]) -> list[Exact]:
        """g_i for every sample."""
        return [self.weight(i) * multipliers.get(i, low) for i, (low, _) in enumerate(self.intervals)]


def propose_convex(problem: Problem) -> Json:
    """Rule convex: every part by the pattern."""
    return _propose(problem, "convex", lambda part, loss: _identities(problem, part, loss, ("pattern",)))


def propose_output_subspace(problem: Problem) -> Json:
    """Rule output-subspace: every part by an identity that holds for all parameters."""
    return _propose(problem, "output-subspace", lambda part, loss: _identities(problem, part, loss, GLOBAL))


def propose_dual(problem: Problem) -> Json:
    """Rule dual: every part by an identity or unit by unit."""

    def choices(part: int, loss: _Loss) -> Iterator[_Choice]:
        yield from _identities(problem, part, loss, ("pattern", *GLOBAL))
        yield from _units(problem, part, loss)

    return _propose(problem, "dual", choices)


def _propose(problem: Problem, rule: str, choices: Callable[[int, _Loss], Iterator[_Choice]]) -> Json:
    loss = _Loss(problem.analysis)
    ways = [list(choices(part, loss)) for part in range(len(problem.analysis.case.parts))]
    if not loss.kinked:  # the parts do not depend on one another: keep what works for each
        ways = [[way for way in options if loss.balanced(way.vectors) is not None] for options in ways]
    failure = Declined("not-in-subdifferential", "the outputs can move along every subgradient of the loss")
    for chosen in islice(product(*ways), MAX_CHOICES):
        multipliers = loss.balanced([v for way in chosen for v in way.vectors])
        if multipliers is None:
            continue
        g = loss.subgradient(multipliers)
        try:
            parts = [way.entry(g) for way in chosen]
        except Declined as declined:
            failure = declined
            continue
        written = {str(i): text(m) for i, m in multipliers.items()}
        return {"rule": rule, "subgradients": written, "parts": parts}
    raise failure


def _identities(problem: Problem, part: int, loss: _Loss, names: Sequence[str]) -> Iterator[_Choice]:
    for name in names:
        try:
            vectors = output_span(problem.analysis, part, loss.samples, name, "span")
        except (Rejected, Undecided):
            continue
        yield _Choice(vectors, partial(_by, name))


def _by(name: str, g: list[Exact]) -> Json:
    return {"by": name}


# -- unit by unit ------------------------------------------------------------------------------------------------------


def _units(problem: Problem, part: int, loss: _Loss) -> Iterator[_Choice]:
    """Each unit flat if it can be so for every subgradient, else definite, else on a kink."""
    analysis = problem.analysis
    architecture = analysis.case.parts[part]
    if architecture.depth != 1:
        return
    vectors: list[Vector] = [(_ONE,) * len(loss.samples)] if architecture.output_bias else []
    spans = hidden_spans(analysis, part, loss.samples, "pattern")
    shapes: list[str] = []
    for j, span in enumerate(spans):
        flat = loss.balanced(span) is not None if not loss.kinked else _affine(analysis, part, j, loss.samples)
        if flat:
            shapes.append("flat")
            vectors += span
            continue
        value = tuple(analysis.traces[part][i].h[1][j] for i in loss.samples)
        smooth = _stationary_vectors(analysis, part, j, loss.samples)
        shapes.append("kink" if smooth is None else "definite")
        vectors += [value, *(smooth or [])]

    def entry(g: list[Exact]) -> Json:
        units = [_unit_entry(analysis, part, j, g, shape) for j, shape in enumerate(shapes)]
        return {"by": "units", "units": units}

    yield _Choice(vectors, entry)


def _affine(analysis: Analysis, part: int, j: int, samples: list[int]) -> bool:
    pieces = [analysis.local((part, 0, j), i) for i in samples]
    return all(p is not None and len(p) <= 2 for p in pieces)


def _features(analysis: Analysis, part: int, sample: int) -> Vector:
    """What the second derivative of phi is about: (x, 1), or x for exp, whose bias is a factor."""
    if activation_facts(analysis.case.parts[part].spec).exponential.holds is True:
        return analysis.case.inputs[sample]
    return analysis.extended_input(part, sample)


def _stationary_vectors(analysis: Analysis, part: int, j: int, samples: list[int]) -> list[Vector] | None:
    """The vectors (s'_ij x_ik)_i, one for each coordinate k; None on a breakpoint."""
    rows: list[Vector] = []
    for i in samples:
        germ = analysis.unit_germ((part, 0, j), i, 2)
        if germ is None:
            return None
        rows.append(tuple(germ[1] * v for v in _features(analysis, part, i)))  # type: ignore[misc]
    return list(zip(*rows, strict=True))


def _unit_entry(analysis: Analysis, part: int, j: int, g: list[Exact], shape: str) -> Json:
    if shape == "flat":
        return {"shape": "flat"}
    view = UnitView(analysis, (part, 0, j), g, moved(g), "unit")
    try:
        _ = view.sign
    except Rejected:
        raise Declined("outgoing-weight-zero", f"unit {j} has outgoing weight 0 and acts on the loss") from None
    return _definite_entry(view) if shape == "definite" else _kink_entry(view)


def _definite_entry(view: UnitView) -> Json:
    analysis, (part, _, j) = view.analysis, view.unit
    rows: list[tuple[Vector, Exact]] = []
    for i in view.samples:
        germ = analysis.unit_germ(view.unit, i, 2)
        assert germ is not None
        if not is_constant(analysis.local(view.unit, i)):
            rows.append((_features(analysis, part, i), view.sign * 2 * view.g[i] * germ[2]))  # type: ignore[arg-type]
    if not rows:
        raise Declined("no-sample", f"no sample acts on unit {j}")
    size = len(rows[0][0])
    unseen = nullspace([x for x, _ in rows], size)
    matrix: list[list[Exact]] = [[_ZERO] * size for _ in range(size)]
    for x, w in rows:
        for r in range(size):
            for c in range(size):
                matrix[r][c] = matrix[r][c] + w * x[r] * x[c]
    found = witness(matrix, list(unseen))  # type: ignore[arg-type]
    return {"shape": "definite", "unseen": [texts(v) for v in unseen], "bits": BITS, "witness": found}  # type: ignore[arg-type]


def _kink_entry(view: UnitView) -> Json:
    try:
        slope, kinks = directional(view)
    except Rejected as problem:
        raise Declined("kink", str(problem)) from None
    rational = all(isinstance(x, fmpq) for x in (*slope, *(v for x, bend in kinks for v in (*x, bend))))
    if not rational:
        raise Declined("kink", "the kinks of a unit have irrational coordinates")
    if all(number.sign(bend) >= 0 for _, bend in kinks):
        found = _combination(slope, [(x, bend) for x, bend in kinks], -_ONE, _ONE)
        if found is None:
            raise Declined("kink", f"unit {view.unit[2]}: the loss falls to first order on one side of a kink")
        return {"shape": "kink", "multipliers": texts(found)}
    if len(kinks) > MAX_CELL_KINKS:
        raise Declined("kink", f"unit {view.unit[2]} is on {len(kinks)} kinks, at most {MAX_CELL_KINKS} can be treated")
    cells: list[list[str]] = []
    for signs in product((1, -1), repeat=len(kinks)):
        total = list(slope)
        for (x, bend), s in zip(kinks, signs, strict=True):
            total = [t + s * bend * v for t, v in zip(total, x, strict=True)]
        found = _combination(total, [(x, fmpq(-s)) for (x, _), s in zip(kinks, signs, strict=True)], _ZERO, None)
        if found is None:
            raise Declined("kink", f"unit {view.unit[2]}: the loss falls to first order in the cell {signs}")
        cells.append(texts(found))
    return {"shape": "kink", "cells": cells}


def _combination(
    start: Sequence[Exact], terms: list[tuple[Vector, Exact]], low: fmpq, high: fmpq | None
) -> tuple[fmpq, ...] | None:
    """m with start + sum m_k c_k x_k = 0 and low <= m_k <= high."""
    rows = [[c * x[r] for x, c in terms] for r in range(len(start))]
    if not terms:
        return () if all(is_zero(v) for v in start) else None
    answer = feasible(rows, [-v for v in start], [low] * len(terms), [high] * len(terms))
    return answer.x if isinstance(answer, Feasible) else None
