"""Forward and backward pass against a plain definition, and the order of the parameters."""

from __future__ import annotations

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.checker.case import Case, Weights, read_case
from verifier.checker.network import backward, dot, flatten, forward, layouts, parameter_count, unflatten

Q = fmpq


def layered(widths: list[int], d: int, hidden_bias: bool, output_bias: bool) -> dict[str, object]:
    sizes = [d, *widths]
    count = iter(range(1, 10_000))
    point: dict[str, object] = {}
    if output_bias:
        point["a0"] = str(next(count))
    point["a"] = [str(next(count)) for _ in range(widths[-1])]
    rows, biases = [], []
    for size, width in zip(sizes, widths, strict=False):
        layer, offsets = [], []
        for _ in range(width):
            layer.append([str(next(count)) for _ in range(size)])
            if hidden_bias:
                offsets.append(str(next(count)))
        rows.append(layer)
        biases.append(offsets)
    return {**point, "W": rows, **({"b": biases} if hidden_bias else {})}


def case_of(widths: list[int], d: int, hidden_bias: bool = True, output_bias: bool = True) -> Case:
    return read_case(
        {
            "data": {"inputs": [["1"] * d], "labels": [1], "multiplicity": [1]},
            "network": {
                "kind": "feedforward",
                "activation": {"name": "quadratic"},
                "hidden": widths,
                "hidden_bias": hidden_bias,
                "output_bias": output_bias,
            },
            "loss": {"name": "logistic", "weight_decay": "0"},
            "point": layered(widths, d, hidden_bias, output_bias),
        }
    )


nets = st.tuples(st.lists(st.integers(1, 3), min_size=1, max_size=3), st.integers(1, 3), st.booleans(), st.booleans())


@settings(max_examples=60, deadline=None)
@given(nets)
def test_the_flat_order_is_a0_a_and_then_unit_by_unit_row_and_bias(net: tuple[list[int], int, bool, bool]) -> None:
    case = case_of(*net)
    assert case.point is not None
    flat = flatten(case.point)
    assert flat == tuple(range(1, len(flat) + 1))  # `layered` numbers them in this order
    assert parameter_count(case) == len(flat)
    assert unflatten(case, flat) == case.point
    (layout,) = layouts(case)
    assert (layout.start, layout.stop) == (0, len(flat))
    weights = case.point[0]
    for layer, blocks in enumerate(layout.blocks):
        for unit, block in enumerate(blocks):
            assert tuple(flat[p] for p in block.weights) == weights.W[layer][unit]
            assert (block.bias is None) == (weights.b is None)
            if weights.b is not None and block.bias is not None:
                assert flat[block.bias] == weights.b[layer][unit]
            assert block.positions == (*block.weights, *(() if block.bias is None else (block.bias,)))


class Dual:
    """a + b e with e*e = 0: forward differentiation, the slow definition beside back-propagation."""

    def __init__(self, a: fmpq, b: fmpq | int = 0) -> None:
        self.a, self.b = a, b

    def __add__(self, other: Dual) -> Dual:
        return Dual(self.a + other.a, self.b + other.b)

    def __mul__(self, other: Dual) -> Dual:
        return Dual(self.a * other.a, self.a * other.b + self.b * other.a)


@settings(max_examples=60, deadline=None)
@given(nets, st.integers(1, 50))
def test_gradient_is_that_of_dual_numbers(net: tuple[list[int], int, bool, bool], seed: int) -> None:
    case = case_of(*net)
    values = [fmpq((seed * (k + 1)) % 11 - 5, 4) for k in range(parameter_count(case))]
    x = [fmpq(k + 2, 3) for k in range(net[1])]
    theta = unflatten(case, values)[0]
    trace = forward(theta, x, lambda u: u * u)
    expected = []
    for k in range(len(values)):
        moved = unflatten(case, [Dual(v, int(i == k)) for i, v in enumerate(values)])[0]
        output = forward(moved, [Dual(c) for c in x], lambda u: u * u).output
        assert output.a == trace.output
        expected.append(output.b)
    assert backward(theta, trace, lambda u: 2 * u) == expected


def test_a_hand_computed_net() -> None:
    weights = Weights(Q(1), (Q(2), Q(-1)), (((Q(1),), (Q(-1),)),), ((Q(0), Q(3)),))
    trace = forward(weights, (Q(2),), lambda u: max(u, Q(0)))
    assert (trace.u, trace.h, trace.output) == (([2, 1],), ((2,), [2, 1]), 4)
    assert backward(weights, trace, lambda u: Q(int(u > 0))) == [1, 2, 1, 4, 2, -2, -1]


def test_parts_follow_one_another() -> None:
    case = read_case(
        {
            "data": {"inputs": [["1", "2"]], "labels": [1], "multiplicity": [1]},
            "network": {
                "kind": "shortcut",
                "activation": {"name": "relu"},
                "hidden": [1],
                "hidden_bias": True,
                "output_bias": False,
                "deep": {"activation": {"name": "tanh"}, "hidden": [1], "hidden_bias": False, "output_bias": True},
                "exponential": {"decay": "1"},
            },
            "loss": {"name": "logistic", "weight_decay": "0"},
        }
    )
    main, deep, exponential = layouts(case)
    assert (main.a0, main.a, main.blocks[0][0].positions, main.stop) == (None, range(0, 1), (1, 2, 3), 4)
    assert (deep.a0, deep.a, deep.blocks[0][0].positions, deep.stop) == (4, range(5, 6), (6, 7), 8)
    assert (exponential.a, exponential.blocks[0][0].positions, exponential.stop) == (range(8, 9), (9, 10, 11), 12)
    assert parameter_count(case) == 12
    theta = unflatten(case, range(12))
    assert flatten(theta) == tuple(range(12))
    assert (theta[1].a0, theta[1].b, theta[2].a0) == (4, None, None)


def test_dot() -> None:
    assert dot([2, 3], [5, 7], None) == 31
    assert dot([2, 3], [5, 7], 100) == 131
    with pytest.raises(ValueError, match="zip"):
        dot([1], [1, 2], None)
