"""The same computation as a textbook would write it: Python fractions, and SymPy. Single-layer nets, quadratic loss."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .problems import Problem

Vector = list[Fraction]
Matrix = list[Vector]


def fractions(problem: Problem) -> int:
    """Gradient, Hessian and rank of a semidefinite Hessian by Python fractions; the rank, or -1 if not semidefinite."""
    inputs, targets, theta = _read(problem)
    size, total = len(theta), len(inputs)
    gradient = [Fraction(0)] * size
    hessian = [[Fraction(0)] * size for _ in range(size)]
    for x, t in zip(inputs, targets, strict=True):
        f, row, second = _output(problem, theta, x)
        slope, bend = 2 * (f - t) / total, Fraction(2, total)
        for i, entry in enumerate(row):
            gradient[i] += slope * entry
            if entry:
                weighted, line = bend * entry, hessian[i]
                for j in range(size):
                    line[j] += weighted * row[j]
        for (i, j), entry in second.items():
            hessian[i][j] += slope * entry
    assert not any(gradient)
    return _rank(hessian)


def _read(problem: Problem) -> tuple[Matrix, Vector, Vector]:
    data = problem.case.data
    assert data.targets is not None
    rows = [[_fraction(v) for v in x] for x in data.inputs]
    return rows, [_fraction(t) for t in data.targets], [_fraction(v) for v in problem.theta]


def _fraction(x: Any) -> Fraction:
    return Fraction(int(x.p), int(x.q))


def _output(problem: Problem, theta: Vector, x: Vector) -> tuple[Fraction, Vector, dict[tuple[int, int], Fraction]]:
    """f, its gradient, and the non-zero entries of its Hessian."""
    width, features = problem.width, [*x, Fraction(1)]
    f, row = theta[0], [Fraction(0)] * len(theta)
    row[0] = Fraction(1)
    second: dict[tuple[int, int], Fraction] = {}
    for j in range(width):
        a, start = theta[1 + j], 1 + width + j * len(features)
        u = sum((w * v for w, v in zip(theta[start : start + len(features)], features, strict=True)), Fraction(0))
        value, slope, bend = _activation(problem.activation, u)
        f += a * value
        row[1 + j] = value
        for k, v in enumerate(features):
            row[start + k] = a * slope * v
            second[1 + j, start + k] = second[start + k, 1 + j] = slope * v
            for m, w in enumerate(features):
                if bend:
                    second[start + k, start + m] = a * bend * v * w
    return f, row, second


def _activation(name: str, u: Fraction) -> tuple[Fraction, Fraction, Fraction]:
    if name == "quadratic":
        return u * u, 2 * u, Fraction(2)
    slope = Fraction(1) if u > 0 else Fraction(1, 10)
    return slope * u, slope, Fraction(0)


def _rank(matrix: Matrix) -> int:
    """By elimination with the diagonal as pivots, which suffices for semidefinite matrices."""
    rows, size, rank = [list(row) for row in matrix], len(matrix), 0
    for k in range(size):
        pivot = rows[k][k]
        if pivot < 0 or (pivot == 0 and any(rows[k][k:])):
            return -1
        if pivot == 0:
            continue
        rank += 1
        for i in range(k + 1, size):
            factor = rows[i][k] / pivot
            if factor:
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
    return rank


def sympy_rank(problem: Problem) -> int:
    """Gradient and Hessian by symbolic differentiation, the rank of the Hessian by SymPy."""
    import sympy

    inputs, targets, theta = _read(problem)
    symbols = sympy.symbols(f"p0:{len(theta)}")
    values = {s: sympy.Rational(v.numerator, v.denominator) for s, v in zip(symbols, theta, strict=True)}
    loss = sympy.Integer(0)
    for x, t in zip(inputs, targets, strict=True):
        features = [*(sympy.Rational(v.numerator, v.denominator) for v in x), sympy.Integer(1)]
        f = symbols[0]
        for j in range(problem.width):
            start = 1 + problem.width + j * len(features)
            u = sum(s * v for s, v in zip(symbols[start:], features, strict=False))
            positive = u.subs(values) > 0
            slope = sympy.Integer(1) if positive else sympy.Rational(1, 10)
            f += symbols[1 + j] * (u**2 if problem.activation == "quadratic" else slope * u)
        loss += (f - sympy.Rational(t.numerator, t.denominator)) ** 2 / len(inputs)
    gradient = [sympy.diff(loss, s) for s in symbols]
    assert not any(g.subs(values) for g in gradient)
    hessian = sympy.Matrix([[sympy.diff(g, s).subs(values) for s in symbols] for g in gradient])
    return int(hessian.rank())
