"""An expression as analytic pieces between rational breakpoints, each without max, min and abs.

Lemma. Let e be defined on R, hence continuous. On an interval where x - y >= 0 for the arguments of a max, the max
equals x there, and so on inwards; what is left after all choices is the piece. It is defined on the closed interval,
and where the arguments of its square roots are > 0 it is analytic near each of its points. So the one-sided derivatives
of e at an end are the derivatives of the piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from flint import fmpq

from ..expression import Expression
from ..number import DomainProblem, TooLarge, Undecided, spend
from ..polynomial import End, rational_roots, sign_changes
from .differentiate import MAX_HEIGHT, derivative, negative, total
from .form import form, nodes
from .points import is_zero_at
from .ring import rational
from .signs import signs

MAX_PIECES = 40
MAX_INPUT_HEIGHT = 100
_CANDIDATES = tuple(sorted({fmpq(k, 2) for k in range(-8, 9)}))


@dataclass(frozen=True)
class Piece:
    """A function on [left, right] with its first two derivatives."""

    left: End
    right: End
    value: Expression
    slope: Expression
    bend: Expression


class _Split(Exception):
    """A branch changes inside the interval, at these points."""

    def __init__(self, points: list[fmpq]) -> None:
        super().__init__("a branch changes")
        self.points = points


def pieces(expression: Expression) -> tuple[Piece, ...]:
    """The pieces from left to right; neighbours may be equal. Raises Undecided where they are not found."""
    if expression.height > MAX_INPUT_HEIGHT:
        raise TooLarge("the expression is nested too deeply")
    return tuple(_piece(left, right, e) for left, right, e in _chosen(expression))


def _chosen(expression: Expression) -> list[tuple[End, End, Expression]]:
    todo: list[tuple[End, End]] = [(None, None)]
    done: list[tuple[End, End, Expression]] = []
    while todo:
        left, right = todo.pop()
        try:
            done.append((left, right, _resolve(expression, left, right, {})))
        except _Split as split:
            ends = [left, *split.points, right]
            todo += reversed(list(pairwise(ends)))
        if len(todo) + len(done) > MAX_PIECES:
            raise TooLarge("an expression has too many pieces")
    return done


def _piece(left: End, right: End, e: Expression) -> Piece:
    _require_positive_radicands(e, left, right)
    slope = derivative(e)
    bend = derivative(slope)
    return Piece(left, right, e, slope, bend)


def _require_positive_radicands(e: Expression, left: End, right: End) -> None:
    roots = [x for x in nodes(e) if x.op == "sqrt"]
    for x in sorted(roots, key=lambda root: root.height):  # inner roots first: `signs` relies on them
        if signs(x.args[0], left, right).all_in(1) is not True:
            raise Undecided("the argument of a square root may be 0")


def _resolve(e: Expression, left: End, right: End, known: dict[Expression, Expression]) -> Expression:
    found = known.get(e)
    if found is not None:
        return found
    spend(1)
    args: list[Expression] = []
    for argument in e.args:  # a loop, not a comprehension: one stack frame per level of nesting
        args.append(_resolve(argument, left, right, known))
    if e.op in ("max", "min", "abs"):
        x, y = (args[0], negative(args[0])) if e.op == "abs" else (args[0], args[1])
        first_is_larger = _is_larger(x, y, left, right)
        result = x if first_is_larger != (e.op == "min") else y
    else:
        result = Expression(e.op, tuple(args), e.value, e.name, e.exponent) if args else e
    known[e] = result
    return result


def _is_larger(x: Expression, y: Expression, left: End, right: End) -> bool:
    """Whether x >= y on the interval; else y >= x there. Raises _Split, Undecided."""
    difference = total(x, negative(y))
    if difference.height > MAX_HEIGHT:
        raise TooLarge("a difference is nested too deeply")
    _require_positive_radicands(difference, left, right)
    found = signs(difference, left, right)
    if found.all_in(0, 1):
        return True
    if found.all_in(-1, 0):
        return False
    points = _changes(difference, left, right)
    if not points:
        raise Undecided("where a branch of max, min or abs changes is not known")
    raise _Split(points)


def _changes(difference: Expression, left: End, right: End) -> list[fmpq]:
    """Points inside where the sign may change: all of them, ascending, or some at which the difference is 0."""
    try:
        found = form(difference)
        parts = rational(found.numerator, 0)
        if parts is not None:
            return sign_changes(parts[0], left, right) or []
        u = found.ring.exponent
        if u is not None and u.degree() > 0:  # s = 1 where u = 0
            points = [z for z in rational_roots(u, left, right) if is_zero_at(difference, z)]
            if points:
                return points
    except TooLarge:
        raise
    except (Undecided, DomainProblem):
        pass
    inside = [z for z in _CANDIDATES if (left is None or z > left) and (right is None or z < right)]
    return [z for z in inside if is_zero_at(difference, z)]
