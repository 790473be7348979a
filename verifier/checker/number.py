"""Exact real numbers: rationals, and rational polynomials in a few kinds of irrational atoms.

An exact value is a `flint.fmpq` whenever it is rational in a way this module can see; otherwise it is a `Number`:
a finite sum  sum_k c_k * (product of atom powers) * exp(E_k)  with rational c_k and exact E_k, kept in a canonical
form. The two promises everything else rests on:

* equal canonical forms denote equal reals (each rewriting below is an identity), so a form that cancels to 0 *is* 0;
* `ball` encloses the value, so a ball that excludes 0 proves the sign.

Nothing is promised in the other direction: two different forms may denote one real. `sign` then raises `UnknownSign`
instead of guessing. The same functions accept balls (`flint.arb`) and return balls, so that one formula serves both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar, cast, overload

from flint import arb, ctx, fmpq, fmpz

MAX_TERMS = 4_000
MAX_SIZE = 50_000  # nodes of the whole tree: terms, their atoms, the atoms' arguments, ...
MAX_BITS = 1 << 20
SIGN_PRECISIONS = (64, 192, 640, 2_048, 8_192)
_FACTOR_BITS = 64
_MAX_LOG_MULTIPLE = 4_096


class Undecided(ArithmeticError):
    """Something could not be decided; never to be read as an answer."""


class UnknownSign(Undecided):
    """Neither an identity nor a ball settles the sign of a number."""


class TooLarge(Undecided):
    """An exact value outgrew the size bounds of this module."""


class DomainProblem(ValueError):
    """A function was applied outside its domain (log of 0, division by 0, ...)."""


# -- bounded work ------------------------------------------------------------------------------------------------------


class _Work:
    left: int | None = None  # None: no bound


@contextmanager
def work(units: int) -> Iterator[None]:
    """Let exact arithmetic in a block do at most `units` (each some 10 microseconds) of work, then raise TooLarge.

    A count, not a clock: the same input always ends the same way. Process-wide, like flint's precision; an inner
    block has a bound of its own and does not count for the outer one.
    """
    before = _Work.left
    _Work.left = units
    try:
        yield
    finally:
        _Work.left = before


def spend(units: int) -> None:
    """Count work; raises TooLarge when the bound of the surrounding `work` block is passed."""
    if _Work.left is not None:
        _Work.left -= units
        if _Work.left < 0:
            raise TooLarge("it takes too much work")


# -- the two classes ---------------------------------------------------------------------------------------------------


class Atom:
    """An irrational building block `kind(argument)`; compared and hashed by its canonical text."""

    __slots__ = ("_balls", "_hash", "argument", "key", "kind", "size")

    def __init__(self, kind: str, argument: Exact) -> None:
        self.kind = kind
        self.argument = argument
        self.size = 1 + size(argument)
        spend(self.size // 8)
        self.key = _ATOM_NAMES.get(kind, kind + "({})").format(text(argument))
        self._hash = hash(self.key)
        self._balls: dict[int, arb] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.key == other.key

    def __hash__(self) -> int:
        return self._hash

    def ball(self) -> arb:
        """Enclosure at the current precision."""
        found = self._balls.get(ctx.prec)
        if found is None:
            found = self._balls[ctx.prec] = _ATOM_BALLS[self.kind](enclose(self.argument))
        return found


_ATOM_NAMES = {"pi": "pi", "inv": "(1/({}))"}
Powers = tuple[tuple[Atom, int], ...]
Monomial = tuple[Powers, "Exact"]
_NO_POWERS: Powers = ()


class Number:
    """An irrational (or not visibly rational) exact real. Build it with the functions of this module."""

    __slots__ = ("__dict__", "terms")

    def __init__(self, terms: Mapping[Monomial, fmpq]) -> None:
        self.terms = terms

    @cached_property
    def ordered(self) -> tuple[tuple[str, Monomial, fmpq], ...]:
        return tuple(sorted((_monomial_text(m), m, c) for m, c in self.terms.items()))

    @cached_property
    def size(self) -> int:
        """The number of nodes of the tree that the form is: a bound on the work of walking it."""
        return sum(1 + sum(atom.size for atom, _ in powers) + size(exponent) for powers, exponent in self.terms)

    @cached_property
    def height(self) -> int:
        """The most bits of a numerator or denominator of a coefficient."""
        return max(int(c.height_bits()) for c in self.terms.values())

    @cached_property
    def _hash(self) -> int:
        return hash(frozenset(self.terms.items()))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        """Equality of canonical forms (sufficient for equality of values)."""
        return isinstance(other, Number) and self.terms == other.terms

    def __bool__(self) -> bool:
        raise TypeError("the truth value of an exact number is not defined; use sign()")

    def __repr__(self) -> str:
        return f"Number({text(self)})"

    def __neg__(self) -> Number:
        return Number({m: -c for m, c in self.terms.items()})

    @overload
    def __add__(self, other: Exact | int) -> Exact: ...
    @overload
    def __add__(self, other: arb) -> arb: ...
    def __add__(self, other: Scalar | int) -> Scalar:
        if isinstance(other, arb):
            return enclose(self) + other
        if isinstance(other, Number):
            spend(3 + (len(self.terms) + len(other.terms)) // 3 + (self.height + other.height) // 64)
            return _sum((self.terms.items(), other.terms.items()))
        rational = _as_rational(other)
        if rational is None:
            return NotImplemented
        return _sum((self.terms.items(), (((_NO_POWERS, _NO_EXPONENT), rational),)))

    __radd__ = __add__

    @overload
    def __sub__(self, other: Exact | int) -> Exact: ...
    @overload
    def __sub__(self, other: arb) -> arb: ...
    def __sub__(self, other: Scalar | int) -> Scalar:
        return self + (-other)

    @overload
    def __rsub__(self, other: Exact | int) -> Exact: ...
    @overload
    def __rsub__(self, other: arb) -> arb: ...
    def __rsub__(self, other: Scalar | int) -> Scalar:
        return (-self) + other

    @overload
    def __mul__(self, other: Exact | int) -> Exact: ...
    @overload
    def __mul__(self, other: arb) -> arb: ...
    def __mul__(self, other: Scalar | int) -> Scalar:
        if isinstance(other, arb):
            return enclose(self) * other
        if isinstance(other, Number):
            return _product(self, other)
        rational = _as_rational(other)
        if rational is None:
            return NotImplemented
        if rational == 0:
            return _ZERO
        return Number({m: c * rational for m, c in self.terms.items()})

    __rmul__ = __mul__

    @overload
    def __truediv__(self, other: Exact | int) -> Exact: ...
    @overload
    def __truediv__(self, other: arb) -> arb: ...
    def __truediv__(self, other: Scalar | int) -> Scalar:
        if isinstance(other, arb):
            return enclose(self) / other
        return self * inverse(fmpq(other) if isinstance(other, int) else other)

    @overload
    def __rtruediv__(self, other: Exact | int) -> Exact: ...
    @overload
    def __rtruediv__(self, other: arb) -> arb: ...
    def __rtruediv__(self, other: Scalar | int) -> Scalar:
        return inverse(self) * other

    def __pow__(self, exponent: int) -> Exact:
        return power(self, exponent)


Exact = fmpq | Number
Scalar = fmpq | Number | arb
S = TypeVar("S", Exact, arb, Scalar)


class _NoExponent(fmpq):
    """0, hashed like any other but at once: the exponent in almost every monomial. It never leaves this module."""

    def __hash__(self) -> int:
        return 0


_ZERO = fmpq(0)
_NO_EXPONENT = _NoExponent(0)
_ONE = fmpq(1)
_HALF = fmpq(1, 2)


# -- reading and comparing ---------------------------------------------------------------------------------------------


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Set flint's process-wide working precision for a block."""
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def is_rational(x: Scalar) -> bool:
    """Whether x is held as a rational."""
    return isinstance(x, fmpq)


