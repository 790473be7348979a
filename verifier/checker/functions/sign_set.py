"""What is proved of the signs of a function on an interval: those that are possible, those that are taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

_ALL = frozenset({-1, 0, 1})


@dataclass(frozen=True)
class Signs:
    """At every point the sign is in `possible`; each sign in `taken` is that of some point."""

    possible: frozenset[int] = _ALL
    taken: frozenset[int] = frozenset()

    def all_in(self, *allowed: int) -> bool | None:
        """Whether the sign is in `allowed` at every point; None if that is open."""
        if self.possible <= set(allowed):
            return True
        open_ = self.taken <= set(allowed) and bool(self.possible & set(allowed))
        return None if open_ else False

    def is_settled(self) -> bool:
        """Whether nothing more can be learnt."""
        return len(self.possible) == 1 or self.taken == self.possible


ALL = Signs()


def only(sign: int) -> Signs:
    """This sign at every point."""
    return Signs(frozenset({sign}), frozenset({sign}))


def exactly(*signs: int) -> Signs:
    """These signs are taken, and no other."""
    return Signs(frozenset(signs), frozenset(signs))


def among(*signs: int) -> Signs:
    """No other signs than these."""
    return Signs(frozenset(signs))


def both(x: Signs, y: Signs) -> Signs:
    """What two proofs about one function on one interval say together."""
    return Signs(x.possible & y.possible, x.taken | y.taken)


def joined(parts: Iterable[Signs]) -> Signs:
    """The signs on a union of intervals (at least one)."""
    return reduce(lambda x, y: Signs(x.possible | y.possible, x.taken | y.taken), parts)


def flipped(x: Signs) -> Signs:
    """The signs of -f."""
    return Signs(frozenset(-s for s in x.possible), frozenset(-s for s in x.taken))


def multiplied(x: Signs, y: Signs) -> Signs:
    """The signs of f g. A sign of g is known to be taken by f g, up to sign, if f has one sign throughout."""
    taken: frozenset[int] = frozenset()
    for f, g in ((x, y), (y, x)):
        if len(f.possible) == 1:
            (factor,) = f.possible
            taken |= frozenset(factor * s for s in (g.taken if factor else {0}))
    return Signs(frozenset(s * t for s in x.possible for t in y.possible), taken)


def added(x: Signs, y: Signs) -> Signs:
    """The signs of f + g."""
    possible: set[int] = set()
    for s in x.possible:
        for t in y.possible:
            possible |= {s or t} if s * t >= 0 else _ALL
    return Signs(frozenset(possible))


def to_power(x: Signs, n: int) -> Signs:
    """The signs of f**n, n >= 1."""
    return x if n % 2 else Signs(frozenset(s * s for s in x.possible), frozenset(s * s for s in x.taken))
