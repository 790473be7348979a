"""The pattern tree of a tiny piecewise linear net: every branch refuted by an exact linear program, or a bad minimum.

At each branch the rows of the checker's `Branch` go into one linear program: multipliers that contradict them, or, by
its alternative, values of the unknowns that satisfy them. In the second case the values are read as a point of the net;
if all conditions hold there as it is, it is a bad local minimum. Otherwise the branch is split where they fail.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

from flint import fmpq

from verifier.arithmetic.linear import nullspace, rank
from verifier.arithmetic.lp import Feasible, feasible
from verifier.arithmetic.rounding import primitive
from verifier.checker.case import Case, Theta, Weights
from verifier.checker.errors import Rejected
from verifier.checker.patterns.setting import Setting, read_setting
from verifier.checker.patterns.system import ABOVE, EQUAL, KINDS, Branch, Row, root
from verifier.checker.patterns.tree import Weighted, contradictory, split
from verifier.rules import clock
from verifier.rules.problem import Declined, Json

MAX_UNKNOWNS = 40
MIN_PROGRAMS = 4_000  # some 3 to 10 milliseconds each; more as long as there is time
KEPT = 24  # the latest contradictions, tried again before a linear program is solved
_ZERO, _ONE = fmpq(0), fmpq(1)
Point = tuple[fmpq, ...]


class _Found(Exception):
    def __init__(self, theta: Theta) -> None:
        super().__init__("a bad local minimum")
        self.theta = theta


@dataclass(frozen=True)
class Outcome:
    """A tree that excludes bad local minima, or a point that is one; and the number of linear programs solved."""

    tree: Json | None
    theta: Theta | None
    programs: int


def decide(case: Case, budget: int | None = None) -> Outcome:
    """Decide whether the case has a bad local minimum; raises Declined. `budget`: linear programs, instead of time."""
    try:
        setting, _ = read_setting(case)
    except Rejected as problem:
        raise Declined("patterns-not-applicable", str(problem)) from None
    if setting.unknowns > MAX_UNKNOWNS:
        reason = f"{setting.unknowns} unknowns in the linear systems, at most {MAX_UNKNOWNS} are tried"
        raise Declined("patterns-too-large", reason)
    search = _Search(setting, budget)
    try:
        return Outcome(search.close(root(setting)), None, search.programs)
    except _Found as found:
        return Outcome(None, found.theta, search.programs)


def propose(case: Case) -> Json:
    """The node of an exclusion by patterns; raises Declined."""
    tree = _decided(case).tree
    if tree is None:
        raise Declined("patterns-found-one", "a bad local minimum was found")
    return {"name": "patterns", "tree": tree}


def bad_minimum(case: Case) -> Theta:
    """A bad local minimum; raises Declined."""
    theta = _decided(case).theta
    if theta is None:
        raise Declined("patterns-found-none", "there is no bad local minimum")
    return theta


_latest: list[tuple[Case, Outcome | Declined]] = []  # of the last case: its claims come one after the other


def _decided(case: Case) -> Outcome:
    if not _latest or _latest[0][0] is not case:
        try:
            _latest[:] = [(case, decide(case))]
        except Declined as declined:
            _latest[:] = [(case, declined)]
    found = _latest[0][1]
    if isinstance(found, Declined):
        raise found
    return found


class _Search:
    def __init__(self, setting: Setting, budget: int | None) -> None:
        self.setting, self.budget, self.programs = setting, budget or MIN_PROGRAMS, 0
        self.deadline = time.monotonic() + (0.0 if budget else clock.seconds())
        self.rows = Rows(setting)
        self.latest: deque[Json] = deque(maxlen=KEPT)

    def close(self, branch: Branch) -> Json:
        """A node for the branch; raises _Found or Declined."""
        leaf = self._swap(branch) or self._again(branch)
        if leaf is not None:
            return leaf
        answer = self._solve(branch)
        if not isinstance(answer, tuple):
            self.latest.appendleft(answer)
            return answer
        choice = self._choose(branch, answer)
        then: list[Json] = []
        for part in split(branch, choice):
            node = self.close(part)
            if "rows" in node and self.rows.refute(branch, node):
                return node  # the split was not needed
            then.append(node)
        return {**choice, "then": then}

    def _swap(self, branch: Branch) -> Json | None:
        for first, second in combinations(range(self.setting.width), 2):
            if branch.out_of_order(first, second):
                return {"swap": [first, second]}
        return None

    def _again(self, branch: Branch) -> Json | None:
        for k, leaf in enumerate(self.latest):
            if self.rows.refute(branch, leaf):
                del self.latest[k]
                self.latest.appendleft(leaf)
                return leaf
        return None

    # -- one linear program --------------------------------------------------------------------------------------------

    def _solve(self, branch: Branch) -> Json | Point:
        """A leaf, or values of the unknowns that satisfy all rows."""
        self.programs += 1
        if self.programs > self.budget and time.monotonic() > self.deadline:
            reason = f"not decided within {self.programs - 1} linear programs (with more --timeout there are more)"
            raise Declined("patterns-too-many", reason)
        named = [(name, row) for name in self.rows.names if (row := self.rows.named(branch, name)) is not None]
        directions = list(self.rows.directions(branch))
        rows = [row for _, row in named] + [d.row for d in directions]
        free = [row.relation == EQUAL for _, row in named] + [d.both for d in directions]
        used = sorted({k for row in rows for k in row.coefficients})
        matrix = [[row.coefficients.get(k, _ZERO) for row in rows] + [_ZERO] for k in used]
        matrix.append([row.constant for row in rows] + [_ONE])
        strict = [_ONE if row.relation == ABOVE else _ZERO for row in rows]
        matrix.append([*strict, _ONE])  # the last column is the row 1 > 0
        right = [_ZERO] * (len(used) + 1) + [_ONE]
        lower = [None if f else _ZERO for f in free] + [_ZERO]
        answer = feasible(matrix, right, lower, [None] * len(lower))
        if isinstance(answer, Feasible):
            return _leaf([name for name, _ in named], directions, answer.x[:-1])
        scale = answer.farkas[len(used)]
        values = [_ZERO] * self.setting.unknowns
        for k, v in zip(used, answer.farkas, strict=False):
            values[k] = v / scale
        return tuple(values)

    # -- what to split -------------------------------------------------------------------------------------------------

    def _choose(self, branch: Branch, values: Point) -> Json:
        """How to split, unit by unit; raises _Found if the values, as they are, give a bad local minimum.

        The misclassified sample comes late: one contradiction often serves all of them.
        """
        setting = self.setting
        if None not in branch.signs:
            actual = _actual(branch, values)
            if actual is not None and self._is_bad_minimum(actual, values):
                raise _Found(_theta(actual, values))
        for j, sign in enumerate(branch.signs):
            if sign is None:
                return {"sign": j}
            for i in setting.samples:
                if setting.bent and branch.sides[j][i] is None and not setting.blind(i):
                    return {"side": [j, i]}
        if branch.wrong is None:
            return {"wrong": None}
        for i in setting.samples:
            if branch.pieces[i] is None:
                return {"piece": i}
        raise Declined("patterns-open", "a branch is not decided by its linear program")

    def _is_bad_minimum(self, actual: Branch, values: Point) -> bool:
        if actual.wrong is None:
            return False
        point = _evaluated(actual, values)
        named = (self.rows.named(actual, name) for name in self.rows.names)
        moved = (replace(d.row, relation=EQUAL) if d.both else d.row for d in self.rows.directions(actual))
        return all(row is None or _holds(row, point) for row in (*named, *moved))


def rays(setting: Setting) -> list[tuple[int, ...]]:
    """Directions that, with their negatives, span every cell of the arrangement of the hyperplanes x_i . d = 0.

    A cell is a cone; modulo the directions that no sample sees it is pointed, so its extreme rays span it. On each of
    them rank - 1 independent x_i are orthogonal to d.
    """
    features = [x for x in setting.features if any(x)]
    if not features:
        return []
    unseen = list(nullspace(features, setting.dimension))
    found: dict[tuple[int, ...], None] = {}
    for chosen in combinations(dict.fromkeys(features), rank(features) - 1):
        line = nullspace([*chosen, *unseen], setting.dimension)
        if len(line) == 1:
            d = primitive(line[0])  # type: ignore[arg-type]
            if tuple(-v for v in d) not in found:
                found[d] = None
    return list(found)


@dataclass(frozen=True)
class Direction:
    """A row of a direction; both: -d has the negative row, so that the row is an equation."""

    unit: int
    d: tuple[int, ...]
    row: Row
    both: bool


class Rows:
    """The rows of branches of one setting, each computed once for everything that it depends on."""

    def __init__(self, setting: Setting) -> None:
        self.names = tuple(_row_names(setting))
        self._rays = rays(setting)
        self._known: dict[object, Row | None] = {}
        self._directions: dict[object, tuple[Direction, ...]] = {}

    def named(self, branch: Branch, name: str) -> Row | None:
        """As `branch.find`."""
        key = (name, _depends(branch, name))
        if key not in self._known:
            self._known[key] = branch.find(name)
        return self._known[key]

    def direction(self, branch: Branch, unit: int, d: tuple[int, ...]) -> Row | None:
        """As `branch.direction`, None where that raises."""
        key = (unit, d, _state(branch, unit))
        if key not in self._known:
            try:
                self._known[key] = branch.direction(unit, [fmpq(v) for v in d])
            except Rejected:
                self._known[key] = None
        return self._known[key]

    def directions(self, branch: Branch) -> Iterator[Direction]:
        """The rows of all rays that the branch has."""
        for j, tau in enumerate(branch.signs):
            if tau is not None:
                key = (j, _state(branch, j))
                if key not in self._directions:
                    self._directions[key] = tuple(self._of_unit(branch, j))
                yield from self._directions[key]

    def _of_unit(self, branch: Branch, unit: int) -> Iterator[Direction]:
        for d in self._rays:
            opposite = tuple(-v for v in d)
            forth, back = self.direction(branch, unit, d), self.direction(branch, unit, opposite)
            if forth is None or back is None:
                continue  # an open side and sign: the same samples block both
            if forth.coefficients != {k: -c for k, c in back.coefficients.items()}:
                yield Direction(unit, d, forth, False)
                yield Direction(unit, opposite, back, False)
            elif forth.coefficients:
                yield Direction(unit, d, forth, True)

    def refute(self, branch: Branch, leaf: Json) -> bool:
        """Whether the leaf, made for another branch, refutes this one."""
        terms: list[Weighted] = []
        for name, y in leaf["rows"].items():
            row = self.named(branch, name)
            if row is None or (y < 0 and row.relation != EQUAL):
                return False
            terms.append(Weighted(row, fmpq(y)))
        for unit, d, y in leaf["directions"]:
            row = None if branch.signs[unit] is None else self.direction(branch, unit, tuple(d))
            if row is None:
                return False
            terms.append(Weighted(row, fmpq(y)))
        return contradictory(branch.setting, terms)


def _row_names(setting: Setting) -> Iterator[str]:
    limits = {"unit": setting.width, "sample": len(setting.features), "piece": len(setting.pieces)}
    for kind, sizes in KINDS.items():
        for numbers in product(*(range(limits[size]) for size in sizes)):
            yield " ".join([kind, *map(str, numbers)])


def _depends(branch: Branch, name: str) -> object:
    """What the row depends on beside its name."""
    kind, *rest = name.split(" ")
    if kind in ("wrong", "steep"):
        return branch.wrong
    if kind == "error":
        return branch.pieces, branch.wrong
    if kind == "side":
        return branch.sides[int(rest[0])][int(rest[1])]
    if kind == "output":
        return branch.signs, tuple(own[int(rest[0])] for own in branch.sides)
    if kind in ("piece", "low", "high"):
        return branch.pieces[int(rest[0])]
    if kind == "sign":
        return branch.pieces[int(rest[0])], branch.wrong == int(rest[0])
    return None


def _state(branch: Branch, unit: int) -> object:
    """What the rows of directions of a unit depend on."""
    sides = branch.sides[unit]
    signs = tuple(branch.known_sign(i) if side is None else None for i, side in enumerate(sides))
    return branch.signs[unit], sides, signs


def _leaf(names: Sequence[str], directions: Sequence[Direction], y: Point) -> Json:
    multipliers = primitive(y)
    rows = {name: m for name, m in zip(names, multipliers, strict=False) if m}
    used = [
        [it.unit, [v if m > 0 else -v for v in it.d], abs(m)]
        for it, m in zip(directions, multipliers[len(names) :], strict=True)
        if m
    ]
    return {"rows": rows, "directions": used}


# -- values of the unknowns as a point ---------------------------------------------------------------------------------


def _actual(branch: Branch, values: Point) -> Branch | None:
    """The branch, with everything fixed, that the point is in; None where a unit with a_j = 0 is on a kink."""
    setting = branch.setting
    sides: list[tuple[int | None, ...]] = []
    for j, tau in enumerate(branch.signs):
        own = [_sign(_activation(setting, values, j, i)) for i in setting.samples]
        if tau == 0 and any(s == 0 and not setting.blind(i) for i, s in enumerate(own)):
            return None
        sides.append(tuple(None if setting.blind(i) else s for i, s in enumerate(own)))
    whole = Branch(setting, branch.signs, tuple(sides), (None,) * len(setting.features))
    z = [_margin(whole, values, i) for i in setting.samples]
    pieces = [next(k for k, p in enumerate(setting.pieces) if p.right is None or v <= p.right) for v in z]
    wrong = next((i for i, v in enumerate(z) if v >= 0), None)
    return Branch(setting, branch.signs, tuple(sides), tuple(pieces), wrong)


def _evaluated(actual: Branch, values: Point) -> Point:
    """The values with the z and lambda that the point has."""
    setting, found = actual.setting, list(values)
    for i in setting.samples:
        piece = setting.pieces[actual.pieces[i] or 0]
        found[setting.margin(i)] = z = _margin(actual, values, i)
        found[setting.slope(i)] = piece.constant + piece.slope * z
    return tuple(found)


def _margin(branch: Branch, values: Point, sample: int) -> fmpq:
    """z_i of the point, from the row that says so."""
    row = branch.row(f"output {sample}")
    place = branch.setting.margin(sample)
    return -sum((c * values[k] for k, c in row.coefficients.items() if k != place), _ZERO)


def _activation(setting: Setting, values: Point, unit: int, sample: int) -> fmpq:
    x = setting.features[sample]
    return sum((v * values[setting.weight(unit, k)] for k, v in enumerate(x)), _ZERO)


def _holds(row: Row, values: Point) -> bool:
    total = sum((c * values[k] for k, c in row.coefficients.items()), row.constant)
    if row.relation == EQUAL:
        return bool(total == 0)
    return bool(total > 0 if row.relation == ABOVE else total >= 0)


def _sign(x: fmpq) -> int:
    return int(x > 0) - int(x < 0)


def _theta(branch: Branch, values: Point) -> Theta:
    """The point with a_j = tau_j and w_j = v_j."""
    setting = branch.setting
    rows = [[values[setting.weight(j, k)] for k in range(setting.dimension)] for j in range(setting.width)]
    a = tuple(fmpq(s or 0) for s in branch.signs)
    a0 = values[0] if setting.output_bias else None
    if not setting.hidden_bias:
        return (Weights(a0, a, (tuple(map(tuple, rows)),), None),)
    W = tuple(tuple(row[:-1]) for row in rows)
    return (Weights(a0, a, (W,), (tuple(row[-1] for row in rows),)),)
