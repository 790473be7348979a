"""The prover's way from a case to the checker's view agrees with the checker's own reading of the document."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flint import fmpq

from tests.model.builders import LEAKY_SPEC, deep, make_case, named, single
from verifier.case.types import ExponentialPoint, Layered, LayeredPoint, Network, Point
from verifier.checker.case import Case, read_case
from verifier.checker.network import flatten, parameter_count
from verifier.checker.number import sqrt
from verifier.model.objective import Objective
from verifier.model.translate import checker_case, flat_point, theta_of

ROOT = sqrt(fmpq(2))
SHORTCUT = Network(
    "shortcut",
    Layered(LEAKY_SPEC, (2,), True, True),
    Layered(named("tanh"), (1, 2), False, False),
    fmpq(1, 10),
)


@pytest.mark.parametrize("network", [single(LEAKY_SPEC, 3), deep(named("relu"), (2, 3), False), SHORTCUT])
def test_equal_to_reading_the_document(network: Network) -> None:
    case = make_case([[1, ROOT], [0, fmpq(1, 3)]], [1, -1], network, named("polynomial_hinge", p=fmpq(2)),
                     multiplicity=[1, 4], weight_decay=ROOT)
    translated, read = checker_case(case), read_case(case.document())
    for name in Case.__dataclass_fields__:
        assert getattr(translated, name) == getattr(read, name), name
    assert Objective(case).size == parameter_count(read)


def test_the_point_too() -> None:
    point = Point(
        LayeredPoint(fmpq(1), (fmpq(2), ROOT), (((fmpq(3),), (fmpq(4),)),), ((fmpq(5), fmpq(6)),)),
        LayeredPoint(None, (fmpq(7), fmpq(8)), (((fmpq(9),),), ((fmpq(10),), (fmpq(11),))), None),
        ExponentialPoint(fmpq(12), (fmpq(13),), fmpq(14)),
    )
    base = make_case([[1]], [1], SHORTCUT, named("logistic"))
    case = replace(base, point=point)
    read = read_case(case.document())
    assert read.point is not None
    assert theta_of(point) == read.point
    assert flat_point(point) == flatten(read.point)
    assert len(flat_point(point)) == Objective(case).size


def test_layouts_cover_the_vector_without_gaps() -> None:
    objective = Objective(make_case([[1, 2]], [1], SHORTCUT, named("logistic")))
    places: list[int] = []
    for part in objective.parts:
        order = [part.depth, *range(part.depth)]
        for layer in order:
            span = part.span(layer)
            places += range(span.start, span.stop)
    assert places == list(range(objective.size))


def test_no_sympy_scipy_for_named_functions(tmp_path: Path) -> None:
    import subprocess
    import sys

    program = """
import sys
from flint import fmpq
from tests.model.builders_plain import case
from verifier.model.objective import Objective
for name in ("relu", "leaky_relu", "quadratic", "sigmoid", "tanh", "arctan", "softplus", "exp", "silu", "gelu", "elu"):
    objective = Objective(case(name))
    here = objective.at([fmpq(k, 7) for k in range(1, objective.size + 1)])
    here.gradient(), here.hessian(), here.pattern
print(sorted({"sympy", "scipy"} & set(sys.modules)))
"""
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
