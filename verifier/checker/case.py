"""The case inside a certificate, read strictly: JSON in, frozen data with exact numbers out; shapes are re-derived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flint import fmpq

from .errors import Rejected, require
from .expression import Expression, ExpressionProblem, parse_number
from .library import SpecificationProblem, activation_expression, loss_expression, shown
from .number import Exact, Undecided, shorten, sign

MAX_WIDTH = 100_000
MAX_COUNT_BITS = 13_300  # 4,000 digits; sums of such counts can be written as decimals
_LAYERED = {"activation", "hidden", "hidden_bias", "output_bias"}

Spec = Mapping[str, Any]
Vector = tuple[Exact, ...]


@dataclass(frozen=True)
class Architecture:
    """One additive part of the network: f_part = a0 + a . h_L with h_l = act(W_l h_(l-1) + b_l)."""

    name: str  # "main", "deep" or "exponential"
    spec: Spec
    activation: Expression  # in the variable z
    hidden: tuple[int, ...]
    hidden_bias: bool
    output_bias: bool

    @property
    def depth(self) -> int:
        return len(self.hidden)


@dataclass(frozen=True)
class Weights:
    """Parameters of one part: a0 (or None), a, and per layer rows of W and b (or None)."""

    a0: Exact | None
    a: Vector
    W: tuple[tuple[Vector, ...], ...]
    b: tuple[Vector, ...] | None


Theta = tuple[Weights, ...]


@dataclass(frozen=True)
class Case:
    """Everything a statement is about. Inputs n x d; exactly one of labels, targets."""

    inputs: tuple[Vector, ...]
    labels: tuple[int, ...] | None
    targets: Vector | None
    multiplicity: tuple[int, ...]
    kind: str
    parts: tuple[Architecture, ...]
    loss_spec: Spec
    weight_decay: Exact
    exponential_decay: Exact
    point: Theta | None
    better: Theta | None

    @property
    def total(self) -> int:
        """N, the number of samples counted with multiplicity."""
        return sum(self.multiplicity)

    def loss(self, sample: int) -> Expression:
        """The loss of one sample: in z = -y f with labels, in f (target substituted) with targets."""
        return loss_expression(self.loss_spec, None if self.targets is None else self.targets[sample])


def read_case(document: Any) -> Case:
    """The case of a certificate; raises Rejected naming the field. Numbers are texts, an unknown key is an error."""
    top = _mapping(document, "case", {"title", "source", "notes", "data", "network", "loss", "point", "better"})
    data = _mapping(top.get("data"), "case.data", {"inputs", "labels", "targets", "multiplicity"})
    network = _mapping(top.get("network"), "case.network", {"kind", "deep", "exponential", *_LAYERED})
    loss = _mapping(top.get("loss"), "case.loss")
    inputs = tuple(_vector(row, f"data.inputs[{i}]") for i, row in enumerate(_list(data.get("inputs"), "data.inputs")))
    require(len(inputs) > 0, "data.inputs", "expected at least one sample, got none")
    d = len(inputs[0])
    require(all(len(x) == d for x in inputs), "data.inputs", "expected rows of equal length")
    require(d > 0, "data.inputs", "expected at least one coordinate")
    labels, targets = _outcomes(data, len(inputs))
    kind = network.get("kind")
    require(kind in ("single-layer", "feedforward", "shortcut"), "network.kind", f"unknown kind {shown(kind)}")
    parts = _parts(network)
    mu: Exact = fmpq(0)
    if network.get("exponential") is not None:
        own = _mapping(network["exponential"], "network.exponential", {"decay"})
        mu = _non_negative(own.get("decay"), "network.exponential.decay")
    point, better = (
        None if top.get(key) is None else _theta(_mapping(top[key], key), parts, d, key) for key in ("point", "better")
    )
    weight_decay = _non_negative(loss.pop("weight_decay", None), "loss.weight_decay")
    multiplicity = _multiplicity(data.get("multiplicity"), len(inputs))
    for target in {None} if targets is None else set(targets):
        with _specification("loss"):
            loss_expression(loss, target)
    return Case(inputs, labels, targets, multiplicity, str(kind), parts, loss, weight_decay, mu, point, better)


@contextmanager
def _specification(where: str) -> Iterator[None]:
    try:
        yield
    except SpecificationProblem as problem:
        raise Rejected(where, str(problem)) from None


def _outcomes(data: Mapping[str, Any], n: int) -> tuple[tuple[int, ...] | None, Vector | None]:
    labels, targets = data.get("labels"), data.get("targets")
    require((labels is None) != (targets is None), "data", "expected exactly one of labels, targets")
    if targets is not None:
        values = _vector(targets, "data.targets")
        require(len(values) == n, "data.targets", f"expected {n} targets, got {len(values)}")
        return None, values
    signs = _list(labels, "data.labels")
    require(len(signs) == n, "data.labels", f"expected {n} labels, got {len(signs)}")
    for i, y in enumerate(signs):
        require(type(y) is int and y in (-1, 1), f"data.labels[{i}]", f"expected 1 or -1, got {shown(y)}")
    return tuple(signs), None


def _multiplicity(value: Any, n: int) -> tuple[int, ...]:
    counts = _list(value, "data.multiplicity")
    require(len(counts) == n, "data.multiplicity", f"expected {n} counts, got {len(counts)}")
    for i, m in enumerate(counts):
        require(type(m) is int and m > 0, f"data.multiplicity[{i}]", f"expected a positive integer, got {shown(m)}")
        require(m.bit_length() <= MAX_COUNT_BITS, f"data.multiplicity[{i}]", "the integer is too long")
    return tuple(counts)


def _parts(network: Mapping[str, Any]) -> tuple[Architecture, ...]:
    parts = [_architecture("main", network)]
    require(
        network["kind"] == "feedforward" or parts[0].depth == 1, "network.hidden", "expected one hidden layer"
    )
    deep = network.get("deep")
    require((deep is not None) == (network["kind"] == "shortcut"), "network.deep", "belongs to shortcut nets only")
    if deep is not None:
        parts.append(_architecture("deep", _mapping(deep, "network.deep", _LAYERED)))
    if network.get("exponential") is not None:
        spec = {"name": "exp"}
        parts.append(Architecture("exponential", spec, activation_expression(spec), (1,), True, False))
    return tuple(parts)


def _architecture(name: str, table: Mapping[str, Any]) -> Architecture:
    where = f"network.{name}"
    spec = _mapping(table.get("activation"), f"{where}.activation")
    hidden = _list(table.get("hidden"), f"{where}.hidden")
    require(len(hidden) > 0, f"{where}.hidden", "expected at least one layer")
    for width in hidden:
        valid = type(width) is int and 0 < width <= MAX_WIDTH
        require(valid, f"{where}.hidden", f"expected widths from 1 to {MAX_WIDTH}, got {shown(width)}")
    flags = [table.get("hidden_bias"), table.get("output_bias")]
    require(all(type(f) is bool for f in flags), where, "expected true or false for hidden_bias and output_bias")
    with _specification(f"{where}.activation"):
        activation = activation_expression(spec)
    return Architecture(name, spec, activation, tuple(hidden), bool(flags[0]), bool(flags[1]))


def _theta(point: Mapping[str, Any], parts: Sequence[Architecture], d: int, where: str) -> Theta:
    _only(point, {"a0", "a", "W", "b"} | {p.name for p in parts if p.name != "main"}, where)
    found: list[Weights] = []
    for part in parts:
        if part.name == "main":
            found.append(_layered({k: point[k] for k in ("a0", "a", "W", "b") if k in point}, part, d, where))
        elif part.name == "deep":
            found.append(_layered(_mapping(point.get("deep"), f"{where}.deep"), part, d, f"{where}.deep"))
        else:
            found.append(_exponential(_mapping(point.get("exponential"), f"{where}.exponential"), d, where))
    return tuple(found)


def _layered(table: Mapping[str, Any], part: Architecture, d: int, where: str) -> Weights:
    wanted = {"a", "W"} | ({"a0"} if part.output_bias else set()) | ({"b"} if part.hidden_bias else set())
    require(set(table) == wanted, where, f"expected the keys {sorted(wanted)}, got {_shown_keys(table)}")
    sizes = (d, *part.hidden)
    layers = _list(table["W"], f"{where}.W")
    require(len(layers) == part.depth, f"{where}.W", f"expected {part.depth} layers, got {len(layers)}")
    W = tuple(
        tuple(_sized(row, sizes[i], f"{where}.W[{i}]") for row in _list(layer, f"{where}.W[{i}]"))
        for i, layer in enumerate(layers)
    )
    for i, rows in enumerate(W):
        require(len(rows) == sizes[i + 1], f"{where}.W[{i}]", f"expected {sizes[i + 1]} rows, got {len(rows)}")
    b = None
    if part.hidden_bias:
        biases = _list(table["b"], f"{where}.b")
        require(len(biases) == part.depth, f"{where}.b", f"expected {part.depth} layers, got {len(biases)}")
        b = tuple(_sized(row, sizes[i + 1], f"{where}.b[{i}]") for i, row in enumerate(biases))
    a0 = _number(table["a0"], f"{where}.a0") if part.output_bias else None
    return Weights(a0, _sized(table["a"], sizes[-1], f"{where}.a"), W, b)


def _exponential(table: Mapping[str, Any], d: int, where: str) -> Weights:
    where = f"{where}.exponential"
    require(set(table) == {"a", "w", "b"}, where, f"expected the keys a, w, b, got {_shown_keys(table)}")
    row = _sized(table["w"], d, f"{where}.w")
    return Weights(None, (_number(table["a"], f"{where}.a"),), ((row,),), ((_number(table["b"], f"{where}.b"),),))


def read_point(value: Any, case: Case, where: str) -> Theta:
    """A point of the case's network; raises Rejected."""
    return _theta(_mapping(value, where), case.parts, len(case.inputs[0]), where)


