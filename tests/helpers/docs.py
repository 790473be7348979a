"""The documents as data: their code blocks, and the commands in them with the output that they show.

`python -m tests.helpers.docs` runs every command of the documents and writes its present output below it.
"""

from __future__ import annotations

import doctest
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "tests" / "README.md"]
WIDTH = "88"  # columns of the terminal that the documents show
FENCE = "```"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the index of its first line in the document, and its lines."""

    language: str
    start: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)


@dataclass(frozen=True)
class Command:
    """A command as typed behind "$ ", and the output that the document shows below it."""

    line: str
    shown: str


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a document, in order."""
    language, start, inside = "", 0, False
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.startswith(FENCE) and inside:
            yield Block(language, start, tuple(lines[start:number]))
            inside = False
        elif line.startswith(FENCE):
            language, start, inside = line.removeprefix(FENCE), number + 1, True
    assert not inside, "a block has no end"


def commands(block: Block) -> list[Command]:
    """The commands of a console block."""
    found: list[Command] = []
    for line in block.lines:
        if line.startswith("$ "):
            found.append(Command(line.removeprefix("$ "), ""))
        else:
            found[-1] = Command(found[-1].line, f"{found[-1].shown}{line}\n")
    return found


def workplace(folder: Path) -> Path:
    """A copy of what the commands are about, so that what they write does not end up here."""
    for name in ("docs", "cases"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def run(line: str, folder: Path) -> str:
    """What a command writes (to both outputs) in a folder; it must end with exit code 0."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "COLUMNS": WIDTH, "NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{line}: exit code {done.returncode}\n{done.stdout}"
    return done.stdout


def rewritten(text: str, output: Callable[[str], str]) -> str:
    """The document with the output of every command replaced."""
    lines = text.splitlines()
    for block in reversed(list(blocks(text))):
        if block.language == "console":
            new: list[str] = []
            for command in commands(block):
                new += [f"$ {command.line}", *output(command.line).splitlines()]
            lines[block.start : block.start + len(block.lines)] = new
    return "\n".join(lines) + "\n"


def example(block: Block, names: dict[str, Any], document: Path) -> dict[str, Any]:
    """Run a Python block as doctest does, in the working directory; the names that are then known."""
    where = str(document.relative_to(ROOT))
    found = doctest.DocTestParser().get_doctest(block.text, names, where, str(document), block.start)
    assert found.examples, f"{where}: a Python block without >>>"
    result = doctest.DocTestRunner().run(found, clear_globs=False)
    assert result.failed == 0, where
    return found.globs


def _outputs(document: Path, text: str, place: Path) -> dict[str, str]:
    outputs: dict[str, str] = {}
    names: dict[str, Any] = {}
    before = Path.cwd()
    os.chdir(place)
    try:
        for block in blocks(text):
            if block.language == "console":
                outputs |= {c.line: run(c.line, place) for c in commands(block)}
            elif block.language == "python":
                names = example(block, names, document)
    finally:
        os.chdir(before)
    return outputs


def main() -> None:
    """Bring all documents up to date."""
    for document in DOCUMENTS:
        with tempfile.TemporaryDirectory() as folder:
            place = workplace(Path(folder))
            text = document.read_text(encoding="utf-8")
            outputs = _outputs(document, text, place)
        document.write_text(rewritten(text, outputs.__getitem__), encoding="utf-8")


if __name__ == "__main__":
    main()
