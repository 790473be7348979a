"""The document of a case, which certificates embed: the checker reads from it exactly the case that the file means."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.case.conftest import text
from tests.case.test_points import DEEP, DEEP_POINT, EXPONENTIAL, EXPONENTIAL_POINT, SHORTCUT, SHORTCUT_POINT
from verifier.case import Case, load, loads
from verifier.case.numbers import from_text
from verifier.case.types import LayeredPoint, Parameters
from verifier.checker.case import Weights, read_case
from verifier.checker.expression import parse_number
from verifier.checker.library import activation_expression

CASES = sorted((Path(__file__).parents[2] / "cases").rglob("*.toml"))


def through_json(case: Case) -> Any:
    """The document after a journey as text; nothing may be lost on the way."""
    document = case.document()
    arrived = json.loads(json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False))
    assert arrived == document
    return arrived


def assert_same(case: Case) -> None:
    """The checker's case has the very numbers of the file."""
    read = read_case(through_json(case))
    assert read.inputs == case.data.inputs
    assert (read.labels, read.targets, read.multiplicity) == (
        case.data.labels,
        case.data.targets,
        case.data.multiplicity,
    )
    assert read.kind == case.network.kind
    parts = [part for part in (case.network.main, case.network.deep) if part is not None]
    for ours, theirs in zip(parts, read.parts, strict=False):
        assert (ours.hidden, ours.hidden_bias, ours.output_bias) == (
            theirs.hidden,
            theirs.hidden_bias,
            theirs.output_bias,
        )
        assert activation_expression(ours.activation.document()) == theirs.activation
    assert len(read.parts) == len(parts) + (case.network.exponential_decay is not None)
    assert read.weight_decay == case.loss.weight_decay
    assert read.exponential_decay == (case.network.exponential_decay or fmpq(0))
    for point, theta in ((case.point, read.point), (case.better, read.better)):
        if point is None:
            assert theta is None
            continue
        assert theta is not None
        layered = [part for part in (point.main, point.deep) if part is not None]
        assert list(theta[: len(layered)]) == [weights(part) for part in layered]
        if point.exponential is not None:
            neuron = point.exponential
            assert theta[-1] == Weights(None, (neuron.a,), ((neuron.w,),), ((neuron.b,),))


def weights(part: LayeredPoint) -> Weights:
    return Weights(part.a0, part.a, part.W, part.b)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_library(path: Path) -> None:
    case = load(path)
    assert_same(case)
    for claim in case.claims:
        assert json.loads(json.dumps(claim.document())) == claim.document()


def test_form() -> None:
    assert loads(text(top='source = "x"')).document() == {
        "title": "A case",
        "source": "x",
        "notes": None,
        "data": {"inputs": [["1", "0"], ["1/2", "-3/4"], ["-1", "0"]], "labels": [1, 1, -1], "multiplicity": [1, 1, 1]},
        "network": {
            "kind": "single-layer",
            "activation": {"name": "relu"},
            "hidden": [2],
            "hidden_bias": True,
            "output_bias": True,
            "deep": None,
            "exponential": None,
        },
        "loss": {"name": "hinge", "weight_decay": "0"},
        "point": {"a0": "0", "a": ["1", "-1/3"], "W": [[["0", "0"], ["0", "0"]]], "b": [["-1", "-1"]]},
        "better": None,
    }


def test_parts_have_the_documents_of_the_whole() -> None:
    case = loads(text())
    assert case.point is not None
    parts: dict[str, Any] = {"data": case.data, "network": case.network, "loss": case.loss, "point": case.point}
    whole = case.document()
    assert {name: part.document() for name, part in parts.items()} == {name: whole[name] for name in parts}


def test_claim_form() -> None:
    body = 'kind = "local-minimum"\nnear = 1e-6\nbad = true\ntraining_error = "1/3"'
    (claim,) = loads(text(claim=body)).claims
    assert claim.document() == {
        "kind": "local-minimum",
        "strict": None,
        "near": "1/1000000",
        "bad": True,
        "training_error": "1/3",
        "expect": "proved",
        "theorem": None,
        "value": None,
        "lower": None,
        "upper": None,
    }


