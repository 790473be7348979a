"""Where the lemma of a rule stands in the documents."""

from __future__ import annotations

from verifier.report.document import Argument


def lemma_name(argument: Argument) -> str:
    """The page and heading, as a path in the sources of the project."""
    return f"docs/{argument.page}#{argument.anchor}"


def lemma_address(argument: Argument, docs: str | None) -> str | None:
    """The address of the lemma below that of the documents' site (made by `make docs`), if that is known."""
    if docs is None:
        return None
    return f"{docs.rstrip('/')}/{argument.page.removesuffix('.md')}.html#{argument.anchor}"
