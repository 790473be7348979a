"""From evidence to a verdict: a conjunct that is not established, or evidence that nobody asked for, is rejected."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checker.rules.certify import Json, accepted, constant, identity_witness, product, refusal
from tests.helpers.cases import make

LOWER: Json = {"rule": "lower-bound"}
CONVEX: Json = {"rule": "convex", "subgradients": {}, "parts": [{"by": "pattern"}]}
SCALE: Json = {"rule": "symmetry", "move": {"move": "scale", "unit": [0, 0, 0]}}
OUTGOING: Json = {"rule": "symmetry", "move": {"move": "outgoing", "unit": [0, 0, 0]}}
STRICT: Json = {
    "rule": "strict",
    "modulo": [],
    "bits": 64,
    "witness": {"rows": [[5], [-5, 8]], "exponents": [-3, -3]},
}
DOWN: Json = {"rule": "gradient", "order": 1, "curve": [["1", "0"]]}
SADDLE: Json = {"rule": "curvature", "order": 2, "curve": [["1", "1"]]}

BEST = product("quadratic", 1, 1, 1)  # L = (aw - 1)^2 = 0, not strict
SLOPE = product("quadratic", 1, 1, 2)  # gradient not 0
CRITICAL = product("quadratic", 0, 0, 1)  # a saddle
STRICT_CASE = product({"name": "quadratic", "weight_decay": "1/2"}, 1, 1, "5/4")
DEAD = constant("quadratic", (1, -1))  # f = 0 near the point: a non-strict minimum, training error 1, L = 1
BETTER: Json = {"a0": "3", "a": ["-2"], "W": [[["1"]]]}  # f = 3 - 2x on the inputs 1, 2: L = 0


def test_a_claim_is_a_conjunction() -> None:
    proof = {"minimum": CONVEX, "flat": OUTGOING}
    assert accepted(DEAD, proof, strict=False, bad=True, training_error="1").data["strict"] is False
    assert "the evidence 'flat' is missing" in refusal(DEAD, {"minimum": CONVEX}, strict=False)
    assert "bad does not agree with the training error" in refusal(DEAD, {"minimum": CONVEX}, bad=False)
    assert "the training error is another one" in refusal(DEAD, {"minimum": CONVEX}, training_error="1/2")
    assert "does not show that the minimum is strict" in refusal(DEAD, {"minimum": CONVEX}, strict=True)
    assert "the evidence 'minimum' is missing" in refusal(DEAD, {})
    assert "the evidence 'minimum' is missing" in refusal(DEAD, {"flat": OUTGOING}, strict=False)


@pytest.mark.parametrize("kind", ["stationary", "training-error", "loss", "suboptimal", "global-minimum"])
def test_the_other_parts_count_on_every_kind(kind: str) -> None:
    """strict = true is not established by the kind's own evidence."""
    values: Json = {"training-error": {"value": "1"}, "loss": {"value": "1"}}.get(kind, {})
    proof: Json = {"suboptimal": {"better": BETTER}}.get(kind, {})
    said = refusal(DEAD, proof, kind=kind, strict=True, **values)
    assert "missing" in said or "local minimum only" in said
    said = refusal(DEAD, {**proof, "minimum": CONVEX}, kind=kind, strict=True, **values)
    assert "does not show that the minimum is strict" in said or "local minimum only" in said or "not smaller" in said
    if kind not in ("suboptimal", "global-minimum"):
        accepted(DEAD, {**proof, "flat": OUTGOING}, kind=kind, strict=False, **values)
        assert "bad does not agree" in refusal(DEAD, proof, kind=kind, bad=False, **values)


def test_evidence_that_nobody_asked_for_is_rejected() -> None:
    for key, it in (
        ("flat", OUTGOING),
        ("descent", DOWN),
        ("better", BETTER),
        ("point", {}),
        ("refutes", "kind"),
        ("", 1),
    ):
        assert "unused evidence" in refusal(DEAD, {"minimum": CONVEX, key: it})
    assert "unused evidence" in refusal(SLOPE, {"refutes": "kind", "descent": DOWN, "minimum": CONVEX}, "refuted")


