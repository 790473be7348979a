"""The notebook of the manual: run in a kernel of its own, and its outputs as data.

`python -m tests.helpers.notebook` runs it and writes its present outputs into it.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from tests.helpers.docs import ROOT

NOTEBOOK = ROOT / "docs" / "notebook.ipynb"


def run(folder: Path) -> nbformat.NotebookNode:
    """The notebook as it is after all its cells have run in `folder`, a copy of docs/.  Raises CellExecutionError."""
    place = Path(shutil.copytree(NOTEBOOK.parent, folder / "docs"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(place)}}).execute()
    return notebook


def outputs(notebook: nbformat.NotebookNode) -> list[list[Any]]:
    """What is shown below each cell of code."""
    return [[_shown(output) for output in cell.outputs] for cell in notebook.cells if cell.cell_type == "code"]


def _shown(output: Any) -> Any:
    return output.text if output.output_type == "stream" else dict(output.data)


def main() -> None:
    """Bring the outputs up to date."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = run(Path(folder))
    for cell in notebook.cells:
        cell.metadata.clear()  # times of execution
    nbformat.write(notebook, NOTEBOOK)


if __name__ == "__main__":
    main()
