"""The documents: what they show is what happens, what they name exists, and what exists they name."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.docs import DOCUMENTS, ROOT, Block, blocks, commands, example, run, workplace
from verifier.case import loads
from verifier.case.claims import KINDS, KINDS_OF
from verifier.case.functions import ACTIVATIONS, LOSSES
from verifier.checker.claim import KEYS as CLAIM_KEYS
from verifier.checker.expression import ALL_FUNCTIONS
from verifier.checker.rules.table import DESCENT, FLAT, MINIMUM
from verifier.checker.theorems.table import THEOREMS
from verifier.commands import COMMANDS
from verifier.results import ExitCode

DOCS = ROOT / "docs"
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
UPDATE = "if the words were changed on purpose: python -m tests.helpers.docs"

every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)


@cache
def text(document: Path) -> str:
    return document.read_text(encoding="utf-8")


@cache
def blocks_of(document: Path) -> tuple[Block, ...]:
    return tuple(blocks(text(document)))


def prose(document: Path) -> str:
    """The document without its blocks."""
    lines = text(document).splitlines()
    for block in reversed(blocks_of(document)):
        del lines[block.start - 1 : block.start + len(block.lines) + 1]
    return "\n".join(lines)


def quoted(document: Path) -> set[str]:
    """All that stands between single backticks outside of blocks."""
    return set(re.findall(r"`([^`\n]+)`", prose(document)))


# -- what is shown happens ---------------------------------------------------------------------------------------------


@every_document
def test_commands_write_what_is_shown(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one folder for each document and in order, Python examples between them."""
    shown = [block for block in blocks_of(document) if block.language in ("console", "python")]
    if not shown:
        return
    place = workplace(tmp_path)
    monkeypatch.chdir(place)
    names: dict[str, Any] = {}
    for block in shown:
        if block.language == "console":
            for command in commands(block):
                assert run(command.line, place) == command.shown, UPDATE
        else:
            names = example(block, names, document)


def test_every_command_has_its_help_shown() -> None:
    lines = {c.line for b in blocks_of(DOCS / "case-files.md") if b.language == "console" for c in commands(b)}
    missing = {"verify --help", *(f"verify {name} --help" for name in COMMANDS)} - lines
    assert not missing, f"give each a console block in docs/case-files.md, then: {UPDATE}"


@every_document
def test_no_command_of_ours_stands_where_it_is_not_run(document: Path) -> None:
    for block in blocks_of(document):
        assert block.language in ("console", "python", "toml", "json", "sh"), f"line {block.start}"
        if block.language == "sh":
            assert not any(line.lstrip("$ ").startswith("verify") for line in block.lines)


@every_document
def test_make_targets_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text(ROOT / "Makefile"), re.MULTILINE))
    named = {line.split()[1] for b in blocks_of(document) for line in b.lines if line.startswith("make ")}
    named |= {words.split()[1] for words in quoted(document) if words.startswith("make ")}
    assert named <= targets


def test_the_readme_shows_the_two_commands_and_a_whole_case() -> None:
    readme = ROOT / "README.md"
    lines = [line for block in blocks_of(readme) if block.language == "sh" for line in block.lines]
    assert [line.split("#")[0].split() for line in lines] == [["make", "verify"], ["make", "test"]]
    example = next(block for block in blocks_of(readme) if block.language == "toml")
    assert example.text == text(DOCS / "example.toml")


@every_document
def test_case_files_can_be_read(document: Path) -> None:
    for block in blocks_of(document):
        if block.language == "toml":
            assert loads(block.text).claims


def test_json_document_has_the_shown_form(tmp_path: Path) -> None:
    shown = next(json.loads(b.text) for b in blocks_of(DOCS / "case-files.md") if b.language == "json")
    real = json.loads(run("verify --json docs/example.toml", workplace(tmp_path)))
    assert set(real) == set(shown)
    assert (real["schema"], real["errors"]) == (shown["schema"], shown["errors"])
    (case,), (shown_case,) = real["cases"], shown["cases"]
    assert {key: value for key, value in case.items() if key != "claims"} == {
        key: value for key, value in shown_case.items() if key != "claims"
    }
    claim, shown_claim = case["claims"][0], shown_case["claims"][0]
    assert list(claim) == list(shown_claim)
    for key, value in shown_claim.items():
        if key == "seconds":
            assert 0 <= claim[key] < 60
        elif value == "...":
            assert isinstance(claim[key], str)
        else:
            assert claim[key] == value, key


