"""The certificate: a tree that splits the cases until every leaf's linear conditions contradict each other.

A node splits its branch into all possibilities, so coverage needs no argument:

{"sign": j, "then": [...]}       tau_j = -1, 0, 1
{"side": [j, i], "then": [...]}  u_ij < 0, = 0, > 0 (without = 0 where tau_j = 0, by move (1) of system.py)
{"piece": i, "then": [...]}      z_i in each piece of l'
{"wrong": null, "then": [...]}   sample 0, 1, ... is misclassified (the cases overlap; one of them holds)

and a leaf is one of

{"swap": [k, j]}                                           units k < j are in the order that move (2) excludes
{"rows": {name: y}, "directions": [[j, [d...], y], ...]}   multipliers of rows of the branch

Lemma (Farkas, Motzkin). Let the y of inequalities be > 0. If sum y * row has all coefficients 0 and a constant < 0,
or constant 0 and a strict row with y > 0, then no values of the unknowns satisfy all rows. Multipliers and directions
are integers: both may be scaled.

If every leaf is so, there is no bad local minimum: at one, moved by (1) and (2), the rows of some leaf would hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq

from verifier.checker import fields
from verifier.checker.case import Case
from verifier.checker.errors import Rejected, require
from verifier.checker.patterns.setting import WHERE, Setting, read_setting
from verifier.checker.patterns.system import ABOVE, EQUAL, Branch, Row, root
from verifier.checker.theorems.hypothesis import Hypothesis

MAX_LEAVES = 500_000
MAX_UNKNOWNS = 400


def excludes(case: Case, node: fields.Node) -> tuple[list[Hypothesis], str]:
    """The node {"tree": ...} shows that every local minimum has training error 0; raises Rejected.

    Returns the conditions on the case, and how many leaves the tree has.
    """
    _only(node, {"tree"})
    setting, hypotheses = read_setting(case)
    require(setting.unknowns <= MAX_UNKNOWNS, WHERE, f"more than {MAX_UNKNOWNS} unknowns")
    count = _Count()
    _check(root(setting), fields.node(node["tree"], WHERE), count)
    return list(
        hypotheses
    ), f"{count.leaves} systems of linear conditions cover every sign pattern, and each is contradictory"


class _Count:
    leaves = 0


def _check(branch: Branch, node: fields.Node, count: _Count) -> None:
    if "then" in node:
        branches = split(branch, node)
        for part, value in zip(branches, fields.items(node["then"], WHERE, len(branches)), strict=True):
            _check(part, fields.node(value, WHERE), count)
        return
    count.leaves += 1
    require(count.leaves <= MAX_LEAVES, WHERE, f"more than {MAX_LEAVES} leaves")
    if "swap" in node:
        _only(node, {"swap"})
        first, second = fields.items(node["swap"], WHERE, 2)
        units = [fields.integer(j, WHERE, 0, branch.setting.width - 1) for j in (first, second)]
        require(branch.out_of_order(*units), WHERE, f"units {first} and {second} are not out of order")
        return
    require_contradiction(branch, node)


def split(branch: Branch, node: fields.Node) -> list[Branch]:
    """The branches of a node, in the order of "then"; raises Rejected."""
    setting: Setting = branch.setting
    kinds = sorted(set(node) - {"then"})
    require(len(kinds) == 1, WHERE, f"expected one way to split, got {', '.join(kinds)!r:.40}")
    kind, value = kinds[0], node[kinds[0]]
    last = len(setting.features) - 1
    if kind == "sign":
        unit = fields.integer(value, WHERE, 0, setting.width - 1)
        return [branch.with_sign(unit, s) for s in (-1, 0, 1)]
    if kind == "side":
        pair = fields.items(value, WHERE, 2)
        unit, sample = fields.integer(pair[0], WHERE, 0, setting.width - 1), fields.integer(pair[1], WHERE, 0, last)
        return [branch.with_side(unit, sample, s) for s in branch.possible_sides(unit, sample)]
    if kind == "piece":
        sample = fields.integer(value, WHERE, 0, last)
        return [branch.with_piece(sample, k) for k in range(len(setting.pieces))]
    if kind == "wrong":
        require(value is None, WHERE, "wrong: expected null")
        return [branch.with_wrong(i) for i in setting.samples]
    raise Rejected(WHERE, f"unknown way to split {kind!r:.40}")


# -- leaves ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Weighted:
    """A row and its multiplier."""

    row: Row
    multiplier: fmpq


def require_contradiction(branch: Branch, leaf: fields.Node) -> None:
    """The multipliers of the leaf refute the rows of the branch; raises Rejected."""
    contradiction = contradictory(branch.setting, weighted_rows(branch, leaf))
    require(contradiction, WHERE, "the multipliers of a leaf give no contradiction")


def weighted_rows(branch: Branch, leaf: fields.Node) -> list[Weighted]:
    """The rows that the leaf names, as the branch has them; raises Rejected."""
    _only(leaf, {"rows", "directions"})
    terms: list[Weighted] = []
    for name, y in fields.node(leaf["rows"], WHERE).items():
        terms.append(Weighted(branch.row(name), _integer(y)))
    for value in fields.items(leaf["directions"], WHERE):
        unit, d, y = fields.items(value, WHERE, 3)
        unit = fields.integer(unit, WHERE, 0, branch.setting.width - 1)
        direction = [_integer(v) for v in fields.items(d, WHERE, branch.setting.dimension)]
        terms.append(Weighted(branch.direction(unit, direction), _integer(y)))
    return terms


def contradictory(setting: Setting, terms: Sequence[Weighted]) -> bool:
    """Whether the weighted sum of the rows can hold for no values of the unknowns (see the lemma)."""
    total = [fmpq(0)] * setting.unknowns
    constant, strict = fmpq(0), False
    for term in terms:
        row, y = term.row, term.multiplier
        if row.relation != EQUAL and y <= 0:
            return False
        strict = strict or row.relation == ABOVE
        constant += y * row.constant
        for k, c in row.coefficients.items():
            total[k] += y * c
    return not any(total) and (constant < 0 or (constant == 0 and strict))


def _only(node: fields.Node, keys: set[str]) -> None:
    require(set(node) == keys, WHERE, f"expected the fields {', '.join(sorted(keys))}")


def _integer(value: object) -> fmpq:
    if type(value) is not int:
        raise Rejected(WHERE, f"expected an integer, got {value!r:.40}")
    return fmpq(value)
