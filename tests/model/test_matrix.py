"""Matrix products of every kind against the plain triple loop."""

from __future__ import annotations

import random

import numpy as np
import pytest
from flint import arb, fmpq

from verifier.checker import number
from verifier.checker.number import Exact
from verifier.model.matrix import dot, gram, matmul
from verifier.model.scalars import Array, Kind, kind_of, objects, types_of
from verifier.model.series import Series

ROOT = number.sqrt(fmpq(2))


def entry(r: random.Random, irrational: bool) -> Exact:
    rational = fmpq(r.randint(-5, 5), r.randint(1, 4))
    return rational + ROOT * r.randint(-2, 2) if irrational else rational


def matrix(seed: int, rows: int, columns: int, irrational: bool = False) -> Array:
    r = random.Random(seed)
    return objects((entry(r, irrational) for _ in range(rows * columns)), (rows, columns))


def plain(a: Array, b: Array) -> Array:
    return objects(
        (sum((a[i, k] * b[k, j] for k in range(a.shape[1])), fmpq(0))
         for i in range(a.shape[0]) for j in range(b.shape[1])),
        (a.shape[0], b.shape[1]),
    )


@pytest.mark.parametrize("irrational", [False, True])
@pytest.mark.parametrize(("n", "k", "m"), [(2, 3, 4), (1, 1, 1), (3, 0, 2), (0, 2, 2)])
def test_exact_products(irrational: bool, n: int, k: int, m: int) -> None:
    a, b = matrix(1, n, k, irrational), matrix(2, k, m, irrational)
    assert matmul(a, b).tolist() == plain(a, b).tolist()


def test_ball_products_contain_the_exact_ones() -> None:
    a, b = matrix(3, 2, 3, True), matrix(4, 3, 2)
    balls = objects((number.ball(x, 80) for x in a.flat), a.shape)
    for found, expected in zip(matmul(balls, b).flat, plain(a, b).flat, strict=True):
        assert isinstance(found, arb) and found.overlaps(number.ball(expected, 200))


def test_series_products() -> None:
    a = objects([Series((fmpq(1), fmpq(2))), fmpq(3)], (1, 2))
    b = objects([Series((fmpq(0), fmpq(1))), Series((fmpq(5), fmpq(-1)))], (2, 1))
    assert matmul(a, b)[0, 0].coefficients == (15, -2)


def test_stacks_and_vectors() -> None:
    a, b = matrix(5, 6, 2).reshape(3, 2, 2), matrix(6, 2, 2)
    found = matmul(a, b)
    assert all((found[i] == plain(a[i], b)).all() for i in range(3))
    row, column = matrix(7, 1, 3)[0], matrix(8, 1, 3)[0]
    assert dot(row, column) == sum((x * y for x, y in zip(row, column, strict=True)), fmpq(0))
    assert matmul(matrix(9, 2, 3), row).shape == (2,)
    assert matmul(row, matrix(9, 3, 2)).shape == (2,)


@pytest.mark.parametrize("irrational", [False, True])
def test_gram(irrational: bool) -> None:
    rows, weights = matrix(10, 4, 3, irrational), matrix(11, 1, 4, irrational)[0]
    assert gram(rows, weights).tolist() == plain(rows.T, weights[:, None] * rows).tolist()


def test_gram_with_mixed_kinds() -> None:
    rows = matrix(12, 2, 2, True)
    weights = objects([arb(2), fmpq(1)], (2,))
    expected = plain(rows.T, objects([fmpq(2), fmpq(1)], (2,))[:, None] * rows)
    for found, exact in zip(gram(rows, weights).flat, expected.flat, strict=True):
        assert number.enclose(found).overlaps(number.ball(exact, 200))
    floats = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert np.allclose(gram(floats, np.array([1.0, 2.0])), floats.T @ np.diag([1.0, 2.0]) @ floats)


@pytest.mark.parametrize("shapes", [((2, 3), (2, 3)), ((1, 2), (3, 1))])
def test_shapes_must_fit(shapes: tuple[tuple[int, int], tuple[int, int]]) -> None:
    with pytest.raises((ValueError, IndexError)):
        matmul(matrix(1, *shapes[0]), matrix(2, *shapes[1]))


def test_subclasses_of_the_number_types_count_as_these() -> None:
    class Zero(fmpq):  # type: ignore[misc]
        pass

    a = objects([ROOT, Zero(0), fmpq(1), Zero(2)], (2, 2))
    assert types_of(a) == {fmpq, number.Number}
    assert kind_of(a) is Kind.EXACT
    assert matmul(a, a).tolist() == plain(a, a).tolist()


@pytest.mark.parametrize("stray", [1, 0.5, "1", None, True])
def test_strays_are_refused(stray: object) -> None:
    with pytest.raises(TypeError):
        kind_of(objects([fmpq(1), stray], (2,)))