def test_evidence_of_another_kind_does_not_pass() -> None:
    assert "expected one of the rules" in refusal(DEAD, {"minimum": OUTGOING})
    assert "expected one of the rules" in refusal(DEAD, {"minimum": CONVEX, "flat": CONVEX}, strict=False)
    assert "expected one of the rules" in refusal(SLOPE, {"refutes": "kind", "descent": OUTGOING}, "refuted")
    assert "expected an object" in refusal(DEAD, {"minimum": "convex"})


def test_stationary() -> None:
    accepted(CRITICAL, {}, kind="stationary")
    accepted(DEAD, {"minimum": CONVEX}, kind="stationary")
    assert "the gradient is not shown to be 0" in refusal(SLOPE, {}, kind="stationary")
    network = {"activation": "relu", "width": 1, "hidden_bias": False, "output_bias": False}
    kink = make([[1]], [-1], network, "quadratic", {"a": [1], "W": [[0]]}, targets=True)
    assert "is on a breakpoint" in refusal(kink, {}, kind="stationary")


def test_global_and_suboptimal() -> None:
    accepted(BEST, {"minimum": LOWER}, kind="global-minimum")
    accepted(BEST, {"refutes": "kind", "minimum": LOWER}, "refuted", kind="suboptimal")
    assert "local minimum only" in refusal(DEAD, {"minimum": CONVEX}, kind="global-minimum")
    assert "does not show a global minimum" in refusal(
        DEAD, {"refutes": "kind", "minimum": CONVEX}, "refuted", kind="suboptimal"
    )
    better = {"a": ["1"], "W": [[["1"]]]}
    accepted(CRITICAL, {"better": better}, kind="suboptimal")
    accepted(CRITICAL, {"refutes": "kind", "better": better}, "refuted", kind="global-minimum")
    assert "the loss there is not smaller" in refusal(BEST, {"better": better}, kind="suboptimal")
    worse = {"a": ["1"], "W": [[["-1"]]]}
    assert "the loss there is not smaller" in refusal(CRITICAL, {"better": worse}, kind="suboptimal")
    assert "expected 1 numbers" in refusal(CRITICAL, {"better": {**better, "a": []}}, kind="suboptimal")


def test_bad_with_targets_is_about_the_best_loss() -> None:
    better = {"a": ["1"], "W": [[["1"]]]}
    assert "missing" in refusal(BEST, {"minimum": LOWER}, bad=True)
    assert "the loss there is not smaller" in refusal(BEST, {"minimum": LOWER, "better": better}, bad=True)
    accepted(BEST, {"minimum": LOWER}, bad=False)
    assert "does not show a global minimum" in refusal(STRICT_CASE, {"minimum": STRICT}, bad=False)
    accepted(BEST, {"refutes": "bad", "minimum": LOWER}, "refuted", bad=True)
    assert "is defined for labels only" in refusal(BEST, {"minimum": LOWER}, training_error="0")


def test_loss_and_training_error() -> None:
    accepted(DEAD, {}, kind="loss", value="1")
    accepted(DEAD, {}, kind="loss", lower="1", upper="1")
    accepted(DEAD, {}, kind="training-error", value="1")
    assert "not shown to equal" in refusal(DEAD, {}, kind="loss", value="1 + 1/10**40")
    assert "below the lower bound" in refusal(DEAD, {}, kind="loss", lower="1 + 1/10**40", upper="2")
    assert "above the upper bound" in refusal(DEAD, {}, kind="loss", lower="0", upper="1 - 1/10**40")
    assert "another one" in refusal(DEAD, {}, kind="training-error", value="1/2")
    accepted(DEAD, {"refutes": "kind"}, "refuted", kind="loss", value="1 + exp(-200)")
    accepted(DEAD, {"refutes": "kind"}, "refuted", kind="loss", lower="2", upper="3")
    accepted(DEAD, {"refutes": "kind"}, "refuted", kind="training-error", value="1/2")
    assert "is not shown to differ" in refusal(DEAD, {"refutes": "kind"}, "refuted", kind="loss", value="1")
    assert "is the one claimed" in refusal(DEAD, {"refutes": "kind"}, "refuted", kind="training-error", value="1")


