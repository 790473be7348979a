"""Integer matrices as floats."""

from __future__ import annotations

import numpy as np
from flint import fmpz_mat

from verifier.arithmetic.floats import scaled_floats


def test_scaled_floats() -> None:
    shifts = np.array([[1, -1], [0, 2]], dtype=np.int64)
    assert scaled_floats(fmpz_mat([[1, 2], [-3, 4]]), shifts).tolist() == [[2.0, 1.0], [-3.0, 16.0]]
    large = scaled_floats(fmpz_mat([[3 * 2**3000, 2**3000], [-(2**3000), 0]]), np.full((2, 2), -3000, dtype=np.int64))
    assert large.tolist() == [[3.0, 1.0], [-1.0, 0.0]]
    clipped = scaled_floats(fmpz_mat([[2**3000, -(2**3000)]]), np.zeros((1, 2), dtype=np.int64))
    assert clipped.tolist() == [[1e150, -1e150]]
