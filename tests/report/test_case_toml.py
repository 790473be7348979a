"""The case file that a report gives is read as the case of the certificate."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.case import load, loads
from verifier.report.case_toml import case_toml

ROOT = Path(__file__).parents[2]
FILES = [path for path in sorted((ROOT / "cases").rglob("*.toml")) if "trained" not in path.parts]
FILES += sorted((ROOT / "cases" / "trained").glob("*.toml"))[::6]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_is_the_same_case_with_the_same_claims(path: Path) -> None:
    case = load(path)
    again = loads(case_toml(case.document(), [claim.document() for claim in case.claims]))
    assert again.document() == case.document()
    assert [claim.document() for claim in again.claims] == [claim.document() for claim in case.claims]


def test_words_of_a_stranger_come_back() -> None:
    document = load(ROOT / "docs" / "example.toml").document()
    words = 'a"b\\c\n\u202e\x7f\x01 é """ 12'
    again = loads(case_toml({**document, "title": words, "notes": "17"}, []))
    assert (again.document()["title"], again.document()["notes"]) == (words, "17")
