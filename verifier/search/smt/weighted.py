"""Curved nets with free data: multiplicities of candidate samples that make a given rational point a strict minimum.

For piecewise polynomial neurons and losses everything is rational at a rational point: the gradient g_i and the Hessian
H_i of each candidate's loss. Unknown are the weights m_i >= 0:

    sum m_i g_i = 0,   sum m_i H_i positive definite,   sum of m_i over misclassified candidates = 1,
    at most n of the m_i not 0.

z3 solves this as linear arithmetic with a cardinality: definiteness is asked for along finitely many directions v,
v' (sum m_i H_i) v >= MARGIN sum m_i |v' H_i v|, and where the answer's Hessian is not definite, an eigenvector of it is
one more direction. Fewer and fewer samples are asked for, at last small integers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq

from verifier.arithmetic.convert import nearest_float
from verifier.arithmetic.rounding import primitive
from verifier.model.scalars import Floats
from verifier.search.smt.process import streamed

MARGIN = 1 / 64
CUTS = 150  # directions for one question
DEFINITE = 1e-8  # of the smallest eigenvalue, relative to a Hessian of unit diagonal
FLAT = 1e-12  # diagonal entries count as at least this times the largest
GRID = 32  # denominators of directions
LARGEST = (4, 12, 40)  # integers that are tried for the multiplicities
EFFORT = 4_000_000  # of z3's steps, for each answer
Row = tuple[fmpq, ...]
Texts = tuple[str, ...]


@dataclass(frozen=True)
class Candidate:
    """A sample at the point: gradient (P) and Hessian (P rows) of its loss, whether it is misclassified."""

    gradient: Row
    hessian: tuple[Row, ...]
    wrong: bool


def weights(candidates: Sequence[Candidate], most: int, seconds: float) -> Iterator[tuple[int, ...]]:
    """Multiplicities of the candidates, 0 for most: fewer and fewer samples, at most `most`."""
    table = tuple(
        (tuple(map(str, c.gradient)), tuple(tuple(map(str, row)) for row in c.hessian), c.wrong) for c in candidates
    )
    before: tuple[int, ...] | None = None
    for found in streamed(_weights, (table, most), seconds):
        whole = primitive([_fraction(v) for v in found])
        if whole != before:
            yield whole
        before = whole


def _weights(table: Sequence[tuple[Texts, tuple[Texts, ...], bool]], most: int) -> Iterator[Texts]:
    """In the process of the solver."""
    import z3

    candidates = [
        Candidate(tuple(map(_fraction, g)), tuple(tuple(map(_fraction, row)) for row in h), wrong)
        for g, h, wrong in table
    ]
    problem = _Problem(z3, candidates)
    found: list[fmpq] | None = None
    while most >= 2:
        fewer = problem.solved(most)
        if fewer is None:
            break
        found = fewer
        yield tuple(map(str, found))
        most = sum(m != 0 for m in found) - 1
    if found is not None:
        support = [i for i, m in enumerate(found) if m != 0]
        for bound in LARGEST:
            whole = problem.integers(support, bound)
            if whole is not None:
                yield tuple(map(str, whole))
                break


class _Problem:
    def __init__(self, api: Any, candidates: Sequence[Candidate]) -> None:
        self.api, self.candidates = api, candidates
        self.size = len(candidates[0].gradient)
        self.hessians: Floats = np.array(
            [[[nearest_float(v) for v in row] for row in c.hessian] for c in candidates]
        ).reshape(len(candidates), self.size, self.size)
        self.directions: list[tuple[int, ...]] = [
            tuple(int(j == k) for j in range(self.size)) for k in range(self.size)
        ]

    def solved(self, most: int) -> list[fmpq] | None:
        """Weights of at most so many candidates."""
        api, solver = self.api, self.api.Solver()
        m = [api.Real(f"m{i}") for i in range(len(self.candidates))]
        used = [api.Bool(f"used{i}") for i in range(len(m))]
        solver.add(*(v >= 0 for v in m), *(api.Implies(v > 0, u) for v, u in zip(m, used, strict=True)))
        solver.add(api.PbLe([(u, 1) for u in used], most))
        solver.add(api.Sum([v for v, c in zip(m, self.candidates, strict=True) if c.wrong]) == 1)
        return self._cut(solver, m)

    def integers(self, support: Sequence[int], bound: int) -> list[fmpq] | None:
        """Integers from 1 to the bound on the support."""
        api, solver = self.api, self.api.Solver()
        m = [api.Int(f"m{i}") if i in support else api.IntVal(0) for i in range(len(self.candidates))]
        for i in support:
            solver.add(m[i] >= 1, m[i] <= bound)
        return self._cut(solver, m)

    def _cut(self, solver: Any, m: Sequence[Any]) -> list[fmpq] | None:
        """A definite answer, with more and more directions."""
        for k in range(self.size):
            self._linear(solver, m, [c.gradient[k] for c in self.candidates], equal=True)
        for v in self.directions:
            self._bend(solver, m, v)
        for _ in range(CUTS):
            solver.set("rlimit", EFFORT)
            if solver.check() != self.api.sat:
                return None
            model = solver.model()
            found = [_exact(self.api, model.evaluate(v, model_completion=True)) for v in m]
            hessian = np.tensordot([nearest_float(v) for v in found], self.hessians, 1)
            diagonal = np.diag(hessian)
            if not diagonal.max() > 0:
                return None
            scale = np.sqrt(np.maximum(diagonal, FLAT * diagonal.max()))
            values, vectors = np.linalg.eigh(hessian / np.outer(scale, scale))
            if values[0] > DEFINITE:
                return found
            direction = vectors[:, 0] / scale
            rounded = tuple(round(float(v)) for v in GRID * direction / np.abs(direction).max())
            if rounded in self.directions:
                return None
            self.directions.append(rounded)
            self._bend(solver, m, rounded)
        return None

    def _bend(self, solver: Any, m: Sequence[Any], v: tuple[int, ...]) -> None:
        bends = [self._along(c, v) for c in self.candidates]
        self._linear(solver, m, [x - abs(x) * fmpq(1, round(1 / MARGIN)) for x in bends], equal=False)

    def _along(self, candidate: Candidate, v: tuple[int, ...]) -> fmpq:
        rows = range(self.size)
        return sum((candidate.hessian[r][c] * (v[r] * v[c]) for r in rows for c in rows if v[r] and v[c]), fmpq(0))

    def _linear(self, solver: Any, m: Sequence[Any], coefficients: Sequence[fmpq], equal: bool) -> None:
        """sum c_i m_i = 0, or >= 0; integers say the same as rationals."""
        terms = [c * v for c, v in zip(primitive(coefficients), m, strict=True) if c]
        total = self.api.Sum(terms) if terms else self.api.IntVal(0)
        solver.add(total == 0 if equal else total >= 0)


def _exact(api: Any, number: Any) -> fmpq:
    if api.is_int_value(number):
        return fmpq(number.as_long())
    return fmpq(number.numerator_as_long(), number.denominator_as_long())


def _fraction(text: str) -> fmpq:
    return fmpq(*map(int, text.split("/")))
