"""Activations and losses: the names a file may use, their parameters, and the user's own expressions."""

from __future__ import annotations

from collections.abc import Mapping

from flint import fmpq

from verifier.case import raw
from verifier.case.errors import choice, describe, refuse
from verifier.case.numbers import normalised, number
from verifier.case.types import FunctionSpec, Loss, Parameters
from verifier.case.vectors import integer, not_negative
from verifier.checker.expression import ALL_FUNCTIONS, Expression, ExpressionProblem, parse

ACTIVATIONS = (
    "linear",
    "relu",
    "leaky_relu",
    "quadratic",
    "sigmoid",
    "tanh",
    "arctan",
    "softplus",
    "exp",
    "elu",
    "selu",
    "silu",
    "gelu",
    "hard_tanh",
)
LOSSES = ("hinge", "squared_hinge", "polynomial_hinge", "logistic", "quadratic", "exponential")
MAX_HINGE_POWER = 100

# activation -> its parameter and the parameter's default
PARAMETERS: Mapping[str, tuple[str, fmpq]] = {
    "leaky_relu": ("slope", fmpq(1, 100)),
    "elu": ("alpha", fmpq(1)),
}
_IN_Z = frozenset({"z"})
_IN_F_AND_T = frozenset({"f", "t"})


def decode_activation(value: str | raw.Function | None, key: str) -> FunctionSpec:
    """A name, or a table with a name and its parameter, or a table with an expression in z.  Raises Refused."""
    if value is None:
        raise refuse(key, "an activation such as relu", "nothing")
    if isinstance(value, str):
        return _named(value, key, raw.Function())
    if value.expr is None:
        return _named(value.name, f"{key}.name", value)
    for name in ("name", "slope", "alpha"):
        _absent(value, name, key, "no such key beside expr")
    return _expression(value.expr, f"{key}.expr", _IN_Z)


def _named(name: str | None, key: str, table: raw.Function) -> FunctionSpec:
    name = choice(name, ACTIVATIONS, key)
    parameter = PARAMETERS[name][0] if name in PARAMETERS else None
    for other in ("slope", "alpha"):
        if other != parameter:
            _absent(table, other, key.removesuffix(".name"), f"no such key for {name}")
    if parameter is None:
        return FunctionSpec(name)
    given = getattr(table, parameter)
    value = PARAMETERS[name][1] if given is None else number(given, f"{key.removesuffix('.name')}.{parameter}")
    return FunctionSpec(name, Parameters({parameter: value}))


def decode_loss(table: raw.Loss, targets: bool) -> Loss:
    """The loss of z = -y f, or of f and t where the data have targets.  Raises Refused."""
    decay = not_negative(table.weight_decay, "loss.weight_decay", "a number >= 0")
    return Loss(_loss_function(table, targets), decay)


def _loss_function(table: raw.Loss, targets: bool) -> FunctionSpec:
    if table.expr is not None:
        _absent(table, "name", "loss", "no such key beside expr")
        _absent(table, "p", "loss", "no such key beside expr")
        return _expression(table.expr, "loss.expr", _IN_F_AND_T if targets else _IN_Z)
    if targets and table.name != "quadratic":
        raise refuse("loss.name", "quadratic (or expr in f and t) for data with targets", describe(table.name))
    name = choice(table.name, LOSSES, "loss.name")
    if name != "polynomial_hinge":
        _absent(table, "p", "loss", f"no such key for {name}")
        return FunctionSpec(name)
    expected = f"an integer from 0 to {MAX_HINGE_POWER}"
    power = integer(table.p, "loss.p", expected, lambda p: 0 <= p <= MAX_HINGE_POWER)
    return FunctionSpec(name, Parameters({"p": fmpq(power)}))


def _expression(text: str, key: str, variables: frozenset[str]) -> FunctionSpec:
    expected = f"an expression in {' and '.join(sorted(variables))}"
    try:
        expression: Expression = parse(text, variables, ALL_FUNCTIONS)
    except ExpressionProblem as problem:
        raise refuse(key, f"{expected} ({problem})", describe(text)) from None
    return FunctionSpec(None, Parameters(), expression, normalised(text, expression, variables, ALL_FUNCTIONS))


def _absent(table: raw.Table, name: str, key: str, expected: str) -> None:
    value = getattr(table, name)
    if value is not None:
        raise refuse(f"{key}.{name}", expected, describe(value))
