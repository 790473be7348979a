"""One smooth piece of a function, with as many derivatives as are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from verifier.checker.expression import Expression, evaluate
from verifier.checker.number import DomainProblem, Exact, Scalar, Undecided, sign

from .program import Program, compile_program, is_rational_program, variables
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

    def run(
        self, u: Array, orders: int, kind: Kind, parameters: Mapping[str, Array] | None = None
    ) -> tuple[Array, ...]:
        """Derivatives 0..orders at the entries of u. Equal exact entries are evaluated once: identical symbols."""
        program = self.program(orders)
        if kind is not Kind.EXACT or is_rational_program(program, u):
            return program.run({self.variable: u, **(parameters or {})}, kind, u.shape)
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

    def affine(self) -> tuple[Exact, Exact] | None:
        """(slope, intercept) if the piece is visibly affine, else None."""
        try:
            slope_expression = self.expression(1)
            if self.variable in variables(slope_expression):
                return None
            slope = evaluate(slope_expression, self.constants)
            return slope, evaluate(self.expression(0), {**self.constants, self.variable: ZERO})
        except (DomainProblem, Undecided):
            return None


def _under_roots(e: Expression) -> Iterator[Expression]:
    if e.op == "sqrt":
        yield e.args[0]
    for a in e.args:
        yield from _under_roots(a)
