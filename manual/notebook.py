"""The notebook as a page: its texts, its code, and below each cell what it shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from manual.markdown import block


def page(path: Path) -> str:
    """Markdown of a notebook that has been run."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return "\n".join(part for cell in notebook["cells"] for part in _cell(cell))


def _cell(cell: dict[str, Any]) -> Iterator[str]:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield f"{source}\n"
        return
    yield block(source, "python")
    yield from (_output(output) for output in cell["outputs"])


def _output(output: dict[str, Any]) -> str:
    """A table as HTML, everything else as text."""
    if output["output_type"] == "stream":
        return block("".join(output["text"]), "text")
    data = output["data"]
    if "text/html" in data:
        return "".join(data["text/html"]) + "\n"
    return block("".join(data["text/plain"]), "text")
