"""Definiteness witnesses against the leading minors: no witness makes an indefinite matrix definite."""

from __future__ import annotations

from typing import Any

import pytest
from flint import arb, arb_mat, fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.checker.definite import read_witness, require_definite
from verifier.checker.errors import Rejected
from verifier.checker.number import precision
from verifier.checker.rounding import Integers

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


def test_entries_that_differ_too_much_are_refused() -> None:
    """Before each of them gets as many bits as the longest would need."""
    with pytest.raises(Rejected, match="differ too much in size"):
        read_witness({"rows": [[1], [0, 1]], "exponents": [0, 8_000]}, 2, "witness")
    assert read_witness({"rows": [[1], [0, 1]], "exponents": [-2_000, 2_000]}, 2, "witness").rows[1] == [0, 1 << 4_000]


# -- bounds for all matrices within an error ---------------------------------------------------------------------------


def norm(matrix: fmpq_mat) -> fmpq:
    """The largest row sum of absolute values."""
    return max(sum(map(abs, row), fmpq(0)) for row in matrix.tolist())


def symmetric(size: int, entries: list[int]) -> list[list[int]]:
    return [[entries[max(r, c) * size + min(r, c)] for c in range(size)] for r in range(size)]


def matrices(low: int, high: int, least: int) -> st.SearchStrategy[Any]:
    """Entries of H from `low` to `high`, signs of errors, rows of X from `least`, exponents, sizes of errors."""
    return st.integers(1, 3).flatmap(
        lambda n: st.tuples(
            st.lists(st.integers(low, high), min_size=n * n, max_size=n * n).map(lambda v: symmetric(n, v)),
            st.lists(st.sampled_from((-1, 1)), min_size=n * n, max_size=n * n).map(lambda v: symmetric(n, v)),
            st.tuples(*(st.lists(st.integers(least, 9), min_size=r + 1, max_size=r + 1) for r in range(n))).map(list),
            st.lists(st.integers(-3, 3), min_size=n, max_size=n),
            st.lists(st.integers(0, 3), min_size=n, max_size=n),
        )
    )


def norms(h: fmpq_mat, x: list[list[int]], exponents: list[int]) -> tuple[fmpq, fmpq]:
    """Those of I - X H X^T and X H."""
    n = len(x)
    rows = [[v * fmpq(2) ** e for v in (*row, *[0] * (n - len(row)))] for row, e in zip(x, exponents, strict=True)]
    exact = fmpq_mat(rows)
    identity = fmpq_mat(n, n, [int(r == c) for r in range(n) for c in range(n)])
    return norm(identity - exact * h * exact.transpose()), norm(exact * h)


def changed(h: Integers, signs: list[list[int]], sizes: list[int]) -> fmpq_mat:
    """At the end of the errors that the signs say."""
    unit, n = fmpq(2) ** -h.scale, range(len(sizes))
    errors = [[h.error * unit + sizes[r] * sizes[c] for c in n] for r in n]
    return fmpq_mat([[h.rows[r][c] * unit + errors[r][c] * signs[r][c] for c in n] for r in n])


def integers(middle: list[list[int]], error: int, scale: int, sizes: list[int]) -> Integers:
    return Integers(middle, scale, error, [arb(v) for v in sizes])


def deviation(h: Integers, x: Any, exponents: Any) -> tuple[arb, arb]:
    with precision(128):
        return read_witness({"rows": x, "exponents": exponents}, len(x), "witness").deviation(h)


@settings(max_examples=200, deadline=None)
@given(matrices(-40, 40, -9), st.integers(0, 5), st.integers(-4, 6))
def test_deviation_is_a_bound_for_all_matrices_within_the_error(drawn: Any, error: int, scale: int) -> None:
    middle, signs, x, exponents, sizes = drawn
    n, h = len(x), integers(middle, error, scale, sizes)
    bounds = deviation(h, x, exponents)
    for change in (signs, [[1] * n] * n, [[-1] * n] * n):
        values = norms(changed(h, change, sizes), x, exponents)
        assert all(bound >= value for bound, value in zip(bounds, values, strict=True))


@settings(max_examples=100, deadline=None)
@given(matrices(0, 40, 0), st.integers(0, 5))
def test_deviation_is_reached_where_nothing_cancels(drawn: Any, error: int) -> None:
    """H >= 0, X >= 0, and X H X^T >= I on the diagonal."""
    middle, _, x, exponents, sizes = drawn
    n, scale = len(x), -4
    exponents = [max(e, 0) for e in exponents]
    x = [[*row[:-1], max(row[-1], 1)] for row in x]
    middle = [[max(v, int(r == c)) for c, v in enumerate(row)] for r, row in enumerate(middle)]
    h = integers(middle, error, scale, sizes)
    bounds = deviation(h, x, exponents)
    values = norms(changed(h, [[1] * n] * n, sizes), x, exponents)
    assert all(value <= bound <= value * (1 + fmpq(1, 2**20)) for bound, value in zip(bounds, values, strict=True))
