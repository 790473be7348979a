"""What the solver is asked: a net of one hidden layer with units linear on each side of 0, and a convex loss whose
slope is affine on each piece; data that are given, or free within bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from flint import fmpq

from verifier.case.types import Case
from verifier.checker import number
from verifier.checker.errors import Rejected
from verifier.checker.patterns.setting import unit_slopes
from verifier.checker.piecewise import PiecewisePolynomial, piecewise
from verifier.model.translate import checker_case
from verifier.search.kinds import DataKind

MAX_UNKNOWNS = 60  # weights, and as many pairs of a unit and a sample
End = fmpq | None
Rationals = tuple[fmpq, ...]


@dataclass(frozen=True)
class Slope:
    """The loss's slope on left <= z <= right (None: no end) is constant + rise * z."""

    left: End
    right: End
    constant: fmpq
    rise: fmpq

    def at(self, z: fmpq) -> fmpq:
        """Its value."""
        return self.constant + self.rise * z


@dataclass(frozen=True)
class Shape:
    """The net and the loss. The unit has slope `below` left of 0 and `above` right of it; it is positively homogeneous,
    so outgoing weights are 1 or -1 without loss of generality (a weight 0 is not looked for).
    """

    width: int
    hidden_bias: bool
    output_bias: bool
    below: fmpq
    above: fmpq
    slopes: tuple[Slope, ...]


@dataclass(frozen=True)
class GivenData:
    """n samples as in a case: inputs n x d, labels, multiplicities."""

    inputs: tuple[Rationals, ...]
    labels: tuple[int, ...]
    multiplicity: tuple[int, ...]

    @property
    def samples(self) -> int:
        """n."""
        return len(self.labels)

    @property
    def dimension(self) -> int:
        """d."""
        return len(self.inputs[0])


@dataclass(frozen=True)
class FreeData:
    """n distinct integer inputs with coordinates from -reach to reach, any labels, multiplicities of at most `most`
    and a total of at most `total`.

    separable: by a hyperplane (through 0 if the units have no bias); subspaces: positive samples in the span of the
    first half of the coordinates, negative ones in that of the others; general: no condition.
    """

    kind: DataKind
    samples: int
    dimension: int
    reach: int = 4
    most: int = 1
    total: int | None = None


@dataclass(frozen=True)
class Question:
    """Is there a bad local minimum? `live`: some unit is on a side where it is not constant, on some sample.

    `denominator`: all parameters are multiples of 1/denominator and at most `bound` in size, if that is given.
    """

    shape: Shape
    data: GivenData | FreeData
    live: bool = False
    denominator: int | None = None
    bound: int = 0


def question_of(case: Case, data: FreeData | None = None, live: bool = False) -> Question:
    """The question about a case, or about its net and loss with free data; raises Rejected where the encoding does not
    apply.
    """
    checked = checker_case(case)
    if len(checked.parts) != 1 or checked.parts[0].depth != 1:
        raise Rejected("smt", "needs a net with one hidden layer and nothing in parallel")
    if not number.is_zero(checked.weight_decay):
        raise Rejected("smt", "the loss has a weight decay")
    if data is None and checked.labels is None:
        raise Rejected("smt", "needs labels")
    part = checked.parts[0]
    below, above = unit_slopes(piecewise(part.activation))
    asked = data or _given(case)
    if part.hidden[0] * (asked.samples + asked.dimension + 1) > MAX_UNKNOWNS:
        raise Rejected("smt", "the net or the data are too large")
    slopes = slopes_of(piecewise(checked.loss(0)))
    shape = Shape(part.hidden[0], part.hidden_bias, part.output_bias, below, above, slopes)
    return Question(shape, asked, live)


def slopes_of(loss: PiecewisePolynomial | None) -> tuple[Slope, ...]:
    """The pieces of the loss's slope from left to right; raises Rejected unless the loss is convex, with pieces of
    degree 2 at most. Jumps of the slope are allowed: the hinge has one.
    """
    if loss is None:
        raise Rejected("smt", "the loss is not piecewise quadratic with rational pieces")
    found = []
    for left, right, p in loss.intervals():
        slope = p.derivative()
        if slope.degree() > 1 or slope[1] < 0:
            raise Rejected("smt", "the loss is not convex with pieces of degree 2 at most")
        found.append(Slope(left, right, slope[0], slope[1]))
    for before, after in pairwise(found):
        assert before.right is not None
        if before.at(before.right) > after.at(before.right):
            raise Rejected("smt", f"the loss is not convex at z = {before.right}")
    return tuple(found)


def _given(case: Case) -> GivenData:
    rows: list[Rationals] = []
    for x in case.data.inputs:
        row = tuple(v for v in x if isinstance(v, fmpq))
        if len(row) < len(x):
            raise Rejected("smt", "an input is irrational")
        rows.append(row)
    return GivenData(tuple(rows), case.data.labels or (), case.data.multiplicity)
