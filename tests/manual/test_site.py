"""The documentation site: built as in `make docs`, and complete; the pages that are made from cases and commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from manual import command_line, gallery
from manual.markdown import block, literal
from tests.helpers.docs import ROOT
from tests.test_docs import anchors
from verifier import Case, dump, load
from verifier.commands import COMMANDS

CASES = sorted((ROOT / "cases").rglob("*.toml"))


class Page(HTMLParser):
    """What a browser fetches for a page, and its text without tags."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.ids: set[str | None] = set()
        self.words: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.ids.add(names.get("id"))
        if tag != "a":
            self.fetched += [value for key in ("src", "href") if (value := names.get(key)) is not None]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.mark.slow
def test_the_site_is_built_and_complete(tmp_path: Path) -> None:
    """One build for all that is asked of it: several workers would each make their own."""
    build(tmp_path)
    nothing_comes_from_another_server(tmp_path)
    every_case_is_in_the_gallery_with_its_title_and_its_file(tmp_path)
    the_notebook_and_the_reference_are_there(tmp_path)
    headings_have_the_anchors_that_they_have_in_the_repository(tmp_path)


def build(folder: Path) -> None:
    """A warning, such as a link that leads nowhere or a page that is not in the navigation, fails."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def nothing_comes_from_another_server(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 20
    for path in pages:
        assert not [link for link in Page(path).fetched if re.match(r"([a-z]+:)?//", link)], path.name
    for path in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?([a-z]+:)?//", path.read_text(encoding="utf-8")), path.name


def every_case_is_in_the_gallery_with_its_title_and_its_file(site: Path) -> None:
    names = {path.parent.name for path in CASES}
    folders = {name: Page(site / "gallery" / f"{name}.html").text for name in names}
    for path in CASES:
        assert f"cases/{path.parent.name}/{path.name}" in folders[path.parent.name]
        assert " ".join(load(path).title.split()) in folders[path.parent.name], path.name


def the_notebook_and_the_reference_are_there(site: Path) -> None:
    assert "the point is a local minimum of the loss" in Page(site / "notebook.html").text
    reference = Page(site / "python-reference.html").text
    for words in ("timeout : float = 60.0", "Prove or refute the claims of a case", "separable_data", "InputError"):
        assert words in reference


def headings_have_the_anchors_that_they_have_in_the_repository(site: Path) -> None:
    """So that links into a page, such as those of reports to lemmas, are right in both places."""
    for document in sorted((ROOT / "docs").glob("*.md")):
        assert anchors(document) <= Page(site / f"{document.stem}.html").ids, document.name


def test_every_command_and_option_is_on_its_page() -> None:
    page = command_line.page()
    for name in COMMANDS:
        assert f"\n## verify {name}\n" in page
    for option in ("-q, --quiet", "--timeout SECONDS", "--case FILE", "-h, --help"):
        assert f"| `{option}` | " in page
    assert "\b" not in page


HOSTILE = '<script>alert(1)</script> *a* _b_ `c` [d](e) | # ~~f~~ ![g](h) &amp; $x^2$\n\n# not a heading\n\n```\nx\n'


def test_texts_of_cases_are_shown_as_text(tmp_path: Path) -> None:
    from markdown import markdown

    folder = tmp_path / "mine"
    folder.mkdir()
    network = {"kind": "single-layer", "activation": "relu", "width": 1}
    case = Case({"inputs": [[1]], "labels": [1]}, network, "hinge", claims=["bad-local-minimum-exists"],
                title=HOSTILE, source=HOSTILE, notes=HOSTILE)
    dump(case, folder / "a.toml")
    page = gallery.pages(tmp_path)["gallery/mine.md"].partition("??? note")[0]
    html = markdown(page, extensions=["tables"])
    assert set(re.findall(r"<(\w+)", html)) <= {"h1", "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td"}
    shown = re.search(r"<h3>(.*)</h3>", html)
    assert shown is not None and shown[1].startswith("&#60;script&#62;alert&#40;1&#41;")


def test_an_empty_folder_is_no_page(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert list(gallery.pages(tmp_path)) == ["gallery/index.md"]


@pytest.mark.parametrize("text", ["1. a", "- a", "a\n===", "    a", "+ a", "> a", "\\*", "a  \nb"])
def test_literal_text_is_one_paragraph(text: str) -> None:
    from markdown import markdown

    assert re.fullmatch(r"<p>[^<]*</p>", markdown(literal(text)))


def test_a_block_is_longer_than_what_is_in_it() -> None:
    assert block("a\n````\nb", "toml") == "`````toml\na\n````\nb\n`````\n"
