"""Attacks on derived facts: functions that have a property but for one point, one constant, or one part in 10**25.

Each line says what is true by an argument on paper; a fact may be unknown, and is never the opposite.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import pairwise

import pytest
from flint import arb, fmpq

from verifier.checker.domain import defined_on_R
from verifier.checker.expression import ALL_FUNCTIONS, Expression, evaluate, parse
from verifier.checker.fact_types import Facts
from verifier.checker.facts import activation_facts, loss_facts
from verifier.checker.functions.facts_of_study import expression_facts
from verifier.checker.germ import germ
from verifier.checker.number import Scalar, Undecided, ball, is_zero

Q = fmpq
VARIABLES = frozenset({"z"})


def read(words: str) -> Expression:
    return parse(words, VARIABLES, ALL_FUNCTIONS)


def all_facts(words: str) -> list[Facts]:
    """What every way to the facts says: of a user's activation, of a user's loss, and of the expression itself."""
    return [activation_facts({"expr": words}), loss_facts({"expr": words}), expression_facts(read(words))]


UP = ("increasing", "l_plus", "l1", "non_decreasing")
TABLE: tuple[tuple[str, str, str], ...] = (  # expression, true facts, false facts
    # s' or s'' is 0 at one point
    ("z**3", "non_decreasing differentiable twice_differentiable", "increasing l1 l2 l_plus convex even"),
    ("(z + 1)**3", "l1 l2 non_decreasing", "increasing l_plus"),
    ("(z - 1)**3", "non_decreasing", "increasing l1 l2 l_plus"),
    ("z - tanh(z)", "non_decreasing", "increasing l1 l_plus convex even"),
    ("z + 1 - tanh(z + 1)", "non_decreasing l1", "increasing l_plus convex"),
    ("z - 1/3 - arctan(z - 1/3)", "non_decreasing", "increasing l1 l_plus"),
    ("2*z/sqrt(pi) - erf(z)", "non_decreasing", "increasing l1 l_plus"),
    ("exp(z) - 1 - z - z**2/2", "non_decreasing", "increasing l1 l_plus convex"),
    ("exp(z) + exp(-z) - z**2", "convex even", "strictly_convex non_decreasing"),
    ("exp(z - 1) - z", "convex strictly_convex attained", "non_decreasing l1"),
    ("z**4", "convex even attained", "strictly_convex"),
    ("z**5/5 - 4*z**3/3 + 4*z", "non_decreasing", "increasing l1 l_plus"),  # s' = (z^2 - 2)^2: irrational zeros
    ("exp(z)*(z**2 - 2*z + 2)", "non_decreasing", "increasing l1"),  # s' = z^2 e^z
    ("exp(z)*(z**2 - 4*z + 6)", "convex l1 increasing", "strictly_convex"),  # s'' = z^2 e^z
    ("exp(3*z) - 3*exp(2*z) + 3*exp(z)", "non_decreasing", "increasing l1"),  # (e^z - 1)^3 + 1
    ("sigmoid(z)**2 - 2*sigmoid(z)**3/3", "increasing l_plus", ""),  # S S' (2 - 2 S)
    ("sigmoid(z)**2 - 4*sigmoid(z)**3/3", "", "non_decreasing increasing l1"),
    # never reached, but the limit of s' is 0
    ("sqrt(1 + z**2) + z", "increasing strictly_convex l_plus", "attained"),
    ("exp(-exp(-z))", "increasing l_plus", "convex attained"),
    ("log(1 + z**2) + z", "non_decreasing l1", "increasing l_plus"),  # s' = (1 + z)^2/(1 + z^2)
    ("log(1 + z**2) - z", "", "increasing non_decreasing l1"),
    # pieces that meet smoothly, or nearly
    ("max(0, z)**2", "convex differentiable non_decreasing", "twice_differentiable l1 increasing"),
    ("max(0, z)**3", "convex twice_differentiable", "strictly_convex increasing l1"),
    ("max(0, 1 + z)**3", "l1 l2 convex", "strictly_convex l_plus increasing"),
    ("max(0, z) + log(1 + exp(-abs(z)))", "strictly_convex l_plus twice_differentiable", "even"),
    ("exp(-abs(z)) + abs(z)", "strictly_convex even twice_differentiable", "increasing"),
    ("exp(-abs(z)) + abs(z) + z", "strictly_convex differentiable", "even"),
    ("exp(-abs(z))*(1 + abs(z))", "even differentiable twice_differentiable", "convex"),
    ("abs(tanh(z))", "even", "differentiable convex increasing"),
    ("z*abs(z)", "non_decreasing differentiable", "increasing twice_differentiable even convex"),
    ("z*abs(tanh(z))", "non_decreasing differentiable", "increasing twice_differentiable even"),
    ("max(tanh(z), z)", "increasing convex l_plus", "strictly_convex"),  # s'' = 0 right of 0
    ("min(tanh(z), z)", "increasing differentiable", "convex"),
    ("max(exp(z), 1 + z)", "strictly_convex exponential increasing", "affine"),  # it is exp
    ("max(exp(z), 1 + z + 1/10**25)", "convex increasing", "differentiable strictly_convex exponential l_plus"),
    ("max(z, 2*z)", "convex increasing", "differentiable l_plus even"),
    ("min(z, 2*z)", "increasing", "convex differentiable"),
    ("max(0, z) + exp(min(0, z)) - 1", "increasing differentiable l_plus convex", "twice_differentiable"),
    ("max(0, z) + 2*(exp(min(0, z)) - 1)", "increasing", "differentiable convex"),
    ("max(0, z) + (exp(min(0, z)) - 1)/2", "increasing convex", "differentiable"),
    ("max(0, z)*max(0, -z)", "affine even", "increasing"),  # it is 0
    ("sqrt(2)*abs(z)", "even convex", "differentiable increasing"),
    # constants that cancel, or do not
    ("(sqrt(2)*sqrt(3) - sqrt(6))*z**2 + z", "affine increasing", ""),
    ("(log(6) - log(2) - log(3))*z**2 + z", "affine increasing", ""),
    ("exp(z)*exp(-z)", "affine even", "increasing exponential"),
    ("exp(2*z) - exp(z)**2 + exp(z)", "exponential strictly_convex increasing", "affine"),
    ("exp(z) + exp(-1000)", "strictly_convex increasing", "exponential"),
    ("exp(z) + exp(-1000)*z", "strictly_convex increasing", "exponential"),
    ("sigmoid(z) + sigmoid(-z)", "affine even", "increasing"),
    ("exp(z)/exp(1000)", "strictly_convex increasing l_plus", "exponential"),
    ("exp(1000*z)", "strictly_convex increasing l_plus", "exponential"),
    ("1/(1 + exp(1000*z))", "", "increasing non_decreasing convex"),
    # what happens far out, or in a small place
    ("z + exp(-100*(z - 1/7)**2)/5", "", "increasing non_decreasing l1"),
    ("z + exp(-100*(z - 1/7)**2)/20", "increasing l_plus", "convex"),
    ("tanh(50*(z - 100)) - z/100", "", "increasing non_decreasing l1 convex affine"),
    ("sigmoid(z) - exp(-(z - 100)**2)*exp(-90)", "", "increasing l1 non_decreasing"),
    ("log(1 + exp(z)) + 10*exp(-(z - 100)**2)", "", "increasing l1 convex"),
)


@pytest.mark.parametrize(("words", "true", "false"), TABLE, ids=[row[0] for row in TABLE])
def test_no_fact_is_the_opposite_of_what_is_true(words: str, true: str, false: str) -> None:
    assert defined_on_R(read(words))
    for facts in all_facts(words):
        for names, holds in ((true, True), (false, False)):
            for name in names.split():
                fact = getattr(facts, name)
                assert fact.holds is not (not holds), (name, fact.why)


def test_values_of_facts() -> None:
    for words, name, value in (
        ("sigmoid(z) + 1", "mirror", "3"),
        ("arctan(z) + pi", "mirror", "2*pi"),
        ("exp(z) - exp(-z) + 1", "mirror", "2"),
        ("exp(z - 1) - z", "lower_bound", "0"),
        ("log(exp(z) + exp(-z))", "lower_bound", "log(2)"),
        ("tanh(z)", "lower_bound", "-1"),
        ("sqrt(2)*z**2", "homogeneous", "2"),
        ("abs(z)*sqrt(3)", "homogeneous", "1"),
    ):
        for facts in all_facts(words):
            fact = getattr(facts, name)
            assert fact.holds is not False, (words, fact.why)
            if fact.holds is True:
                assert is_zero(fact.value - evaluate(parse(value, functions=ALL_FUNCTIONS), {})), words


# -- a parameter on either side of the value where a fact changes ------------------------------------------------------

EDGES: Mapping[str, tuple[str, bool, bool, bool]] = {  # {e} < 0, = 0, > 0 -> the fact
    "tanh(z) - (1 - ({e}))*z": ("non_decreasing", False, False, False),
    "(1 + ({e}))*z - tanh(z)": ("increasing", False, False, True),
    "(1 + ({e}))*z - arctan(z)": ("non_decreasing", False, True, True),
    "exp(z) + exp(-z) - (1 - ({e}))*z**2": ("convex", False, True, True),
    "sqrt(1 + z**2) + (1 + ({e}))*z": ("increasing", False, True, True),
    "log(1 + z**2) + (1 + ({e}))*z": ("increasing", False, False, True),
    "abs(z) + (1 + ({e}))*z": ("increasing", False, False, True),
    "abs(tanh(z)) + ({e})": ("convex", False, False, False),
    "max(0, z)**2 + ({e})*z": ("increasing", False, False, True),
    "max(exp(z), 1 + z + ({e}))": ("strictly_convex", True, True, False),
    "max(z**2, 2*z - 1 + ({e}))": ("differentiable", True, True, False),
    "exp((1 + ({e}))*z)": ("exponential", False, True, False),
    "sigmoid(z) + ({e})*z**2": ("mirror", False, True, False),
    "z**2 + ({e})*z**3/(1 + z**2)": ("even", False, True, False),
    "exp(z)*(z**2 - 2*z + 2 + ({e}))": ("non_decreasing", False, True, True),
    "z**3 + ({e})*z": ("l1", False, False, True),
    "(z**2 - 2)**2*z + ({e})": ("non_decreasing", False, False, False),
    "exp(-abs(z)) + (1 + ({e}))*abs(z)": ("differentiable", False, True, False),
    "exp(-abs(z)) + (1 + ({e}))*abs(z) ": ("strictly_convex", False, True, False),
    "max(0, 1 + z)**3 + ({e})*exp(z)": ("l_plus", False, False, True),
}


@pytest.mark.parametrize("words", EDGES)
def test_facts_change_at_the_edge(words: str) -> None:
    name, *expected = EDGES[words]
    for size in ("1/10**3", "1/10**25"):
        for e, holds in zip((f"-{size}", "0", size), expected, strict=True):
            for facts in all_facts(words.format(e=e)):
                fact = getattr(facts, name)
                assert fact.holds in (None, holds), (e, fact.why)


# -- random sums of parts that meet at kinks, against one-sided Taylor coefficients ------------------------------------

PARTS = (
    "exp({p}) - 1", "tanh({p})", "{p}", "{p}**2", "{p}**3", "log(1 + {p})", "{p}*exp(-{p})", "erf({p})",
    "sqrt(1 + {p}) - 1", "1 - exp(-{p}**2)", "{p}/(1 + {p})", "{p}**2*sigmoid({p})", "log((1 + exp({p}))/2)",
)  # fmt: skip
KINKS = ("max(0, z - {c})", "max(0, {c} - z)", "abs(z - {c})", "max(0, min(z - {c}, 1))")
FACTORS = ("1", "-1", "2", "1/2", "1/3", "-1/2", "1/10**9", "sqrt(2)", "2/sqrt(pi)", "sqrt(pi)/2")
EXTRA = ("z", "-z", "z**2", "exp(z)", "tanh(z)", "z**3", "log(1 + exp(z))")
POINTS = sorted({Q(k, 2) for k in range(-6, 7)} | {Q(1, 3), Q(4, 3), Q(-20), Q(20)})


def some(chance: random.Random) -> str:
    c = chance.choice(("0", "0", "1", "1/3", "-1/2"))
    terms = [
        f"{chance.choice(FACTORS)}*({chance.choice(PARTS).format(p='(' + chance.choice(KINKS).format(c=c) + ')')})"
        for _ in range(chance.choice((1, 2, 2, 3)))
    ]
    return " + ".join([*terms, *([chance.choice(EXTRA)] if chance.random() < 0.4 else [])])


def certain(x: Scalar) -> arb:
    """A ball that excludes 0 unless the number is 0 by identity, when it is [0, 0], or too close to 0 to tell."""
    return arb(0) if is_zero(x) else ball(x, 256)


@pytest.mark.parametrize("seed", range(12))
def test_joined_parts(seed: int) -> None:
    words = some(random.Random(seed))
    expression = read(words)
    assert defined_on_R(expression)
    sides: list[tuple[fmpq, list[arb], list[arb]]] = []
    for u in POINTS:
        try:
            left, right = ([certain(c) for c in germ(expression, u, side, 2)] for side in (-1, 1))
        except Undecided:
            continue
        sides.append((u, left, right))
    slopes = [g[1] for _, *both in sides for g in both]
    bends = [g[2] for _, *both in sides for g in both]
    falls = any(v[0] > w[0] for (_, v, _), (_, w, _) in pairwise(sides))
    jumps = any(not v[1].overlaps(w[1]) for _, v, w in sides)
    against = {
        "increasing": any(s <= 0 for s in slopes) or falls,
        "non_decreasing": any(s < 0 for s in slopes) or falls,
        "convex": any(b < 0 for b in bends) or any(v[1] > w[1] for _, v, w in sides),
        "strictly_convex": any(b <= 0 for b in bends) or jumps,
        "differentiable": jumps,
        "twice_differentiable": jumps or any(not v[2].overlaps(w[2]) for _, v, w in sides),
        "affine": jumps or any(not b.contains(0) for b in bends),
        "l1": jumps or any(s < 0 for s in slopes) or any(g[1] <= 0 for u, *both in sides if u >= 0 for g in both),
        "l_plus": jumps or any(s <= 0 for s in slopes),
    }
    for facts in all_facts(words):
        for name, seen in against.items():
            assert not (seen and getattr(facts, name).holds is True), (words, name, getattr(facts, name).why)
