"""Derivatives against SymPy's, at many points."""

from __future__ import annotations

import pytest
import sympy
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.checker.expression import ALL_FUNCTIONS, Expression, num, parse, show
from verifier.checker.functions.balls import value
from verifier.checker.functions.differentiate import derivative
from verifier.checker.number import Undecided

_SYMPY = {"sigmoid": lambda x: 1 / (1 + sympy.exp(-x)), "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
          "inv": lambda x: 1 / x, "arctan": sympy.atan, "neg": lambda x: -x,
          **{n: getattr(sympy, n) for n in ("exp", "log", "sqrt", "tanh", "erf")}}  # fmt: skip


def to_sympy(e: Expression, z: sympy.Symbol) -> sympy.Expr:
    if e.op == "var":
        return z
    if e.op == "num":
        assert e.value is not None
        return sympy.Rational(int(e.value.p), int(e.value.q))
    if e.op == "pi":
        return sympy.pi
    args = [to_sympy(a, z) for a in e.args]
    if e.op in ("add", "mul"):
        return (sympy.Add if e.op == "add" else sympy.Mul)(*args)
    return args[0] ** e.exponent if e.op == "pow" else _SYMPY[e.op](args[0])


def read(words: str) -> Expression:
    return parse(words, frozenset({"z"}), ALL_FUNCTIONS | {"softplus"})


def same(e: Expression) -> None:
    z = sympy.Symbol("z", real=True)
    expected = sympy.diff(to_sympy(e, z), z)
    found = derivative(e)
    for u in (fmpq(-5, 3), fmpq(1, 7), fmpq(2)):
        exact = sympy.N(expected.subs(z, sympy.Rational(int(u.p), int(u.q))), 30)
        assert value(found, arb(u)).overlaps(arb(str(exact), arb(10) ** -9 * (1 + abs(arb(str(exact))))))


@pytest.mark.parametrize(
    "words",
    ["3", "z", "z**5", "(1 + z**2)**(-3)", "exp(-z**2)", "log(1 + exp(z))", "sqrt(1 + z**2)", "sigmoid(3*z)",
     "softplus(z)", "tanh(z/2)", "arctan(z**2)", "erf(z)", "z*exp(z)/(2 + z**2)", "-z*pi", "(z - 1)*(z - 2)*(z - 3)",
     "0*exp(z)", "z**0"],
)  # fmt: skip
def test_every_operation(words: str) -> None:
    same(read(words))


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.sampled_from(["z", "2", "1/3"]),
        lambda t: st.one_of(
            st.tuples(st.sampled_from(["({} + {})", "({} - {})", "({}*{})"]), t, t).map(
                lambda p: p[0].format(p[1], p[2])
            ),
            st.tuples(
                st.sampled_from(
                    ["sigmoid({})", "tanh({})", "arctan({})", "({})**3", "1/(1 + ({})**2)", "sqrt(1 + ({})**2)"]
                ),
                t,
            ).map(lambda p: p[0].format(p[1])),
        ),
        max_leaves=4,
    )
)
def test_compositions(words: str) -> None:
    same(read(words))


def test_second_derivatives() -> None:
    z = sympy.Symbol("z", real=True)
    e = read("z*arctan(z)")
    expected = sympy.N(sympy.diff(to_sympy(e, z), z, 2).subs(z, sympy.Rational(1, 3)), 30)
    assert value(derivative(derivative(e)), arb(fmpq(1, 3))).overlaps(arb(str(expected), 1e-20))
    assert "arctan" not in show(derivative(derivative(e)))


def test_zero_terms_are_dropped() -> None:
    assert derivative(read("5 + pi")) == num(0)
    assert derivative(read("2*z + 3")) == num(2)


@pytest.mark.parametrize("words", ["abs(z)", "max(z, 1)", "exp(min(z, 0))"])
def test_kinks_have_no_derivative(words: str) -> None:
    with pytest.raises(Undecided, match="no derivative"):
        derivative(read(words))
