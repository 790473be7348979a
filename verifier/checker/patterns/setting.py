"""What the pattern method needs of a case: the two slopes of the unit, the pieces of the loss's slope, the features.

The method is about single-layer nets whose unit is linear on each side of 0 (relu, leaky_relu, abs, linear): such a
unit is positively homogeneous, s(tz) = t s(z) for t > 0, so that with v_j = |a_j| (w_j, b_j) and tau_j = sign(a_j) the
output is f = a0 + sum_j tau_j s(v_j . (x, 1)). (hard_tanh is not homogeneous: a_j and w_j do not merge into one v_j.)
The loss is convex, C^1 and quadratic on each piece in z = -y f (quadratic, squared_hinge): lambda = l'(z) is then
affine in z on each piece. (The hinge is not C^1; a cubic hinge would make the systems quadratic.) No weight decay.
"""

from __future__ import annotations

from dataclasses import dataclass

from flint import fmpq, fmpq_poly

from verifier.checker import number
from verifier.checker.case import Case
from verifier.checker.errors import Rejected, require
from verifier.checker.piecewise import PiecewisePolynomial, piecewise
from verifier.checker.theorems.hypothesis import Hypothesis

WHERE = "patterns"
End = fmpq | None
Vector = tuple[fmpq, ...]


@dataclass(frozen=True)
class Piece:
    """lambda = constant + slope * z for left <= z <= right (None: no end); `side` is the sign of lambda inside."""

    left: End
    right: End
    constant: fmpq
    slope: fmpq
    side: int


@dataclass(frozen=True)
class Setting:
    """The case as the method sees it. features: n x (d+1), or n x d without hidden biases; all numbers rational."""

    features: tuple[Vector, ...]
    labels: tuple[int, ...]
    multiplicity: tuple[int, ...]
    width: int
    hidden_bias: bool
    output_bias: bool
    below: fmpq  # slope of the unit left of 0
    above: fmpq  # slope right of 0
    pieces: tuple[Piece, ...]
    at_zero: fmpq  # lambda at z = 0

    @property
    def samples(self) -> range:
        return range(len(self.features))

    @property
    def dimension(self) -> int:
        return len(self.features[0])

    # Places of the unknowns of the linear systems: a0, then v_0, v_1, ..., then z_i, then lambda_i.

    def weight(self, unit: int, k: int) -> int:
        return 1 + unit * self.dimension + k

    def margin(self, sample: int) -> int:
        return 1 + self.width * self.dimension + sample

    def slope(self, sample: int) -> int:
        return 1 + self.width * self.dimension + len(self.features) + sample

    @property
    def unknowns(self) -> int:
        return 1 + self.width * self.dimension + 2 * len(self.features)

    def blind(self, sample: int) -> bool:
        """The feature vector is 0: every pre-activation is 0 whatever the weights."""
        return all(v == 0 for v in self.features[sample])

    @property
    def affine(self) -> bool:
        """l' is one affine function."""
        return len({(p.constant, p.slope) for p in self.pieces}) == 1

    @property
    def bent(self) -> bool:
        """The unit has a kink at 0."""
        return self.below != self.above


def read_setting(case: Case) -> tuple[Setting, tuple[Hypothesis, ...]]:
    """The case, if the method applies to it; raises Rejected with the condition that fails."""
    require(case.labels is not None, WHERE, "needs labels +-1")
    assert case.labels is not None
    single = len(case.parts) == 1 and case.parts[0].depth == 1
    require(single, WHERE, "needs a net with one hidden layer and nothing in parallel")
    require(number.is_zero(case.weight_decay), WHERE, "the loss has a weight decay")
    part = case.parts[0]
    below, above = unit_slopes(piecewise(part.activation))
    pieces = slope_pieces(piecewise(case.loss(0)))
    at_zero = next(p.constant for p in pieces if p.right is None or p.right >= 0)
    one = (fmpq(1),) if part.hidden_bias else ()
    features = tuple((*_rational(x), *one) for x in case.inputs)
    setting = Setting(
        features,
        case.labels,
        case.multiplicity,
        part.hidden[0],
        part.hidden_bias,
        part.output_bias,
        below,
        above,
        pieces,
        at_zero,
    )
    hypotheses = (
        Hypothesis("architecture", True, "one hidden layer, no weight decay"),
        Hypothesis("piecewise linear neuron", True, f"slope {below} left of 0 and {above} right of 0, and s(0) = 0"),
        Hypothesis("loss", True, f"convex and C^1, its slope affine on each of {len(pieces)} pieces"),
    )
    return setting, hypotheses


def _rational(x: tuple[number.Exact, ...]) -> Vector:
    found: list[fmpq] = []
    for v in x:
        if not isinstance(v, fmpq):
            raise Rejected(WHERE, "an input is irrational")
        found.append(v)
    return tuple(found)


def unit_slopes(whole: PiecewisePolynomial | None) -> tuple[fmpq, fmpq]:
    """The slopes left and right of 0 of a unit that is linear on each side; raises Rejected."""
    if whole is None:
        raise Rejected(WHERE, "the neuron is not piecewise linear with rational slopes")
    homogeneous = whole.breakpoints in ((), (fmpq(0),)) and all(p.degree() <= 1 and p[0] == 0 for p in whole.pieces)
    require(homogeneous, WHERE, "the neuron is not linear on each side of 0 with value 0 there")
    return whole.pieces[0][1], whole.pieces[-1][1]


def slope_pieces(loss: PiecewisePolynomial | None) -> tuple[Piece, ...]:
    """The pieces of l', cut where it passes through 0, from left to right; raises Rejected unless l is convex and
    C^1 and of degree at most 2 on each piece.
    """
    if loss is None:
        raise Rejected(WHERE, "the loss is not piecewise quadratic with rational pieces")
    found: list[Piece] = []
    derivatives: list[fmpq_poly] = [p.derivative() for p in loss.pieces]
    require(all(p.degree() <= 1 for p in derivatives), WHERE, "a piece of the loss has degree above 2")
    require(all(p[1] >= 0 for p in derivatives), WHERE, "the loss is not convex")
    for b, p, q in zip(loss.breakpoints, derivatives[:-1], derivatives[1:], strict=True):
        require(p(b) == q(b), WHERE, f"the loss is not differentiable at z = {b}")
    for (left, right, _), p in zip(loss.intervals(), derivatives, strict=True):
        for low, high in _cut(left, right, p):
            found.append(Piece(low, high, p[0], p[1], _side(p, low, high)))
    return tuple(found)


def _cut(left: End, right: End, p: fmpq_poly) -> list[tuple[End, End]]:
    if p[1] == 0:
        return [(left, right)]
    root = -p[0] / p[1]
    inside = (left is None or left < root) and (right is None or root < right)
    return [(left, root), (root, right)] if inside else [(left, right)]


def _side(p: fmpq_poly, left: End, right: End) -> int:
    """The sign inside an interval where an affine function has no root (or is 0)."""
    if left is not None:
        inside = left + 1 if right is None else (left + right) / 2
    else:
        inside = fmpq(0) if right is None else right - 1
    value = p(inside)
    return int(value > 0) - int(value < 0)
