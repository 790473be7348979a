"""The linear conditions that a bad local minimum of a given pattern satisfies.

Write x_i for the feature vector of sample i, tau_j for the sign of a_j, v_j = |a_j| w_j (any row w_j, if a_j = 0),
u_ij = v_j . x_i, z_i = -y_i f(x_i), lambda_i = l'(z_i), g_i = -m_i y_i lambda_i (so dL = (1/N) sum_i g_i df_i), and
D_j(d) = sum_i g_i s'(u_ij; x_i . d) with one-sided slopes. A *branch* fixes some of: the signs tau_j, the sides
(signs of u_ij), the pieces of l' that hold the z_i, and one misclassified sample.

Lemma (necessary conditions). At a bad local minimum, moved as below, every row of its branch holds:

bias         sum_i g_i = 0: dL/da0 = 0.
d, unit j    tau_j D_j(d) >= 0 for every d, where tau_j != 0: N tau_j D_j(d) is, up to |a_j| > 0, the derivative of L in
             direction d of w_j (L is differentiable in the outputs). Where tau_j = 0, D_j(d) = 0: moving w_j alone does
             not change L, so all points with w_j nearby are local minima with the same g, and dL/da_j = 0 at each of
             them: sum_i g_i s(w . x_i) = 0 for all w near w_j, a function with slope D_j(d).
             A sample whose side is open has one of the two slopes of s; where the sign of lambda_i is known, the
             term is at most the larger of the two values, and the row with that value in its place still holds.
side j i     u_ij > 0, = 0 or < 0.
output i     z_i + y_i (a0 + sum_j tau_j s(u_ij)) = 0; a row where the slope of s is known for each unit that counts.
piece i      lambda_i is the affine function of z_i on the piece (on all pieces, if l' is affine);
low i,high i z_i is between the ends of the piece.
sign i       lambda_i has its known sign: that of the piece, or one that l' has everywhere.
wrong        z_q >= 0 for the misclassified sample q; steep: lambda_q >= l'(0), as l' does not fall.
error        where the signs of all lambda_i are known and l'(0) >= 0: the sum of those known to be >= 0 is >= l'(0).
             One of them is the lambda_q of a misclassified sample, or lambda_q <= 0 and so l'(0) = 0.
over i k     lambda_i >= the k-th piece's affine function of z_i, if l' is convex; under i k: <=, if l' is concave.
             (Neither is needed, nor there, if l' is affine.)

Moves that lose nothing. (1) A unit with a_j = 0 may have its w_j moved a little, to where no u_ij is 0 (unless x_i =
0): the loss and all outputs stay, so it is a bad local minimum still. (2) Units may be permuted: let the keys (tau_j,
sides of unit j in the order of samples) not fall from one unit to the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TypeVar

from flint import fmpq

from verifier.checker.errors import Rejected, require
from verifier.checker.patterns.setting import WHERE, Setting, Vector

_ZERO = fmpq(0)
EQUAL, AT_LEAST, ABOVE = "=", ">=", ">"
Side = int | None
T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """sum of coefficients * unknowns + constant, which is = 0, >= 0 or > 0."""

    coefficients: dict[int, fmpq]
    constant: fmpq
    relation: str


@dataclass(frozen=True)
class Branch:
    """What is fixed: tau_j, sides[j][i], pieces[i], the misclassified sample; None where open."""

    setting: Setting
    signs: tuple[Side, ...]
    sides: tuple[tuple[Side, ...], ...]
    pieces: tuple[int | None, ...]
    wrong: int | None = None

    # -- fixing more ---------------------------------------------------------------------------------------------------

    def with_sign(self, unit: int, sign: int) -> Branch:
        require(self.signs[unit] is None, WHERE, f"the sign of unit {unit} is fixed twice")
        return replace(self, signs=_put(self.signs, unit, sign))

    def with_side(self, unit: int, sample: int, side: int) -> Branch:
        require(self.sides[unit][sample] is None, WHERE, f"the side of unit {unit} on sample {sample} is fixed twice")
        return replace(self, sides=_put(self.sides, unit, _put(self.sides[unit], sample, side)))

    def with_piece(self, sample: int, piece: int) -> Branch:
        require(self.pieces[sample] is None, WHERE, f"the piece of sample {sample} is fixed twice")
        return replace(self, pieces=_put(self.pieces, sample, piece))

    def with_wrong(self, sample: int) -> Branch:
        require(self.wrong is None, WHERE, "the misclassified sample is fixed twice")
        return replace(self, wrong=sample)

    def possible_sides(self, unit: int, sample: int) -> tuple[int, ...]:
        """The sides that a sample can have, after move (1)."""
        require(self.signs[unit] is not None, WHERE, f"the side of unit {unit} is split before its sign")
        require(not self.setting.blind(sample), WHERE, f"sample {sample} has a side, but its features are 0")
        return (-1, 1) if self.signs[unit] == 0 else (-1, 0, 1)

    def out_of_order(self, first: int, second: int) -> bool:
        """The key of unit `second` > `first` is certainly smaller than that of `first`: excluded by move (2)."""
        pairs = zip(self._key(first), self._key(second), strict=True)
        for a, b in takewhile(lambda pair: None not in pair, pairs):
            if a != b:
                return first < second and a > b  # type: ignore[operator]
        return False

    def _key(self, unit: int) -> list[Side]:
        sides = [s for i, s in enumerate(self.sides[unit]) if not self.setting.blind(i)]
        return [self.signs[unit], *sides]

    # -- the rows ------------------------------------------------------------------------------------------------------

    def row(self, name: str) -> Row:
        """The row of that name; raises Rejected if the branch has none."""
        found = self.find(name)
        if found is None:
            raise Rejected(WHERE, f"the branch has no row {name!r:.40}")
        return found

    def find(self, name: str) -> Row | None:
        """The row of that name, or None if the branch has none."""
        kind, *rest = name.split(" ")
        numbers = [int(x) for x in rest if x.isascii() and x.isdigit() and len(x) < 9]
        limits = {"unit": self.setting.width, "sample": len(self.setting.features), "piece": len(self.setting.pieces)}
        sizes = KINDS.get(kind)
        if sizes is None or len(sizes) != len(rest) or len(numbers) != len(rest):
            return None
        if any(x >= limits[size] for x, size in zip(numbers, sizes, strict=True)):
            return None
        if kind == "bias":
            return self._bias()
        if kind in ("wrong", "steep", "error"):
            return self._misclassified(kind)
        if kind == "side":
            return self._side(*numbers)
        if kind == "output":
            return self._output(*numbers)
        if kind in ("over", "under"):
            return self._hull(kind, *numbers)
        return self._loss(kind, *numbers)

    def _bias(self) -> Row | None:
        if not self.setting.output_bias:
            return None
        return Row({self.setting.slope(i): self._pull(i) for i in self.setting.samples}, _ZERO, EQUAL)

    def _pull(self, sample: int) -> fmpq:
        """g_i / lambda_i."""
        return fmpq(-self.setting.multiplicity[sample] * self.setting.labels[sample])

    def _misclassified(self, kind: str) -> Row | None:
        setting = self.setting
        if kind == "error":
            known = [self.known_sign(i) for i in setting.samples]
            if setting.at_zero < 0 or 0 in known:
                return None
            return Row({setting.slope(i): fmpq(1) for i in setting.samples if known[i] > 0}, -setting.at_zero, AT_LEAST)
        if self.wrong is None:
            return None
        if kind == "wrong":
            return Row({setting.margin(self.wrong): fmpq(1)}, _ZERO, AT_LEAST)
        return Row({setting.slope(self.wrong): fmpq(1)}, -setting.at_zero, AT_LEAST)

    def _side(self, unit: int, sample: int) -> Row | None:
        side = self.sides[unit][sample]
        if side is None:
            return None
        factor = fmpq(side or 1)
        return Row(self._activation(unit, sample, factor), _ZERO, ABOVE if side else EQUAL)

    def _activation(self, unit: int, sample: int, factor: fmpq) -> dict[int, fmpq]:
        x = self.setting.features[sample]
        return {self.setting.weight(unit, k): factor * v for k, v in enumerate(x) if v != 0}

    def _output(self, sample: int) -> Row | None:
        setting = self.setting
        y = fmpq(setting.labels[sample])
        coefficients = {setting.margin(sample): fmpq(1)}
        if setting.output_bias:
            coefficients[0] = y
        if setting.blind(sample):
            return Row(coefficients, _ZERO, EQUAL)  # every s(u_ij) is s(0) = 0
        for unit, tau in enumerate(self.signs):
            if tau is None:
                return None
            if tau == 0 or self.sides[unit][sample] == 0:
                continue  # the unit adds 0
            slope = self._slope(unit, sample)
            if slope is None:
                return None
            coefficients |= self._activation(unit, sample, y * tau * slope)
        return Row(coefficients, _ZERO, EQUAL)

    def _slope(self, unit: int, sample: int) -> fmpq | None:
        """The slope of s at u_ij, where it is known and u_ij is not on the kink."""
        setting, side = self.setting, self.sides[unit][sample]
        if not setting.bent:
            return setting.above
        if side is None or side == 0:
            return None
        return setting.above if side > 0 else setting.below

    def _loss(self, kind: str, sample: int) -> Row | None:
        setting = self.setting
        if kind == "sign":
            side = self.known_sign(sample)
            return Row({setting.slope(sample): fmpq(side)}, _ZERO, AT_LEAST) if side else None
        if self.pieces[sample] is None and not (kind == "piece" and setting.affine):
            return None
        piece = setting.pieces[self.pieces[sample] or 0]
        if kind == "piece":
            return Row({setting.slope(sample): fmpq(1), setting.margin(sample): -piece.slope}, -piece.constant, EQUAL)
        if kind == "low" and piece.left is not None:
            return Row({setting.margin(sample): fmpq(1)}, -piece.left, AT_LEAST)
        if kind == "high" and piece.right is not None:
            return Row({setting.margin(sample): fmpq(-1)}, piece.right, AT_LEAST)
        return None

    def known_sign(self, sample: int) -> int:
        """1 (-1) if lambda_i >= 0 (<= 0) is known, else 0."""
        setting, piece = self.setting, self.pieces[sample]
        sides = {p.side for p in setting.pieces} if piece is None else {setting.pieces[piece].side}
        if piece is None and sample == self.wrong and setting.at_zero >= 0:
            return 1  # lambda_q >= l'(0)
        if sides <= {0, 1}:
            return 1
        return -1 if sides <= {-1, 0} else 0

    def _hull(self, kind: str, sample: int, piece: int) -> Row | None:
        setting = self.setting
        slopes = [p.slope for p in setting.pieces]
        if setting.affine or slopes != sorted(slopes, reverse=kind == "under"):
            return None
        p, factor = setting.pieces[piece], fmpq(1 if kind == "over" else -1)
        coefficients = {setting.slope(sample): factor, setting.margin(sample): -factor * p.slope}
        return Row(coefficients, -factor * p.constant, AT_LEAST)

    def direction(self, unit: int, d: Sequence[fmpq]) -> Row:
        """tau_j D_j(d) >= 0 (D_j(d) >= 0 if tau_j = 0); raises Rejected where an open side and sign forbid it."""
        tau = self.signs[unit]
        if tau is None:
            raise Rejected(WHERE, f"a direction of unit {unit}, whose sign is open")
        coefficients: dict[int, fmpq] = {}
        for i, x in enumerate(self.setting.features):
            moved = _dot(x, d)
            if moved == 0:
                continue
            factor = (tau or 1) * self._pull(i) * moved
            coefficients[self.setting.slope(i)] = factor * self._one_sided(unit, i, moved > 0, factor)
        return Row(coefficients, _ZERO, AT_LEAST)

    def _one_sided(self, unit: int, sample: int, rising: bool, factor: fmpq) -> fmpq:
        """The slope of s on the side to which u_ij moves, or the one that makes factor * lambda * slope larger."""
        setting = self.setting
        slope = self._slope(unit, sample)
        if slope is not None:
            return slope
        if self.sides[unit][sample] == 0:
            return setting.above if rising else setting.below
        known = self.known_sign(sample)
        require(known != 0, WHERE, f"unit {unit} has an open side on sample {sample}, and the slope no known sign")
        pick = max if factor * known > 0 else min
        return pick(setting.below, setting.above)


# Kind of row -> what the numbers in its name count, from 0.
KINDS: Mapping[str, tuple[str, ...]] = {
    "bias": (),
    "wrong": (),
    "steep": (),
    "error": (),
    "side": ("unit", "sample"),
    **dict.fromkeys(("output", "piece", "low", "high", "sign"), ("sample",)),
    **dict.fromkeys(("over", "under"), ("sample", "piece")),
}


def root(setting: Setting) -> Branch:
    """The branch that fixes nothing."""
    n = len(setting.features)
    return Branch(setting, (None,) * setting.width, ((None,) * n,) * setting.width, (None,) * n)


def _put(values: tuple[T, ...], index: int, value: T) -> tuple[T, ...]:
    return (*values[:index], value, *values[index + 1 :])


def _dot(x: Vector, d: Sequence[fmpq]) -> fmpq:
    total = _ZERO
    for a, b in zip(x, d, strict=True):
        total += a * b
    return total
