"""The [data] table: samples from the case file itself, or from a csv or npz file beside it."""

from __future__ import annotations

from pathlib import Path

from verifier.case.csv_file import decode_csv
from verifier.case.errors import Refused, describe, refuse
from verifier.case.folder import read_inside
from verifier.case.npz_file import read_arrays
from verifier.case.raw import Data as RawData
from verifier.case.types import Data, Matrix
from verifier.case.vectors import as_list, integer, numbers, plural, sized_list, vector

# Python writes integers of more digits only on special request, and a certificate contains them.
_MAX_DIGITS = 4_000
_POSITIVE = f"a positive integer of at most {_MAX_DIGITS} digits"
_ARRAYS = {"X": "inputs", "y": "labels", "t": "targets", "multiplicity": "multiplicity"}


def decode_data(table: RawData, folder: Path) -> Data:
    """The samples with exact inputs.  Raises Refused: zero samples, ragged inputs, labels other than 1 and -1,
    both or neither of labels and targets, lengths that do not agree, whatever is wrong with a data file."""
    if table.file is None:
        return _decode(table)
    content = _from_file(table, table.file, folder)
    try:
        return _decode(content)
    except Refused as problem:
        raise problem.inside("data.file", table.file, "data") from None


def _from_file(table: RawData, name: str, folder: Path) -> RawData:
    for other in ("inputs", "labels", "targets"):
        if getattr(table, other) is not None:
            raise refuse(f"data.{other}", "no such key beside data.file", describe(getattr(table, other)))
    ending, content = read_inside(folder, name, "data.file", (".csv", ".npz"))
    data = decode_csv(content, name) if ending == ".csv" else _from_arrays(content, name)
    if table.multiplicity is not None:
        if data.multiplicity is not None:
            expected = f"no such key, as {describe(name)} has multiplicities"
            raise refuse("data.multiplicity", expected, describe(table.multiplicity))
        data.multiplicity = table.multiplicity
    return data


def _from_arrays(content: bytes, name: str) -> RawData:
    arrays = read_arrays(content, name, "data.file", tuple(_ARRAYS))
    for array, value in arrays.items():
        if not isinstance(value, list):
            raise refuse("data.file", f"a list of numbers as array {array} of {describe(name)}", "one number")
    return RawData(**{_ARRAYS[array]: value for array, value in arrays.items()})


def _decode(table: RawData) -> Data:
    inputs = _inputs(table.inputs)
    count = len(inputs)
    if (table.labels is None) == (table.targets is None):
        got = "nothing" if table.labels is None else "both"
        raise refuse("data.labels", f"a list of {plural(count, 'label')} or, instead, targets", got)
    labels = targets = None
    if table.labels is not None:
        listed = sized_list(table.labels, "data.labels", count, "label", "one for each sample")
        labels = tuple([_label(item, f"data.labels[{index}]") for index, item in enumerate(listed)])
    else:
        targets = vector(table.targets, "data.targets", count, "one for each sample")
    return Data(inputs, labels, targets, _multiplicity(table.multiplicity, count))


def _inputs(items: list[object] | None) -> Matrix:
    expected = "a list of inputs, one list of numbers for each sample"
    if items is None:
        raise refuse("data.inputs", f"{expected} (or data.file)", "nothing")
    if not items:
        raise refuse("data.inputs", "at least one sample", "none")
    dimension = len(as_list(items[0], "data.inputs[0]", "a list of numbers"))
    if dimension == 0:
        raise refuse("data.inputs[0]", "at least one number", "an empty list")
    rows = []
    for index, item in enumerate(items):
        key = f"data.inputs[{index}]"
        row = as_list(item, key, f"a list of {plural(dimension, 'number')}")
        if len(row) != dimension:
            raise refuse(key, f"a list of {plural(dimension, 'number')}, as data.inputs[0] is", describe(row))
        rows.append(numbers(row, key))
    return tuple(rows)


def _label(item: object, key: str) -> int:
    return integer(item, key, "1 or -1", lambda value: value in (1, -1))


def _multiplicity(items: list[object] | None, count: int) -> tuple[int, ...]:
    if items is None:
        return (1,) * count
    listed = sized_list(items, "data.multiplicity", count, "multiplicity", "one for each sample")
    return tuple(
        [
            integer(item, f"data.multiplicity[{index}]", _POSITIVE, lambda count: 0 < count < 10**_MAX_DIGITS)
            for index, item in enumerate(listed)
        ]
    )
