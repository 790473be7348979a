"""[point] and [better] from an npz file: the same keys as arrays, floats as their exact binary value.

    single-layer part    a0, a, W, b
    feedforward part     a0, a, W1, ..., WL, b1, ..., bL    (or W and b, stacked, where all layers have one size)
    shortcut             the names of [point.deep] begin with "deep.":  deep.a0, deep.a, deep.W1, ..., deep.b1, ...
    [point.exponential]  exponential.a, exponential.w, exponential.b

Scalars (a0, exponential.a, exponential.b) are arrays without dimensions. As in the case file, an array for a bias that
the net does not have must be absent and every other is required.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from verifier.case import raw
from verifier.case.errors import Refused, describe, refuse
from verifier.case.folder import read_inside
from verifier.case.npz_file import Arrays, read_arrays
from verifier.case.points import decode_point
from verifier.case.types import Layered, Network, Point

_DEEP, _EXPONENTIAL = "deep.", "exponential."


def read_point(table: raw.Point, network: Network, dimension: int, folder: Path, key: str) -> Point:
    """The point in the file that `table` names; `key` is point or better.  Raises Refused with `key`.file."""
    name = table.file
    assert name is not None
    for other in table.__struct_fields__:
        value = getattr(table, other)
        if other != "file" and value is not None:
            raise refuse(f"{key}.{other}", f"no such key beside {key}.file", describe(value))
    _, content = read_inside(folder, name, f"{key}.file", (".npz",))
    arrays = read_arrays(content, name, f"{key}.file", _names(network))
    try:
        return decode_point(_tables(arrays, network), network, dimension, key)
    except Refused as problem:
        raise problem.inside(f"{key}.file", name, key) from None


def _names(network: Network) -> tuple[str, ...]:
    names = _layered_names(network.main, network.kind == "feedforward")
    if network.deep is not None:
        names += [_DEEP + name for name in _layered_names(network.deep, True)]
    if network.exponential_decay is not None:
        names += [_EXPONENTIAL + name for name in raw.ExponentialPoint.__struct_fields__]
    return tuple(names)


def _layered_names(part: Layered, nested: bool) -> list[str]:
    numbers = range(1, len(part.hidden) + 1) if nested else ()
    return ["a0", "a", "W", "b", *(f"W{n}" for n in numbers), *(f"b{n}" for n in numbers)]


def _tables(arrays: Arrays, network: Network) -> raw.Point:
    """The arrays in the form that [point] has in a case file."""
    point = raw.Point(**_layered(arrays, network.main, "" if network.kind == "feedforward" else None))
    if network.deep is not None and any(name.startswith(_DEEP) for name in arrays):
        point.deep = raw.LayeredPoint(**_layered(arrays, network.deep, _DEEP))
    if any(name.startswith(_EXPONENTIAL) for name in arrays):
        point.exponential = raw.ExponentialPoint(**_below(arrays, _EXPONENTIAL))
    return point


def _layered(arrays: Arrays, part: Layered, prefix: str | None) -> dict[str, Any]:
    """The keys a0, a, W, b of one part; `prefix` is None where W and b are single arrays."""
    own = _below(arrays, prefix or "")
    table = {name: own[name] for name in raw.LayeredPoint.__struct_fields__ if name in own}
    if prefix is not None:
        for name in ("W", "b"):
            layers = _gathered(own, name, len(part.hidden), prefix)
            if layers is not None:
                table[name] = layers
    return table


def _below(arrays: Arrays, prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}


def _gathered(own: dict[str, Any], name: str, layers: int, prefix: str) -> list[Any] | None:
    """[W1, ..., WL], or None if there is no array of a single layer.  Raises Refused when only some are there."""
    wanted = [f"{name}{number}" for number in range(1, layers + 1)]
    missing = [array for array in wanted if array not in own]
    if len(missing) == layers:
        return None
    if missing:
        raise refuse(prefix + missing[0], f"an array for each of the {layers} layers", "nothing")
    if name in own:
        raise refuse(prefix + name, f"no such array beside {prefix}{wanted[0]}", "both")
    return [own[array] for array in wanted]
