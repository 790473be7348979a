"""Theorems B and C against their definitions by brute force; no theorem excludes a minimum that training finds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from tests.helpers.cases import decision, make, verdict
from verifier.case import load
from verifier.case.types import Case
from verifier.model.objective import Objective, flat_point, float_point
from verifier.verdict import Verdict

Rows = list[list[int]]
CASES = Path(__file__).parents[2] / "cases"
CUBIC = {"name": "polynomial_hinge", "p": 2}


# -- condition (B), word for word --------------------------------------------------------------------------------------


def rank(rows: Sequence[Sequence[int]]) -> int:
    return int(fmpq_mat(len(rows), len(rows[0]), [fmpq(v) for row in rows for v in row]).rank()) if rows else 0


def least_width(inputs: Rows, labels: Sequence[int], bias: bool) -> int | None:
    """The least M with ceil(M/2) rank(S) > |S| for all non-empty S of one class, ranks modulo the other; 1 for none."""
    half = 0
    for label in (1, -1):
        rows = [(*x, *([1] if bias else [])) for x in inputs]
        own = list(dict.fromkeys(x for x, y in zip(rows, labels, strict=True) if y == label))
        other = [x for x, y in zip(rows, labels, strict=True) if y != label]
        for size in range(1, len(own) + 1):
            for members in combinations(own, size):
                r = rank([*members, *other]) - rank(other)
                if r == 0:
                    return None
                half = max(half, size // r + 1)
    return max(2 * half - 1, 1)


@st.composite
def drawn(draw: st.DrawFn) -> tuple[Rows, list[int]]:
    """General data; classes in subspaces of their own; one line for each class."""
    d, n = draw(st.integers(1, 4)), draw(st.integers(1, 7))
    labels = draw(st.lists(st.sampled_from((1, -1)), min_size=n, max_size=n))
    row = st.lists(st.integers(-2, 2), min_size=d, max_size=d)
    rows = draw(st.lists(row, min_size=n, max_size=n))
    kind = draw(st.sampled_from(("general", "subspaces", "lines")))
    if kind == "subspaces":
        split = draw(st.integers(0, d))
        rows = [
            [v if (k < split) == (y == 1) else 0 for k, v in enumerate(x)] for x, y in zip(rows, labels, strict=True)
        ]
    if kind == "lines":
        rows = [[x[0] * (k + 1 if y == 1 else 1) for k in range(d)] for x, y in zip(rows, labels, strict=True)]
    return rows, labels


@settings(max_examples=120, deadline=None)
@given(drawn(), st.integers(1, 9), st.booleans())
def test_condition_b_agrees_with_all_subsets(data: tuple[Rows, list[int]], width: int, bias: bool) -> None:
    inputs, labels = data
    network = {"activation": "softplus", "width": width, "hidden_bias": bias}
    found = decision(make(inputs, labels, network, CUBIC), "theorem-applies", theorem="B")
    least = least_width(inputs, labels, bias)
    if least is not None and width >= least:
        assert found.verdict is Verdict.PROVED, found.reason
        return
    assert found.verdict is Verdict.REFUTED, found.reason
    expected = "so no width is enough" if least is None else f"needs width {least}, has {width}"
    assert expected in found.reason


@settings(max_examples=40, deadline=None)
@given(drawn())
def test_theorem_c_asks_for_one_label_per_input_only(data: tuple[Rows, list[int]]) -> None:
    inputs, labels = data
    network = {"activation": "relu", "width": 1, "exponential": {"decay": 1}}
    pairs = combinations(zip(inputs, labels, strict=True), 2)
    consistent = not any(x == z and y != w for (x, y), (z, w) in pairs)
    found = verdict(make(inputs, labels, network, "squared_hinge"), "theorem-applies", theorem="C")
    assert found == ("proved" if consistent else "refuted")


@settings(max_examples=40, deadline=None)
@given(drawn(), st.sampled_from(("logistic", "quadratic")), st.sampled_from((1, 5)), st.booleans())
def test_claims_about_theorems_fit_together(
    data: tuple[Rows, list[int]], loss: str, width: int, exponential: bool
) -> None:
    extra = {"exponential": {"decay": 1}} if exponential else {}
    case = make(*data, {"activation": "softplus", "width": width, "hidden_bias": False, **extra}, loss)
    single = [verdict(case, "theorem-applies", theorem=name) for name in "ABC"]
    together = decision(case, "theorem-applies", theorem="any")
    assert together.verdict.value == ("proved" if "proved" in single else "refuted")
    if together.verdict is Verdict.PROVED:
        assert "no local minimum exists at all" in together.reason
        assert "no local minimum exists at all" in (together.statement or "")
        none = decision(case, "no-bad-local-minimum")
        assert none.verdict is Verdict.PROVED and "no local minimum exists at all" in (none.statement or "")
        assert verdict(case, "bad-local-minimum-exists") == "refuted"
    else:
        assert all(f"theorem {name}:" in together.reason for name in "ABC")


# -- training ----------------------------------------------------------------------------------------------------------

STARTS = 50
NEWTON_STEPS = 8


def clearly_bad(objective: Objective, theta: Any) -> bool:
    """A few Newton steps lead to a numerically clear bad local minimum: tiny gradient, positive definite Hessian, a
    sample on the wrong side."""
    labels = objective.case.data.labels
    assert labels is not None
    for _ in range(NEWTON_STEPS):
        here = objective.at(theta)
        gradient, hessian = here.gradient(), here.hessian()
        wrong = np.min(np.array(labels) * here.outputs) < -1e-3
        if not wrong or not np.linalg.eigvalsh(hessian).min() > 1e-4:
            return False
        if np.abs(gradient).max() < 1e-9:
            return True
        theta = theta - np.linalg.solve(hessian, gradient)
    return False


class Separated(Exception):
    """The loss is so small that no sample is on the wrong side; descent cannot change that."""


def trained(objective: Objective, start: Any) -> Any:
    """Where descent ends; None where it ends with all samples on the right side."""
    small = 1 / objective.total  # what one sample at output 0 costs with the losses used here

    def value_and_gradient(theta: Any) -> tuple[float, Any]:
        here = objective.at(theta)
        if here.value < small:
            raise Separated
        return float(here.value), here.gradient()

    options = {"maxfun": 25, "ftol": 0.0, "gtol": 1e-9}
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            return minimize(value_and_gradient, start, jac=True, method="L-BFGS-B", options=options).x
    except Separated:
        return None


def separable(r: random.Random) -> Case:
    v = [r.randint(-3, 3), r.randint(1, 3), r.randint(-2, 2)]
    inputs = [[r.randint(-4, 4), r.randint(-4, 4)] for _ in range(6)]
    heights = [x[0] * v[0] + x[1] * v[1] + v[2] for x in inputs]
    kept = [(x, 1 if h > 0 else -1) for x, h in zip(inputs, heights, strict=True) if h != 0]
    network = {"activation": r.choice(("tanh", "softplus", "arctan")), "width": 1}
    return make([x for x, _ in kept], [y for _, y in kept], network, CUBIC)


def on_lines(r: random.Random) -> Case:
    """Each class two mirrored samples on a line of its own: never separable, and theorem B asks for width 5."""
    p, q = [r.randint(1, 3), r.randint(-1, 1)], [r.randint(-1, 0), r.randint(1, 3)]
    inputs = [p, [-v for v in p], q, [-v for v in q]]
    network = {"activation": r.choice(("softplus", "exp")), "width": 5, "hidden_bias": False}
    return make(inputs, [1, 1, -1, -1], network, CUBIC)


def with_exponential_neuron(r: random.Random) -> Case:
    """Alternating labels on a line, which one sigmoid unit does not fit."""
    inputs = [[k + r.choice((0, 1)) * 0.25] for k in range(3)]
    network = {"activation": "sigmoid", "width": 1, "exponential": {"decay": "1/100"}}
    return make(inputs, [1, -1, 1], network, CUBIC)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("theorem", "draw"), [("A", separable), ("B", on_lines), ("C", with_exponential_neuron)], ids="ABC"
)
def test_training_never_ends_in_a_minimum_that_a_theorem_excludes(theorem: str, draw: Any) -> None:
    case = draw(random.Random(1))
    assert verdict(case, "theorem-applies", theorem=theorem) == "proved"
    objective, generator = Objective(case), np.random.default_rng(1)
    for _ in range(STARTS):
        theta = trained(objective, generator.normal(scale=1.5, size=objective.size))
        assert theta is None or not clearly_bad(objective, theta), theta


def test_training_does_end_in_a_bad_minimum_where_there_is_one() -> None:
    """The control: the same search near a certified bad minimum sees it."""
    case = load(str(CASES / "liang2018" / "smooth-hinge-exp-strict.toml"))
    assert case.point is not None
    objective = Objective(case)
    theta = trained(
        objective, float_point(flat_point(case.point)) + 1e-3 * np.random.default_rng(0).normal(size=objective.size)
    )
    assert clearly_bad(objective, theta)
