"""The notebook of the manual runs, and shows what it has shown when it was written."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tests.helpers.notebook import NOTEBOOK, outputs, run


@pytest.mark.slow
def test_the_notebook_shows_what_happens(tmp_path: Path) -> None:
    again = run(tmp_path)
    shown = outputs(nbformat.read(NOTEBOOK, as_version=4))
    assert len(shown) >= 5 and any(shown)
    assert outputs(again) == shown, "if it was changed on purpose: python -m tests.helpers.notebook"
    assert "<!doctype html>" in (tmp_path / "docs" / "dead.html").read_text(encoding="utf-8")[:200].lower()
