"""Certificates of real cases, every field tampered with in turn: rejected, or another true statement, named here.

Two ways of tampering: the digest is left as it was (always rejected), or it is computed again. In the second way the
statement stays as it was, so a certificate is accepted only if the changed proof, or the changed words of the case,
still show exactly the same statement.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.checker.rules.certify import Json
from tests.helpers.tampering import fields
from verifier.case import load
from verifier.checker.check import check, digest, established
from verifier.checker.errors import Rejected, Unreadable
from verifier.decision import decide

CASES = Path(__file__).parents[2] / "cases"
LARGEST = 1_300  # characters of a case that is used
PER_RULE = 1
NEWER = {"existence", "nowhere", "exclusion"}  # tested beside their own modules


def certificates() -> Iterator[Any]:
    """The smallest certificates, a few for each set of rules that their proofs use."""
    seen: dict[tuple[Any, ...], int] = {}
    for path in sorted([*(CASES / "liang2018").glob("*.toml"), *(CASES / "theorems").glob("*.toml")]):
        case = load(path)
        if len(json.dumps(case.document())) > LARGEST:
            continue
        for number, claim in enumerate(case.claims):
            document = decide(case, claim).certificate
            if document is None:
                continue
            key = rules(document["proof"])
            seen[key] = seen.get(key, 0) + 1
            if seen[key] <= PER_RULE and not NEWER & set(document["proof"]):
                yield pytest.param(json.loads(json.dumps(document)), id=f"{path.stem}-{number}")


def rules(proof: Json) -> tuple[str, ...]:
    return tuple(
        f"{key}:{value.get('rule') or value.get('name')}" if isinstance(value, dict) else key
        for key, value in sorted(proof.items())
    )


def others(value: Any) -> list[Any]:
    """Other values of the same type, and one of another type."""
    if isinstance(value, bool) or value is None:
        return [v for v in (True, False, None, "x") if v is not value]
    if isinstance(value, int):
        return [value + 1, -value - 1, str(value)]
    if isinstance(value, str):
        return [value + " + 1", "7/3", value + "x", None]
    if isinstance(value, list):
        return [value[:-1], [*value, *value[-1:]], {}] if value else [[None], {}]
    return [{**value, "more": 0}, []]


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


def with_value(document: Json, path: tuple[Any, ...], value: Any) -> Json:
    result = copy.deepcopy(document)
    at(result, path[:-1])[path[-1]] = value
    return result


def verdict(document: Json) -> bool:
    try:
        check(document)
    except (Rejected, Unreadable):
        return False
    return True


ALL = list(certificates())


@pytest.mark.parametrize("document", ALL)
def test_nothing_changes_under_the_digest(document: Json) -> None:
    for path in fields(document):
        value = at(document, path)
        assert not verdict(with_value(document, path, others(value)[0])), path


@pytest.mark.parametrize("document", ALL)
def test_no_changed_statement_claim_or_verdict_is_accepted(document: Json) -> None:
    for path in fields({key: document[key] for key in ("claim", "verdict", "statement", "format", "version")}):
        for value in others(at(document, path)):
            tampered = with_value(document, path, value)
            tampered["digest"] = digest(tampered)
            assert not verdict(tampered) or path == ("claim", "expect") or harmless_claim(document, path), (path, value)


def harmless_claim(document: Json, path: tuple[Any, ...]) -> bool:
    """A claim may ask for less, or for the same in other words, and the statement stays true.

    What a statement says of strict, bad or the training error does not depend on whether the claim asked for it; a
    claim on the loss or theorem "any" may have other bounds; near says only that the point itself will do.
    """
    return path[0] == "claim" and path[1] in (
        "strict",
        "bad",
        "training_error",
        "theorem",
        "value",
        "lower",
        "upper",
        "near",
    )


@pytest.mark.parametrize("document", ALL)
def test_a_changed_case_keeps_its_certificate_only_if_the_same_is_shown(document: Json) -> None:
    """The words of the title, source and notes prove nothing; numbers may change as long as all that is claimed holds.

    So what is accepted is re-established here from nothing but the case, the claim and the proof.
    """
    for path in fields(document["case"]):
        for value in others(at(document["case"], path))[:2]:
            tampered = with_value(document, ("case", *path), value)
            tampered["digest"] = digest(tampered)
            if verdict(tampered):
                assert established(tampered) == document["statement"], path
                assert path[0] != "network" or path[1:] == ("exponential", "decay"), path


@pytest.mark.parametrize("document", ALL)
def test_a_changed_proof_is_rejected_or_proves_the_same(document: Json) -> None:
    """Accepted are: a witness or a better point that is another witness, a shorter list of directions, more bits."""
    for path in fields(document["proof"]):
        for value in others(at(document["proof"], path)):
            tampered = with_value(document, ("proof", *path), value)
            tampered["digest"] = digest(tampered)
            if verdict(tampered):
                assert any(key in path for key in FREE), (path, value)


FREE = (
    "witness",
    "bits",
    "better",
    "point",
    "curve",
    "direction",
    "separator",
    "weights",
    "modulo",
    "move",
    "unseen",
    "positive",
    "negative",
    "samples",
    "wider",
)
