"""float64 versions of the elementary functions: vectorised, without overflow where the value itself is finite."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .scalars import Floats


def sigmoid(x: Floats) -> Floats:
    """1/(1 + e**-x), with full relative accuracy in the tails."""
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1.0, small) / (1.0 + small))


def softplus(x: Floats) -> Floats:
    """log(1 + e**x)."""
    return np.asarray(np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x))))


def erf(x: Floats) -> Floats:
    """The error function in float64 (SciPy's, loaded when first needed)."""
    from scipy.special import erf as scipy_erf

    return np.asarray(scipy_erf(np.asarray(x, dtype=np.float64)))


UNARY_FLOAT: Mapping[str, Callable[[Any], Any]] = {
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "softplus": softplus,
    "arctan": np.arctan,
    "erf": erf,
    "inv": lambda x: 1.0 / x,
}
