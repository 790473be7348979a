"""[network]: which keys each kind of net has."""

from __future__ import annotations

import pytest
from flint import fmpq

from tests.case.conftest import refusal, text
from verifier.case import loads
from verifier.case.types import FunctionSpec, Layered, Network

SINGLE = 'kind = "single-layer"\nactivation = "relu"\n'
FORWARD = 'kind = "feedforward"\nactivation = "relu"\n'
SHORTCUT = 'kind = "shortcut"\nactivation = "relu"\nwidth = 2\n'
DEEP = '[network.deep]\nactivation = "tanh"\nhidden = [3, 1]\n'
RELU, TANH = FunctionSpec("relu"), FunctionSpec("tanh")


def network_text(network: str) -> str:
    return text(network=network, point=None, claim=None)


def network(table: str) -> Network:
    return loads(network_text(table)).network


def test_single_layer() -> None:
    assert network(SINGLE + "width = 2") == Network("single-layer", Layered(RELU, (2,), True, True))


def test_largest_width() -> None:
    assert network(SINGLE + "width = 100000").main.hidden == (100_000,)


def test_feedforward() -> None:
    expected = Network("feedforward", Layered(RELU, (3, 2), False, True))
    assert network(FORWARD + "hidden = [3, 2]\nhidden_bias = false") == expected


def test_shortcut_does_not_inherit_biases() -> None:
    expected = Network("shortcut", Layered(RELU, (2,), False, False), Layered(TANH, (3, 1), True, True))
    assert network(SHORTCUT + "hidden_bias = false\noutput_bias = false\n" + DEEP) == expected


def test_deep_part_without_biases() -> None:
    deep = network(SHORTCUT + DEEP + "hidden_bias = false\noutput_bias = false").deep
    assert deep == Layered(TANH, (3, 1), False, False)


@pytest.mark.parametrize("start", [SINGLE + "width = 1\n", FORWARD + "hidden = [1]\n", SHORTCUT + DEEP])
def test_exponential_neuron_goes_with_every_kind(start: str) -> None:
    assert network(start + '[network.exponential]\ndecay = "1/10"').exponential_decay == fmpq(1, 10)


SIZE = "expected a positive integer of at most 100000, got "


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "kind: expected a value (this key is required), got nothing"),
        (
            'kind = "shortcuts"',
            'kind: expected one of single-layer, feedforward, shortcut, got "shortcuts" (did you mean shortcut?)',
        ),
        ('kind = "single-layer"\nwidth = 1', "activation: expected an activation such as relu, got nothing"),
        (SINGLE, f"width: {SIZE}nothing"),
        (SINGLE + "width = 0", f"width: {SIZE}0"),
        (SINGLE + "width = -1", f"width: {SIZE}-1"),
        (SINGLE + "width = 100001", f"width: {SIZE}100001"),
        (SINGLE + "width = 1.0", f"width: {SIZE}1.0"),
        (SINGLE + 'width = "2"', f'width: {SIZE}"2"'),
        (SINGLE + "width = true", f"width: {SIZE}true"),
        (SINGLE + "width = [2]", f"width: {SIZE}a list of 1"),
        (SINGLE + "hidden = [2]", "hidden: expected no such key for kind single-layer (it has width), got a list of 1"),
        (
            SHORTCUT + "hidden = [2]\n" + DEEP,
            "hidden: expected no such key for kind shortcut (it has width), got a list of 1",
        ),
        (FORWARD, "hidden: expected a list of layer sizes such as [3, 2], got nothing"),
        (FORWARD + "hidden = []", "hidden: expected at least one hidden layer, got an empty list"),
        (FORWARD + "hidden = 3", "hidden: expected a list of layer sizes such as [3, 2], got 3"),
        (FORWARD + "hidden = [3, 0]", f"hidden[1]: {SIZE}0"),
        (FORWARD + "hidden = [[3]]", f"hidden[0]: {SIZE}a list of 1"),
        (
            FORWARD + "hidden = [3]\nwidth = 3",
            "width: expected no such key for kind feedforward (it has hidden), got 3",
        ),
        (SHORTCUT, "deep: expected a table [network.deep] for kind shortcut, got nothing"),
        (
            SINGLE + "width = 1\n" + DEEP,
            "deep: expected no such table for kind single-layer (only shortcut has it), got a table",
        ),
        (
            FORWARD + "hidden = [1]\n" + DEEP,
            "deep: expected no such table for kind feedforward (only shortcut has it), got a table",
        ),
        (
            SHORTCUT + "[network.deep]\nhidden = [1]",
            "deep.activation: expected an activation such as relu, got nothing",
        ),
        (
            SHORTCUT + '[network.deep]\nactivation = "relu"',
            "deep.hidden: expected a list of layer sizes such as [3, 2], got nothing",
        ),
        (
            SHORTCUT + '[network.deep]\nactivation = "relu"\nwidth = 2',
            "deep.width: expected one of the keys activation, hidden, hidden_bias, output_bias, got an unknown key",
        ),
        (SHORTCUT + DEEP + "output_bias = 0", "deep.output_bias: expected true or false, got 0"),
        (
            SINGLE + "width = 1\n[network.exponential]",
            'exponential.decay: expected a number such as 2, 0.5, "1/3" or "sqrt(2)", got nothing',
        ),
        (SINGLE + "width = 1\n[network.exponential]\ndecay = 0", "exponential.decay: expected a number > 0, got 0"),
        (
            SINGLE + "width = 1\n[network.exponential]\ndecay = -0.5",
            "exponential.decay: expected a number > 0, got -0.5",
        ),
    ],
)
def test_refused(table: str, message: str) -> None:
    assert refusal(network_text(table)) == f"network.{message}"
