"""max, min and abs inside an expression: finding them, and replacing them by the argument that they equal."""

from __future__ import annotations

from collections.abc import Callable

from verifier.checker.expression import Expression

CHOICES = frozenset({"max", "min", "abs"})
Chooser = Callable[[Expression, Expression], Expression]


def choices(e: Expression) -> tuple[Expression, ...]:
    """The distinct nodes max, min, abs of e, inner ones first."""
    found: dict[Expression, None] = {}

    def visit(node: Expression) -> None:
        for a in node.args:
            visit(a)
        if node.op in CHOICES:
            found.setdefault(node)

    visit(e)
    return tuple(found)


def difference(node: Expression) -> Expression:
    """d with node = its first argument where d > 0 (max, abs) or d < 0 (min), its second one on the other side."""
    first, second = arguments(node)
    return Expression("add", (first, Expression("neg", (second,))))


def arguments(node: Expression) -> tuple[Expression, Expression]:
    """The two expressions between which the node chooses; abs(x) = max(x, -x)."""
    return (node.args[0], Expression("neg", (node.args[0],))) if node.op == "abs" else (node.args[0], node.args[1])


def resolve(e: Expression, signs: Callable[[Expression], int]) -> Expression:
    """e without choices; `signs(node)` is the sign of `difference(node)` (0: either argument will do)."""
    if e.op in CHOICES:
        first, second = arguments(e)
        return resolve(first if (signs(e) >= 0) != (e.op == "min") else second, signs)
    if not e.args:
        return e
    return Expression(e.op, tuple(resolve(a, signs) for a in e.args), e.value, e.name, e.exponent)
