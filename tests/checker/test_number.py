"""Exact numbers: identities are found, balls enclose, nothing false is equated, and every size is bounded."""

from __future__ import annotations

import itertools
import time

import pytest
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.checker import number
from verifier.checker.number import (
    PI,
    DomainProblem,
    Exact,
    Number,
    TooLarge,
    UnknownSign,
    arctan,
    ball,
    compare,
    enclose,
    erf,
    exp,
    inverse,
    is_zero,
    log,
    power,
    precision,
    sigmoid,
    sign,
    softplus,
    spend,
    sqrt,
    tanh,
    text,
    times,
    total,
    work,
)

Q = fmpq
SQRT2, SQRT3 = sqrt(Q(2)), sqrt(Q(3))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (SQRT2 * SQRT2, Q(2)),
        (sqrt(Q(8)), 2 * SQRT2),
        (sqrt(Q(1, 2)), SQRT2 / 2),
        (sqrt(Q(9, 4)), Q(3, 2)),
        (1 / (SQRT2 + SQRT3), SQRT3 - SQRT2),
        (1 / (1 + SQRT2), SQRT2 - 1),
        (sqrt(exp(Q(2))), exp(Q(1))),
        (exp(log(Q(5, 6))), Q(5, 6)),
        (exp(log(Q(2)) / 2), SQRT2),
        (exp(-3 * log(Q(2)) / 2), SQRT2 / 4),
        (exp(Q(1)) * exp(Q(-1)), Q(1)),
        (log(Q(6)), log(Q(2)) + log(Q(3))),
        (log(Q(1)), Q(0)),
        (log(2 * exp(Q(3))), log(Q(2)) + 3),
        (log(1 + exp(Q(2))), softplus(Q(2))),
        (1 / (1 + exp(Q(-2))), sigmoid(Q(2))),
        (1 / (exp(Q(2)) + exp(Q(3))), exp(Q(-2)) * sigmoid(Q(-1))),
        (1 / (-exp(Q(2)) - exp(Q(3))), -exp(Q(-2)) * sigmoid(Q(-1))),
        (sigmoid(Q(2)) + sigmoid(Q(-2)), Q(1)),
        (sigmoid(log(Q(3))), Q(3, 4)),
        (softplus(Q(2)) - softplus(Q(-2)), Q(2)),
        (softplus(log(Q(3))), 2 * log(Q(2))),
        (tanh(Q(1)) + tanh(Q(-1)), Q(0)),
        (tanh(log(Q(2))), Q(3, 5)),
        (arctan(Q(1)), PI / 4),
        (arctan(Q(-1)), -PI / 4),
        (arctan(Q(0)), Q(0)),
        (arctan(Q(-2)), -arctan(Q(2))),
        (erf(Q(-2)), -erf(Q(2))),
        (erf(Q(0)), Q(0)),
        (PI * inverse(PI), Q(1)),
        (power(SQRT2, 4), Q(4)),
        (power(SQRT2, -2), Q(1, 2)),
        (power(PI, 0), Q(1)),
        (sqrt(1 + PI) * sqrt(1 + PI), 1 + PI),
    ],
)
def test_identity_is_found(left: Exact, right: Exact) -> None:
    assert left == right
    assert isinstance(left, fmpq) == isinstance(right, fmpq)


ORDERED = [
    -PI,
    -SQRT2,
    -tanh(Q(1)),
    erf(Q(1, 9)),
    sigmoid(Q(-1)),
    sigmoid(Q(1)),
    arctan(Q(2)),
    SQRT2,
    SQRT3,
    exp(Q(1)),
    PI,
]


@pytest.mark.parametrize(("x", "y"), list(itertools.pairwise(ORDERED)))
def test_order(x: Exact, y: Exact) -> None:
    assert (compare(x, y), compare(y, x), compare(x, x)) == (-1, 1, 0)


