"""One smooth piece of a function, with as many derivatives as are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from math import perm
from typing import Any

from flint import fmpq, fmpq_poly

from verifier.checker.expression import Expression, evaluate, num, var
from verifier.checker.number import DomainProblem, Exact, Number, Scalar, Undecided, sign

from .program import Program, compile_program, is_rational_program
from .scalars import ZERO, Array, Kind, objects


class Branch:
    """A smooth expression in `variable`; `known` lists its derivatives from order 0 as far as they are in closed form.

    Higher ones come from SymPy, by `differentiate`. `constants` are the exact values of the other variables.
    """

    def __init__(
        self, known: Sequence[Expression], variable: str, constants: Mapping[str, Exact] | None = None
    ) -> None:
        self.variable = variable
        self.constants = dict(constants or {})
        self._expressions = list(known)
        self._programs: dict[tuple[int, int], Program] = {}

    def expression(self, order: int) -> Expression:
        """The derivative of the given order; raises Undecided if SymPy cannot express it."""
        while len(self._expressions) <= order:
            from .differentiate import derivative

            self._expressions.append(derivative(self._expressions[-1], self.variable))
        return self._expressions[order]

    def program(self, orders: int, lowest: int = 0) -> Program:
        """The derivatives of orders `lowest`..`orders` as one program."""
        key = (lowest, orders)
        if key not in self._programs:
            outputs = [self.expression(k) for k in range(lowest, orders + 1)]
            self._programs[key] = compile_program(outputs, self.constants)
        return self._programs[key]

    def run(self, u: Array, orders: int, kind: Kind) -> tuple[Array, ...]:
        """Derivatives 0..orders at the entries of u. Equal exact entries are evaluated once: identical symbols."""
        program = self.program(orders)
        if kind is not Kind.EXACT or is_rational_program(program, u):
            return program.run({self.variable: u}, kind, u.shape)
        places: dict[Exact, int] = {}
        index = [places.setdefault(x, len(places)) for x in u.flat]
        distinct = objects(places, (len(places),))
        results = program.run({self.variable: distinct}, kind, distinct.shape)
        return tuple(r[index].reshape(u.shape) for r in results)

    def at(self, order: int, u: Scalar) -> Any:
        """One derivative at one exact number or ball."""
        kind = Kind.EXACT if isinstance(u, Exact) else Kind.BALL
        return self.program(order, order).run({self.variable: objects([u], (1,))}, kind, (1,))[0][0]

    def regular_at(self, u: Exact) -> bool:
        """Whether the expression is shown to be real-analytic at u: every square root in it has a positive argument."""
        env = {**self.constants, self.variable: u}
        try:
            return all(sign(evaluate(root, env)) > 0 for root in _under_roots(self.expression(0)))
        except (DomainProblem, Undecided):
            return False

    def polynomial(self) -> tuple[Exact, ...] | None:
        """Coefficients c_0, c_1, ... in powers of the variable if the piece is known to be a polynomial, else None."""
        return None

    @cached_property
    def is_constant(self) -> bool:
        """Whether the piece is known to be constant."""
        coefficients = self.polynomial()
        return coefficients is not None and len(coefficients) <= 1


class PolynomialBranch(Branch):
    """A piece that is a polynomial with exact coefficients, evaluated in powers of (variable - centre).

    `coefficients` are those of powers of the variable, without trailing zeros; all derivatives are in closed form.
    `centre` only shortens the formula ((1+z)**101 has one term about -1); it needs rational coefficients.
    """

    def __init__(self, coefficients: Sequence[Exact], variable: str, centre: fmpq = ZERO) -> None:
        shifted: Sequence[Exact] = coefficients
        if centre != 0:
            rationals = [c for c in coefficients if isinstance(c, fmpq)]
            if len(rationals) < len(coefficients):
                raise TypeError("a centre needs rational coefficients")
            shifted = fmpq_poly(rationals)(fmpq_poly([centre, 1])).coeffs()
        names = {f"c{k}": c for k, c in enumerate(shifted) if isinstance(c, Number)}
        super().__init__((), variable, names)
        self._coefficients = tuple(coefficients)
        self._shifted = tuple(shifted)
        self._base = var(variable) if centre == 0 else Expression("add", (var(variable), num(-centre)))

    def expression(self, order: int) -> Expression:
        """The derivative as a sum of powers of (variable - centre)."""
        while len(self._expressions) <= order:
            self._expressions.append(self._derivative(len(self._expressions)))
        return self._expressions[order]

    def _derivative(self, order: int) -> Expression:
        terms = []
        for k, c in enumerate(self._shifted[order:], start=order):
            if isinstance(c, fmpq) and c == 0:
                continue
            factor = perm(k, order)
            constant = num(c * factor) if isinstance(c, fmpq) else Expression("mul", (num(factor), var(f"c{k}")))
            terms.append(_term(constant, self._base, k - order))
        if len(terms) < 2:
            return terms[0] if terms else num(0)
        return Expression("add", tuple(terms))

    def regular_at(self, u: Exact) -> bool:
        """A polynomial is analytic everywhere."""
        return True

    def polynomial(self) -> tuple[Exact, ...]:
        return self._coefficients


def _term(constant: Expression, base: Expression, exponent: int) -> Expression:
    """constant * base**exponent."""
    if exponent == 0:
        return constant
    power = base if exponent == 1 else Expression("pow", (base,), exponent=exponent)
    return power if constant == num(1) else Expression("mul", (constant, power))


def _under_roots(e: Expression) -> Iterator[Expression]:
    if e.op == "sqrt":
        yield e.args[0]
    for a in e.args:
        yield from _under_roots(a)
