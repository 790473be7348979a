"""Attacks on the pattern method: at a true bad local minimum every row of every branch that holds it is true."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from flint import fmpq, fmpq_mat

from tests.helpers.cases import make
from tests.helpers.tampering import fields
from verifier.case.types import Case
from verifier.checker.case import read_case
from verifier.checker.errors import Rejected
from verifier.checker.patterns.setting import Setting, read_setting
from verifier.checker.patterns.system import ABOVE, AT_LEAST, EQUAL, KINDS, Branch, Row, root
from verifier.checker.patterns.tree import excludes
from verifier.model.translate import checker_case
from verifier.theorems.patterns import decide

Q = fmpq
CONCAVE = {"expr": "(1 + z)**2 - max(0, z)**2/2"}  # its slope is concave
UNITS = {"relu": (Q(0), Q(1)), "leaky_relu": (Q(1, 100), Q(1)), "abs(z)": (Q(-1), Q(1)), "min(0, z)": (Q(1), Q(0))}


@dataclass(frozen=True)
class Minimum:
    """A case with a bad local minimum at its point: a0, a and rows (w, b)."""

    case: Case
    a0: fmpq
    a: tuple[fmpq, ...]
    rows: tuple[tuple[fmpq, ...], ...]


def minimum(inputs: Any, labels: Any, activation: str, loss: Any, a0: Any, a: Any, rows: Any, m: Any) -> Minimum:
    units = sorted(zip(a, rows, strict=True), key=lambda unit: _key(inputs, *unit))  # move (2)
    a, rows = [u[0] for u in units], [u[1] for u in units]
    spec: Any = activation if "z" not in activation else {"expr": activation}
    point = {"a0": a0, "a": list(a), "W": [list(r[:-1]) for r in rows], "b": [r[-1] for r in rows]}
    case = make(inputs, labels, {"activation": spec, "width": len(rows)}, loss, point, multiplicity=m)
    return Minimum(case, Q(a0), tuple(map(Q, a)), tuple(tuple(map(Q, r)) for r in rows))


def sign(x: fmpq) -> int:
    return int(x > 0) - int(x < 0)


def dot(x: Sequence[Any], y: Sequence[Any]) -> fmpq:
    return sum((Q(a) * Q(b) for a, b in zip(x, y, strict=True)), Q(0))


def _key(inputs: Any, a: Any, row: Any) -> list[int]:
    return [sign(Q(a)), *(sign(dot(row, (*x, 1))) for x in inputs)]


@cache
def minima() -> tuple[Minimum, ...]:
    """Dead units, affine nets and knees on a kink; proofs: rules dual and sharp."""
    found = []
    for a, row in ((1, (-1, 0)), (0, (-2, 1)), (-3, (0, -1))):
        for loss, a0 in (("squared_hinge", "1/3"), ("quadratic", "1/3"), (CONCAVE, "2/5")):
            units = ([a, 1], [row, (-1, 0)], [1, 1, 1])
            found.append(minimum([[1], [2], [3]], [1, 1, -1], "relu", loss, a0, *units))
    for activation in ("linear", "leaky_relu"):  # the regression line of -1, 1, -1, 1 on 1, 2, 3, 4 is 2x/5 - 1
        data = ([[1], [2], [3], [4]], [-1, 1, -1, 1])
        found.append(minimum(*data, activation, "quadratic", -11, [1, 0], [("2/5", 10), (1, 10)], [1] * 4))
    found += list(knees())
    return tuple(found)


def knees() -> Iterator[Minimum]:
    """One unit (x, 1) -> x - x_k on its kink at sample k, perhaps a dead one beside it; L is the quadratic loss."""
    chance = random.Random(5)
    count = dict.fromkeys(UNITS, 0)
    for _ in range(4000):
        name = chance.choice(list(UNITS))
        n = chance.randint(4, 5)
        x, y = list(range(n)), [chance.choice((-1, 1)) for _ in range(n)]
        m = [chance.randint(1, 3) for _ in range(n)]
        k = chance.randint(1, n - 2)
        below, above = UNITS[name]
        h = [(above if v > k else below) * (v - k) for v in x]
        gram = fmpq_mat(
            [[Q(sum(m)), dot(m, h)], [dot(m, h), sum((c * v * v for c, v in zip(m, h, strict=True)), Q(0))]]
        )
        if gram.det() == 0:
            continue
        right = [dot(m, y), sum((c * v * t for c, v, t in zip(m, h, y, strict=True)), Q(0))]
        a0, a = gram.solve(fmpq_mat(2, 1, right)).entries()
        f = [a0 + a * v for v in h]
        r = [c * (v - t) for c, v, t in zip(m, f, y, strict=True)]
        nu = a * (sum((v * (above if j > k else below) for j, v in enumerate(r)), Q(0)))
        bad = any(t * v <= 0 for t, v in zip(y, f, strict=True))
        if not (nu < 0 < nu + a * r[k] * (above - below)) or not bad or count[name] >= 4:
            continue
        count[name] += 1
        scale = Q(chance.randint(1, 3))  # s(tz) = t s(z)
        rows, outgoing = [(scale, -scale * k)], [a / scale]
        if name == "relu" and chance.random() < 0.7:
            rows.append((Q(0), Q(-1)))
            outgoing.append(Q(chance.randint(-1, 1)))
        yield minimum([[v] for v in x], y, name, "quadratic", a0, outgoing, rows, m)
    assert min(count.values()) >= 1, count


# -- rows at a minimum -------------------------------------------------------------------------------------------------


def truth(it: Minimum, setting: Setting) -> list[fmpq]:
    """The unknowns of the systems at the minimum: a0, v_j, z_i, lambda_i."""
    values = [it.a0]
    for a, row in zip(it.a, it.rows, strict=True):
        values += [(abs(a) or 1) * v for v in row]
    z, slopes = [], []
    for x, y in zip(setting.features, setting.labels, strict=True):
        f = it.a0
        for a, row in zip(it.a, it.rows, strict=True):
            u = dot(row, x)
            f += a * (setting.above if u > 0 else setting.below) * u
        z.append(-y * f)
        slopes.append(_slope(setting, -y * f))
    return [*values, *z, *slopes]


def _slope(setting: Setting, z: fmpq) -> fmpq:
    p = setting.pieces[_piece(setting, z)]
    return p.constant + p.slope * z


def _piece(setting: Setting, z: fmpq) -> int:
    return next(k for k, p in enumerate(setting.pieces) if p.right is None or z <= p.right)


def branch(it: Minimum, setting: Setting, chance: random.Random) -> Branch:
    """A random branch that holds the minimum."""
    found, share = root(setting), chance.random() * 1.2
    values = truth(it, setting)
    for j, (a, row) in enumerate(zip(it.a, it.rows, strict=True)):
        if chance.random() < share:
            found = found.with_sign(j, sign(a))
            for i, x in enumerate(setting.features):
                if chance.random() < share:
                    side = sign(dot(row, x))
                    assert side in found.possible_sides(j, i)
                    found = found.with_side(j, i, side)
    for i in setting.samples:
        if chance.random() < share:
            found = found.with_piece(i, _piece(setting, values[setting.margin(i)]))
    wrong = [i for i in setting.samples if values[setting.margin(i)] >= 0]
    return found.with_wrong(chance.choice(wrong)) if chance.random() < share else found


def holds(row: Row, values: Sequence[fmpq]) -> bool:
    total = sum((c * values[k] for k, c in row.coefficients.items()), row.constant)
    return bool({EQUAL: total == 0, AT_LEAST: total >= 0, ABOVE: total > 0}[row.relation])


def names(setting: Setting) -> Iterator[str]:
    limits = {"unit": setting.width, "sample": len(setting.features), "piece": len(setting.pieces)}
    for kind, counted in KINDS.items():
        tails: list[str] = [kind]
        for what in counted:
            tails = [f"{t} {k}" for t in tails for k in range(limits[what])]
        yield from tails


def test_there_are_minima_of_all_kinds() -> None:
    for it in minima():
        checked = read_case(it.case.document())
        setting, _ = read_setting(checked)
        values = truth(it, setting)
        assert any(values[setting.margin(i)] >= 0 for i in setting.samples)
        pulls = [setting.multiplicity[i] * setting.labels[i] * values[setting.slope(i)] for i in setting.samples]
        assert sum(pulls, Q(0)) == 0  # dL/da0 = 0


def test_every_row_is_true_at_every_bad_minimum() -> None:
    chance = random.Random(7)
    seen: dict[str, int] = dict.fromkeys((*KINDS, "direction"), 0)
    for it in minima():
        setting, _ = read_setting(checker_case(it.case))
        values = truth(it, setting)
        for _ in range(20):
            here = branch(it, setting, chance)
            units = range(setting.width)
            assert not any(here.out_of_order(j, k) for j in units for k in units)
            for name in names(setting):
                row = here.find(name)
                if row is not None:
                    seen[name.split(" ")[0]] += 1
                    assert holds(row, values), (name, it)
            for j in units:
                for _ in range(4):
                    d = [Q(chance.randint(-3, 3)) for _ in range(setting.dimension)]
                    try:
                        row = here.direction(j, d)
                    except Rejected:
                        continue
                    seen["direction"] += 1
                    assert holds(row, values), (j, d, it)
    assert all(n > 10 for n in seen.values()), seen


def test_no_tree_is_found_where_there_is_a_bad_minimum() -> None:
    for it in minima()[::3]:
        assert decide(checker_case(it.case)).tree is None


# -- trees of other cases, and fields of the wrong kind ----------------------------------------------------------------

MIRRORED: dict[str, Any] = {"activation": "relu", "width": 2, "hidden_bias": False}
JUNK: tuple[Any, ...] = (
    *(None, True, -1, 0, 1, 10**30, 0.5, "", "side 0 0", "bias 0"),
    *([], {}, [[]], [0, 0], {"then": []}),
)


@cache
def tree() -> Any:
    return decide(checker_case(make([[1], [-1]], [1, -1], MIRRORED, "squared_hinge"))).tree


@pytest.mark.parametrize(
    ("labels", "network", "loss"),
    [
        ([-1, 1], {}, "hinge"),
        ([1, -1], {"hidden_bias": True}, "squared_hinge"),
        ([1, 1], {}, "squared_hinge"),
        ([1, -1], {"activation": "hard_tanh"}, "squared_hinge"),
        ([1, -1], {}, {"name": "squared_hinge", "weight_decay": "1/10**9"}),
    ],
)
def test_a_tree_of_another_case_is_refused(labels: Any, network: Any, loss: Any) -> None:
    other = checker_case(make([[1], [-1]], labels, {**MIRRORED, **network}, loss))
    with pytest.raises(Rejected):
        excludes(other, {"tree": copy.deepcopy(tree())})


def test_junk_in_a_field_is_rejected_in_words() -> None:
    """No other exception; and what is accepted is another proof of the same true statement."""
    case = checker_case(make([[1], [-1]], [1, -1], MIRRORED, "squared_hinge"))
    every = list(fields(tree()))
    chance, accepted = random.Random(3), 0
    for path in chance.sample(every, min(40, len(every))):
        for junk in JUNK:
            changed = copy.deepcopy(tree())
            inner = changed
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = copy.deepcopy(junk)
            try:
                excludes(case, {"tree": changed})
            except Rejected:
                continue
            accepted += 1
    assert accepted < 60
