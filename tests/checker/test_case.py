"""Cases of certificates: read exactly, and every document that is not one is rejected by name, never otherwise."""

from __future__ import annotations

import contextlib
import copy
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.checker.case import read_case, read_number, read_vector
from verifier.checker.errors import Rejected
from verifier.checker.number import PI, sqrt

Q = fmpq

LABELLED: dict[str, Any] = {
    "title": "two dead units",
    "source": None,
    "notes": None,
    "data": {"inputs": [["1", "0"], ["-1/2", "pi"]], "labels": [1, -1], "multiplicity": [2, 1]},
    "network": {
        "kind": "single-layer",
        "activation": {"name": "leaky_relu", "slope": "1/10"},
        "hidden": [2],
        "hidden_bias": True,
        "output_bias": True,
        "deep": None,
        "exponential": None,
    },
    "loss": {"name": "polynomial_hinge", "p": 3, "weight_decay": "1/100"},
    "point": {"a0": "0", "a": ["1", "-1/3"], "W": [[["0", "0"], ["0", "1"]]], "b": [["-1", "-1"]]},
    "better": None,
}
SHORTCUT: dict[str, Any] = {
    "title": "a shortcut and an exponential neuron",
    "data": {"inputs": [["1"], ["2"]], "targets": ["0", "sqrt(2)"], "multiplicity": [1, 1]},
    "network": {
        "kind": "shortcut",
        "activation": {"expr": "max(0, z)"},
        "hidden": [1],
        "hidden_bias": False,
        "output_bias": False,
        "deep": {"activation": {"name": "tanh"}, "hidden": [2, 1], "hidden_bias": True, "output_bias": True},
        "exponential": {"decay": "1/2"},
    },
    "loss": {"name": "quadratic", "weight_decay": "0"},
    "point": {
        "a": ["1"],
        "W": [[["1"]]],
        "deep": {"a0": "0", "a": ["1"], "W": [[["1"], ["2"]], [["3", "4"]]], "b": [["0", "0"], ["1"]]},
        "exponential": {"a": "1", "w": ["2"], "b": "3"},
    },
}


def test_labelled() -> None:
    case = read_case(LABELLED)
    assert case.inputs == ((Q(1), Q(0)), (Q(-1, 2), PI))
    assert (case.labels, case.targets, case.multiplicity, case.total) == ((1, -1), None, (2, 1), 3)
    assert (case.weight_decay, case.exponential_decay, case.kind) == (Q(1, 100), 0, "single-layer")
    assert [(p.name, p.hidden, p.depth) for p in case.parts] == [("main", (2,), 1)]
    assert case.point is not None
    assert case.point[0].a == (1, Q(-1, 3))
    assert case.point[0].W == (((0, 0), (0, 1)),)
    assert case.point[0].b == ((-1, -1),)
    assert case.better is None
    assert case.loss(0) == case.loss(1)


def test_shortcut_with_targets() -> None:
    case = read_case(SHORTCUT)
    assert case.targets == (Q(0), sqrt(Q(2)))
    assert [(p.name, p.hidden, p.hidden_bias, p.output_bias) for p in case.parts] == [
        ("main", (1,), False, False),
        ("deep", (2, 1), True, True),
        ("exponential", (1,), True, False),
    ]
    assert case.exponential_decay == Q(1, 2)
    assert case.point is not None
    main, deep, exponential = case.point
    assert (main.a0, main.b) == (None, None)
    assert deep.W == (((1,), (2,)), ((3, 4),))
    assert (exponential.a0, exponential.a, exponential.W, exponential.b) == (None, (1,), (((2,),),), ((3,),))
    assert case.loss(0) != case.loss(1)


def test_the_document_is_not_kept() -> None:
    document = copy.deepcopy(LABELLED)
    case = read_case(document)
    document["network"]["hidden"][0] = 7
    document["loss"]["p"] = 1
    assert case.parts[0].hidden == (2,)
    assert case.loss_spec == {"name": "polynomial_hinge", "p": 3}


DELETE = object()


