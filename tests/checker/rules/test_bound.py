"""Rule lower-bound: the loss is at the sum of its infima."""

from __future__ import annotations

import pytest

from tests.checker.rules.certify import accepted, constant, product, refusal

NODE = {"minimum": {"rule": "lower-bound"}}


def test_losses_at_their_infimum() -> None:
    accepted(product("quadratic", 2, "1/2"), NODE, kind="global-minimum")
    accepted(constant("hinge", a0=1), NODE, kind="global-minimum")
    accepted(constant({"expr": "(z + 1)**2 - 3"}, a0=1), NODE, kind="global-minimum")
    assert "does not show that the minimum is strict" in refusal(product("quadratic", 2, "1/2"), NODE, strict=True)


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (product("quadratic", 2, "1/2 + 1/10**40"), "is not its lower bound"),
        (constant("hinge", (1, -1)), "is not its lower bound"),
        (constant("logistic", a0=100), "is not its lower bound"),
        (product({"name": "quadratic", "weight_decay": "1/10**40"}, 2, "1/2"), "is not its lower bound"),
        (constant({"expr": "z**3"}), "no lower bound of the loss is known"),
        (constant({"expr": "-abs(z)"}), "no lower bound of the loss is known"),
        (constant({"expr": "exp(z) - exp(-z)"}), "no lower bound of the loss is known"),
    ],
)
def test_losses_that_are_not(case: object, message: str) -> None:
    assert message in refusal(case, NODE)  # type: ignore[arg-type]


def test_the_node_is_empty() -> None:
    case = product("quadratic", 2, "1/2")
    assert "unknown field value" in refusal(case, {"minimum": {"rule": "lower-bound", "value": "0"}})
