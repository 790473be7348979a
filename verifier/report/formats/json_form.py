"""A report as JSON: the same words as plain text, every number exact."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from verifier.report.document import (
    Argument,
    Block,
    Bullets,
    Code,
    Display,
    Fold,
    Paragraph,
    Report,
    Result,
    Table,
    TheoremTable,
)
from verifier.report.links import lemma_address, lemma_name
from verifier.report.text import Text, plain

SCHEMA = 1
Json = dict[str, Any]


def page(report: Report, docs: str | None = None) -> str:
    """One JSON object; keys may be added later, and keep their meaning."""
    return json.dumps(document(report, docs), indent=1) + "\n"


def document(report: Report, docs: str | None) -> Json:
    """The report as JSON data."""
    return {
        "schema": SCHEMA,
        "title": report.title,
        "source": report.source or None,
        "notes": report.notes or None,
        "headline": plain(report.headline),
        "results": [_result(result, docs) for result in report.results],
        "notation": _blocks(report.notation),
        "network": _blocks(report.network),
        "data": _blocks(report.data),
        "point": _blocks(report.point),
        "theorems": [_theorem(it) for it in report.theorems],
        "values": _blocks(report.values),
        "figures": [{"name": f.name, "title": plain(f.title), "alternative": f.alternative} for f in report.figures],
        "checker": report.version,
        "reproduce": _blocks(report.reproduce),
        "keys": {
            "activation": report.keys.activation,
            "loss": report.keys.loss,
            "architecture": report.keys.architecture,
            "rules": list(report.keys.rules),
            "verdicts": list(report.keys.verdicts),
        },
    }


def _result(result: Result, docs: str | None) -> Json:
    checked = result.checked
    return {
        "sentence": plain(result.sentence),
        "claim": plain(result.claim),
        "verdict": checked.verdict,
        "statement": checked.statement,
        "certificate": checked.name,
        "digest": checked.digest,
        "proof": [_argument(argument, docs) for argument in result.arguments],
    }


def _argument(argument: Argument, docs: str | None) -> Json:
    return {
        "rule": argument.rule,
        "shows": plain(argument.shows),
        "lemma": lemma_address(argument, docs) or lemma_name(argument),
        "repeats": argument.repeats,
        "steps": [{"title": plain(step.title), "text": _blocks(step.blocks)} for step in argument.steps],
    }


def _theorem(it: TheoremTable) -> Json:
    return {
        "name": it.name,
        "title": it.title,
        "verdict": plain(it.verdict),
        "hypotheses": [{"name": c.name, "holds": c.holds, "why": c.why} for c in it.conditions],
        "meaning": [plain(words) for words in it.meaning],
    }


def _blocks(blocks: Sequence[Block]) -> list[Any]:
    return [_block(block) for block in blocks]


def _block(block: Block) -> Any:
    match block:
        case Paragraph(text) | Display(text):
            return plain(text)
        case Bullets(items):
            return {"items": _texts(items)}
        case Table(header, rows):
            return {"header": _texts(header), "rows": [_texts(row) for row in rows]}
        case Code(text):
            return {"code": text}
        case Fold(summary, blocks):
            return {"summary": plain(summary), "blocks": _blocks(blocks)}


def _texts(items: Sequence[Text]) -> list[str]:
    return [plain(item) for item in items]
