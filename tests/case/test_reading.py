"""Bytes to TOML tables: bounded, and decimals stay text."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tests.case.conftest import short
from verifier.case.errors import Refused
from verifier.case.reading import DecimalLiteral, decode_utf8, parse_toml, read_bytes


def refused(toml: str) -> str:
    with pytest.raises(Refused) as caught:
        parse_toml(toml)
    return str(caught.value)


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        ("0.1", "0.1"),
        ("1_0.5", "10.5"),
        ("1e5", "1e5"),
        ("nan", "nan"),
        ("-inf", "-inf"),
        ("1e999999999", "1e999999999"),
    ],
)
def test_decimals_never_become_floats(literal: str, text: str) -> None:
    assert parse_toml(f"x = {literal}") == {"x": DecimalLiteral(text)}


def test_integers_up_to_ten_thousand_digits() -> None:
    before = sys.get_int_max_str_digits()
    assert parse_toml("x = " + "7" * 10_000) == {"x": 7 * (10**10_000 - 1) // 9}
    assert sys.get_int_max_str_digits() == before
    assert "got a syntax error" in refused("x = " + "7" * 9_000 + "\ny = ")
    assert refused("x = " + "7" * 10_001) == ": expected integers of at most 10000 digits, got a longer one"
    assert sys.get_int_max_str_digits() == before


@pytest.mark.parametrize("text", ["", "   ", "\n\t\n"])
def test_empty(text: str) -> None:
    assert refused(text) == ": expected a case file, got an empty file"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = \ny = 1", "line 1, column 5: expected valid TOML, got a syntax error ("),
        ("a = 1\nb = [1", "end of file: expected valid TOML, got a syntax error ("),
        ("a = 1\na = 2\n", "line 2, column 6: expected valid TOML, got a repeated key ("),
        ("[a]\n[a]\n", "line 2, column 3: expected valid TOML, got a repeated key ("),
        ("a = {b = 1, b = 2}\n", "line 1, column 18: expected valid TOML, got a repeated key ("),
        ("a = {b = 1}\na.c = 2\n", "line 2, column 8: expected valid TOML, got a repeated key ("),
        ("x = 2023-02-30\n", "line 1, column 5: expected valid TOML, got a syntax error ("),
        ("x = \x00\n", "line 1, column 5: expected valid TOML, got a syntax error ("),
        ("x" * 10**6, "end of file: expected valid TOML, got a syntax error ("),
    ],
    ids=short,
)
def test_not_toml(text: str, message: str) -> None:
    assert refused(text).startswith(message)


@pytest.mark.parametrize("text", ["x = " + "[" * 100_000, "x = " + "{a=" * 100_000], ids=short)
def test_deep_nesting(text: str) -> None:
    assert "expected tables and lists nested less deeply" in refused(text)


@pytest.mark.parametrize(
    "key", ["a." * 50_000 + "a = 1", '"a".' * 50_000 + "b = 1", "[" + "a . " * 50_000 + "a]"], ids=short
)
def test_long_dotted_keys_take_no_quadratic_time(key: str) -> None:
    start = time.monotonic()
    assert refused(key) == ": expected keys of at most 100 dotted parts, got a longer one"
    assert time.monotonic() - start < 2


def test_utf8_and_byte_order_mark() -> None:
    assert decode_utf8(b"\xef\xbb\xbfx = 1") == "x = 1"
    with pytest.raises(Refused, match="expected UTF-8 text, got byte 0xff at position 2"):
        decode_utf8(b"ab\xff")


def test_read_bytes(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"abc")
    assert read_bytes(file, "a case file") == b"abc"


def refused_file(path: Path) -> str:
    with pytest.raises(Refused) as caught:
        read_bytes(path, "a case file")
    assert caught.value.key == ""
    return caught.value.message


def test_no_file(tmp_path: Path) -> None:
    assert refused_file(tmp_path / "a") == "expected a case file, got an error: No such file or directory"
    assert refused_file(tmp_path / "a\x00b").startswith("expected a case file, got an error: ")
    assert refused_file(tmp_path / ("a" * 1000)).startswith("expected a case file, got an error: ")


def test_folder(tmp_path: Path) -> None:
    assert refused_file(tmp_path) == "expected a case file, got a folder"


def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refused_file(tmp_path / "pipe") == "expected a case file, got something that is not a regular file"


def test_large_file_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "a"
    with file.open("wb") as stream:
        stream.truncate(200 * 2**20)
    start = time.monotonic()
    assert refused_file(file) == "expected a file of at most 64 MiB, got 200.0 MiB"
    assert time.monotonic() - start < 0.5
    with file.open("wb") as stream:
        stream.truncate(64 * 2**20 + 1)
    assert "64 MiB" in refused_file(file)
    with file.open("wb") as stream:
        stream.truncate(64 * 2**20)
    assert len(read_bytes(file, "a case file")) == 64 * 2**20
