"""Hypothesis strategies, for property-based tests of conjectures about loss surfaces.

    @given(strategies.cases(data=strategies.separable_data(), claims=["no-bad-local-minimum"]))
    def test_my_conjecture(case):
        assert verifier.verify(case).verdict is not verifier.Verdict.REFUTED

Data, networks, losses and points are drawn as the tables of case files, for `verifier.Case`. What is said of a
strategy holds exactly for everything that it draws, by construction; examples shrink to few samples, few units and
small integers. Needs Hypothesis, which is an optional extra; ImportError says so.
"""

try:
    import hypothesis as _hypothesis  # noqa: F401
except ImportError as _problem:  # pragma: no cover: a test runs this in an environment without Hypothesis
    _extra = "pip install 'loss-surface-verifier[hypothesis]'"
    raise ImportError(f"verifier.strategies needs Hypothesis, which is not installed: {_extra}") from _problem

from verifier.strategies.cases import cases
from verifier.strategies.data import general_data, inseparable_data, regression_data, separable_data, subspace_data
from verifier.strategies.nets import activations, losses, networks, points

__all__ = [
    "activations",
    "cases",
    "general_data",
    "inseparable_data",
    "losses",
    "networks",
    "points",
    "regression_data",
    "separable_data",
    "subspace_data",
]
