"""Rule strict: C^2, gradient 0, Hessian positive definite modulo moves; each hypothesis is taken away once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checker.rules.certify import (
    REMOVED,
    Json,
    accepted,
    changed,
    constant,
    identity_witness,
    product,
    refusal,
    size,
)
from tests.helpers.cases import make

SCALE = {"move": "scale", "unit": [0, 0, 0]}
DECAY = {"name": "quadratic", "weight_decay": "1/2"}  # (aw - 5/4)^2 + (a^2 + w^2)/4: a strict minimum at a = w = 1


def node(n: int, modulo: list[Any] | None = None, exponent: int = 0, **more: Any) -> Json:
    return {
        "rule": "strict",
        "modulo": modulo or [],
        "bits": 64,
        "witness": identity_witness(n, exponent),
        **more,
    }


# H = [[5/2, 3/2], [3/2, 5/2]] = L L^T; X is near L^-1
LINEAR = node(2, witness={"rows": [[5], [-5, 8]], "exponents": [-3, -3]})
# without decay: H = [[2, 2], [2, 2]], and H + k k^T = [[3, 1], [1, 3]] with k = (-1, 1)
FREE = node(2, [SCALE], witness={"rows": [[9], [-3, 10]], "exponents": [-4, -4]})


def test_a_strict_minimum() -> None:
    found = accepted(product(DECAY, 1, 1, "5/4"), {"minimum": LINEAR}, strict=True)
    assert found.data["strict"] is True
    assert found.data["loss"] == {"exact": "9/16"}


def test_a_minimum_modulo_the_scaling_of_a_unit_is_not_called_strict() -> None:
    case = product("quadratic", 1, 1, "1")
    assert accepted(case, {"minimum": FREE}).data["strict"] is None
    assert "does not show that the minimum is strict" in refusal(case, {"minimum": FREE}, strict=True)


def test_a_minimum_modulo_the_moves_of_a_dead_unit() -> None:
    case = constant("quadratic", (1, -1))
    moves = [{"move": "row", "unit": [0, 0, 0], "direction": ["1"]}, {"move": "outgoing", "unit": [0, 0, 0]}]
    witness = {"rows": [[11], [0, 1], [0, 0, 1]], "exponents": [-4, 0, 0]}  # H = diag(2, 0, 0)
    accepted(case, {"minimum": node(3, moves, witness=witness)})
    for missing in moves:
        rest = [move for move in moves if move is not missing]
        assert "does not show that the matrix is positive definite" in refusal(
            case, {"minimum": node(3, rest, witness=witness)}
        )


def test_the_gradient_must_be_0() -> None:
    assert "partial derivative 0 is not shown to be 0" in refusal(product(DECAY, 1, 1, "4/3"), {"minimum": LINEAR})


def test_the_gradient_must_be_0_exactly() -> None:
    case = product(DECAY, 1, 1, f"5/4 + 1/{10**40}")
    assert "is not shown to be 0" in refusal(case, {"minimum": LINEAR})


def test_a_gradient_that_is_0_in_disguise_is_not_believed() -> None:
    case = product(DECAY, 1, 1, "5/4 + sqrt((1 + log(2))**2) - 1 - log(2)")
    assert "is not shown to be 0" in refusal(case, {"minimum": LINEAR})


def test_the_hessian_must_be_definite() -> None:
    case = product("quadratic", 1, 1, "1")
    message = "does not show that the matrix is positive definite"
    assert message in refusal(case, {"minimum": changed(FREE, "modulo", to=[])})
    assert message in refusal(product("quadratic", 0, 0, "1"), {"minimum": node(2, exponent=-1)})


@pytest.mark.parametrize("exponent", [-1, -60, 60])
def test_a_tiny_negative_eigenvalue_is_seen(exponent: int) -> None:
    """L = (aw)^2 - 2 a w 10^-30 ...: at 0 the Hessian has the eigenvalues +-2 10^-30."""
    case = product("quadratic", 0, 0, f"1/{10**30}")
    assert "positive definite" in refusal(case, {"minimum": node(2, exponent=exponent)})
    accepted(
        case,
        {
            "refutes": "kind",
            "descent": {"rule": "curvature", "order": 2, "curve": [["1", "1"]]},
        },
        "refuted",
    )


def test_the_loss_must_be_c2() -> None:
    """The squared hinge at z = -1 has no second derivative: s_+^2 - s^2/2 falls to the left."""
    loss = {"expr": "max(0, 1 + z)**2 - (1 + z)**2/2"}
    case = constant(loss, a0=1)
    moves = [{"move": "row", "unit": [0, 0, 0], "direction": ["1"]}, {"move": "outgoing", "unit": [0, 0, 0]}]
    assert "the loss of sample 0 is not shown C^2" in refusal(case, {"minimum": node(3, moves)})
    assert "sample 0 is not shown C^2" in refusal(constant("squared_hinge", a0=1), {"minimum": node(3, moves)})


def test_seen_units_must_not_be_on_breakpoints() -> None:
    network = {"activation": "relu", "width": 1, "hidden_bias": False, "output_bias": False}
    case = make([[0], [1]], [0, 1], network, "quadratic", {"a": [1], "W": [[1]]}, targets=True)
    assert "unit 0 of layer 1 is on a breakpoint at sample 0" in refusal(case, {"minimum": FREE})


def test_units_on_breakpoints_below_a_dead_layer_do_not_matter() -> None:
    network = {
        "kind": "feedforward",
        "activation": "relu",
        "hidden": [1, 1],
        "hidden_bias": True,
        "output_bias": True,
    }
    point = {"a0": 0, "a": [1], "W": [[[1]], [[1]]], "b": [[-1], [-1]]}
    case = make([[1]], [0], network, "quadratic", point, targets=True)
    moves: list[Json] = [
        {"move": "outgoing", "unit": [0, 1, 0]},
        {"move": "row", "unit": [0, 1, 0], "direction": ["1", "0"]},
        {"move": "row", "unit": [0, 1, 0], "direction": ["0", "1"]},
        {"move": "row", "unit": [0, 0, 0], "direction": ["1", "0"]},
        {"move": "row", "unit": [0, 0, 0], "direction": ["0", "1"]},
    ]
    n = size(case)
    rows = [[0] * r + [11 if r == 0 else 1] for r in range(n)]
    witness = {"rows": rows, "exponents": [-4] + [0] * (n - 1)}
    accepted(case, {"minimum": node(n, moves, witness=witness)})
    awake = make([[1]], [0], network, "quadratic", {**point, "b": [[-1], [1]]}, targets=True)
    assert "is on a breakpoint" in refusal(awake, {"minimum": node(n, moves, witness=witness)})


def test_a_parameter_that_moves_must_not_decay() -> None:
    case = product(DECAY, 1, 1, "5/4")
    assert "a parameter that moves has a weight decay" in refusal(
        case, {"minimum": changed(LINEAR, "modulo", to=[SCALE])}
    )


@pytest.mark.parametrize(
    ("path", "to", "message"),
    [
        (["rule"], "stricter", "expected one of the rules"),
        (["rule"], None, "expected one of the rules"),
        (["rule"], ["strict"], "expected one of the rules"),
        (["bits"], 63, "expected an integer from 64 to 8192"),
        (["bits"], 10**6, "expected an integer from 64 to 8192"),
        (["bits"], True, "expected an integer from 64 to 8192"),
        (["bits"], REMOVED, "missing field bits"),
        (["modulo"], {}, "expected a list"),
        (["modulo"], ["scale"], "expected an object"),
        (["witness"], REMOVED, "missing field witness"),
        (["witness"], [], "expected a witness with rows and exponents"),
        (["witness", "rows"], [[5]], "expected 2 rows and exponents"),
        (["witness", "rows", 0, 0], 0, "does not show"),
        (["witness", "rows", 1, 0], 5, "does not show"),
        (["witness", "rows", 1, 0], 0, "does not show"),
        (["witness", "rows", 1, 1], 16, "does not show"),
        (["witness", "rows", 1, 1], 8.0, "integers"),
        (["witness", "rows", 1], [-5, 8, 0], "expected row 1 of the witness to hold 2 integers"),
        (["witness", "exponents", 0], -2, "does not show"),
        (["witness", "exponents", 0], 10**9, "expected exponents within"),
        (["extra"], 1, "unknown field extra"),
    ],
)
def test_tampered_nodes(path: list[Any], to: Any, message: str) -> None:
    assert message in refusal(product(DECAY, 1, 1, "5/4"), {"minimum": changed(LINEAR, *path, to=to)})


def test_balls_are_used_for_irrational_hessians_and_say_the_same() -> None:
    """(aw - t)^2 with the decay r = 2 log 2 and t = 1 + log 2."""
    loss = {"name": "quadratic", "weight_decay": "2*log(2)"}
    case = product(loss, 1, 1, "1 + log(2)")
    # H = [[2 + 2l, 2 - 2l], [2 - 2l, 2 + 2l]], l = log 2
    good = node(2, witness={"rows": [[9], [-2, 9]], "exponents": [-4, -4]})
    accepted(case, {"minimum": good}, strict=True)
    assert "does not show" in refusal(case, {"minimum": changed(good, "witness", "rows", 0, 0, to=0)})
    assert "does not show" in refusal(case, {"minimum": changed(good, "witness", "rows", 1, to=[9, 9])})
