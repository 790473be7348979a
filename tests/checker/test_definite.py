"""Definiteness witnesses against the leading minors: no witness makes an indefinite matrix definite."""

from __future__ import annotations

from typing import Any

import pytest
from flint import arb, arb_mat, fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.checker.definite import require_definite
from verifier.checker.errors import Rejected
from verifier.checker.number import precision

small = st.integers(-6, 6)


def accepts(matrix: Any, rows: Any, exponents: Any, bits: int = 128) -> bool:
    try:
        require_definite(matrix, {"rows": rows, "exponents": exponents}, bits, "witness")
    except Rejected:
        return False
    return True


@settings(max_examples=300, deadline=None)
@given(st.tuples(small, small, small), st.tuples(small, small, small), st.tuples(*[st.integers(-3, 1)] * 2))
def test_no_witness_for_what_is_not_definite(matrix: Any, x: Any, exponents: Any) -> None:
    a, b, c = matrix
    definite = a > 0 and a * c - b * b > 0
    exact = fmpq_mat(2, 2, [a, b, b, c])
    rows = [[x[0]], [x[1], x[2]]]
    if accepts(exact, rows, list(exponents)):
        assert definite
    with precision(128):
        balls = arb_mat(exact)
    assert accepts(exact, rows, list(exponents)) == accepts(balls, rows, list(exponents))


def test_a_semidefinite_matrix_has_no_witness() -> None:
    singular = fmpq_mat(2, 2, [1, 1, 1, 1])
    for entry in range(-4, 5):
        for exponent in (-80, -2, -1, 0, 1, 40):
            assert not accepts(singular, [[1], [entry, 1]], [0, exponent])


@pytest.mark.parametrize("tiny", [fmpq(1, 10**30), fmpq(-1, 10**30)])
def test_the_sign_of_a_tiny_eigenvalue(tiny: fmpq) -> None:
    exponent = 49  # 4^49 is about 10^29.5
    assert accepts(fmpq_mat(1, 1, [tiny]), [[1]], [exponent]) == (tiny > 0)


def test_a_ball_that_allows_0_is_not_definite() -> None:
    with precision(128):
        wide = arb_mat(1, 1, [arb(1, 2)])
        narrow = arb_mat(1, 1, [arb(1, 0.25)])
        broken = arb_mat(1, 1, [arb("nan")])
        endless = arb_mat(1, 1, [arb(1, "inf")])
    assert accepts(narrow, [[1]], [0])
    for matrix in (wide, broken, endless):
        assert not accepts(matrix, [[1]], [0])


@pytest.mark.parametrize(
    ("rows", "exponents"),
    [
        ([[1]], [0, 0]),
        ([[1], [0, 1]], [0]),
        ([[1, 0], [0, 1]], [0, 0]),
        ([[1], [1]], [0, 0]),
        ([[True], [0, 1]], [0, 0]),
        ([[1.0], [0, 1]], [0, 0]),
        ([["1"], [0, 1]], [0, 0]),
        ([[1 << 40_000], [0, 1]], [0, 0]),
        ([[1], [0, 1]], [0, 20_000]),
        ([[1], [0, 1]], [0, None]),
        ([[1], [0, 1]], [0, True]),
        ([], []),
        ({}, []),
        (None, None),
    ],
)
def test_malformed_witnesses(rows: Any, exponents: Any) -> None:
    assert not accepts(fmpq_mat(2, 2, [1, 0, 0, 1]), rows, exponents)


def test_the_witness_has_two_fields() -> None:
    for witness in (None, [], {"rows": [[1]]}, {"rows": [[1]], "exponents": [0], "more": 1}):
        with pytest.raises(Rejected, match="expected a witness with rows and exponents"):
            require_definite(fmpq_mat(1, 1, [1]), witness, 64, "witness")
