"""`python -m benchmarks`: every table."""

from __future__ import annotations

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # as in the program's workers; must precede the import of NumPy

from .exact import table  # noqa: E402
from .existence import existence  # noqa: E402
from .processes import library, small_cases  # noqa: E402
from .theorems import theorems  # noqa: E402

if __name__ == "__main__":
    table()
    theorems()
    existence()
    small_cases()
    library()
