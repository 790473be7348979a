"""Activations and losses by the names of this project and of PyTorch, with what the translation means in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from verifier.case.errors import InputError, Refused, describe, nearest
from verifier.case.functions import ACTIVATIONS, LOSSES, PARAMETERS
from verifier.case.numbers import number
from verifier.case.writing import toml
from verifier.checker.number import Exact

# What the outcomes y in a file may be: -1 and 1; 0 and 1; either; or whatever the values are (targets unless -1 and 1).
Outcomes = Literal["signs", "bits", "classes", "values"]

_CALL = re.compile(r"\s*([A-Za-z]\w*)\s*(?:\(\s*(?:[a-z]\w*\s*=\s*)?([^()=]*?)\s*\)\s*)?", re.ASCII)


@dataclass(frozen=True)
class Function:
    """A named function of case files with its parameter, and one line that says what became what."""

    name: str
    parameter: tuple[str, Exact] | None
    mapping: str

    @property
    def parameters(self) -> dict[str, Exact]:
        """The parameter as a table, which may be empty."""
        return {} if self.parameter is None else dict([self.parameter])


@dataclass(frozen=True)
class LossFunction(Function):
    """The same for a loss; `outcomes` says which y it takes."""

    outcomes: Outcomes


_TORCH_ACTIVATIONS: Mapping[str, tuple[str, str]] = {
    "ReLU": ("relu", ""),
    "LeakyReLU": ("leaky_relu", ""),
    "Tanh": ("tanh", ""),
    "Sigmoid": ("sigmoid", ""),
    "Softplus": ("softplus", "log(1 + e^z) everywhere; PyTorch's is z above 20, which differs by less than 2.1e-9"),
    "SiLU": ("silu", ""),
    "GELU": ("gelu", "with erf; PyTorch's approximate='tanh' is another function"),
    "ELU": ("elu", ""),
    "SELU": ("selu", ""),
    "Hardtanh": ("hard_tanh", "from -1 to 1"),
    "Identity": ("linear", ""),
}
_TORCH_LOSSES: Mapping[str, tuple[str, Outcomes, str]] = {
    "BCEWithLogitsLoss": (
        "logistic",
        "bits",
        "log(1 + e^f) - y f with y in {0, 1} is log(1 + e^(-y f)) with y in {-1, 1}",
    ),
    "binary_cross_entropy_with_logits": ("logistic", "bits", "as BCEWithLogitsLoss"),
    "SoftMarginLoss": ("logistic", "signs", "log(1 + e^(-y f)) with y in {-1, 1}"),
    "soft_margin_loss": ("logistic", "signs", "log(1 + e^(-y f)) with y in {-1, 1}"),
    "MSELoss": ("quadratic", "values", "(f - y)^2, no factor 1/2 in either"),
    "mse_loss": ("quadratic", "values", "(f - y)^2, no factor 1/2 in either"),
}
_OTHER_LOSSES: Mapping[str, str] = {
    "CrossEntropyLoss": "a loss of one output (CrossEntropyLoss of two outputs is BCEWithLogitsLoss of f1 - f0)",
    "NLLLoss": "a loss of one output, such as BCEWithLogitsLoss",
    "BCELoss": "BCEWithLogitsLoss (the sigmoid belongs to the loss here)",
    "HingeEmbeddingLoss": "hinge, max(0, 1 - y f) (HingeEmbeddingLoss is another function)",
    "MultiMarginLoss": "hinge, max(0, 1 - y f) (MultiMarginLoss is for several outputs)",
}


def activation(text: str, key: str = "--activation") -> Function:
    """`tanh`, `Tanh`, `leaky_relu(1/10)`, `LeakyReLU(negative_slope=0.1)`, ...  Raises InputError."""
    called, argument = _call(text, key)
    names = {_plain(name): (name, "") for name in ACTIVATIONS}
    names |= {_plain(name): found for name, found in _TORCH_ACTIVATIONS.items()}
    if _plain(called) not in names:
        hint = nearest(called, [*ACTIVATIONS, *_TORCH_ACTIVATIONS])
        raise InputError("", key, f"expected one of {', '.join(ACTIVATIONS)}, got {describe(called)}{hint}")
    name, remark = names[_plain(called)]
    wanted = PARAMETERS[name][0] if name in PARAMETERS else None
    parameter = _parameter(wanted, argument, called, key)
    if wanted and parameter is None:
        parameter = (wanted, PARAMETERS[name][1])
    return Function(name, parameter, _mapping(called, _written(name, parameter), remark))


def loss(text: str, key: str = "--loss") -> LossFunction:
    """`logistic`, `BCEWithLogitsLoss`, `polynomial_hinge(2)`, ...  Raises InputError."""
    called, argument = _call(text, key)
    for name, expected in _OTHER_LOSSES.items():
        if _plain(name) == _plain(called):
            raise InputError("", key, f"expected {expected}, got {describe(called)}")
    names: dict[str, tuple[str, Outcomes, str]] = {
        _plain(n): (n, "values" if n == "quadratic" else "classes", "") for n in LOSSES
    }
    names |= {_plain(name): found for name, found in _TORCH_LOSSES.items()}
    if _plain(called) not in names:
        known = [*LOSSES, "BCEWithLogitsLoss", "SoftMarginLoss", "MSELoss"]
        raise InputError("", key, f"expected one of {', '.join(known)}, got {describe(called)}{nearest(called, known)}")
    name, outcomes, remark = names[_plain(called)]
    wanted = "p" if name == "polynomial_hinge" else None
    parameter = _parameter(wanted, argument, called, key)
    if wanted and parameter is None:
        raise InputError("", key, f"expected an integer p, as in {called}(2), got nothing")
    return LossFunction(name, parameter, _mapping(called, _written(name, parameter), remark), outcomes)


def _written(name: str, parameter: tuple[str, Exact] | None) -> str:
    return name if parameter is None else f"{name} with {parameter[0]} {toml(parameter[1]).strip(chr(34))}"


def _mapping(called: str, written: str, remark: str) -> str:
    same = written if called == written else f"{called} is {written}"
    return f"{same}: {remark}" if remark else same


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _call(text: str, key: str) -> tuple[str, str | None]:
    found = _CALL.fullmatch(text)
    if found is None:
        raise InputError("", key, f"expected a name, perhaps with a number in parentheses, got {describe(text)}")
    return found[1], found[2] or None


def _parameter(wanted: str | None, argument: str | None, called: str, key: str) -> tuple[str, Exact] | None:
    if argument is None:
        return None
    if wanted is None:
        raise InputError("", key, f"expected no number behind {called}, got {describe(argument)}")
    try:
        return wanted, number(argument, key)
    except Refused as problem:
        raise InputError("", key, problem.message) from None
