"""Table 1: exact gradient and Hessian, and semidefiniteness with rank, against fractions and SymPy."""

from __future__ import annotations

from verifier.arithmetic.semidefinite import Semidefinite, semidefinite
from verifier.model.objective import Objective

from .plain import fractions, sympy_rank
from .problems import Problem, fitted
from .timing import median, seconds, show

SIZES = ((1, 2, 4), (2, 3, 20), (7, 5, 200), (10, 18, 800))  # width, dimension, samples
LARGEST_FOR_FRACTIONS = 60  # parameters
LARGEST_FOR_SYMPY = 6


def table() -> None:
    """Print the table; every method has to find the same rank."""
    rows = []
    for activation in ("leaky_relu", "quadratic"):
        for width, dimension, samples in SIZES:
            rows.append(_row(fitted(activation, width, dimension, samples)))
    header = ("units", "P", "n", "rank", "derivatives", "semidefinite", "together", "fractions", "SymPy")
    show("Exact gradient and Hessian over Q; H >= 0 with its rank and a verified witness (CPU time)", header, rows)


def _row(problem: Problem) -> tuple[str, ...]:
    objective = Objective(problem.case)
    repetitions = 5 if objective.size < 100 else 3
    hessian = objective.hessian(problem.theta)
    answer = semidefinite(hessian)
    assert isinstance(answer, Semidefinite)
    derivatives = median(lambda: _derivatives(objective, problem), repetitions)
    decision = median(lambda: semidefinite(hessian), repetitions)
    plain = symbolic = None
    if objective.size <= LARGEST_FOR_FRACTIONS:
        assert fractions(problem) == answer.rank
        plain = median(lambda: fractions(problem), 1)
    if objective.size <= LARGEST_FOR_SYMPY:
        assert sympy_rank(problem) == answer.rank
        symbolic = median(lambda: sympy_rank(problem), 1)
    times = (derivatives, decision, derivatives + decision, plain, symbolic)
    shape = (problem.activation, str(objective.size), str(len(problem.case.data.inputs)), str(answer.rank))
    return (*shape, *map(seconds, times))


def _derivatives(objective: Objective, problem: Problem) -> None:
    here = objective.at(problem.theta)
    assert not any(here.gradient())
    here.hessian()
