"""The grammar of numbers and functions in case files: text -> Expression -> exact value. Nothing is ever executed.

    sum     := term (("+" | "-") term)*
    term    := signed (("*" | "/") signed)*
    signed  := "-" signed | "+" signed | power
    power   := primary ("**" signed)?           right-associative, binds tighter than unary minus on its left
    primary := number | name | name "(" sum ("," sum)* ")" | "(" sum ")"

Bounds: 10,000 characters, depth 100, decimal exponents within +-10,000, integer powers within +-1,000.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, cast

from flint import arb, fmpq, fmpz

from . import number
from .number import PI, DomainProblem, Exact, S, Undecided, shorten

MAX_CHARACTERS = 10_000
MAX_DEPTH = 100
MAX_DECIMAL_EXPONENT = 10_000
MAX_POWER = 1_000

NUMBER_FUNCTIONS = frozenset({"sqrt", "exp", "log", "tanh"})
ALL_FUNCTIONS = NUMBER_FUNCTIONS | {"abs", "max", "min", "sigmoid", "arctan", "erf"}

UNARY: Mapping[str, Callable[[S], S]] = {
    "sqrt": number.sqrt,
    "exp": number.exp,
    "log": number.log,
    "tanh": number.tanh,
    "sigmoid": number.sigmoid,
    "softplus": number.softplus,
    "arctan": number.arctan,
    "erf": number.erf,
    "inv": number.inverse,
}


class ExpressionProblem(ValueError):
    """A text that is not an expression of the grammar, exceeds a bound, or has no value."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A node: `op` is num, pi, var, add, mul, neg, pow, max, min, abs, or a key of UNARY.

    a - b is add(a, neg(b)); a / b is mul(a, inv(b)); `value` belongs to num, `name` to var, `exponent` to pow.
    """

    op: str
    args: tuple[Expression, ...] = ()
    value: fmpq | None = None
    name: str = ""
    exponent: int = 0


def num(value: fmpq | int) -> Expression:
    """A rational constant."""
    return Expression("num", value=fmpq(value))


def var(name: str) -> Expression:
    """A variable."""
    return Expression("var", name=name)


# -- parsing -----------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"\s*(?:(?P<num>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<op>\*\*|[-+*/(),]))",
    re.ASCII,
)


def parse(
    text: str, variables: frozenset[str] = frozenset(), functions: frozenset[str] = NUMBER_FUNCTIONS
) -> Expression:
    """Parse `text`; raises ExpressionProblem with a one-line message naming the column."""
    if len(text) > MAX_CHARACTERS:
        raise ExpressionProblem(f"expected at most {MAX_CHARACTERS} characters, got {len(text)}")
    return _Parser(_tokens(text), variables, functions).whole()


def parse_number(text: str) -> Exact:
    """The exact value of a closed expression; raises ExpressionProblem (syntax, bounds, not defined)."""
    return value(parse(text))


def value(expression: Expression) -> Exact:
    """The exact value of a closed expression; raises ExpressionProblem where it has none that can be shown."""
    try:
        return evaluate(expression, {})
    except DomainProblem as problem:
        raise ExpressionProblem(f"expected a defined number, got {problem}") from None
    except Undecided as problem:
        raise ExpressionProblem(f"expected a number whose value can be settled: {problem}") from None


def _tokens(text: str) -> list[tuple[str, str, int]]:
    tokens: list[tuple[str, str, int]] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            column = position + len(text[position:]) - len(text[position:].lstrip()) + 1
            raise ExpressionProblem(f"unexpected {text[column - 1]!r} at column {column}")
        kind = match.lastgroup or ""
        tokens.append((kind, match.group(kind), match.start(kind) + 1))
        position = match.end()
    tokens.append(("end", "end of text", len(text) + 1))
    return tokens


class _Parser:
    def __init__(
        self, tokens: list[tuple[str, str, int]], variables: frozenset[str], functions: frozenset[str]
    ) -> None:
        self.tokens, self.variables, self.functions = tokens, variables, functions
        self.index = 0
        self.depth = 0

    def whole(self) -> Expression:
        result = self.sum()
        self.expect_end()
        return result

    def expect_end(self) -> None:
        kind, word, column = self.tokens[self.index]
        if kind != "end":
            raise ExpressionProblem(f"expected an operator or the end, got {shorten(word)!r} at column {column}")

    def take(self, *words: str) -> str | None:
        kind, word, _ = self.tokens[self.index]
        if kind == "op" and word in words:
            self.index += 1
            return word
        return None

    def need(self, word: str) -> None:
        if self.take(word) is None:
            _, got, column = self.tokens[self.index]
            raise ExpressionProblem(f"expected {word!r} at column {column}, got {shorten(got)!r}")

    def sum(self) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionProblem(f"nested deeper than {MAX_DEPTH}")
        parts = [self.term()]
        while sign := self.take("+", "-"):
            part = self.term()
            parts.append(part if sign == "+" else Expression("neg", (part,)))
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Expression("add", tuple(parts))

    def term(self) -> Expression:
        parts = [self.signed()]
        while sign := self.take("*", "/"):
            part = self.signed()
            parts.append(part if sign == "*" else Expression("inv", (part,)))
        return parts[0] if len(parts) == 1 else _folded(parts)

    def signed(self) -> Expression:
        negative = False
        while sign := self.take("-", "+"):
            negative ^= sign == "-"
        result = self.power()
        if negative and result.value is not None:
            return num(-result.value)
        return Expression("neg", (result,)) if negative else result

    def power(self) -> Expression:
        base = self.primary()
        column = self.tokens[self.index][2]
        if self.take("**") is None:
            return base
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionProblem(f"nested deeper than {MAX_DEPTH}")
        exponent = self.signed()
        self.depth -= 1
        return Expression("pow", (base,), exponent=_integer(exponent, column))

    def primary(self) -> Expression:
        kind, word, column = self.tokens[self.index]
        self.index += 1
        if kind == "num":
            return num(decimal(word))
        if kind == "op" and word == "(":
            inside = self.sum()
            self.need(")")
            return inside
        if kind == "name":
            return self.named(word, column)
        raise ExpressionProblem(f"expected a number, a name or '(' at column {column}, got {shorten(word)!r}")

    def named(self, word: str, column: int) -> Expression:
        if word == "pi":
            return Expression("pi")
        if word in self.variables:
            return var(word)
        if word not in self.functions:
            known = ", ".join(sorted(self.functions | self.variables | {"pi"}))
            raise ExpressionProblem(f"unknown name {shorten(word)!r} at column {column}, expected one of {known}")
        self.need("(")
        args = [self.sum()]
        while self.take(","):
            args.append(self.sum())
        self.need(")")
        wanted = 2 if word in ("max", "min") else 1
        if len(args) != wanted:
            raise ExpressionProblem(f"{word} at column {column} takes {wanted} argument(s), got {len(args)}")
        return Expression(word, tuple(args))


def _folded(parts: list[Expression]) -> Expression:
    """A product; a product or quotient of literals such as 1/3 becomes one literal."""
    total = fmpq(1)
    for part in parts:
        literal = part.args[0].value if part.op == "inv" else part.value
        if literal is None or (part.op == "inv" and literal == 0):
            return Expression("mul", tuple(parts))
        total = total / literal if part.op == "inv" else total * literal
    return num(total)


def decimal(word: str) -> fmpq:
    """The exact value of a decimal such as 1.50e-3; raises ExpressionProblem beyond the exponent bound."""
    mantissa, _, exponent_text = word.lower().partition("e")
    if len(exponent_text) > 8 or abs(int(exponent_text or 0)) > MAX_DECIMAL_EXPONENT:
        raise ExpressionProblem(f"decimal exponent beyond +-{MAX_DECIMAL_EXPONENT} in {shorten(word)}")
    whole, _, fraction = mantissa.partition(".")
    digits = fmpz(whole + fraction) if whole + fraction else fmpz(0)
    shift = int(exponent_text or 0) - len(fraction)
    ten = fmpz(10) ** abs(shift)
    return fmpq(digits * ten) if shift >= 0 else fmpq(digits, ten)


def _integer(exponent: Expression, column: int) -> int:
    try:
        result = evaluate(exponent, {})
    except (KeyError, DomainProblem, Undecided):
        result = PI
    if not isinstance(result, fmpq) or result.q != 1:
        raise ExpressionProblem(f"expected an integer power after '**' at column {column} (use sqrt, exp, log)")
    if abs(result) > MAX_POWER:
        raise ExpressionProblem(f"integer power beyond +-{MAX_POWER} at column {column}")
    return int(result.p)


# -- values and text ---------------------------------------------------------------------------------------------------


def evaluate(expression: Expression, env: Mapping[str, S]) -> S:
    """The value, exact or ball as the variables are (a closed expression: exact).

    Raises DomainProblem (undefined), Undecided (a comparison or domain that cannot be settled), KeyError (variable).
    """
    op = expression.op
    if op == "num":
        return cast(S, expression.value)
    if op == "var":
        return env[expression.name]
    if op == "pi":
        return cast(S, PI)
    args = [evaluate(a, env) for a in expression.args]
    if op == "add":
        return reduce(lambda x, y: x + y, args)
    if op == "mul":
        return reduce(lambda x, y: x * y, args)
    if op == "neg":
        return -args[0]
    if op == "pow":
        return number.power(args[0], expression.exponent)
    if op in ("max", "min", "abs"):
        return _choose(op, args)
    return UNARY[op](args[0])


def _choose(op: str, args: list[S]) -> S:
    x, y = (args[0], -args[0]) if op == "abs" else (args[0], args[1])
    if isinstance(x, arb) or isinstance(y, arb):
        first, second = number.enclose(x), number.enclose(y)
        chosen: Any = first.min(second) if op == "min" else first.max(second)
        return cast(S, chosen)
    first_is_larger = number.compare(x, y) >= 0
    return x if first_is_larger != (op == "min") else y


def show(expression: Expression) -> str:
    """The expression as text that parses back to an equal expression."""
    op, args = expression.op, expression.args
    if op == "num":
        return str(expression.value)
    if op in ("pi", "var"):
        return expression.name or "pi"
    inner = [_grouped(a) for a in args]
    if op == "neg":
        return f"-{inner[0]}"
    if op == "inv":
        return f"1/{inner[0]}"
    if op == "pow":
        return f"{inner[0]}**{expression.exponent}"
    if op == "add":
        return inner[0] + "".join(
            f" - {_grouped(a.args[0])}" if a.op == "neg" else f" + {i}" for a, i in zip(args[1:], inner[1:], strict=True)
        )
    if op == "mul":
        return inner[0] + "".join(
            f"/{_grouped(a.args[0])}" if a.op == "inv" else f"*{i}" for a, i in zip(args[1:], inner[1:], strict=True)
        )
    return f"{op}({', '.join(show(a) for a in args)})"


def _grouped(expression: Expression) -> str:
    plain = expression.op in ("pi", "var") or expression.op in ALL_FUNCTIONS or expression.op == "softplus"
    whole = expression.op == "num" and expression.value is not None and expression.value.q == 1 and expression.value >= 0
    return show(expression) if plain or whole else f"({show(expression)})"
