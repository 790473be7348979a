"""Three ways to find the piece of a function at a point: one piece, listed rational breakpoints, or by deciding each
max, min and abs at the point itself."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

import numpy as np
from flint import arb, fmpq

from verifier.checker.expression import Expression, evaluate
from verifier.checker.germ import germ, leading_sign
from verifier.checker.number import Exact, Undecided, UnknownSign, sign

from .branch import Branch
from .choices import arguments, choices, difference, resolve
from .function import Function
from .program import Program, compile_program
from .scalars import Array, Floats, Kind, to_float

MAX_TIE_ORDER = 16
MAX_CANDIDATES = 64


class Smooth(Function):
    """One piece on all of R."""

    breakpoints: tuple[fmpq, ...] = ()

    def __init__(self, name: str, branch: Branch) -> None:
        self.name = name
        self._branch = branch

    def branches(self, u: Exact) -> tuple[Branch, Branch]:
        return self._branch, self._branch

    def candidates(self, u: arb) -> Sequence[Branch]:
        return (self._branch,)

    def float_branches(self, u: Floats) -> list[tuple[Branch, Array]]:
        return [(self._branch, np.ones(u.shape, dtype=bool))]

    def whole(self) -> Branch | None:
        return self._branch


class Pieces(Function):
    """pieces[k] holds on [breakpoints[k-1], breakpoints[k]], breakpoints rational and increasing."""

    breakpoints: tuple[fmpq, ...]

    def __init__(self, name: str, breakpoints: Sequence[fmpq], pieces: Sequence[Branch]) -> None:
        self.name = name
        self.breakpoints = tuple(breakpoints)
        self._pieces = tuple(pieces)
        self._floats = np.array([to_float(b) for b in breakpoints])

    def branches(self, u: Exact) -> tuple[Branch, Branch]:
        if isinstance(u, fmpq):
            return self._pieces[bisect_left(self.breakpoints, u)], self._pieces[bisect_right(self.breakpoints, u)]
        signs = [sign(u - b) for b in self.breakpoints]
        return self._pieces[sum(s > 0 for s in signs)], self._pieces[sum(s >= 0 for s in signs)]

    def candidates(self, u: arb) -> Sequence[Branch]:
        first = sum(bool(u > arb(b)) for b in self.breakpoints)
        last = sum(not u < arb(b) for b in self.breakpoints)
        return self._pieces[first : last + 1]

    def float_branches(self, u: Floats) -> list[tuple[Branch, Array]]:
        places = np.searchsorted(self._floats, u, side="right")
        return [(self._pieces[k], places == k) for k in np.unique(places)]

    def whole(self) -> Branch | None:
        return None


class Decided(Function):
    """An expression whose choices are decided at the point: breakpoints are not listed (some may be irrational)."""

    breakpoints = None

    def __init__(self, name: str, expression: Expression, branch: Callable[[Expression], Branch]) -> None:
        self.name = name
        self._expression = expression
        self._nodes = choices(expression)
        self._differences = {node: difference(node) for node in self._nodes}
        self._program: Program = compile_program([self._differences[node] for node in self._nodes], {})
        self._make = branch
        self._known: dict[Expression, Branch] = {}

    def _branch(self, signs: Mapping[Expression, int]) -> Branch:
        resolved = resolve(self._expression, signs.__getitem__)
        if resolved not in self._known:
            self._known[resolved] = self._make(resolved)
        return self._known[resolved]

    def branches(self, u: Exact) -> tuple[Branch, Branch]:
        env = {"z": u}
        signs = {node: sign(evaluate(d, env)) for node, d in self._differences.items()}
        ties = [node for node, s in signs.items() if s == 0]
        if not ties:
            found = self._branch(signs)
            return found, found
        left = {**signs, **{node: self._tie(node, u, -1) for node in ties}}
        right = {**signs, **{node: self._tie(node, u, 1) for node in ties}}
        return self._branch(left), self._branch(right)

    def _tie(self, node: Expression, u: Exact, side: int) -> int:
        """The sign of the node's difference just beside its zero u; raises Undecided beyond order 16."""
        first, second = arguments(node)
        if first == second:
            return 0
        coefficients = germ(self._differences[node], u, side, MAX_TIE_ORDER)
        found = leading_sign([c if side > 0 or k % 2 == 0 else -c for k, c in enumerate(coefficients)])
        if found == 0:
            raise Undecided(f"{self.name}: two branches agree to order {MAX_TIE_ORDER} at a breakpoint")
        return found

    def candidates(self, u: arb) -> Sequence[Branch]:
        options = [self._signs(d, u) for d in self._differences.values()]
        found: dict[Branch, None] = {}
        for count, combination in enumerate(product(*options)):
            if count >= MAX_CANDIDATES:
                raise Undecided(f"{self.name}: too many pieces may meet the ball {u.str(6)}")
            found.setdefault(self._branch(dict(zip(self._nodes, combination, strict=True))))
        return tuple(found)

    @staticmethod
    def _signs(d: Expression, u: arb) -> tuple[int, ...]:
        try:
            found = sign(evaluate(d, {"z": u}))
        except UnknownSign:
            return (1, -1)
        return (found,) if found else (1, -1)

    def float_branches(self, u: Floats) -> list[tuple[Branch, Array]]:
        values = self._program.run({"z": u}, Kind.FLOAT, u.shape)
        positive = np.stack([v >= 0 for v in values], axis=-1)
        return list(self._patterns(positive))

    def _patterns(self, positive: Array) -> Iterator[tuple[Branch, Array]]:
        patterns = np.unique(positive.reshape(-1, positive.shape[-1]), axis=0)
        for pattern in patterns:
            signs = {node: 1 if p else -1 for node, p in zip(self._nodes, pattern, strict=True)}
            yield self._branch(signs), (positive == pattern).all(axis=-1)

    def whole(self) -> Branch | None:
        return None