def read_vector(value: Any, where: str) -> Vector:
    """A list of number texts; raises Rejected."""
    return _vector(value, where)


def read_number(value: Any, where: str) -> Exact:
    """One number text; raises Rejected."""
    return _number(value, where)


def _number(value: Any, where: str) -> Exact:
    if not isinstance(value, str):
        raise Rejected(where, f"expected a number as text, got {type(value).__name__}")
    try:
        return parse_number(value)
    except ExpressionProblem as problem:
        raise Rejected(where, str(problem)) from None


def _non_negative(value: Any, where: str) -> Exact:
    x = _number(value, where)
    try:
        side = sign(x)
    except Undecided as problem:
        raise Rejected(where, str(problem)) from None
    require(side >= 0, where, "expected a number >= 0")
    return x


def _vector(value: Any, where: str) -> Vector:
    return tuple(_number(v, f"{where}[{i}]") for i, v in enumerate(_list(value, where)))


def _sized(value: Any, size: int, where: str) -> Vector:
    vector = _vector(value, where)
    require(len(vector) == size, where, f"expected {size} numbers, got {len(vector)}")
    return vector


def _list(value: Any, where: str) -> list[Any]:
    require(isinstance(value, list), where, f"expected a list, got {type(value).__name__}")
    return list(value)


def _mapping(value: Any, where: str, known: set[str] | None = None) -> dict[str, Any]:
    require(isinstance(value, dict), where, f"expected an object, got {type(value).__name__}")
    table: dict[str, Any] = dict(value)
    if known is not None:
        _only(table, known, where)
    return table


def _only(table: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = {key: None for key in table if key not in known}
    require(not unknown, where, f"unknown keys {_shown_keys(unknown)}, expected {', '.join(sorted(known))}")


def _shown_keys(table: Mapping[str, Any]) -> str:
    return shorten(", ".join(sorted(map(str, table))) or "none", 200)
