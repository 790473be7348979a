"""The checker's entry: what is no certificate, what was tampered with, and that no document makes it fall over."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.checker.rules.certify import Json, changed, claim, constant, product
from tests.helpers.cases import decision, make
from tests.helpers.tampering import fields
from verifier.checker.check import FORMAT, check, digest, seal
from verifier.checker.errors import Rejected, Unreadable
from verifier.checker.number import Undecided

CONVEX: Json = {"rule": "convex", "subgradients": {}, "parts": [{"by": "pattern"}]}
DEAD = constant("quadratic", (1, -1))


def certificate() -> Json:
    content = {"case": DEAD.document(), "claim": claim(bad=True), "verdict": "proved", "proof": {"minimum": CONVEX}}
    document, _ = seal(json.loads(json.dumps(content)))
    return document


def resealed(document: Json) -> Json:
    return {**document, "digest": digest(document)}


def test_a_sealed_certificate_is_accepted() -> None:
    found = check(json.loads(json.dumps(certificate())))
    assert (found.claim, found.verdict) == ("local-minimum", "proved")
    assert found.statement == certificate()["statement"]["text"]


@pytest.mark.parametrize("document", [None, [], "x", 1, {}, {"format": "x"}, {"format": [FORMAT]}, [certificate]])
def test_other_documents_are_unreadable(document: Any) -> None:
    with pytest.raises(Unreadable, match="expected a JSON object"):
        check(document)


@pytest.mark.parametrize("version", [0, 2, True, 1.0, "1", None, [1], pytest.param(10**5000, id="long")])
def test_other_versions_are_unreadable(version: Any) -> None:
    with pytest.raises(Unreadable, match="expected version 1, got"):
        check({**certificate(), "version": version})


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("key", ["version", "statement", "proof", "case", "claim", "digest"])
def test_deep_nesting_is_refused(key: str) -> None:
    with pytest.raises((Rejected, Unreadable)):
        check({**certificate(), key: nested(100_000)})


def said(document: Json) -> str:
    with pytest.raises(Rejected) as caught:
        check(document)
    return str(caught.value)


@pytest.mark.parametrize("key", ["case", "claim", "verdict", "statement", "proof", "digest"])
def test_all_keys_and_no_others(key: str) -> None:
    document = certificate()
    assert "expected the keys" in said(resealed({**document, "more": 1}))
    del document[key]
    assert "expected the keys" in said(document)


def test_the_digest_belongs_to_the_content() -> None:
    for path, to in (
        (("case", "title"), "other"),
        (("claim", "expect"), "refuted"),
        (("statement", "text"), "0 = 1"),
        (("proof", "minimum", "rule"), "strict"),
        (("digest",), "0" * 64),
        (("digest",), None),
        (("digest",), [certificate()["digest"]]),
    ):
        assert said(changed(certificate(), *path, to=to)).startswith("digest")


def test_the_statement_is_rebuilt() -> None:
    document = certificate()
    for key, value in document["statement"]["data"].items():
        for other in (None, True, 0, 1, "2", [], {}, "no"):
            if json.dumps(other) != json.dumps(value):
                tampered = changed(document, "statement", "data", key, to=other)
                assert said(resealed(tampered)) == "statement: it is not what the proof shows"
    assert "not what the proof shows" in said(resealed(changed(document, "statement", "text", to=lambda t: t + " ")))
    assert "not what the proof shows" in said(resealed({**document, "statement": None}))


def test_numbers_and_truth_values_are_told_apart_in_the_statement() -> None:
    document = certificate()
    ties = document["statement"]["data"]["ties"]
    assert ties == 2
    assert "not what the proof shows" in said(resealed(changed(document, "statement", "data", "ties", to=2.0)))
    one = constant("quadratic", (1,), a0=0)
    content = {"case": one.document(), "claim": claim(kind="stationary"), "verdict": "refuted"}
    down = {"rule": "gradient", "order": 1, "curve": [["1", "0", "0"]]}
    sealed, _ = seal({**content, "proof": {"refutes": "kind", "descent": down}})
    assert sealed["statement"]["data"]["ties"] == 1
    assert "not what the proof shows" in said(resealed(changed(sealed, "statement", "data", "ties", to=True)))


@pytest.mark.parametrize("verdict", ["undecided", "Proved", None, True, ["proved"], 1])
def test_only_two_verdicts(verdict: Any) -> None:
    assert "expected proved or refuted" in said(resealed({**certificate(), "verdict": verdict}))


def test_the_other_verdict_is_not_shown() -> None:
    assert "the evidence 'refutes' is missing" in said(resealed({**certificate(), "verdict": "refuted"}))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, object(), b"x", {(1, 2): 3}])
def test_what_is_not_plain_json_is_rejected(value: Any) -> None:
    document = certificate()
    document["case"]["notes"] = value
    assert "it is not plain JSON data" in said(document)


def test_an_expression_that_is_not_defined_everywhere_is_rejected() -> None:
    for text in ("1/z", "log(z)", "sqrt(z)", "1/(z**2 - 2)", "log(z**2)"):
        case = make([[1]], [1], {"activation": "relu", "width": 1}, {"expr": text})
        content = {"case": case.document(), "claim": claim(kind="theorem-applies", theorem="A")}
        with pytest.raises(Rejected, match="not shown to be defined on all of R"):
            seal({**content, "verdict": "proved", "proof": {}})


def test_a_value_too_long_for_python_digits_does_not_make_the_checker_fall_over() -> None:
    """exp(20000 + ...) has more digits than Python turns into text."""
    roots = " + ".join(f"sqrt({4 * k + 2})" for k in range(40))  # more than a statement repeats
    for size in ("20000", "10**12", "-20000", "-10**12"):
        case = constant("exponential", (-1,), a0=f"{size} + {roots}")
        proof: Json = {"value": "1" if not size.startswith("-") else "0"}
        content = {"case": case.document(), "claim": claim(kind="training-error", **proof), "verdict": "proved"}
        document, found = seal({**content, "proof": {}})
        assert check(document) == found
        loss = found.data["loss"]
        assert loss is None or all(len(loss[end]) < 60 for end in ("lower", "upper"))


def test_counts_are_bounded() -> None:
    document = certificate()
    document["case"]["data"]["multiplicity"] = [10**4100, 1]
    assert "the integer is too long" in said(resealed(document))


# -- no document makes the checker fall over -------------------------------------------------------------------------


def decided() -> list[Json]:
    """Certificates of several rules and kinds of claims, small ones."""
    network = {"activation": "relu", "width": 1, "hidden_bias": False, "output_bias": False}
    plane = make([[1, 0], [0, 1], [1, 1]], [-1, -1, 1], network, "quadratic", {"a": [1], "W": [[0, 0]]}, targets=True)
    asked: list[tuple[Any, Json]] = [
        (DEAD, {"strict": False, "bad": True, "training_error": 1}),
        (DEAD, {"kind": "no-bad-local-minimum"}),
        (constant("hinge", (1, -1), a0=1), {}),
        (product({"name": "quadratic", "weight_decay": "1/2"}, 1, 1, "5/4"), {"strict": True}),
        (product({"name": "quadratic", "weight_decay": "2"}, 0, 0), {"strict": True}),
        (product("quadratic", 1, 1), {"strict": True}),
        (product("quadratic", 0, 0), {"kind": "suboptimal"}),
        (constant({"expr": "z**3"}), {"kind": "not-local-minimum"}),
        (plane, {}),
        (
            make([[1], [3]], [1, -1], {"activation": "sigmoid", "width": 1}, "logistic"),
            {"kind": "no-bad-local-minimum"},
        ),
    ]
    found = []
    for case, keys in asked:
        answer = decision(case, **keys)
        assert answer.certificate is not None
        found.append(json.loads(json.dumps(answer.certificate)))
    return found


DECIDED: list[Json] = []


def certificates() -> list[Json]:
    if not DECIDED:
        DECIDED.extend(decided())
    return DECIDED


NASTY = [
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        2,
        10**30,
        1.5,
        "",
        "0",
        "1",
        "-1",
        "1/2",
        "1/0",
        "sqrt(-1)",
        "log(0)",
        "z",
        "x" * 99,
    ),
    *("exp(10**9)", "10**1000", "exp(exp(exp(9)))", "sqrt((1 + pi)**2) - 1 - pi", "pi - pi", "\ud800", "local-minimum"),
    *(
        [],
        {},
        [[]],
        [None],
        [{}],
        {"rule": "strict"},
        {"": {}},
        ["1"],
        [["1"]],
        [[["1"]]],
        {"name": "relu"},
        {"expr": "1/z"},
    ),
    *({"expr": "sqrt(abs(z))"}, {"expr": "max(z, z**2)**9"}, "strict", "pattern", "units", "flat"),
]


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_every_tampered_document_is_accepted_rejected_or_unreadable(data: Any) -> None:
    document = copy.deepcopy(data.draw(st.sampled_from(certificates())))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(fields(document))))
        inner = document
        for key in path[:-1]:
            inner = inner[key]
        action = data.draw(st.sampled_from(["replace", "replace", "replace", "remove", "repeat", "graft"]))
        if action == "replace":
            inner[path[-1]] = copy.deepcopy(data.draw(st.sampled_from(NASTY)))
        elif action == "remove":
            del inner[path[-1]]
        elif action == "repeat" and isinstance(inner, list):
            inner.append(copy.deepcopy(inner[path[-1]]))
        else:
            source: Any = document
            for key in data.draw(st.sampled_from(list(fields(document)))):
                source = source[key]
            inner[path[-1]] = copy.deepcopy(source)
    for tampered in (document, None):
        try:
            check(resealed(document) if tampered is None else tampered)
        except (Rejected, Unreadable) as problem:
            assert str(problem)


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda x: st.lists(x) | st.dictionaries(st.text(max_size=5), x),
    )
)
def test_any_data_in_any_place(value: Any) -> None:
    for key in ("case", "claim", "verdict", "proof", "statement", "digest", "version", "format"):
        document = {**certificate_once(), key: value}
        for tampered in (document,) if key == "digest" else (document, resealed(document)):
            with pytest.raises((Rejected, Unreadable)):
                check(tampered)


ONCE: list[Json] = []


def certificate_once() -> Json:
    if not ONCE:
        ONCE.append(certificate())
    return ONCE[0]


def test_undecided_never_leaves_the_checker() -> None:
    document = certificate()
    document["case"]["point"]["a0"] = "sqrt((1 + pi)**2) - 1 - pi"
    try:
        check(resealed(document))
    except Rejected as problem:
        assert not isinstance(problem, Undecided)
    else:
        pytest.fail("accepted")
