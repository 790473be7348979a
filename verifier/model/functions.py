"""From a case's specification to a `Function`: every activation and loss, named or written by the user.

    activation(spec)            a function of z
    loss(spec)                  labels: a function of z = -y f
    loss(spec, target)          targets: a function of v = f - t for the named quadratic, of v = f otherwise
    target_shift(spec, target)  the number subtracted from f to get v

The meaning of a name is the checker's table (`verifier/checker/library.py`). Raises SpecificationProblem.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import pairwise

from flint import fmpq, fmpq_poly

from verifier.case.types import FunctionSpec
from verifier.checker.expression import Expression, parse_number
from verifier.checker.library import SELU_ALPHA, SELU_SCALE, activation_expression, loss_expression
from verifier.checker.local import local_polynomial
from verifier.checker.number import Exact
from verifier.checker.piecewise import PiecewisePolynomial, piecewise
from verifier.checker.polynomial import End, interior_point

from .branch import Branch, PolynomialBranch
from .choices import choices, difference, resolve
from .closed import closed_form
from .function import Function
from .pieces import Decided, Pieces, Smooth

MakeBranch = Callable[[Expression], Branch]


@lru_cache(maxsize=256)
def activation(spec: FunctionSpec) -> Function:
    """The activation as a function of z."""
    return _function(spec, activation_expression(spec.document()))


@lru_cache(maxsize=4096)
def loss(spec: FunctionSpec, target: Exact | None = None) -> Function:
    """The loss as a function of z = -y f, or with a target of v = f - target_shift(spec, target).

    The named quadratic loss is v**2 for every target, so that all samples share one function.
    """
    if target is not None and spec.name == "quadratic":
        return _squared_distance()
    return _function(spec, loss_expression(spec.document(), target))


def target_shift(spec: FunctionSpec, target: Exact) -> Exact:
    """t for the named quadratic loss, 0 otherwise."""
    return target if spec.name == "quadratic" else fmpq(0)


@lru_cache(maxsize=1)
def _squared_distance() -> Function:
    return Smooth("quadratic", PolynomialBranch((fmpq(0), fmpq(0), fmpq(1)), "z"))


def _function(spec: FunctionSpec, expression: Expression) -> Function:
    name = spec.name or "the expression"
    whole = piecewise(expression)
    if whole is not None:
        return _from_polynomials(name, whole)
    known, constants = closed_form(spec.name), _constants(spec)
    if known and spec.name not in ("elu", "selu"):
        return Smooth(name, Branch(known, "z"))

    def branch(piece: Expression) -> Branch:
        coefficients = local_polynomial(piece, fmpq(0))
        if coefficients is not None:
            return PolynomialBranch(coefficients, "z")
        return Branch(known, "z", constants) if known else Branch((piece,), "z")

    if not choices(expression):
        return Smooth(name, branch(expression))
    return _from_rational_breakpoints(name, expression, branch) or Decided(name, expression, branch)


def _constants(spec: FunctionSpec) -> Mapping[str, Exact]:
    if spec.name == "selu":
        return {"scale": parse_number(SELU_SCALE), "alpha": parse_number(SELU_ALPHA)}
    return {"scale": fmpq(1), "alpha": spec.parameters["alpha"]} if spec.name == "elu" else {}


def _from_polynomials(name: str, whole: PiecewisePolynomial) -> Function:
    branches = [
        PolynomialBranch(tuple(p.coeffs()), "z", _centre(p, [x for x in (left, right) if x is not None]))
        for left, right, p in whole.intervals()
    ]
    if not whole.breakpoints:
        return Smooth(name, branches[0])
    return Pieces(name, whole.breakpoints, branches)


def _centre(p: fmpq_poly, ends: list[fmpq]) -> fmpq:
    """Where the polynomial has the fewest terms: 0 or an end of its interval."""

    def terms(centre: fmpq) -> int:
        return sum(c != 0 for c in p(fmpq_poly([centre, 1])).coeffs())

    return min([fmpq(0), *ends], key=terms) if p.degree() > 1 else fmpq(0)


def _from_rational_breakpoints(name: str, expression: Expression, branch: MakeBranch) -> Function | None:
    """Pieces between rational breakpoints, if every max, min, abs is between piecewise polynomials; else None."""
    points: set[fmpq] = set()
    differences: dict[Expression, PiecewisePolynomial] = {}
    for node in choices(expression):
        value, d = piecewise(node), piecewise(difference(node))
        if value is None or d is None:
            return None
        points |= {*value.breakpoints, *d.breakpoints}
        differences[node] = d
    ordered = sorted(points)
    ends: list[End] = [None, *ordered, None]

    def between(a: End, b: End) -> Expression:
        return resolve(expression, lambda node: _sign_between(differences[node], a, b))

    resolved = [between(a, b) for a, b in pairwise(ends)]
    kept = [k for k in range(len(ordered)) if resolved[k] != resolved[k + 1]]
    pieces = [branch(resolved[0]), *(branch(resolved[k + 1]) for k in kept)]
    if not kept:
        return Smooth(name, pieces[0])
    return Pieces(name, [ordered[k] for k in kept], pieces)


def _sign_between(d: PiecewisePolynomial, a: End, b: End) -> int:
    """The sign of d on (a, b), on which it is one polynomial without a change of sign."""
    point = interior_point(a, b)
    for _ in range(max(p.degree() for p in d.pieces) + 1):
        value = d(point)
        if value != 0:
            return 1 if value > 0 else -1
        point = interior_point(a, point)
    return 0
