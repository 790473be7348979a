"""Rank, kernels and systems: rational ones against SymPy, irrational ones by their own algebra."""

from __future__ import annotations

from typing import Any

import pytest
import sympy
from flint import arb, fmpq, fmpq_mat, fmpz_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.arithmetic.strategies import RATIONALS, Matrix, matrices, matrix_of, vector_of
from verifier.arithmetic.linear import (
    PRIME,
    echelon_basis,
    in_span,
    integer_nullspace,
    modular_rank,
    nullspace,
    rank,
    row_echelon,
    solve,
)
from verifier.checker.number import Scalar, UnknownSign, exp, is_zero, log, sqrt

SHAPES = matrices(st.integers(1, 4), st.integers(1, 5))
SQUARE = matrices(st.shared(st.integers(1, 4), key="n"), st.shared(st.integers(1, 4), key="n"))
# Q(sqrt 2, sqrt 3): a zero is a zero by identity there, so every pivot can be decided.
SURDS = st.builds(lambda a, b, c: a + b * sqrt(fmpq(2)) + c * sqrt(fmpq(3)), RATIONALS, RATIONALS, RATIONALS)


def symbolic(matrix: Matrix) -> Any:
    """The same matrix for SymPy."""
    return sympy.Matrix([[sympy.Rational(int(x.p), int(x.q)) for x in row] for row in matrix])


def times(matrix: Any, x: Any) -> list[Scalar]:
    """The product with a vector, by the definition."""
    return [sum((a * b for a, b in zip(row, x, strict=True)), fmpq(0)) for row in matrix]


@settings(max_examples=60)
@given(SHAPES)
def test_rank_and_echelon_form_are_those_of_sympy(matrix: Matrix) -> None:
    reduced, pivots = symbolic(matrix).rref()
    rows, found = row_echelon(matrix)
    assert found == list(pivots)
    assert [[sympy.Rational(str(x)) for x in row] for row in rows] == reduced[: len(pivots), :].tolist()
    assert rank(matrix) == len(pivots)


@settings(max_examples=60)
@given(SHAPES)
def test_nullspace_is_a_basis_of_primitive_vectors(matrix: Matrix) -> None:
    basis = nullspace(matrix)
    assert len(basis) == len(matrix[0]) - symbolic(matrix).rank()
    assert all(is_zero(x) for vector in basis for x in times(matrix, vector))
    assert not basis or rank(basis) == len(basis)
    assert all(isinstance(x, fmpq) and x.q == 1 for vector in basis for x in vector)


@settings(max_examples=60)
@given(SHAPES.flatmap(lambda m: st.tuples(st.just(m), vector_of(len(m)))))
def test_solve_finds_a_solution_exactly_if_there_is_one(system: tuple[Matrix, list[fmpq]]) -> None:
    matrix, right = system
    x = solve(matrix, right)
    augmented = symbolic(matrix).row_join(symbolic([[b] for b in right]))
    assert (x is not None) == (augmented.rank() == symbolic(matrix).rank())
    assert x is None or times(matrix, x) == right


@settings(max_examples=60)
@given(SHAPES.flatmap(lambda m: st.tuples(st.just(m), vector_of(len(m)))))
def test_combinations_are_in_the_span(data: tuple[Matrix, list[fmpq]]) -> None:
    rows, weights = data
    target = times(list(zip(*rows, strict=True)), weights)
    found = in_span(rows, target)
    assert found is not None
    assert times(list(zip(*rows, strict=True)), found) == target


def test_outside_the_span() -> None:
    assert in_span([[1, 0, 0], [0, 1, 0]], [1, 1, 1]) is None
    assert in_span([], [0, 0]) == ()
    assert in_span([], [0, 1]) is None


def test_shapes_without_entries() -> None:
    assert rank([]) == rank([[], []]) == 0
    zero, one = fmpq(0), fmpq(1)
    assert nullspace([], columns=2) == nullspace([[0, 0]]) == ((one, zero), (zero, one))
    assert solve([], []) == ()
    assert solve([[]], [0]) == ()
    assert solve([[]], [1]) is None
    with pytest.raises(ValueError, match="1 rows but 2 right-hand sides"):
        solve([[1]], [1, 2])