def test_a_value_that_is_the_same_in_disguise_neither_way() -> None:
    hidden = "sqrt((1 + pi)**2) - pi"
    assert "not shown to equal" in refusal(DEAD, {}, kind="loss", value=hidden)
    assert "could not be decided" in refusal(DEAD, {"refutes": "kind"}, "refuted", kind="loss", value=hidden)


@pytest.mark.parametrize(
    ("part", "keys", "proof", "message"),
    [
        ("kind", {}, {"descent": DOWN}, None),
        ("strict", {"strict": True}, {"flat": SCALE}, None),
        ("strict", {}, {"flat": SCALE}, "the claim has no part 'strict' to refute"),
        ("bad", {}, {}, "the claim has no part 'bad' to refute"),
        ("training_error", {}, {}, "the claim has no part 'training_error' to refute"),
        ("minimum", {}, {}, "the claim has no part 'minimum' to refute"),
        (None, {}, {}, "the claim has no part None to refute"),
        (["kind"], {}, {}, "the claim has no part ['kind'] to refute"),
        ("kind", {}, {}, "the evidence 'descent' is missing"),
        ("kind", {"near": "1/10"}, {"descent": DOWN}, "near: points other than this one are not excluded"),
        ("strict", {"strict": False}, {"minimum": STRICT}, "is not shown to be 0"),
    ],
)
def test_what_a_refutation_refutes(part: Any, keys: Json, proof: Json, message: str | None) -> None:
    given = {"refutes": part, **proof}
    if message is None:
        accepted(SLOPE, given, "refuted", **keys)
    else:
        assert message in refusal(SLOPE, given, "refuted", **keys)


def test_strict_refuted_either_way() -> None:
    accepted(BEST, {"refutes": "strict", "flat": SCALE}, "refuted", strict=True)
    accepted(STRICT_CASE, {"refutes": "strict", "minimum": STRICT}, "refuted", strict=False)
    assert "does not show that the minimum is strict" in refusal(
        BEST, {"refutes": "strict", "minimum": LOWER}, "refuted", strict=False
    )


def test_bad_and_training_error_refuted_only_if_false() -> None:
    accepted(DEAD, {"refutes": "bad"}, "refuted", bad=False)
    accepted(DEAD, {"refutes": "training_error"}, "refuted", training_error="1/2")
    assert "bad does not agree" in refusal(DEAD, {"refutes": "bad"}, "refuted", bad=True)
    assert "is the one claimed" in refusal(DEAD, {"refutes": "training_error"}, "refuted", training_error="1")


NOT = "not-local-minimum"


def test_not_local_minimum_is_the_exact_negation() -> None:
    """With the same keys: what proves one refutes the other, and nothing else does."""
    cases: list[tuple[Any, Json, Json, str]] = [
        (DEAD, {"minimum": CONVEX, "flat": OUTGOING}, {"strict": False, "bad": True}, "proved"),
        (DEAD, {"minimum": CONVEX}, {}, "proved"),
        (STRICT_CASE, {"minimum": STRICT}, {"strict": True}, "proved"),
        (SLOPE, {"refutes": "kind", "descent": DOWN}, {}, "refuted"),
        (CRITICAL, {"refutes": "kind", "descent": SADDLE}, {}, "refuted"),
        (BEST, {"refutes": "strict", "flat": SCALE}, {"strict": True}, "refuted"),
        (DEAD, {"refutes": "bad"}, {"bad": False}, "refuted"),
        (DEAD, {"refutes": "training_error"}, {"training_error": "0"}, "refuted"),
    ]
    for case, proof, keys, verdict in cases:
        other = "refuted" if verdict == "proved" else "proved"
        accepted(case, proof, verdict, **keys)
        accepted(case, proof, other, kind=NOT, **keys)
        refusal(case, proof, other, **keys)
        refusal(case, proof, verdict, kind=NOT, **keys)


