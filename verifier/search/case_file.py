"""A case file as text: the data, net and loss of a case with another point and other claims."""

from __future__ import annotations

import json
from collections.abc import Sequence

from verifier.case.errors import printable
from verifier.case.numbers import text_of
from verifier.case.types import Case, Claim, FunctionSpec, Layered
from verifier.checker.case import Theta, Weights
from verifier.checker.number import Exact
from verifier.interop.exact import toml
from verifier.model.translate import checker_case

SOURCE = "verify search"


def case_text(case: Case, theta: Theta, claims: Sequence[Claim], title: str, notes: str) -> str:
    """TOML that says the same as `case`, at the point `theta` (one `Weights` per part), with these claims."""
    head = ["schema = 1", f"title = {_string(title)}", f"source = {_string(SOURCE)}"]
    head.append(f'notes = """\n{_block(notes)}\n"""')
    tables = [head, _data(case), *_network(case), _loss(case), *_point(case, theta), *map(_claim, claims)]
    return "\n\n".join("\n".join(lines) for lines in tables) + "\n"


def _data(case: Case) -> list[str]:
    data = case.data
    rows = ",\n".join(f"    {toml(list(row))}" for row in data.inputs)
    lines = ["[data]", f"inputs = [\n{rows},\n]"]
    if data.labels is not None:
        lines.append(f"labels = {list(data.labels)}")
    if data.targets is not None:
        lines.append(f"targets = {toml(list(data.targets))}")
    if any(m != 1 for m in data.multiplicity):
        lines.append(f"multiplicity = {list(data.multiplicity)}")
    return lines


def _network(case: Case) -> list[list[str]]:
    network = case.network
    single = network.kind != "feedforward"
    tables = [["[network]", f'kind = "{network.kind}"', *_layered(network.main, single)]]
    if network.deep is not None:
        tables.append(["[network.deep]", *_layered(network.deep, False)])
    if network.exponential_decay is not None:
        tables.append(["[network.exponential]", f"decay = {toml(network.exponential_decay)}"])
    return tables


def _layered(part: Layered, single: bool) -> list[str]:
    size = f"width = {part.hidden[0]}" if single else f"hidden = {list(part.hidden)}"
    biases = [f"{key} = {str(value).lower()}" for key, value in _biases(part)]
    return [f"activation = {_function(part.activation)}", size, *biases]


def _biases(part: Layered) -> list[tuple[str, bool]]:
    return [("hidden_bias", part.hidden_bias), ("output_bias", part.output_bias)]


def _function(spec: FunctionSpec) -> str:
    if spec.name is None:
        return f"{{ expr = {_string(spec.text or '')} }}"
    if not spec.parameters:
        return _string(spec.name)
    return "{ " + ", ".join([f"name = {_string(spec.name)}", *_parameters(spec)]) + " }"


def _parameters(spec: FunctionSpec) -> list[str]:
    return [f"{key} = {toml(value)}" for key, value in spec.parameters.items()]


def _loss(case: Case) -> list[str]:
    spec = case.loss.function
    named = [f"name = {_string(spec.name)}"] if spec.name is not None else [f"expr = {_string(spec.text or '')}"]
    decay = toml(case.loss.weight_decay)
    return ["[loss]", *named, *_parameters(spec), *([] if decay == "0" else [f"weight_decay = {decay}"])]


def _point(case: Case, theta: Theta) -> list[list[str]]:
    tables: list[list[str]] = []
    for part, weights in zip(checker_case(case).parts, theta, strict=True):
        if part.name == "exponential":
            (row,), bias = weights.W[0], (weights.b or ((),))[0][0]
            lines = [f"a = {toml(weights.a[0])}", f"w = {toml(list(row))}", f"b = {toml(bias)}"]
            tables.append(["[point.exponential]", *lines])
        else:
            flat = part.name == "main" and case.network.kind != "feedforward"
            tables.append(["[point.deep]" if part.name == "deep" else "[point]", *_weights(weights, flat)])
    return tables


def _weights(weights: Weights, flat: bool) -> list[str]:
    layers = [[list(row) for row in layer] for layer in weights.W]
    lines = [] if weights.a0 is None else [f"a0 = {toml(weights.a0)}"]
    lines += [f"a = {toml(list(weights.a))}", f"W = {toml(layers[0] if flat else layers)}"]
    if weights.b is not None:
        biases = [list(row) for row in weights.b]
        lines.append(f"b = {toml(biases[0] if flat else biases)}")
    return lines


def _claim(claim: Claim) -> list[str]:
    lines = ["[[claim]]", f'kind = "{claim.kind}"']
    if claim.near is not None:
        lines.append(f"near = {_near(claim.near)}")
    flags = (("strict", claim.strict), ("bad", claim.bad))
    lines += [f"{key} = {str(value).lower()}" for key, value in flags if value is not None]
    if claim.training_error is not None:
        lines.append(f"training_error = {toml(claim.training_error)}")
    return lines


def _near(radius: Exact) -> str:
    return f'"{text_of(radius)}"'


def _string(text: str) -> str:
    return json.dumps(printable(text), ensure_ascii=False)


def _block(text: str) -> str:
    return "\n".join(_string(line)[1:-1] for line in text.splitlines())
