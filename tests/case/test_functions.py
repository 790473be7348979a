"""Activations and losses: by name with parameters, or the user's own expression."""

from __future__ import annotations

import pytest
from flint import fmpq

from tests.case.conftest import refusal, text
from verifier.case import loads
from verifier.case.functions import ACTIVATIONS, LOSSES, PARAMETERS
from verifier.case.types import FunctionSpec, Loss, Parameters
from verifier.checker import library
from verifier.checker.expression import parse

NUMBER = 'expected a number such as 2, 0.5, "1/3" or "sqrt(2)"'
TARGETS = 'inputs = [[1]]\ntargets = ["1/3"]'


def activation(value: str) -> FunctionSpec:
    return loads(text(network=f'kind = "single-layer"\nwidth = 2\nactivation = {value}')).network.main.activation


def activation_refused(value: str) -> str:
    return refusal(text(network=f'kind = "single-layer"\nwidth = 2\nactivation = {value}'))


def loss(value: str, data: str | None = None) -> Loss:
    return loads(text(data=data or "inputs = [[1]]\nlabels = [1]", loss=value, point=None, claim=None)).loss


def loss_refused(value: str, data: str | None = None) -> str:
    return refusal(text(data=data or "inputs = [[1]]\nlabels = [1]", loss=value, point=None, claim=None))


def test_the_checker_knows_the_same_names_and_defaults() -> None:
    assert set(ACTIVATIONS) == set(library.ACTIVATIONS)
    assert set(LOSSES) == set(library.LOSSES)
    ours = {name: {parameter: str(default)} for name, (parameter, default) in PARAMETERS.items()}
    assert ours == library.ACTIVATION_DEFAULTS


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_names(name: str) -> None:
    short = activation(f'"{name}"')
    assert short.name == name
    assert activation(f'{{name = "{name}"}}') == short
    assert set(short.parameters) == ({PARAMETERS[name][0]} if name in PARAMETERS else set())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"leaky_relu"', {"slope": fmpq(1, 100)}),
        ('{name = "leaky_relu", slope = 0.1}', {"slope": fmpq(1, 10)}),
        ('{name = "leaky_relu", slope = "-1/3"}', {"slope": fmpq(-1, 3)}),
        ('"elu"', {"alpha": fmpq(1)}),
        ('{name = "elu", alpha = 2}', {"alpha": fmpq(2)}),
    ],
)
def test_parameters(value: str, expected: dict[str, fmpq]) -> None:
    assert activation(value).parameters == Parameters(expected)


def test_expression_in_z() -> None:
    spec = activation('{expr = "log( 1+exp(z) )"}')
    assert spec == FunctionSpec(None, Parameters(), parse("log(1 + exp(z))", frozenset({"z"})), "log(1 + exp(z))")
    assert spec.document() == {"expr": "log(1 + exp(z))"}


@pytest.mark.parametrize("name", ["abs(z)", "max(z, 0)", "min(0, z)", "sigmoid(z)", "arctan(z)", "erf(z)", "z*pi", "3"])
def test_functions_of_expressions(name: str) -> None:
    assert activation(f'{{expr = "{name}"}}').text == name


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('"rellu"', '"rellu" (did you mean relu?)'),
        ('"ReLU"', '"ReLU" (did you mean relu?)'),
        ('""', ', got ""'),
        ("{}", "network.activation.name: expected one of linear, relu, leaky_relu, quadratic, sigmoid, tanh, arctan, "),
        ('{name = "relu", slope = 1}', "network.activation.slope: expected no such key for relu, got 1"),
        ('{name = "elu", slope = 1}', "network.activation.slope: expected no such key for elu, got 1"),
        ('{name = "leaky_relu", alpha = 1}', "network.activation.alpha: expected no such key for leaky_relu, got 1"),
        ('{name = "leaky_relu", slope = nan}', "network.activation.slope: expected a finite number, got nan"),
        ('{name = "leaky_relu", slope = []}', f"network.activation.slope: {NUMBER}, got an empty list"),
        ('{expr = "z", name = "relu"}', 'network.activation.name: expected no such key beside expr, got "relu"'),
        ('{expr = "z", slope = 1}', "network.activation.slope: expected no such key beside expr, got 1"),
        ('{expr = "x"}', "network.activation.expr: expected an expression in z (unknown name 'x' at column 1"),
        ('{expr = "f + t"}', "network.activation.expr: expected an expression in z (unknown name 'f' at column 1"),
        ('{expr = "softplus(z)"}', "(unknown name 'softplus' at column 1"),
        ('{expr = ""}', "network.activation.expr: expected an expression in z (expected a number, a name or '('"),
        ('{expr = "z**z"}', "(expected an integer power after '**' at column 2"),
        ('{expr = "max(z)"}', "(max at column 1 takes 2 argument(s), got 1)"),
        ('{expr = "exp(z, z)"}', "(exp at column 1 takes 1 argument(s), got 2)"),
        ("""{expr = "__import__('os')"}""", '(unexpected "\'" at column 12), got "__import__(\'os\')"'),
        ('{expr = "z.__class__"}', "(unexpected '.' at column 2)"),
        ('{expr = "lambda z: z"}', "(unexpected ':' at column 9)"),
        ('{expr = "' + "(" * 9_999 + '"}', "(nested deeper than 100)"),
        ('{expr = "' + "z+" * 9_999 + '"}', "(expected at most 10000 characters, got 19998)"),
    ],
)
def test_activation_refused(value: str, message: str) -> None:
    line = activation_refused(value)
    assert line.startswith("network.activation") and message in line


