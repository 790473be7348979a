"""From a file to a case: what is refused before anything else, and what a good file means."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.case.conftest import refusal, text
from verifier.case import InputError, load, loads

CASES = sorted((Path(__file__).parents[2] / "cases").rglob("*.toml"))


def load_refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load(path)
    assert caught.value.path == str(path)
    return str(caught.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_case_of_the_library_is_read(path: Path) -> None:
    case = load(path)
    assert case.claims and case.path == str(path)


def test_whole_case() -> None:
    case = loads(text(top='source = "a book"\nnotes = "free"'), "some/a.toml")
    assert (case.title, case.source, case.notes, case.path) == ("A case", "a book", "free", "some/a.toml")
    assert case.data.inputs[1] == (fmpq(1, 2), fmpq(-3, 4))
    assert case.better is None and hash(case) == hash(
        loads(text(top='source = "a book"\nnotes = "free"'), "some/a.toml")
    )


def test_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbf" + text().encode())
    assert load(str(tmp_path / "a.toml")).title == "A case"


def test_not_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    assert load_refused(tmp_path) == "expected a case file, got a folder"
    assert load_refused(tmp_path / "a.toml") == "expected a case file, got an error: No such file or directory"
    assert load_refused(tmp_path / "pipe.toml") == "expected a case file, got something that is not a regular file"


def test_large_empty_and_binary_files(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.touch()
    assert load_refused(file) == "expected a case file, got an empty file"
    file.write_bytes(bytes(range(256)))
    assert load_refused(file) == "expected UTF-8 text, got byte 0x80 at position 128"
    file.write_bytes(b"\x7fELF\x02\x01\x01\x00")
    assert load_refused(file).startswith("line 1, column 1: expected valid TOML, got a syntax error (")
    file.write_text(text(), encoding="utf-16")
    assert load_refused(file) == "expected UTF-8 text, got byte 0xff at position 0"
    with file.open("wb") as stream:
        stream.truncate(200 * 2**20)
    assert load_refused(file) == "expected a file of at most 64 MiB, got 200.0 MiB"


def test_text_needs_no_file() -> None:
    assert loads(text()).path == "-"
    assert refusal("", "-") == "expected a case file, got an empty file"


def test_a_later_format_is_named_before_its_new_keys() -> None:
    assert refusal('schema = 2\nnew = "key"') == "schema: expected schema = 1, got 2"


@given(st.text())
@settings(max_examples=200)
def test_any_text_is_a_case_or_one_line(garbage: str) -> None:
    assert refusal(garbage)


@given(st.data())
@settings(max_examples=200)
def test_a_damaged_case_is_a_case_or_one_line(data: st.DataObject) -> None:
    """One piece cut out of a good file, and something else put there."""
    good = text()
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 20)))
    junk = data.draw(
        st.sampled_from(["", "1", "-", '"', "[", "]", "nan", "1e99999", "{}", "\n", "=", "true", "\x00", "é"])
    )
    try:
        loads(good[:start] + junk + good[end:])
    except InputError as problem:
        assert problem.message.startswith("expected ") and ", got " in problem.message
        assert str(problem).isprintable()


def test_import_is_light() -> None:
    code = "import sys, verifier.case; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "scipy", "sympy", "z3", "rich", "jsonschema"} & set(done.stdout.split())