def changed(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    result = copy.deepcopy(document)
    *way, last = (int(k) if k.isdigit() else k for k in path.split("."))
    place: Any = result
    for key in way:
        place = place[key]
    if value is DELETE:
        del place[last]
    else:
        place[last] = value
    return result


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("data", DELETE, "case.data: expected an object"),
        ("network", [], "case.network: expected an object, got list"),
        ("loss", None, "case.loss: expected an object"),
        ("claims", [], "case: unknown keys claims"),
        ("data.file", "x.csv", "unknown keys file"),
        ("data.inputs", [], "at least one sample"),
        ("data.inputs", {}, "expected a list, got dict"),
        ("data.inputs", [["1"], ["1", "2"]], "equal length"),
        ("data.inputs", [[], []], "at least one coordinate"),
        ("data.inputs.0.0", 1, r"data.inputs\[0\]\[0\]: expected a number as text, got int"),
        ("data.inputs.0.0", True, "got bool"),
        ("data.inputs.0.0", float("nan"), "got float"),
        ("data.inputs.0.0", "nan", "unknown name 'nan'"),
        ("data.inputs.0.0", "1/0", "expected a defined number"),
        ("data.inputs.0.0", "9" * 10_001, "at most 10000 characters"),
        ("data.labels", DELETE, "exactly one of labels, targets"),
        ("data.targets", ["1", "1"], "exactly one of labels, targets"),
        ("data.labels", [1], "expected 2 labels, got 1"),
        ("data.labels.0", 0, "expected 1 or -1, got 0"),
        ("data.labels.0", True, "expected 1 or -1, got True"),
        ("data.labels.0", 1.0, "expected 1 or -1, got 1.0"),
        ("data.labels.0", "1", "expected 1 or -1, got '1'"),
        ("data.multiplicity", DELETE, "data.multiplicity: expected a list"),
        ("data.multiplicity", [1], "expected 2 counts"),
        ("data.multiplicity.1", 0, "expected a positive integer, got 0"),
        ("data.multiplicity.1", True, "expected a positive integer, got True"),
        ("data.multiplicity.1", -(10**400), "expected a positive integer, got int"),
        ("network.kind", "recurrent", "unknown kind 'recurrent'"),
        ("network.kind", ["single-layer"], "unknown kind list"),
        ("network.kind", "shortcut", "network.deep: belongs to shortcut nets only"),
        ("network.deep", {}, "network.deep: belongs to shortcut nets only"),
        ("network.width", 2, "unknown keys width"),
        ("network.hidden", [2, 2], "expected one hidden layer"),
        ("network.hidden", [], "at least one layer"),
        ("network.hidden.0", 0, "expected widths from 1 to 100000, got 0"),
        ("network.hidden.0", True, "got True"),
        ("network.hidden.0", 10**9, "got 1000000000"),
        ("network.hidden.0", 3, r"point.W\[0\]: expected 3 rows, got 2"),
        ("network.hidden_bias", 1, "expected true or false"),
        ("network.hidden_bias", False, "expected the keys \\['W', 'a', 'a0'\\], got W, a, a0, b"),
        ("network.output_bias", DELETE, "expected true or false"),
        ("network.activation", "relu", "expected an object, got str"),
        ("network.activation", {"name": "swish"}, "network.main.activation: name: expected one of"),
        ("network.activation.slope", "1/0", "slope: expected a defined number"),
        ("network.activation.slope", 1, "slope: expected a number as text"),
        ("network.exponential", {}, "network.exponential.decay: expected a number as text, got NoneType"),
        ("network.exponential", False, "network.exponential: expected an object, got bool"),
        ("network.exponential", {"decay": "-1"}, "expected a number >= 0"),
        ("network.exponential", {"decay": "1", "mu": "1"}, "unknown keys mu"),
        ("network.exponential", {"decay": "1"}, "point.exponential: expected an object"),
        ("loss.weight_decay", DELETE, "loss.weight_decay: expected a number as text, got NoneType"),
        ("loss.weight_decay", "-1e-99", "loss.weight_decay: expected a number >= 0"),
        ("loss.weight_decay", "sqrt(2+sqrt(3))-(sqrt(6)+sqrt(2))/2", "could not be decided"),
        ("loss.name", "relu", "loss: name: expected one of"),
        ("loss.p", True, "loss: p: expected an integer from 0 to 100, got True"),
        ("loss.p", 101, "got 101"),
        ("loss.q", 1, "loss: q: unknown key"),
        ("point", [], "point: expected an object"),
        ("better", {}, "better: expected the keys"),
        ("point.deep", {}, "unknown keys deep"),
        ("point.a0", DELETE, "expected the keys"),
        ("point.a0", ["0"], "point.a0: expected a number as text, got list"),
        ("point.a", ["1"], "expected 2 numbers, got 1"),
        ("point.W", [], "expected 1 layers, got 0"),
        ("point.W.0.0", ["1"], r"point.W\[0\]: expected 2 numbers, got 1"),
        ("point.b", [["1", "1"], []], "expected 1 layers, got 2"),
        ("point.b.0", ["1"], "expected 2 numbers"),
    ],
)
def test_one_change_is_rejected(path: str, value: Any, message: str) -> None:
    with pytest.raises(Rejected, match=message) as caught:
        read_case(changed(LABELLED, path, value))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(("path", "value", "message"), [
    ("data.targets", ["1"], "expected 2 targets, got 1"),
    ("data.targets.0", None, r"data.targets\[0\]: expected a number as text"),
    ("loss.name", "hinge", "loss: name: expected one of quadratic"),
    ("network.deep", None, "belongs to shortcut nets only"),
    ("network.deep.hidden.1", 2, r"point.deep.W\[1\]: expected 2 rows, got 1"),
    ("network.deep.kind", "x", "unknown keys kind"),
    ("network.deep.output_bias", None, "network.deep: expected true or false"),
    ("point.deep", DELETE, "point.deep: expected an object"),
    ("point.exponential", DELETE, "point.exponential: expected an object"),
    ("point.exponential.a0", "1", "expected the keys a, w, b, got a, a0, b, w"),
    ("point.exponential.w", ["1", "2"], "expected 1 numbers, got 2"),
    ("point.a0", "1", "expected the keys"),
])  # fmt: skip
def test_one_change_of_a_shortcut_net_is_rejected(path: str, value: Any, message: str) -> None:
    with pytest.raises(Rejected, match=message):
        read_case(changed(SHORTCUT, path, value))


