"""Moves of the parameters that leave L unchanged near the point, and their tangent vectors.

A sample is *seen* by a unit if its loss is not locally constant and no later layer is locally constant on it; a unit
acts on L only through the samples that see it. None of the parameters moved may carry a decay, not even one that is 0
at the point: a scaling moves it at all points nearby. The moves:

row       w_j -> w_j + s v. On every seen sample the unit is constant on an open interval around its pre-activation, or
          (first hidden layer, whose inputs do not depend on the parameters) v . (x_i, 1) = 0.
outgoing  any change of the weights that read a unit which is 0 on open intervals around its pre-activations.
scale     (w_j, b_j) -> e^s (w_j, b_j), outgoing weights -> e^(-ks) (...): the unit is positively homogeneous of degree
          k, everywhere or (as c_i z^k) around its pre-activations on every seen sample.
shift     b_j -> b_j + s, outgoing weights -> e^-s (...): the unit is exp.
linear    w_j -> w_j + (s/a_j) r_j for all units of a part with one hidden layer, a0 -> a0 + s r_0: on every seen sample
          sum_j c_ij r_j . (x_i, 1) + r_0 = 0, where unit j is affine with slope c_ij on an open interval around its
          pre-activation (or r_j . (x_i, 1) = 0); a_j != 0 where r_j != 0.

Lemma (invariance). L o Phi_s = L near the point for small s: no output on a sample that counts is changed, since the
intervals are open and pre-activations are continuous. So Phi_s(theta*) is a curve of equal loss, and where grad L = 0
the Hessian maps the tangent of the curve at theta* to 0.
"""

from __future__ import annotations

from typing import Any

from flint import fmpq

from . import fields, number
from .errors import Rejected, require
from .facts import Facts, activation_facts
from .network import flatten, layouts, parameter_count
from .number import Exact
from .state import State, Unit, is_constant

Vector = tuple[Exact, ...]
Entries = dict[int, Exact]  # position of a parameter that moves -> its rate at the point


def tangents(state: State, moves: Any, where: str) -> list[Vector]:
    """One tangent vector (flat order) for each move ("outgoing": one for each weight); raises Rejected."""
    found: list[Vector] = []
    for k, move in enumerate(fields.items(moves, where)):
        found += _tangents(state, fields.node(move, f"{where}[{k}]"), f"{where}[{k}]")
    return found


def _tangents(state: State, move: fields.Node, where: str) -> list[Vector]:
    kind = move.get("move")
    moving = [_linear(state, move, where)] if kind == "linear" else _of_unit(state, move, where)
    for entries in moving:
        free = all(number.is_zero(state.decay_rates[k]) for k in entries)
        require(free, where, "a parameter that moves has a weight decay")
    size = parameter_count(state.case)
    return [tuple(entries.get(k, fmpq(0)) for k in range(size)) for entries in moving]


def _of_unit(state: State, move: fields.Node, where: str) -> list[Entries]:
    kind = move.get("move")
    unit = fields.unit(move.get("unit"), state.case, where)
    fields.only(move, {"move", "unit", "direction"} if kind == "row" else {"move", "unit"}, where)
    if kind == "row":
        return [_row(state, unit, move["direction"], where)]
    if kind == "outgoing":
        return _outgoing(state, unit, where)
    if kind == "scale":
        return [_scale(state, unit, where)]
    if kind == "shift":
        return [_shift(state, unit, where)]
    raise Rejected(where, f"unknown move {kind!r:.40}")


def seen(state: State, unit: Unit) -> list[int]:
    """The samples that see the unit."""
    part, layer, _ = unit
    dead = {i: state.dead_layer(part, i) for i in state.awake}
    return [i for i, at in dead.items() if at is None or at <= layer]


def outgoing_positions(state: State, unit: Unit) -> list[int]:
    """Positions of the weights that read the unit."""
    part, layer, j = unit
    layout = layouts(state.case)[part]
    if layer == state.case.parts[part].depth - 1:
        return [layout.a[j]]
    return [block.weights[j] for block in layout.blocks[layer + 1]]


def incoming_positions(state: State, unit: Unit) -> tuple[int, ...]:
    """Positions of the unit's row and bias."""
    part, layer, j = unit
    return layouts(state.case)[part].blocks[layer][j].positions


