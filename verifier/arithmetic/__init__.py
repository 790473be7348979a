"""Exact linear algebra, linear programming and definiteness witnesses for the provers.

Floats may find; whatever is returned has been verified in exact arithmetic or rigorous balls. The checker does not
trust this package: it verifies again.
"""
