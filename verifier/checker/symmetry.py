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
transfer  w_j -> w_j + s v, w_k -> w_k - s (a_j c_j / a_k c_k) v: the units j and k of the last hidden layer are affine
          with slopes c_j and c_k on open intervals around their pre-activations on every seen sample.
offset    b_j -> b_j + s, a0 -> a0 - s a_j c_j: unit j as above.

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
    unit = fields.unit(move.get("unit"), state.case, where)
    more = {"row": {"direction"}, "transfer": {"direction", "to"}}.get(str(kind), set())
    fields.only(move, {"move", "unit"} | more, where)
    if kind == "row":
        moving = [_row(state, unit, move["direction"], where)]
    elif kind == "outgoing":
        moving = _outgoing(state, unit, where)
    elif kind == "scale":
        moving = [_scale(state, unit, where)]
    elif kind == "shift":
        moving = [_shift(state, unit, where)]
    elif kind == "transfer":
        moving = [_transfer(state, unit, fields.unit(move["to"], state.case, where), move["direction"], where)]
    elif kind == "offset":
        moving = [_offset(state, unit, where)]
    else:
        raise Rejected(where, f"unknown move {kind!r:.40}")
    for entries in moving:
        free = all(number.is_zero(state.decay_rates[k]) for k in entries)
        require(free, where, "a parameter that moves has a weight decay")
    size = parameter_count(state.case)
    return [tuple(entries.get(k, fmpq(0)) for k in range(size)) for entries in moving]


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


def _transfer(state: State, unit: Unit, to: Unit, direction: Any, where: str) -> Entries:
    require(unit[:2] == to[:2] and unit != to, where, "expected two units of one layer")
    positions = incoming_positions(state, unit)
    v = fields.vector(direction, f"{where}.direction", len(positions))
    other = _effect(state, to, where)
    require(number.sign(other) != 0, where, "the other unit has no effect on the output")
    ratio = -_effect(state, unit, where) / other
    entries: Entries = {k: c for k, c in zip(positions, v, strict=True) if not number.is_zero(c)}
    for k, c in zip(incoming_positions(state, to), v, strict=True):
        if not number.is_zero(c):
            entries[k] = ratio * c
    return entries


def _offset(state: State, unit: Unit, where: str) -> Entries:
    part, layer, j = unit
    layout = layouts(state.case)[part]
    bias = layout.blocks[layer][j].bias
    if bias is None or layout.a0 is None:
        raise Rejected(where, "the unit or the output has no bias")
    return {bias: fmpq(1), layout.a0: -_effect(state, unit, where)}


def _effect(state: State, unit: Unit, where: str) -> Exact:
    """a_j c_j of a unit of the last hidden layer that is affine with slope c_j on every sample that sees it."""
    require(unit[1] == state.case.parts[unit[0]].depth - 1, where, "the unit is not in the last hidden layer")
    slopes: set[Exact] = set()
    for i in seen(state, unit):
        local = state.local(unit, i)
        if local is None or len(local) > 2:
            raise Rejected(where, f"the unit is not affine on sample {i}")
        slopes.add(local[1] if len(local) == 2 else fmpq(0))
    require(len(slopes) == 1, where, "the unit has not one slope on all samples")
    outgoing: Exact = flatten(state.theta)[outgoing_positions(state, unit)[0]]
    return slopes.pop() * outgoing


def _facts(state: State, unit: Unit) -> Facts:
    return activation_facts(state.case.parts[unit[0]].spec)


def _dot(x: Vector, y: Vector) -> Exact:
    total: Exact = fmpq(0)
    for a, b in zip(x, y, strict=True):
        total = total + a * b
    return total
