"""Reading one node of a proof: every field is a stranger's until it has been looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .case import Case
from .errors import Rejected, require
from .expression import ALL_FUNCTIONS, ExpressionProblem, parse_number
from .number import Exact
from .state import Unit

Node = Mapping[str, Any]
_FUNCTIONS = ALL_FUNCTIONS | {"softplus"}
MAX_CURVE = 24  # coefficients of a curve


def node(value: Any, where: str) -> Node:
    """A JSON object."""
    if not isinstance(value, dict):
        raise Rejected(where, f"expected an object, got {type(value).__name__}")
    return value


def items(value: Any, where: str, size: int | None = None) -> list[Any]:
    """A JSON list, of the given size if there is one."""
    if not isinstance(value, list):
        raise Rejected(where, f"expected a list, got {type(value).__name__}")
    require(size is None or len(value) == size, where, f"expected {size} entries, got {len(value)}")
    return value


def only(it: Node, keys: set[str], where: str) -> None:
    """The node has these keys (and "rule", perhaps) and no others."""
    extra, missing = sorted(set(it) - keys - {"rule"}), sorted(keys - set(it))
    require(not extra, where, f"unknown field {', '.join(extra)}")
    require(not missing, where, f"missing field {', '.join(missing)}")


def integer(value: Any, where: str, low: int, high: int) -> int:
    """An integer within low..high."""
    if type(value) is not int or not low <= value <= high:
        raise Rejected(where, f"expected an integer from {low} to {high}, got {value!r:.40}")
    return value


def exact(value: Any, where: str) -> Exact:
    """An exact number as text, in the grammar of case files with all its functions (canonical forms use them)."""
    if not isinstance(value, str):
        raise Rejected(where, f"expected a number as text, got {type(value).__name__}")
    try:
        return parse_number(value, _FUNCTIONS)
    except ExpressionProblem as problem:
        raise Rejected(where, str(problem)) from None


def vector(value: Any, where: str, size: int) -> tuple[Exact, ...]:
    """A list of `size` exact numbers."""
    found = items(value, where, size)
    return tuple(exact(v, f"{where}[{k}]") for k, v in enumerate(found))


def curve(value: Any, where: str, size: int) -> list[tuple[Exact, ...]]:
    """The coefficients of t, t^2, ... of a curve through the point, each a vector of `size` numbers."""
    rows = items(value, where)
    require(0 < len(rows) <= MAX_CURVE, where, f"expected 1 to {MAX_CURVE} coefficients, got {len(rows)}")
    return [vector(row, f"{where}[{k}]", size) for k, row in enumerate(rows)]


def unit(value: Any, case: Case, where: str) -> Unit:
    """[part, layer, unit], each counted from 0."""
    numbers = items(value, where, 3)
    part = integer(numbers[0], where, 0, len(case.parts) - 1)
    layer = integer(numbers[1], where, 0, case.parts[part].depth - 1)
    return part, layer, integer(numbers[2], where, 0, case.parts[part].hidden[layer] - 1)
