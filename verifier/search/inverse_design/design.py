"""A design: samples with multiplicities and a float point near which `verify` is to prove a strict bad minimum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq

from verifier.case.types import Case, Claim, Data, Loss, Network
from verifier.checker.expression import parse_number
from verifier.checker.network import unflatten
from verifier.model.translate import checker_case
from verifier.search.case_file import case_text as written


@dataclass(frozen=True)
class Design:
    """`inputs` are n integer rows; `labels` and `multiplicities` have length n; `point` has the P parameters in the
    flat order; `t` is the optimum of the semidefinite program it came from, relative to the scales of its coordinates.
    """

    network: Network
    loss: Loss
    inputs: tuple[tuple[int, ...], ...]
    labels: tuple[int, ...]
    multiplicities: tuple[int, ...]
    point: tuple[float, ...]
    t: float
    misclassified: int  # the total multiplicity of the misclassified samples
    strict: bool = True  # false where moves that leave the loss unchanged pass through the point

    @property
    def total(self) -> int:
        """N."""
        return sum(self.multiplicities)

    @property
    def training_error(self) -> fmpq:
        """The share of misclassified samples."""
        return fmpq(self.misclassified, self.total)


def case_of(design: Design) -> Case:
    """The samples, net and loss of a design as a case without a point and claims."""
    return bare_case(design.network, design.loss, design.inputs, design.labels, design.multiplicities)


def bare_case(
    network: Network,
    loss: Loss,
    inputs: Sequence[Sequence[int]],
    labels: Sequence[int],
    multiplicities: Sequence[int],
) -> Case:
    """A case without a point and claims."""
    rows = tuple(tuple(fmpq(v) for v in row) for row in inputs)
    data = Data(rows, tuple(labels), None, tuple(multiplicities))
    return Case(data, network, loss, title="a design", path="-")


def case_text(
    design: Design,
    title: str = "A strict bad local minimum by inverse design",
    near: str = "1/10000",
    digits: int = 6,
) -> str:
    """A complete case file; its claim: within `near` of the point, rounded to `digits` decimals, there is a strict (if
    `design.strict`) bad local minimum with the design's training error.
    """
    case = case_of(design)
    theta = [fmpq(round(v * 10**digits), 10**digits) for v in design.point]
    claim = Claim(
        "local-minimum",
        strict=True if design.strict else None,
        near=parse_number(near),
        bad=True,
        training_error=design.training_error,
    )
    return written(case, unflatten(checker_case(case), theta), [claim], title, _story(design))


def _story(design: Design) -> str:
    return (
        "Found by inverse design, with the point fixed and the data free: a semidefinite program chose weights of\n"
        "candidate samples that make the point stationary and the Hessian positive definite; then the weights were\n"
        "rounded to multiplicities and the point was moved to the minimum by Newton's method.\n"
        f"n = {len(design.labels)}, N = {design.total}, t = {design.t:.1e}."
    )
