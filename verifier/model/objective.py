"""The loss surface L(theta) of a case: value, gradient, Hessian, outputs, series along a curve, pattern.

    L(theta) = sum_i (m_i/N) loss(-y_i f(x_i)) + (weight_decay/2) |theta|^2 + (exponential decay/2) a^2
    (with targets loss(f(x_i), t_i))

    objective = Objective(case)                  # case: verifier.case.types.Case
    objective.size                               # P
    here = objective.at(theta)                   # theta: P numbers of one kind, in the flat order of the checker
    here.outputs, here.arguments, here.value, here.gradient(), here.hessian(), here.jacobian(), here.pattern
    objective.value(theta), .gradient(theta), .hessian(theta), .outputs(theta)   # the same, one at a time
    objective.series(curve, order)               # the Taylor series of L(theta(t)), t -> 0+

The kind of theta is the kind of every result: exact numbers give exact numbers, balls give enclosures at flint's
precision, a float64 array gives floats, series give series. Equal arguments of a function give identical symbols, so
what cancels, cancels visibly.

Smoothness. Samples whose loss is constant near the point ("asleep") and layers a sample does not see are left out of
derivatives, kinks on them included (exact numbers and balls). Any other kink at which the derivative asked for does
not exist raises NotSmooth, unless `sides` says which one-sided derivative to take there: then gradient and Hessian are
those of the smooth piece of L on that side. Balls: at a ball that may meet a breakpoint, derivatives enclose those of
both sides (look at `pattern` first). Float64 takes the right-hand piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from flint import fmpq

from verifier.case.types import Case
from verifier.checker.network import layouts, parameter_count
from verifier.checker.number import Exact, Number, Scalar

from .function import Function
from .functions import activation, loss, target_shift
from .layers import Backward, Block, Forward, Part, factored_gram, forward
from .matrix import dot, gram
from .pattern import LossKink, Pattern, Sides, UnitKink, places, unseen_layers
from .scalars import ZERO, Array, Floats, Kind, convert, filled, is_float, kind_of, objects, types_of
from .series import Series
from .translate import EXPONENTIAL, checker_case, flat_point

__all__ = ["Evaluation", "Objective", "flat_point"]

Theta = Sequence[Scalar] | Sequence[Series] | Array


class Objective:
    """L as a function of the flat parameter vector; immutable.

    `checked` is the checker's view of the case, `parts` the parts of the net with their places in the flat vector,
    `total` is N. Raises SpecificationProblem for a function that is none.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.checked = checker_case(case)
        specs = [case.network.main, case.network.deep]
        functions = [activation(s.activation) for s in specs if s is not None]
        if case.network.exponential_decay is not None:
            functions.append(activation(EXPONENTIAL))
        self.parts = tuple(
            Part(part.name, function, layout)
            for part, function, layout in zip(self.checked.parts, functions, layouts(self.checked), strict=True)
        )
        self.size = parameter_count(self.checked)
        self.total = self.checked.total
        n, data = len(self.checked.inputs), self.checked
        self.inputs: Array = objects((v for x in data.inputs for v in x), (n, len(data.inputs[0])))
        self.multiplicity: Array = objects((fmpq(m, self.total) for m in data.multiplicity), (n,))
        spec = case.loss.function
        if data.labels is not None:
            self.losses: tuple[Function, ...] = (loss(spec),) * n
            self.orientation = objects((fmpq(-y) for y in data.labels), (n,))
            self._shift: Array | None = None
        else:
            assert data.targets is not None
            self.losses = tuple(loss(spec, t) for t in data.targets)
            self.orientation = objects([fmpq(1)] * n, (n,))
            self._shift = objects((-target_shift(spec, t) for t in data.targets), (n,))
        self._converted: dict[Any, Mapping[str, Array]] = {}

    def constants(self, kind: Kind, dtype: Any = np.float64) -> Mapping[str, Array]:
        """inputs, multiplicity (m_i/N), orientation (d argument / d f) and shift in a kind (not kept for balls)."""
        names = ("inputs", "multiplicity", "orientation", "_shift")
        arrays = {name: array for name in names if (array := getattr(self, name)) is not None}
        if kind in (Kind.EXACT, Kind.SERIES):
            return arrays
        if kind is Kind.BALL:
            return {name: convert(a, kind) for name, a in arrays.items()}
        if dtype not in self._converted:
            self._converted[dtype] = {name: convert(a, kind, dtype) for name, a in arrays.items()}
        return self._converted[dtype]

    def at(self, theta: Theta) -> Evaluation:
        """L near one point; what has been computed is kept. Raises ValueError for a wrong length, TypeError for a
        stray number kind."""
        return Evaluation(self, self._vector(theta))

    def _vector(self, theta: Theta) -> Array:
        if isinstance(theta, np.ndarray) and theta.dtype != object:
            array: Array = theta if is_float(theta) else np.asarray(theta, dtype=np.float64)
        else:
            array = objects(theta, (len(theta),))
        if array.shape != (self.size,):
            raise ValueError(f"expected {self.size} parameters, got an array of shape {array.shape}")
        kind_of(array)
        return array

    def value(self, theta: Theta) -> Any:
        """L(theta)."""
        return self.at(theta).value

    def outputs(self, theta: Theta) -> Array:
        """f(x_i), length n."""
        return self.at(theta).outputs

    def gradient(self, theta: Theta, sides: Sides | None = None) -> Array:
        """The gradient, length P."""
        return self.at(theta).gradient(sides)

    def hessian(self, theta: Theta, sides: Sides | None = None) -> Array:
        """The Hessian, P x P, symmetric."""
        return self.at(theta).hessian(sides)

    def series(self, curve: Iterable[Sequence[Scalar]], order: int) -> Series:
        """The Taylor polynomial of L(theta(t)) as t -> 0+, to `order`.

        `curve` gives for each parameter the coefficients of 1, t, t^2, ... (missing ones are 0). Sides at kinks are
        those into which the curve moves. Raises Undecided where they cannot be told.
        """
        rows = [tuple(c)[: order + 1] for c in curve]
        value = self.value([Series((*c, *[ZERO] * (order + 1 - len(c)))) for c in rows])
        return value if isinstance(value, Series) else Series((value, *[ZERO] * order))


