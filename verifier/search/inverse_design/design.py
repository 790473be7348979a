"""A design: samples with multiplicities and a float point near which `verify` is to prove a strict bad minimum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flint import fmpq

from verifier.case.types import Case, Data, FunctionSpec, Layered, Loss, Network
from verifier.checker.network import unflatten
from verifier.checker.number import text
from verifier.model.translate import checker_case

SOURCE = "inverse design"
DEFAULT_NEAR = "1e-4"


@dataclass(frozen=True)
class Design:
    """`inputs` are n integer rows; `labels` and `multiplicities` have length n; `point` has the P parameters in the
    flat order; `t` is the optimum of the semidefinite program it came from, relative to the scales of its coordinates.
    """

    network: Network
    loss: Loss
    inputs: tuple[tuple[int, ...], ...]
    labels: tuple[int, ...]
    multiplicities: tuple[int, ...]
    point: tuple[float, ...]
    t: float
    misclassified: int  # the total multiplicity of the misclassified samples
    strict: bool = True  # false where moves that leave the loss unchanged pass through the point

    @property
    def total(self) -> int:
        """N."""
        return sum(self.multiplicities)

    @property
    def training_error(self) -> fmpq:
        """The share of misclassified samples."""
        return fmpq(self.misclassified, self.total)


def case_of(design: Design) -> Case:
    """The samples, net and loss of a design as a case without a point and claims."""
    return bare_case(design.network, design.loss, design.inputs, design.labels, design.multiplicities)


def bare_case(
    network: Network,
    loss: Loss,
    inputs: Sequence[Sequence[int]],
    labels: Sequence[int],
    multiplicities: Sequence[int],
) -> Case:
    """A case without a point and claims."""
    rows = tuple(tuple(fmpq(v) for v in row) for row in inputs)
    data = Data(rows, tuple(labels), None, tuple(multiplicities))
    return Case("a design", None, None, data, network, loss, None, None, (), "-")


def case_text(
    design: Design,
    title: str = "A strict bad local minimum by inverse design",
    notes: str | None = None,
    near: str = DEFAULT_NEAR,
    digits: int = 6,
) -> str:
    """A complete case file; its claim: within `near` of the point, rounded to `digits` decimals, there is a strict (if
    `design.strict`) bad local minimum with the design's training error.
    """
    lines = [
        "schema = 1",
        f"title  = {_toml(title)}",
        f"source = {_toml(SOURCE)}",
        f'notes  = """\n{notes or _story(design)}\n"""',
        "",
        "[data]",
        "inputs = [",
        *(f"    {_toml(list(row))}," for row in design.inputs),
        "]",
        f"labels = {_toml(list(design.labels))}",
        f"multiplicity = {_toml(list(design.multiplicities))}",
        "",
        "[network]",
        *_network(design.network),
        "",
        "[loss]",
        *_table(_function(design.loss.function)),
        *([] if design.loss.weight_decay == 0 else [f"weight_decay = {_toml(text(design.loss.weight_decay))}"]),
        "",
        "[point]",
        *_point(design, digits),
        "",
        "[[claim]]",
        'kind = "local-minimum"',
        f"near = {_toml(near)}",
        *(["strict = true"] if design.strict else []),
        "bad = true",
        f"training_error = {_toml(text(design.training_error))}",
    ]
    return "\n".join(lines) + "\n"


def _story(design: Design) -> str:
    return (
        "Found with the point fixed and the data free: a semidefinite program chose weights of candidate samples that\n"
        "make the point stationary and the Hessian positive definite; then the weights were rounded to multiplicities\n"
        f"and the point was moved to the minimum by Newton's method. n = {len(design.labels)}, N = {design.total}."
    )


def _network(network: Network) -> list[str]:
    main = network.main
    lines = [f"kind = {_toml(network.kind)}", *_layered(main, single=network.kind != "feedforward")]
    if network.deep is not None:
        lines += ["", "[network.deep]", *_layered(network.deep, single=False)]
    return lines


def _layered(part: Layered, single: bool) -> list[str]:
    function = _function(part.activation)
    activation = function["name"] if set(function) == {"name"} else function
    size = f"width = {part.hidden[0]}" if single else f"hidden = {_toml(list(part.hidden))}"
    return [
        f"activation = {_toml(activation)}",
        size,
        f"hidden_bias = {_toml(part.hidden_bias)}",
        f"output_bias = {_toml(part.output_bias)}",
    ]


def _function(spec: FunctionSpec) -> Mapping[str, Any]:
    return {key: value for key, value in spec.document().items() if value is not None}


def _table(entries: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_toml(value)}" for key, value in entries.items()]


def _point(design: Design, digits: int) -> list[str]:
    values = [f"{v:.{digits}f}" for v in design.point]
    parts = unflatten(checker_case(case_of(design)), values)
    lines: list[str] = []
    for k, weights in enumerate(parts):
        if k:
            lines += ["", "[point.deep]"]
        single = k == 0 and design.network.kind != "feedforward"
        if weights.a0 is not None:
            lines.append(f"a0 = {weights.a0}")
        lines.append(f"a = {_decimals(weights.a)}")
        lines.append(f"W = {_decimals(weights.W[0] if single else weights.W)}")
        if weights.b is not None:
            lines.append(f"b = {_decimals(weights.b[0] if single else weights.b)}")
    return lines


def _decimals(nested: Any) -> str:
    """TOML of nested tuples of decimals that are texts already."""
    return nested if isinstance(nested, str) else f"[{', '.join(map(_decimals, nested))}]"


def _toml(value: Any) -> str:
    import json

    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(v)}" for key, v in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
