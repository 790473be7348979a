"""Claims are read strictly: what does not go together is rejected, and nothing incomplete is decided."""

from __future__ import annotations

from typing import Any

import pytest
from flint import fmpq

from tests.checker.rules.certify import Json, claim
from verifier.checker.claim import read_claim
from verifier.checker.errors import Rejected


def said(document: Any) -> str:
    with pytest.raises(Rejected) as caught:
        read_claim(document)
    return str(caught.value)


def test_numbers_are_exact() -> None:
    found = read_claim(claim("loss", lower="0.1", upper="1/3", strict=False))
    assert (found.kind, found.lower, found.upper, found.strict) == ("loss", fmpq(1, 10), fmpq(1, 3), False)
    assert read_claim(claim(near="1/10**9")).near == fmpq(1, 10**9)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (claim("training-error"), "expected the training error that is claimed"),  # else it would be true of any
        (claim("loss"), "expected value, or lower and upper"),
        (claim("loss", lower="0"), "expected value, or lower and upper"),
        (claim("loss", upper="0"), "expected value, or lower and upper"),
        (claim("loss", value="0", upper="1", lower="0"), "expected value, or lower and upper"),
        (claim(near="0"), "claim.near: expected a number > 0"),
        (claim(near="-1"), "claim.near: expected a number > 0"),
        (claim(near="sqrt((1 + pi)**2) - 1 - pi"), "claim.near: the sign of"),
        (claim("stationary", near="1"), "stands on local-minimum only"),
        (claim("not-local-minimum", near="1"), "stands on local-minimum only"),
        (claim("theorem-applies"), "belongs to theorem-applies"),
        (claim(theorem="A"), "belongs to theorem-applies"),
        (claim("theorem-applies", theorem="D"), "unknown theorem"),
        (claim("theorem-applies", theorem=["A"]), "unknown theorem"),
        (claim("no-bad-local-minimum", strict=True), "do not stand on"),
        (claim("bad-local-minimum-exists", bad=True), "do not stand on"),
        (claim("bad-local-minimum-exists", training_error="1"), "do not stand on"),
        (claim(value="1"), "does not stand on"),
        (claim(lower="1"), "do not stand on"),
        (claim("minimum"), "unknown kind"),
        (claim(["local-minimum"]), "unknown kind"),  # type: ignore[arg-type]
        (claim(strict=1), "expected true, false or null"),
        (claim(bad="true"), "expected true, false or null"),
        (claim(training_error=1), "expected a number as text"),
        (claim(training_error="one"), "unknown name"),
        (claim(expect="maybe"), "expected a verdict"),
        (claim(expect=["proved"]), "expected a verdict"),
        ({**claim(), "more": None}, "expected the keys"),
        ([], "expected an object"),
        (None, "expected an object"),
    ],
)
def test_claims_that_are_none(document: Any, message: str) -> None:
    assert message in said(document)


@pytest.mark.parametrize("key", sorted(claim()))
def test_every_key_is_needed(key: str) -> None:
    document: Json = claim()
    del document[key]
    assert "expected the keys" in said(document)