@pytest.mark.parametrize("name", [name for name in LOSSES if name != "polynomial_hinge"])
def test_losses(name: str) -> None:
    assert loss(f'name = "{name}"') == Loss(FunctionSpec(name), fmpq(0))


@pytest.mark.parametrize("p", ["0", "100", "3.0", '"6/2"'])
def test_polynomial_hinge(p: str) -> None:
    spec = loss(f'name = "polynomial_hinge"\np = {p}').function
    power = {"0": 0, "100": 100}.get(p, 3)
    assert spec.parameters == {"p": fmpq(power)}
    assert spec.document() == {"name": "polynomial_hinge", "p": power}


def test_weight_decay() -> None:
    assert loss('name = "hinge"\nweight_decay = 0.01').weight_decay == fmpq(1, 100)
    assert loss('name = "hinge"\nweight_decay = "sqrt(4) - 2"').weight_decay == 0


def test_own_losses() -> None:
    assert loss('expr = "max(0, 1+z)**3"').function.text == "max(0, 1 + z)**3"
    assert loss('expr = "(f-t)**4"', TARGETS).function.text == "(f - t)**4"
    assert loss('name = "quadratic"', TARGETS).function == FunctionSpec("quadratic")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "",
            "loss.name: expected one of hinge, squared_hinge, polynomial_hinge, logistic, quadratic, exponential, "
            "got nothing",
        ),
        ('name = "hing"', 'exponential, got "hing" (did you mean hinge?)'),
        ('name = "polynomial_hinge"', "loss.p: expected an integer from 0 to 100, got nothing"),
        ('name = "polynomial_hinge"\np = -1', "loss.p: expected an integer from 0 to 100, got -1"),
        ('name = "polynomial_hinge"\np = 101', "loss.p: expected an integer from 0 to 100, got 101"),
        ('name = "polynomial_hinge"\np = 1.5', "loss.p: expected an integer from 0 to 100, got 1.5"),
        ('name = "polynomial_hinge"\np = true', "loss.p: expected an integer from 0 to 100, got true"),
        ('name = "polynomial_hinge"\np = "sqrt(2)"', 'loss.p: expected an integer from 0 to 100, got "sqrt(2)"'),
        ('name = "hinge"\np = 1', "loss.p: expected no such key for hinge, got 1"),
        ('name = "hinge"\nexpr = "z"', 'loss.name: expected no such key beside expr, got "hinge"'),
        ('expr = "z"\np = 1', "loss.p: expected no such key beside expr, got 1"),
        ('expr = "f - t"', "loss.expr: expected an expression in z (unknown name 'f' at column 1"),
        ('name = "hinge"\nweight_decay = -1', "loss.weight_decay: expected a number >= 0, got -1"),
        (
            'name = "hinge"\nweight_decay = "1 - sqrt(2)"',
            'loss.weight_decay: expected a number >= 0, got "1 - sqrt(2)"',
        ),
        ('name = "hinge"\nweight_decay = inf', "loss.weight_decay: expected a finite number, got inf"),
        ('name = "hinge"\nweight_decay = "a"', f"loss.weight_decay: {NUMBER} (unknown name 'a' at column 1"),
    ],
)
def test_loss_refused(value: str, message: str) -> None:
    assert message in loss_refused(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('name = "hinge"', 'loss.name: expected quadratic (or expr in f and t) for data with targets, got "hinge"'),
        ("", "loss.name: expected quadratic (or expr in f and t) for data with targets, got nothing"),
        ('expr = "z**2"', "loss.expr: expected an expression in f and t (unknown name 'z' at column 1"),
    ],
)
def test_loss_on_targets_refused(value: str, message: str) -> None:
    assert loss_refused(value, TARGETS).startswith(message)
