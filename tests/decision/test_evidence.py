"""Evidence is made once, refusals included."""

from __future__ import annotations

import pytest

from tests.helpers.cases import dead, make
from verifier.checker.number import Undecided
from verifier.decision import evidence
from verifier.decision.evidence import Evidence
from verifier.rules.problem import Declined, Json, Problem


def counting(monkeypatch: pytest.MonkeyPatch, answer: object) -> list[int]:
    calls: list[int] = []

    def propose(problem: Problem) -> Json:
        calls.append(1)
        if isinstance(answer, Exception):
            raise answer
        return {"rule": "strict"}

    monkeypatch.setattr(evidence, "MINIMUM", {"strict": propose})
    return calls


def test_a_node_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = counting(monkeypatch, None)
    known = Evidence(dead())
    assert known.minimum("strict") == known.minimum("strict") == {"rule": "strict"}
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("problem", "code"), [(Declined("kink", "why"), "kink"), (Undecided("too fine"), "not-settled")]
)
def test_a_refusal_is_kept(monkeypatch: pytest.MonkeyPatch, problem: Exception, code: str) -> None:
    calls = counting(monkeypatch, problem)
    known = Evidence(dead())
    for _ in range(2):
        with pytest.raises(Declined) as caught:
            known.minimum("strict")
        assert caught.value.code == code
    assert len(calls) == 1


def test_constructed_points_belong_to_the_case() -> None:
    known = Evidence(make([[1], [2], [3]], [1, 1, -1], {"activation": "relu", "width": 1}, "quadratic"))
    document, problem = next(known.constructed())
    assert document["a0"] == "1/3" and problem.analysis.outputs == (problem.theta[0],) * 3
