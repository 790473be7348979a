"""Help: it fits 80 columns, it has examples, and the examples are right: each is parsed, and most are executed."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.helpers.docs import ROOT
from verifier.commands import COMMANDS, DEFAULT

NAMES = ["", *COMMANDS]
# Not executed, since they take long, need PyTorch, cvc5 or zsh, or write to the reader's own folders.
ONLY_PARSED = re.compile(r"verify (search|import) |--engine cvc5|zsh|~/\.")


def command_of(name: str) -> click.Command:
    found: click.Command = importlib.import_module(COMMANDS[name][0] if name else DEFAULT).command
    return found


def help_of(name: str) -> str:
    command = command_of(name)
    return command.get_help(click.Context(command, info_name=f"verify {name}".strip(), **command.context_settings))


def examples_of(name: str) -> list[str]:
    """The commands behind "Examples:", without the words that explain them."""
    _, _, rest = help_of(name).partition("Examples:\n")
    block, _, _ = re.sub(r"\\\n\s*", "", rest).strip().partition("\n\n")
    return [re.split(" {3,}", line.strip())[0] for line in block.splitlines()]


EXAMPLES = [(name, example) for name in NAMES for example in examples_of(name)]
EXECUTED = dict.fromkeys(example for _, example in EXAMPLES if not ONLY_PARSED.search(example))


@pytest.mark.parametrize("name", NAMES)
def test_help_fits_80_columns(name: str) -> None:
    assert [line for line in help_of(name).splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_examples_of_itself(name: str) -> None:
    own = f"verify {name}".strip()
    assert [example for example in examples_of(name) if own in example]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_examples_are_parsed(name: str, example: str) -> None:
    found = re.search(r"verify [^|>)]*", example)
    assert found is not None
    words = shlex.split(found[0].rstrip('"'))[1:]
    called = words.pop(0) if words[0] in COMMANDS else ""
    with command_of(called).make_context(called, words):
        pass


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the examples name."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / "cases").mkdir()
    for name in ("my.toml", "net.toml", "cases/example.toml"):
        shutil.copy(ROOT / "docs" / "first.toml", folder / name)
    run("verify -q --out certificates my.toml && cp certificates/my.toml/*.cert.json .", folder)
    run("cp 1-*.cert.json theirs.cert.json", folder)
    return folder


def run(line: str, folder: Path) -> None:
    """With exit code 0."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    whole = f"generate-case() {{ cat my.toml; }}; {line}"
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(
        ["bash", "-c", whole], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("example", EXECUTED)
def test_examples_run(example: str, place: Path) -> None:
    run(example, place)
