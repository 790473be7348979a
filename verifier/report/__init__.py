"""Reports on certificates, for people: HTML, Markdown, LaTeX and JSON, from certificates alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

Form = Literal["html", "markdown", "latex", "json"]


def render(certificates: Sequence[Mapping[str, Any]], form: Form, docs: str | None = None) -> str:
    """The report on the certificates of one case, in one format; the checker is asked about each of them first.

    `docs` is the address of the documents' site, for links to the lemmas.

    Raises `verifier.checker.errors.Rejected` or `Unreadable` where the checker does not accept one, and
    `verifier.report.build.Unrelated` (a ValueError) if they are about several cases or there is none; ValueError for
    a format that is none of the four.
    """
    from verifier.report.build import accept, report
    from verifier.report.formats import FORMATS

    if form not in FORMATS:
        raise ValueError(f"expected one of {', '.join(FORMATS)}, got {form!r:.40}")
    return FORMATS[form](report(accept(certificates)), docs)
