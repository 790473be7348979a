"""Which files the paths on the command line stand for."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from verifier.results import Problem
from verifier.sources import Source, find

FILES = ["c/b.toml", "c/a.toml", "c/a/z.toml", "c/.hidden/x.toml", "c/.x.toml", "c/notes.md", "d/e/f"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for path in FILES:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).touch()
    return tmp_path


def paths(*arguments: str) -> list[str]:
    return [source.path for source in find(arguments)]


def test_folder_is_searched_in_order_without_hidden_entries(folder: Path) -> None:
    assert paths("c") == ["c/a/z.toml", "c/a.toml", "c/b.toml"]


def test_order_of_arguments_is_kept_and_repetitions_are_not(folder: Path) -> None:
    assert paths("c/b.toml", "c", "c/b.toml") == ["c/b.toml", "c/a/z.toml", "c/a.toml"]


def test_single_file_needs_no_suffix_and_may_be_hidden(folder: Path) -> None:
    assert find(["c/notes.md", "c/.x.toml"]) == [Source("c/notes.md"), Source("c/.x.toml")]


def test_links_to_folders_are_not_followed(folder: Path) -> None:
    os.symlink("..", "c/circle")
    assert paths("c") == ["c/a/z.toml", "c/a.toml", "c/b.toml"]


def test_empty_folder_and_missing_path_are_problems(folder: Path) -> None:
    empty, missing = find(["d", "nowhere"])
    assert isinstance(empty, Problem) and "got none in it" in str(empty)
    assert isinstance(missing, Problem) and "got nothing of that name" in str(missing)


def feed(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, "\ufefftitle = 'ü'".encode())
    assert find(["-", "-"]) == [Source("-", "title = 'ü'")]


def test_standard_input_that_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, b"ab\xff")
    assert find(["-"]) == [Problem("-", "", "expected UTF-8 text, got byte 0xff at 2")]


def test_standard_input_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.sources.STDIN_LIMIT", 3)
    feed(monkeypatch, b"abcd")
    (problem,) = find(["-"])
    assert isinstance(problem, Problem) and "at most 3 bytes" in problem.message


def test_no_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    (problem,) = find(["-"])
    assert isinstance(problem, Problem)
