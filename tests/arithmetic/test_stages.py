"""Each stage is an exact congruence with a float image beside it."""

from __future__ import annotations

import numpy as np
from flint import fmpq, fmpz, fmpz_mat

from verifier.arithmetic.linear import modular_rank
from verifier.arithmetic.stages import MAX_STAGES, inverse_factor, stages
from verifier.arithmetic.symmetric import Rational


def hilbert(n: int) -> Rational:
    """The Hilbert matrix, whose condition number is about 33**n."""
    common = fmpz(1)
    for k in range(1, 2 * n):
        common = common.lcm(k)
    return Rational(fmpz_mat([[int(common) // (i + j + 1) for j in range(n)] for i in range(n)]), common)


def test_image_is_close_to_the_exact_congruence() -> None:
    matrix = hilbert(12)
    found = list(stages(matrix, limit=3))
    assert found[0].x is None
    for stage in found:
        x = stage.x if stage.x is not None else fmpz_mat(np.eye(12, dtype=int).tolist())
        exact = x * matrix.numerators * x.transpose()
        for i in range(12):
            for j in range(12):
                value = fmpq(exact[i, j]) / matrix.denominator * fmpq(2) ** int(stage.k[i] + stage.k[j])
                assert abs(float(value) - stage.image[i, j]) <= 1e-14 * abs(float(value))


def test_transformations_are_invertible_and_lower_triangular() -> None:
    for stage in list(stages(hilbert(12), limit=3))[1:]:
        assert stage.x is not None
        assert all(stage.x[i, i] != 0 for i in range(12))
        assert all(stage.x[i, j] == 0 for i in range(12) for j in range(i + 1, 12))
        assert modular_rank(stage.x) == 12


def test_later_stages_are_better_conditioned() -> None:
    conditions = [np.linalg.cond(stage.image) for stage in stages(hilbert(12), limit=3)]
    assert conditions[0] > 1e15 and conditions[-1] < 100


def test_clearly_indefinite_matrix_ends_the_stages() -> None:
    assert len(list(stages(Rational(fmpz_mat([[1, 2], [2, 1]]), fmpz(1))))) == 1
    assert len(list(stages(Rational(fmpz_mat([[2, 1], [1, 2]]), fmpz(1))))) == MAX_STAGES


def test_inverse_of_the_cholesky_factor() -> None:
    image = np.array([[4.0, 2.0], [2.0, 5.0]])
    inverse = inverse_factor(image)
    assert inverse is not None and inverse.tolist() == [[0.5, 0.0], [-0.25, 0.5]]
    assert inverse_factor(np.array([[1.0, 2.0], [2.0, 1.0]])) is None
    assert inverse_factor(np.array([[0.0]])) is None
