"""Matrix products over every number kind; for rationals and balls they are flint's, never entry by entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx, fmpq, fmpq_mat

from verifier.checker.number import Exact, Number, ball

from .scalars import ONE, ZERO, Array, objects, types_of
from .series import Series


def matmul(a: Array, b: Array) -> Array:
    """a @ b on the last two axes, leading axes broadcast; a one-dimensional operand is a row (left) or column (right).

    Exact for exact entries, an enclosure at flint's current precision if any entry is a ball, truncated for series.
    """
    if a.dtype != object and b.dtype != object:
        with np.errstate(over="ignore", invalid="ignore"):  # a float that overflows proposes nothing
            return np.asarray(a @ b)
    if a.ndim == 1:
        return np.asarray(matmul(a[None, :], b)[..., 0, :])
    if b.ndim == 1:
        return np.asarray(matmul(a, b[:, None])[..., 0])
    types = types_of(a, b)
    if Series in types:
        return _series_product(a, b)
    if arb in types:
        return _batched(a, b, _ball_matrix, arb_mat.__mul__, arb(0))
    if Number in types:
        return _batched(a, b, _identity, _number_product, ZERO)
    return _batched(a, b, _rational_matrix, fmpq_mat.__mul__, ZERO)


def dot(a: Array, b: Array) -> Any:
    """The inner product of two vectors, as a scalar."""
    return matmul(a[None, :], b[:, None])[0, 0]


def gram(rows: Array, weights: Array) -> Array:
    """sum_i weights[i] rows[i]^T rows[i], a symmetric P x P array (rows is n x P)."""
    weighted = weights[:, None] * rows
    if rows.dtype == object and types_of(rows, weighted) in ({Number}, {Number, fmpq}):
        return _symmetric_number_gram(rows, weighted)
    return matmul(rows.T, weighted)


def _symmetric_number_gram(rows: Array, weighted: Array) -> Array:
    """One triangle only: products of symbols are expensive."""
    size = rows.shape[1]
    result = np.empty((size, size), dtype=object)
    for k in range(size):
        result[k, : k + 1] = result[: k + 1, k] = matmul(rows[:, k], weighted[:, : k + 1])
    return result


def _batched(
    a: Array, b: Array, prepare: Callable[[Array], Any], multiply: Callable[[Any, Any], Any], zero: Any
) -> Array:
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    result = np.empty((*batch, a.shape[-2], b.shape[-1]), dtype=object)
    if result.size == 0 or a.shape[-1] == 0:
        return objects([zero] * result.size, result.shape)
    left, right = _prepared(a, prepare), _prepared(b, prepare)
    left, right = np.broadcast_to(left, batch), np.broadcast_to(right, batch)
    for index in np.ndindex(*batch):
        product = multiply(left[index], right[index])
        entries = product if isinstance(product, list) else product.entries()
        result[index] = objects(entries, result.shape[-2:])
    return result


def _prepared(array: Array, prepare: Callable[[Array], Any]) -> Array:
    """The matrices of a stack, each prepared once, as an object array of the stack's leading shape."""
    batch = array.shape[:-2]
    prepared = np.empty(batch, dtype=object)
    for index in np.ndindex(*batch):
        prepared[index] = prepare(array[index])
    return prepared


def _rational_matrix(a: Array) -> fmpq_mat:
    return fmpq_mat(a.shape[0], a.shape[1], a.ravel().tolist())


def _ball_matrix(a: Array) -> arb_mat:
    entries = [x if isinstance(x, arb | fmpq) else ball(x, ctx.prec) for x in a.flat]
    return arb_mat(a.shape[0], a.shape[1], entries)


class _Matrix:
    """Rows of exact numbers; a wrapper, so that numpy stores it as one object."""

    __slots__ = ("rows",)

    def __init__(self, rows: list[list[Exact]]) -> None:
        self.rows = rows


def _identity(a: Array) -> _Matrix:
    return _Matrix(a.tolist())


def _number_product(a: _Matrix, b: _Matrix) -> list[Exact]:
    """Entry by entry, skipping zeros: irrational entries are few or the matrices small."""
    columns = list(zip(*b.rows, strict=True))
    left = [[(k, x) for k, x in enumerate(row) if not _is_zero(x)] for row in a.rows]
    return [_sum_of_products([(x, column[k]) for k, x in row]) for row in left for column in columns]


def _sum_of_products(pairs: list[tuple[Exact, Exact]]) -> Exact:
    """sum x*y with one table of terms for the whole sum: sums of forms need no new canonical form term by term."""
    rational = ZERO
    terms: dict[Any, fmpq] = {}
    for x, y in pairs:
        if isinstance(x, fmpq) and isinstance(y, fmpq):
            rational += x * y
            continue
        factor, form = (x, y) if isinstance(x, fmpq) else (y, x) if isinstance(y, fmpq) else (ONE, x * y)
        if isinstance(form, fmpq):
            rational += factor * form
        elif not _is_zero(factor):
            for monomial, c in form.terms.items():
                terms[monomial] = terms.get(monomial, ZERO) + factor * c
    if not terms:
        return rational
    return Number({m: c for m, c in terms.items() if c != 0}) + rational


def _is_zero(x: Exact) -> bool:
    return isinstance(x, fmpq) and x == 0


def _series_product(a: Array, b: Array) -> Array:
    """Cauchy product of matrix coefficients: each coefficient is a sum of ordinary products."""
    order = next(x.order for x in (*a.flat, *b.flat) if isinstance(x, Series))
    left, right = _coefficients(a, order), _coefficients(b, order)
    shape = (*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1])
    totals = []
    for k in range(order + 1):
        total = objects([ZERO] * int(np.prod(shape, dtype=np.int64)), shape)
        for i in range(k + 1):
            x, y = left[i], right[k - i]
            if x is not None and y is not None:
                total = total + matmul(x, y)
        totals.append(total.ravel().tolist())
    return objects((Series(c) for c in zip(*totals, strict=True)), shape)


def _coefficients(a: Array, order: int) -> list[Array | None]:
    """The coefficient arrays of an array of series and scalars; None where all coefficients are rational zeros."""
    zeros = (ZERO,) * order
    rows = [x.coefficients if isinstance(x, Series) else (x, *zeros) for x in a.flat]
    columns = [objects(column, a.shape) for column in zip(*rows, strict=True)] if rows else []
    return [None if all(_is_zero(x) for x in c.flat) else c for c in columns] or [None] * (order + 1)
