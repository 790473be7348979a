"""Integer matrices as float64 arrays."""

from __future__ import annotations

import numpy as np
from flint import fmpz_mat
from numpy.typing import NDArray

from verifier.arithmetic.convert import mantissa_exponent


def scaled_floats(matrix: fmpz_mat, shifts: NDArray[np.int64]) -> NDArray[np.float64]:
    """matrix[i, j] * 2**shifts[i, j] in floats, clipped to +-1e150."""
    shape = (matrix.nrows(), matrix.ncols())
    entries = matrix.entries()
    try:
        mantissas = np.array([float(x) for x in entries], dtype=np.float64).reshape(shape)
        powers = shifts
    except OverflowError:
        pairs = [mantissa_exponent(x) for x in entries]
        mantissas = np.array([m for m, _ in pairs], dtype=np.float64).reshape(shape)
        powers = shifts + np.array([e for _, e in pairs], dtype=np.int64).reshape(shape)
    with np.errstate(over="ignore", under="ignore"):
        scaled = np.ldexp(mantissas, np.clip(powers, -(2**30), 2**30).astype(np.int32))
    return np.asarray(np.clip(scaled, -1e150, 1e150), dtype=np.float64)
