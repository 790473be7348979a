"""Subgradients of the loss as a function of the outputs.

Lemma (linear lower bound). Let each loss_i be convex near its argument z_i (everywhere), and m_i between its left and
right derivative there. With g_i = (weight of i)(dz_i/df_i) m_i,

    L(theta) >= L(theta*) + sum_i g_i (f(x_i; theta) - f(x_i; theta*))   for all theta near theta* (for all theta),

if L carries no decay. So it is enough that the sum on the right cannot become negative.
"""

from __future__ import annotations

from typing import Any

from flint import fmpq

from . import fields, number
from .analysis import Analysis
from .errors import require
from .facts import loss_facts
from .number import Exact


def subgradients(analysis: Analysis, given: Any, everywhere: bool, where: str) -> list[Exact]:
    """g_i for every sample. `given` maps the samples (as text) on a breakpoint of the loss to their m_i, no others."""
    table = dict(fields.node(given, where))
    found: list[Exact] = []
    for i in analysis.samples:
        _require_convex(analysis, i, everywhere, where)
        left, right = analysis.one_sided_slopes(i)
        if number.is_zero(right - left):
            slope = left
        else:
            place = f"{where}.{i}"
            slope = fields.exact(table.pop(str(i), None), place)
            inside = number.compare(left, slope) <= 0 <= number.compare(right, slope)
            require(inside, place, f"expected a number from {number.text(left)} to {number.text(right)}")
        found.append(analysis.weight(i) * analysis.orientation(i) * slope)
    require(not table, where, "a multiplier is given for a sample whose loss is differentiable")
    return found


def _require_convex(analysis: Analysis, sample: int, everywhere: bool, where: str) -> None:
    target = None if analysis.case.targets is None else analysis.case.targets[sample]
    convex = analysis.remember(("convex", target), lambda: loss_facts(analysis.case.loss_spec, target).convex)
    if convex.holds is True:
        return
    require(not everywhere, where, f"the loss is not known to be convex: {convex.why}")
    local = analysis.loss_polynomial(sample)
    if local is not None and len(local) <= 2:
        return
    germ = analysis.loss_germ(sample, 2)
    bent = germ is not None and number.sign(germ[2]) > 0
    require(bent, where, f"the loss is not known to be convex near sample {sample}: {convex.why}")


def moved(g: list[Exact]) -> list[int]:
    """The samples with g_i not identically 0: only they matter."""
    return [i for i, value in enumerate(g) if not number.is_zero(value)]


def orthogonal(g: list[Exact], samples: list[int], vector: tuple[Exact, ...]) -> bool:
    """sum_i g_i v_i = 0 by identity, the vector's coordinates belonging to `samples`."""
    total: Exact = fmpq(0)
    for i, v in zip(samples, vector, strict=True):
        total = total + g[i] * v
    return number.is_zero(total)
