"""The case file of a certificate: its case and the claims of several certificates about it, as TOML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flint import fmpq

from verifier.case.writing import dumps_tables
from verifier.checker.expression import parse_number

Json = Mapping[str, Any]
Table = dict[str, Any]


def case_toml(case: Json, claims: Sequence[Json]) -> str:
    """TOML that the case reader reads as this case, with these claims (all of canonical JSON, as in certificates)."""
    whole: Table = {"schema": 1} | {key: _sayable(case[key]) for key in ("title", "source", "notes") if case[key]}
    whole |= {"data": _data(case["data"]), "network": _network(case["network"]), "loss": _function(case["loss"])}
    points = {key: case[key] for key in ("point", "better") if case[key] is not None}
    whole |= {key: _point(point, case["network"]["kind"] != "feedforward") for key, point in points.items()}
    return dumps_tables(whole | {"claim": [_claim(claim) for claim in claims]})


def _sayable(text: str) -> str:
    """TOML has no lone surrogates."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _numbers(value: Any) -> Any:
    """Texts of numbers, in lists or alone: a rational one as a number, any other as it was written."""
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    found = parse_number(value)
    return found if isinstance(found, fmpq) else value


def _data(data: Json) -> Table:
    found: Table = {"inputs": _numbers(data["inputs"])}
    if data.get("labels") is not None:
        found["labels"] = data["labels"]
    if data.get("targets") is not None:
        found["targets"] = _numbers(data["targets"])
    return found | ({} if all(m == 1 for m in data["multiplicity"]) else {"multiplicity": data["multiplicity"]})


def _network(network: Json) -> Table:
    found: Table = {"kind": network["kind"], **_layered(network, network["kind"] != "feedforward")}
    if network.get("deep") is not None:
        found["deep"] = _layered(network["deep"], False)
    if network.get("exponential") is not None:
        found["exponential"] = {"decay": _numbers(network["exponential"]["decay"])}
    return found


def _layered(part: Json, single: bool) -> Table:
    size: Table = {"width": part["hidden"][0]} if single else {"hidden": part["hidden"]}
    spec = part["activation"]
    activation = spec["name"] if set(spec) == {"name"} else _function(spec)
    biases = {key: False for key in ("hidden_bias", "output_bias") if not part[key]}
    return {"activation": activation, **size, **biases}


def _function(spec: Json) -> Table:
    """An activation or a loss: its name or expression, and its parameters as numbers; without a decay of 0."""
    texts = {key: spec[key] for key in ("name", "expr") if key in spec}
    given = {key: value for key, value in spec.items() if key not in texts and (key, value) != ("weight_decay", "0")}
    return texts | {key: _numbers(str(value)) for key, value in given.items()}


def _point(point: Json, single: bool) -> Table:
    found: Table = {key: _numbers(value) for key, value in point.items() if key not in ("deep", "exponential")}
    if single:
        found |= {key: found[key][0] for key in ("W", "b") if key in found}
    others = {key: point[key] for key in ("deep", "exponential") if point.get(key) is not None}
    return found | {key: {k: _numbers(v) for k, v in other.items()} for key, other in others.items()}


def _claim(claim: Json) -> Table:
    plain = ("kind", "strict", "bad", "theorem", "expect")
    given = {key: value for key, value in claim.items() if value is not None and (key, value) != ("expect", "proved")}
    return {key: value if key in plain else _numbers(value) for key, value in given.items()}
