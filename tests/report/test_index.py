"""The index of reports: entries escaped, addresses relative, one script that the page itself allows."""

from __future__ import annotations

import base64
import hashlib
import re

from tests.report.certificates import dead_certificates, with_words
from verifier.report.build import accept, build
from verifier.report.index import entry, index_page

WORDS = '"><script>alert(1)</script>\u202e'


def page(*titles: str) -> str:
    found = []
    for n, title in enumerate(titles):
        report = build(accept([with_words(dead_certificates()[0], title=title)]))
        found.append(entry(f"a b/{n}#?.toml/report.html", report))
    return index_page(found)


def test_every_report_is_listed_with_what_the_filters_need() -> None:
    shown = page("One", "Two")
    assert shown.count('class="case"') == 2
    for words in ('data-activation="relu"', 'data-loss="squared_hinge"', 'data-rule="convex"', 'data-verdict="proved"'):
        assert shown.count(words) == 2
    assert 'data-architecture="1 hidden layer (2)"' in shown
    assert 'href="a%20b/0%23%3F.toml/report.html"' in shown


def test_titles_are_text() -> None:
    shown = page(WORDS)
    assert "&lt;script&gt;alert(1)" in shown
    assert "\u202e" not in shown
    assert shown.count("<script>") == 1


def test_the_page_allows_its_own_script_only() -> None:
    shown = page("One")
    (script,) = re.findall(r"<script>(.*?)</script>", shown, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in shown
    assert "default-src 'none'" in shown
