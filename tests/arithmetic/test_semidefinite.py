"""Every answer is verified here from its definition, in exact arithmetic of the test's own."""

from __future__ import annotations

import pytest
from flint import arb, fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.arithmetic.semidefinite import Indefinite, Semidefinite, semidefinite
from verifier.arithmetic.witness import Witness
from verifier.checker import number
from verifier.checker.number import Scalar

Rows = list[list[Scalar]]
SMALL = st.fractions(min_value=-4, max_value=4, max_denominator=5).map(lambda x: fmpq(x.numerator, x.denominator))


def quadratic(rows: Rows, v: tuple[fmpq, ...]) -> Scalar:
    total: Scalar = fmpq(0)
    for x, row in zip(v, rows, strict=True):
        for y, entry in zip(v, row, strict=True):
            total = total + entry * (x * y)
    return total


def check_semidefinite(rows: Rows, answer: object) -> Semidefinite:
    """The lemma's hypotheses, one by one, for a rational matrix."""
    assert isinstance(answer, Semidefinite)
    for f, v in zip(answer.free, answer.kernel, strict=True):
        assert all(number.is_zero(sum((e * x for e, x in zip(row, v, strict=True)), fmpq(0))) for row in rows)
        assert v[f] != 0
        assert all(v[g] == 0 for g in answer.free if g != f)
        assert all(x.q == 1 for x in v)
    kept = [i for i in range(len(rows)) if i not in answer.free]
    assert dominates([[rows[i][j] for j in kept] for i in kept], answer.witness)
    return answer


def dominates(rows: Rows, witness: Witness) -> bool:
    """||I - X H X^T|| < 1 in the row-sum norm, by plain sums (rational H)."""
    n = len(rows)
    x = [[fmpq(e) * fmpq(2) ** p if p >= 0 else fmpq(e, 2**-p) for e in row] + [fmpq(0)] * (n - len(row))
         for row, p in zip(witness.rows, witness.exponents, strict=True)]
    for r in range(n):
        total = fmpq(0)
        for c in range(n):
            entry = sum((x[r][i] * rows[i][j] * x[c][j] for i in range(n) for j in range(n)), fmpq(0))
            total += abs(entry - (1 if r == c else 0))
        if total >= 1:
            return False
    return True


def gram(rows: list[list[fmpq]], size: int) -> fmpq_mat:
    b = fmpq_mat(len(rows), size, [x for row in rows for x in row])
    return b.transpose() * b


@st.composite
def factors(draw: st.DrawFn) -> tuple[int, list[list[fmpq]]]:
    size, count = draw(st.integers(1, 5)), draw(st.integers(0, 5))
    return size, [draw(st.lists(SMALL, min_size=size, max_size=size)) for _ in range(count)]


@given(factors())
@settings(max_examples=60, deadline=None)
def test_gram_matrices_are_semidefinite_with_their_rank(case: tuple[int, list[list[fmpq]]]) -> None:
    size, rows = case
    h = gram(rows, size)
    answer = check_semidefinite(h.tolist(), semidefinite(h.tolist()))
    assert answer.rank == h.rank()


@given(factors(), st.integers(0, 40), st.data())
@settings(max_examples=60, deadline=None)
def test_a_small_negative_part_is_found_whenever_it_is_there(
    case: tuple[int, list[list[fmpq]]], digits: int, data: st.DataObject
) -> None:
    size, rows = case
    u = data.draw(st.lists(SMALL, min_size=size, max_size=size))
    h = (gram(rows, size) - gram([u], size) * fmpq(1, 10**digits)).tolist()
    answer = semidefinite(h)
    if isinstance(answer, Indefinite):
        assert number.sign(quadratic(h, answer.direction)) < 0
    else:
        check_semidefinite(h, answer)


def test_the_empty_matrix_and_zero() -> None:
    assert semidefinite([]) == Semidefinite((), (), Witness((), ()))
    answer = check_semidefinite([[fmpq(0)] * 2] * 2, semidefinite([[fmpq(0)] * 2] * 2))
    assert answer.rank == 0 and answer.free == (0, 1)


def test_singular_with_a_long_kernel_vector() -> None:
    big = 10**40 + 1
    h = [[fmpq(big * big), fmpq(-big)], [fmpq(-big), fmpq(1)]]
    assert check_semidefinite(h, semidefinite(h)).rank == 1