def ball(x: Scalar, bits: int = 64) -> arb:
    """An enclosure of x computed at `bits` bits of working precision."""
    with precision(bits):
        return enclose(x)


def enclose(x: Scalar) -> arb:
    """An enclosure of x at flint's current working precision."""
    if isinstance(x, arb):
        return x
    if isinstance(x, fmpq):
        return arb(x)
    result = arb(0)
    for (powers, exponent), coefficient in x.terms.items():
        term = arb(coefficient)
        for atom, n in powers:
            term = term * atom.ball() ** n
        if not _is_zero(exponent):
            term = term * enclose(exponent).exp()
        result = result + term
    return result


def sign(x: Scalar) -> int:
    """-1, 0 or 1, proved; raises UnknownSign. A ball is zero only if it is exactly [0, 0]."""
    if isinstance(x, fmpq):
        return (x > 0) - (x < 0)
    if isinstance(x, arb):
        return _sign_of_ball(x)
    for bits in SIGN_PRECISIONS:
        spend(x.size * (1 + bits // 256))
        enclosure = ball(x, bits)
        if enclosure > 0:
            return 1
        if enclosure < 0:
            return -1
    raise UnknownSign(f"the sign of {shorten(text(x))} could not be decided")


def _sign_of_ball(x: arb) -> int:
    if x > 0:
        return 1
    if x < 0:
        return -1
    if x.is_zero():
        return 0
    raise UnknownSign(f"the ball {x.str(6)} contains 0")


def compare(x: Scalar, y: Scalar) -> int:
    """The sign of x - y."""
    return sign(x - y)


def is_zero(x: Scalar) -> bool:
    """True iff x is 0 by identity (a Number never is; a ball only if it is exactly [0, 0])."""
    return x.is_zero() if isinstance(x, arb) else _is_zero(x)


def _is_zero(x: Exact) -> bool:
    return x is _NO_EXPONENT or (isinstance(x, fmpq) and x == 0)


def size(x: Exact) -> int:
    """The number of nodes of x."""
    return x.size if isinstance(x, Number) else 0


def height(x: Scalar) -> int:
    """The most bits of a rational in x (0 for a ball)."""
    if isinstance(x, arb):
        return 0
    return x.height if isinstance(x, Number) else int(x.height_bits())


# -- text --------------------------------------------------------------------------------------------------------------


def text(x: Exact) -> str:
    """x in the grammar of case files, canonical: equal forms give equal texts."""
    if isinstance(x, fmpq):
        return str(x)
    parts: list[str] = []
    for name, _, coefficient in x.ordered:
        minus = coefficient < 0
        size = -coefficient if minus else coefficient
        body = name if size == 1 and name else (str(size) if not name else f"{_factor_text(size)}*{name}")
        parts.append((" - " if minus else " + ") + body if parts else ("-" if minus else "") + body)
    return "".join(parts)


def shorten(words: str, limit: int = 60) -> str:
    """words, cut in the middle when longer than `limit`."""
    return words if len(words) <= limit else f"{words[: limit // 2]} ... {words[-limit // 3 :]}"


def _factor_text(size: fmpq) -> str:
    return str(size) if size.q == 1 else f"({size})"


def _monomial_text(monomial: Monomial) -> str:
    powers, exponent = monomial
    names = [atom.key if n == 1 else f"{atom.key}**{n}" for atom, n in powers]
    if not _is_zero(exponent):
        names.append(f"exp({text(exponent)})")
    return "*".join(names)


# -- ring operations ---------------------------------------------------------------------------------------------------


def _as_rational(x: object) -> fmpq | None:
    if isinstance(x, fmpq):
        return x
    return fmpq(x) if isinstance(x, int | fmpz) else None


def _collapse(terms: dict[Monomial, fmpq]) -> Exact:
    if not terms:
        return _ZERO
    if len(terms) > MAX_TERMS:
        raise TooLarge(f"an exact value needs more than {MAX_TERMS} terms")
    if len(terms) == 1:
        (((powers, exponent), coefficient),) = terms.items()
        if not powers and _is_zero(exponent):
            return coefficient
    result = Number(terms)
    if result.size > MAX_SIZE:
        raise TooLarge(f"an exact value needs more than {MAX_SIZE} nodes")
    return result


def _sum(groups: Iterable[Iterable[tuple[Monomial, fmpq]]]) -> Exact:
    terms: dict[Monomial, fmpq] = {}
    for group in groups:
        for monomial, coefficient in group:
            total = terms.get(monomial, _ZERO) + coefficient
            if total == 0:
                terms.pop(monomial, None)
            else:
                terms[monomial] = total
    return _collapse(terms)


def _product(x: Number, y: Number) -> Exact:
    pairs, bits = len(x.terms) * len(y.terms), x.height + y.height
    if pairs > 50 * MAX_TERMS or bits > MAX_BITS:
        raise TooLarge("a product of exact values has too many terms or digits")
    widest = sum(max(len(powers) for powers, _ in n.terms) for n in (x, y))
    spend(pairs * (3 + widest // 2 + bits // 64))
    pieces = [_monomial_product(m, n, c * d) for m, c in x.terms.items() for n, d in y.terms.items()]
    return _sum((((_NO_POWERS, _NO_EXPONENT), p),) if isinstance(p, fmpq) else p.terms.items() for p in pieces)


def total(values: Iterable[S]) -> S:
    """The sum, exact forms added all at once; raises TooLarge."""
    given: list[Any] = list(values)
    result: Any = _ZERO
    for x in given:
        if not isinstance(x, Number):
            spend(1 + (height(result) + height(x)) // 64)
            result = result + x
            if height(result) > MAX_BITS:
                raise TooLarge(f"a sum has more than {MAX_BITS} bits")
    numbers = [x for x in given if isinstance(x, Number)]
    if numbers:
        spend(sum(1 + len(x.terms) // 3 + x.height // 64 for x in numbers))
        result = _sum(x.terms.items() for x in numbers) + result
    return cast(S, result)


def times(x: S, y: S) -> S:
    """x * y; raises TooLarge before it is computed."""
    bits = height(x) + height(y)
    if bits > MAX_BITS:
        raise TooLarge(f"a product has more than {MAX_BITS} bits")
    spend(1 + bits // 64)
    result: Any = x * y
    return cast(S, result)


def _monomial_product(m: Monomial, n: Monomial, coefficient: fmpq) -> Exact:
    powers: dict[Atom, int] = dict(m[0])
    for atom, k in n[0]:
        powers[atom] = powers.get(atom, 0) + k
    return _build(powers, m[1] + n[1], coefficient)


def _build(powers: Mapping[Atom, int], exponent: Exact, coefficient: fmpq) -> Exact:
    """The canonical form of  coefficient * prod atom**power * exp(exponent)."""
    extra: list[Exact] = []
    kept: list[tuple[Atom, int]] = []
    for atom, n in powers.items():
        if atom.kind == "sqrt" and n not in (0, 1):  # sqrt(A)**n = A**(n//2) * sqrt(A)**(n%2)
            extra.append(power(atom.argument, n // 2))
            n %= 2
        if n:
            kept.append((atom, n))
    exponent, freed = (_NO_EXPONENT, []) if _is_zero(exponent) else _free_logs(exponent)
    kept.sort(key=lambda item: item[0].key)
    result: Exact = _collapse({(tuple(kept), exponent): coefficient})
    for factor in (*extra, *freed):
        result = result * factor
    return result


def _free_logs(exponent: Exact) -> tuple[Exact, list[Exact]]:
    """Split exp(c*log(p) + E) = p**floor(c) * exp((c - floor(c))*log(p) + E); a remaining 1/2 becomes sqrt(p)."""
    if isinstance(exponent, fmpq):
        return exponent, []
    freed: list[Exact] = []
    rest: Exact = exponent
    for (powers, inner), c in exponent.terms.items():
        if len(powers) != 1 or powers[0][1] != 1 or not _is_zero(inner) or powers[0][0].kind != "log":
            continue
        atom = powers[0][0]
        whole, part = c.floor(), c - c.floor()
        if abs(whole) > _MAX_LOG_MULTIPLE or not isinstance(atom.argument, fmpq):
            continue
        taken = fmpq(whole) + (part if part == _HALF else 0)
        if taken == 0:
            continue
        rest = rest - taken * Number({(((atom, 1),), _NO_EXPONENT): _ONE})
        if whole:
            freed.append(power(_rational(atom), int(whole)))
        if part == _HALF:
            freed.append(sqrt(_rational(atom)))
    return rest, freed


def power(x: S, n: int) -> S:
    """x**n for an integer n; raises DomainProblem (0 to a negative power) and TooLarge."""
    if n < 0:
        return power(inverse(x), -n)
    if isinstance(x, fmpq):
        _bound_power(x, n)
        return x**n
    if n == 0:
        return x * 0 + 1
    _bound_power(x, n)
    result: Any = x
    for bit in bin(n)[3:]:
        result = result * result
        if bit == "1":
            result = result * x
    return cast(S, result)


def _bound_power(x: Scalar, n: int) -> None:
    bits = height(x) * n
    if bits > MAX_BITS:
        raise TooLarge(f"a power has more than {MAX_BITS} bits")
    spend(1 + bits // 64)


def inverse(x: S) -> S:
    """1/x; raises DomainProblem at 0, UnknownSign when x cannot be told from 0."""
    if isinstance(x, arb):
        if not (x > 0 or x < 0):
            raise UnknownSign(f"division by the ball {x.str(6)}, which contains 0")
        return 1 / x
    if not isinstance(x, Number):
        rational = _as_rational(x)
        if rational is None:
            raise TypeError(f"not a number: {x!r}")
        if rational == 0:
            raise DomainProblem("division by zero")
        return 1 / rational
    if len(x.terms) == 1:
        (((powers, exponent), c),) = x.terms.items()
        sign(x)
        return _build({atom: -n for atom, n in powers}, -exponent, 1 / c)
    root = _first_root(x)
    if root is not None:  # a field Q(sqrt p, sqrt q, ...): multiply by the conjugate
        conjugate = Number({m: -c if (root, 1) in m[0] else c for m, c in x.terms.items()})
        return conjugate * inverse(x * conjugate)
    pair = _binomial(x)
    if pair is not None:  # 1/(a + b) = sigmoid(log a - log b)/a for positive a, b (or both negative)
        return inverse(pair[0]) * sigmoid(-pair[1])
    sign(x)
    lead = x.ordered[0][2]
    return _atom("inv", x / lead) * (1 / lead)


def _rational(atom: Atom) -> fmpq:
    assert isinstance(atom.argument, fmpq)
    return atom.argument


def _first_root(x: Number) -> Atom | None:
    """A root sqrt(rational) in x, if x involves no other atoms; else None."""
    atoms = {atom for powers, _ in x.terms for atom, _ in powers}
    pure = all(_is_zero(e) for _, e in x.terms)
    if not atoms or not pure or any(a.kind != "sqrt" or not isinstance(a.argument, fmpq) for a in atoms):
        return None
    return min(atoms, key=lambda a: a.key)


def _binomial(x: Number) -> tuple[Exact, Exact] | None:
    """(a, log(b/a)) if x = a + b with a, b of one sign, each rational times exp(..); else None."""
    if len(x.terms) != 2 or any(powers for powers, _ in x.terms):
        return None
    (_, (_, e), c), (_, (_, f), d) = x.ordered
    if (c > 0) != (d > 0):
        return None
    difference = f - e + log(d / c)
    return _build({}, e, c), difference


# -- functions ---------------------------------------------------------------------------------------------------------


def _atom(kind: str, argument: Exact) -> Number:
    return Number({(((Atom(kind, argument), 1),), _NO_EXPONENT): _ONE})


def _leads_negative(x: Exact) -> bool:
    """A fixed orientation of x against -x, so that f(x) and f(-x) share one atom."""
    return bool(x < 0) if isinstance(x, fmpq) else bool(x.ordered[0][2] < 0)


def exp(x: S) -> S:
    """e**x."""
    if isinstance(x, arb):
        return x.exp()
    return _ONE if _is_zero(x) else _build({}, x, _ONE)


def log(x: S) -> S:
    """The natural logarithm; raises DomainProblem unless x is proved positive (UnknownSign if that is open)."""
    if isinstance(x, arb):
        return _positive_ball(x, "log").log()
    if sign(x) <= 0:
        raise DomainProblem(f"log of {shorten(text(x))}, which is not positive")
    if isinstance(x, fmpq):
        return _log_of_integer(x.p) - _log_of_integer(x.q)
    if len(x.terms) == 1:
        (((powers, exponent), c),) = x.terms.items()
        if not powers:
            return log(c) + exponent
    pair = _binomial(x)
    if pair is not None:
        return log(pair[0]) + softplus(pair[1])
    return _atom("log", x)


def _log_of_integer(n: fmpz) -> Exact:
    """log n = sum of log p over the prime factors; an integer too large to factor stays one atom."""
    if n == 1:
        return _ZERO
    if n.bit_length() > _FACTOR_BITS:
        return _atom("log", fmpq(n))
    spend(int(n.bit_length()) ** 2 // 16)
    return total(_atom("log", fmpq(prime)) * int(count) for prime, count in n.factor())


def sqrt(x: S) -> S:
    """The square root; raises DomainProblem for a negative argument."""
    if isinstance(x, arb):
        return x if x.is_zero() else _positive_ball(x, "sqrt").sqrt()
    side = sign(x)
    if side < 0:
        raise DomainProblem(f"sqrt of {shorten(text(x))}, which is negative")
    if side == 0:
        return _ZERO
    if isinstance(x, fmpq):
        return _sqrt_of_integer(x.p * x.q) / fmpq(x.q)
    if len(x.terms) == 1:
        (((powers, exponent), c),) = x.terms.items()
        if not powers and c > 0:
            return sqrt(c) * exp(exponent / 2)
    return _atom("sqrt", x)


def _sqrt_of_integer(n: fmpz) -> Exact:
    """sqrt n = (integer) * product of sqrt p over primes; an integer too large to factor stays one atom."""
    root, remainder = n.sqrtrem()
    if remainder == 0:
        return fmpq(root)
    if n.bit_length() > _FACTOR_BITS:
        return _atom("sqrt", fmpq(n))
    spend(int(n.bit_length()) ** 2 // 16)
    result: Exact = _ONE
    for prime, count in n.factor():
        result = result * fmpq(prime ** (count // 2))
        if count % 2:
            result = result * _atom("sqrt", fmpq(prime))
    return result


def sigmoid(x: S) -> S:
    """1/(1 + e**-x); rational whenever e**x is; sigmoid(-x) is held as 1 - sigmoid(x)."""
    if isinstance(x, arb):
        return 1 / (1 + (-x).exp())
    growth = exp(x)
    if isinstance(growth, fmpq):
        return growth / (1 + growth)
    if _leads_negative(x):
        return 1 - _atom("sigmoid", -x)
    return _atom("sigmoid", x)


def softplus(x: S) -> S:
    """log(1 + e**x); softplus(-x) is held as softplus(x) - x."""
    if isinstance(x, arb):
        return x + (-x).exp().log1p() if x > 0 else x.exp().log1p()
    growth = exp(x)
    if isinstance(growth, fmpq):
        return log(1 + growth)
    if _leads_negative(x):
        return x + _atom("softplus", -x)
    return _atom("softplus", x)


def tanh(x: S) -> S:
    """The hyperbolic tangent, held as 2*sigmoid(2x) - 1."""
    if isinstance(x, arb):
        return x.tanh()
    return 2 * sigmoid(2 * x) - 1


def arctan(x: S) -> S:
    """The inverse tangent; odd."""
    if isinstance(x, arb):
        return x.atan()
    if isinstance(x, fmpq) and abs(x) <= 1 and x.q == 1:
        return PI * (x / 4)
    return -_atom("arctan", -x) if _leads_negative(x) else _atom("arctan", x)


def erf(x: S) -> S:
    """The error function; odd."""
    if isinstance(x, arb):
        return x.erf()
    if _is_zero(x):
        return _ZERO
    return -_atom("erf", -x) if _leads_negative(x) else _atom("erf", x)


def _positive_ball(x: arb, name: str) -> arb:
    if x > 0:
        return x
    if x <= 0:
        raise DomainProblem(f"{name} of the ball {x.str(6)}, which is not positive")
    raise UnknownSign(f"{name} of the ball {x.str(6)}, which is not proved positive")


_ATOM_BALLS: Mapping[str, Callable[[arb], arb]] = {
    "pi": lambda _: arb.pi(),
    "log": lambda x: x.log(),
    "sqrt": lambda x: x.sqrt(),
    "sigmoid": sigmoid,
    "softplus": softplus,
    "arctan": arctan,
    "erf": erf,
    "inv": lambda x: 1 / x,
}
PI = _atom("pi", _ZERO)
