"""The conditions of a bad local minimum as formulas of linear real arithmetic, for z3.

Notation of docs/patterns.md: tau_j = sign(a_j), v_j = |a_j| w_j (bias included), u_ij = v_j . x_i, z_i = -y_i f(x_i),
lambda_i in the subdifferential of the loss at z_i, g_i = -m_i y_i lambda_i. The unknowns are a_0, tau, v, lambda and
numbers c_ij, the slope of the term g_i sigma(u_ij). The point is a local minimum if

    sum_i g_i = 0 (with an output bias)   and, for every unit j,   sum_i c_ij x_i = 0, where
    c_ij = g_i sigma'(u_ij)                       if u_ij != 0,
    c_ij between g_i * below and g_i * above      if u_ij = 0, and then tau_j (above - below) g_i >= 0.

This is rule dual with kinks that bend upwards (docs/rules.md): every term of tau_j sum_i g_i sigma(w . x_i) is convex
near its kink or affine near w_j, and 0 is a subgradient of the sum. It is sufficient, not necessary.

Free data are small integers: a real times an input's coordinate is a choice among the coordinate's values, so
everything stays linear.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from flint import fmpq

from verifier.search.smt.question import FreeData, GivenData, Question, Slope

Term = Any  # a z3 expression


@dataclass(frozen=True)
class Solution:
    """Values of a model: inputs n x d, labels, multiplicities (n), a0 (0 without output bias), tau (M), v (M rows)."""

    inputs: tuple[tuple[fmpq, ...], ...]
    labels: tuple[int, ...]
    multiplicity: tuple[int, ...]
    a0: fmpq
    signs: tuple[int, ...]
    rows: tuple[tuple[fmpq, ...], ...]


class Encoding:
    """The formulas of a question in a solver of z3 (the module, given as `api`)."""

    def __init__(self, api: Any, question: Question) -> None:
        self.api, self.shape, self.question = api, question.shape, question
        self.solver = api.Solver()
        data = question.data
        self.samples = range(data.samples)
        self.data: _Given | _Free = _Given(api, data) if isinstance(data, GivenData) else _Free(api, data)
        columns = data.dimension + self.shape.hidden_bias
        units = range(self.shape.width)
        self.a0 = self._real("a0") if self.shape.output_bias else api.RealVal(0)
        self.positive = [api.Bool(f"positive{j}") for j in units]
        self.v = [[self._real(f"v{j},{k}") for k in range(columns)] for j in units]
        self.u = [[self._feature_sum(self.v[j], i) for i in self.samples] for j in units]
        self.z = [api.Real(f"z{i}") for i in self.samples]
        self.g = [api.Real(f"g{i}") for i in self.samples]
        self.solver.add(*self.data.conditions(self.shape.hidden_bias))
        self._outputs()
        self._minimum()
        self.solver.add(api.Or([z > 0 for z in self.z]))
        for first, second in pairwise(self.positive):
            self.solver.add(api.Implies(second, first))
        if question.live:
            self.solver.add(api.Or([self._moves(u) for row in self.u for u in row]))

    # -- the formulas --------------------------------------------------------------------------------------------------

    def _outputs(self) -> None:
        api, shape = self.api, self.shape
        for i in self.samples:
            f = self.a0
            for positive, row in zip(self.positive, self.u, strict=True):
                h = api.If(row[i] > 0, _times(api, shape.above, row[i]), _times(api, shape.below, row[i]))
                f = f + api.If(positive, h, -h)
            self.solver.add(self.z[i] == self.data.labelled(-f, i))
            slope = api.Real(f"slope{i}")
            self.solver.add(self._subdifferential(self.z[i], slope))
            self.solver.add(self.g[i] == self.data.weighted(self.data.labelled(-slope, i), i))

    def _subdifferential(self, z: Term, slope: Term) -> Term:
        api, pieces = self.api, self.shape.slopes
        ways = [api.And(*_inside(api, z, p), slope == _affine(api, p, z)) for p in pieces]
        for p, q in pairwise(pieces):
            assert p.right is not None
            low, high = p.at(p.right), q.at(p.right)
            if low != high:
                between = (slope >= _value(api, low), slope <= _value(api, high))
                ways.append(api.And(z == _value(api, p.right), *between))
        return api.Or(ways)

    def _minimum(self) -> None:
        api, shape = self.api, self.shape
        if shape.output_bias:
            self.solver.add(api.Sum(self.g) == 0)
        for j, row in enumerate(self.u):
            c = [api.Real(f"c{j},{i}") for i in self.samples]
            for i in self.samples:
                low, high = (_times(api, s, self.g[i]) for s in (shape.below, shape.above))
                ways = [api.And(row[i] < 0, c[i] == low), api.And(row[i] > 0, c[i] == high)]
                kink = [row[i] == 0, api.Or(api.And(low <= c[i], c[i] <= high), api.And(high <= c[i], c[i] <= low))]
                ways.append(api.And(*kink, api.If(self.positive[j], high - low, low - high) >= 0))
                self.solver.add(api.Or(ways))
            for k in range(self.question.data.dimension):
                self.solver.add(api.Sum([self.data.times(c[i], i, k) for i in self.samples]) == 0)
            if shape.hidden_bias:
                self.solver.add(api.Sum(c) == 0)

    def _moves(self, u: Term) -> Term:
        """The unit is not constant near u."""
        sides = [u > 0] * (self.shape.above != 0) + [u < 0] * (self.shape.below != 0)
        return self.api.Or(sides)

    def _feature_sum(self, row: Sequence[Term], i: int) -> Term:
        terms = [self.data.times(row[k], i, k) for k in range(self.question.data.dimension)]
        return self.api.Sum([*terms, *row[len(terms) :]])

    def _real(self, name: str) -> Term:
        """A parameter: a real, or a bounded multiple of 1/denominator."""
        denominator, bound = self.question.denominator, self.question.bound
        if denominator is None:
            return self.api.Real(name)
        whole = self.api.Int(name)
        self.solver.add(whole >= -bound * denominator, whole <= bound * denominator)
        return self.api.ToReal(whole) / denominator

    # -- models --------------------------------------------------------------------------------------------------------

    def solution(self, model: Any) -> Solution:
        """The values of a model, exact."""

        def value(term: Term) -> fmpq:
            return _exact(self.api, model.evaluate(term, model_completion=True))

        def true(term: Term) -> bool:
            return bool(self.api.is_true(model.evaluate(term, model_completion=True)))

        signs = tuple(1 if true(p) else -1 for p in self.positive)
        rows = tuple(tuple(value(x) for x in row) for row in self.v)
        return Solution(*self.data.values(value, true), value(self.a0), signs, rows)

    def exclude(self, model: Any) -> None:
        """Leave out everything with the same signs of outgoing weights, sides of units and pieces of the loss."""
        api, pattern = self.api, list(self.positive)
        pattern += [comparison for row in self.u for u in row for comparison in (u > 0, u < 0)]
        ends = [_value(api, p.right) for p in self.shape.slopes if p.right is not None]
        pattern += [comparison for z in self.z for end in ends for comparison in (z > end, z < end)]
        pattern += self.data.choices(model)
        same = [p if api.is_true(model.evaluate(p, model_completion=True)) else api.Not(p) for p in pattern]
        self.solver.add(api.Not(api.And(same)))


class _Given:
    """Data of a case: constants."""

    def __init__(self, api: Any, data: GivenData) -> None:
        self.api, self.data = api, data

    def times(self, term: Term, i: int, k: int) -> Term:
        return _times(self.api, self.data.inputs[i][k], term)

    def labelled(self, term: Term, i: int) -> Term:
        """y_i times the term."""
        return term if self.data.labels[i] > 0 else -term

    def weighted(self, term: Term, i: int) -> Term:
        """m_i times the term."""
        return term * self.data.multiplicity[i]

    def conditions(self, hidden_bias: bool) -> list[Term]:
        return []

    def values(self, value: Callable[[Term], fmpq], true: Callable[[Term], bool]) -> tuple[Any, Any, Any]:
        return self.data.inputs, self.data.labels, self.data.multiplicity

    def choices(self, model: Any) -> list[Term]:
        return []


class _Free:
    """Data that the solver chooses: integers within bounds."""

    def __init__(self, api: Any, data: FreeData) -> None:
        self.api, self.data = api, data
        samples, coordinates = range(data.samples), range(data.dimension)
        self.x = [[api.Int(f"x{i},{k}") for k in coordinates] for i in samples]
        self.y = [api.Bool(f"y{i}") for i in samples]
        self.m = [api.Int(f"m{i}") for i in samples]

    def times(self, term: Term, i: int, k: int) -> Term:
        return self._choice(self.x[i][k], range(-self.data.reach, self.data.reach + 1), term)

    def labelled(self, term: Term, i: int) -> Term:
        return self.api.If(self.y[i], term, -term)

    def weighted(self, term: Term, i: int) -> Term:
        return self._choice(self.m[i], range(1, self.data.most + 1), term)

    def _choice(self, number: Term, values: range, term: Term) -> Term:
        """number * term, the number being one of the values."""
        result = values[0] * term
        for value in values[1:]:
            result = self.api.If(number == value, value * term, result)
        return result

    def conditions(self, hidden_bias: bool) -> list[Term]:
        api, data = self.api, self.data
        found = [api.And(v >= -data.reach, v <= data.reach) for row in self.x for v in row]
        found += [api.And(m >= 1, m <= data.most) for m in self.m]
        if data.total is not None:
            found.append(api.Sum(self.m) <= data.total)
        found += [_before(api, first, second) for first, second in pairwise(self.x)]
        if data.kind == "separable":
            v = [api.Real(f"separator{k}") for k in range(data.dimension)]
            threshold = api.Real("threshold") if hidden_bias else api.RealVal(0)
            for i, y in enumerate(self.y):
                height = api.Sum([threshold, *(self.times(v[k], i, k) for k in range(data.dimension))])
                found.append(api.If(y, height, -height) >= 1)
        elif data.kind == "subspaces":
            half = (data.dimension + 1) // 2
            for row, y in zip(self.x, self.y, strict=True):
                found.append(api.If(y, api.And([v == 0 for v in row[half:]]), api.And([v == 0 for v in row[:half]])))
                found.append(api.Or([v != 0 for v in row]))
        return found

    def values(self, value: Callable[[Term], fmpq], true: Callable[[Term], bool]) -> tuple[Any, Any, Any]:
        inputs = tuple(tuple(value(v) for v in row) for row in self.x)
        labels = tuple(1 if true(y) else -1 for y in self.y)
        return inputs, labels, tuple(int(value(m).p) for m in self.m)

    def choices(self, model: Any) -> list[Term]:
        """What these data are."""
        numbers = [v for row in (*self.x, self.m) for v in row]
        return [*self.y, *(v == model.evaluate(v, model_completion=True) for v in numbers)]


def _before(api: Any, first: Sequence[Term], second: Sequence[Term]) -> Term:
    """Lexicographic order, strict: inputs are distinct, and their order does not matter."""
    ways = []
    for k in range(len(first)):
        equal = [p == q for p, q in zip(first[:k], second[:k], strict=True)]
        ways.append(api.And(*equal, first[k] < second[k]))
    return api.Or(ways)


def _inside(api: Any, z: Term, piece: Slope) -> list[Term]:
    left = [] if piece.left is None else [z >= _value(api, piece.left)]
    return left if piece.right is None else [*left, z <= _value(api, piece.right)]


def _affine(api: Any, piece: Slope, z: Term) -> Term:
    return _value(api, piece.constant) + _times(api, piece.rise, z)


def _times(api: Any, factor: fmpq, term: Term) -> Term:
    return term if factor == 1 else _value(api, factor) * term


def _exact(api: Any, number: Any) -> fmpq:
    """The value of a numeral, integer or rational."""
    if api.is_int_value(number):
        return fmpq(number.as_long())
    return fmpq(number.numerator_as_long(), number.denominator_as_long())


def _value(api: Any, x: fmpq) -> Term:
    return api.Q(int(x.p), int(x.q))
