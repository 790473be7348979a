"""Which evidence is tried for which claim: never both verdicts with the same, and the opposite for the negation."""

from __future__ import annotations

import pytest

from tests.helpers.cases import dead
from verifier.case.types import Claim
from verifier.decision.evidence import MINIMUM, Evidence
from verifier.decision.plans import PROVED, REFUTED, Attempt, attempts


def plan(kind: str, **keys: object) -> list[tuple[str, str]]:
    return [(a.verdict, a.rule) for a in attempts(Evidence(dead()), Claim(kind, **keys))]  # type: ignore[arg-type]


def test_a_minimum_is_tried_by_all_rules_then_refuted() -> None:
    found = plan("local-minimum")
    assert [rule for verdict, rule in found if verdict == PROVED] == list(MINIMUM)
    assert found[-1] == (REFUTED, "descent")


@pytest.mark.parametrize("keys", [{}, {"strict": True}, {"strict": False}, {"bad": True}, {"bad": False}])
def test_the_negation_is_tried_with_the_opposite(keys: dict[str, bool]) -> None:
    opposite = {PROVED: REFUTED, REFUTED: PROVED}
    expected = [(opposite[verdict], rule) for verdict, rule in plan("local-minimum", **keys)]
    assert plan("not-local-minimum", **keys) == expected


@pytest.mark.parametrize(("one", "other"), [("bad-local-minimum-exists", "no-bad-local-minimum")])
def test_existence_and_absence_are_opposites(one: str, other: str) -> None:
    opposite = {PROVED: REFUTED, REFUTED: PROVED}
    assert plan(other) == [(opposite[verdict], rule) for verdict, rule in plan(one)]


def test_strictness_is_tried_by_the_rules_that_can_show_it() -> None:
    proofs = [rule for verdict, rule in plan("local-minimum", strict=True) if verdict == PROVED]
    assert proofs == ["strict", "higher-order"]


def test_a_wrong_value_comes_first() -> None:
    assert plan("local-minimum", bad=False)[0] == (REFUTED, "evaluation")
    assert plan("local-minimum", bad=True)[0] != (REFUTED, "evaluation")


def test_opposite() -> None:
    attempt = Attempt(PROVED, "strict", dict)
    assert attempt.opposite().verdict == REFUTED and attempt.opposite().opposite() == attempt
