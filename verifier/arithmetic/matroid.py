"""Partition of vectors into the fewest independent sets with room to spare, by augmenting paths (Edmonds, Knuth).

All linear algebra is done modulo a prime: what is found here is a proposal, which the checker verifies over Q.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flint import nmod_mat

from verifier.arithmetic.linear import PRIME


@dataclass(frozen=True)
class Partition:
    """k independent sets such that k rank(S) > |S| for every non-empty set S of vectors, k as small as possible.

    Every vector is in one set and has a way out: an exit [x, j] (set j with x is independent) or a step [x, y] (x could
    take the place of y in its set) to a y that an exit or an earlier step has left. `tight` is a set S with |S| >=
    (k - 1) rank(S): fewer sets do not do. Vectors are given by their positions.
    """

    sets: tuple[tuple[int, ...], ...]
    exits: tuple[tuple[int, int], ...]
    steps: tuple[tuple[int, int], ...]
    tight: tuple[int, ...]


@dataclass(frozen=True)
class Loops:
    """The vectors that are 0: no number of sets is enough for them."""

    members: tuple[int, ...]


def least_partition(vectors: Sequence[Sequence[int]], prime: int = PRIME) -> Partition | Loops:
    """Partition n integer vectors of equal length, as they are modulo the prime."""
    residues = [[v % prime for v in row] for row in vectors]
    loops = tuple(x for x, row in enumerate(residues) if not any(row))
    if loops:
        return Loops(loops)
    return _Partitioner(residues, prime).run()


class _Set:
    """An independent set, with the circuit of every vector in its span: bit masks of positions."""

    def __init__(self) -> None:
        self.members: list[int] = []
        self.span = 0
        self.circuits: dict[int, int] = {}


class _Partitioner:
    def __init__(self, residues: list[list[int]], prime: int) -> None:
        self.n, self.prime = len(residues), prime
        self.columns: list[list[int]] = []
        self.rank = 0
        if residues:
            entries = [row[i] for i in range(len(residues[0])) for row in residues]
            reduced, self.rank = nmod_mat(len(residues[0]), self.n, entries, prime).rref()
            rows = [[int(v) for v in row] for row in reduced.tolist()[: self.rank]]
            self.columns = [list(column) for column in zip(*rows, strict=True)]
        self.sets: list[_Set] = []
        self.home: dict[int, int] = {}

    def run(self) -> Partition:
        tight = tuple(range(self.n))
        for x in self._filled(self.n // self.rank + 1 if self.n else 0):
            while (stuck := self._insert(x)) is not None:
                tight = stuck
                self.sets.append(_Set())
        while True:
            exits, steps = self._ways_out()
            left = set(range(self.n)) - {x for x, _ in (*exits, *steps)}
            if not left:
                members = tuple(tuple(sorted(s.members)) for s in self.sets)
                return Partition(members, tuple(exits), tuple(steps), tight)
            tight = tuple(sorted(left))
            self.sets.append(_Set())

    def _filled(self, k: int) -> list[int]:
        """Make k sets, each a basis of what the sets before it have left; returns what is left in the end."""
        rest = list(range(self.n))
        for j in range(k):
            s = _Set()
            self.sets.append(s)
            if not rest:
                continue
            entries = [self.columns[x][i] for i in range(self.rank) for x in rest]
            reduced, rank = nmod_mat(self.rank, len(rest), entries, self.prime).rref()
            rows = reduced.tolist()[:rank]
            s.members = [rest[next(c for c, v in enumerate(row) if int(v))] for row in rows]
            self.home |= dict.fromkeys(s.members, j)
            self._reduce(s)
            rest = [x for x in rest if x not in self.home]
        return rest

    def _insert(self, x: int) -> tuple[int, ...] | None:
        """Put x into a set along a shortest path of exchanges, or return all that was reached: they fill its span."""
        before: dict[int, int | None] = {x: None}
        queue, seen = [x], 1 << x
        for here in queue:
            j = self._exit(here)
            if j is not None:
                self._augment(here, j, before)
                return None
            for s in self.sets:
                new = s.circuits.get(here, 0) & ~seen
                seen |= new
                for y in _bits(new):
                    before[y] = here
                    queue.append(y)
        return tuple(sorted(queue))

    def _exit(self, x: int) -> int | None:
        return next((j for j, s in enumerate(self.sets) if not s.span >> x & 1), None)

    def _augment(self, last: int, target: int, before: dict[int, int | None]) -> None:
        """Each vector on the path takes the place of the next; the last goes to the target set."""
        changed = {target}
        here: int | None = last
        while here is not None:
            old = self.home.get(here)
            self.home[here] = target
            if old is not None:
                changed.add(old)
                target = old
            here = before[here]
        for j in changed:
            self.sets[j].members = [x for x, h in self.home.items() if h == j]
            self._reduce(self.sets[j])

    def _reduce(self, s: _Set) -> None:
        """Coordinates of all vectors in terms of the members: one elimination, members first."""
        size = len(s.members)
        columns = [self.columns[x] for x in (*s.members, *range(self.n))]
        entries = [column[i] for i in range(self.rank) for column in columns]
        reduced, _ = nmod_mat(self.rank, len(columns), entries, self.prime).rref()
        table = [[int(v) for v in row[size:]] for row in reduced.tolist()]
        outside = {x for row in table[size:] for x, v in enumerate(row) if v}
        s.span = sum(1 << x for x in range(self.n) if x not in outside)
        s.circuits = dict.fromkeys((x for x in range(self.n) if x not in outside and x not in s.members), 0)
        for member, row in zip(s.members, table, strict=False):
            for x, v in enumerate(row):
                if v and x in s.circuits:
                    s.circuits[x] |= 1 << member

    def _ways_out(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Exits, then steps to what has a way out already, as long as there are any."""
        exits = [(x, j) for x in range(self.n) if (j := self._exit(x)) is not None]
        steps: list[tuple[int, int]] = []
        out = sum(1 << x for x, _ in exits)
        left = [x for x in range(self.n) if not out >> x & 1]
        while True:
            found = [(x, y) for x in left if (y := self._step(x, out)) is not None]
            if not found:
                return exits, steps
            steps += found
            out |= sum(1 << x for x, _ in found)
            left = [x for x in left if not out >> x & 1]

    def _step(self, x: int, out: int) -> int | None:
        return next((y for s in self.sets for y in _bits(s.circuits.get(x, 0) & out)), None)


def _bits(mask: int) -> Iterator[int]:
    """The positions of the ones of a mask."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
