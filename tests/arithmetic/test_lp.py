"""Exact linear programs: against all vertices, against HiGHS, and by certificates that are checked here anew."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from flint import fmpq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tests.arithmetic.strategies import INTEGERS, RATIONALS, Matrix, matrix_of, vector_of
from verifier.arithmetic import lp
from verifier.arithmetic.lp import Feasible, Infeasible, Optimal, Unbounded, dot, feasible, minimise, verified
from verifier.arithmetic.simplex import Bound, Outcome
from verifier.checker.number import sqrt

Answer = Optimal | Infeasible | Unbounded
ZERO, ONE = fmpq(0), fmpq(1)


@dataclass(frozen=True)
class Program:
    """min c.x, A x = b, lower <= x <= upper"""

    c: list[fmpq]
    a: Matrix
    b: list[fmpq]
    lower: list[Bound]
    upper: list[Bound]

    def solve(self) -> Answer:
        return minimise(self.c, self.a, self.b, self.lower, self.upper)


@st.composite
def programs(draw: st.DrawFn, bounded: bool) -> Program:
    """Small programs; half of them feasible by construction, and degenerate often: few numbers, many zeros."""
    m, n = draw(st.integers(0, 3)), draw(st.integers(1, 4))
    entries = draw(st.sampled_from([INTEGERS.map(fmpq), st.integers(0, 1).map(fmpq), RATIONALS]))
    a = draw(matrix_of(m, n, entries))
    lower: list[Bound] = []
    upper: list[Bound] = []
    for _ in range(n):
        low, width = draw(RATIONALS), abs(draw(RATIONALS))
        kind = "both" if bounded else draw(st.sampled_from(["both", "low", "high", "free"]))
        lower.append(low if kind in ("both", "low") else None)
        upper.append(low + width if kind in ("both", "high") else None)
    if draw(st.booleans()):
        inside = [low if low is not None else high or ZERO for low, high in zip(lower, upper, strict=True)]
        b = [dot(row, inside) for row in a]
    else:
        b = draw(vector_of(m))
    return Program(draw(vector_of(n, entries)), a, b, lower, upper)


def proves(program: Program, answer: Answer) -> bool:
    """The definitions of lp's docstrings once more, by plain loops."""
    n = len(program.c)
    rows = list(zip(program.a, program.b, strict=True))
    ways = list(zip(program.lower, program.upper, strict=True))
    if isinstance(answer, Infeasible):
        if answer.crossed is not None:
            low, high = ways[answer.crossed]
            return low is not None and high is not None and low > high
        g = [sum((y * row[j] for (row, _), y in zip(rows, answer.farkas, strict=True)), ZERO) for j in range(n)]
        most = ZERO
        for x, (low, high) in zip(g, ways, strict=True):
            end = high if x > 0 else low
            if x != 0 and end is None:
                return False
            most += x * (end or ZERO)
        return bool(most < sum((y * b for (_, b), y in zip(rows, answer.farkas, strict=True)), ZERO))
    fits = all(sum((p * q for p, q in zip(row, answer.x, strict=True)), ZERO) == b for row, b in rows)
    within = all(
        (low is None or low <= x) and (high is None or x <= high) for x, (low, high) in zip(answer.x, ways, strict=True)
    )
    if not (fits and within):
        return False
    if isinstance(answer, Unbounded):
        far = [x + 1000 * d for x, d in zip(answer.x, answer.ray, strict=True)]
        return (
            all(sum((p * q for p, q in zip(row, far, strict=True)), ZERO) == b for row, b in rows)
            and all(d >= 0 for d, low in zip(answer.ray, program.lower, strict=True) if low is not None)
            and all(d <= 0 for d, high in zip(answer.ray, program.upper, strict=True) if high is not None)
            and sum((c * d for c, d in zip(program.c, answer.ray, strict=True)), ZERO) < 0
        )
    # Optimal: complementary slackness, which is equivalent to the equation of the docstring.
    if answer.value != sum((c * x for c, x in zip(program.c, answer.x, strict=True)), ZERO):
        return False
    for j, (x, (low, high)) in enumerate(zip(answer.x, ways, strict=True)):
        r = program.c[j] - sum((y * row[j] for (row, _), y in zip(rows, answer.y, strict=True)), ZERO)
        if (r > 0 and x != low) or (r < 0 and x != high):
            return False
    return True


