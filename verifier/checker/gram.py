"""The Hessian at a point by a product of integers: sum_i k_i df_i df_i^T is by far the largest, and integers are the
quickest to multiply.

H = J^T K J + S (curvature.py). J comes in factors, one pair of small matrices for each layer; these are rounded to
integers with the square roots of |k_i| in them, multiplied out, and J^T K J is a product of integers. One ball around
every entry counts all roundings.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise

from flint import arb, arb_mat, ctx, fmpz, fmpz_mat

from .curvature import Factors, balls, hessian, part_derivatives, second_order
from .enclosure import Enclosure
from .rounding import Rounded, filled, rounded, symmetric

GROUPS = 4  # of columns: 10 of 16 blocks make a symmetric product


def point_hessian(state: Enclosure, digits: int) -> arb_mat:
    """The Hessian of L at the state's point in balls, J rounded to about `digits` bits of its largest entry; raises
    UnknownSign where it is not finite.
    """
    weights = [state.output_slope(i, 2) for i in state.awake]
    if not weights or not all(k > 0 or k < 0 or k == 0 for k in weights):
        return arb_mat(hessian(state, ctx.prec))
    parts = part_derivatives(state, balls, arb_mat)
    gram = _gram([factors for part in parts for factors in part.factors()], weights, digits)
    return gram + arb_mat(second_order(state, parts, balls))


def _gram(layers: Sequence[Factors], weights: Sequence[arb], digits: int) -> arb_mat:
    """sum_i k_i J_i J_i^T, each k_i of a known sign."""
    roots = [abs(k).sqrt() for k in weights]
    pairs = []
    for factors in layers:
        features = [[root * v for v in row] for root, row in zip(roots, factors.features, strict=True)]
        pairs.append((rounded(arb_mat(factors.delta), digits), rounded(arb_mat(features), digits)))
    jacobian = _outer(pairs, digits)
    size = len(jacobian.rows[0])
    product = _product(jacobian.rows, [-1 if k < 0 else 1 for k in weights])
    error = symmetric(arb((2 * len(weights) * jacobian.bound * jacobian.error, -2 * jacobian.scale)))
    return arb_mat(size, size, product) * arb((1, -2 * jacobian.scale)) + filled(size, size, error)


def _outer(pairs: Sequence[tuple[Rounded, Rounded]], digits: int) -> Rounded:
    """Rows delta[i] (x) features[i], the layers side by side."""
    scale = min(d.scale + f.scale for d, f in pairs) - digits
    shifts = [d.scale + f.scale - scale for d, f in pairs]
    errors, bounds = [], []
    for (d, f), shift in zip(pairs, shifts, strict=True):
        errors.append((d.bound * f.error + f.bound * d.error >> shift) + 2)
        bounds.append((d.bound * f.bound >> shift) + errors[-1])
    rows = []
    for i in range(len(pairs[0][0].rows)):
        row: list[int] = []
        for (d, f), shift in zip(pairs, shifts, strict=True):
            inputs = f.rows[i]
            row += [slope * v >> shift for slope in d.rows[i] for v in inputs]
        rows.append(row)
    return Rounded(rows, scale, max(errors), max(bounds))


def _product(rows: list[list[int]], signs: list[int]) -> list[fmpz]:
    """The entries of J^T diag(signs) J; of the symmetric result only blocks on and above the diagonal are computed."""
    n, size = len(rows), len(rows[0])
    cuts = list(pairwise([size * k // GROUPS for k in range(GROUPS + 1)]))
    groups = [fmpz_mat(n, b - a, [v for row in rows for v in row[a:b]]) for a, b in cuts if a < b]
    signed = groups
    if -1 in signs:
        turned = [[s * v for v in row] for s, row in zip(signs, rows, strict=True)]
        signed = [fmpz_mat(n, b - a, [v for row in turned for v in row[a:b]]) for a, b in cuts if a < b]
    lines: list[list[fmpz]] = [[] for _ in range(size)]
    blocks: dict[tuple[int, int], fmpz_mat] = {}
    start = 0
    for k, left in enumerate(groups):
        transposed = left.transpose()
        for m, right in enumerate(signed):
            block = blocks[m, k].transpose() if m < k else transposed * right
            blocks[k, m] = block
            for line, values in zip(lines[start:], block.tolist(), strict=False):
                line.extend(values)
        start += left.ncols()
    return list(chain.from_iterable(lines))
