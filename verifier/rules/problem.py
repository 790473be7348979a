"""What a rule sees: the loss as a function of the flat parameters, and the point in question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flint import fmpq

from verifier.case.types import Case
from verifier.checker import case as checked
from verifier.checker.analysis import Analysis
from verifier.checker.errors import Rejected
from verifier.checker.network import unflatten
from verifier.checker.number import DomainProblem, Exact, Scalar, Undecided, is_zero, precision, text
from verifier.checker.piecewise import piecewise
from verifier.model.translate import checker_case

if TYPE_CHECKING:
    from verifier.model.objective import Evaluation, Objective

Json = dict[str, Any]
FEW_BITS = 128
BITS = 512  # of balls, where an entry is irrational


class Declined(Exception):
    """A rule does not apply: a stable code, the reason in words, and a hint where one helps."""

    def __init__(self, code: str, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.hint = hint


@dataclass(frozen=True)
class Problem:
    """A case and a point theta (P exact numbers in the flat order)."""

    case: Case
    theta: tuple[Exact, ...]

    @cached_property
    def checked(self) -> checked.Case:
        """The checker's view of the case."""
        return checker_case(self.case)

    @cached_property
    def objective(self) -> Objective:
        """The provers' model of the loss (loads NumPy)."""
        from verifier.model.objective import Objective

        return Objective(self.case)

    @cached_property
    def here(self) -> Evaluation:
        """The loss near the point, as the provers' model computes it."""
        return self.objective.at(self.theta)

    @cached_property
    def analysis(self) -> Analysis:
        """The checker's view of the point, for the parts of a proof that follow its formulas."""
        return Analysis(self.checked, unflatten(self.checked, self.theta))

    @property
    def size(self) -> int:
        """P."""
        return len(self.theta)

    @cached_property
    def gradient(self) -> tuple[Exact, ...]:
        """The exact gradient. Raises Declined at a kink."""
        self.require_smooth(1)
        return tuple(self.here.gradient())

    @cached_property
    def clear_slopes(self) -> list[tuple[int, int]]:
        """(position, sign) of the partial derivatives that balls show not to be 0, the largest first; a proposal."""
        from verifier.model.scalars import Kind, convert, objects

        with precision(FEW_BITS):
            balls = convert(objects(self.theta, (self.size,)), Kind.BALL)
            try:
                slopes = self.objective.at(balls).gradient().tolist()
            except (Undecided, DomainProblem):
                return []
        clear = [(k, v) for k, v in enumerate(slopes) if bool(v > 0 or v < 0)]
        clear.sort(key=lambda item: -abs(float(item[1].mid())))
        return [(k, 1 if v > 0 else -1) for k, v in clear]

    @cached_property
    def hessian(self) -> list[list[Exact]]:
        """The exact Hessian. Raises Declined at a kink."""
        self.require_smooth(2)
        rows: list[list[Exact]] = self.here.hessian().tolist()
        return rows

    @cached_property
    def curvature(self) -> list[list[Scalar]]:
        """The Hessian, exact where everything is rational, else in balls of BITS bits, enough for a witness."""
        if self.rational:
            return list(self.hessian)  # type: ignore[arg-type]
        from verifier.model.scalars import Kind, convert, objects

        self.require_smooth(2)
        with precision(BITS):
            balls = convert(objects(self.theta, (self.size,)), Kind.BALL)
            rows: list[list[Scalar]] = self.objective.at(balls).hessian().tolist()
        return rows

    @cached_property
    def rational(self) -> bool:
        """Whether the point, the inputs and all functions are rational (piecewise polynomial): exact rules are
        quick.
        """
        case = self.checked
        functions = [*(part.activation for part in case.parts), *(case.loss(i) for i in range(self._losses))]
        numbers = [*self.theta, *(v for x in case.inputs for v in x)]
        return all(piecewise(f) is not None for f in functions) and all(isinstance(v, fmpq) for v in numbers)

    @property
    def _losses(self) -> int:
        return 1 if self.checked.targets is None else len(self.checked.targets)

    @cached_property
    def smooth(self) -> bool:
        """Whether L is C^1 near the point."""
        try:
            self.require_smooth(1)
        except (Declined, Undecided):
            return False
        return True

    def require_smooth(self, order: int) -> None:
        """L is C^order near the point; raises Declined."""
        try:
            self.analysis.require_smooth(order, "point")
        except Rejected as problem:
            raise Declined("kink", f"the loss is not C^{order} near the point: {_bare(problem)}") from None

    def require_stationary(self) -> None:
        """The gradient is 0 by identity; raises Declined."""
        for k, value in enumerate(self.gradient):
            if not is_zero(value):
                raise Declined("gradient-not-zero", f"the partial derivative {k} is not shown to be 0")


def _bare(problem: Rejected) -> str:
    return str(problem).removeprefix(f"{problem.where}: ")


def texts(values: Sequence[Exact]) -> list[str]:
    """Exact numbers as a certificate writes them."""
    return [text(v) for v in values]
