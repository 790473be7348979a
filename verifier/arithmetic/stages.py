"""Successive congruences that make an ill-conditioned symmetric matrix tractable in floats.

Stage s holds an invertible lower-triangular integer X and a float image of Y = X H X^T, which is computed exactly.
The next X comes from a float Cholesky factor of the image, shifted to be definite. Each stage divides a large
condition number by about 10^14, and keeps signs exact: after Rump, "Inversion of extremely ill-conditioned matrices
in floating-point", Japan J. Indust. Appl. Math. 26 (2009).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from flint import fmpz, fmpz_mat
from numpy.typing import NDArray

from verifier.arithmetic.symmetric import Rational, float_image

MAX_STAGES = 7
LARGEST_SHIFT = 0.05
MANTISSA = 50
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stage:
    """image[i, j] is close to Y[i, j] * 2**(k[i] + k[j]), Y = X H X^T; X = None is the identity."""

    image: Floats
    k: NDArray[np.int64]
    x: fmpz_mat | None


def stages(matrix: Rational, limit: int = MAX_STAGES) -> Iterator[Stage]:
    """The stages of H; they end when a clearly negative eigenvalue leaves nothing to improve."""
    current, x = matrix, None
    for _ in range(limit):
        image, k = float_image(current)
        yield Stage(image, k, x)
        inverse = _shifted_inverse(image)
        if inverse is None:
            return
        step = _columns_scaled(_rounded(inverse), k)
        x = step if x is None else step * x
        current = Rational(step * current.numerators * step.transpose(), current.denominator)


def inverse_factor(image: Floats) -> Floats | None:
    """Z = L^-1 for image = L L^T, or None when the float factorisation fails."""
    try:
        factor = np.linalg.cholesky(image)
        inverse = np.tril(np.linalg.inv(factor))
    except np.linalg.LinAlgError:
        return None
    return inverse if np.isfinite(inverse).all() else None


def _shifted_inverse(image: Floats) -> Floats | None:
    n = len(image)
    shift = n * 2.0**-51
    while shift < LARGEST_SHIFT:
        inverse = inverse_factor(image + shift * np.eye(n))
        if inverse is not None:
            return inverse
        shift *= 16
    return None


def _rounded(inverse: Floats) -> fmpz_mat:
    """Integers proportional to the rows of a float matrix (each row by its own power of two)."""
    n = len(inverse)
    _, sizes = np.frexp(np.abs(inverse).max(axis=1))
    scaled = np.rint(np.ldexp(inverse, (MANTISSA - sizes)[:, None]))
    return fmpz_mat(n, n, [int(v) for v in scaled.ravel()])


def _columns_scaled(x: fmpz_mat, k: NDArray[np.int64]) -> fmpz_mat:
    """x * diag(2**(k - min k))."""
    low = int(k.min())
    if int(k.max()) == low:
        return x
    n = x.nrows()
    diagonal = fmpz_mat(n, n)
    for i in range(n):
        diagonal[i, i] = fmpz(1) << (int(k[i]) - low)
    return x * diagonal
