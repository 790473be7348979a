"""Small random rationals and matrices for Hypothesis, with enough zeros and repetitions to be degenerate."""

from __future__ import annotations

from flint import fmpq
from hypothesis import strategies as st

INTEGERS = st.integers(-3, 3)
RATIONALS = st.builds(fmpq, st.integers(-6, 6), st.integers(1, 4))
Matrix = list[list[fmpq]]


def matrices(rows: st.SearchStrategy[int], columns: st.SearchStrategy[int]) -> st.SearchStrategy[Matrix]:
    """Matrices of small rationals, half of them of integers only."""
    entries = st.sampled_from([INTEGERS.map(fmpq), RATIONALS])
    shapes = st.tuples(rows, columns, entries)
    return shapes.flatmap(lambda shape: matrix_of(*shape))


def matrix_of(rows: int, columns: int, entries: st.SearchStrategy[fmpq] = RATIONALS) -> st.SearchStrategy[Matrix]:
    """Matrices of one shape."""
    return st.lists(vector_of(columns, entries), min_size=rows, max_size=rows)


def vector_of(size: int, entries: st.SearchStrategy[fmpq] = RATIONALS) -> st.SearchStrategy[list[fmpq]]:
    """Vectors of one length."""
    return st.lists(entries, min_size=size, max_size=size)
