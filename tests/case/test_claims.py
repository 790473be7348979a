"""[[claim]]: which keys go with which kind, and what is an input error."""

from __future__ import annotations

import pytest
from flint import fmpq

from tests.case.conftest import refusal, text
from verifier.case import Claim, loads
from verifier.case.claims import KINDS, POINT_KINDS

TARGETS = {"data": "inputs = [[1, 0]]\ntargets = [1]", "loss": 'name = "quadratic"'}


def claim(body: str) -> Claim:
    (found,) = loads(text(claim=body)).claims
    return found


def claim_refused(body: str, **parts: str | None) -> str:
    return refusal(text(claim=body, **parts))  # type: ignore[arg-type]


def needed(kind: str) -> str:
    return f'kind = "{kind}"' + ("\nvalue = 1" if kind in ("training-error", "loss") else "")


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_and_what_is_left_out(kind: str) -> None:
    found = claim(needed(kind))
    assert (found.kind, found.expect) == (kind, "proved")
    assert (found.strict, found.near, found.bad, found.training_error) == (None, None, None, None)
    assert found.theorem == ("any" if kind == "theorem-applies" else None)


@pytest.mark.parametrize("kind", POINT_KINDS)
def test_claims_about_a_point_need_one_and_may_say_more(kind: str) -> None:
    found = claim(f"{needed(kind)}\nstrict = false\nbad = true\ntraining_error = '1/3'")
    assert (found.strict, found.bad, found.training_error) == (False, True, fmpq(1, 3))
    assert (
        claim_refused(needed(kind), point=None) == f"point: expected a table [point] for claim[0] ({kind}), got nothing"
    )


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in POINT_KINDS])
@pytest.mark.parametrize("key", ["strict = true", "bad = false", "training_error = 0"])
def test_other_claims_may_not(kind: str, key: str) -> None:
    assert loads(text(claim=needed(kind), point=None)).point is None
    expected = f"claim[0].{key.split(' ')[0]}: expected no such key on {kind} (only on claims about a point), got "
    assert claim_refused(f"{needed(kind)}\n{key}").startswith(expected)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "local-minimum"])
def test_near_on_local_minimum_only(kind: str) -> None:
    assert claim_refused(f"{needed(kind)}\nnear = 1") == (
        f"claim[0].near: expected no such key on {kind} (only on local-minimum), got 1"
    )


def test_values() -> None:
    assert claim('kind = "local-minimum"\nnear = "1e-6"').near == fmpq(1, 10**6)
    assert claim('kind = "theorem-applies"\ntheorem = "C"').theorem == "C"
    assert claim('kind = "loss"\nlower = 0\nupper = 1.5').upper == fmpq(3, 2)
    assert claim('kind = "stationary"\nexpect = "undecided"').expect == "undecided"
    assert claim('kind = "training-error"\nvalue = "1/3"').value == fmpq(1, 3)


def test_claims_keep_their_order_and_may_contradict_each_other() -> None:
    more = '[[claim]]\nkind = "not-local-minimum"\n[[claim]]\nkind = "local-minimum"\nbad = false'
    kinds = [found.kind for found in loads(text(more=more)).claims]
    assert kinds == ["local-minimum", "not-local-minimum", "local-minimum"]


def test_a_file_without_a_claim_is_a_case() -> None:
    assert loads(text(claim=None)).claims == ()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "kind: expected a value (this key is required), got nothing"),
        ('kind = "localminimum"', 'got "localminimum" (did you mean local-minimum?)'),
        ('kind = "local-minimum"\nnear = 0', "near: expected a number > 0, got 0"),
        ('kind = "local-minimum"\nnear = -1e-9', "near: expected a number > 0, got -1e-9"),
        ('kind = "local-minimum"\nnear = inf', "near: expected a finite number, got inf"),
        ('kind = "local-minimum"\nnear = true', 'near: expected a number such as 2, 0.5, "1/3" or "sqrt(2)", got true'),
        ('kind = "local-minimum"\nstrict = 1', "strict: expected true or false, got 1"),
        ('kind = "local-minimum"\nbad = "yes"', 'bad: expected true or false, got "yes"'),
        (
            'kind = "local-minimum"\nbad = true\ntraining_error = 0',
            "training_error: expected more than 0 for a claim with bad = true, got 0",
        ),
        (
            'kind = "stationary"\nbad = true\ntraining_error = "1/2 - 0.5"',
            'expected more than 0 for a claim with bad = true, got "1/2 - 0.5"',
        ),
        ('kind = "local-minimum"\ntraining_error = "x"', "training_error: expected a number such as"),
        ('kind = "local-minimum"\nexpect = "true"', 'expect: expected one of proved, refuted, undecided, got "true"'),
        ('kind = "local-minimum"\nexpect = true', "expect: expected a string, got true"),
        (
            'kind = "local-minimum"\ntheorem = "A"',
            'theorem: expected no such key on local-minimum (only on theorem-applies), got "A"',
        ),
        ('kind = "theorem-applies"\ntheorem = "D"', 'theorem: expected one of A, B, C, any, got "D"'),
        ('kind = "theorem-applies"\ntheorem = "a"', 'theorem: expected one of A, B, C, any, got "a"'),
        (
            'kind = "stationary"\nvalue = 1',
            "value: expected no such key on stationary (only on training-error and loss), got 1",
        ),
        ('kind = "training-error"', "value: expected the training error that is claimed, got nothing"),
        (
            'kind = "training-error"\nvalue = 0\nlower = 0',
            "lower: expected no such key on training-error (only on loss), got 0",
        ),
        ('kind = "loss"', "value: expected value, or lower and upper, for a claim on the loss, got nothing"),
        ('kind = "loss"\nlower = 0', "upper: expected a number beside lower, got nothing"),
        ('kind = "loss"\nupper = 0', "lower: expected a number beside upper, got nothing"),
        (
            'kind = "loss"\nvalue = 0\nlower = 0\nupper = 1',
            "value: expected value, or lower and upper, not both, got 0",
        ),
        ('kind = "loss"\nvalue = nan', "value: expected a finite number, got nan"),
    ],
)
def test_refused(body: str, message: str) -> None:
    line = claim_refused(body)
    assert line.startswith("claim[0].") and message in line


def test_the_number_of_the_claim_is_in_the_key() -> None:
    assert refusal(text(more='[[claim]]\nkind = "local-minimum"\nnear = 0')).startswith("claim[1].near: ")


def test_targets_have_no_training_error() -> None:
    assert claim_refused('kind = "training-error"\nvalue = 0', **TARGETS) == (
        'claim[0].kind: expected another kind of claim (data with targets have no training error), got "training-error"'
    )
    assert claim_refused('kind = "stationary"\ntraining_error = 0', **TARGETS) == (
        "claim[0].training_error: expected no such key (data with targets have no training error), got 0"
    )
    assert loads(text(claim='kind = "local-minimum"\nbad = true', **TARGETS)).claims[0].bad is True
