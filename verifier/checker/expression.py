"""The grammar of numbers and functions in case files: text -> Expression -> exact value. Nothing is ever executed.

    sum     := term (("+" | "-") term)*
    term    := signed (("*" | "/") signed)*
    signed  := "-" signed | "+" signed | power
    power   := primary ("**" signed)?           right-associative, binds tighter than unary minus on its left
    primary := number | name | name "(" sum ("," sum)* ")" | "(" sum ")"

Bounds: 10,000 characters, depth 100 (and 400 nodes one inside the other), decimal exponents within +-10,000, integer
powers within +-1,000, and MAX_WORK for reading a text and for computing its value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from flint import arb, fmpq, fmpz

from . import number
from .number import PI, DomainProblem, Exact, S, Undecided, shorten

MAX_CHARACTERS = 10_000
MAX_DEPTH = 100
MAX_HEIGHT = 400
MAX_WORK = 50_000
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


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A node: `op` is num, pi, var, add, mul, neg, pow, max, min, abs, or a key of UNARY.

    a - b is add(a, neg(b)); a / b is mul(a, inv(b)); `value` belongs to num, `name` to var, `exponent` to pow.
    Equal and hashed by content; both without recursion, which deep nesting would exhaust.
    """

    op: str
    args: tuple[Expression, ...] = ()
    value: fmpq | None = None
    name: str = ""
    exponent: int = 0
    height: int = field(init=False, repr=False)  # nodes on the longest way down
    _hash: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "height", 1 + max((a.height for a in self.args), default=0))
        content = (self.op, self.value, self.name, self.exponent, *(a._hash for a in self.args))
        object.__setattr__(self, "_hash", hash(content))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Expression):
            return NotImplemented
        pairs = [(self, other)]
        while pairs:
            x, y = pairs.pop()
            if x is y:
                continue
            if x._hash != y._hash or len(x.args) != len(y.args) or x._content() != y._content():
                return False
            pairs.extend(zip(x.args, y.args, strict=True))
        return True

    def _content(self) -> tuple[str, fmpq | None, str, int]:
        return self.op, self.value, self.name, self.exponent

    def __reduce__(self) -> tuple[type[Expression], tuple[object, ...]]:
        """Copies and pickles are built anew: a hash holds in one process only."""
        return Expression, (self.op, self.args, self.value, self.name, self.exponent)


def num(value: fmpq | int) -> Expression:
    """A rational constant."""
    return Expression("num", value=fmpq(value))


def var(name: str) -> Expression:
    """A variable."""
    return Expression("var", name=name)


# -- parsing -----------------------------------------------------------------------------------------------------------

_BLANK = " \t\n\r\f\v"  # what \s means in ASCII
_TOKEN = re.compile(
    r"\s*(?:(?P<num>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<op>\*\*|[-+*/(),]))",
    re.ASCII,
)
_PLAIN = re.compile(r"(-?(?:0|[1-9][0-9]{0,399}))(?:/([1-9][0-9]{0,399}))?", re.ASCII)


def parse(
    text: str, variables: frozenset[str] = frozenset(), functions: frozenset[str] = NUMBER_FUNCTIONS
) -> Expression:
    """Parse `text`; raises ExpressionProblem with a one-line message naming the column."""
    if len(text) > MAX_CHARACTERS:
        raise ExpressionProblem(f"expected at most {MAX_CHARACTERS} characters, got {len(text)}")
    try:
        with number.work(MAX_WORK):
            result = _Parser(_tokens(text), variables, functions).whole()
    except Undecided as problem:
        raise ExpressionProblem(f"expected numbers of a moderate size: {problem}") from None
    if result.height > MAX_HEIGHT:
        raise ExpressionProblem(f"expected at most {MAX_HEIGHT} operations one inside the other, got {result.height}")
    return result


def parse_number(text: str, functions: frozenset[str] = NUMBER_FUNCTIONS) -> Exact:
    """The exact value of a closed expression; raises ExpressionProblem (syntax, bounds, not defined)."""
    plain = _PLAIN.fullmatch(text)
    if plain is not None:  # as most numbers of most certificates are: it needs no tree
        return fmpq(int(plain[1]), int(plain[2] or 1))
    return value(parse(text, functions=functions))


def value(expression: Expression) -> Exact:
    """The exact value of a closed expression; raises ExpressionProblem where it has none that can be shown."""
    try:
        with number.work(MAX_WORK):
            return evaluate(expression, {})
    except DomainProblem as problem:
        raise ExpressionProblem(f"expected a defined number, got {problem}") from None
    except Undecided as problem:
        raise ExpressionProblem(f"expected a number whose value can be settled: {problem}") from None


def _tokens(text: str) -> list[tuple[str, str, int]]:
    tokens: list[tuple[str, str, int]] = []
    position, end = 0, len(text.rstrip(_BLANK))
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            column = position + len(text[position:]) - len(text[position:].lstrip(_BLANK)) + 1
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
    total: fmpq = fmpq(1)
    for part in parts:
        literal = part.args[0].value if part.op == "inv" else part.value
        if literal is None or (part.op == "inv" and literal == 0):
            return Expression("mul", tuple(parts))
        factor: fmpq = 1 / literal if part.op == "inv" else literal
        total = cast(fmpq, number.times(total, factor))
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
    args: list[S] = []
    for argument in expression.args:  # a loop, not a comprehension: one stack frame per level of nesting
        args.append(evaluate(argument, env))
    if op == "add":
        return number.total(args)
    if op == "mul":
        return _product(args)
    if op == "neg":
        return -args[0]
    if op == "pow":
        return number.power(args[0], expression.exponent)
    if op in ("max", "min", "abs"):
        return _choose(op, args)
    return UNARY[op](args[0])


def _product(factors: list[S]) -> S:
    result = factors[0]
    for factor in factors[1:]:
        result = number.times(result, factor)
    return result


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
    op = expression.op
    if op == "num":
        return str(expression.value)
    if op in ("pi", "var"):
        return expression.name or "pi"
    inverted = {"add": "neg", "mul": "inv"}.get(op)
    texts: list[str] = []
    for k, argument in enumerate(expression.args):  # each argument shown once, one stack frame per level of nesting
        turned = k > 0 and argument.op == inverted
        shown = argument.args[0] if turned else argument
        words = show(shown) if op in ALL_FUNCTIONS or op == "softplus" else _grouped(shown, show(shown))
        texts.append(words if not inverted or k == 0 else _SIGNS[op][turned] + words)
    if inverted:
        return "".join(texts)
    if op == "pow":
        return f"{texts[0]}**{expression.exponent}"
    return {"neg": "-", "inv": "1/"}[op] + texts[0] if op in ("neg", "inv") else f"{op}({', '.join(texts)})"


_SIGNS = {"add": (" + ", " - "), "mul": ("*", "/")}


def _grouped(expression: Expression, words: str) -> str:
    plain = expression.op in ("pi", "var") or expression.op in ALL_FUNCTIONS or expression.op == "softplus"
    whole = expression.value is not None and expression.value.q == 1 and expression.value >= 0
    return words if plain or whole else f"({words})"
