"""Rules convex, output-subspace and dual: a linear lower bound of L in the outputs that cannot fall.

With the subgradients g_i of subgradient.py it is enough that sum_i g_i f_part(x_i) has a minimum at theta* for each
part of the network separately, since parts share no parameter. Two ways to show this:

identity (span.py). The part's outputs on the samples with g_i != 0 lie in a span whose vectors are orthogonal to g:
the sum is constant, near the point ("pattern") or for all parameters.

units. The part has one hidden layer: the sum is (sum g_i) a0 + sum_j a_j phi(w_j), phi(w) = sum_i g_i s(w . (x_i, 1)).
If sum g_i = 0 (with a0), it is enough that for each unit a_j phi(w_j) has a local minimum with value 0 in (a_j, w_j):

  flat      phi is identically 0 near w_j (span.py on this unit); a_j is arbitrary;
  definite  a_j != 0, phi(w_j) = 0, grad phi(w_j) = 0, and a_j phi'' positive definite modulo directions that change no
            pre-activation: a_j phi has a local minimum with value 0 at w_j, and so has a'_j phi for a'_j near a_j. For
            exp with a bias phi(w, b) = e^b psi(w), and psi is judged in place of phi;
  kink      a_j != 0, phi(w_j) = 0, phi is piecewise affine near w_j, and a_j times its slope in every direction is >=
  0.

The clause a_j != 0 is essential: with a_j = 0 the sign of a'_j is free.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from flint import fmpq

from verifier.checker import fields, number
from verifier.checker.analysis import Analysis
from verifier.checker.curvature import add, gram, weighted_gram
from verifier.checker.definite import require_definite
from verifier.checker.errors import Rejected, require
from verifier.checker.facts import activation_facts
from verifier.checker.network import flatten
from verifier.checker.number import Exact
from verifier.checker.piecewise import piecewise
from verifier.checker.rules.conclusion import Minimum
from verifier.checker.span import EVERYWHERE, hidden_spans, output_span
from verifier.checker.state import Unit, is_constant
from verifier.checker.subgradient import moved, orthogonal, subgradients

Vector = tuple[Exact, ...]
MAX_CELL_KINKS = 10
_ZERO = fmpq(0)


def convex(analysis: Analysis, node: fields.Node) -> Minimum:
    """Near the point all outputs are linear in fixed features (identity "pattern"): L is convex in their coefficients,
    and the subgradient multipliers show that 0 is in its subdifferential.
    """
    return _decide(analysis, node, frozenset({"pattern"}), False)


def output_subspace(analysis: Analysis, node: fields.Node) -> Minimum:
    """For all parameters the outputs stay in a space that is orthogonal to a subgradient: a global minimum."""
    return _decide(analysis, node, EVERYWHERE, True)


def dual(analysis: Analysis, node: fields.Node) -> Minimum:
    """Each part by an identity or unit by unit: a local minimum."""
    return _decide(analysis, node, EVERYWHERE | {"pattern", "units"}, False)


def _decide(analysis: Analysis, node: fields.Node, allowed: frozenset[str], everywhere: bool) -> Minimum:
    where = str(node.get("rule"))
    fields.only(node, {"subgradients", "parts"}, where)
    _require_decay_at_rest(analysis, where)
    g = subgradients(analysis, node["subgradients"], everywhere, f"{where}.subgradients")
    entries = fields.items(node["parts"], f"{where}.parts", len(analysis.case.parts))
    for part, value in enumerate(entries):
        place = f"{where}.parts[{part}]"
        entry = fields.node(value, place)
        identity = entry.get("by")
        known = isinstance(identity, str) and identity in allowed
        require(known, place, f"expected one of {', '.join(sorted(allowed))}, got {identity!r:.40}")
        if identity == "units":
            _by_units(analysis, part, g, entry, place)
        else:
            fields.only(entry, {"by"}, place)
            _by_identity(analysis, part, g, str(identity), place)
    return Minimum(everywhere=everywhere)


def _require_decay_at_rest(analysis: Analysis, where: str) -> None:
    """A decay term r v^2 / 2 is least at v = 0: it may stand on parameters that are 0 at the point, and only there."""
    for rate, v in zip(analysis.decay_rates, flatten(analysis.theta), strict=True):
        require(number.is_zero(rate) or number.is_zero(v), where, "a parameter that is not 0 has a weight decay")


def _by_identity(analysis: Analysis, part: int, g: list[Exact], identity: str, where: str) -> None:
    samples = moved(g)
    for vector in output_span(analysis, part, samples, identity, where):
        require(orthogonal(g, samples, vector), where, "the outputs can move along the subgradient")


def _by_units(analysis: Analysis, part: int, g: list[Exact], entry: fields.Node, where: str) -> None:
    fields.only(entry, {"by", "units"}, where)
    architecture = analysis.case.parts[part]
    require(architecture.depth == 1, where, "the part has more than one hidden layer")
    samples = moved(g)
    if architecture.output_bias:
        require(orthogonal(g, samples, (fmpq(1),) * len(samples)), where, "the subgradients do not sum to 0")
    units = fields.items(entry["units"], f"{where}.units", architecture.hidden[0])
    spans = hidden_spans(analysis, part, samples, "pattern")
    for j, value in enumerate(units):
        place = f"{where}.units[{j}]"
        unit = UnitView(analysis, (part, 0, j), g, samples, place)
        data = fields.node(value, place)
        shape = data.get("shape")
        if shape == "flat":
            fields.only(data, {"shape"}, place)
            ok = all(orthogonal(g, samples, vector) for vector in spans[j])
            require(ok, place, "phi does not vanish near the unit")
        elif shape == "definite":
            _definite(unit, data)
        elif shape == "kink":
            _kink(unit, data)
        else:
            raise Rejected(place, f"unknown shape {shape!r:.40}")


@dataclass(frozen=True)
class UnitView:
    """One hidden unit and the samples with g_i != 0."""

    analysis: Analysis
    unit: Unit
    g: list[Exact]
    samples: list[int]
    where: str

    @property
    def sign(self) -> int:
        """The sign of a_j, which must not be 0."""
        side = number.sign(self.analysis.theta[self.unit[0]].a[self.unit[2]])
        require(side != 0, self.where, "the outgoing weight is 0")
        return side

    def require_zero(self) -> None:
        """phi(w_j) = 0."""
        total: Exact = _ZERO
        for i in self.samples:
            total = total + self.g[i] * self.analysis.traces[self.unit[0]][i].h[1][self.unit[2]]
        require(number.is_zero(total), self.where, "phi is not 0 at the unit")

    def features(self) -> list[Vector]:
        """(x_i, 1), or x_i, for every sample that matters."""
        return [self.analysis.extended_input(self.unit[0], i) for i in self.samples]


def _definite(unit: UnitView, data: fields.Node) -> None:
    fields.only(data, {"shape", "unseen", "bits", "witness"}, unit.where)
    bits = fields.integer(data["bits"], f"{unit.where}.bits", 64, 8_192)
    analysis, part = unit.analysis, unit.unit[0]
    unit.require_zero()
    features = unit.features()
    exponential = activation_facts(analysis.case.parts[part].spec).exponential.holds is True
    if exponential:
        features = [analysis.case.inputs[i] for i in unit.samples]
    size = len(features[0]) if features else 0
    unseen = [
        fields.vector(v, f"{unit.where}.unseen", size) for v in fields.items(data["unseen"], f"{unit.where}.unseen")
    ]
    slope: list[Exact] = [_ZERO] * size
    weights: list[Exact] = []
    for i, x in zip(unit.samples, features, strict=True):
        if is_constant(analysis.local(unit.unit, i)):
            weights.append(_ZERO)
            continue
        germ = analysis.unit_germ(unit.unit, i, 2)
        if germ is None:
            raise Rejected(unit.where, f"the unit is on a breakpoint at sample {i}")
        slope = [s + unit.g[i] * germ[1] * v for s, v in zip(slope, x, strict=True)]  # type: ignore[misc]
        weights.append(unit.sign * 2 * unit.g[i] * germ[2])  # type: ignore[arg-type]
        for v in unseen:
            require(number.is_zero(_dot(v, x)), unit.where, f"an unseen direction is seen on sample {i}")
    require(all(number.is_zero(s) for s in slope), unit.where, "phi is not stationary at the unit")
    require(size > 0, unit.where, "no sample matters")
    matrix = weighted_gram(features, weights, bits)
    if unseen:
        matrix = add(matrix, gram(unseen, bits), bits)
    require_definite(matrix, data["witness"], bits, f"{unit.where}.witness")


def _kink(unit: UnitView, data: fields.Node) -> None:
    """D(d) = V.d + sum_k G_k |X_k.d| is the slope of a_j phi in direction d (up to |a_j|), after merging parallel X_k.

    multipliers: all G_k >= 0 and V + sum m_k G_k X_k = 0 with |m_k| <= 1: D(d) >= sum_k G_k (|X_k.d| - m_k X_k.d) >= 0.
    cells: for each choice of signs s, V + sum_k s_k G_k X_k = sum_k m_k s_k X_k with m_k >= 0: where all s_k X_k.d >=
    0, D(d) is this sum of products of non-negative numbers (Farkas).
    """
    unit.require_zero()
    slope, kinks = directional(unit)
    if "multipliers" in data:
        fields.only(data, {"shape", "multipliers"}, unit.where)
        total = slope
        values = fields.vector(data["multipliers"], f"{unit.where}.multipliers", len(kinks))
        for (x, bend), m in zip(kinks, values, strict=True):
            require(number.sign(bend) >= 0, unit.where, "a kink bends downwards: cells are needed")
            inside = number.compare(m, fmpq(-1)) >= 0 >= number.compare(m, fmpq(1))
            require(inside, unit.where, "expected multipliers from -1 to 1")
            total = _plus(total, m * bend, x)
        require(all(number.is_zero(v) for v in total), unit.where, "the multipliers do not balance the slope")
        return
    fields.only(data, {"shape", "cells"}, unit.where)
    require(len(kinks) <= MAX_CELL_KINKS, unit.where, f"more than {MAX_CELL_KINKS} kinks")
    cells = fields.items(data["cells"], f"{unit.where}.cells", 2 ** len(kinks))
    for signs, cell in zip(product((1, -1), repeat=len(kinks)), cells, strict=True):
        total = slope
        values = fields.vector(cell, f"{unit.where}.cells", len(kinks))
        for (x, bend), s, m in zip(kinks, signs, values, strict=True):
            require(number.sign(m) >= 0, unit.where, "expected multipliers that are not negative")
            total = _plus(total, s * (bend - m), x)
        require(all(number.is_zero(v) for v in total), unit.where, f"the cell {signs} is not balanced")


def directional(unit: UnitView) -> tuple[list[Exact], list[tuple[Vector, Exact]]]:
    """(V, [(X_k, G_k)]) of the slope of sign(a_j) phi, parallel kinks merged; phi must be piecewise affine near w_j."""
    analysis, (part, _, j) = unit.analysis, unit.unit
    whole = piecewise(analysis.case.parts[part].activation)
    features = unit.features()
    slope: list[Exact] = [_ZERO] * (len(features[0]) if features else 0)
    kinks: dict[Vector, Exact] = {}
    for i, x in zip(unit.samples, features, strict=True):
        g = unit.sign * unit.g[i]
        local = analysis.local(unit.unit, i)
        if local is not None:
            require(len(local) <= 2, unit.where, f"the unit is not affine near its pre-activation on sample {i}")
            if len(local) == 2:
                slope = _plus(slope, g * local[1], x)
            continue
        u = analysis.traces[part][i].u[0][j]
        if whole is None or not isinstance(u, fmpq) or u not in whole.breakpoints:
            raise Rejected(unit.where, f"the unit is not known to be piecewise affine near sample {i}")
        at = whole.breakpoints.index(u)
        left, right = whole.pieces[at], whole.pieces[at + 1]
        require(left.degree() <= 1 and right.degree() <= 1, unit.where, f"a piece at sample {i} is not affine")
        below, above = left.derivative()(u), right.derivative()(u)
        slope = _plus(slope, g * (below + above) / 2, x)
        lead = next((v for v in x if not number.is_zero(v)), None)
        if lead is None:
            continue  # x = 0: the pre-activation never moves
        direction = tuple(v / lead for v in x)
        size = lead if number.sign(lead) > 0 else -lead
        kinks[direction] = kinks.get(direction, _ZERO) + g * size * (above - below) / 2
    return slope, [(x, bend) for x, bend in kinks.items() if not number.is_zero(bend)]


def _plus(total: list[Exact], factor: Exact, x: Vector) -> list[Exact]:
    return [t + factor * v for t, v in zip(total, x, strict=True)]


def _dot(x: Vector, y: Vector) -> Exact:
    total: Exact = _ZERO
    for a, b in zip(x, y, strict=True):
        total = total + a * b
    return total
