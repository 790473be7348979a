"""ReLU nets with units on their kinks, at points that are stationary in the output layer: decided, and rightly so."""

from __future__ import annotations

import random

from flint import fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.helpers.cases import decision, make
from tests.helpers.nearby import Comparison, offsets
from tests.properties.test_sampling import falls
from verifier.arithmetic.linear import solve
from verifier.case.types import Case
from verifier.model.objective import Objective, flat_point
from verifier.verdict import Verdict

POINTS = 80


def kinked(seed: int) -> Case | None:
    """One or two units on inputs 0..3, each active on at most one place and often on its kink at another.

    The output layer solves the least-squares problem, so a unit that is active at one input is stationary too.
    """
    r = random.Random(seed)
    xs = [fmpq(r.choice((0, 1, 2, 3))) for _ in range(5)]
    ts = [fmpq(r.choice((-1, 1))) for _ in xs]
    units = [(fmpq(1), fmpq(-r.randint(4, 7), 2)), (fmpq(-1), fmpq(r.choice((2, 1, 0, -1)), 2))][: r.choice((1, 2, 2))]
    slope = r.choice((fmpq(0), fmpq(1, 10)))
    pre = [[w * x + b for w, b in units] for x in xs]
    features = [[fmpq(1), *(u if u > 0 else slope * u for u in row)] for row in pre]
    size = len(features[0])
    gram = [[sum((f[p] * f[q] for f in features), fmpq(0)) for q in range(size)] for p in range(size)]
    right = [sum((f[p] * t for f, t in zip(features, ts, strict=True)), fmpq(0)) for p in range(size)]
    found = solve(gram, right)
    if found is None:
        return None
    a = [v if any(f[j + 1] != 0 for f in features) else fmpq(r.choice((-1, 0, 1))) for j, v in enumerate(found[1:])]  # type: ignore[misc]
    activation = "relu" if slope == 0 else {"name": "leaky_relu", "slope": slope}
    point = {"a0": found[0], "a": a, "W": [[w] for w, _ in units], "b": [b for _, b in units]}
    return make(
        [[x] for x in xs], ts, {"activation": activation, "width": len(units)}, "quadratic", point, targets=True
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_points_on_kinks_are_decided_and_sampling_agrees(seed: int) -> None:
    case = kinked(seed)
    assume(case is not None)
    assert case is not None and case.point is not None
    found = decision(case)
    assert found.verdict is not Verdict.UNDECIDED, found.reason
    assert found.certificate is not None
    if found.verdict is Verdict.REFUTED:
        assert falls(case, found.certificate["proof"]["descent"])
        return
    comparison = Comparison(Objective(case), flat_point(case.point))
    assert all(comparison.change(offset) >= 0 for offset in offsets(len(comparison.theta), POINTS, seed))
