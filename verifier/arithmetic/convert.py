"""Between Python containers of numbers and FLINT matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from flint import arb, arb_mat, fmpq, fmpq_mat, fmpz, fmpz_mat

from verifier.checker.number import Exact, Number, Scalar, ball, precision

if TYPE_CHECKING:
    from numpy.typing import NDArray

Entry = Scalar | int | fmpz
Rows: TypeAlias = "Sequence[Sequence[Entry]] | NDArray[Any]"
Entries: TypeAlias = "Sequence[Entry] | NDArray[Any]"


def entries_of(values: Entries) -> list[Scalar]:
    """The numbers as a list; int and fmpz become fmpq. Raises TypeError for anything else (floats included)."""
    plain = list(values) if isinstance(values, list | tuple) else values.tolist()  # type: ignore[union-attr]
    return [x if isinstance(x, fmpq) else _scalar(x) for x in plain]


def rows_of(matrix: Rows) -> list[list[Scalar]]:
    """The rows as lists of numbers; raises ValueError when they have different lengths."""
    plain: Sequence[Sequence[Any]] = matrix if isinstance(matrix, list | tuple) else matrix.tolist()  # type: ignore[union-attr]
    rows = [entries_of(row) for row in plain]
    if len({len(row) for row in rows}) > 1:
        raise ValueError("the rows of a matrix must have equal lengths")
    return rows


def _scalar(x: Any) -> Scalar:
    if isinstance(x, Number | arb | fmpq):
        return x
    if isinstance(x, int | fmpz):
        return fmpq(x)
    raise TypeError(f"expected an exact number or a ball, got {type(x).__name__}")


def rationals_of(values: Entries) -> list[fmpq]:
    """The numbers as rationals; raises TypeError when one is not."""
    return [_rational(x) for x in entries_of(values)]


def rational_rows(matrix: Rows) -> list[list[fmpq]]:
    """The rows as lists of rationals; raises TypeError when an entry is not rational."""
    return [[_rational(x) for x in row] for row in rows_of(matrix)]


def _rational(x: Scalar) -> fmpq:
    if not isinstance(x, fmpq):
        raise TypeError(f"expected a rational number, got {type(x).__name__}")
    return x


def all_rational(rows: Sequence[Sequence[Scalar]]) -> bool:
    """Whether every entry is a rational."""
    return all(isinstance(x, fmpq) for row in rows for x in row)


def rational_matrix(rows: Sequence[Sequence[Scalar]], columns: int) -> fmpq_mat:
    """The FLINT matrix of rational rows; `columns` matters when there are no rows."""
    return fmpq_mat(len(rows), columns, [_rational(x) for row in rows for x in row])


def ball_matrix(rows: Sequence[Sequence[Scalar]], columns: int, bits: int) -> arb_mat:
    """Enclosures of the entries, computed at `bits` bits."""
    with precision(bits):
        return arb_mat(len(rows), columns, [x if isinstance(x, arb) else ball(x, bits) for row in rows for x in row])


def integer_matrix(rows: Sequence[Sequence[int]], columns: int) -> fmpz_mat:
    """The FLINT matrix of integer rows."""
    return fmpz_mat(len(rows), columns, [x for row in rows for x in row])


def mantissa_exponent(n: fmpz) -> tuple[float, int]:
    """(m, e) with n close to m * 2**e and |m| < 2**64; for integers too large for a float."""
    shift = max(int(n.bit_length()) - 64, 0)
    return float(int(n) >> shift), shift


def float_of(x: fmpq) -> float:
    """The float nearest to x, up to rounding; +-inf when out of range."""
    try:
        return int(x.p) / int(x.q)
    except OverflowError:
        return float("inf") if x > 0 else float("-inf")


def nearest_float(x: Exact) -> float:
    """A float64 near an exact number, for searches: of an irrational number the middle of its ball."""
    return float(ball(x, 96).mid()) if isinstance(x, Number) else float_of(x)