def test_not_local_minimum_is_refuted_only_if_every_part_holds() -> None:
    assert "missing" in refusal(DEAD, {"minimum": CONVEX}, "refuted", kind=NOT, strict=False)
    assert "bad does not agree" in refusal(DEAD, {"minimum": CONVEX}, "refuted", kind=NOT, bad=False)
    assert "not show that the minimum is strict" in refusal(DEAD, {"minimum": CONVEX}, "refuted", kind=NOT, strict=True)


def test_near_is_proved_by_the_point_itself_and_never_refuted() -> None:
    found = accepted(DEAD, {"minimum": CONVEX}, near="1/10**9")
    assert found.data["distance"] == "0"
    assert "missing" in refusal(SLOPE, {}, near="1")
    assert "points other than this one" in refusal(SLOPE, {"refutes": "kind", "descent": DOWN}, "refuted", near="1")
    assert "points other than this one" in refusal(DEAD, {"refutes": "bad"}, "refuted", near="1", bad=False)


# -- claims about a data set -----------------------------------------------------------------------------------------

EXISTS = "bad-local-minimum-exists"
NONE = "no-bad-local-minimum"


def test_a_bad_minimum_is_exhibited() -> None:
    for keys in ({"kind": EXISTS}, {"kind": NONE}):
        verdict = "proved" if keys["kind"] == EXISTS else "refuted"
        accepted(DEAD, {"minimum": CONVEX}, verdict, **keys)
        assert "missing" in refusal(DEAD, {}, verdict, **keys)
        assert "unused evidence 'flat'" in refusal(DEAD, {"minimum": CONVEX, "flat": OUTGOING}, verdict, **keys)
    good = constant("quadratic", a0=1)
    assert "bad does not agree" in refusal(good, {"minimum": CONVEX}, kind=EXISTS)


def test_the_point_of_the_evidence_is_the_one_that_counts() -> None:
    away = constant("quadratic", (1, -1), a0=5)
    point = {"a0": "0", "a": ["7"], "W": [[["-3"]]]}
    found = accepted(away, {"minimum": CONVEX, "point": point}, kind=EXISTS)
    assert found.data["loss"] == {"exact": "1"}
    assert "can move along" in refusal(away, {"minimum": CONVEX}, kind=EXISTS)
    assert "can move along" in refusal(DEAD, {"minimum": CONVEX, "point": {**point, "a0": "1"}}, kind=EXISTS)
    assert "expected the keys" in refusal(DEAD, {"minimum": CONVEX, "point": {**point, "b": []}}, kind=EXISTS)
    assert "unused evidence 'point'" in refusal(DEAD, {"minimum": CONVEX, "point": point})


def test_without_a_point_nothing_is_shown_about_one() -> None:
    case = make([[1]], [1], {"activation": "relu", "width": 1}, "quadratic")
    for keys in ({}, {"kind": "loss", "value": "0"}, {"kind": EXISTS}):
        assert "there is none" in refusal(case, {"minimum": CONVEX}, **keys)


def test_with_targets_a_bad_minimum_needs_a_better_point() -> None:
    weak = product({"name": "quadratic", "weight_decay": "1/2"}, 1, 1, "5/4")
    assert "the evidence 'better' is missing" in refusal(weak, {"minimum": STRICT}, kind=EXISTS)
    same = {"a": ["-1"], "W": [[["-1"]]]}
    assert "not smaller" in refusal(weak, {"minimum": STRICT, "better": same}, kind=EXISTS)
    assert identity_witness(1) == {"rows": [[1]], "exponents": [0]}
