"""A case as frozen data: what a file means once every number is exact and every shape is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from verifier.case import document
from verifier.checker.expression import Expression
from verifier.checker.number import Exact

Vector = tuple[Exact, ...]
Matrix = tuple[Vector, ...]
Json = dict[str, object]


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


@dataclass(frozen=True, slots=True)
class Case:
    """A case file: data, net, loss, perhaps a point and a better point, and its claims in file order."""

    title: str
    source: str | None
    notes: str | None
    data: Data
    network: Network
    loss: Loss
    point: Point | None
    better: Point | None
    claims: tuple[Claim, ...]
    path: str

    def document(self) -> Json:
        """The case as canonical JSON data, claims and path left out: what a certificate embeds."""
        return document.case(self)
