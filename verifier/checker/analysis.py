"""The exact state of a case at one point: outputs, loss slopes, pattern, gradient; nothing comes from a certificate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial, reduce
from operator import add
from typing import Any

from flint import fmpq

from . import number
from .case import Case, Theta
from .errors import Rejected, require
from .germ import Coefficients, germ, smooth_germ
from .local import local_polynomial
from .network import Trace, backward, flatten, forward, layouts
from .number import Exact, Undecided
from .state import State, Unit, is_constant


@dataclass(frozen=True)
class Analysis(State):
    """A case at a point. All values are exact; members raise Rejected or Undecided where they do not exist."""

    case: Case
    theta: Theta
    _memory: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    # -- values --------------------------------------------------------------------------------------------------------

    @cached_property
    def traces(self) -> tuple[tuple[Trace, ...], ...]:
        """traces[part][sample]."""
        return tuple(
            tuple(forward(weights, x, partial(self._activation, p)) for x in self.case.inputs)
            for p, weights in enumerate(self.theta)
        )

    def _activation(self, part: int, u: Exact) -> Exact:
        key = ("value", part, u)
        if key not in self._memory:
            self._memory[key] = germ(self.case.parts[part].activation, u, 1, 0)[0]
        value: Exact = self._memory[key]
        return value

    @cached_property
    def outputs(self) -> tuple[Exact, ...]:
        """f(x_i), one per sample."""
        return tuple(reduce(add, (part[i].output for part in self.traces)) for i in self.samples)

    @cached_property
    def arguments(self) -> tuple[Exact, ...]:
        """The loss argument per sample: z_i = -y_i f(x_i) with labels, f(x_i) with targets."""
        return tuple(self.orientation(i) * f for i, f in enumerate(self.outputs))

    @cached_property
    def loss(self) -> Exact:
        """L(theta), decay included."""
        total: Exact = fmpq(0)
        for i in self.samples:
            total = total + self.weight(i) * self.loss_value(i)
        return total + self.decay

    @cached_property
    def decay(self) -> Exact:
        """(weight_decay/2) |theta|^2 + (exponential decay/2) a^2."""
        total: Exact = fmpq(0)
        for rate, v in zip(self.decay_rates, flatten(self.theta), strict=True):
            if not number.is_zero(rate):
                total = total + rate * v * v / 2
        return total

    def require_no_decay(self, where: str) -> None:
        """The loss has no penalty on any parameter."""
        require(all(number.is_zero(r) for r in self.decay_rates), where, "the loss has a weight decay")

    # -- training error ------------------------------------------------------------------------------------------------

    @cached_property
    def margins(self) -> tuple[int, ...]:
        """The sign of y_i f(x_i) per sample (labels only)."""
        require(self.case.labels is not None, "training error", "is defined for labels only")
        return tuple(-number.sign(z) for z in self.arguments)

    @property
    def training_error(self) -> fmpq:
        """Share of samples with y f <= 0, counted with multiplicity."""
        wrong = sum(m for m, s in zip(self.case.multiplicity, self.margins, strict=True) if s <= 0)
        return fmpq(wrong, self.case.total)

    @property
    def ties(self) -> int:
        """Number of samples (with multiplicity) with y f = 0 exactly."""
        return sum(m for m, s in zip(self.case.multiplicity, self.margins, strict=True) if s == 0)

    # -- loss slopes ---------------------------------------------------------------------------------------------------

    def _loss_germ(self, sample: int, side: int, order: int) -> Coefficients:
        found: Coefficients = self.remember(
            ("loss", side, order, self._loss_key(sample)),
            lambda: germ(self.case.loss(sample), self.arguments[sample], side, order),
        )
        return found

    def loss_value(self, sample: int) -> Exact:
        """The loss of one sample, unweighted."""
        value: Exact = self._loss_germ(sample, 1, 0)[0]  # type: ignore[assignment]
        return value

    def _loss_key(self, sample: int) -> Any:
        target = None if self.case.targets is None else self.case.targets[sample]
        return (self.arguments[sample], target)

    def remember(self, key: Any, compute: Callable[[], Any]) -> Any:
        """The result of `compute`, which is called once for each key."""
        if key not in self._memory:
            self._memory[key] = compute()
        return self._memory[key]

    def one_sided_slopes(self, sample: int) -> tuple[Exact, Exact]:
        """(left, right) derivative of the loss with respect to its argument."""
        left, right = self._loss_germ(sample, -1, 1)[1], self._loss_germ(sample, 1, 1)[1]
        return left, right  # type: ignore[return-value]

    def loss_germ(self, sample: int, order: int) -> Coefficients | None:
        """Taylor coefficients of the loss at its argument if it is C^order there, else None."""
        found: Coefficients | None = self.remember(
            ("smooth loss", order, self._loss_key(sample)),
            lambda: smooth_germ(self.case.loss(sample), self.arguments[sample], order),
        )
        return found

    @cached_property
    def asleep(self) -> tuple[bool, ...]:
        """Samples whose loss is constant on an open interval around its argument: left out near the point."""

        return tuple(is_constant(self.loss_polynomial(i)) for i in self.samples)

    def loss_polynomial(self, sample: int) -> tuple[Exact, ...] | None:
        """The polynomial (coefficients from z^0) equal to the loss on an open interval around its argument, or None."""
        found: tuple[Exact, ...] | None = self.remember(
            ("loss polynomial", self._loss_key(sample)),
            lambda: local_polynomial(self.case.loss(sample), self.arguments[sample]),
        )
        return found

    @cached_property
    def awake(self) -> tuple[int, ...]:
        """Samples that are not asleep."""
        return tuple(i for i, s in enumerate(self.asleep) if not s)

    def extended_input(self, part: int, sample: int) -> tuple[Exact, ...]:
        """(x_i, 1) if the part has hidden biases, else x_i."""
        x = self.case.inputs[sample]
        return (*x, fmpq(1)) if self.case.parts[part].hidden_bias else x

    # -- pattern -------------------------------------------------------------------------------------------------------

    def pre_activation(self, unit: Unit, sample: int) -> Exact:
        """u at one unit and sample."""
        part, layer, j = unit
        u: Exact = self.traces[part][sample].u[layer][j]
        return u

    def local(self, unit: Unit, sample: int) -> tuple[Exact, ...] | None:
        """The polynomial (coefficients from z^0) equal to the activation on an open interval around u, or None."""
        u = self.pre_activation(unit, sample)
        found: tuple[Exact, ...] | None = self.remember(
            ("local", unit[0], u), lambda: local_polynomial(self.case.parts[unit[0]].activation, u)
        )
        return found

    def unit_germ(self, unit: Unit, sample: int, order: int) -> Coefficients | None:
        """Taylor coefficients of the activation at u if it is C^order near u, else None."""
        u = self.pre_activation(unit, sample)
        found: Coefficients | None = self.remember(
            ("unit", unit[0], order, u), lambda: smooth_germ(self.case.parts[unit[0]].activation, u, order)
        )
        return found

    def require_smooth(self, order: int, where: str) -> None:
        """L is C^order near the point: every awake sample's loss and every seen unit is C^order there."""
        for i in self.awake:
            require(self.loss_germ(i, order) is not None, where, f"the loss of sample {i} is not shown C^{order}")
            for p, part in enumerate(self.case.parts):
                first = self.dead_layer(p, i) or 0
                for layer in range(first, part.depth):
                    for j in range(part.hidden[layer]):
                        smooth = self.unit_germ((p, layer, j), i, order) is not None
                        require(smooth, where, f"unit {j} of layer {layer + 1} is on a breakpoint at sample {i}")

    # -- derivatives ---------------------------------------------------------------------------------------------------

    def output_slope(self, sample: int, order: int = 1) -> Exact:
        """The first or second derivative of (m_i/N) loss_i with respect to f(x_i); the loss must be C^order there."""
        coefficients = self.loss_germ(sample, order)
        if coefficients is None:
            raise Rejected("loss", f"has a breakpoint at sample {sample}")
        factor = self.orientation(sample) if order == 1 else 2
        return self.weight(sample) * factor * coefficients[order]  # type: ignore[return-value]

    def slope(self, part: int, u: Exact) -> Exact:
        """The activation's derivative at u; raises Rejected on a breakpoint."""

        def compute() -> Exact:
            found = smooth_germ(self.case.parts[part].activation, u, 1)
            if found is None:
                raise Rejected("gradient", f"the activation has a breakpoint at {number.shorten(number.text(u))}")
            return found[1]  # type: ignore[return-value]

        slope: Exact = self.remember(("slope", part, u), compute)
        return slope

    def unit_derivatives(self, part: int, layer: int) -> list[tuple[list[Exact], list[Exact]]]:
        """For each unit of a layer s' and s'' at all samples that are awake."""
        found = []
        for j in range(self.case.parts[part].hidden[layer]):
            pairs = [self._derivatives((part, layer, j), i) for i in self.awake]
            found.append(([first for first, _ in pairs], [second for _, second in pairs]))
        return found

    def _derivatives(self, unit: Unit, sample: int) -> tuple[Exact, Exact]:
        """(s', s'') at one unit and sample; (0, 0) at and below a dead layer, where they multiply 0."""
        dead = self.dead_layer(unit[0], sample)
        if dead is not None and unit[1] <= dead:
            return fmpq(0), fmpq(0)
        coefficients = self.unit_germ(unit, sample, 2)
        if coefficients is None:
            raise Rejected("Hessian", f"a unit of layer {unit[1] + 1} is on a breakpoint at sample {sample}")
        return coefficients[1], 2 * coefficients[2]  # type: ignore[return-value]

    @cached_property
    def gradient(self) -> tuple[Exact, ...]:
        """The exact gradient of L (flat order); L must be C^1 near the point."""
        self.require_smooth(1, "gradient")
        total: list[Exact] = [rate * v for rate, v in zip(self.decay_rates, flatten(self.theta), strict=True)]
        for p, layout in enumerate(layouts(self.case)):
            for i in self.awake:
                g = self.output_slope(i)
                if number.is_zero(g):
                    continue
                rows = backward(self.theta[p], self.traces[p][i], self._masked_slope(p, i))
                for k, value in enumerate(rows):
                    total[layout.start + k] = total[layout.start + k] + g * value
        return tuple(total)

    def _masked_slope(self, part: int, sample: int) -> Any:
        """Slopes of seen units; below a dead layer they do not matter (they are multiplied by 0)."""
        if self.dead_layer(part, sample) is None:
            return lambda u: self.slope(part, u)

        def slope(u: Exact) -> Exact:
            try:
                return self.slope(part, u)
            except Rejected:
                return fmpq(0)

        return slope



def settled(problem: Undecided, where: str) -> Rejected:
    """An undecidable step as a rejection."""
    return Rejected(where, f"could not be settled: {problem}")
