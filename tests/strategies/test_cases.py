"""Networks, losses, points and cases that are drawn can be read, written and judged; all kinds of them occur."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

import verifier
from tests.strategies.simplest import simplest
from verifier import Case, Verdict, dumps, loads, strategies
from verifier.case.functions import ACTIVATIONS, LOSSES
from verifier.checker import number

Table = dict[str, Any]
AT_A_POINT = ["local-minimum", {"kind": "training-error", "value": 0}]


@given(strategies.cases(claims=AT_A_POINT))
def test_every_case_is_valid_and_comes_back_from_its_text_and_its_repr(case: Case) -> None:
    assert loads(dumps(case), "") == case
    assert eval(repr(case), {"Case": Case}) == case  # noqa: S307


@settings(max_examples=30)
@given(strategies.cases(data=strategies.regression_data()))
def test_targets_get_a_loss_for_targets(case: Case) -> None:
    assert case.data.targets is not None and case.loss.function.name == "quadratic" and case.point is None


@settings(max_examples=30)
@given(strategies.cases(network=strategies.networks(["shortcut"], st.just("tanh"), 2, 3, biases=False), point=True))
def test_networks_are_as_asked_for(case: Case) -> None:
    net, point = case.network, case.point
    assert net.kind == "shortcut" and net.deep is not None and point is not None
    assert net.main.hidden[0] <= 2 and len(net.deep.hidden) <= 3
    assert {net.main.activation.name, net.deep.activation.name} == {"tanh"}
    assert point.main.b is None and point.main.a0 is None


def test_an_exponential_neuron_gets_weights_and_weights_may_be_any_numbers() -> None:
    net = {"kind": "single-layer", "activation": "relu", "width": 1, "exponential": {"decay": 1}}
    case = simplest(strategies.cases(network=st.just(net), point=True, weights=st.just("sqrt(2)")))
    assert case.point is not None and case.point.exponential is not None
    assert case.point.exponential.a == number.sqrt(fmpq(2))


@pytest.mark.parametrize("kind", ["single-layer", "feedforward", "shortcut"])
def test_all_kinds_of_networks_occur(kind: str) -> None:
    assert simplest(strategies.networks(), lambda net: net["kind"] == kind)


def test_all_functions_occur() -> None:
    for name in ACTIVATIONS:
        simplest(strategies.activations(), lambda it, name=name: it == name)
    for name in LOSSES:
        simplest(strategies.losses(), lambda it, name=name: it["name"] == name)
    assert simplest(strategies.activations(["elu"]), lambda it: it != "elu") == {"name": "elu", "alpha": 1}


def test_the_simplest_case() -> None:
    case = simplest(strategies.cases(claims=["local-minimum"]))
    assert case == Case(
        data={"inputs": [[0], [1]], "labels": [1, -1]},
        network={
            "kind": "single-layer",
            "activation": "linear",
            "width": 1,
            "hidden_bias": False,
            "output_bias": False,
        },
        loss="hinge",
        point={"a": [0], "W": [[0]]},
        claims=["local-minimum"],
    )


INCREASING = strategies.networks(["single-layer"], strategies.activations(["sigmoid", "tanh", "softplus"]), biases=True)
SMOOTH = strategies.losses(["squared_hinge", "logistic", "exponential"])


@settings(max_examples=10, deadline=None)
@given(strategies.cases(strategies.separable_data(), INCREASING, SMOOTH, ["no-bad-local-minimum"]))
def test_a_theorem_as_a_property(case: Case) -> None:
    """Theorem A: the verifier proves it for everything that is drawn."""
    assert verifier.verify(case).verdict is Verdict.PROVED


SMALL = strategies.networks(["single-layer"], width=1)
FEW = strategies.separable_data(samples=(2, 4))


@settings(max_examples=8, deadline=None)
@given(strategies.cases(FEW, SMALL, claims=["local-minimum", "not-local-minimum"]))
def test_verdicts_on_what_is_drawn_do_not_contradict_each_other(case: Case) -> None:
    one, other = (claim.verdict for claim in verifier.verify(case, timeout=20).claims)
    assert {one, other} in ({Verdict.PROVED, Verdict.REFUTED}, {Verdict.UNDECIDED})


def test_without_hypothesis_there_is_a_clear_message() -> None:
    code = "import sys; sys.modules['hypothesis'] = None; import verifier.strategies"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ImportError: verifier.strategies needs Hypothesis" in done.stderr
    assert "pip install 'loss-surface-verifier[hypothesis]'" in done.stderr
