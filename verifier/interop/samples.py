"""Samples from an npz or csv file, and their outcomes as the labels or targets that the loss asks for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flint import fmpq

from verifier.case.csv_file import decode_csv
from verifier.case.errors import InputError, Refused
from verifier.case.numbers import number, text_of
from verifier.case.reading import read_bytes
from verifier.checker.number import Exact
from verifier.interop.exact import Nested, entries, shape
from verifier.interop.functions import LossFunction
from verifier.interop.net import SAMPLES, read_arrays_of

_CLASSES = {
    "signs": ("-1 or 1", (-1, 1)),
    "bits": ("0 or 1", (0, 1)),
    "classes": ("-1 or 1 (or 0 or 1)", (-1, 0, 1)),
}


@dataclass(frozen=True)
class Samples:
    """n inputs, and exactly one of labels and targets; `mapping` says what became of the outcomes."""

    inputs: list[list[Exact]]
    outcomes: list[Exact]
    are_labels: bool
    multiplicity: list[Exact] | None
    mapping: str


def read_samples(path: str | os.PathLike[str], loss: LossFunction) -> Samples:
    """The samples of a file: arrays X, y or t, perhaps multiplicity, or a csv file.  Raises InputError."""
    name = os.fspath(path)
    if name.lower().endswith(".csv"):
        return samples_of(_csv_arrays(name), loss, name)
    return samples_of({k: v for k, v in read_arrays_of(name).items() if k in SAMPLES}, loss, name)


def _csv_arrays(path: str) -> dict[str, Nested]:
    try:
        data = decode_csv(read_bytes(Path(path), "a csv file"), os.path.basename(path))
        columns: dict[str, Any] = {"X": data.inputs, "y": data.labels, "t": data.targets}
        columns["multiplicity"] = data.multiplicity
        return {key: _decoded(value, key) for key, value in columns.items() if value is not None}
    except Refused as problem:
        raise InputError(path, problem.key.removeprefix("data.file"), problem.message) from None


def _decoded(texts: Any, key: str) -> Nested:
    if isinstance(texts, list):
        return [_decoded(item, f"{key}[{k}]") for k, item in enumerate(texts)]
    return number(texts, key)


def samples_of(arrays: Mapping[str, Nested], loss: LossFunction, path: str = "") -> Samples:
    """The samples of arrays of exact numbers: X (n x d), y or t (n, or n x 1), perhaps multiplicity (n).

    y are classes, unless the loss is one of real values and y is not all -1 and 1. Raises InputError.
    """
    if "X" not in arrays:
        raise InputError(path, "X", "expected an array X of inputs (n x d), got nothing")
    if ("y" in arrays) == ("t" in arrays):
        got = "both" if "y" in arrays else "nothing"
        raise InputError(path, "y", f"expected an array y of labels or t of targets, got {got}")
    inputs = arrays["X"]
    if len(shape(inputs)) != 2:
        raise InputError(path, "X", f"expected an array of shape (n, d), got {shape(inputs)}")
    outcomes = _column(arrays["t" if "t" in arrays else "y"], len(inputs), path, "t" if "t" in arrays else "y")
    counts = arrays.get("multiplicity")
    multiplicity = None if counts is None else _column(counts, len(inputs), path, "multiplicity")
    labels, mapping = (None, "targets as they are") if "t" in arrays else _labels(outcomes, loss, path)
    return Samples(inputs, outcomes if labels is None else labels, labels is not None, multiplicity, mapping)


def _column(values: Nested, count: int, path: str, key: str) -> list[Exact]:
    if shape(values) not in ((count,), (count, 1)):
        raise InputError(path, key, f"expected one number for each of the {count} inputs, got shape {shape(values)}")
    return list(entries(values))


def _labels(outcomes: list[Exact], loss: LossFunction, path: str) -> tuple[list[Exact] | None, str]:
    """The labels with their story, or None where the outcomes are targets."""
    if loss.outcomes == "values":
        if all(v in (fmpq(-1), fmpq(1)) for v in outcomes):
            return outcomes, "-1 and 1 are labels"
        return None, "not all -1 or 1, so they are targets as they are (there is no training error)"
    words, allowed = _CLASSES[loss.outcomes]
    for k, value in enumerate(outcomes):
        if value not in [fmpq(v) for v in allowed]:
            raise InputError(path, f"y[{k}]", f"expected {words} ({loss.mapping}), got {text_of(value)}")
    if fmpq(0) not in outcomes and loss.outcomes != "bits":
        return outcomes, "-1 and 1 are labels"
    if fmpq(-1) in outcomes:
        raise InputError(path, "y", "expected two classes, -1 and 1 or 0 and 1, got -1 and 0")
    return [fmpq(1) if v == 1 else fmpq(-1) for v in outcomes], "0 and 1 became -1 and 1"
