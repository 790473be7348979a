"""Small cases made in memory, and the loss surface written out in SymPy: the slow definition beside the fast code."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import sympy
from flint import arb, fmpq

from verifier.case.types import Case, Data, FunctionSpec, Layered, Loss, Network, Parameters
from verifier.checker.expression import ALL_FUNCTIONS, parse
from verifier.checker.number import Exact
from verifier.model.objective import Objective


def named(name: str, **parameters: Exact) -> FunctionSpec:
    return FunctionSpec(name, Parameters(parameters))


LEAKY_SPEC = named("leaky_relu", slope=fmpq(1, 3))


def written(text: str, variables: str = "z") -> FunctionSpec:
    expression = parse(text, frozenset(variables), ALL_FUNCTIONS)
    return FunctionSpec(None, Parameters(), expression, text)


def make_case(
    inputs: Sequence[Sequence[Exact]],
    outcomes: Sequence[Any],
    network: Network,
    loss: FunctionSpec,
    *,
    targets: bool = False,
    multiplicity: Sequence[int] | None = None,
    weight_decay: Exact | None = None,
) -> Case:
    counts = tuple(multiplicity or [1] * len(inputs))
    rows = tuple(tuple(x if not isinstance(x, int) else fmpq(x) for x in row) for row in inputs)
    data = Data(rows, None if targets else tuple(outcomes), tuple(outcomes) if targets else None, counts)
    decay = fmpq(0) if weight_decay is None else weight_decay
    return Case(data, network, Loss(loss, decay), title="title", path="memory")


def single(activation: FunctionSpec, width: int, hidden_bias: bool = True, output_bias: bool = True) -> Network:
    return Network("single-layer", Layered(activation, (width,), hidden_bias, output_bias))


def deep(
    activation: FunctionSpec, hidden: Sequence[int], hidden_bias: bool = True, output_bias: bool = True
) -> Network:
    return Network("feedforward", Layered(activation, tuple(hidden), hidden_bias, output_bias))


def rational(r: random.Random, size: int = 6) -> fmpq:
    return fmpq(r.randint(-size, size), r.randint(1, 4)) + fmpq(r.randint(1, 30), 97)


def random_case(r: random.Random, network: Network, loss: FunctionSpec, n: int = 3, d: int = 2, **more: Any) -> Case:
    inputs = [[rational(r) for _ in range(d)] for _ in range(n)]
    outcomes = [rational(r) if more.get("targets") else r.choice((1, -1)) for _ in range(n)]
    return make_case(inputs, outcomes, network, loss, multiplicity=[r.randint(1, 3) for _ in range(n)], **more)


def random_point(r: random.Random, objective: Objective, size: int = 3) -> tuple[fmpq, ...]:
    return tuple(rational(r, size) for _ in range(objective.size))


# -- the definition in SymPy -------------------------------------------------------------------------------------------

Scalar = Callable[[Any, Any], Any]  # (symbolic argument, its value or ball at the point) -> symbolic result


def to_sympy(x: fmpq) -> Any:
    return sympy.Rational(int(x.p), int(x.q))


def derivatives(value: Any, symbols: Sequence[Any], at: Sequence[fmpq]) -> tuple[Any, list[Any], list[list[Any]]]:
    """(value, gradient, Hessian) by SymPy, at a rational point: exact for algebraic formulas, else balls (arb)."""
    known: dict[Any, Any] = dict(zip(symbols, at, strict=True))
    first = [sympy.diff(value, s) for s in symbols]
    hessian = [[evaluated(sympy.diff(p, s), known) for s in symbols] for p in first]
    return evaluated(value, known), [evaluated(p, known) for p in first], hessian


def evaluated(e: Any, known: dict[Any, Any]) -> Any:
    """The value of a SymPy expression, node by node: fmpq, or arb once a transcendental function occurs."""
    if e not in known:
        known[e] = _evaluated(e, known)
    return known[e]


def _evaluated(e: Any, known: dict[Any, Any]) -> Any:
    if e.is_Rational:
        return fmpq(int(e.p), int(e.q))
    if e is sympy.E:
        return arb(1).exp()
    if e is sympy.pi:
        return arb.pi()
    args = [evaluated(a, known) for a in e.args]
    if e.is_Add:
        return sum(args, fmpq(0))
    if e.is_Mul:
        return math.prod(args, start=fmpq(1))
    if e.is_Pow and e.exp.is_Integer:
        return args[0] ** int(e.exp)
    if e.is_Pow and e.exp == sympy.Rational(1, 2):
        return arb(args[0]).sqrt()
    if e.is_Pow and e.exp == sympy.Rational(-1, 2):
        return 1 / arb(args[0]).sqrt()
    functions = {sympy.exp: "exp", sympy.log: "log", sympy.tanh: "tanh", sympy.atan: "atan", sympy.erf: "erf"}
    return getattr(arb(args[0]), functions[e.func])()


def symbolic_loss(
    case: Case, theta: Sequence[fmpq], activations: Sequence[Scalar], loss: Scalar
) -> tuple[Any, list[Any]]:
    """(L, symbols): L written out from the case's definition; pieces are chosen by the values at theta."""
    symbols = list(sympy.symbols(f"p0:{len(theta)}"))
    values: dict[Any, Any] = dict(zip(symbols, theta, strict=True))
    stream = iter(symbols)
    layered = [(case.network.main, None)] + ([(case.network.deep, None)] if case.network.deep else [])
    outputs = [sympy.Integer(0) for _ in case.data.inputs]
    squares = sum(s**2 for s in symbols)
    for (part, _), activation in zip(layered, activations, strict=False):
        assert part is not None
        a0 = next(stream) if part.output_bias else sympy.Integer(0)
        a = [next(stream) for _ in range(part.hidden[-1])]
        h = [[to_sympy(v) for v in x] for x in case.data.inputs]
        for width in part.hidden:
            units = []
            for _ in range(width):
                w = [next(stream) for _ in range(len(h[0]))]
                units.append((w, next(stream) if part.hidden_bias else sympy.Integer(0)))
            pre = [[sum(p * q for p, q in zip(w, row, strict=True)) + b for w, b in units] for row in h]
            h = [[activation(u, evaluated(u, values)) for u in row] for row in pre]
        outputs = [f + a0 + sum(p * q for p, q in zip(a, row, strict=True)) for f, row in zip(outputs, h, strict=True)]
    penalty = to_sympy(case.loss.weight_decay) / 2 * squares
    if case.network.exponential_decay is not None:
        a, *w = [next(stream) for _ in range(1 + case.data.dimension)]
        b = next(stream)
        penalty += to_sympy(case.network.exponential_decay) / 2 * a**2
        for i, x in enumerate(case.data.inputs):
            outputs[i] += a * sympy.exp(sum(p * to_sympy(v) for p, v in zip(w, x, strict=True)) + b)
    total = sum(case.data.multiplicity)
    value = penalty
    for i, f in enumerate(outputs):
        z = f - to_sympy(case.data.targets[i]) if case.data.targets else -case.data.labels[i] * f
        value += sympy.Rational(case.data.multiplicity[i], total) * loss(z, evaluated(z, values))
    return value, symbols