def test_a_zero_that_no_identity_shows_is_unknown_and_not_zero() -> None:
    hidden = sqrt(2 + SQRT3) - (sqrt(Q(6)) + SQRT2) / 2
    assert not is_zero(hidden)
    for refuses in (sign, inverse, log, sqrt):
        with pytest.raises(UnknownSign):
            refuses(hidden)
    with pytest.raises(UnknownSign):
        inverse(hidden * PI)
    with pytest.raises(UnknownSign):
        inverse(log(1 + hidden))  # one term, an atom that is 0
    assert ball(hidden, 300).contains(0)


def test_tiny_differences_have_a_sign() -> None:
    assert sign(exp(fmpq(1, 10**60)) - 1 - fmpq(1, 10**60)) == 1
    assert sign(softplus(Q(-400))) == 1
    assert sign(1 - tanh(Q(300))) == 1


@pytest.mark.parametrize(
    "undefined",
    [
        lambda: inverse(Q(0)),
        lambda: PI / 0,
        lambda: power(Q(0), -1),
        lambda: log(Q(0)),
        lambda: log(-PI),
        lambda: sqrt(Q(-1)),
        lambda: sqrt(SQRT2 - 2),
        lambda: log(arb(-1)),
        lambda: log(arb(0)),
        lambda: sqrt(arb(-2, 1)),
    ],
)
def test_outside_the_domain(undefined: object) -> None:
    with pytest.raises(DomainProblem):
        undefined()  # type: ignore[operator]


@pytest.mark.parametrize("function", [inverse, log, sqrt])
def test_a_ball_around_zero_is_undecided(function: object) -> None:
    with pytest.raises(UnknownSign):
        function(arb(0, 1))  # type: ignore[operator]


def test_balls() -> None:
    assert sqrt(arb(0)) == 0
    assert sign(arb(0)) == 0
    assert [sign(arb(2, 1)), sign(arb(-2, 1))] == [1, -1]
    with pytest.raises(UnknownSign):
        sign(arb(0, 1))
    with pytest.raises(UnknownSign):
        sign(arb("nan"))
    with precision(100):
        wide = softplus(arb(0, 1))
        for u in (-1, 0, 1):
            assert wide.contains(softplus(arb(u)))


def test_a_cached_ball_belongs_to_its_precision() -> None:
    x = log(Q(7))
    coarse, fine, again = ball(x, 64), ball(x, 500), ball(x, 64)
    assert fine.rad() < arb(2) ** -400 < coarse.rad()
    assert coarse.contains(fine)
    assert (again.mid(), again.rad()) == (coarse.mid(), coarse.rad())


def test_precision_is_restored_after_an_error() -> None:
    from flint import ctx

    before = ctx.prec
    with pytest.raises(ZeroDivisionError), precision(321):
        raise ZeroDivisionError
    assert ctx.prec == before


def test_no_truth_value_and_no_equality_with_rationals() -> None:
    with pytest.raises(TypeError):
        bool(PI)
    assert fmpq(3) != PI
    assert {PI: 1}[inverse(inverse(PI))] == 1


# -- laws --------------------------------------------------------------------------------------------------------------

FUNCTIONS = [sqrt, exp, log, tanh, sigmoid, softplus, arctan, erf, inverse]
rationals = st.fractions(-4, 4, max_denominator=6).map(lambda f: fmpq(f.numerator, f.denominator))


def trees() -> st.SearchStrategy[object]:
    return st.recursive(
        rationals | st.just("pi"),
        lambda t: st.one_of(
            st.tuples(st.sampled_from(["+", "-", "*", "/"]), t, t),
            st.tuples(st.sampled_from(FUNCTIONS), t),
            st.tuples(st.just("**"), t, st.integers(-3, 3)),
        ),
        max_leaves=6,
    )


def calculated(tree: object, balls: bool) -> object:
    """The value of a tree by the exact functions, or by balls alone (no rewriting takes part in that)."""
    if tree == "pi":
        return arb.pi() if balls else PI
    if not isinstance(tree, tuple):
        return arb(tree) if balls else tree
    if callable(tree[0]):
        return tree[0](calculated(tree[1], balls))
    left = calculated(tree[1], balls)
    if tree[0] == "**":
        return power(left, tree[2])  # type: ignore[type-var]
    right = calculated(tree[2], balls)
    if tree[0] == "+":
        return left + right  # type: ignore[operator]
    if tree[0] == "-":
        return left - right  # type: ignore[operator]
    return left * (right if tree[0] == "*" else inverse(right))  # type: ignore[operator,type-var]


