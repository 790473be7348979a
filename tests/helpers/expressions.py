"""Random piecewise polynomials in z, as text in the grammar of case files."""

from __future__ import annotations

from hypothesis import strategies as st

ARITHMETIC = ["({} + {})", "({} - {})", "({}*{})", "max({}, {})", "min({}, {})"]


def piecewise_polynomials(leaves: list[str], exponents: tuple[int, int], size: int) -> st.SearchStrategy[str]:
    """Sums, products, maxima, minima, absolute values and powers of `leaves`, at most `size` of them."""
    return st.recursive(
        st.sampled_from(leaves),
        lambda t: st.one_of(
            st.tuples(st.sampled_from(ARITHMETIC), t, t).map(lambda p: p[0].format(p[1], p[2])),
            t.map(lambda p: f"abs({p})"),
            st.tuples(t, st.integers(*exponents)).map(lambda p: f"({p[0]})**{p[1]}"),
        ),
        max_leaves=size,
    )
