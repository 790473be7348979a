"""`render`: what it refuses, what every format says, and that a stranger's words stay words."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flint import fmpq

from tests.helpers.cases import dead, make
from tests.report.certificates import certificate, dead_certificates, with_words
from verifier.checker.errors import Rejected, Unreadable
from verifier.report import Form, render
from verifier.report.build import Unrelated

FORMS: tuple[Form, ...] = ("html", "markdown", "latex", "json")
every_form = pytest.mark.parametrize("form", FORMS)


@every_form
def test_a_certificate_that_the_checker_rejects_has_no_report(form: Form) -> None:
    first, second = dead_certificates()
    first["statement"]["text"] = first["statement"]["text"].replace("local", "global")
    with pytest.raises(Rejected, match="digest"):
        render([second, first], form)


def test_what_is_no_certificate_has_no_report() -> None:
    with pytest.raises(Unreadable):
        render([{"format": "another"}], "html")


def test_one_report_is_about_one_case() -> None:
    one, other = certificate(dead(), "local-minimum"), certificate(dead("quadratic"), "theorem-applies", theorem="A")
    with pytest.raises(Unrelated, match="one case"):
        render([one, other], "markdown")
    with pytest.raises(Unrelated, match="at least one"):
        render([], "markdown")


def test_a_zero_that_moves_continue_is_alone_only_with_the_fixed_coordinates() -> None:
    network = {"activation": "linear", "width": 1, "hidden_bias": False, "output_bias": False}
    case = make([[1]], [1], network, "quadratic", {"a": [1], "W": [["1.001"]]}, targets=True)
    text = render([certificate(case, "local-minimum", near=fmpq(1, 100))], "markdown")
    assert "With these coordinates fixed, no other zero" in text
    assert "the only stationary point" not in text


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(ValueError, match="expected one of html, markdown, latex, json, got 'pdf'"):
        render(dead_certificates(), "pdf")  # type: ignore[arg-type]


@every_form
def test_a_report_is_the_same_each_time(form: Form) -> None:
    assert render(dead_certificates(), form) == render(dead_certificates(), form)


@every_form
def test_the_proof_has_the_numbers_of_the_certificate(form: Form) -> None:
    """Σ g_i = -4/9 - 4/9 + 8/9 = 0: the slopes 4/3, 4/3, 8/3 of max(0, 1+z)² at ∓1/3, each divided by 3."""
    shown = render(dead_certificates(), form).replace("−", "-")
    for number in ("-4/9", "8/9", "4/3", "8/3"):
        assert number in shown
    assert "convex" in shown
    assert "1 of 3 samples is on the wrong side" in shown
    for one in dead_certificates():
        assert one["digest"] in re.sub(r"\\allowbreak\{\}", "", shown)


# -- hostile words -----------------------------------------------------------------------------------------------------

RIGHT_TO_LEFT = "\u202emaxim\u202c \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627"
HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    r"\input{/etc/passwd} \end{document} $x$ % # & ~ ^ _ { } \write18{ls}",
    "x" * 10_000,
    "`code` **bold** [link](javascript:alert(1)) ![i](http://x.invalid/i.png) <http://x.invalid>\n# heading\n- item",
    RIGHT_TO_LEFT,
    "{{ 7 * 7 }} {% raw %} {# c #} ${x} \x00\x1b[31m",
]
hostile_words = pytest.mark.parametrize("words", HOSTILE, ids=["html", "latex", "long", "markdown", "rtl", "template"])


def hostile(words: str) -> list[dict[str, Any]]:
    return [with_words(one, title=words, source=words, notes=f"{words}\n\n{words}") for one in dead_certificates()]


class Page(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def normal(words: str) -> str:
    return " ".join(words.split())


@hostile_words
def test_html_shows_a_strangers_words_as_text(words: str) -> None:
    page = Page(render(hostile(words), "html"))
    assert not {tag for tag, _ in page.tags} & {"script", "img", "iframe", "object", "embed", "form"}
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("href", "src"):
            address = attributes.get(name) or "#"
            assert address.startswith(("#", "data:,"))
    if words.isprintable() and len(words) < 100:
        assert normal(words) in normal(page.text)
    assert not set(page.text) & set("\u202e\u202c\x00\x1b")


@hostile_words
def test_json_keeps_a_strangers_words_as_they_are(words: str) -> None:
    assert json.loads(render(hostile(words), "json"))["title"] == words


@hostile_words
def test_latex_has_no_command_of_a_strangers(words: str) -> None:
    page = render(hostile(words), "latex")
    used = set(re.findall(r"\\([A-Za-z]+)", page))
    assert used & {"input", "write", "include", "def", "let", "csname", "immediate", "openin"} == set()
    assert page.count(r"\end{document}") == page.count(r"\begin{document}") == 1
    assert page.isascii()
    assert not re.search(r"(?<!\\)[%#&]", re.sub(r"^%.*$", "", page, flags=re.M).replace(" & ", " "))


@hostile_words
def test_markdown_shows_a_strangers_words_as_text(words: str) -> None:
    """Read by a CommonMark reader with HTML allowed: no element comes from the words."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    page = Page(reader.render(render(hostile(words), "markdown")))
    known = {"h1", "h2", "h3", "h4", "p", "em", "strong", "ul", "li", "blockquote", "code", "pre", "br"}
    known |= {"table", "thead", "tbody", "tr", "th", "td"}
    assert {tag for tag, _ in page.tags} <= known
    assert [tag for tag, _ in page.tags].count("h1") == 1
    if words.isprintable() and len(words) < 100:
        assert normal(words) in normal(page.text)


def test_very_long_tables_are_cut_and_say_so() -> None:
    inputs = [[k] for k in range(700)]
    long = make(inputs, [1] * 700, {"activation": "relu", "width": 1}, "squared_hinge")
    found = [certificate(long, "theorem-applies", theorem="A")]
    assert len(json.loads(render(found, "json"))["data"][0]["rows"]) == 700
    for form in FORMS[:3]:
        assert "200 more rows" in render(found, form)
