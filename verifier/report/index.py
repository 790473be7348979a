"""The page over many reports: a list, and filters for who has JavaScript."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from verifier import __version__
from verifier.report.document import Keys, Report
from verifier.report.text import plain


@dataclass(frozen=True)
class Entry:
    """One report as the index lists it; `address` is relative to the index."""

    address: str
    title: str
    headline: str
    keys: Keys


def entry(path: str, report: Report) -> Entry:
    """The entry of a report whose page has this path, relative to the index, with / between folders."""
    return Entry(quote(path), report.title, plain(report.headline), report.keys)


def index_page(entries: Sequence[Entry]) -> str:
    """One HTML page that needs nothing else; its own script is the only one that it allows."""
    from verifier.report.formats.html import environment, source

    digest = base64.b64encode(hashlib.sha256(source("index.js").encode("utf-8")).digest()).decode("ascii")
    template = environment().get_template("index.html")
    return template.render(entries=entries, version=__version__, script_hash=f"sha256-{digest}")