def test_all_parts() -> None:
    network = SHORTCUT + DEEP + EXPONENTIAL
    point = SHORTCUT_POINT + DEEP_POINT + EXPONENTIAL_POINT
    more = point.replace("point.", "better.").replace("a0 = 1", "a0 = 'exp(1)'")
    case = loads(text(network=network, point=point, more=f"[better]\n{more}"))
    assert case.better is not None
    assert_same(case)


NUMBERS = [
    "0",
    "1e10000",
    "-1e-10000",
    "1/3 + 1e-40",
    "sqrt(2)",
    "tanh(1)",
    "log(3)*pi",
    "exp(-exp(1))",
    "0.1",
    "2**-1000",
]
number_texts = st.one_of(
    st.sampled_from(NUMBERS),
    st.fractions().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers().map(str),
)
activations = st.sampled_from(
    [
        '"relu"',
        '"gelu"',
        '{name = "leaky_relu", slope = "sqrt(2)/10"}',
        '{name = "elu", alpha = 2}',
        '{expr = "z*tanh(z)"}',
    ]
)
losses = st.sampled_from(
    ['name = "hinge"', 'name = "polynomial_hinge"\np = 3\nweight_decay = "1/3"', 'expr = "exp(z)"']
)


def toml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return json.dumps(value) if isinstance(value, str) else str(value)


@st.composite
def random_cases(draw: st.DrawFn) -> str:
    """Feedforward nets of all shapes with data, weights and options of all kinds."""
    dimension, count = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    hidden = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    biases = draw(st.booleans()), draw(st.booleans())

    def vector(size: int) -> list[str]:
        return draw(st.lists(number_texts, min_size=size, max_size=size))

    sizes = [dimension, *hidden]
    flags = f"hidden_bias = {toml(biases[0]).lower()}\noutput_bias = {toml(biases[1]).lower()}"
    point = [f"a = {toml(vector(hidden[-1]))}"]
    point.append(
        f"W = {toml([[vector(before) for _ in range(size)] for before, size in zip(sizes, hidden, strict=False)])}"
    )
    if biases[0]:
        point.append(f"b = {toml([vector(size) for size in hidden])}")
    if biases[1]:
        point.append(f"a0 = {toml(vector(1)[0])}")
    labels = draw(st.lists(st.sampled_from([1, -1]), min_size=count, max_size=count))
    return text(
        data=f"inputs = {toml([vector(dimension) for _ in range(count)])}\nlabels = {toml(labels)}",
        network=f'kind = "feedforward"\nactivation = {draw(activations)}\nhidden = {hidden}\n{flags}',
        loss=draw(losses),
        point="\n".join(point),
    )


@given(random_cases())
@settings(max_examples=100)
def test_random_cases(case_text: str) -> None:
    assert_same(loads(case_text))


@given(number_texts, number_texts)
def test_claim_numbers(lower: str, upper: str) -> None:
    (claim,) = loads(text(claim=f'kind = "loss"\nlower = "{lower}"\nupper = "{upper}"')).claims
    document = claim.document()
    assert parse_number(str(document["lower"])) == claim.lower == from_text(lower)
    assert parse_number(str(document["upper"])) == claim.upper == from_text(upper)


def test_case_survives_pickling_and_copying() -> None:
    """Cases travel between processes."""
    parts = {
        "data": 'inputs = [["1e10000", "tanh(1)"]]\nlabels = [1]',
        "loss": 'expr = "exp(z)"\nweight_decay = "sqrt(2)"',
    }
    case = loads(text(**parts))
    for other in (pickle.loads(pickle.dumps(case)), copy.deepcopy(case)):  # noqa: S301
        assert other == case and other.document() == case.document()


def test_parameters_are_a_hashable_mapping() -> None:
    one, other = Parameters({"a": fmpq(1), "b": fmpq(2)}), Parameters({"b": fmpq(2), "a": fmpq(1)})
    assert one == other and hash(one) == hash(other) and dict(one) == {"a": 1, "b": 2} and len(one) == 2
    assert repr(Parameters()) == "Parameters({})"
    with pytest.raises(KeyError):
        one["c"]
