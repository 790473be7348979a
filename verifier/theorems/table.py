"""The provers of the theorems by name: one file each and one line here, as in the checker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from verifier.checker.case import Case
from verifier.rules.problem import Json
from verifier.theorems import separable


@dataclass(frozen=True)
class Prover:
    """`propose` gives the node that shows the theorem to apply, `refute` one that shows a hypothesis to fail."""

    propose: Callable[[Case], Json]
    refute: Callable[[Case], Json]


PROVERS: Mapping[str, Prover] = {
    "A": Prover(separable.propose, separable.refute),
}
