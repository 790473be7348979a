"""Weights of PyTorch nets: a saved state_dict, one in memory, or an nn.Sequential in memory.

Nothing here unpickles code: files are read with weights_only=True. A state_dict is any mapping from names to arrays
with `tolist()`, so that everything but reading a file works without PyTorch.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from verifier.case.errors import InputError, describe, shorten
from verifier.interop.exact import Nested, exact_numbers, shape
from verifier.interop.functions import Function, activation
from verifier.interop.net import Net, from_arrays

_WRAPPED = ("state_dict", "model_state_dict")
_LINEAR = "Linear"
# Class of a layer -> the attribute that is the number behind its name, and attributes that must have these values.
_NUMBERS = {"LeakyReLU": "negative_slope", "ELU": "alpha"}
_FIXED: Mapping[str, Mapping[str, object]] = {
    "Softplus": {"beta": 1},
    "GELU": {"approximate": "none"},
    "Hardtanh": {"min_val": -1, "max_val": 1},
}
_LAYERS = ("ReLU", "LeakyReLU", "Tanh", "Sigmoid", "Softplus", "SiLU", "GELU", "ELU", "SELU", "Hardtanh")


def read_state_dict(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The state_dict in a file written by torch.save (itself, or as "state_dict" of a checkpoint).

    Raises InputError, also where PyTorch is not installed.
    """
    name = os.fspath(path)
    try:
        import torch
    except ImportError:
        expected = "PyTorch, to read its files (pip install 'loss-surface-verifier[torch]')"
        raise InputError(name, "", f"expected {expected}, got none installed") from None
    try:
        found = torch.load(name, map_location="cpu", weights_only=True)
    except OSError as problem:
        raise InputError(name, "", f"expected a readable file, got an error: {problem.strerror}") from None
    except Exception:  # PyTorch does not say which: its unpickler meets whatever a stranger wrote
        wanted = "the state_dict of a model, written by torch.save(model.state_dict(), ...)"
        got = "what PyTorch does not load with weights_only=True"
        raise InputError(name, "", f"expected {wanted}, got {got}") from None
    for key in _WRAPPED:
        if isinstance(found, Mapping) and isinstance(found.get(key), Mapping):
            found = found[key]
    if not isinstance(found, Mapping):
        raise InputError(name, "", f"expected a state_dict, got {describe(type(found).__name__)}")
    return {str(key): value for key, value in found.items()}


def from_state_dict(state: Mapping[str, Any], function: Function, path: str = "") -> Net:
    """The net of a state_dict: Linear layers in the order of definition, `function` between them.

    Raises InputError for other parameters, sizes that do not follow one another, more than one output.
    """
    layers: dict[str, dict[str, Any]] = {}
    for key, value in state.items():
        prefix, _, name = key.rpartition(".")
        if name not in ("weight", "bias") or not hasattr(value, "tolist"):
            raise InputError(path, key, "expected weight and bias of Linear layers only, got another entry")
        layers.setdefault(prefix, {})[name] = _numbers(value, path, key)
    return _net(list(layers.items()), function, path)


def from_sequential(model: Iterable[Any]) -> Net:
    """The net of an nn.Sequential of Linear layers with one activation between them (none at all: linear).

    Raises InputError for layers that case files cannot say, such as Dropout or GELU(approximate="tanh").
    """
    layers: list[tuple[str, dict[str, Any]]] = []
    functions: list[Function] = []
    for k, module in enumerate(model):
        kind = _kind(module, f"[{k}]")
        if kind != _LINEAR:
            if len(functions) + 1 != len(layers):
                raise InputError("", f"[{k}]", f"expected a Linear layer before each activation, got {kind}")
            functions.append(_activation(module, kind, f"[{k}]"))
            continue
        own = {"weight": module.weight, **({} if module.bias is None else {"bias": module.bias})}
        layers.append((str(k), {n: _numbers(v, "", f"{k}.{n}") for n, v in own.items()}))
    if functions and len(functions) != len(layers) - 1:
        got = f"{len(layers)} Linear layers and {len(functions)} activations"
        raise InputError("", "", f"expected an activation between any two Linear layers and none at the end, got {got}")
    if len(set(functions)) > 1:
        got = ", ".join(sorted({f.name for f in functions}))
        raise InputError("", "", f"expected one activation for all layers, got {got}")
    return _net(layers, functions[0] if functions else activation("linear"), "")


def _numbers(tensor: Any, path: str, key: str) -> Nested:
    try:
        listed = tensor.tolist()
    except (RuntimeError, TypeError, ValueError):  # a sparse or quantized tensor, or one without storage
        raise InputError(path, key, f"expected a plain tensor of floats, got {type(tensor).__name__}") from None
    return exact_numbers(listed, path, key)


def _kind(module: Any, key: str) -> str:
    """The class of a layer of PyTorch itself; a subclass may compute anything."""
    kind = type(module)
    if not kind.__module__.startswith("torch.nn.") or kind.__name__ not in (_LINEAR, *_LAYERS):
        raise InputError("", key, f"expected Linear or one of {', '.join(_LAYERS)}, got {shorten(kind.__name__)}")
    return kind.__name__


def _activation(module: Any, kind: str, key: str) -> Function:
    for name, value in _FIXED.get(kind, {}).items():
        if getattr(module, name) != value:
            raise InputError("", key, f"expected {kind} with {name} = {value}, got {getattr(module, name)}")
    number = _NUMBERS.get(kind)
    return activation(kind if number is None else f"{kind}({getattr(module, number)!r})", key)


def _net(layers: list[tuple[str, dict[str, Nested]]], function: Function, path: str) -> Net:
    if len(layers) < 2:
        raise InputError(path, "", f"expected at least two Linear layers, got {len(layers)}")
    previous = None
    for prefix, own in layers:
        key = f"{prefix}.weight"
        size = shape(own.get("weight", []))
        if len(size) != 2 or size[0] == 0:
            raise InputError(path, key, f"expected the matrix of a Linear layer, got shape {size}")
        if previous is not None and size[1] != previous:
            raise InputError(path, key, f"expected {previous} columns, as the layer before has outputs, got {size[1]}")
        if "bias" in own and shape(own["bias"]) != (size[0],):
            raise InputError(path, f"{prefix}.bias", f"expected {size[0]} numbers, got shape {shape(own['bias'])}")
        previous = size[0]
    *hidden, (last, output) = layers
    if previous != 1:
        raise InputError(path, f"{last}.weight", f"expected one output, got {previous}")
    if len({"bias" in own for _, own in hidden}) > 1:
        raise InputError(path, "", "expected a bias in all hidden layers or in none, got some")
    arrays: dict[str, Nested] = {"a0": output["bias"][0]} if "bias" in output else {}
    arrays["a"] = output["weight"][0]
    for n, (_, own) in enumerate(hidden, 1):
        number = "" if len(hidden) == 1 else n
        arrays[f"W{number}"] = own["weight"]
        if "bias" in own:
            arrays[f"b{number}"] = own["bias"]
    return from_arrays(arrays, function, path=path)
