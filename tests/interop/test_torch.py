"""PyTorch nets: by a mapping of arrays and by stand-ins for its classes; by PyTorch itself where it is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import fmpq

from verifier.case import InputError
from verifier.interop.functions import activation
from verifier.interop.torch import from_sequential, from_state_dict, read_state_dict

RELU = activation("ReLU")
FLOAT32 = np.float32(0.1)


def linear(name: str, rows: int, columns: int, bias: bool = True) -> dict[str, Any]:
    values = {f"{name}.weight": np.full((rows, columns), FLOAT32)}
    return {**values, **({f"{name}.bias": np.arange(rows, dtype=np.float32)} if bias else {})}


def test_state_dict_of_one_hidden_layer() -> None:
    net = from_state_dict({**linear("0", 3, 2), **linear("2", 1, 3)}, RELU)
    assert net.network == {"kind": "single-layer", "activation": "relu", "width": 3}
    assert net.arrays["W"] == [[fmpq(*float(FLOAT32).as_integer_ratio())] * 2] * 3
    assert net.arrays["b"] == [0, 1, 2]
    assert net.arrays["a"] == [fmpq(*float(FLOAT32).as_integer_ratio())] * 3
    assert net.arrays["a0"] == fmpq(0)


def test_state_dict_of_several_hidden_layers() -> None:
    layers = {**linear("body.fc1", 3, 2, False), **linear("body.fc2", 4, 3, False), **linear("head", 1, 4, False)}
    net = from_state_dict(layers, RELU)
    assert net.network == {
        "kind": "feedforward",
        "activation": "relu",
        "hidden": [3, 4],
        "hidden_bias": False,
        "output_bias": False,
    }
    assert set(net.arrays) == {"W1", "W2", "a"}


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({}, "expected at least two Linear layers, got 0"),
        (linear("0", 1, 2), "expected at least two Linear layers, got 1"),
        ({**linear("0", 3, 2), **linear("2", 1, 4)}, "2.weight: expected 3 columns"),
        ({**linear("0", 3, 2), **linear("2", 2, 3)}, "2.weight: expected one output, got 2"),
        ({**linear("0", 3, 2), "1.running_mean": np.zeros(3)}, "1.running_mean: expected weight and bias"),
        ({**linear("0", 3, 2), "1.weight": np.zeros(3)}, r"1.weight: expected the matrix of a Linear layer"),
        ({"0.bias": np.zeros(3), **linear("2", 1, 3)}, "0.weight: expected the matrix"),
        ({**linear("0", 3, 2), **linear("2", 1, 3), "2.bias": np.zeros(2)}, "2.bias: expected 1 numbers"),
        ({**linear("0", 3, 2), **linear("2", 3, 3, False), **linear("4", 1, 3)}, "expected a bias in all hidden"),
        ({**linear("0", 3, 2), "2.weight": np.array([[np.nan] * 3])}, r"2.weight\[0\]\[0\]: expected a finite"),
        ({"0.weight": "code", **linear("2", 1, 3)}, "0.weight: expected weight and bias"),
    ],
)
def test_refused_state_dicts(state: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=f"^net.pt: {said}"):
        from_state_dict(state, RELU, "net.pt")


# -- nn.Sequential by stand-ins ----------------------------------------------------------------------------------------


def module(kind: str, where: str = "torch.nn.modules.some", **attributes: Any) -> Any:
    """An object whose class has this name and home."""
    return type(kind, (), {"__module__": where, **attributes})()


def layer(rows: int, columns: int, bias: bool = True) -> Any:
    return module("Linear", weight=np.ones((rows, columns)), bias=np.ones(rows) if bias else None)


@pytest.mark.parametrize(
    ("between", "activation"),
    [
        (module("Tanh"), "tanh"),
        (module("LeakyReLU", negative_slope=0.01), {"name": "leaky_relu", "slope": fmpq(1, 100)}),
        (module("ELU", alpha=1.0), {"name": "elu", "alpha": 1}),
        (module("Softplus", beta=1.0, threshold=20.0), "softplus"),
        (module("GELU", approximate="none"), "gelu"),
        (module("Hardtanh", min_val=-1.0, max_val=1.0), "hard_tanh"),
    ],
)
def test_sequential(between: Any, activation: object) -> None:
    net = from_sequential([layer(2, 3), between, layer(4, 2), between, layer(1, 4, False)])
    kind = {"kind": "feedforward", "activation": activation, "hidden": [2, 4], "output_bias": False}
    assert net.network == kind


def test_sequential_without_activations_is_linear() -> None:
    assert from_sequential([layer(2, 3), layer(1, 2)]).network["activation"] == "linear"


@pytest.mark.parametrize(
    ("modules", "said"),
    [
        ([layer(2, 3), module("Dropout"), layer(1, 2)], r"\[1\]: expected Linear or one of .* got Dropout"),
        ([layer(2, 3), module("Tanh", "mine"), layer(1, 2)], r"\[1\]: expected Linear or one of"),
        ([layer(2, 3), module("GELU", approximate="tanh"), layer(1, 2)], "expected GELU with approximate = none"),
        ([layer(2, 3), module("Softplus", beta=2), layer(1, 2)], r"expected Softplus with beta = 1, got 2"),
        ([layer(2, 3), module("Hardtanh", min_val=0, max_val=1), layer(1, 2)], "Hardtanh with min_val = -1"),
        ([module("Tanh"), layer(2, 3), layer(1, 2)], r"\[0\]: expected a Linear layer before each activation"),
        ([layer(2, 3), module("Tanh"), module("Tanh"), layer(1, 2)], r"\[2\]: expected a Linear layer before"),
        ([layer(2, 3), module("Tanh"), layer(1, 2), module("Tanh")], "none at the end, got 2 Linear"),
        ([layer(2, 3), module("Tanh"), layer(2, 2), layer(1, 2)], "expected an activation between any two"),
        (
            [layer(2, 3), module("Tanh"), layer(2, 2), module("ReLU"), layer(1, 2)],
            "expected one activation for all layers, got relu, tanh",
        ),
    ],
)
def test_refused_sequentials(modules: list[Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        from_sequential(modules)


# -- PyTorch -----------------------------------------------------------------------------------------------------------


def test_without_pytorch_its_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(InputError, match=r"net\.pt: expected PyTorch, to read its files \(pip install"):
        read_state_dict("net.pt")


class TestWithPyTorch:
    """Files that PyTorch itself has written."""

    @pytest.fixture
    def torch(self) -> Any:
        return pytest.importorskip("torch", reason="PyTorch (optional extra) is not installed")

    def sequential(self, torch: Any, dtype: Any) -> Any:
        torch.manual_seed(1)
        nn = torch.nn
        return nn.Sequential(nn.Linear(2, 3), nn.SiLU(), nn.Linear(3, 2), nn.SiLU(), nn.Linear(2, 1)).to(dtype)

    @pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
    @pytest.mark.parametrize("wrapped", [False, True])
    def test_files_and_models_agree(self, torch: Any, dtype: str, wrapped: bool, tmp_path: Path) -> None:
        model = self.sequential(torch, getattr(torch, dtype))
        state = model.state_dict()
        torch.save({"epoch": 3, "model_state_dict": state} if wrapped else state, tmp_path / "net.pt")
        net = from_state_dict(read_state_dict(tmp_path / "net.pt"), activation("SiLU"))
        assert net == from_sequential(model)
        assert net.arrays["W1"][0][0] == fmpq(*model[0].weight[0, 0].item().as_integer_ratio())

    def test_sparse_tensors_are_refused(self, torch: Any) -> None:
        state = {"0.weight": torch.eye(2).to_sparse(), "2.weight": torch.ones(1, 2)}
        with pytest.raises(InputError, match=r"^0\.weight: expected a plain tensor of floats, got Tensor"):
            from_state_dict(state, RELU)

    def test_a_model_with_its_code_is_not_loaded(self, torch: Any, tmp_path: Path) -> None:
        torch.save(self.sequential(torch, torch.float32), tmp_path / "model.pt")
        with pytest.raises(InputError, match=r"model\.pt: expected the state_dict of a model, written by torch\.save"):
            read_state_dict(tmp_path / "model.pt")

    def test_other_files(self, torch: Any, tmp_path: Path) -> None:
        (tmp_path / "junk.pt").write_bytes(b"junk")
        with pytest.raises(InputError, match="expected the state_dict of a model"):
            read_state_dict(tmp_path / "junk.pt")
        torch.save(torch.zeros(3), tmp_path / "tensor.pt")
        with pytest.raises(InputError, match="expected a state_dict, got"):
            read_state_dict(tmp_path / "tensor.pt")
        with pytest.raises(InputError, match="expected a readable file"):
            read_state_dict(tmp_path / "none.pt")
