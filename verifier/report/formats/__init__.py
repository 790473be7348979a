"""The forms of a report: one module each, which shows any report. A new one is one line here and one module."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from verifier.report.document import Report
from verifier.report.formats import json_form, latex, markdown


def _html(report: Report, docs: str | None) -> str:
    from verifier.report.formats.html import page  # loads the templates' engine

    return page(report, docs)


# `docs` is the address of the documents' site, for links to the lemmas; None where it is not known.
FORMATS: Mapping[str, Callable[[Report, str | None], str]] = {
    "html": _html,
    "markdown": markdown.page,
    "latex": latex.page,
    "json": json_form.page,
}
SUFFIXES: Mapping[str, str] = {"html": ".html", "markdown": ".md", "latex": ".tex", "json": ".json"}
