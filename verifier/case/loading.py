"""From a file, or the text of one, to the case that it means."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from verifier.case import raw
from verifier.case.claims import decode_claim
from verifier.case.data import decode_data
from verifier.case.errors import InputError, Refused, describe, refuse
from verifier.case.functions import decode_loss
from verifier.case.networks import decode_network
from verifier.case.point_file import read_point
from verifier.case.points import decode_point
from verifier.case.reading import decode_utf8, parse_toml, read_bytes
from verifier.case.types import Case, Network, Parts, Point

SCHEMA = 1


def load(path: str | os.PathLike[str]) -> Case:
    """The case in a file, exact in every number.

    Raises InputError for everything that is wrong with the file; nothing in it is ever executed.
    """
    name = os.fspath(path)
    return _named(name, lambda: decode_utf8(read_bytes(Path(name), "a case file")))


def loads(text: str, path: str = "-") -> Case:
    """The case in a text; `path` names it in messages, and data files are looked for beside it.

    With the default, "-" for standard input, that is the working directory. Raises InputError as `load` does.
    """
    return _named(path, lambda: text)


def _named(path: str, text: Callable[[], str]) -> Case:
    try:
        return Case.of(decode_case(parse_toml(text()), path))
    except Refused as problem:
        raise InputError(path, problem.key, problem.message) from None


def decode_case(tables: dict[str, object], path: str) -> Parts:
    """What the plain tables of a file mean.  Raises Refused."""
    _check_schema(tables)
    table = raw.convert(tables, raw.Case)
    folder = Path(path).parent
    data = decode_data(table.data, folder)
    network = decode_network(table.network)
    targets = data.targets is not None
    return Parts(
        title=table.title,
        source=table.source,
        notes=table.notes,
        data=data,
        network=network,
        loss=decode_loss(table.loss, targets),
        point=_point(table.point, network, data.dimension, folder, "point"),
        better=_point(table.better, network, data.dimension, folder, "better"),
        claims=tuple(
            decode_claim(claim, index, table.point is not None, targets) for index, claim in enumerate(table.claim)
        ),
        path=path,
    )


def _check_schema(tables: dict[str, object]) -> None:
    """First of all: a file of a later format is not to be blamed for keys that this release does not know."""
    version = tables.get("schema")
    if type(version) is not int or version != SCHEMA:
        raise refuse("schema", f"schema = {SCHEMA}", describe(version))


def _point(table: raw.Point | None, network: Network, dimension: int, folder: Path, key: str) -> Point | None:
    if table is None:
        return None
    if table.file is None:
        return decode_point(table, network, dimension, key)
    return read_point(table, network, dimension, folder, key)
