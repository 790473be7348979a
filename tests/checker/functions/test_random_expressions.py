"""Derived facts of random expressions against one-sided Taylor coefficients at many points (`germ.py`, other code)."""

from __future__ import annotations

import time
from itertools import pairwise

from flint import arb, fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from verifier.checker.domain import defined_on_R
from verifier.checker.expression import ALL_FUNCTIONS, evaluate, parse
from verifier.checker.functions.facts_of_study import expression_facts
from verifier.checker.germ import germ
from verifier.checker.number import Undecided, ball

Q = fmpq
GRID = [Q(k, 4) for k in range(-24, 25)] + [Q(k) for k in (-30, -12, 12, 30)]
POINTS = sorted(GRID)


def texts() -> st.SearchStrategy[str]:
    binary = ["({} + {})", "({} - {})", "({}*{})", "max({}, {})", "min({}, {})", "({}/(1 + ({})**2))"]
    unary = [
        "exp({})", "exp(-({}))", "sigmoid({})", "tanh({})", "arctan({})", "erf({})", "abs({})", "sqrt(1 + ({})**2)",
        "log(1 + exp({}))", "1/(1 + exp({}))", "({})**2", "({})**3", "2*({})", "({} + 1)", "({})/3", "exp(-({})**2)",
    ]  # fmt: skip
    return st.recursive(
        st.sampled_from(["z", "z", "z", "1", "1/2", "-2", "sqrt(2)"]),
        lambda t: st.one_of(
            st.tuples(st.sampled_from(binary), t, t).map(lambda p: p[0].format(p[1], p[2])),
            st.tuples(st.sampled_from(unary), t).map(lambda p: p[0].format(p[1])),
        ),
        max_leaves=4,
    )


@settings(max_examples=40, deadline=None)
@given(texts())
def test_facts_hold_at_every_point(words: str) -> None:
    expression = parse(words, frozenset({"z"}), ALL_FUNCTIONS)
    assume(defined_on_R(expression))
    start = time.process_time()
    facts = expression_facts(expression)
    assert time.process_time() - start < 2
    left, right, values = [], [], []
    try:
        for u in POINTS:
            left.append([ball(c, 256) for c in germ(expression, u, -1, 2)])
            right.append([ball(c, 256) for c in germ(expression, u, 1, 2)])
            values.append(ball(evaluate(expression, {"z": u}), 256))
    except (Undecided, ValueError):
        assume(False)
    sides = list(zip(left, right, strict=True))
    slopes = [g[1] for pair in sides for g in pair]
    bends = [g[2] for pair in sides for g in pair]

    claims = {
        "increasing": all(not s <= 0 for s in slopes),
        "non_decreasing": all(not s < 0 for s in slopes) and all(not v > w for v, w in pairwise(values)),
        "convex": all(not b < 0 for b in bends) and all(not p[1] > q[1] for p, q in sides),
        "strictly_convex": all(not b <= 0 for b in bends) and all(p[1].overlaps(q[1]) for p, q in sides),
        "affine": all(b.contains(0) for b in bends),
        "even": all(v.overlaps(w) for v, w in zip(values, reversed(values), strict=True)),
        "differentiable": all(p[1].overlaps(q[1]) for p, q in sides),
        "twice_differentiable": all(p[2].overlaps(q[2]) for p, q in sides),
        "l1": all(
            not s < 0 and (u < 0 or not s <= 0)
            for pair, u in zip(sides, POINTS, strict=True)
            for s in (pair[0][1], pair[1][1])
        ),
        "bounds_error": all(not v < (1 if u >= 0 else 0) for u, v in zip(POINTS, values, strict=True)),
        "l_plus": all(not s <= 0 for s in slopes),
    }
    for name, possible in claims.items():
        if getattr(facts, name).holds is True:
            assert possible, name
    if facts.mirror.holds is True:
        assert facts.mirror.value is not None
        total = ball(facts.mirror.value, 256)
        assert all((v + w).overlaps(total) for v, w in zip(values, reversed(values), strict=True))
    if facts.homogeneous.holds is True:
        degree = int(facts.homogeneous.value.p)  # type: ignore[union-attr]
        by_point = dict(zip(POINTS, values, strict=True))
        for u, v in by_point.items():
            if 2 * u in by_point:
                assert by_point[2 * u].overlaps(v * arb(2) ** degree)
    if facts.exponential.holds is True:
        assert all(v.overlaps(arb(u).exp()) for u, v in zip(POINTS, values, strict=True))
    if facts.lower_bound.holds is True:
        assert facts.lower_bound.value is not None
        least = ball(facts.lower_bound.value, 256)
        assert all(not v < least for v in values)
        if facts.attained.holds is False:
            assert all(not v <= least for v in values)
