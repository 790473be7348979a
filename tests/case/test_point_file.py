"""Points from npz files: the same keys as arrays, and the same refusals."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from tests.case.conftest import POINT, load_with, refusal_with
from tests.case.test_points import (
    DEEP,
    DEEP_POINT,
    EXPONENTIAL,
    EXPONENTIAL_POINT,
    FORWARD,
    FORWARD_POINT,
    SHORTCUT,
    SHORTCUT_POINT,
    SINGLE,
)
from verifier.case.types import Point

SINGLE_ARRAYS = {"a0": 0, "a": [1, -0.25], "W": [[0, 0], [0, 0]], "b": [-1, -1]}
FORWARD_ARRAYS = {"a0": 1, "a": [2], "W1": [[3, 4], [5, 6]], "W2": [[7, 8]], "b1": [9, 10], "b2": [11]}
SHORTCUT_ARRAYS = {"a0": 1, "a": [2], "W": [[3, 4]], "b": [5]}
DEEP_ARRAYS = {"deep.a0": 6, "deep.a": [7], "deep.W1": [[8, 9]], "deep.b1": [10]}
EXPONENTIAL_ARRAYS = {"exponential.a": 1, "exponential.w": [2, 3], "exponential.b": 4}


def write(folder: Path, arrays: dict[str, Any], name: str = "w.npz") -> None:
    stream = io.BytesIO()
    converted: Any = {key: np.asarray(value) for key, value in arrays.items()}
    np.savez(stream, **converted)
    (folder / name).write_bytes(stream.getvalue())


def point(folder: Path, network: str, arrays: dict[str, Any]) -> Point | None:
    write(folder, arrays)
    return load_with(folder, network=network, point='file = "w.npz"').point


def refused(folder: Path, network: str, arrays: dict[str, Any]) -> str:
    write(folder, arrays)
    return refusal_with(folder, network=network, point='file = "w.npz"')


@pytest.mark.parametrize(
    ("network", "arrays", "inline"),
    [
        (SINGLE, SINGLE_ARRAYS, POINT.replace("-1/3", "-1/4")),
        (FORWARD, FORWARD_ARRAYS, FORWARD_POINT),
        (SHORTCUT + DEEP, SHORTCUT_ARRAYS | DEEP_ARRAYS, SHORTCUT_POINT + DEEP_POINT),
        (SINGLE + EXPONENTIAL, SINGLE_ARRAYS | EXPONENTIAL_ARRAYS, POINT.replace("-1/3", "-1/4") + EXPONENTIAL_POINT),
        (
            SHORTCUT + DEEP + EXPONENTIAL,
            SHORTCUT_ARRAYS | DEEP_ARRAYS | EXPONENTIAL_ARRAYS,
            SHORTCUT_POINT + DEEP_POINT + EXPONENTIAL_POINT,
        ),
    ],
)
def test_file_means_the_same_as_the_table(tmp_path: Path, network: str, arrays: dict[str, Any], inline: str) -> None:
    expected = load_with(tmp_path, network=network, point=inline).point
    assert expected is not None and point(tmp_path, network, arrays) == expected


def test_layers_of_one_size_may_be_stacked(tmp_path: Path) -> None:
    network = 'kind = "feedforward"\nactivation = "relu"\nhidden = [2, 2]\n'
    W, b = np.arange(8.0).reshape(2, 2, 2), np.arange(4.0).reshape(2, 2)
    single = {"a0": 0, "a": [1, 1], "W1": W[0], "W2": W[1], "b1": b[0], "b2": b[1]}
    stacked = {"a0": 0, "a": [1, 1], "W": W, "b": b}
    assert point(tmp_path, network, stacked) == point(tmp_path, network, single)


def test_floats_are_their_binary_value(tmp_path: Path) -> None:
    found = point(tmp_path, SINGLE, SINGLE_ARRAYS | {"a0": np.float64(0.1)})
    assert found is not None and found.main.a0 == fmpq(*(0.1).as_integer_ratio())
    found = point(tmp_path, SINGLE, SINGLE_ARRAYS | {"a0": np.float32(0.1)})
    assert found is not None and found.main.a0 == fmpq(13421773, 134217728)


def test_nets_without_biases(tmp_path: Path) -> None:
    network = SINGLE + "hidden_bias = false\noutput_bias = false"
    assert point(tmp_path, network, {"a": [1, 1], "W": [[0, 0], [0, 0]]}) is not None


def test_better(tmp_path: Path) -> None:
    write(tmp_path, SINGLE_ARRAYS)
    case = load_with(tmp_path, network=SINGLE, more='[better]\nfile = "w.npz"')
    assert case.better is not None and case.better.main.a == (fmpq(1), fmpq(-1, 4))
    write(tmp_path, SINGLE_ARRAYS | {"a": [1]})
    assert refusal_with(tmp_path, network=SINGLE, more='[better]\nfile = "w.npz"').startswith("better.file: expected ")


def without(arrays: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in arrays.items() if key != name}


@pytest.mark.parametrize(
    ("network", "arrays", "message"),
    [
        (
            SINGLE,
            without(SINGLE_ARRAYS, "a0"),
            'expected a number (the net has an output bias) at a0 in "w.npz", got nothing',
        ),
        (SINGLE, without(SINGLE_ARRAYS, "b"), '(one for each unit) at b in "w.npz", got nothing'),
        (SINGLE, SINGLE_ARRAYS | {"a0": [0]}, 'at a0 in "w.npz", got a list of 1'),
        (SINGLE, SINGLE_ARRAYS | {"a": [1]}, 'at a in "w.npz", got a list of 1'),
        (SINGLE, SINGLE_ARRAYS | {"a": 1}, 'at a in "w.npz", got 1'),
        (SINGLE, SINGLE_ARRAYS | {"W": [[0, 0]]}, 'at W in "w.npz", got a list of 1'),
        (SINGLE, SINGLE_ARRAYS | {"W": [[0, 0, 0], [0, 0, 0]]}, 'at W[0] in "w.npz", got a list of 3'),
        (SINGLE, SINGLE_ARRAYS | {"W": [[[0, 0], [0, 0]]]}, 'at W in "w.npz", got a list of 1'),
        (
            SINGLE,
            SINGLE_ARRAYS | {"b": [np.nan, 0]},
            'expected finite numbers in array b of "w.npz", got nan at index [0]',
        ),
        (
            SINGLE,
            SINGLE_ARRAYS | {"w": [1]},
            'expected arrays a0, a, W, b in "w.npz", got an array "w" (did you mean W?)',
        ),
        (SINGLE, SINGLE_ARRAYS | {"W1": [1]}, 'expected arrays a0, a, W, b in "w.npz", got an array "W1"'),
        (SINGLE, SINGLE_ARRAYS | DEEP_ARRAYS, 'got an array "deep.a0"'),
        (SINGLE, {}, 'at a0 in "w.npz", got nothing'),
        (SINGLE + "output_bias = false", SINGLE_ARRAYS, '(output_bias is false) at a0 in "w.npz", got 0'),
        (SINGLE + EXPONENTIAL, SINGLE_ARRAYS, 'at exponential in "w.npz", got nothing'),
        (SINGLE + EXPONENTIAL, SINGLE_ARRAYS | {"exponential.a": 1}, 'at exponential.w in "w.npz", got nothing'),
        (
            FORWARD,
            without(FORWARD_ARRAYS, "W2"),
            'expected an array for each of the 2 layers at W2 in "w.npz", got nothing',
        ),
        (
            FORWARD,
            without(FORWARD_ARRAYS, "b1"),
            'expected an array for each of the 2 layers at b1 in "w.npz", got nothing',
        ),
        (FORWARD, FORWARD_ARRAYS | {"W": [1]}, 'expected no such array beside W1 at W in "w.npz", got both'),
        (FORWARD, FORWARD_ARRAYS | {"W3": [[1]]}, 'got an array "W3"'),
        (FORWARD, FORWARD_ARRAYS | {"W2": [[7]]}, 'layer before) at W[1][0] in "w.npz", got a list of 1'),
        (SHORTCUT + DEEP, SHORTCUT_ARRAYS, 'at deep in "w.npz", got nothing'),
        (SHORTCUT + DEEP, SHORTCUT_ARRAYS | without(DEEP_ARRAYS, "deep.W1"), 'at deep.W in "w.npz", got nothing'),
        (
            SHORTCUT + DEEP,
            SHORTCUT_ARRAYS | DEEP_ARRAYS | {"deep.b1": [1, 2]},
            'at deep.b[0] in "w.npz", got a list of 2',
        ),
    ],
)
def test_refused(tmp_path: Path, network: str, arrays: dict[str, Any], message: str) -> None:
    line = refused(tmp_path, network, arrays)
    assert line.startswith("point.file: expected ") and message in line


@pytest.mark.parametrize("beside", ["a0 = 0", "a = [1, 1]", "W = [[0, 0], [0, 0]]", "b = [0, 0]", "deep = {a0 = 1}"])
def test_no_other_key_beside_file(tmp_path: Path, beside: str) -> None:
    write(tmp_path, SINGLE_ARRAYS)
    line = refusal_with(tmp_path, network=SINGLE, point=f'file = "w.npz"\n{beside}')
    assert line.startswith(f"point.{beside.split(' ')[0]}: expected no such key beside point.file, got ")


def test_only_npz_from_inside(tmp_path: Path) -> None:
    refusal = refusal_with(tmp_path, network=SINGLE, point='file = "w.csv"')
    assert refusal == 'point.file: expected a file name ending in .npz, got "w.csv"'
    refusal = refusal_with(tmp_path, network=SINGLE, point='file = "../w.npz"')
    assert refusal == 'point.file: expected a file inside the folder of the case file, got "../w.npz"'
    refusal = refusal_with(tmp_path, network=SINGLE, point='file = "w.npz"')
    assert refusal.startswith('point.file: expected a readable file as "w.npz", got an error: ')


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("unpickled",))


def test_no_pickles(tmp_path: Path) -> None:
    array = np.empty(2, dtype=object)
    array[:] = [Evil(), Evil()]
    assert refused(tmp_path, SINGLE, SINGLE_ARRAYS | {"a": array}).endswith('in array a of "w.npz", got object')
