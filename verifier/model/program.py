"""Expressions compiled to straight-line programs that run over arrays of any number kind.

Common subexpressions of all outputs (a function and its derivatives) are computed once; constants are folded exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, fmpq

from verifier.checker import number
from verifier.checker.expression import UNARY, Expression, evaluate
from verifier.checker.number import Exact, Number

from .floats import UNARY_FLOAT
from .scalars import Array, Kind, constant, filled, objects

_RING = frozenset({"add", "mul", "neg", "pow"})


@dataclass(frozen=True)
class Instruction:
    """Result number k of a program is `op` applied to earlier results; `value` belongs to const, `name` to var."""

    op: str
    args: tuple[int, ...] = ()
    value: Exact | None = None
    name: str = ""
    exponent: int = 0


@dataclass(frozen=True)
class Program:
    """Instructions in order, and which of their results are the outputs."""

    instructions: tuple[Instruction, ...]
    outputs: tuple[int, ...]

    @property
    def polynomial(self) -> bool:
        """Whether only ring operations occur, so that the program runs on power series as it stands."""
        return all(i.op in ("const", "var", *_RING) and i.exponent >= 0 for i in self.instructions)

    def run(self, arguments: Mapping[str, Array], kind: Kind, shape: tuple[int, ...]) -> tuple[Array, ...]:
        """The outputs as arrays of `shape`. Exact and ball entries give exact values and enclosures; float64 follows
        IEEE (overflow gives inf). Raises DomainProblem or Undecided where an exact or ball value is not defined.
        """
        results: list[Any] = []
        with np.errstate(all="ignore"):
            for instruction in self.instructions:
                results.append(_step(instruction, results, arguments, kind))
        return tuple(_shaped(results[k], shape, kind, self.instructions[k]) for k in self.outputs)


def compile_program(outputs: Sequence[Expression], constants: Mapping[str, Exact]) -> Program:
    """Compile; `constants` gives exact values to some variables, the others become the program's arguments."""
    compiler = _Compiler(constants)
    places = tuple(compiler.place(e) for e in outputs)
    return Program(tuple(compiler.instructions), places)


class _Compiler:
    def __init__(self, constants: Mapping[str, Exact]) -> None:
        self.constants = constants
        self.instructions: list[Instruction] = []
        self.places: dict[Instruction, int] = {}
        self.known: dict[Expression, int] = {}

    def place(self, e: Expression) -> int:
        found = self.known.get(e)
        if found is None:
            found = self.known[e] = self._emit(self._instruction(e))
        return found

    def _emit(self, instruction: Instruction) -> int:
        if instruction not in self.places:
            self.places[instruction] = len(self.instructions)
            self.instructions.append(instruction)
        return self.places[instruction]

    def _instruction(self, e: Expression) -> Instruction:
        if not variables(e) - self.constants.keys():
            return Instruction("const", value=evaluate(e, self.constants))
        if e.op == "var":
            return Instruction("var", name=e.name)
        return Instruction(e.op, tuple(self.place(a) for a in e.args), exponent=e.exponent)


def variables(e: Expression) -> frozenset[str]:
    """The names of the variables in e."""
    if e.op == "var":
        return frozenset({e.name})
    return frozenset().union(*(variables(a) for a in e.args))


def _step(instruction: Instruction, results: list[Any], arguments: Mapping[str, Array], kind: Kind) -> Any:
    op = instruction.op
    if op == "const":
        assert instruction.value is not None
        return constant(instruction.value, kind)
    if op == "var":
        return arguments[instruction.name]
    args = [results[k] for k in instruction.args]
    if op == "add":
        return _fold(args, lambda x, y: x + y)
    if op == "mul":
        return _fold(args, lambda x, y: x * y)
    if op == "neg":
        return -args[0]
    if op == "pow":
        return _power(args[0], instruction.exponent, kind)
    if op in _CHOICES:
        return _choose(op, args, kind)
    return UNARY_FLOAT[op](args[0]) if kind is Kind.FLOAT else _each(UNARY[op], args[0])


def _fold(args: list[Any], combine: Callable[[Any, Any], Any]) -> Any:
    result = args[0]
    for other in args[1:]:
        result = combine(result, other)
    return result


def _power(base: Any, exponent: int, kind: Kind) -> Any:
    if kind is Kind.FLOAT:
        return base**exponent if exponent >= 0 else 1.0 / base**-exponent
    if exponent < 0:
        base, exponent = _each(number.inverse, base), -exponent
    if exponent == 0:
        return base * 0 + 1
    result = base
    for bit in bin(exponent)[3:]:
        result = result * result
        if bit == "1":
            result = result * base
    return result


def _each(function: Callable[[Any], Any], argument: Any) -> Any:
    """`function` entry by entry; equal entries are not looked for here (`Function` removes duplicates first)."""
    if isinstance(argument, np.ndarray):
        return objects((function(x) for x in argument.flat), argument.shape)
    return function(argument)


_CHOICES = frozenset({"max", "min", "abs"})


def _choose(op: str, args: list[Any], kind: Kind) -> Any:
    """max, min, abs as values (derivatives choose a branch first, see `branches`)."""
    x, y = (args[0], -args[0]) if op == "abs" else (args[0], args[1])
    if kind is Kind.FLOAT:
        return np.minimum(x, y) if op == "min" else np.maximum(x, y)
    ufunc = np.frompyfunc(_smaller if op == "min" else _larger, 2, 1)
    return ufunc(x, y)


def _larger(x: Any, y: Any) -> Any:
    if isinstance(x, arb) or isinstance(y, arb):
        return number.enclose(x).max(number.enclose(y))
    return x if number.compare(x, y) >= 0 else y


def _smaller(x: Any, y: Any) -> Any:
    return -_larger(-x, -y)


def _shaped(result: Any, shape: tuple[int, ...], kind: Kind, instruction: Instruction) -> Array:
    if isinstance(result, np.ndarray) and result.shape == shape:
        return result
    if instruction.op == "const":
        assert instruction.value is not None
        return filled(instruction.value, shape, kind)
    if kind is Kind.FLOAT:
        return np.array(np.broadcast_to(result, shape))
    return objects(np.broadcast_to(np.asarray(result, dtype=object), shape).flat, shape)


def is_rational_program(program: Program, entries: Array) -> bool:
    """Whether the program is cheap on these exact entries, so that looking for equal entries does not pay."""
    rational = all(i.value is None or isinstance(i.value, fmpq) for i in program.instructions)
    return program.polynomial and rational and not any(isinstance(x, Number) for x in entries.flat)
