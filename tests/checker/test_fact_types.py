"""A fact cannot be mistaken for a truth value."""

from __future__ import annotations

import dataclasses

import pytest

from verifier.checker.fact_types import UNKNOWN, Fact, Facts, no, yes


@pytest.mark.parametrize("fact", [yes("why"), no("why"), UNKNOWN])
def test_no_truth_value(fact: Fact) -> None:
    with pytest.raises(TypeError, match="compare `holds`"):
        bool(fact)


def test_the_three_answers() -> None:
    assert [f.holds for f in (yes("a"), no("b"), UNKNOWN)] == [True, False, None]
    assert no("b").value is None


def test_nothing_is_known_unless_said() -> None:
    assert all(getattr(Facts(), f.name) is UNKNOWN for f in dataclasses.fields(Facts))
    with pytest.raises(dataclasses.FrozenInstanceError):
        Facts().even = yes("no")  # type: ignore[misc]