def least_of_all_vertices(program: Program) -> Fraction | None:
    """The least value over the vertices of a bounded program, None without any: by trying every basis."""
    n = len(program.c)
    c, b = [fraction(x) for x in program.c], [fraction(x) for x in program.b]
    a = [[fraction(x) for x in row] for row in program.a]
    ends = [(fraction(low), fraction(high)) for low, high in zip(program.lower, program.upper, strict=True)]
    values = []
    for choice in product((0, 1, 2), repeat=n):  # at the lower bound, at the upper bound, determined by A x = b
        free = [j for j in range(n) if choice[j] == 2]
        fixed = {j: ends[j][choice[j]] for j in range(n) if choice[j] != 2}
        rest = [right - sum(row[j] * x for j, x in fixed.items()) for row, right in zip(a, b, strict=True)]
        found = unique_solution([[row[j] for j in free] for row in a], rest, len(free))
        if found is None:
            continue
        x = [fixed[j] if j in fixed else found[free.index(j)] for j in range(n)]
        if all(low <= value <= high for value, (low, high) in zip(x, ends, strict=True)):
            values.append(sum((p * q for p, q in zip(c, x, strict=True)), Fraction(0)))
    return min(values, default=None)


def fraction(x: Any) -> Fraction:
    return Fraction(int(x.p), int(x.q))


def unique_solution(rows: list[list[Fraction]], right: list[Fraction], n: int) -> list[Fraction] | None:
    """Gauss-Jordan: the solution if there is exactly one."""
    work = [[*row, b] for row, b in zip(rows, right, strict=True)]
    for top in range(n):
        pivot = next((i for i in range(top, len(work)) if work[i][top] != 0), None)
        if pivot is None:
            return None
        work[top], work[pivot] = work[pivot], work[top]
        work[top] = [x / work[top][top] for x in work[top]]
        work = [
            row if i == top else [x - row[top] * y for x, y in zip(row, work[top], strict=True)]
            for i, row in enumerate(work)
        ]
    if any(row[n] != 0 for row in work[n:]):
        return None
    return [row[n] for row in work[:n]]


@settings(max_examples=100, deadline=None)
@given(programs(bounded=True))
def test_bounded_programs_against_all_vertices(program: Program) -> None:
    answer, least = program.solve(), least_of_all_vertices(program)
    assert proves(program, answer)
    if least is None:
        assert isinstance(answer, Infeasible)
    else:
        assert isinstance(answer, Optimal) and fraction(answer.value) == least


@settings(max_examples=150, deadline=None)
@given(programs(bounded=False))
def test_any_program_is_decided_with_a_proof(program: Program) -> None:
    assert proves(program, program.solve())


@settings(max_examples=40, deadline=None)
@given(programs(bounded=False))
def test_feasibility_is_what_the_program_without_cost_says(program: Program) -> None:
    answer = feasible(program.a, program.b, program.lower, program.upper)
    whole = program.solve()
    assert isinstance(answer, Infeasible) == isinstance(whole, Infeasible)
    if isinstance(answer, Feasible):
        free = dataclasses.replace(program, c=[ZERO] * len(program.c))
        assert proves(free, Optimal(answer.x, (ZERO,) * len(program.b), ZERO))


def random_program(seed: int, m: int, n: int) -> Program:
    """A feasible program with an optimum, larger than what the exact simplex gets alone."""
    draw = np.random.default_rng(seed)
    a = [[fmpq(int(x)) for x in row] for row in draw.integers(-3, 4, (m, n))]
    inside = [fmpq(int(x), 2) for x in draw.integers(0, 5, n)]
    b = [dot(row, inside) for row in a]
    return Program([fmpq(int(x)) for x in draw.integers(-5, 6, n)], a, b, [ZERO] * n, [fmpq(3)] * n)