def _row(state: State, unit: Unit, direction: Any, where: str) -> Entries:
    positions = incoming_positions(state, unit)
    v = fields.vector(direction, f"{where}.direction", len(positions))
    for i in seen(state, unit):
        if is_constant(state.local(unit, i)):
            continue
        require(unit[1] == 0, where, f"the unit is not constant on sample {i}")
        change = _dot(v, state.extended_input(unit[0], i))
        require(number.is_zero(change), where, f"the direction changes the pre-activation on sample {i}")
    return {k: entry for k, entry in zip(positions, v, strict=True) if not number.is_zero(entry)}


def _outgoing(state: State, unit: Unit, where: str) -> list[Entries]:
    for i in seen(state, unit):
        require(state.local(unit, i) == (), where, f"the unit is not 0 on sample {i}")
    return [{k: fmpq(1)} for k in outgoing_positions(state, unit)]


def _scale(state: State, unit: Unit, where: str) -> Entries:
    degree = _degree(state, unit, where)
    flat = flatten(state.theta)
    entries: dict[int, Exact] = {k: flat[k] for k in incoming_positions(state, unit)}
    for k in outgoing_positions(state, unit):
        entries[k] = -degree * flat[k]
    return entries


def _degree(state: State, unit: Unit, where: str) -> Exact:
    homogeneous = _facts(state, unit).homogeneous
    if homogeneous.holds is True and homogeneous.value is not None:
        return homogeneous.value
    degrees = set()
    for i in seen(state, unit):
        local = state.local(unit, i)
        if local is None or any(not number.is_zero(c) for c in local[:-1]):
            raise Rejected(where, f"the unit is not a multiple of a power of its pre-activation on sample {i}")
        if local:
            degrees.add(len(local) - 1)
    require(len(degrees) == 1 and 0 not in degrees, where, "the unit is not homogeneous of one degree above 0")
    return fmpq(degrees.pop())


def _shift(state: State, unit: Unit, where: str) -> Entries:
    part, layer, j = unit
    bias = layouts(state.case)[part].blocks[layer][j].bias
    if bias is None or _facts(state, unit).exponential.holds is not True:
        raise Rejected(where, "the unit is not exp with a bias")
    flat = flatten(state.theta)
    entries: dict[int, Exact] = {bias: fmpq(1)}
    for k in outgoing_positions(state, unit):
        entries[k] = -flat[k]
    return entries


def _linear(state: State, move: fields.Node, where: str) -> Entries:
    fields.only(move, {"move", "part", "rows", "offset"}, where)
    part = fields.integer(move["part"], f"{where}.part", 0, len(state.case.parts) - 1)
    require(state.case.parts[part].depth == 1, where, "the part has more than one hidden layer")
    layout = layouts(state.case)[part]
    blocks = layout.blocks[0]
    size = len(blocks[0].positions)
    given = fields.items(move["rows"], f"{where}.rows", len(blocks))
    rows = [fields.vector(row, f"{where}.rows[{j}]", size) for j, row in enumerate(given)]
    offset = fields.exact(move["offset"], f"{where}.offset")
    for i in seen(state, (part, 0, 0)):
        change = offset
        for j, row in enumerate(rows):
            step = _dot(row, state.extended_input(part, i))
            if not number.is_zero(step):
                change = change + _slope(state, (part, 0, j), i, where) * step
        require(number.is_zero(change), where, f"the output changes on sample {i}")
    flat, entries = flatten(state.theta), {}
    for j, (row, block) in enumerate(zip(rows, blocks, strict=True)):
        moving = {k: c for k, c in zip(block.positions, row, strict=True) if not number.is_zero(c)}
        if moving:
            a = flat[layout.a[j]]
            require(number.sign(a) != 0, where, f"the outgoing weight of unit {j} is 0")
            entries.update({k: c / a for k, c in moving.items()})
    if not number.is_zero(offset):
        if layout.a0 is None:
            raise Rejected(where, "there is no output bias")
        entries[layout.a0] = offset
    return entries


def _slope(state: State, unit: Unit, sample: int, where: str) -> Exact:
    """The slope of a unit that is affine on an open interval around its pre-activation."""
    local = state.local(unit, sample)
    if local is None or len(local) > 2:
        raise Rejected(where, f"unit {unit[2]} is not affine on sample {sample}")
    return local[1] if len(local) == 2 else fmpq(0)


def _facts(state: State, unit: Unit) -> Facts:
    return activation_facts(state.case.parts[unit[0]].spec)


def _dot(x: Vector, y: Vector) -> Exact:
    total: Exact = fmpq(0)
    for a, b in zip(x, y, strict=True):
        total = total + a * b
    return total
