"""The [network] table: kinds of nets and the keys that each kind has."""

from __future__ import annotations

from verifier.case import raw
from verifier.case.errors import choice, describe, refuse
from verifier.case.functions import decode_activation
from verifier.case.types import Layered, Network
from verifier.case.vectors import positive, size, sizes
from verifier.checker.number import Exact

KINDS = ("single-layer", "feedforward", "shortcut")


def decode_network(table: raw.Network) -> Network:
    """The net with every default filled in; a single hidden layer is `hidden` of length 1.  Raises Refused."""
    kind = choice(table.kind, KINDS, "network.kind")
    main = Layered(
        decode_activation(table.activation, "network.activation"),
        _hidden(table, kind),
        table.hidden_bias,
        table.output_bias,
    )
    return Network(kind, main, _deep(table.deep, kind), _decay(table.exponential))


def _hidden(table: raw.Network, kind: str) -> tuple[int, ...]:
    wanted, other = ("hidden", "width") if kind == "feedforward" else ("width", "hidden")
    stray = getattr(table, other)
    if stray is not None:
        raise refuse(f"network.{other}", f"no such key for kind {kind} (it has {wanted})", describe(stray))
    if kind == "feedforward":
        return sizes(table.hidden, "network.hidden")
    return (size(table.width, "network.width"),)


def _deep(table: raw.Deep | None, kind: str) -> Layered | None:
    if (table is not None) != (kind == "shortcut"):
        if table is None:
            raise refuse("network.deep", "a table [network.deep] for kind shortcut", "nothing")
        raise refuse("network.deep", f"no such table for kind {kind} (only shortcut has it)", "a table")
    if table is None:
        return None
    return Layered(
        decode_activation(table.activation, "network.deep.activation"),
        sizes(table.hidden, "network.deep.hidden"),
        table.hidden_bias,
        table.output_bias,
    )


def _decay(table: raw.Exponential | None) -> Exact | None:
    return None if table is None else positive(table.decay, "network.exponential.decay", "a number > 0")
