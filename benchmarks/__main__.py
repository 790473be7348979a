"""`python -m benchmarks`: every table."""

from __future__ import annotations

from .exact import table
from .processes import library, small_cases

if __name__ == "__main__":
    table()
    small_cases()
    library()
