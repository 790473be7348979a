"""Data from a csv file: UTF-8, commas, header x1..xd, then label or target, perhaps multiplicity."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from verifier.case.errors import Refused, describe, nearest, refuse, shorten
from verifier.case.raw import Data
from verifier.case.reading import decode_utf8

_OUTCOMES = {"label": "labels", "target": "targets"}


def decode_csv(content: bytes, name: str) -> Data:
    """The columns of the file as lists of texts (numbers are decoded later, with the case's own rules).

    Raises Refused for a header or a row of the wrong form.
    """
    rows = _rows(_text(content, name), name)
    header = next(rows, (1, []))[1]
    dimension, outcome, counted = _layout(header, name)
    width = dimension + 1 + counted
    inputs: list[list[str]] = []
    columns: list[list[str]] = [[], []]
    for line, cells in rows:
        if len(cells) != width:
            raise refuse("data.file", f"{width} cells in line {line} of {describe(name)}", str(len(cells)))
        inputs.append(cells[:dimension])
        for column, cell in zip(columns, cells[dimension:], strict=False):
            column.append(cell)
    data = Data(inputs=inputs, multiplicity=columns[1] if counted else None)
    setattr(data, _OUTCOMES[outcome], columns[0])
    return data


def _text(content: bytes, name: str) -> str:
    try:
        return decode_utf8(content)
    except Refused as problem:
        raise refuse("data.file", f"{problem.expected} in {describe(name)}", problem.got) from None


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and stripped cells of every row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells) or len(cells) > 1:
                yield reader.line_num, cells
    except csv.Error as problem:
        got = f"{shorten(str(problem))} in line {reader.line_num}"
        raise refuse("data.file", f"comma-separated values in {describe(name)}", got) from None


def _layout(header: list[str], name: str) -> tuple[int, str, int]:
    """The dimension d, the name of the outcome's column, and 1 if multiplicities follow, else 0."""
    form = f"a header x1,...,xd, then label or target, then perhaps multiplicity in {describe(name)}"
    if not header:
        raise refuse("data.file", form, "nothing")
    dimension = 0
    while dimension < len(header) and header[dimension] == f"x{dimension + 1}":
        dimension += 1
    rest = header[dimension:]
    if dimension == 0 or not rest:
        raise refuse("data.file", form, describe(",".join(header)))
    if rest[0] not in _OUTCOMES:
        raise refuse("data.file", form, describe(rest[0]) + nearest(rest[0], [f"x{dimension + 1}", *_OUTCOMES]))
    if rest[1:] not in ([], ["multiplicity"]):
        raise refuse("data.file", form, describe(",".join(header)))
    return dimension, rest[0], len(rest) - 1
