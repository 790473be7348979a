"""Random small nets of every kind, with random data."""

from __future__ import annotations

import random
from typing import Any

from flint import fmpq

from tests.helpers.cases import make
from verifier.case.types import Case

ACTIVATIONS: tuple[Any, ...] = (
    *("sigmoid", "tanh", "arctan", "softplus", "exp", "silu", "gelu", "quadratic", "linear"),
    *("relu", "leaky_relu", "hard_tanh", "elu", "selu"),
    *({"expr": e} for e in ("sqrt(z**2 + 1)", "1/(1 + z**2)", "max(z, z**2)", "max(0, tanh(z))", "sqrt(abs(z) + 1)")),
)
LOSSES: tuple[Any, ...] = (
    *("logistic", "exponential", "quadratic", "squared_hinge", "hinge", {"name": "polynomial_hinge", "p": 2}),
    *({"expr": e} for e in ("sqrt(1 + z**2)", "(1 + z)**4", "sigmoid(z)")),
)
TARGET_LOSSES: tuple[Any, ...] = (
    "quadratic",
    *({"expr": e} for e in ("sqrt(1 + (f - t)**2)", "abs(f - t)**3", "log(1 + (f - t)**2)")),
)


def random_case(draw: random.Random) -> Case:
    """A case without a point: one to six samples, one to three layers of one to four units."""
    kind = draw.choice(("single-layer", "feedforward", "feedforward", "shortcut"))
    d, n = draw.randint(1, 2), draw.randint(1, 6)
    network = {"kind": kind, **_layered(draw)}
    if kind == "feedforward":
        network["hidden"] = [draw.randint(1, 3) for _ in range(draw.randint(2, 3))]
    else:
        network["width"] = draw.randint(1, 4)
    if kind == "shortcut":
        network["deep"] = {**_layered(draw), "hidden": [draw.randint(1, 2) for _ in range(draw.randint(1, 3))]}
    if draw.random() < 0.15:
        network["exponential"] = {"decay": "1/4"}
    targets = draw.random() < 0.4
    loss = draw.choice(TARGET_LOSSES if targets else LOSSES)
    table = {"name": loss} if isinstance(loss, str) else dict(loss)
    if draw.random() < 0.5:
        table["weight_decay"] = "1/10"
    return make(
        [[fmpq(draw.randint(-20, 20), 8) for _ in range(d)] for _ in range(n)],
        [fmpq(draw.randint(-12, 12), 8) if targets else draw.choice((-1, 1)) for _ in range(n)],
        network,
        table,
        targets=targets,
        multiplicity=[draw.choice((1, 1, 2)) for _ in range(n)],
    )


def _layered(draw: random.Random) -> dict[str, Any]:
    return {
        "activation": draw.choice(ACTIVATIONS),
        "hidden_bias": draw.random() < 0.6,
        "output_bias": draw.random() < 0.6,
    }
