"""Derivatives of smooth expressions by SymPy. Its objects are built node by node; no text ever reaches its parser.

SymPy is loaded on first use. Its rewritings hold for complex variables, hence for real ones; a singularity that a
derivative's formula has and the function has not (sqrt(z**4) at 0) shows up as DomainProblem when it is evaluated.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flint import fmpq

from verifier.checker.expression import Expression, num, var
from verifier.checker.number import Undecided


@lru_cache(maxsize=4096)
def derivative(e: Expression, variable: str) -> Expression:
    """de/dvariable for an expression without max, min, abs; polynomials are expanded, so that 0 shows as 0.

    Raises Undecided if SymPy's answer leaves the grammar.
    """
    import sympy

    result = sympy.diff(to_sympy(e), sympy.Symbol(variable))
    if result.is_polynomial(sympy.Symbol(variable)):
        result = sympy.expand(result)
    return from_sympy(result)


@lru_cache(maxsize=1)
def _functions() -> dict[str, Any]:
    import sympy

    class sigmoid(sympy.Function):  # type: ignore[misc]
        def fdiff(self, argindex: int = 1) -> Any:
            return sigmoid(self.args[0]) * sigmoid(-self.args[0])

    class softplus(sympy.Function):  # type: ignore[misc]
        def fdiff(self, argindex: int = 1) -> Any:
            return sigmoid(self.args[0])

    return {
        "sqrt": sympy.sqrt,
        "exp": sympy.exp,
        "log": sympy.log,
        "tanh": sympy.tanh,
        "arctan": sympy.atan,
        "erf": sympy.erf,
        "sigmoid": sigmoid,
        "softplus": softplus,
        "inv": lambda x: 1 / x,
        "neg": lambda x: -x,
    }


def to_sympy(e: Expression) -> Any:
    """The SymPy object of a smooth expression; variables become complex symbols."""
    import sympy

    if e.op == "num":
        assert e.value is not None
        return sympy.Rational(int(e.value.p), int(e.value.q))
    if e.op == "var":
        return sympy.Symbol(e.name)
    if e.op == "pi":
        return sympy.pi
    args = [to_sympy(a) for a in e.args]
    if e.op == "add":
        return sympy.Add(*args)
    if e.op == "mul":
        return sympy.Mul(*args)
    if e.op == "pow":
        return args[0] ** e.exponent
    return _functions()[e.op](args[0])


def from_sympy(s: Any) -> Expression:
    """Back to the grammar; raises Undecided for anything it has no word for."""
    import sympy

    if s.is_Rational:
        return num(fmpq(int(s.p), int(s.q)))
    if s.is_Symbol:
        return var(s.name)
    if s is sympy.pi:
        return Expression("pi")
    if s is sympy.E:
        return Expression("exp", (num(1),))
    if s.is_Add:
        return Expression("add", tuple(from_sympy(a) for a in s.args))
    if s.is_Mul:
        return Expression("mul", tuple(from_sympy(a) for a in s.args))
    if isinstance(s, sympy.exp):
        return Expression("exp", (from_sympy(s.args[0]),))
    if s.is_Pow:
        return _power(s)
    names = {sympy.log: "log", sympy.tanh: "tanh", sympy.atan: "arctan", sympy.erf: "erf"}
    name = names.get(s.func, s.func.__name__)
    if name in ("sigmoid", "softplus", *names.values()):
        return Expression(name, (from_sympy(s.args[0]),))
    raise Undecided(f"a derivative is not expressible: {str(s.func)[:60]}")


def _power(s: Any) -> Expression:
    """base**exponent: integer powers, repeated square roots for powers of 1/2, else exp(exponent*log(base))."""
    base, exponent = from_sympy(s.base), s.exp
    if not exponent.is_Rational:
        return Expression("exp", (Expression("mul", (from_sympy(exponent), Expression("log", (base,)))),))
    denominator, numerator = int(exponent.q), int(exponent.p)
    while denominator > 1:
        if denominator % 2:
            raise Undecided(f"a derivative is not expressible: power {exponent}")
        base, denominator = Expression("sqrt", (base,)), denominator // 2
    if numerator == -1:
        return Expression("inv", (base,))
    return base if numerator == 1 else Expression("pow", (base,), exponent=numerator)
