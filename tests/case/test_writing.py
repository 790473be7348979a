"""The text of a case: read again, it is the same case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from tests.case.conftest import short
from verifier.case import Case, InputError, dump, dumps, load, loads
from verifier.case.writing import text

CASES = sorted((Path(__file__).parents[2] / "cases").rglob("*.toml"))
NETWORK = {"kind": "single-layer", "activation": "relu", "width": 1}


@pytest.mark.parametrize("folder", sorted({path.parent for path in CASES}), ids=lambda path: path.name)
def test_every_case_of_the_library_comes_back(folder: Path) -> None:
    for path in CASES:
        if path.parent == folder:
            case = load(path)
            again = loads(dumps(case), case.path)
            assert (again.document(), again.claims) == (case.document(), case.claims), path.name


def small(**changes: Any) -> Case:
    return Case(**{"data": {"inputs": [[1]], "labels": [1]}, "network": NETWORK, "loss": "hinge", **changes})


@given(st.text(), st.text(), st.text())
def test_any_text_comes_back(title: str, source: str, notes: str) -> None:
    case = small(title=title, source=source, notes=notes)
    again = loads(dumps(case))
    assert (again.title, again.source, again.notes) == (title, source, notes)


HOSTILE = ['"""', "\\", "'''\n\"\"\"\n", "\x00\x7f\x80\u2028", "a\r\nb", "\n", "", "#[x]", "\U0001f600"]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_texts_come_back(words: str) -> None:
    assert loads(dumps(small(title=words, notes=words))).notes == words


def test_several_lines_are_written_on_several_lines() -> None:
    assert text('one "1"\ntwo') == '"""\none \\"1\\"\ntwo"""'


@given(st.fractions(), st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back(fraction: Any, x: float) -> None:
    case = small(data={"inputs": [[fraction, x]], "labels": [1]})
    assert loads(dumps(case)).data == case.data


@pytest.mark.parametrize("number", ["sqrt(2)/3", "1e-10000", 10**9_000, "pi", "exp(-1)", fmpq(1, 10**30)], ids=short)
def test_long_and_irrational_numbers_come_back(number: object) -> None:
    case = small(data={"inputs": [[number]], "targets": [number]}, loss="quadratic")
    assert loads(dumps(case)).data == case.data


def test_every_key_of_a_claim_comes_back() -> None:
    point = {"a0": 0, "a": [0], "W": [[0]], "b": [0]}
    claims = [
        {"kind": "local-minimum", "near": "1/1000", "strict": False, "bad": True, "training_error": "1/3"},
        {"kind": "loss", "lower": 0.5, "upper": "sqrt(2)", "expect": "undecided"},
        {"kind": "training-error", "value": 1, "expect": "refuted"},
        {"kind": "theorem-applies", "theorem": "B"},
    ]
    case = small(point=point, better=point, claims=claims)
    assert loads(dumps(case), "") == case


def test_dump_writes_a_file_that_load_reads(tmp_path: Path) -> None:
    case = small(title="written")
    dump(case, tmp_path / "a.toml")
    assert load(tmp_path / "a.toml").document() == case.document()
    assert [path.name for path in tmp_path.iterdir()] == ["a.toml"]


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a file that can be written, got an error: No such file"):
        dump(small(), tmp_path / "none" / "a.toml")
