"""A case of the file reader as the checker's `Case`, without going through text: the checker's flat parameter order
(`verifier/checker/network.py`: layouts, flatten) then serves the prover as well."""

from __future__ import annotations

from collections.abc import Iterable

from flint import fmpq

from verifier.case import types
from verifier.checker import case as checked
from verifier.checker.library import activation_expression
from verifier.checker.network import flatten
from verifier.checker.number import Exact, Number, text

EXPONENTIAL = types.FunctionSpec("exp")  # the activation of the added neuron


def checker_case(case: types.Case) -> checked.Case:
    """The checker's view of a case; equal to `read_case(case.document())`."""
    network, data = case.network, case.data
    parts = [_architecture("main", network.main)]
    if network.deep is not None:
        parts.append(_architecture("deep", network.deep))
    if network.exponential_decay is not None:
        parts.append(_architecture("exponential", types.Layered(EXPONENTIAL, (1,), True, False)))
    return checked.Case(
        tuple(plain_vector(x) for x in data.inputs),
        data.labels,
        None if data.targets is None else plain_vector(data.targets),
        data.multiplicity,
        network.kind,
        tuple(parts),
        case.loss.function.document(),
        plain(case.loss.weight_decay),
        fmpq(0) if network.exponential_decay is None else plain(network.exponential_decay),
        None if case.point is None else theta_of(case.point),
        None if case.better is None else theta_of(case.better),
    )


def _architecture(name: str, part: types.Layered) -> checked.Architecture:
    spec = part.activation.document()
    return checked.Architecture(
        name, spec, activation_expression(spec), part.hidden, part.hidden_bias, part.output_bias
    )


def theta_of(point: types.Point) -> checked.Theta:
    """A point in the checker's shape: one `Weights` for each part."""
    parts = [_weights(point.main)]
    if point.deep is not None:
        parts.append(_weights(point.deep))
    if point.exponential is not None:
        neuron = point.exponential
        parts.append(checked.Weights(None, (plain(neuron.a),), ((plain_vector(neuron.w),),), ((plain(neuron.b),),)))
    return tuple(parts)


def _weights(point: types.LayeredPoint) -> checked.Weights:
    W = tuple(tuple(plain_vector(row) for row in layer) for layer in point.W)
    b = None if point.b is None else tuple(plain_vector(row) for row in point.b)
    return checked.Weights(None if point.a0 is None else plain(point.a0), plain_vector(point.a), W, b)


def plain(x: Exact) -> Exact:
    """The number without the memory of how it was written: arrays are sorted by the very types of their entries."""
    if isinstance(x, Number):
        return x if type(x) is Number else Number(x.terms)
    return x if type(x) is fmpq else fmpq(x)


def plain_vector(values: Iterable[Exact]) -> tuple[Exact, ...]:
    """Each number plain."""
    return tuple(plain(v) for v in values)


def flat_point(point: types.Point) -> tuple[Exact, ...]:
    """All parameters of a point in the flat order."""
    return flatten(theta_of(point))


def point_document(case: checked.Case, theta: checked.Theta) -> dict[str, object]:
    """A point as canonical JSON data, in the form of `Point.document()`."""
    result: dict[str, object] = {}
    for part, weights in zip(case.parts, theta, strict=True):
        if part.name == "exponential":
            (row,), (bias,) = weights.W[0], (weights.b or ((),))[0]
            result["exponential"] = {"a": text(weights.a[0]), "w": [text(v) for v in row], "b": text(bias)}
        elif part.name == "deep":
            result["deep"] = _layered_document(weights)
        else:
            result |= _layered_document(weights)
    return result


def _layered_document(weights: checked.Weights) -> dict[str, object]:
    result: dict[str, object] = {} if weights.a0 is None else {"a0": text(weights.a0)}
    result["a"] = [text(v) for v in weights.a]
    result["W"] = [[[text(v) for v in row] for row in layer] for layer in weights.W]
    if weights.b is not None:
        result["b"] = [[text(v) for v in layer] for layer in weights.b]
    return result
