"""Claims that a bad local minimum exists, shown by one near a given point; each hypothesis taken away once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checker.rules.certify import Json, accepted, changed, refusal
from tests.helpers.cases import make
from verifier.case.types import Case

NETWORK = {"activation": "linear", "width": 1, "hidden_bias": False, "output_bias": False}
LOSS = {"name": "quadratic", "weight_decay": "1/2"}


def outlier(
    labels: tuple[int, ...] = (1, -1), multiplicity: tuple[int, ...] = (4, 1), point: Json | None = None
) -> Case:
    """Inputs 1 and 1/2 with f = p x: the sample with label -1 is on the wrong side wherever the other is on the right.

    ((1 - p)^2 4 + (1 + p/2)^2)/5 + (a^2 + w^2)/4 with p = aw: a = w, p = (7/5 - 1/2)/(17/10) = 9/17.
    """
    return make([[1], ["1/2"]], list(labels), NETWORK, LOSS, point, multiplicity=list(multiplicity))


CENTER = "0.727607"  # sqrt(9/17) = 0.7276069; H = [[7/5, 2/5], [2/5, 7/5]]
NODE: Json = {
    "center": [CENTER, CENTER],
    "radius": "1/1000",
    "bits": 64,
    "digits": 60,
    "moves": [],
    "frozen": [],
    "witness": {"rows": [[865], [-258, 903]], "exponents": [-10, -10]},
}
NEARBY: Json = {"a": ["0.7276"], "W": [["0.7276"]]}  # as a case file has it
DOCUMENT: Json = {"a": ["0.7276"], "W": [[["0.7276"]]]}  # as a certificate has it
PROOF: Json = {"point": DOCUMENT, "existence": NODE}
EXISTS = {"kind": "bad-local-minimum-exists"}


def said(proof: Json, case: Case | None = None, verdict: str = "proved", **claim: Any) -> str:
    return refusal(case or outlier(), proof, verdict, **(claim or EXISTS))


def test_a_bad_minimum_near_the_point_of_the_proof() -> None:
    found = accepted(outlier(), PROOF, **EXISTS)
    assert (found.data["training_error"], found.data["ties"], found.data["strict"]) == ("1/5", 0, True)
    assert "the loss has a bad local minimum, a strict one" in found.statement
    assert "At that minimum, the training error is 1/5" in found.statement
    assert found.data["loss"]["lower"].startswith("0.7")
    assert found.data["distance"] is not None and found.data["radius"] is not None


def test_it_refutes_that_there_is_none() -> None:
    found = accepted(outlier(), PROOF, "refuted", kind="no-bad-local-minimum")
    assert found.data["training_error"] == "1/5"


def test_near_the_point_of_the_case() -> None:
    accepted(outlier(point=NEARBY), {"existence": NODE}, **EXISTS)
    assert "there is none" in said({"existence": NODE})


def test_a_point_far_away_says_only_how_far_the_minimum_is() -> None:
    """The claim does not say near what: the box decides, not the point."""
    far = accepted(outlier(), {**PROOF, "point": {"a": ["5"], "W": [[["-5"]]]}}, **EXISTS)
    assert float(far.data["distance"]) > 5
    assert far.data["training_error"] == "1/5"


def test_the_minimum_must_be_bad() -> None:
    """Both labels +1: ((1 - p)^2 4 + (1 - p/2)^2)/5: p = (9/5 - 1/2)/(17/10) = 13/17, a = w = 0.874475."""
    good = changed(NODE, "center", to=["0.874475", "0.874475"])
    assert "the minimum is not bad" in said({**PROOF, "existence": good}, outlier((1, 1)))


def test_every_sign_must_be_settled() -> None:
    """A third sample at 0 has the output 0 and stays a tie: no training error is settled, though one output is wrong.
    With N = 6 in place of 5 the same decay by sample is 5/12: the loss is 5/6 of what it was, plus a constant.
    """
    loss = {"name": "quadratic", "weight_decay": "5/12"}
    case = make([[1], ["1/2"], [0]], [1, -1, 1], NETWORK, loss, multiplicity=[4, 1, 1])
    assert "is not settled" in said(PROOF, case)


def test_it_is_not_claimed_for_real_targets() -> None:
    case = make([[1], ["1/2"]], [1, -1], NETWORK, LOSS, multiplicity=[4, 1], targets=True)
    assert "is not settled" in said(PROOF, case)


def test_an_absence_is_not_proved_and_an_existence_not_refuted_by_it() -> None:
    assert "missing" in said(PROOF, kind="no-bad-local-minimum")
    assert "missing" in said(PROOF, verdict="refuted", **EXISTS)


@pytest.mark.parametrize(
    ("proof", "message"),
    [
        ({**PROOF, "minimum": {"rule": "strict"}}, "unused evidence"),
        ({**PROOF, "better": DOCUMENT}, "unused evidence"),
        ({"point": DOCUMENT}, "missing"),
        ({**PROOF, "point": {"a": ["1"]}}, "point"),
        ({**PROOF, "existence": changed(NODE, "radius", to="0")}, "the radius is not positive"),
        ({**PROOF, "existence": changed(NODE, "center", 0, to="0.8")}, "leaves the box"),
        ({**PROOF, "existence": changed(NODE, "center", to=["0", "0"])}, "not shown to be positive definite"),
        ({**PROOF, "existence": changed(NODE, "witness", "rows", 0, 0, to=0)}, "not shown to be positive definite"),
        ({**PROOF, "existence": changed(NODE, "radius", to="10")}, "not shown to be positive definite"),
    ],
)
def test_tampered(proof: Json, message: str) -> None:
    assert message in said(proof)


def test_a_claim_about_the_point_still_needs_near() -> None:
    assert "near is missing" in said({"existence": NODE}, outlier(point=NEARBY), kind="local-minimum")
