"""The hooks of MkDocs: the generated pages, their place in the navigation, and links that lead to them."""

from __future__ import annotations

import re
from typing import Any

from mkdocs.structure.files import File, Files

from manual import command_line, gallery, notebook
from manual.places import ROOT

_CASES = re.compile(r"\]\(\.\./cases/([\w-]+)(?:/[^)]*)?\)")
# Where a link of the repository leads on the site.
_PAGES = {"](../tests/README.md)": "](tests.md)", "](notebook.ipynb)": "](notebook.md)"}


def on_config(config: Any) -> Any:
    """The gallery's entry in the navigation becomes the list of its pages."""
    pages = list(gallery.pages(ROOT / "cases"))
    config.nav = [{"Gallery": pages} if entry == {"Gallery": "gallery/"} else entry for entry in config.nav]
    return config


def on_files(files: Files, config: Any) -> Files:
    """Before navigation is made: every generated page is there."""
    pages = {
        **gallery.pages(ROOT / "cases"),
        "command-line.md": command_line.page(),
        "notebook.md": notebook.page(ROOT / "docs" / "notebook.ipynb"),
        "tests.md": (ROOT / "tests" / "README.md").read_text(encoding="utf-8"),
    }
    for path, text in pages.items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Folders of cases are pages of the gallery here; GitHub shows the folders."""
    for link, page in _PAGES.items():
        markdown = markdown.replace(link, page)
    return _CASES.sub(r"](gallery/\1.md)", markdown)
