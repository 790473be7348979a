"""Activations and losses over balls contain what they are at each point inside."""

from __future__ import annotations

import pytest
from flint import arb, arb_mat, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.checker.test_enclosure import BITS, LOSSES, PIECEWISE, SMOOTH, contained
from verifier.checker.expression import Expression
from verifier.checker.germ import germ
from verifier.checker.jets import jet, jets
from verifier.checker.library import activation_expression, loss_expression
from verifier.checker.number import DomainProblem, Undecided, enclose, precision

EXPRESSIONS: dict[str, Expression] = {
    **{name: activation_expression({"name": name}) for name in SMOOTH + PIECEWISE},
    **{f"{name} loss": loss_expression({"name": name}) for name in LOSSES},
    "quadratic loss on targets": loss_expression({"name": "quadratic"}, fmpq(2, 3)),
    "an expression": activation_expression({"expr": "z/(1 + z**2) + sqrt(1 + exp(-z))"}),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
@settings(max_examples=25)
@given(u=st.builds(fmpq, st.integers(-400, 400), st.integers(1, 60)), part=st.integers(-8, 8))
def test_a_jet_over_a_ball_contains_the_germs_inside(name: str, u: fmpq, part: int) -> None:
    expression = EXPRESSIONS[name]
    radius = fmpq(1, 16)
    with precision(BITS):
        try:
            balls = [(enclose(u - radius)).union(enclose(u + radius)), enclose(u)]
            table = jets(expression, arb_mat(2, 1, balls))
            found = list(zip(*(m.entries() for m in (table.value, table.first, table.second)), strict=True))
            single = [jet(expression)(ball) for ball in balls]
            inside = [germ(expression, enclose(v), None, 2) for v in (u + radius * fmpq(part, 8), u)]
        except (Undecided, DomainProblem):
            return
        for (c0, c1, c2), *enclosures in zip(inside, found, single, strict=True):
            assert all(contained(list(enclosure), [c0, c1, 2 * c2]) for enclosure in enclosures)


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("order", [2, 3])
def test_smooth_functions_have_germs_over_wide_balls(name: str, order: int) -> None:
    expression = EXPRESSIONS[name]
    with precision(BITS):
        ball = arb(-3).union(arb(3))
        wide = germ(expression, ball, None, order)
        table = jets(expression, arb_mat(1, 1, [ball]))
        for k in range(-6, 7):
            inside = germ(expression, enclose(fmpq(k, 2)), None, order)
            assert contained(list(wide), list(inside))
            assert contained([table.value[0, 0], table.first[0, 0], table.second[0, 0] / 2], list(inside[:3]))


@pytest.mark.parametrize(
    "words", ["abs(z)", "max(0, z)**2", "exp(abs(z))", "max(z, exp(z) - 1)", "sqrt(abs(z))", "max(0, z)*exp(z)"]
)
def test_no_jet_at_a_breakpoint(words: str) -> None:
    """Neither over a ball that contains 0 nor at 0 itself."""
    for ball in (arb(0), arb(0).union(arb(1)), arb(-1).union(arb(fmpq(1, 100)))):
        with pytest.raises(Undecided):
            jets(activation_expression({"expr": words}), arb_mat(1, 1, [ball]))