@pytest.mark.parametrize("seed", range(2))
def test_large_program_starts_from_floats_and_ends_exactly(seed: int) -> None:
    program = random_program(seed, 40, 80)
    assert lp.DIRECT_SIZE < 40 * 80
    answer = program.solve()
    assert isinstance(answer, Optimal) and proves(program, answer)
    floats = np.array([[float(x) for x in row] for row in program.a])
    found = linprog([float(x) for x in program.c], A_eq=floats, b_eq=[float(x) for x in program.b], bounds=(0, 3))
    assert abs(found.fun - float(answer.value)) < 1e-6  # two roads to one number, one of them in floats


def test_large_infeasible_program() -> None:
    program = random_program(7, 40, 80)
    row = [sum((r[j] for r in program.a), ZERO) for j in range(80)]
    apart = sum((abs(x) for x in row), ZERO) * 3 + 1
    worse = dataclasses.replace(
        program, a=[*program.a, [x + int(j == 0) for j, x in enumerate(row)]], b=[*program.b, apart]
    )
    answer = worse.solve()
    assert isinstance(answer, Infeasible) and answer.crossed is None and proves(worse, answer)


@pytest.fixture
def proposals(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Small programs go through HiGHS, too."""
    monkeypatch.setattr(lp, "DIRECT_SIZE", 0)
    return monkeypatch


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(programs(bounded=False))
def test_proposals_of_floats_change_no_answer(proposals: pytest.MonkeyPatch, program: Program) -> None:
    answer = program.solve()
    assert proves(program, answer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lp, "DIRECT_SIZE", 3_000)
        alone = program.solve()
    assert type(answer) is type(alone)
    assert not isinstance(answer, Optimal) or not isinstance(alone, Optimal) or answer.value == alone.value


@pytest.mark.parametrize("found", [None, np.full(20, 1e300), np.linspace(-1, 5, 20)])
def test_bad_proposals_of_floats_do_no_harm(found: Any, proposals: pytest.MonkeyPatch) -> None:
    program = random_program(1, 8, 20)
    right = program.solve()
    proposals.setattr(lp, "float_program", lambda *_: found)
    answer = program.solve()
    assert isinstance(answer, Optimal) and isinstance(right, Optimal)
    assert proves(program, answer) and answer.value == right.value


@pytest.mark.parametrize("large", ["c", "b", "upper"])
def test_numbers_beyond_the_range_of_floats(large: str, proposals: pytest.MonkeyPatch) -> None:
    big = fmpq(10) ** 400
    program = random_program(2, 8, 20)
    scaled = dataclasses.replace(program, **{large: [big * x for x in getattr(program, large)]})
    assert proves(scaled, scaled.solve())


# -- by hand -----------------------------------------------------------------------------------------------------------


def test_exact_values() -> None:
    third = fmpq(1, 3)
    answer = minimise([1, 1], [[1, 3]], [third], [ZERO, ZERO], [None, None])
    assert answer == Optimal((ZERO, fmpq(1, 9)), (third,), fmpq(1, 9))


def test_gap_below_the_resolution_of_floats_is_seen() -> None:
    tiny = fmpq(1, 10**40)
    assert isinstance(feasible([[1, 1]], [2 + tiny], [ZERO, ZERO], [ONE, ONE]), Infeasible)
    assert feasible([[1, 1]], [2], [ZERO, ZERO], [ONE, ONE]) == Feasible((ONE, ONE))
    assert isinstance(feasible([[1, 1]], [tiny], [ZERO, ZERO], [ZERO, None]), Feasible)


def test_crossed_bounds() -> None:
    assert feasible([[1, 1]], [0], [ZERO, ONE], [ONE, ZERO]) == Infeasible((ZERO,), crossed=1)


def test_unbounded_by_one_free_variable() -> None:
    answer = minimise([1, 0], [[1, 1]], [0], [None, None], [None, ONE])
    assert isinstance(answer, Optimal) and answer.value == -1
    answer = minimise([1, 0], [[1, 1]], [0], [None, None], [None, None])
    assert isinstance(answer, Unbounded) and answer.ray[0] < 0


def test_no_rows_at_all() -> None:
    assert minimise([2], [], [], [fmpq(3)], [None]) == Optimal((fmpq(3),), (), fmpq(6))
    assert isinstance(minimise([-2], [], [], [fmpq(3)], [None]), Unbounded)


@pytest.mark.parametrize(
    ("cost", "matrix", "right", "lower", "upper"),
    [
        ([1, 1], [[1]], [1], [ZERO], [None]),
        ([1], [[1, 2]], [1], [ZERO], [None]),
        ([1], [[1]], [1, 2], [ZERO], [None]),
        ([1], [[1]], [1], [ZERO, ZERO], [None]),
        ([1], [[1]], [1], [ZERO], []),
    ],
)
def test_sizes_must_fit(cost: Any, matrix: Any, right: Any, lower: Any, upper: Any) -> None:
    with pytest.raises(ValueError, match="different sizes"):
        minimise(cost, matrix, right, lower, upper)


def test_irrational_programs_are_refused() -> None:
    with pytest.raises(TypeError, match="rational"):
        feasible([[sqrt(fmpq(2))]], [1], [None], [None])


# -- nothing wrong is let through --------------------------------------------------------------------------------------


def read(program: Program) -> Any:
    return lp._Problem.read(program.c, program.a, program.b, program.lower, program.upper)


def test_tampered_optimum_is_rejected() -> None:
    program = Program([ONE, fmpq(2)], [[ONE, ONE]], [ONE], [ZERO, ZERO], [None, None])
    good = program.solve()
    assert good == Optimal((ONE, ZERO), (ONE,), ONE) and verified(read(program), good)
    for bad in (
        dataclasses.replace(good, value=fmpq(0)),
        dataclasses.replace(good, y=(fmpq(2),)),
        dataclasses.replace(good, x=(ZERO, ONE)),
        dataclasses.replace(good, x=(ZERO, ONE), value=fmpq(2)),
        dataclasses.replace(good, x=(fmpq(2), fmpq(-1)), value=ZERO),
        dataclasses.replace(good, y=(ZERO,), value=ZERO),
    ):
        assert not verified(read(program), bad)


def test_tampered_farkas_multipliers_are_rejected() -> None:
    program = Program([ZERO, ZERO], [[ONE, ONE], [ONE, -ONE]], [fmpq(3), ZERO], [ZERO, ZERO], [ONE, ONE])
    good = program.solve()
    assert isinstance(good, Infeasible) and verified(read(program), good)
    assert good.farkas[0] > 0
    for bad in (tuple(-y for y in good.farkas), (ZERO, ZERO), (ZERO, ONE), (ONE, fmpq(-3))):
        assert not verified(read(program), Infeasible(bad))
    unbounded = dataclasses.replace(program, upper=[None, ONE])
    assert not verified(read(unbounded), Infeasible((ONE, ZERO)))


def test_tampered_rays_are_rejected() -> None:
    program = Program([-ONE, ZERO], [[ONE, -ONE]], [ZERO], [ZERO, ZERO], [None, None])
    good = program.solve()
    assert isinstance(good, Unbounded) and verified(read(program), good)
    for ray in ((ONE, ZERO), (-ONE, -ONE), (ZERO, ZERO)):
        assert not verified(read(program), dataclasses.replace(good, ray=ray))
    stopped = dataclasses.replace(program, upper=[None, fmpq(100)])
    assert not verified(read(stopped), good)


def test_wrong_simplex_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lp, "simplex", lambda *_: Outcome("optimal", (ONE,), (ZERO,), ()))
    with pytest.raises(ArithmeticError, match="does not verify"):
        minimise([1], [[1]], [2], [ZERO], [None])
