"""Truncated power series in one variable t as numbers: c_0 + c_1 t + ... + c_K t^K, everything beyond t^K dropped."""

from __future__ import annotations

from flint import arb, fmpq, fmpz

from verifier.checker.number import Scalar, sign

_ZERO = fmpq(0)


class Series:
    """A truncated power series with exact or ball coefficients; all operands of one computation share one order K."""

    __slots__ = ("coefficients",)

    def __init__(self, coefficients: tuple[Scalar, ...]) -> None:
        self.coefficients = coefficients

    @property
    def order(self) -> int:
        return len(self.coefficients) - 1

    def __repr__(self) -> str:
        return f"Series{self.coefficients}"

    def __neg__(self) -> Series:
        return Series(tuple(-c for c in self.coefficients))

    def __add__(self, other: object) -> Series:
        if isinstance(other, Series):
            return Series(tuple(x + y for x, y in zip(self.coefficients, other.coefficients, strict=True)))
        scalar = _scalar(other)
        if scalar is None:
            return NotImplemented
        return Series((self.coefficients[0] + scalar, *self.coefficients[1:]))

    __radd__ = __add__

    def __sub__(self, other: object) -> Series:
        if isinstance(other, Series):
            return self + -other
        scalar = _scalar(other)
        return NotImplemented if scalar is None else self + -scalar

    def __rsub__(self, other: object) -> Series:
        return -self + other

    def __mul__(self, other: object) -> Series:
        if isinstance(other, Series):
            return _product(self, other)
        scalar = _scalar(other)
        if scalar is None:
            return NotImplemented
        return Series(tuple(c * scalar for c in self.coefficients))

    __rmul__ = __mul__

    def valuation(self) -> int | None:
        """The least k >= 1 with c_k not identically 0; None if there is none (a ball counts unless it is [0, 0])."""
        for k, c in enumerate(self.coefficients[1:], start=1):
            if not _is_zero(c):
                return k
        return None

    def side(self) -> int:
        """The sign of (self - c_0) for small t > 0: that of its first non-zero coefficient, 0 if there is none.

        Raises UnknownSign where that coefficient's sign cannot be decided.
        """
        k = self.valuation()
        return 0 if k is None else sign(self.coefficients[k])


def _scalar(x: object) -> Scalar | None:
    if isinstance(x, int | fmpz):
        return fmpq(x)
    return x if isinstance(x, Scalar) else None


def _is_zero(x: Scalar) -> bool:
    return x.is_zero() if isinstance(x, arb) else isinstance(x, fmpq) and x == 0


def _product(x: Series, y: Series) -> Series:
    order = x.order
    total: list[Scalar] = [_ZERO] * (order + 1)
    for i, c in enumerate(x.coefficients):
        if _is_zero(c):
            continue
        for j in range(order + 1 - i):
            d = y.coefficients[j]
            if not _is_zero(d):
                total[i + j] = total[i + j] + c * d
    return Series(tuple(total))


def compose(derivatives: list[Scalar], inner: Series) -> Series:
    """f(inner), from the derivatives f(c_0), f'(c_0), ... (as many as `needed_orders` says), by Horner's rule."""
    shift = Series((_ZERO, *inner.coefficients[1:]))
    zero = Series((_ZERO,) * (inner.order + 1))
    factorial = 1
    taylor: list[Scalar] = []
    for k, value in enumerate(derivatives):
        factorial *= max(k, 1)
        taylor.append(value * fmpq(1, factorial))
    result = zero + taylor[-1]
    for c in reversed(taylor[:-1]):
        result = result * shift + c
    return result


def needed_orders(inner: Series) -> int:
    """The highest derivative of f at c_0 that f(inner) involves within its order."""
    valuation = inner.valuation()
    return 0 if valuation is None else inner.order // valuation