def both(tree: object) -> tuple[Exact, arb] | None:
    try:
        with work(50_000):
            exact = calculated(tree, balls=False)
        with precision(600):
            return exact, calculated(tree, balls=True)  # type: ignore[return-value]
    except (number.Undecided, DomainProblem):
        return None


@settings(max_examples=500, deadline=None)
@given(trees())
def test_canonical_forms_keep_the_value(tree: object) -> None:
    found = both(tree)
    if found is None:
        return
    exact, plain = found
    assert ball(exact, 600).overlaps(plain) or not plain.is_finite()
    if is_zero(exact):
        assert plain.contains(0)
        return
    try:
        side = sign(exact)
    except number.Undecided:
        return
    assert not (plain > 0 if side < 0 else plain < 0)


@settings(max_examples=300, deadline=None)
@given(trees(), trees())
def test_equal_forms_and_equal_texts_denote_one_number(first: object, second: object) -> None:
    x, y = both(first), both(second)
    if x is None or y is None:
        return
    assert (x[0] == y[0]) == (text(x[0]) == text(y[0]))
    if x[0] == y[0]:
        assert x[1].overlaps(y[1]) or not (x[1] - y[1]).is_finite()
    assert total([x[0], y[0], x[0]]) == x[0] + y[0] + x[0]
    with precision(600):
        assert enclose(x[0] - y[0]).overlaps(x[1] - y[1]) or not (x[1] - y[1]).is_finite()


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(FUNCTIONS), rationals, st.fractions(0, 1).map(lambda f: fmpq(f.numerator, f.denominator)))
def test_functions_of_balls_enclose(function: object, middle: fmpq, offset: fmpq) -> None:
    wide = arb(middle, fmpq(1, 2))
    point = arb(middle + offset - fmpq(1, 2))
    try:
        image = function(wide)  # type: ignore[operator]
    except (number.Undecided, DomainProblem):
        return
    assert image.overlaps(function(point)) or not image.is_finite()  # type: ignore[operator]


# -- bounds ------------------------------------------------------------------------------------------------------------


def _many(n: int) -> Exact:
    return total(exp(fmpq(i)) for i in range(1, n))


@pytest.mark.parametrize(
    "huge",
    [
        lambda: power(fmpq(2), 2_000_000),
        lambda: power(fmpq(1, 3), -2_000_000),
        lambda: power(PI + fmpq(10) ** 9_999, 1_000),
        lambda: times(fmpq(2) ** 600_000, fmpq(2) ** 600_000),
        lambda: total([fmpq(2) ** 1_048_570, fmpq(1, 3) ** 300_000]),
        lambda: power(_many(60), 1_000),
        lambda: _many(500) * _many(500),
        lambda: _many(4_100),
        lambda: exp(power(1 + exp(power(1 + exp(power(1 + exp(fmpq(1)), 50)), 50)), 50)),
    ],
)
def test_too_large(huge: object) -> None:
    start = time.process_time()
    with pytest.raises(TooLarge), work(100_000):
        huge()  # type: ignore[operator]
    assert time.process_time() - start < 2


def test_work_is_bounded_and_restored() -> None:
    with work(10):
        spend(10)
        with work(5):
            spend(5)
            with pytest.raises(TooLarge, match="too much work"):
                spend(1)
        with pytest.raises(TooLarge):
            spend(1)
    spend(10**9)


def test_size_counts_the_whole_tree() -> None:
    assert number.size(fmpq(3)) == 0
    assert number.size(PI) == 2
    assert isinstance(SQRT2, Number)
    assert number.size(exp(SQRT2) + 1) == 2 + number.size(SQRT2)
    assert number.height(SQRT2 * fmpq(1, 1024)) == 11
