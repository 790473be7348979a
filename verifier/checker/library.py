"""The named activations and losses, as expressions: the meaning of a name in a case file, written once.

A specification is the JSON of a case document: {"name": ..., parameters} or {"expr": text}. An activation is
a function of z. A loss is a function of z = -y f for data with labels, of f and t for data with real targets.
"""

from __future__ import annotations

from collections.abc import Mapping

from flint import fmpq

from .expression import ALL_FUNCTIONS, Expression, ExpressionProblem, num, parse, value, var
from .number import Exact, is_zero, shorten, text

Specification = Mapping[str, object]

SELU_SCALE = "1.0507009873554804934193349852946"
SELU_ALPHA = "1.6732632423543772848170429916717"

ACTIVATIONS: Mapping[str, str] = {
    "linear": "z",
    "relu": "max(0, z)",
    "leaky_relu": "max(0, z) + slope*min(0, z)",
    "quadratic": "z**2",
    "sigmoid": "sigmoid(z)",
    "tanh": "tanh(z)",
    "arctan": "arctan(z)",
    "softplus": "softplus(z)",
    "exp": "exp(z)",
    "elu": "max(0, z) + alpha*(exp(min(0, z)) - 1)",
    "selu": f"{SELU_SCALE}*(max(0, z) + {SELU_ALPHA}*(exp(min(0, z)) - 1))",
    "silu": "z*sigmoid(z)",
    "gelu": "z*(1 + erf(z/sqrt(2)))/2",
    "hard_tanh": "max(-1, min(1, z))",
}
ACTIVATION_DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "leaky_relu": {"slope": "1/100"},
    "elu": {"alpha": "1"},
}
LOSSES: Mapping[str, str] = {
    "hinge": "max(0, 1 + z)",
    "squared_hinge": "max(0, 1 + z)**2",
    "polynomial_hinge": "max(0, 1 + z)**(p + 1)",
    "logistic": "softplus(z)",
    "quadratic": "(1 + z)**2",
    "exponential": "exp(z)",
}
TARGET_LOSSES: Mapping[str, str] = {"quadratic": "(f - t)**2"}
MAX_HINGE_POWER = 100

_GRAMMAR = ALL_FUNCTIONS | {"softplus"}  # the table above may say softplus; a user's expression may not


class SpecificationProblem(ValueError):
    """A specification that names no function; the message is one line: expected, got."""


def shown(value: object) -> str:
    """A value for a message; what is no short scalar by its type only (nesting and digits have no bound)."""
    if isinstance(value, str):
        return repr(shorten(value))
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 1 << 64):
        return repr(value)
    return type(value).__name__


def activation_expression(specification: Specification) -> Expression:
    """The activation as an expression in z (parameters substituted); raises SpecificationProblem.

    elu with alpha = 0 is relu: written so, it has no exponential in it and counts as piecewise linear
    everywhere.
    """
    if "expr" in specification:
        _only_keys(specification, {"expr"})
        return _users(specification, frozenset({"z"}))
    name = _name(specification, ACTIVATIONS)
    defaults = ACTIVATION_DEFAULTS.get(name, {})
    _only_keys(specification, {"name", *defaults})
    if name == "elu" and is_zero(activation_parameter(specification, "alpha")):
        return parse(ACTIVATIONS["relu"], frozenset({"z"}), _GRAMMAR)
    template = parse(ACTIVATIONS[name], frozenset({"z", *defaults}), _GRAMMAR)
    return _substitute(
        template, {key: _number(specification, key, default) for key, default in defaults.items()}
    )


def activation_parameter(specification: Specification, key: str) -> Exact:
    """The exact value of a parameter ("slope" or "alpha") of a named activation."""
    name = _name(specification, ACTIVATIONS)
    return value(_number(specification, key, ACTIVATION_DEFAULTS[name][key]))


def loss_expression(specification: Specification, target: Exact | None = None) -> Expression:
    """The loss as an expression in z; raises SpecificationProblem.

    With labels z is -y f; with a target t the loss is written in f and t, t is replaced by its value and f is
    called z. A loss document also carries weight_decay, which is no part of this function and is left aside
    here.
    """
    if "expr" in specification:
        _only_keys(specification, {"expr", "weight_decay"})
        if target is None:
            return _users(specification, frozenset({"z"}))
        return _at_target(_users(specification, frozenset({"f", "t"})), target)
    name = _name(specification, LOSSES if target is None else TARGET_LOSSES)
    _only_keys(specification, {"name", "weight_decay", *({"p"} if name == "polynomial_hinge" else ())})
    if target is not None:
        return _at_target(parse(TARGET_LOSSES[name], frozenset({"f", "t"})), target)
    formula = LOSSES[name]
    if name == "polynomial_hinge":
        formula = formula.replace("(p + 1)", str(_hinge_power(specification) + 1))
    return parse(formula, frozenset({"z"}), _GRAMMAR)


def _at_target(expression: Expression, target: Exact) -> Expression:
    return _substitute(expression, {"f": var("z"), "t": _written(target)})


def _written(x: Exact) -> Expression:
    """A closed expression with the value x."""
    if isinstance(x, fmpq):
        return num(x)
    try:
        expression = parse(text(x), functions=_GRAMMAR)
        if value(expression) == x:
            return expression
    except ExpressionProblem:
        pass
    raise SpecificationProblem(f"target: {shorten(text(x))} cannot be written as an expression")


def _hinge_power(specification: Specification) -> int:
    p = specification.get("p")
    if not isinstance(p, int) or isinstance(p, bool) or not 0 <= p <= MAX_HINGE_POWER:
        raise SpecificationProblem(f"p: expected an integer from 0 to {MAX_HINGE_POWER}, got {shown(p)}")
    return p


def _users(specification: Specification, variables: frozenset[str]) -> Expression:
    given = specification["expr"]
    if not isinstance(given, str):
        raise SpecificationProblem(f"expr: expected a text, got {shown(given)}")
    try:
        return parse(given, variables, ALL_FUNCTIONS)
    except ExpressionProblem as problem:
        raise SpecificationProblem(f"expr: {problem}") from None


def _name(specification: Specification, table: Mapping[str, str]) -> str:
    name = specification.get("name")
    if not isinstance(name, str) or name not in table:
        raise SpecificationProblem(f"name: expected one of {', '.join(sorted(table))}, got {shown(name)}")
    return name


def _only_keys(specification: Specification, allowed: set[str]) -> None:
    extra = sorted(str(key) for key in specification if key not in allowed)
    if extra:
        raise SpecificationProblem(f"{extra[0]:.60}: unknown key, expected {', '.join(sorted(allowed))}")


def _number(specification: Specification, key: str, default: str) -> Expression:
    given = specification.get(key, default)
    if not isinstance(given, str):
        raise SpecificationProblem(f"{key}: expected a number as text, got {shown(given)}")
    try:
        expression = parse(given)
        value(expression)
    except ExpressionProblem as problem:
        raise SpecificationProblem(f"{key}: {problem}") from None
    return expression


def _substitute(expression: Expression, values: Mapping[str, Expression]) -> Expression:
    """The expression with variables replaced."""
    if expression.op == "var":
        return values.get(expression.name, var(expression.name))
    args: list[Expression] = []
    for argument in expression.args:  # a loop, not a comprehension: one stack frame per level of nesting
        args.append(_substitute(argument, values))
    return Expression(expression.op, tuple(args), expression.value, expression.name, expression.exponent)