class Evaluation:
    """L at one point `theta` (an array of length P). Made by `Objective.at`."""

    def __init__(self, objective: Objective, theta: Array) -> None:
        self.objective = objective
        self.theta = theta
        self.kind = kind_of(theta)
        self._constants = objective.constants(self.kind, theta.dtype)
        self._derivatives: dict[Any, Any] = {}

    # -- values --------------------------------------------------------------------------------------------------------

    @cached_property
    def forwards(self) -> tuple[Forward, ...]:
        """The forward pass of each part: pre-activations `u[layer]` (n x width), features, output."""
        return tuple(forward(part, self.theta, self._constants["inputs"]) for part in self.objective.parts)

    @cached_property
    def outputs(self) -> Array:
        """f(x_i), length n."""
        first, *others = [f.output for f in self.forwards]
        for other in others:
            first = first + other
        return first

    @cached_property
    def arguments(self) -> Array:
        """The loss arguments: -y_i f(x_i), or f(x_i) - t_i (named quadratic loss), or f(x_i)."""
        z = self._constants["orientation"] * self.outputs
        return z + self._constants["_shift"] if "_shift" in self._constants else z

    @cached_property
    def value(self) -> Any:
        """L, decay included."""
        (losses,) = self._losses(0)
        return dot(self._constants["multiplicity"], losses) + self._decay()

    def _losses(self, orders: int, sides: Array | None = None) -> tuple[Array, ...]:
        """Derivatives 0..orders of the loss by its argument, unweighted."""
        z, functions = self.arguments, self.objective.losses
        groups: dict[Function, list[int]] = {}
        for i, function in enumerate(functions):
            groups.setdefault(function, []).append(i)
        if len(groups) == 1:
            return functions[0].values(z, orders, sides)
        result = tuple(np.empty_like(z) for _ in range(orders + 1))
        for function, where in groups.items():
            found = function.values(z[where], orders, None if sides is None else sides[where])
            for array, values in zip(result, found, strict=True):
                array[where] = values
        return result

    def _decays(self) -> list[tuple[slice, Exact]]:
        """(positions, strength) of the penalties that are there."""
        checked = self.objective.checked
        found: list[tuple[slice, Exact]] = [(slice(0, self.objective.size), checked.weight_decay)]
        if checked.parts[-1].name == "exponential":
            a = self.objective.parts[-1].layout.a
            found.append((slice(a.start, a.stop), checked.exponential_decay))
        return [(where, mu) for where, mu in found if not (isinstance(mu, fmpq) and mu == 0)]

    def _decay(self) -> Any:
        total: Any = filled(ZERO, (1,), Kind.FLOAT if self.kind is Kind.FLOAT else Kind.EXACT)[0]
        for where, mu in self._decays():
            part = self.theta[where]
            total = total + dot(part, part) * self._scalar(mu / 2)
        return total

    def _scalar(self, x: Exact) -> Any:
        return convert(objects([x], (1,)), self.kind, self.theta.dtype)[0]

    # -- pattern -------------------------------------------------------------------------------------------------------

    @cached_property
    def pattern(self) -> Pattern:
        """What each activation and loss is near its argument; exact numbers or balls. May raise Undecided."""
        self._need_exact("pattern")
        units = tuple(
            tuple(places(part.activation, u) for u in f.u)
            for part, f in zip(self.objective.parts, self.forwards, strict=True)
        )
        found = [
            places(function, self.arguments[i : i + 1])[0] for i, function in enumerate(self.objective.losses)
        ]
        unseen = tuple(tuple(int(k) for k in u) for u in self._unseen)
        return Pattern(units, tuple(found), tuple(place.constant for place in found), unseen)

    def _need_exact(self, what: str) -> None:
        if self.kind not in (Kind.EXACT, Kind.BALL):
            raise TypeError(f"{what} needs exact numbers or balls, got {self.kind.value}")

    @cached_property
    def _awake(self) -> list[int]:
        """The samples whose loss is not constant near its argument."""
        z, functions = self.arguments, self.objective.losses
        if len(set(functions)) == 1:
            asleep = functions[0].constant_near(z)
        else:
            asleep = np.array([f.constant_near(z[i : i + 1])[0] for i, f in enumerate(functions)])
        return [int(i) for i in np.flatnonzero(~asleep)]

    @cached_property
    def _unseen(self) -> list[Array]:
        """Per part: the number of unseen layers for each sample (see `Pattern`)."""
        n = len(self.objective.inputs)
        return [
            unseen_layers([part.activation.constant_near(u) for u in f.u]) if part.depth > 1 else np.zeros(n, dtype=int)
            for part, f in zip(self.objective.parts, self.forwards, strict=True)
        ]

    # -- derivatives ---------------------------------------------------------------------------------------------------

    def gradient(self, sides: Sides | None = None) -> Array:
        """The gradient of L, length P. Raises NotSmooth at a kink that matters and is not in `sides`."""
        slopes, _ = self._loss_derivatives(1, sides)
        parts = [b.gradient() for b in self._backwards(1, sides, slopes)]
        total = np.concatenate(parts)
        for where, mu in self._decays():
            total[where] = total[where] + self._scalar(mu) * self.theta[where]
        return total

    def hessian(self, sides: Sides | None = None) -> Array:
        """The Hessian of L, P x P, symmetric. Raises NotSmooth as `gradient` does (second derivatives)."""
        slopes, bends = self._loss_derivatives(2, sides)
        backwards = self._backwards(2, sides, slopes)
        total = self._first_order(bends, 2, sides)
        for b in backwards:
            b.add_second_order(total)
        for where, mu in self._decays():
            diagonal = np.arange(self.objective.size)[where]
            total[diagonal, diagonal] = total[diagonal, diagonal] + self._scalar(mu)
        return total

    def jacobian(self, sides: Sides | None = None) -> Array:
        """n x P: the gradients of the outputs f(x_i); rows of samples asleep mean nothing where a unit has a kink."""
        n = len(self.objective.inputs)
        blocks = self._jacobian_blocks(list(range(n)), 1, sides)
        return np.concatenate([b.rows() for b in blocks], axis=1)

    def output_slopes(self, sides: Sides | None = None) -> tuple[Array, Array]:
        """(g, k), length n: first and second derivative of (m_i/N) loss_i by f(x_i); 0 for samples asleep."""
        n = len(self.objective.inputs)
        kind = Kind.FLOAT if self.kind is Kind.FLOAT else Kind.EXACT
        result = filled(ZERO, (n,), kind), filled(ZERO, (n,), kind)
        for array, values in zip(result, self._loss_derivatives(2, sides), strict=True):
            array[self._awake] = values
        return result

    def _loss_derivatives(self, orders: int, sides: Sides | None) -> tuple[Array, Array]:
        """Weighted first (and second, else empty) derivatives by the outputs, of the samples awake."""
        chosen = self._loss_sides(sides)
        found = self._losses(orders, chosen)
        awake, c = self._awake, self._constants
        first = (c["multiplicity"] * c["orientation"] * found[1])[awake]
        return first, ((c["multiplicity"] * found[2])[awake] if orders > 1 else first[:0])

    def _loss_sides(self, sides: Sides | None) -> Array | None:
        chosen = [(k.sample, s) for k, s in (sides or {}).items() if isinstance(k, LossKink)]
        if not chosen:
            return None
        result = np.zeros(len(self.objective.inputs), dtype=int)
        for i, side in chosen:
            result[i] = side
        return result

    def _backwards(self, orders: int, sides: Sides | None, weights: Array) -> list[Backward]:
        rows = self._awake
        found = self._activation_derivatives(orders, sides)
        return [
            Backward(f.at(rows), tuple(d[1][rows] for d in layers), self._bends(layers, rows), weights)
            for f, layers in zip(self.forwards, found, strict=True)
        ]

    @staticmethod
    def _bends(layers: list[tuple[Array, ...]], rows: list[int]) -> tuple[Array, ...]:
        return tuple(d[2][rows] for d in layers if len(d) > 2)

    def _first_order(self, bends: Array, orders: int, sides: Sides | None) -> Array:
        """J^T diag(bends) J over the samples awake."""
        blocks = self._jacobian_blocks(self._awake, orders, sides)
        if self.kind is Kind.EXACT and Number in types_of(bends, *(a for b in blocks for a in (b.delta, b.features))):
            return factored_gram(blocks, bends, self.objective.size)
        return gram(np.concatenate([b.rows() for b in blocks], axis=1), bends)

    def _jacobian_blocks(self, rows: list[int], orders: int, sides: Sides | None) -> list[Block]:
        ones = filled(fmpq(1), (len(rows),), Kind.FLOAT if self.kind is Kind.FLOAT else Kind.EXACT)
        found = self._activation_derivatives(orders, sides)
        return [
            block
            for f, layers in zip(self.forwards, found, strict=True)
            for block in Backward(f.at(rows), tuple(d[1][rows] for d in layers), (), ones).blocks()
        ]

    def _activation_derivatives(self, orders: int, sides: Sides | None) -> list[list[tuple[Array, ...]]]:
        """Per part and layer the derivatives 0..orders of the activation at the pre-activations (n x width)."""
        key = (orders, None if sides is None else tuple(sorted(sides.items(), key=repr)))
        if key not in self._derivatives:
            self._derivatives[key] = [
                [
                    part.activation.values(u, orders, self._unit_sides(p, layer, u, sides))
                    for layer, u in enumerate(f.u)
                ]
                for p, (part, f) in enumerate(zip(self.objective.parts, self.forwards, strict=True))
            ]
        found: list[list[tuple[Array, ...]]] = self._derivatives[key]
        return found

    def _unit_sides(self, p: int, layer: int, u: Array, sides: Sides | None) -> Array | None:
        """The side to take at each entry; +1 where the unit does not matter, so that a kink there is no obstacle."""
        if self.kind in (Kind.FLOAT, Kind.SERIES):
            return None
        result = np.zeros(u.shape, dtype=int)
        asleep = np.ones(len(u), dtype=bool)
        asleep[self._awake] = False
        result[asleep | (self._unseen[p] > layer)] = 1
        for kink, side in (sides or {}).items():
            if isinstance(kink, UnitKink) and (kink.part, kink.layer) == (p, layer):
                result[kink.sample, kink.unit] = side
        return result


def float_point(theta: Sequence[Exact]) -> Floats:
    """The float64 image of an exact flat point."""
    return np.asarray(convert(objects(theta, (len(theta),)), Kind.FLOAT), dtype=np.float64)
