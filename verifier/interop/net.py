"""Weights as arrays with the keys of point files, and the net that their shapes mean."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from verifier.case.errors import InputError, Refused
from verifier.case.npz_file import read_arrays
from verifier.case.reading import read_bytes
from verifier.case.tables import Table
from verifier.checker.number import Exact
from verifier.interop.exact import Nested, entries, shape
from verifier.interop.functions import Function

LAYERS = range(1, 100)
SAMPLES = ("X", "y", "t", "multiplicity")
_DEEP = "deep."
_EXPONENTIAL = ("exponential.a", "exponential.w", "exponential.b")
_LAYERED = ("a0", "a", "W", "b", *(f"{key}{n}" for n in LAYERS for key in "Wb"))
WEIGHTS = (*_LAYERED, *(_DEEP + key for key in _LAYERED), *_EXPONENTIAL)


@dataclass(frozen=True)
class Net:
    """The table [network] of a case file, and the arrays of the point (keys of point files)."""

    network: Table
    arrays: Mapping[str, Nested]
    words: str
    remarks: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The number of parameters."""
        return sum(1 for array in self.arrays.values() for _ in entries(array))


def read_arrays_of(path: str | os.PathLike[str]) -> dict[str, Nested]:
    """All arrays of an npz file, weights and samples, without pickle.  Raises InputError."""
    name = os.fspath(path)
    try:
        content = read_bytes(Path(name), "a NumPy .npz file")
        return read_arrays(content, os.path.basename(name), "", (*SAMPLES, *WEIGHTS))
    except Refused as problem:
        raise InputError(name, problem.key, problem.message) from None


def read_net(
    path: str | os.PathLike[str], activation: Function, deep: Function | None = None, decay: Exact | None = None
) -> Net:
    """The net whose weights are in an npz file; arrays of samples in it are left aside.  Raises InputError."""
    arrays = {key: value for key, value in read_arrays_of(path).items() if key not in SAMPLES}
    return from_arrays(arrays, activation, deep, decay, os.fspath(path))


def from_arrays(
    arrays: Mapping[str, Nested],
    activation: Function,
    deep: Function | None = None,
    decay: Exact | None = None,
    path: str = "",
) -> Net:
    """The net of arrays of exact numbers. a0 may have one entry in brackets, and a the form of a matrix of one row.

    `deep` is the activation of the arrays deep.*, `decay` the decay of exponential.*. Raises InputError;
    whether all shapes agree is left to the reader of case files.
    """
    found = {key: _squeezed(key, value) for key, value in arrays.items()}
    main = {key: value for key, value in found.items() if "." not in key}
    below = {key.removeprefix(_DEEP): value for key, value in found.items() if key.startswith(_DEEP)}
    neuron = any(key in found for key in _EXPONENTIAL)
    _require_both(bool(below), deep is not None, "deep.*", "--deep-activation", path)
    _require_both(neuron, decay is not None, "exponential.*", "--exponential-decay", path)
    hidden = _hidden(main, path, "")
    single = len(hidden) == 1 and "W1" not in main
    kind = "shortcut" if below else "single-layer" if single else "feedforward"
    if below and not single:
        raise InputError(path, "W", "expected one hidden layer beside the deep part, got several")
    size: Table = {"width": hidden[0]} if single else {"hidden": list(hidden)}
    network = {"kind": kind, **_layered(activation, size, main)}
    words = f"{kind} net ({activation.name}, {'width' if single else 'hidden layers'} {', '.join(map(str, hidden))})"
    if below and deep is not None:
        under = _hidden(below, path, _DEEP)
        network["deep"] = _layered(deep, {"hidden": list(under)}, below)
        words += f" with a deep part ({deep.name}, hidden layers {', '.join(map(str, under))})"
    if decay is not None:
        network["exponential"] = {"decay": decay}
        words += " with an exponential neuron"
    mapped = [activation.mapping, *([deep.mapping] if deep else [])]
    return Net(network, found, words, tuple(mapped))


def _require_both(there: bool, given: bool, arrays: str, option: str, path: str) -> None:
    if there and not given:
        raise InputError("", option, f"expected it, as there are arrays {arrays}, got nothing")
    if given and not there:
        raise InputError(path, arrays, f"expected arrays of these names, as {option} is given, got nothing")


def _squeezed(key: str, value: Nested) -> Nested:
    """a0 without brackets, a as a list: PyTorch and NumPy users have them as 1 x 1 and 1 x width."""
    name = key.removeprefix(_DEEP)
    if name == "a0" and set(shape(value)) <= {1}:
        return next(entries(value))
    if name == "a" and len(shape(value)) == 2 and 1 in shape(value):
        return list(entries(value))
    return value


def _hidden(own: Mapping[str, Nested], path: str, prefix: str) -> tuple[int, ...]:
    """The sizes of the hidden layers."""
    if "W1" in own:
        matrices = list(_matrices(own))
        layers = [str(n) for n in range(1, len(matrices) + 1)]
        _check_names(own, layers, path, prefix)
    elif "W" in own:
        _check_names(own, [""], path, prefix)
        matrices = own["W"] if len(shape(own["W"])) == 3 else [own["W"]]
    else:
        raise InputError(path, f"{prefix}W", "expected an array W (or W1, W2, ...), got nothing")
    for matrix in matrices:
        if len(shape(matrix)) != 2:
            raise InputError(path, f"{prefix}W", f"expected matrices, got an array of shape {shape(matrix)}")
    return tuple(len(matrix) for matrix in matrices)


def _check_names(own: Mapping[str, Nested], layers: list[str], path: str, prefix: str) -> None:
    """There is W and, if there are biases, b of each layer, and nothing else beside a and a0."""
    biased = any(key.startswith("b") for key in own)
    wanted = [key + n for n in layers for key in ("W", *("b" * biased))]
    for key in (*wanted, *sorted(set(own) - {*wanted, "a", "a0"})):
        if key not in own or key not in wanted:
            got = "nothing" if key not in own else "an array of this name"
            raise InputError(path, prefix + key, f"expected arrays {', '.join(wanted)} beside a and a0, got {got}")


def _matrices(own: Mapping[str, Nested]) -> Iterator[Nested]:
    for n in LAYERS:
        if f"W{n}" not in own:
            return
        yield own[f"W{n}"]


def _layered(activation: Function, size: Table, own: Mapping[str, Nested]) -> Table:
    parameters = activation.parameters
    table: Table = {"activation": {"name": activation.name, **parameters} if parameters else activation.name, **size}
    if "b" not in own and "b1" not in own:
        table["hidden_bias"] = False
    if "a0" not in own:
        table["output_bias"] = False
    return table


def point_table(net: Net) -> Table:
    """The table [point] with [point.deep] and [point.exponential], number by number."""
    table = _layers({key: value for key, value in net.arrays.items() if "." not in key})
    for name in ("deep", "exponential"):
        own = {key.partition(".")[2]: value for key, value in net.arrays.items() if key.startswith(f"{name}.")}
        if own:
            table[name] = _layers(own)
    return table


def _layers(own: Mapping[str, Nested]) -> Table:
    """W and b as lists of layers where each layer has arrays of its own."""
    numbers = [n for n in LAYERS if f"W{n}" in own]
    if not numbers:
        return dict(own)
    stacked = {key: [own[f"{key}{n}"] for n in numbers] for key in "Wb" if f"{key}1" in own}
    return {**{key: own[key] for key in ("a0", "a") if key in own}, **stacked}
