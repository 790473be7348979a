"""From the arguments of `Case(...)` to its parts: they become the tables of a case file, and are read as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from verifier.case import tables
from verifier.case.errors import InputError, Refused, refuse
from verifier.case.loading import SCHEMA, decode_case
from verifier.case.plain import describe_type, plain
from verifier.case.types import Claim, Data, Loss, Network, Parts, Point, Table

_Part = TypeVar("_Part")


def parts_of(
    data: Data | Table,
    network: Network | Table,
    loss: Loss | Table | str,
    point: Point | Table | None,
    better: Point | Table | None,
    claims: Sequence[Claim | Table | str],
    title: str,
    source: str | None,
    notes: str | None,
    path: str,
) -> Parts:
    """The exact parts of a case.  Raises InputError, with the path and the key as in a file."""
    if not isinstance(path, str):
        raise InputError("", "path", f"expected a text, got {describe_type(path)}")
    try:
        net = _table(network, "network", Network, tables.network)
        nested = net.get("kind") == "feedforward"
        given: dict[str, object] = {
            "title": title,
            "source": source,
            "notes": notes,
            "data": _table(data, "data", Data, tables.data),
            "network": net,
            "loss": _table(_named(loss, "name"), "loss", Loss, tables.loss),
            "point": _point(point, "point", nested),
            "better": _point(better, "better", nested),
            "claim": _claims(claims),
        }
        read = {key: plain(value, key) for key, value in given.items() if value is not None}
        return decode_case({"schema": SCHEMA, **read}, path)
    except Refused as problem:
        raise InputError(path, problem.key, problem.message) from None


def _point(value: object, key: str, nested: bool) -> Mapping[str, object] | None:
    return None if value is None else _table(value, key, Point, lambda it: tables.point(it, nested))


def _table(value: object, key: str, part: type[_Part], table: Callable[[_Part], tables.Table]) -> Mapping[str, object]:
    if isinstance(value, part):
        return table(value)
    if isinstance(value, Mapping):
        return value
    raise refuse(key, f"a mapping with the keys of [{key}]", describe_type(value))


def _claims(claims: object) -> list[object]:
    if not isinstance(claims, Sequence) or isinstance(claims, str):
        raise refuse("claim", "a list of claims", describe_type(claims))
    return [
        _table(_named(one, "kind"), f"claim[{index}]", Claim, tables.claim) for index, one in enumerate(claims)
    ]


def _named(value: object, key: str) -> object:
    """The table that a mere name stands for."""
    return {key: value} if isinstance(value, str) else value
