"""The facts of an activation or a loss, from its specification: derived where it is a piecewise polynomial
over Q, looked up where it is a named function or one of the usual ways of writing it, unknown otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from flint import fmpq

from .derived import derived_facts
from .expression import ALL_FUNCTIONS, Expression, parse, parse_number
from .fact_types import UNKNOWN, Fact, Facts
from .library import (
    SELU_ALPHA,
    SELU_SCALE,
    Specification,
    activation_expression,
    activation_parameter,
    loss_expression,
)
from .number import Exact
from .piecewise import piecewise
from .table import FIXED, elu, leaky_relu, target_quadratic

__all__ = ["Fact", "Facts", "activation_facts", "loss_facts"]

_SPELLINGS: Mapping[
    str, tuple[str, ...]
] = {  # other ways to write a function of the table; identities on all of R
    "sigmoid": ("sigmoid(z)", "1/(1+exp(-z))", "1/(exp(-z)+1)", "exp(z)/(1+exp(z))", "exp(z)/(exp(z)+1)"),
    "tanh": ("tanh(z)",),
    "arctan": ("arctan(z)",),
    "softplus": ("log(1+exp(z))", "log(exp(z)+1)"),
    "exp": ("exp(z)",),
    "silu": ("z*sigmoid(z)", "sigmoid(z)*z", "z/(1+exp(-z))"),
    "gelu": ("z*(1+erf(z/sqrt(2)))/2", "z/2*(1+erf(z/sqrt(2)))", "1/2*z*(1+erf(z/sqrt(2)))"),
}
_TARGET_SPELLINGS = ("(f-t)**2", "(t-f)**2")


@lru_cache(maxsize=1)
def _spellings() -> Mapping[Expression, str]:
    variables = frozenset({"z"})
    return {
        parse(text, variables, ALL_FUNCTIONS): name for name, texts in _SPELLINGS.items() for text in texts
    }


def activation_facts(specification: Specification) -> Facts:
    """Facts of the activation; raises SpecificationProblem. A user's expression must be defined on R
    (`domain.py`).
    """
    expression = activation_expression(specification)
    function = piecewise(expression)
    if function is not None:
        return derived_facts(function)
    name = specification.get("name")
    if name == "leaky_relu":
        return leaky_relu(activation_parameter(specification, "slope"))
    if name == "elu":
        return elu(activation_parameter(specification, "alpha"), fmpq(1))
    if name == "selu":
        return elu(parse_number(SELU_ALPHA), parse_number(SELU_SCALE))
    return _looked_up(name, expression)


def loss_facts(specification: Specification, target: Exact | None = None) -> Facts:
    """Facts of the loss as a function of z or, given a target t, of f -> loss(f, t); raises
    SpecificationProblem.

    With a target l1, l2, l_plus and bounds_error are unknown: they are defined for labels. A user's expression must be
    defined on R.
    """
    expression = loss_expression(specification, target)
    function = piecewise(expression)
    if target is None:
        return (
            _looked_up(specification.get("name"), expression) if function is None else derived_facts(function)
        )
    if function is not None:
        facts = derived_facts(function)
    elif any(expression == loss_expression({"expr": text}, target) for text in _TARGET_SPELLINGS):
        facts = target_quadratic(target)
    else:
        facts = _looked_up(None, expression)
    return replace(facts, l1=UNKNOWN, l2=UNKNOWN, l_plus=UNKNOWN, bounds_error=UNKNOWN)


def _looked_up(name: object, expression: Expression) -> Facts:
    known = name if isinstance(name, str) else _spellings().get(expression)
    found = FIXED.get(known) if known is not None else None
    if found is not None:
        return found
    from .functions.facts_of_study import expression_facts  # many modules, and most cases need none of them

    return expression_facts(expression)
