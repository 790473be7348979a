"""The case file of a certificate: its case and the claims of several certificates about it, as TOML."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]


def case_toml(case: Json, claims: Sequence[Json]) -> str:
    """TOML that the case reader reads as this case, with these claims (all of canonical JSON, as in certificates)."""
    head = ["schema = 1", *(f"{key} = {_string(case[key])}" for key in ("title", "source", "notes") if case[key])]
    data = {key: value for key, value in case["data"].items() if value is not None}
    if all(m == 1 for m in data["multiplicity"]):
        del data["multiplicity"]
    tables = [("", head), ("[data]", [_line(key, value) for key, value in data.items()])]
    tables += [*_network(case["network"]), ("[loss]", _loss(case["loss"]))]
    for key in ("point", "better"):
        if case[key] is not None:
            tables += _point(key, case[key], case["network"]["kind"])
    tables += [("[[claim]]", _claim(claim)) for claim in claims]
    return "\n\n".join("\n".join([name, *lines] if name else lines) for name, lines in tables) + "\n"


def _network(network: Json) -> list[tuple[str, list[str]]]:
    main = ("[network]", [_line("kind", network["kind"]), *_layered(network, network["kind"] != "feedforward")])
    tables = [main]
    if network["deep"] is not None:
        tables.append(("[network.deep]", _layered(network["deep"], False)))
    if network["exponential"] is not None:
        tables.append(("[network.exponential]", [_line("decay", network["exponential"]["decay"])]))
    return tables


def _layered(part: Json, single: bool) -> list[str]:
    size = _line("width", part["hidden"][0]) if single else _line("hidden", part["hidden"])
    biases = [_line(key, part[key]) for key in ("hidden_bias", "output_bias")]
    return [_line("activation", _function(part["activation"])), size, *biases]


def _function(spec: Json) -> Any:
    return spec["name"] if set(spec) == {"name"} else spec


def _loss(loss: Json) -> list[str]:
    return [_line(key, value) for key, value in loss.items() if not (key == "weight_decay" and value == "0")]


def _point(key: str, point: Json, kind: str) -> list[tuple[str, list[str]]]:
    main = {k: v for k, v in point.items() if k not in ("deep", "exponential")}
    if kind != "feedforward":
        main |= {k: main[k][0] for k in ("W", "b") if k in main}
    tables = [(f"[{key}]", [_line(k, v) for k, v in main.items()])]
    for name in ("deep", "exponential"):
        if point.get(name) is not None:
            tables.append((f"[{key}.{name}]", [_line(k, v) for k, v in point[name].items()]))
    return tables


def _claim(claim: Json) -> list[str]:
    return [_line(k, v) for k, v in claim.items() if v is not None and (k, v) != ("expect", "proved")]


def _line(key: str, value: Any) -> str:
    if key in ("inputs", "W") and len(value) > 1:
        return f"{key} = [\n" + "".join(f"    {_value(row)},\n" for row in value) + "]"
    return f"{key} = {_value(value)}"


def _value(value: Any) -> str:
    """A value as TOML; the text of a number that is a short integer becomes that integer."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_value(v)}" for k, v in value.items()) + " }"
    return value if re.fullmatch(r"0|-?[1-9][0-9]{0,14}", value) else _string(value)


def _string(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's. Characters that do not show are escaped, too; a lone surrogate,
    which TOML cannot say, becomes a question mark.
    """
    words = json.dumps(text.encode("utf-8", "replace").decode("utf-8"), ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in words)
