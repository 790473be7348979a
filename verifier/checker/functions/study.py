"""An expression cut into pieces, with what is proved of the signs of s' and s'' and of their jumps at breakpoints."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from flint import fmpq

from .. import number
from ..expression import Expression, evaluate
from ..number import DomainProblem, Undecided, work
from ..polynomial import End
from .differentiate import negative, total
from .pieces import Piece, pieces
from .sign_set import Signs
from .signs import more_signs, quick_signs, signs

MAX_WORK = 50_000  # for each of three parts: what is quick, the rest for s', the rest for s''


@dataclass(frozen=True)
class Study:
    """`jumps1[k]`, `jumps2[k]`: the sign of the jump of s', s'' at breakpoint k (right minus left), None if open."""

    pieces: tuple[Piece, ...]
    slopes: tuple[Signs, ...]
    bends: tuple[Signs, ...]
    jumps1: tuple[int | None, ...]
    jumps2: tuple[int | None, ...]

    @property
    def breakpoints(self) -> tuple[fmpq, ...]:
        """The ends between neighbouring pieces; the function may be smooth there."""
        return tuple(p.right for p in self.pieces if p.right is not None)

    def is_convex(self) -> bool:
        """True only if s'' >= 0 on every piece and no slope falls at a breakpoint."""
        return all(x.all_in(0, 1) for x in self.bends) and all(j in (0, 1) for j in self.jumps1)

    def piece_at(self, z: fmpq) -> Piece:
        """A piece whose closed interval contains z."""
        return next(p for p in self.pieces if p.right is None or z <= p.right)

    def slopes_between(self, left: End, right: End) -> list[Signs]:
        """The signs of s' on the parts of [left, right] in the pieces."""
        whole = dict(zip(self.pieces, self.slopes, strict=True))
        return [
            whole[p] if (a, b) == (p.left, p.right) else signs(p.slope, a, b) for p, a, b in self.parts(left, right)
        ]

    def parts(self, left: End, right: End) -> list[tuple[Piece, End, End]]:
        """Every piece that meets [left, right] in an interval, with the ends of that interval."""
        found = []
        for piece in self.pieces:
            a = piece.left if left is None or (piece.left is not None and piece.left >= left) else left
            b = piece.right if right is None or (piece.right is not None and piece.right <= right) else right
            if a is None or b is None or a < b:
                found.append((piece, a, b))
        return found


def study(expression: Expression) -> Study:
    """The expression must be defined on R. Bounded work; raises Undecided where the pieces are not found."""
    with work(MAX_WORK):
        found = pieces(expression)
        slopes = [quick_signs(p.slope, p.left, p.right) for p in found]
        bends = [quick_signs(p.bend, p.left, p.right) for p in found]
        pairs = list(pairwise(found))
        jumps1 = tuple(_jump(p.slope, q.slope, p.right) for p, q in pairs)
        jumps2 = tuple(_jump(p.bend, q.bend, p.right) for p, q in pairs)
    with work(MAX_WORK):
        slopes = [more_signs(x, p.slope, p.left, p.right) for x, p in zip(slopes, found, strict=True)]
    with work(MAX_WORK):
        bends = [more_signs(x, p.bend, p.left, p.right) for x, p in zip(bends, found, strict=True)]
    return Study(found, tuple(slopes), tuple(bends), jumps1, jumps2)


def _jump(left: Expression, right: Expression, at: End) -> int | None:
    assert at is not None
    try:
        return number.sign(evaluate(total(right, negative(left)), {"z": at}))
    except (Undecided, DomainProblem):
        return None
