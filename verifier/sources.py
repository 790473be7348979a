"""From the paths on the command line to the files to read: folders are searched, "-" is standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from verifier.results import Problem

STDIN = "-"
STDIN_LIMIT = 64 * 1024 * 1024  # bytes, as for a file


@dataclass(frozen=True)
class Source:
    """One case to judge: a file, or its text when that has been read already."""

    path: str
    text: str | None = None


def find(paths: Iterable[str], suffix: str = ".toml") -> list[Source | Problem]:
    """The files that `paths` name, in their order, each once; what cannot be found is a Problem in its place.

    A folder stands for the files in it that end in `suffix`, recursively, sorted by path; hidden files and
    folders are skipped, and links to folders are not followed (they may form a circle).
    """
    found: dict[str, Source | Problem] = {}
    for path in paths:
        if path == STDIN or not os.path.isdir(path):
            found.setdefault(path, _single(path))
            continue
        entries = list(_in_folder(path, suffix))
        if not entries:
            entries = [Problem(path, "", f"expected a folder with *{suffix} files, got none in it")]
        for entry in entries:
            found.setdefault(entry.path, entry)
    return list(found.values())


def _single(path: str) -> Source | Problem:
    if path == STDIN:
        return _standard_input()
    if not os.path.exists(path):
        return Problem(path, "", "expected a file or a folder, got nothing of that name")
    return Source(path)


def _in_folder(folder: str, suffix: str) -> Iterator[Source | Problem]:
    unreadable: list[Problem] = []

    def note(error: OSError) -> None:
        where = error.filename if isinstance(error.filename, str) else folder
        unreadable.append(Problem(where, "", f"cannot be read: {error.strerror}"))

    files: list[Path] = []
    for here, folders, names in os.walk(folder, onerror=note):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [Path(here, name) for name in names if name.endswith(suffix) and not name.startswith(".")]
    yield from (Source(str(path)) for path in sorted(files))
    yield from unreadable


def _standard_input() -> Source | Problem:
    if sys.stdin is None:
        return Problem(STDIN, "", "expected a case on standard input, got none")
    try:
        content = sys.stdin.buffer.read(STDIN_LIMIT + 1)
    except OSError as error:
        return Problem(STDIN, "", f"cannot be read: {error.strerror}")
    if len(content) > STDIN_LIMIT:
        return Problem(STDIN, "", f"expected at most {STDIN_LIMIT} bytes, got more")
    try:
        return Source(STDIN, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        got = f"byte {content[error.start]:#04x} at {error.start}"
        return Problem(STDIN, "", f"expected UTF-8 text, got {got}")
