"""A verdict is no truth value, and nothing is proved or refuted without a certificate."""

from __future__ import annotations

import pytest

from verifier.verdict import Decision, Verdict


@pytest.mark.parametrize("verdict", Verdict)
def test_verdict_is_no_truth_value(verdict: Verdict) -> None:
    with pytest.raises(TypeError, match="not a truth value"):
        bool(verdict)


@pytest.mark.parametrize("verdict", Verdict)
def test_certificate_exactly_when_decided(verdict: Verdict) -> None:
    certificate = {"a": "certificate"}
    good, bad = (None, certificate) if verdict is Verdict.UNDECIDED else (certificate, None)
    assert Decision(verdict, certificate=good).certificate == good
    with pytest.raises(ValueError, match=f"the verdict '{verdict.value}' cannot be with"):
        Decision(verdict, certificate=bad)
