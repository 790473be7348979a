"""Files are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from verifier.files import write_atomically


def test_writing_replaces_the_whole_file_and_leaves_no_draft(tmp_path: Path) -> None:
    target = tmp_path / "a.cert.json"
    target.write_text("a longer old text")
    write_atomically(target, "new\n")
    assert target.read_bytes() == b"new\n"
    assert list(tmp_path.iterdir()) == [target]


def test_failed_writing_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "a.cert.json"
    target.write_text("old")
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(target, "new")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]