# -- irrational entries ------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(matrix_of(2, 3, SURDS), st.tuples(SURDS, SURDS))
def test_kernel_of_surds(two: list[list[Scalar]], weights: tuple[Scalar, Scalar]) -> None:
    """A third row that depends on the other two changes neither the rank nor the kernel."""
    third = [weights[0] * a + weights[1] * b for a, b in zip(*two, strict=True)]
    assert rank([*two, third]) == rank(two)
    basis = nullspace([*two, third])
    assert len(basis) == 3 - rank(two)
    assert all(is_zero(x) for vector in basis for x in times([*two, third], vector))


@settings(max_examples=25, deadline=None)
@given(matrix_of(3, 2, SURDS), st.tuples(SURDS, SURDS))
def test_systems_of_surds(matrix: list[list[Scalar]], x: tuple[Scalar, Scalar]) -> None:
    right = times(matrix, x)
    found = solve(matrix, right)
    assert found is not None
    assert all(is_zero(a - b) for a, b in zip(times(matrix, found), right, strict=True))


def test_singular_by_an_identity_only() -> None:
    """sqrt 6 = sqrt 2 sqrt 3 and exp(log 2 + 1) = 2 e: floats see a rank of 2 or 1 by chance, identities see 1."""
    assert rank([[sqrt(fmpq(2)), fmpq(2)], [sqrt(fmpq(6)), 2 * sqrt(fmpq(3))]]) == 1
    e = exp(fmpq(1))
    assert rank([[fmpq(1), e], [fmpq(2), exp(log(fmpq(2)) + 1)]]) == 1
    assert rank([[fmpq(1), e], [fmpq(2), 2 * e + fmpq(1, 10**40)]]) == 2


def test_inconsistent_system_of_irrationals() -> None:
    root = sqrt(fmpq(2))
    assert solve([[root, 2], [1, root]], [1, 1]) is None
    assert solve([[root, 2], [1, root]], [root, 1]) == (fmpq(1), fmpq(0))


def test_ball_around_zero_is_neither_a_pivot_nor_zero() -> None:
    unclear = arb(0, 1e-9)
    with pytest.raises(UnknownSign):
        rank([[unclear]])
    assert rank([[unclear], [1]]) == 1  # another row of the column has a proved pivot
    assert rank([[arb(0), arb(1, 0.5)]]) == 1


# -- integer kernels ---------------------------------------------------------------------------------------------------


def is_kernel_basis(matrix: fmpz_mat, basis: list[tuple[int, ...]]) -> bool:
    """Whether the vectors are independent, as many as the nullity (by FLINT's exact rank), and in the kernel."""
    nullity = matrix.ncols() - matrix.rank()
    if len(basis) != nullity:
        return False
    block = fmpz_mat([list(v) for v in basis]) if basis else fmpz_mat(0, matrix.ncols())
    return block.rank() == nullity and not any((matrix * block.transpose()).entries())


@settings(max_examples=60)
@given(matrices(st.integers(1, 5), st.integers(1, 7)))
def test_integer_kernels(matrix: Matrix) -> None:
    integers, _ = fmpq_mat(matrix).numer_denom()
    assert is_kernel_basis(integers, integer_nullspace(integers))
    assert modular_rank(integers) == integers.rank()


def test_kernel_modulo_the_prime_is_not_believed() -> None:
    """The prime divides an entry: modulo it the rank is too small and the kernel too large."""
    matrix = fmpz_mat([[PRIME, 0, 0], [0, 1, 1]])
    assert modular_rank(matrix) == 1
    assert integer_nullspace(matrix) == [(0, -1, 1)] or integer_nullspace(matrix) == [(0, 1, -1)]


@pytest.mark.parametrize("power", [5, 31, 62, 200])
def test_kernels_with_long_entries(power: int) -> None:
    n = 3**power
    matrix = fmpz_mat([[n, n + 1, -1, 5], [1, n - 7, 2, n]])
    assert is_kernel_basis(matrix, integer_nullspace(matrix))


@settings(max_examples=30)
@given(SQUARE)
def test_first_independent_columns(matrix: Matrix) -> None:
    chosen = echelon_basis(fmpq_mat(matrix))
    assert chosen == list(symbolic(matrix).rref()[1])
