"""A case as frozen data: what a file means once every number is exact and every shape is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from verifier.case import document
from verifier.checker.expression import Expression
from verifier.checker.number import Exact

Vector = tuple[Exact, ...]
Matrix = tuple[Vector, ...]
Json = dict[str, object]
Table = Mapping[str, Any]  # a table of a case file, its values as Python has them


class Parameters(Mapping[str, Exact]):
    """An immutable, hashable mapping from parameter names to exact values."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Exact] | None = None) -> None:
        self._items = tuple(sorted((items or {}).items()))

    def __getitem__(self, name: str) -> Exact:
        return dict(self._items)[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        return f"Parameters({dict(self._items)})"


NO_PARAMETERS = Parameters()


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """An activation or a loss: a name with its parameters (defaults filled in), or an expression.

    `text` is the expression as text of the grammar; an expression's variable is z (f and t for a loss on targets).
    """

    name: str | None
    parameters: Parameters = NO_PARAMETERS
    expr: Expression | None = None
    text: str | None = None

    def document(self) -> Json:
        return document.function(self)


@dataclass(frozen=True, slots=True)
class Layered:
    """Layers of one activation with an affine output: the sizes of the hidden layers and which biases exist."""

    activation: FunctionSpec
    hidden: tuple[int, ...]
    hidden_bias: bool
    output_bias: bool


@dataclass(frozen=True, slots=True)
class Network:
    """kind is single-layer, feedforward or shortcut; `deep` belongs to shortcut; `exponential_decay` > 0 is the
    penalty (mu/2)*a**2 on the added neuron a*exp(w.x + b), None without that neuron."""

    kind: str
    main: Layered
    deep: Layered | None = None
    exponential_decay: Exact | None = None

    def document(self) -> Json:
        return document.network(self)


@dataclass(frozen=True, slots=True)
class Data:
    """n samples: inputs n x d, exactly one of labels (+1, -1) and targets, and a multiplicity >= 1 for each."""

    inputs: Matrix
    labels: tuple[int, ...] | None
    targets: Vector | None
    multiplicity: tuple[int, ...]

    @property
    def dimension(self) -> int:
        """d, the number of coordinates of an input."""
        return len(self.inputs[0])

    def document(self) -> Json:
        return document.data(self)


@dataclass(frozen=True, slots=True)
class Loss:
    """The loss function per sample, and the penalty (weight_decay/2)*|theta|**2 over every parameter."""

    function: FunctionSpec
    weight_decay: Exact

    def document(self) -> Json:
        return document.loss(self)


@dataclass(frozen=True, slots=True)
class LayeredPoint:
    """Weights of one layered part: W is a list of layers (also for one hidden layer), rows are units."""

    a0: Exact | None
    a: Vector
    W: tuple[Matrix, ...]
    b: tuple[Vector, ...] | None


@dataclass(frozen=True, slots=True)
class ExponentialPoint:
    """Weights of the neuron a*exp(w.x + b)."""

    a: Exact
    w: Vector
    b: Exact


@dataclass(frozen=True, slots=True)
class Point:
    """All parameters of the net, in the parts it has."""

    main: LayeredPoint
    deep: LayeredPoint | None = None
    exponential: ExponentialPoint | None = None

    def document(self) -> Json:
        return document.point(self)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a file claims; what does not apply is None. `theorem` is A, B, C or any for theorem-applies."""

    kind: str
    strict: bool | None = None
    near: Exact | None = None
    bad: bool | None = None
    training_error: Exact | None = None
    expect: str = "proved"
    theorem: str | None = None
    value: Exact | None = None
    lower: Exact | None = None
    upper: Exact | None = None

    def document(self) -> Json:
        """The claim as canonical JSON data; numbers are texts of the grammar."""
        return document.claim(self)


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Case:
    """A case: data, net, loss, perhaps a point and a better point, claims in order, and the path of its file if any.

        Case(data={"inputs": [[1], [2]], "labels": [1, -1]},
             network={"kind": "single-layer", "activation": "relu", "width": 1},
             loss="hinge", claims=["bad-local-minimum-exists"])

    Each argument is a part of another case, or the table of that name of a case file, written as a mapping; a loss
    and a claim may be just a name. Numbers are int, Fraction, Decimal, texts such as "sqrt(2)/3", or floats, which
    stand for their exact binary value; NumPy arrays are lists of numbers. Everything is checked as in a file:
    InputError says which key is wrong, what was expected and what was found. Data files are looked for in the folder
    of `path`, else in the working directory.
    """

    data: Data
    network: Network
    loss: Loss
    point: Point | None
    better: Point | None
    claims: tuple[Claim, ...]
    title: str
    source: str | None
    notes: str | None
    path: str

    def __init__(
        self,
        data: Data | Table,
        network: Network | Table,
        loss: Loss | Table | str,
        point: Point | Table | None = None,
        better: Point | Table | None = None,
        claims: Sequence[Claim | Table | str] = (),
        title: str = "",
        source: str | None = None,
        notes: str | None = None,
        path: str = "",
    ) -> None:
        from verifier.case.building import parts_of  # reading is built on this module

        parts = parts_of(data, network, loss, point, better, claims, title, source, notes, path)
        self._fill(parts)

    @classmethod
    def of(cls, parts: Parts) -> Case:
        """The case of parts that have been read already; nothing is checked."""
        case = object.__new__(cls)
        case._fill(parts)
        return case

    def _fill(self, parts: Parts) -> None:
        for name in self.__slots__:
            object.__setattr__(self, name, parts[name])  # type: ignore[literal-required]

    def __repr__(self) -> str:
        """The call that makes this case."""
        from verifier.case.tables import case, shown  # tables are made of the parts above

        tables = {**shown(case(self)), "path": self.path}
        del tables["schema"]
        tables["claims"] = tables.pop("claim")
        return f"Case({', '.join(f'{key}={value!r}' for key, value in tables.items() if value)})"

    def document(self) -> Json:
        """The case as canonical JSON data, claims and path left out: what a certificate embeds."""
        return document.case(self)


class Parts(TypedDict):
    """The fields of a case."""

    data: Data
    network: Network
    loss: Loss
    point: Point | None
    better: Point | None
    claims: tuple[Claim, ...]
    title: str
    source: str | None
    notes: str | None
    path: str
