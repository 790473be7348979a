"""Names of functions: what they become, and what is refused because it is another function."""

from __future__ import annotations

import pytest
from flint import fmpq

from verifier.case import InputError
from verifier.case.functions import ACTIVATIONS, LOSSES
from verifier.interop.functions import activation, loss


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_own_activations(name: str) -> None:
    assert activation(name).name == name


@pytest.mark.parametrize(
    ("text", "name", "parameter"),
    [
        ("ReLU", "relu", None),
        ("LeakyReLU", "leaky_relu", ("slope", fmpq(1, 100))),
        ("LeakyReLU(0.1)", "leaky_relu", ("slope", fmpq(1, 10))),
        ("LeakyReLU(negative_slope=1/3)", "leaky_relu", ("slope", fmpq(1, 3))),
        (" leaky_relu ( 1/10 ) ", "leaky_relu", ("slope", fmpq(1, 10))),
        ("ELU", "elu", ("alpha", fmpq(1))),
        ("ELU(alpha=2)", "elu", ("alpha", fmpq(2))),
        ("Hardtanh", "hard_tanh", None),
        ("Hardtanh()", "hard_tanh", None),
        ("SiLU", "silu", None),
        ("Identity", "linear", None),
    ],
)
def test_activations(text: str, name: str, parameter: tuple[str, fmpq] | None) -> None:
    found = activation(text)
    assert (found.name, found.parameter) == (name, parameter)


def test_the_mapping_says_where_functions_differ() -> None:
    assert "above 20" in activation("Softplus").mapping
    assert "approximate='tanh' is another function" in activation("GELU").mapping
    assert activation("tanh").mapping == "tanh"
    assert activation("LeakyReLU(0.1)").mapping == "LeakyReLU is leaky_relu with slope 0.1"


@pytest.mark.parametrize("name", [name for name in LOSSES if name != "polynomial_hinge"])
def test_own_losses(name: str) -> None:
    found = loss(name)
    assert (found.name, found.outcomes) == (name, "values" if name == "quadratic" else "classes")


@pytest.mark.parametrize(
    ("text", "name", "outcomes"),
    [
        ("BCEWithLogitsLoss", "logistic", "bits"),
        ("bcewithlogitsloss()", "logistic", "bits"),
        ("binary_cross_entropy_with_logits", "logistic", "bits"),
        ("SoftMarginLoss", "logistic", "signs"),
        ("MSELoss", "quadratic", "values"),
        ("mse_loss", "quadratic", "values"),
        ("polynomial_hinge(2)", "polynomial_hinge", "classes"),
    ],
)
def test_losses(text: str, name: str, outcomes: str) -> None:
    found = loss(text)
    assert (found.name, found.outcomes) == (name, outcomes)


def test_mappings_of_losses() -> None:
    assert "no factor 1/2" in loss("MSELoss").mapping
    assert "log(1 + e^f) - y f" in loss("BCEWithLogitsLoss").mapping
    assert loss("polynomial_hinge(2)").parameter == ("p", fmpq(2))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Tnh", "did you mean"),
        ("tanh(2)", "expected no number behind tanh"),
        ("leaky_relu(x)", "expected a number"),
        ("tanh; import os", "expected a name"),
        ("", "expected a name"),
        ("Softsign", "expected one of linear"),
        ("GLU", "expected one of linear"),
    ],
)
def test_refused_activations(text: str, said: str) -> None:
    with pytest.raises(InputError, match=r"^--activation: expected ") as caught:
        activation(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CrossEntropyLoss", "a loss of one output"),
        ("BCELoss", "expected BCEWithLogitsLoss"),
        ("HingeEmbeddingLoss", "HingeEmbeddingLoss is another function"),
        ("polynomial_hinge", "expected an integer p"),
        ("logistc", "did you mean logistic?"),
        ("hinge(2)", "expected no number behind hinge"),
    ],
)
def test_refused_losses(text: str, said: str) -> None:
    with pytest.raises(InputError, match=r"^--loss: expected ") as caught:
        loss(text)
    assert said in str(caught.value)