def test_a_point_is_optional() -> None:
    assert read_case(changed(LABELLED, "point", None)).point is None
    assert read_case(changed(LABELLED, "point", DELETE)).point is None


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def deep_list() -> Any:
    return json.loads("[" * 900 + "]" * 900)


STRANGE: list[Callable[[], Any]] = [
    lambda: None, lambda: True, lambda: 0, lambda: -1, lambda: 10**400, lambda: 1.5, lambda: float("nan"),
    lambda: float("inf"),
    lambda: "", lambda: "1", lambda: "\ud800", lambda: "x" * 20_000, lambda: [], lambda: {}, lambda: [None],
    lambda: [[]],
    lambda: {"": {}}, lambda: [1, "1"], lambda: {"name": []}, lambda: {"expr": "1/z"}, deep_list,
]  # fmt: skip


@pytest.mark.parametrize("document", [LABELLED, SHORTCUT], ids=["labelled", "shortcut"])
def test_any_value_anywhere_is_read_or_rejected(document: dict[str, Any]) -> None:
    for path in places(document):
        for make in STRANGE:
            hostile = copy.deepcopy(document)
            place: Any = hostile
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = make()
            with contextlib.suppress(Rejected):
                read_case(hostile)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["1", "z", "relu"]),
    lambda v: (
        st.lists(v, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "network", "loss", "inputs", "labels", "kind", "name", "expr", "a", "W"]), v
        )
    ),
    max_leaves=10,
)


@settings(max_examples=200, deadline=None)
@given(json_values)
def test_any_json_is_read_or_rejected(document: Any) -> None:
    with pytest.raises(Rejected):
        read_case(document)


@pytest.mark.parametrize("path", ["data.inputs.0.0", "point.a0", "loss.weight_decay", "network.activation.slope"])
def test_a_number_that_would_take_for_ever_is_rejected_soon(path: str) -> None:
    start = time.process_time()
    with pytest.raises(Rejected):
        read_case(changed(LABELLED, path, "*".join(["(2**1000)**1000"] * 600)))
    assert time.process_time() - start < 2


def test_read_number_and_vector() -> None:
    assert read_number("1/3", "x") == Q(1, 3)
    assert read_vector(["1", "pi"], "x") == (1, PI)
    with pytest.raises(Rejected, match=r"x\[1\]: unknown name"):
        read_vector(["1", "y"], "x")
    with pytest.raises(Rejected, match="x: expected a list, got str"):
        read_vector("12", "x")