# -- what is named exists ----------------------------------------------------------------------------------------------


def anchors(document: Path) -> set[str]:
    """The anchors of all headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_document
def test_links_resolve(document: Path) -> None:
    for target in LINK.findall(prose(document)):
        file, _, anchor = target.partition("#")
        path = (document.parent / file).resolve() if file else document
        assert path.is_relative_to(ROOT) and path.exists(), target
        assert not anchor or anchor in anchors(path), target


@every_document
def test_paths_exist(document: Path) -> None:
    """Paths in backticks from the root, if they have no <placeholder> in them."""
    for words in quoted(document):
        if re.fullmatch(r"(verifier|tests|cases|docs)/[\w./-]*", words):
            assert (ROOT / words).exists() or "a/" in words, words


@pytest.mark.parametrize("document", [DOCS / "theory.md", DOCS / "rules.md"], ids=lambda path: path.name)
def test_cases_exist(document: Path) -> None:
    """In the tables of these documents a name with a hyphen is a rule, a kind of claim, or a case (perhaps with *)."""
    known = {*MINIMUM, *DESCENT, *FLAT, *KINDS}
    rows = [line for line in prose(document).splitlines() if line.startswith("|")]
    names = {name for row in rows for name in re.findall(r"`([a-z0-9*-]+-[a-z0-9*-]+)`", row)} - known
    assert names
    for name in names:
        assert list((ROOT / "cases").rglob(f"{name}.toml")), name


def test_sizes_of_designs() -> None:
    """Rows that end in n and N, and notes that name them."""
    row = re.compile(r"^\| `(cases/found/\S+)` .* \| ([0-9]+) \| ([0-9,]+) \|$", re.MULTILINE)
    stated = [(ROOT / name, n, total) for name, n, total in row.findall(text(DOCS / "inverse-design.md"))]
    assert {path for path, _, _ in stated} == set((ROOT / "cases/found").glob("inverse-*.toml"))
    for path in (ROOT / "cases/found").glob("*.toml"):
        stated += [(path, n, total) for n, total in re.findall(r"\bn = (\d+),\s+N = (\d+)", text(path))]
    for path, n, total in stated:
        data = loads(text(path)).data
        assert (len(data.inputs), sum(data.multiplicity)) == (int(n), int(total.replace(",", ""))), path.name


def source() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "verifier").rglob("*.py")))


def codes() -> set[str]:
    """The codes of the table of reasons."""
    _, _, rest = text(DOCS / "case-files.md").partition("| code | what was missing |")
    rows = [line.split("|")[1] for line in rest.partition("\n\n")[0].splitlines()[1:] if line.startswith("|")]
    return {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)}


def test_codes_exist() -> None:
    assert len(codes()) > 10
    whole = source()
    for code in codes():
        assert f'"{code}"' in whole, code


# -- what exists is named ----------------------------------------------------------------------------------------------


def test_every_name_of_a_case_file_is_described() -> None:
    words = quoted(DOCS / "case-files.md")
    assert words >= {*KINDS, *KINDS_OF, *ACTIVATIONS, *LOSSES}
    listed = {word for group in words for word in group.split()}
    assert listed >= ALL_FUNCTIONS


def test_every_exit_code_is_described() -> None:
    rows = re.findall(r"^\| ([0-9, ]+) \|", text(DOCS / "case-files.md"), re.MULTILINE)
    assert {int(code) for row in rows for code in row.split(",")} == {int(code) for code in ExitCode}


def test_every_rule_and_theorem_is_described() -> None:
    rules = {*MINIMUM, *DESCENT, *FLAT}
    assert quoted(DOCS / "certificates.md") >= rules | CLAIM_KEYS
    headings = re.findall(r"^## (.*)$", text(DOCS / "rules.md"), re.MULTILINE)
    assert {name for heading in headings for name in heading.split(", ")} >= rules
    for name in THEOREMS:
        assert f"## Theorem {name}:" in text(DOCS / "theory.md")
