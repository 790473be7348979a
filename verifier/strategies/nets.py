"""Activations, networks, losses and points: values and tables of a case file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from verifier.case.functions import ACTIVATIONS, LOSSES, PARAMETERS
from verifier.case.networks import KINDS
from verifier.strategies.data import Table, vectors

WEIGHTS: st.SearchStrategy[Any] = st.integers(-3, 3) | st.integers(-12, 12).map(lambda n: Fraction(n, 4))
_POSITIVE = st.integers(1, 3) | st.integers(1, 16).map(lambda n: Fraction(n, 8))


@st.composite
def activations(draw: st.DrawFn, names: Sequence[str] = ACTIVATIONS) -> str | Table:
    """One of the named activations; leaky_relu and elu sometimes with a parameter > 0 of their own."""
    name = draw(st.sampled_from(names))
    if name not in PARAMETERS or draw(st.booleans()):
        return name
    return {"name": name, PARAMETERS[name][0]: draw(_POSITIVE)}


@st.composite
def networks(
    draw: st.DrawFn,
    kinds: Sequence[str] = KINDS,
    activation: st.SearchStrategy[Any] | None = None,
    width: int = 3,
    depth: int = 2,
    biases: bool | None = None,
) -> Table:
    """The table [network]: one of the `kinds`, with up to `width` units in each of up to `depth` hidden layers.

    `activation` is a strategy of activations (default: all that have a name); `biases`: whether hidden layers and
    outputs have biases (default: drawn for each).
    """
    units = st.integers(1, width)
    layers = st.lists(units, min_size=1, max_size=depth)
    own = activations() if activation is None else activation
    kind = draw(st.sampled_from(kinds))

    def part(size: Table) -> Table:
        flags = {key: draw(st.booleans()) if biases is None else biases for key in ("hidden_bias", "output_bias")}
        return {"activation": draw(own), **size, **flags}

    net = {"kind": kind, **part({"hidden": draw(layers)} if kind == "feedforward" else {"width": draw(units)})}
    return {**net, "deep": part({"hidden": draw(layers)})} if kind == "shortcut" else net


@st.composite
def losses(
    draw: st.DrawFn, names: Sequence[str] = LOSSES, weight_decay: st.SearchStrategy[Any] | None = None
) -> Table:
    """The table [loss] for data with labels (for targets: names=["quadratic"]); no decay unless a strategy is given."""
    name = draw(st.sampled_from(names))
    power = {"p": draw(st.integers(0, 4))} if name == "polynomial_hinge" else {}
    decay = {} if weight_decay is None else {"weight_decay": draw(weight_decay)}
    return {"name": name, **power, **decay}


@st.composite
def points(
    draw: st.DrawFn, network: Mapping[str, Any], dimension: int, weights: st.SearchStrategy[Any] = WEIGHTS
) -> Table:
    """The table [point] of a network given as a table, for inputs of `dimension` coordinates."""
    table = _layered(draw, network, dimension, weights)
    if network.get("deep") is not None:
        table["deep"] = _layered(draw, network["deep"], dimension, weights)
    if network.get("exponential") is not None:
        table["exponential"] = {"a": draw(weights), "w": draw(vectors(weights, dimension)), "b": draw(weights)}
    return table


def _layered(draw: st.DrawFn, part: Mapping[str, Any], dimension: int, weights: st.SearchStrategy[Any]) -> Table:
    """The weights of one part; W and b are lists of layers where it has a list of sizes."""
    nested = "hidden" in part
    sizes = [dimension, *(part["hidden"] if nested else [part["width"]])]
    layers = [
        [draw(vectors(weights, columns)) for _ in range(rows)] for columns, rows in pairwise(sizes)
    ]
    table: Table = {"a": draw(vectors(weights, sizes[-1])), "W": layers if nested else layers[0]}
    if part.get("output_bias", True):
        table["a0"] = draw(weights)
    if part.get("hidden_bias", True):
        biases = [draw(vectors(weights, rows)) for rows in sizes[1:]]
        table["b"] = biases if nested else biases[0]
    return table
