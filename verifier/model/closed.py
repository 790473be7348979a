"""Derivatives of the named functions in closed form, so that common cases never load SymPy.

Each entry lists the orders 0, 1, 2, ... of the one piece that is not a polynomial; `s` abbreviates sigmoid(z), and so
on. Higher orders come from SymPy (`differentiate.py`). The tests compare every entry with SymPy.
"""

from __future__ import annotations

from collections.abc import Mapping

from verifier.checker.expression import ALL_FUNCTIONS, Expression, parse

_GRAMMAR = ALL_FUNCTIONS | {"softplus"}
_SIGMOID = ("{s}", "{s}*(1-{s})", "{s}*(1-{s})*(1-2*{s})", "{s}*(1-{s})*(1-6*{s}+6*{s}**2)")
_PHI = "exp(-z**2/2)/sqrt(2*pi)"
_EXP = ("exp(z)",) * 9
_SOFTPLUS = ("softplus(z)", *_SIGMOID)

_FORMULAS: Mapping[str, tuple[str, ...]] = {
    "sigmoid": (*_SIGMOID, "{s}*(1-{s})*(1-2*{s})*(1-12*{s}+12*{s}**2)"),
    "tanh": ("{t}", "1-{t}**2", "-2*{t}*(1-{t}**2)", "(1-{t}**2)*(6*{t}**2-2)", "(1-{t}**2)*(16*{t}-24*{t}**3)"),
    "arctan": ("arctan(z)", "1/{q}", "-2*z/{q}**2", "(6*z**2-2)/{q}**3", "24*(z-z**3)/{q}**4"),
    "softplus": _SOFTPLUS,
    "logistic": _SOFTPLUS,
    "exp": _EXP,
    "exponential": _EXP,
    "silu": (
        "z*{s}",
        "{s}+z*{s}*(1-{s})",
        "{s}*(1-{s})*(2+z*(1-2*{s}))",
        "{s}*(1-{s})*(3*(1-2*{s})+z*(1-6*{s}+6*{s}**2))",
        "{s}*(1-{s})*(4*(1-6*{s}+6*{s}**2)+z*(1-2*{s})*(1-12*{s}+12*{s}**2))",
    ),
    "gelu": (
        "z*(1+erf(z/sqrt(2)))/2",
        "(1+erf(z/sqrt(2)))/2+z*{phi}",
        "{phi}*(2-z**2)",
        "{phi}*(z**3-4*z)",
        "{phi}*(7*z**2-z**4-4)",
    ),
    "elu": ("scale*alpha*(exp(z)-1)", *("scale*alpha*exp(z)",) * 8),
    "selu": ("scale*alpha*(exp(z)-1)", *("scale*alpha*exp(z)",) * 8),
}


def closed_form(name: str | None) -> tuple[Expression, ...]:
    """Orders 0, 1, ... of the non-polynomial piece of a named function; () where there is none.

    elu and selu contain the variables scale and alpha.
    """
    words = {"s": "sigmoid(z)", "t": "tanh(z)", "q": "(1+z**2)", "phi": f"({_PHI})"}
    variables = frozenset({"z", "scale", "alpha"})
    return tuple(parse(text.format(**words), variables, _GRAMMAR) for text in _FORMULAS.get(name or "", ()))
