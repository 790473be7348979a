"""Arrays with the keys of point files, and the net that they mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from verifier.case import InputError
from verifier.interop.exact import exact_numbers
from verifier.interop.functions import activation
from verifier.interop.net import from_arrays, read_net

TANH = activation("tanh")


def arrays(**values: Any) -> dict[str, Any]:
    return {k.replace("__", "."): exact_numbers(np.asarray(v).tolist(), "", k) for k, v in values.items()}


def test_one_layer_is_a_single_layer_net() -> None:
    net = from_arrays(arrays(W=np.ones((3, 2)), a=np.ones(3), b=np.ones(3), a0=0.5), TANH)
    assert net.network == {"kind": "single-layer", "activation": "tanh", "width": 3}
    assert net.size == 6 + 3 + 3 + 1


def test_biases_that_are_not_there() -> None:
    net = from_arrays(arrays(W=np.ones((3, 2)), a=np.ones(3)), TANH)
    assert (net.network["hidden_bias"], net.network["output_bias"]) == (False, False)


@pytest.mark.parametrize(
    ("values", "hidden"),
    [
        ({"W1": np.ones((3, 2)), "W2": np.ones((1, 3)), "a": [1]}, [3, 1]),
        ({"W": np.ones((2, 2, 2)), "a": [1, 1]}, [2, 2]),  # stacked
        ({"W1": np.ones((3, 2)), "a": [1, 1, 1]}, [3]),
    ],
)
def test_feedforward(values: dict[str, Any], hidden: list[int]) -> None:
    net = from_arrays(arrays(**values), activation("ELU(2)"))
    biases = {"hidden_bias": False, "output_bias": False}
    elu = {"name": "elu", "alpha": fmpq(2)}
    assert net.network == {"kind": "feedforward", "activation": elu, "hidden": hidden, **biases}


def test_shortcut_and_exponential_neuron() -> None:
    main = {"W": np.ones((2, 2)), "a": [1, 1]}
    deep = {"deep__W1": np.ones((3, 2)), "deep__b1": np.ones(3), "deep__a": np.ones(3)}
    neuron = {"exponential__a": 1, "exponential__w": [0, 0], "exponential__b": 0}
    net = from_arrays(arrays(**main, **deep, **neuron), TANH, activation("softplus"), fmpq(1, 3))
    assert net.network["kind"] == "shortcut"
    assert net.network["deep"] == {"activation": "softplus", "hidden": [3], "output_bias": False}
    assert net.network["exponential"] == {"decay": fmpq(1, 3)}


def test_output_weights_as_pytorch_has_them() -> None:
    net = from_arrays(arrays(W=np.ones((3, 2)), a=[[1, 2, 3]], a0=[7]), TANH)
    assert net.arrays["a"] == [1, 2, 3]
    assert net.arrays["a0"] == fmpq(7)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"a": [1.0]}, "W: expected an array W"),
        ({"W": [1.0], "a": [1.0]}, r"W: expected matrices, got an array of shape \(1,\)"),
        ({"W1": [[1.0]], "W": [[1.0]], "a": [1.0]}, "net.npz: W: expected arrays W1 beside a and a0, got an array"),
        ({"W": [[1.0]], "b1": [1.0], "a": [1.0]}, "net.npz: b: expected arrays W, b beside a and a0, got nothing"),
        ({"W1": [[1.0]], "W3": [[1.0]], "a": [1.0]}, "W3: expected arrays W1 beside a and a0, got an array"),
        ({"W1": [[1.0]], "W2": [[1.0]], "b2": [1.0], "a": [1.0]}, "b1: expected arrays W1, b1, W2, b2 beside"),
        ({"W1": [[1.0]], "b": [1.0], "a": [1.0]}, "b1: expected arrays W1, b1 beside a and a0, got nothing"),
        ({"W": [[1.0]], "a": [1.0], "deep__W1": [[1.0]]}, "--deep-activation: expected it"),
        ({"W": [[1.0]], "a": [1.0], "exponential__a": 1}, "--exponential-decay: expected it"),
    ],
)
def test_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        from_arrays(arrays(**values), TANH, path="net.npz")


def test_options_without_arrays_are_refused() -> None:
    only = arrays(W=[[1.0]], a=[1.0])
    with pytest.raises(InputError, match=r"deep\.\*: expected arrays of these names, as --deep-activation is given"):
        from_arrays(only, TANH, TANH)
    with pytest.raises(InputError, match=r"exponential\.\*: expected arrays"):
        from_arrays(only, TANH, None, "1")


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16, np.int8])
def test_files_of_every_kind_of_number(kind: Any, tmp_path: Path) -> None:
    values = np.array([[0.1, -3.7], [1e-3, 100.0]]).astype(kind)
    np.savez(tmp_path / "net.npz", W=values, a=np.ones(2, kind), X=np.ones((1, 2)), y=np.ones(1))
    net = read_net(tmp_path / "net.npz", TANH)
    assert set(net.arrays) == {"W", "a"}
    assert net.arrays["W"] == [[fmpq(*float(v).as_integer_ratio()) for v in row] for row in values]


def test_objects_and_unknown_arrays_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "objects.npz", W=np.array([[None]]), a=np.ones(1))
    with pytest.raises(InputError, match=r"objects\.npz: expected integers or floats"):
        read_net(tmp_path / "objects.npz", TANH)
    np.savez(tmp_path / "names.npz", weights=np.ones((1, 1)))
    with pytest.raises(InputError, match=r'names\.npz: expected arrays X, y, .* got an array "weights"'):
        read_net(tmp_path / "names.npz", TANH)
    with pytest.raises(InputError, match=r"none\.npz: expected a NumPy \.npz file, got an error"):
        read_net(tmp_path / "none.npz", TANH)
