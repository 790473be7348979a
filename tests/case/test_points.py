"""[point] and [better]: the shapes of every kind of net, and no other."""

from __future__ import annotations

import pytest
from flint import fmpq

from tests.case.conftest import POINT, refusal, text
from verifier.case import loads
from verifier.case.types import ExponentialPoint, LayeredPoint, Point

FORWARD = 'kind = "feedforward"\nactivation = "relu"\nhidden = [2, 1]\n'
FORWARD_POINT = "a0 = 1\na = [2]\nW = [[[3, 4], [5, 6]], [[7, 8]]]\nb = [[9, 10], [11]]\n"
SHORTCUT = 'kind = "shortcut"\nactivation = "relu"\nwidth = 1\n'
DEEP = '[network.deep]\nactivation = "tanh"\nhidden = [1]\n'
SHORTCUT_POINT = "a0 = 1\na = [2]\nW = [[3, 4]]\nb = [5]\n"
DEEP_POINT = "[point.deep]\na0 = 6\na = [7]\nW = [[[8, 9]]]\nb = [[10]]\n"
EXPONENTIAL = "[network.exponential]\ndecay = 1\n"
EXPONENTIAL_POINT = "[point.exponential]\na = 1\nw = [2, 3]\nb = 4\n"
SINGLE = 'kind = "single-layer"\nactivation = "relu"\nwidth = 2\n'


def point(network: str, table: str) -> Point | None:
    return loads(text(network=network, point=table)).point


def test_single_layer_is_nested_in_memory() -> None:
    expected = LayeredPoint(fmpq(0), (fmpq(1), fmpq(-1, 3)), ((((fmpq(0),) * 2),) * 2,), ((fmpq(-1),) * 2,))
    assert point(SINGLE, POINT) == Point(expected)


def test_feedforward() -> None:
    W = (((fmpq(3), fmpq(4)), (fmpq(5), fmpq(6))), ((fmpq(7), fmpq(8)),))
    assert point(FORWARD, FORWARD_POINT) == Point(
        LayeredPoint(fmpq(1), (fmpq(2),), W, ((fmpq(9), fmpq(10)), (fmpq(11),)))
    )


def test_shortcut_and_exponential() -> None:
    found = point(SHORTCUT + DEEP + EXPONENTIAL, SHORTCUT_POINT + DEEP_POINT + EXPONENTIAL_POINT)
    assert found == Point(
        LayeredPoint(fmpq(1), (fmpq(2),), (((fmpq(3), fmpq(4)),),), ((fmpq(5),),)),
        LayeredPoint(fmpq(6), (fmpq(7),), (((fmpq(8), fmpq(9)),),), ((fmpq(10),),)),
        ExponentialPoint(fmpq(1), (fmpq(2), fmpq(3)), fmpq(4)),
    )


def test_nets_without_biases() -> None:
    found = point(SINGLE + "hidden_bias = false\noutput_bias = false", "a = [1, 1]\nW = [[0, 0], [0, 0]]")
    assert found is not None and found.main.a0 is None and found.main.b is None


def test_better_has_the_shapes_of_point() -> None:
    better = loads(text(more=f"[better]{POINT}")).better
    assert better == loads(text()).point
    assert refusal(text(more="[better]\na0 = 1\na = [1]")).startswith("better.a: expected a list of 2 numbers")


UNIT = "(one for each unit)"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("a0 = 0", "", "a0: expected a number (the net has an output bias), got nothing"),
        ("a0 = 0", "a0 = [0]", 'a0: expected a number such as 2, 0.5, "1/3" or "sqrt(2)", got a list of 1'),
        ('a  = [1, "-1/3"]', "", f"a: expected a list of 2 numbers {UNIT}, got nothing"),
        ('a  = [1, "-1/3"]', "a = [1]", f"a: expected a list of 2 numbers {UNIT}, got a list of 1"),
        ('a  = [1, "-1/3"]', "a = [1, 2, 3]", f"a: expected a list of 2 numbers {UNIT}, got a list of 3"),
        ('a  = [1, "-1/3"]', "a = 1", f"a: expected a list of 2 numbers {UNIT}, got 1"),
        ('a  = [1, "-1/3"]', "a = [1, inf]", "a[1]: expected a finite number, got inf"),
        ("W  = [[0, 0], [0, 0]]", "", "W: expected a list of 2 rows (one for each unit, 2 numbers each), got nothing"),
        (
            "W  = [[0, 0], [0, 0]]",
            "W = [[0, 0]]",
            "W: expected a list of 2 rows (one for each unit, 2 numbers each), got a list of 1",
        ),
        (
            "W  = [[0, 0], [0, 0]]",
            "W = [0, 0]",
            "W[0]: expected a list of 2 numbers (one for each input coordinate), got 0",
        ),
        (
            "W  = [[0, 0], [0, 0]]",
            "W = [[0, 0], [0]]",
            "W[1]: expected a list of 2 numbers (one for each input coordinate), got a list of 1",
        ),
        ("W  = [[0, 0], [0, 0]]", "W = [[0, 0], [0, nan]]", "W[1][1]: expected a finite number, got nan"),
        (
            "W  = [[0, 0], [0, 0]]",
            "W = [[[0, 0], [0, 0]]]",
            "W: expected a list of 2 rows (one for each unit, 2 numbers each), got a list of 1",
        ),
        ("b  = [-1, -1]", "", f"b: expected a list of 2 numbers {UNIT}, got nothing"),
        ("b  = [-1, -1]", "b = [[-1, -1]]", f"b: expected a list of 2 numbers {UNIT}, got a list of 1"),
        ("b  = [-1, -1]", "b = [-1, true]", 'b[1]: expected a number such as 2, 0.5, "1/3" or "sqrt(2)", got true'),
    ],
)
def test_single_layer_refused(old: str, new: str, message: str) -> None:
    assert POINT.count(old) == 1
    assert refusal(text(point=POINT.replace(old, new))) == f"point.{message}"


