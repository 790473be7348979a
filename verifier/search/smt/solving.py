"""Asking z3: the models of a question one after the other, each as a case with an exact point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flint import fmpq

from verifier.checker.case import Theta, Weights
from verifier.search.smt.process import streamed
from verifier.search.smt.question import Question

EFFORT = 20_000_000  # z3's own count of steps for one model: the same on every machine, some ten seconds
Texts = tuple[str, ...]
Message = tuple[tuple[Texts, ...], tuple[int, ...], tuple[int, ...], str, tuple[int, ...], tuple[Texts, ...]]
ENDED = "ended"  # the last message: there are no more models


@dataclass(frozen=True)
class Proposal:
    """Inputs n x d, labels and multiplicities (n) of the data, and a point; all numbers exact, nothing certified."""

    inputs: tuple[tuple[fmpq, ...], ...]
    labels: tuple[int, ...]
    multiplicity: tuple[int, ...]
    theta: Theta


@dataclass
class Ending:
    """How a series of proposals ended; `complete`: the solver says that there are no more."""

    complete: bool = False


def proposals(
    question: Question, seconds: float, effort: int = EFFORT, ending: Ending | None = None
) -> Iterator[Proposal]:
    """Solutions with different patterns, at most for `seconds`; `effort` bounds the steps for each."""
    for message in streamed(_solve, (question, effort), seconds):
        if isinstance(message, str):
            if ending is not None:
                ending.complete = True
            return
        yield _proposal(question, message)


def _solve(question: Question, effort: int) -> Iterator[Message | str]:
    """In the process of the solver. Numbers travel as texts."""
    import z3

    from verifier.search.smt.encoding import Encoding

    encoding = Encoding(z3, question)
    while True:
        encoding.solver.set("rlimit", effort)
        answer = encoding.solver.check()
        if answer != z3.sat:
            if answer == z3.unsat:
                yield ENDED
            return
        model = encoding.solver.model()
        it = encoding.solution(model)
        yield _texts(it.inputs), it.labels, it.multiplicity, str(it.a0), it.signs, _texts(it.rows)
        encoding.exclude(model)


def _texts(rows: tuple[tuple[fmpq, ...], ...]) -> tuple[Texts, ...]:
    return tuple(tuple(str(v) for v in row) for row in rows)


def _proposal(question: Question, message: Message) -> Proposal:
    inputs, labels, multiplicity, a0, signs, rows = message
    shape = question.shape
    numbers = [tuple(fmpq(*map(int, v.split("/"))) for v in row) for row in rows]
    weights = tuple(row[:-1] if shape.hidden_bias else row for row in numbers)
    biases = (tuple(row[-1] for row in numbers),) if shape.hidden_bias else None
    output = fmpq(*map(int, a0.split("/"))) if shape.output_bias else None
    theta = (Weights(output, tuple(map(fmpq, signs)), (weights,), biases),)
    data = tuple(tuple(fmpq(*map(int, v.split("/"))) for v in row) for row in inputs)
    return Proposal(data, labels, multiplicity, theta)
