"""Every rule, theorem, exclusion and hypothesis of the checker has its words."""

from __future__ import annotations

import re

from tests.helpers.docs import ROOT
from verifier.certificate import schema_proof
from verifier.certificate.schema_proof import FAILS
from verifier.checker.rules import sharp
from verifier.checker.rules import table as rules
from verifier.checker.span import EVERYWHERE
from verifier.checker.theorems import exclusions, hypothesis
from verifier.checker.theorems import table as theorems
from verifier.report.words import nearby, table
from verifier.report.words.moves import MOVES
from verifier.report.words.outputs import IDENTITIES
from verifier.report.words.theorems import FAILS_ON_DATA, MATTERS, TITLES

ALL = [*table.MINIMUM.values(), *table.DESCENT.values(), *table.FLAT.values(), *table.EXISTENCE.values()]
ALL += [*table.EXCLUSIONS.values(), *table.THEOREMS.values(), table.FAILS, table.NOWHERE, table.BETTER]


def test_every_rule_of_the_checker_has_words() -> None:
    assert set(table.MINIMUM) == set(rules.MINIMUM)
    assert set(table.DESCENT) == set(rules.DESCENT)
    assert set(table.FLAT) == set(rules.FLAT)
    assert set(table.EXCLUSIONS) == set(exclusions.EXCLUSIONS)
    assert set(table.THEOREMS) == set(TITLES) == set(theorems.THEOREMS)
    assert set(table.EXISTENCE) == {"existence", sharp.WHERE}
    assert set(IDENTITIES) == set(EVERYWHERE)


def test_every_key_of_a_proof_has_words() -> None:
    keys = set(schema_proof.proof()["properties"])  # type: ignore[call-overload]
    assert set(table.SHOWS) == keys - {"refutes", "point"}  # these say what the others are about
    kinds = {key for node in schema_proof._nowhere() for key in node["properties"]}  # type: ignore[attr-defined]
    assert set(nearby.KINDS) == kinds - {"bits"}
    moves = schema_proof.definitions()["move"]["oneOf"]
    assert set(MOVES) | {"linear"} == {node["properties"]["move"]["const"] for node in moves}  # type: ignore[index,attr-defined]


def test_every_hypothesis_that_may_fail_matters() -> None:
    names = set()
    for nodes in FAILS.values():
        for node in nodes:
            wanted = node["hypothesis"]
            names |= set(wanted.get("enum", [wanted.get("const")]))  # type: ignore[call-overload,arg-type]
    assert names <= set(MATTERS)
    assert set(FAILS_ON_DATA) <= names
    assert hypothesis.LISTED > 0


def test_every_lemma_is_where_the_words_say() -> None:
    for words in ALL:
        text = (ROOT / "docs" / words.page).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.*)$", text, re.M)
        anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert words.anchor in anchors
        assert words.lemma or words in (table.FAILS, table.BETTER)