@pytest.mark.parametrize("exponent", [10, 30, 60, 200])
def test_negative_eigenvalue_far_below_the_float_limit(exponent: int) -> None:
    tiny = fmpq(1, 10**exponent)
    h: Rows = [[fmpq(1), fmpq(1), fmpq(0)], [fmpq(1), 1 - tiny, fmpq(0)], [fmpq(0), fmpq(0), fmpq(1)]]
    answer = semidefinite(h)
    assert isinstance(answer, Indefinite)
    assert number.sign(quadratic(h, answer.direction)) < 0


def test_positive_eigenvalue_far_below_the_float_limit() -> None:
    h: Rows = [[fmpq(1), fmpq(1)], [fmpq(1), 1 + fmpq(1, 10**30)]]
    assert check_semidefinite(h, semidefinite(h)).rank == 2


@pytest.mark.parametrize(
    "h",
    [
        [[0, 1], [1, 5]],  # zero on the diagonal beside a non-zero entry
        [[0, 1], [1, 0]],
        [[0, 0, 1], [0, 1, 0], [1, 0, 10**30]],
        [[-1]],
        [[1, 0], [0, -1]],
        [[1, 2], [2, 1]],  # positive entries, negative determinant
        [[1, 1, 1], [1, 1, 1], [1, 1, "999999/1000000"]],
    ],
)
def test_indefinite_matrices(h: list[list[int | str]]) -> None:
    rows: Rows = [[number_of(x) for x in row] for row in h]
    answer = semidefinite(rows)
    assert isinstance(answer, Indefinite)
    assert number.sign(quadratic(rows, answer.direction)) < 0


def number_of(x: int | str) -> fmpq:
    if isinstance(x, int):
        return fmpq(x)
    p, q = x.split("/")
    return fmpq(int(p), int(q))


ROOT = number.sqrt(fmpq(2))


def test_irrational_definite_and_indefinite() -> None:
    definite = semidefinite([[ROOT, fmpq(1)], [fmpq(1), ROOT]])
    assert isinstance(definite, Semidefinite) and definite.kernel == () and definite.rank == 2
    rows: Rows = [[ROOT, fmpq(2)], [fmpq(2), ROOT]]
    answer = semidefinite(rows)
    assert isinstance(answer, Indefinite)
    assert number.sign(quadratic(rows, answer.direction)) < 0


def test_irrational_with_a_rational_kernel() -> None:
    answer = semidefinite([[ROOT, 2 * ROOT], [2 * ROOT, 4 * ROOT]])
    assert isinstance(answer, Semidefinite)
    assert answer.kernel == ((fmpq(-2), fmpq(1)),) and answer.free == (1,) and answer.rank == 1


def test_irrational_kernel_is_left_open() -> None:
    assert semidefinite([[fmpq(2), ROOT], [ROOT, fmpq(1)]]) is None


def test_mixed_symbols_share_a_kernel_only_if_each_has_it() -> None:
    e = number.exp(fmpq(1))
    both: Rows = [[ROOT + e, -ROOT - e], [-ROOT - e, ROOT + e]]
    answer = semidefinite(both)
    assert isinstance(answer, Semidefinite) and answer.rank == 1
    one: Rows = [[ROOT + e, -ROOT], [-ROOT, ROOT + e]]
    other = semidefinite(one)
    assert isinstance(other, Semidefinite) and other.rank == 2


def test_balls_decide_only_when_every_matrix_in_them_agrees() -> None:
    wide, thin = arb(1, 2), arb(1, 1e-9)
    assert isinstance(semidefinite([[thin, fmpq(0)], [fmpq(0), thin]]), Semidefinite)
    assert semidefinite([[wide, fmpq(0)], [fmpq(0), thin]]) is None
    assert isinstance(semidefinite([[-thin, fmpq(0)], [fmpq(0), thin]]), Indefinite)


def test_a_ball_around_zero_is_no_kernel() -> None:
    assert semidefinite([[arb(0, 1e-30), fmpq(0)], [fmpq(0), fmpq(1)]]) is None


def test_exactly_zero_balls_are_kernel() -> None:
    answer = semidefinite([[arb(0), arb(0)], [arb(0), arb(3)]])
    assert isinstance(answer, Semidefinite) and answer.free == (0,) and answer.rank == 1


@pytest.mark.parametrize("bad", [[[1, 2]], [[1, 2], [3, 4]], [[1], [2, 3]]])
def test_not_square_or_not_symmetric(bad: list[list[int]]) -> None:
    with pytest.raises(ValueError):
        semidefinite(bad)  # type: ignore[arg-type]


def test_floats_are_refused() -> None:
    with pytest.raises(TypeError):
        semidefinite([[1.0]])  # type: ignore[list-item]
