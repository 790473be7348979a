"""Inverse design: data for which a given net and loss have a strict bad local minimum (docs/inverse-design.md).

    for design in designs(network, loss, dimension, "separable", seed=0, seconds=60):
        text = case_text(design)      # a case file, for `verify` to prove

Needs the optional extra `design`: `available()` says whether it is there. All of it is numerical and only proposes.
"""

from verifier.search.inverse_design.design import Design, case_text
from verifier.search.inverse_design.program import available
from verifier.search.inverse_design.search import designs

__all__ = ["Design", "available", "case_text", "designs"]
