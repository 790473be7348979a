"""Functions of one real variable over every number kind: continuous, and smooth piece by piece.

What differs between named functions and a user's expression is only how the piece at a point is found; that is the
abstract part of `Function`. Everything else (exact, ball and float64 values, one-sided derivatives, smoothness, power
series) is written once here, in terms of `Branch`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb, fmpq

from verifier.checker.number import DomainProblem, Exact, Scalar, Undecided, sign, text

from .branch import Branch
from .scalars import Array, Floats, Kind, convert, kind_of, objects
from .series import Series, compose, needed_orders

MAX_SMOOTHNESS = 16


class NotSmooth(Undecided):
    """A derivative does not exist at a breakpoint: the two one-sided values differ. `order` says which derivative."""

    def __init__(self, function: str, order: int, u: Scalar) -> None:
        place = u.str(8) if isinstance(u, arb) else text(u)
        super().__init__(f"{function} has no derivative of order {order} at the breakpoint {place}")
        self.order = order
        self.u = u


@dataclass(frozen=True, slots=True)
class Place:
    """What a function is on an open interval around an argument u.

    `polynomial`: c_0, c_1, ... (exact, in powers of z) if it equals a polynomial there and this is known; (c_0,) or ()
    is a constant. `kink`: u is on a breakpoint. `smoothness`: it is C^m near u, m as large as known (math.inf inside a
    smooth piece; 0 with polynomial = None and kink = False for a ball that may meet a breakpoint).
    """

    polynomial: tuple[Exact, ...] | None
    smoothness: float
    kink: bool = False

    @property
    def constant(self) -> bool:
        """Whether the function is known to be constant near u ("inactive" unit, sleeping sample)."""
        return self.polynomial is not None and len(self.polynomial) <= 1

    @property
    def affine(self) -> tuple[Exact, Exact] | None:
        """(slope, intercept) if the function is known to be affine near u (constants included)."""
        if self.polynomial is None or len(self.polynomial) > 2:
            return None
        intercept, slope = (*self.polynomial, fmpq(0), fmpq(0))[:2]
        return slope, intercept


class Function(ABC):
    """A continuous function on R. `breakpoints` is None where they are not listed (a user's max, min, abs)."""

    name: str
    breakpoints: tuple[Exact, ...] | None

    @abstractmethod
    def branches(self, u: Exact) -> tuple[Branch, Branch]:
        """The pieces valid just left and just right of u: the same object iff u is inside one piece."""

    @abstractmethod
    def candidates(self, u: arb) -> Sequence[Branch]:
        """Every piece that may hold somewhere on the ball; exactly one iff the ball lies inside one piece."""

    @abstractmethod
    def float_branches(self, u: Floats) -> list[tuple[Branch, Array]]:
        """The pieces with the mask of the entries they serve; at a breakpoint the piece on the right."""

    @abstractmethod
    def whole(self) -> Branch | None:
        """The single piece of a function smooth on all of R, else None."""

    # -- single points -------------------------------------------------------------------------------------------------

    def derivative(self, order: int, u: Exact, side: int = 0) -> Exact:
        """The derivative at u, exact; side = +1 or -1: one-sided. Order 0 is the value.

        With side = 0 at a breakpoint it exists iff the one-sided ones agree up to this order; else NotSmooth is raised.
        """
        left, right = self.branches(u)
        chosen: Exact = (left if side < 0 else right).at(order, u)
        if side == 0 and left is not right:
            self._agreement(u, left, right, order)
        return chosen

    def local(self, u: Scalar) -> Place:
        """What the function is near u (a number or a ball); see `Place`."""
        if isinstance(u, arb):
            found = self.candidates(u)
            return Place(None, 0) if len(found) != 1 else Place(found[0].polynomial(), math.inf)
        left, right = self.branches(u)
        if left is not right:
            return Place(None, self.smoothness(u), kink=True)
        return Place(right.polynomial(), self.smoothness(u))

    def smoothness(self, u: Exact) -> float:
        """The largest m such that the function is C^m near u; math.inf inside a smooth piece.

        A lower bound (still safe to use) where a formula is singular at u, or the pieces agree beyond order 16.
        """
        left, right = self.branches(u)
        if left is right:
            return math.inf if right.regular_at(u) else 0
        order = 0
        while order < MAX_SMOOTHNESS:
            try:
                self._agreement(u, left, right, order + 1)
            except (NotSmooth, DomainProblem):
                break
            order += 1
        return order

    def _agreement(self, u: Exact, left: Branch, right: Branch, order: int) -> None:
        """Raises NotSmooth unless the derivatives of orders 1..order agree (order 0 does: functions are continuous)."""
        for k in range(1, order + 1):
            if sign(left.at(k, u) - right.at(k, u)) != 0:
                raise NotSmooth(self.name, k, u)

    # -- arrays --------------------------------------------------------------------------------------------------------

    def values(self, u: Array, orders: int, sides: Array | None = None) -> tuple[Array, ...]:
        """The derivatives of orders 0..orders at every entry of u, each an array of u's shape and number kind.

        Exact: exact, and equal entries give identical symbols. At a breakpoint `sides` (+1/-1 there, same shape) picks
        the side; without it derivatives that do not exist raise NotSmooth. Balls: enclosures; on a ball that may meet
        breakpoints, of all one-sided derivatives on it. Float64: the right-hand piece at a breakpoint. Series:
        f(u(t)) as t -> 0+, the side chosen by u(t) itself.
        """
        kind = kind_of(u)
        whole = self.whole()
        if kind is Kind.SERIES:
            return self._on_series(u, orders)
        if whole is not None:
            return whole.run(convert(u, kind), orders, kind)
        if kind is Kind.FLOAT:
            return self._on_floats(u, orders)
        flat, flat_sides = u.ravel(), None if sides is None else np.broadcast_to(sides, u.shape).ravel()
        results = [np.empty(flat.size, dtype=object) for _ in range(orders + 1)]
        for branches, places in self._groups(flat, flat_sides).items():
            here = flat[places]
            for result, values in zip(results, self._on_group(branches, here, orders), strict=True):
                result[places] = values
        return tuple(r.reshape(u.shape) for r in results)

    def constant_near(self, u: Array) -> Array:
        """A mask: True where the function is known to be constant on an open interval around the entry.

        Entries that are exact or balls; nowhere for float64 and for series.
        """
        mask = np.zeros(u.size, dtype=bool)
        if kind_of(u) in (Kind.EXACT, Kind.BALL):
            for branches, places in self._groups(u.ravel(), None).items():
                mask[places] = len(branches) == 1 and branches[0].is_constant
        return mask.reshape(u.shape)

    def _groups(self, flat: Array, sides: Array | None) -> dict[tuple[Branch, ...], list[int]]:
        """Positions by the pieces that hold there: one piece, or all those between which nothing decides."""
        groups: dict[tuple[Branch, ...], list[int]] = {}
        for k, x in enumerate(flat.tolist()):
            if isinstance(x, arb):
                key = tuple(self.candidates(x))
            else:
                left, right = self.branches(x)
                side = 0 if sides is None else sides[k]
                key = (left, right) if left is not right and side == 0 else (left if side < 0 else right,)
            groups.setdefault(key, []).append(k)
        return groups

    def _on_group(self, branches: tuple[Branch, ...], u: Array, orders: int) -> list[Array]:
        kind = kind_of(u)
        u = convert(u, kind)
        result, *others = [list(b.run(u, orders, kind)) for b in branches]
        if others and kind is Kind.EXACT:
            left, right = branches
            for x in u:
                self._agreement(x, left, right, orders)
            return result
        hull = np.frompyfunc(arb.union, 2, 1)
        for other in others:
            result = [np.asarray(hull(x, y)) for x, y in zip(result, other, strict=True)]
        return result

    def _on_floats(self, u: Floats, orders: int) -> tuple[Array, ...]:
        results = [np.empty_like(u) for _ in range(orders + 1)]
        for branch, mask in self.float_branches(u):
            for result, values in zip(results, branch.run(u[mask], orders, Kind.FLOAT), strict=True):
                result[mask] = values
        return tuple(results)

    # -- series --------------------------------------------------------------------------------------------------------

    def _on_series(self, u: Array, orders: int) -> tuple[Array, ...]:
        rows = [self._composed(x, orders) if isinstance(x, Series) else self._at(x, orders) for x in u.flat]
        return tuple(objects((row[k] for row in rows), u.shape) for k in range(orders + 1))

    def _at(self, u: Scalar, orders: int) -> list[Scalar]:
        return [v.flat[0] for v in self.values(objects([u], (1,)), orders)]

    def _composed(self, inner: Series, orders: int) -> list[Series]:
        """f(inner), f'(inner), ...; f is expanded on the side of inner(0) towards which inner moves."""
        base = inner.coefficients[0]
        highest = orders + needed_orders(inner)
        if isinstance(base, arb):
            found = self.candidates(base)
            if len(found) != 1:
                raise Undecided(f"{self.name}: the ball {base.str(8)} may meet a breakpoint")
            derivatives = self._derivatives(found[0], base, highest)
        else:
            left, right = self.branches(base)
            side = inner.side() if left is not right else 1
            if side == 0:
                self._agreement(base, left, right, orders)
            derivatives = self._derivatives(left if side < 0 else right, base, highest)
        return [compose(derivatives[k : highest - orders + k + 1], inner) for k in range(orders + 1)]

    def _derivatives(self, branch: Branch, u: Scalar, orders: int) -> list[Scalar]:
        kind = Kind.BALL if isinstance(u, arb) else Kind.EXACT
        return [v[0] for v in branch.run(objects([u], (1,)), orders, kind)]
