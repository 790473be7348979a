"""The provers of the theorems by name: one file each and one line here, as in the checker.

A prover's `data` gives, for a case with labels, the part of a node about the hypothesis on the data: what shows it to
hold, or (with the key "hypothesis") to fail. It may raise Declined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from verifier.checker.case import Case
from verifier.checker.number import Undecided
from verifier.checker.theorems.hypothesis import Hypothesis
from verifier.checker.theorems.table import THEOREMS
from verifier.rules.problem import Declined, Json
from verifier.theorems import separable, spans

_NEEDED = {"labels": "labels", "architecture": "a single hidden layer"}  # without these, no condition on the data


@dataclass(frozen=True)
class Prover:
    """`propose` gives the node that shows the theorem to apply, `refute` one that shows a hypothesis to fail."""

    name: str
    data: Callable[[Case], Json]
    _latest: list[tuple[Case, Json | Declined]] = field(default_factory=list, compare=False)  # of the last case

    def propose(self, case: Case) -> Json:
        """The node, or Declined with the first hypothesis that fails, else with those that are open."""
        found = self._structural(case)
        for hypothesis in found:
            if hypothesis.holds is False:
                raise Declined("hypothesis-fails", self._words(hypothesis.name, hypothesis.why))
        node = self._data(case)
        if "hypothesis" in node:
            why = THEOREMS[self.name].fails(case, node).why
            raise Declined("hypothesis-fails", self._words(node["hypothesis"], why))
        self._require_known(found)
        return {"name": self.name, **node}

    def refute(self, case: Case) -> Json:
        """The node, or Declined with those hypotheses that are open."""
        found = self._structural(case)
        for hypothesis in found:
            if hypothesis.holds is False:
                return {"name": self.name, "hypothesis": hypothesis.name}
        node = self._data(case)
        if "hypothesis" in node:
            return {"name": self.name, **node}
        self._require_known(found)
        raise Declined("no-hypothesis-fails", f"theorem {self.name}: every hypothesis holds")

    def hypotheses(self, case: Case) -> list[Hypothesis]:
        """All hypotheses with their verdicts, as the checker sees them."""
        theorem = THEOREMS[self.name]
        found = self._structural(case)
        if theorem.data is None or theorem.shown is None:
            return found
        meaningless = [_NEEDED[h.name] for h in found if h.holds is False and h.name in _NEEDED]
        if meaningless:
            return [*found, Hypothesis(theorem.data, None, f"not looked at: it is about {meaningless[0]}")]
        try:
            node = self._data(case)
        except Declined as declined:
            return [*found, Hypothesis(theorem.data, None, declined.reason.removeprefix(self._words(theorem.data)))]
        if "hypothesis" in node:
            return [*found, theorem.fails(case, node)]
        return [*found, theorem.shown(case, node)]

    def _require_known(self, found: Sequence[Hypothesis]) -> None:
        still = [f"{h.name}: {h.why}" for h in found if h.holds is None]
        if still:
            raise Declined("hypothesis-open", f"theorem {self.name}: {'; '.join(still)}")

    def _structural(self, case: Case) -> list[Hypothesis]:
        return THEOREMS[self.name].structural(case)

    def _data(self, case: Case) -> Json:
        if not self._latest or self._latest[0][0] is not case:
            self._latest[:] = [(case, self._made(case))]
        found = self._latest[0][1]
        if isinstance(found, Declined):
            raise found
        return found

    def _made(self, case: Case) -> Json | Declined:
        try:
            return self.data(case)
        except Declined as declined:
            return Declined(declined.code, self._words(THEOREMS[self.name].data, declined.reason))
        except Undecided as problem:
            return Declined("not-settled", self._words(THEOREMS[self.name].data, str(problem)))

    def _words(self, name: str | None, why: str = "") -> str:
        return f"theorem {self.name}: {name}: {why}"


PROVERS: Mapping[str, Prover] = {
    "A": Prover("A", separable.data),
    "B": Prover("B", spans.data),
    "C": Prover("C", lambda case: {}),
}
