"""Verdicts on the claims about one point never contradict one another."""

from __future__ import annotations

import random
from typing import Any

from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.cases import analysis_at, decision, make, problem, verdict
from verifier.case.types import Case
from verifier.model.objective import Objective, flat_point
from verifier.verdict import Verdict

OPPOSITE = {"proved": "refuted", "refuted": "proved", "undecided": "undecided"}
ACTIVATIONS = ("relu", "leaky_relu", "linear", "quadratic", "softplus", "tanh", "exp", "hard_tanh")
LOSSES = ("hinge", "squared_hinge", "quadratic", "logistic")


def small_case(seed: int) -> Case:
    """Two units, three samples, small integers: ties, kinks, dead units and stationary points are frequent."""
    r = random.Random(seed)
    inputs = [[r.randint(-2, 2)] for _ in range(3)]
    bias = r.random() < 0.7
    point: dict[str, Any] = {
        "a0": fmpq(r.randint(-3, 3), 3),
        "a": [r.randint(-1, 1) for _ in range(2)],
        "W": [[r.randint(-1, 1)] for _ in range(2)],
    }
    if bias:
        point["b"] = [r.choice((-3, -1, 0, 1)) for _ in range(2)]
    network = {"activation": r.choice(ACTIVATIONS), "width": 2, "hidden_bias": bias}
    loss: dict[str, Any] = {"name": r.choice(LOSSES), "weight_decay": r.choice((0, 0, 2))}
    return make(inputs, [r.choice((1, -1)) for _ in inputs], network, loss, point)


SEEDS = st.integers(0, 10**9)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_not_a_minimum_is_the_opposite_of_a_minimum_with_the_same_keys(seed: int) -> None:
    case = small_case(seed)
    error = analysis_at(Objective(case), flat_point(case.point)).training_error  # type: ignore[arg-type]
    for keys in ({}, {"strict": True}, {"strict": False}, {"bad": error > 0}, {"training_error": error}):
        found = verdict(case, "local-minimum", **keys)
        assert verdict(case, "not-local-minimum", **keys) == OPPOSITE[found], keys


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_claims_about_a_point_fit_together(seed: int) -> None:
    case = small_case(seed)
    minimum, stationary = verdict(case), verdict(case, "stationary")
    best, worse = verdict(case, "global-minimum"), verdict(case, "suboptimal")
    strict, flat = verdict(case, strict=True), verdict(case, strict=False)
    assert worse == OPPOSITE[best]
    if best == "proved":
        assert minimum != "refuted"
    if minimum == "proved":
        assert stationary != "refuted"
    if stationary == "refuted":
        assert minimum == "refuted" and best != "proved"
    if minimum == "refuted":
        assert strict == flat == "refuted"
    assert not (strict == "proved" and flat == "proved")
    if "proved" in (strict, flat):
        assert minimum == "proved"


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_values_agree_with_the_model(seed: int) -> None:
    """Whatever is said about a point, its training error and ties are those that the definition gives."""
    case = small_case(seed)
    found = decision(case)
    here = problem(case).here
    signs = [y * f for y, f in zip(case.data.labels or (), here.outputs, strict=True)]
    if all(isinstance(s, fmpq) for s in signs):
        assert found.training_error == str(fmpq(sum(s <= 0 for s in signs), len(signs)))
        assert found.ties == sum(s == 0 for s in signs)
    if isinstance(here.value, fmpq):
        assert found.loss == {"exact": str(here.value)}
    error = fmpq(*map(int, (found.training_error or "0").split("/")))
    assert decision(case, "training-error", value=error).verdict is Verdict.PROVED
    assert decision(case, "training-error", value=error + 1).verdict is Verdict.REFUTED


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_a_bad_minimum_and_a_theorem_never_meet(seed: int) -> None:
    case = small_case(seed)
    if verdict(case, bad=True) == "proved":
        assert verdict(case, "theorem-applies", theorem="A") != "proved"
        assert verdict(case, "theorem-applies", theorem="B") != "proved"
        assert verdict(case, "bad-local-minimum-exists") == "proved"
        assert verdict(case, "no-bad-local-minimum") == "refuted"
