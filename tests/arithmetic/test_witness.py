"""Witnesses prove by the lemma in witness.py, and nothing else: every tampering is found out."""

from __future__ import annotations

import dataclasses
import json

import pytest
from flint import arb, arb_mat, fmpz, fmpz_mat
from hypothesis import given
from hypothesis import strategies as st

from verifier.arithmetic.witness import MAX_SPREAD, Witness, from_dyadics, verify_balls, verify_rational
from verifier.checker.definite import MAX_ENTRY_BITS, MAX_EXPONENT

H = fmpz_mat([[2, 1], [1, 2]])  # over the denominator 1
GOOD = Witness(((1,), (-1, 2)), (-1, -1))  # X = [[1/2, 0], [-1/2, 1]]; X H X^T = [[1/2, 0], [0, 3/2]]


def test_the_lemma_applied_by_hand() -> None:
    assert verify_rational(GOOD, H, fmpz(1))
    assert verify_balls(GOOD, arb_mat(H), 64)


def test_row_sum_of_exactly_one_is_not_enough() -> None:
    """I - M = [[1]]: H = 0 and H = 2 are on the two ends, only what lies between is proved."""
    one = Witness(((1,),), (0,))
    for numerator, proved in ((0, False), (1, True), (999, True), (1999, True), (2000, False), (-1, False)):
        assert verify_rational(one, fmpz_mat([[numerator]]), fmpz(1000)) is proved
    assert not verify_balls(one, arb_mat([[0]]), 64)
    assert not verify_balls(one, arb_mat([[2]]), 64)


TAMPERED = [
    dataclasses.replace(GOOD, rows=((0,), (-1, 2))),
    dataclasses.replace(GOOD, rows=((3,), (-1, 2))),
    dataclasses.replace(GOOD, rows=((1,), (2, 2))),
    dataclasses.replace(GOOD, rows=((1,), (-1, 0))),
    dataclasses.replace(GOOD, rows=((1,), (0, 0))),
    dataclasses.replace(GOOD, exponents=(0, -1)),
    dataclasses.replace(GOOD, exponents=(-1, 1)),
    dataclasses.replace(GOOD, exponents=(-1, -1 - MAX_EXPONENT)),
    dataclasses.replace(GOOD, rows=((1,), (-1, 2 << MAX_ENTRY_BITS))),
    dataclasses.replace(GOOD, exponents=(-1,)),
    dataclasses.replace(GOOD, rows=((1,), (-1, 2), (0, 0, 1)), exponents=(-1, -1, -1)),
    dataclasses.replace(GOOD, rows=((1,),), exponents=(-1,)),
    dataclasses.replace(GOOD, rows=((1, 0), (-1, 2))),
    dataclasses.replace(GOOD, rows=((1,), (2,))),
]


@pytest.mark.parametrize("bad", TAMPERED)
def test_tampered_witness_is_rejected(bad: Witness) -> None:
    assert not verify_rational(bad, H, fmpz(1))
    assert not verify_balls(bad, arb_mat(H), 64)


@pytest.mark.parametrize("other", [[[2, 2], [2, 2]], [[2, 3], [3, 2]], [[0, 1], [1, 2]], [[-2, 1], [1, 2]]])
def test_witness_proves_nothing_about_another_matrix(other: list[list[int]]) -> None:
    assert not verify_rational(GOOD, fmpz_mat(other), fmpz(1))
    assert not verify_balls(GOOD, arb_mat(other), 64)


@given(st.lists(st.integers(-4, 4), min_size=3, max_size=3), st.lists(st.integers(-4, 4), min_size=3, max_size=3))
def test_no_witness_for_an_indefinite_matrix(entries: list[int], x: list[int]) -> None:
    """Whatever X is: nothing is proved about a matrix with a determinant or a diagonal entry <= 0."""
    a, b, c = entries
    proved = verify_rational(Witness(((x[0],), (x[1], x[2])), (0, -1)), fmpz_mat([[a, b], [b, c]]), fmpz(3))
    assert not proved or (a > 0 and a * c > b * b)


def test_ball_as_wide_as_the_matrix_is_not_proved() -> None:
    one = Witness(((1,),), (0,))
    assert verify_balls(one, arb_mat([[arb(1, 0.875)]]), 64)
    assert not verify_balls(one, arb_mat([[arb(1, 1)]]), 64)
    assert not verify_balls(one, arb_mat([[arb(0, 1)]]), 64)
    assert not verify_balls(one, arb_mat([[arb("nan")]]), 64)
    assert not verify_balls(one, arb_mat([[arb("inf")]]), 64)


def test_size_bounds_are_those_of_the_checker() -> None:
    """Good witnesses but for one number that is too long to be read."""
    end = 1 << MAX_ENTRY_BITS
    for rows, power, fits in ((((1,),), -MAX_EXPONENT, True), (((1,),), -MAX_EXPONENT - 1, False)):
        assert verify_rational(Witness(rows, (power,)), fmpz_mat([[fmpz(1) << (-2 * power)]]), fmpz(1)) is fits
    for entry, fits in ((end - 1, True), (end, False)):
        assert verify_rational(Witness(((entry,),), (0,)), fmpz_mat([[1]]), fmpz(entry) ** 2) is fits


def test_empty_matrix() -> None:
    assert verify_rational(Witness((), ()), fmpz_mat(0, 0), fmpz(1))
    assert verify_balls(Witness((), ()), arb_mat(0, 0), 64)
    assert not verify_rational(GOOD, fmpz_mat(0, 0), fmpz(1))


@given(st.lists(st.tuples(st.integers(-(2**20), 2**20), st.integers(-30, 30)), min_size=3, max_size=3))
def test_dyadics_are_kept_exactly_and_briefly(parts: list[tuple[int, int]]) -> None:
    (a, p), (b, q), (c, r) = parts
    found = from_dyadics([[a], [b, c]], [[p], [q, r]])
    assert found is not None
    for row, e, wanted in zip(found.rows, found.exponents, ([(a, p)], [(b, q), (c, r)]), strict=True):
        assert [x * 2 ** (e + 80) for x in row] == [x * 2 ** (power + 80) for x, power in wanted]
        assert any(x % 2 for x in row) or not any(row)


def test_rows_that_would_be_too_long() -> None:
    assert from_dyadics([[1, 1]], [[0, MAX_SPREAD]]) is not None
    assert from_dyadics([[1, 1]], [[0, MAX_SPREAD + 1]]) is None
    assert from_dyadics([[0, 1]], [[0, MAX_SPREAD + 1]]) == Witness(((0, 1),), (MAX_SPREAD + 1,))


def test_document_is_plain_json() -> None:
    text = json.dumps(GOOD.document())
    assert json.loads(text) == {"rows": [[1], [-1, 2]], "exponents": [-1, -1]}
