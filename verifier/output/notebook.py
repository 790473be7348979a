"""The result of a case as a table of HTML for notebooks: no script, no style sheet, every text escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from verifier.output.text import printable
from verifier.results import ClaimResult

_LEFT = 'style="text-align: left; vertical-align: top"'


def table(title: str, claims: Iterable[ClaimResult]) -> str:
    """A row for each claim: its kind, the verdict, and what was shown or why nothing was."""
    rows = "".join(_row(claim) for claim in claims)
    head = "".join(f"<th {_LEFT}>{name}</th>" for name in ("claim", "verdict", "rule", "shown"))
    caption = f"<caption {_LEFT}>{_text(title)}</caption>" if title else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(claim: ClaimResult) -> str:
    decision = claim.decision
    verdict = _text(claim.verdict.value)
    if not claim.as_expected:
        verdict += f" (expected {_text(claim.expect)})"
    words = [decision.statement or decision.reason, f"Hint: {decision.hint}" if decision.hint else ""]
    shown = "<br>".join(_text(text) for text in words if text)
    cells = (_text(claim.kind), f"<strong>{verdict}</strong>", _text(decision.rule or decision.code or ""), shown)
    return "<tr>" + "".join(f"<td {_LEFT}>{cell}</td>" for cell in cells) + "</tr>"


def _text(text: str) -> str:
    return escape(printable(text))