LAST = "(one for each unit of the last layer)"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("a = [2]", "a = [2, 2]", f"a: expected a list of 1 number {LAST}, got a list of 2"),
        (
            "W = [[[3, 4], [5, 6]], [[7, 8]]]",
            "W = [[3, 4], [5, 6]]",
            "W[0][0]: expected a list of 2 numbers (one for each input coordinate), got 3",
        ),
        (
            "W = [[[3, 4], [5, 6]], [[7, 8]]]",
            "W = [[[3, 4], [5, 6]]]",
            "W: expected a list of 2 layers (W = [W1, ..., WL]), got a list of 1",
        ),
        (
            "[[7, 8]]]",
            "[[7]]]",
            "W[1][0]: expected a list of 2 numbers (one for each unit of the layer before), got a list of 1",
        ),
        (
            "[[7, 8]]]",
            "[[7, 8], [7, 8]]]",
            "W[1]: expected a list of 1 row (one for each unit, 2 numbers each), got a list of 2",
        ),
        (
            "[[3, 4], [5, 6]]",
            "[[3, 4], [5]]",
            "W[0][1]: expected a list of 2 numbers (one for each input coordinate), got a list of 1",
        ),
        ("b = [[9, 10], [11]]", "b = [9, 10]", "b[0]: expected a list of 2 numbers (one for each unit), got 9"),
        ("b = [[9, 10], [11]]", "b = [[9, 10]]", "b: expected a list of 2 layers (b = [b1, ..., bL]), got a list of 1"),
        ("b = [[9, 10], [11]]", "", "b: expected a list of 2 layers (b = [b1, ..., bL]), got nothing"),
    ],
)
def test_feedforward_refused(old: str, new: str, message: str) -> None:
    assert FORWARD_POINT.count(old) == 1
    assert refusal(text(network=FORWARD, point=FORWARD_POINT.replace(old, new))).startswith(f"point.{message}")


def test_one_hidden_layer_of_a_feedforward_net_is_nested_all_the_same() -> None:
    network = 'kind = "feedforward"\nactivation = "relu"\nhidden = [2]\n'
    flat = "a0 = 0\na = [1, 1]\nW = [[0, 0], [0, 0]]\nb = [0, 0]"
    assert refusal(text(network=network, point=flat)).startswith("point.W: expected a list of 1 layer")
    assert point(network, "a0 = 0\na = [1, 1]\nW = [[[0, 0], [0, 0]]]\nb = [[0, 0]]") is not None


@pytest.mark.parametrize(
    ("network", "table", "message"),
    [
        (SINGLE + "output_bias = false", POINT, "point.a0: expected no such key (output_bias is false), got 0"),
        (
            SINGLE + "hidden_bias = false",
            POINT,
            "point.b: expected no such key (hidden_bias is false), got a list of 2",
        ),
        (SINGLE, POINT + DEEP_POINT, "point.deep: expected no such table (the net has no [network.deep]), got a table"),
        (
            SINGLE,
            POINT + EXPONENTIAL_POINT,
            "point.exponential: expected no such table (the net has no [network.exponential])",
        ),
        (
            SHORTCUT + DEEP,
            SHORTCUT_POINT,
            "point.deep: expected a table [point.deep] with the weights of [network.deep], got nothing",
        ),
        (
            SHORTCUT + DEEP,
            SHORTCUT_POINT + DEEP_POINT.replace("a0 = 6", ""),
            "point.deep.a0: expected a number (the net has an output bias)",
        ),
        (
            SHORTCUT + DEEP,
            SHORTCUT_POINT + DEEP_POINT.replace("[[[8, 9]]]", "[[8, 9]]"),
            "point.deep.W[0]: expected a list of 1 row (one for each unit, 2 numbers each), got a list of 2",
        ),
        (
            SHORTCUT + DEEP + "hidden_bias = false",
            SHORTCUT_POINT + DEEP_POINT,
            "point.deep.b: expected no such key (hidden_bias is false)",
        ),
        (
            SINGLE + EXPONENTIAL,
            POINT,
            "point.exponential: expected a table [point.exponential] with the weights of [network.exponential]",
        ),
        (
            SINGLE + EXPONENTIAL,
            POINT + EXPONENTIAL_POINT.replace("a = 1", ""),
            "point.exponential.a: expected a number such as",
        ),
        (
            SINGLE + EXPONENTIAL,
            POINT + EXPONENTIAL_POINT.replace("[2, 3]", "[2]"),
            "point.exponential.w: expected a list of 2 numbers",
        ),
        (
            SINGLE + EXPONENTIAL,
            POINT + EXPONENTIAL_POINT.replace("b = 4", ""),
            "point.exponential.b: expected a number such as",
        ),
    ],
)
def test_parts_refused(network: str, table: str, message: str) -> None:
    assert refusal(text(network=network, point=table)).startswith(message)
