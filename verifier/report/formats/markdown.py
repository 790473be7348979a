"""A report as Markdown (CommonMark with tables): what comes from a case is escaped, so that it shows as text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

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
from verifier.report.text import Formula, Link, Number, Piece, Quoted, Strong, Text, approximately, paragraphs, visible

HOLDS = {True: "holds", False: "**fails**", None: "open"}
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
_SPECIAL = re.compile(r"[\\`*_\[\]<>|#&~$]")


def page(report: Report, docs: str | None = None) -> str:
    """The whole report, with a line feed at its end."""
    return "\n\n".join(_parts(report, docs)) + "\n"


def _parts(report: Report, docs: str | None) -> Iterator[str]:
    yield f"# {escaped(report.title)}"
    if report.source:
        yield f"*Source: {escaped(report.source)}*"
    yield f"**{inline(report.headline)}**"
    for result in report.results:
        yield f"- {inline(result.sentence)}  \n  `{result.checked.claim}`: {result.checked.verdict}"
    if report.notes:
        yield "\n>\n".join(f"> {_started(escaped(part))}" for part in paragraphs(report.notes))
    yield "## The network, the data, the point"
    yield from _blocks(report.network)
    yield from _blocks(report.notation)
    yield "### Data"
    yield from _blocks(report.data)
    if report.point:
        yield "### The point"
        yield from _blocks(report.point)
    yield "## Which condition of the theorems fails, and why that matters"
    for it in report.theorems:
        yield from _theorem(it)
    yield "## Proof"
    for number, result in enumerate(report.results, start=1):
        yield from _proof(result, number, docs)
    if report.values:
        yield "## Training error and loss"
        yield from _blocks(report.values)
    if report.figures:
        yield "## Figures"
        yield "In words; the drawings, made with floats and no part of any proof, are on the HTML page."
        for figure in report.figures:
            yield f"**{inline(figure.title)}.** {escaped(figure.alternative)}"
    yield "## What the checker verified"
    yield (
        f"Checker: loss-surface-verifier {report.version}. It has accepted these certificates, and shows what they say:"
    )
    for result in report.results:
        checked = result.checked
        yield (
            f"- `{_code(checked.name)}` ({checked.claim}, {checked.verdict}): {escaped(checked.statement)}  \n  SHA-256"
            f" digest `{checked.digest}`"
        )
    yield "Check again:"
    yield _fenced("verify check " + " ".join(result.checked.name for result in report.results))
    yield "## How to reproduce"
    yield from _blocks(report.reproduce)


def _theorem(it: TheoremTable) -> Iterator[str]:
    yield f"### Theorem {it.name} ({it.title}) {inline(it.verdict)}"
    rows = [f"| {escaped(c.name)} | {HOLDS[c.holds]} | {escaped(c.why)} |" for c in it.conditions]
    yield "\n".join(["| hypothesis | | why |", "| --- | --- | --- |", *rows])
    for words in it.meaning:
        yield inline(words)


def _proof(result: Result, number: int, docs: str | None) -> Iterator[str]:
    yield f"### {number}. {inline(result.sentence)}"
    yield f"Claim: {inline(result.claim)} ({result.checked.verdict})."
    for argument in result.arguments:
        yield from _argument(argument, docs)


def _argument(argument: Argument, docs: str | None) -> Iterator[str]:
    yield f"**{inline(argument.shows)}** by rule *{escaped(argument.rule)}* ({_lemma(argument, docs)})."
    if argument.repeats is not None:
        yield f"The steps are those of proof {argument.repeats} above."
    for n, step in enumerate(argument.steps, start=1):
        yield f"#### Step {n}. {inline(step.title)}"
        yield from _blocks(step.blocks)


def _lemma(argument: Argument, docs: str | None) -> str:
    address = lemma_address(argument, docs)
    return f"[lemma](<{address}>)" if address else f"lemma: {lemma_name(argument)}"


def _blocks(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Paragraph(text):
                yield _started(inline(text))
            case Display(text):
                yield f"> {inline(text)}"
            case Bullets(items):
                yield "\n".join(f"- {inline(item)}" for item in items)
            case Table(header):
                lines = [_row(header), _row([()] * len(header), "---"), *(_row(row) for row in block.shown)]
                yield "\n".join(lines)
                yield from filter(None, [block.rest])
            case Code(text):
                yield _fenced(text)
            case Fold(summary, inner):
                yield f"*{inline(summary)}:*"
                yield from _blocks(inner)


def _row(cells: Sequence[Text], filling: str = "") -> str:
    return "| " + " | ".join(inline(cell) or filling for cell in cells) + " |"


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text.rstrip()}\n{fence}"


def inline(text: Text) -> str:
    """A text as Markdown."""
    shown = approximately(text, lambda number: number.rounded is not None)
    return "".join(_piece(piece) for piece in shown)


def _piece(piece: Piece) -> str:
    match piece:
        case Formula(text):
            return _formula(text)
        case Number(exact, rounded):
            return _number(exact) if rounded is None else f"≈ {rounded}"
        case Quoted(text):
            return f"`{_code(text)}`"
        case Strong(text):
            return f"**{escaped(text)}**"
        case Link(text, page, anchor):
            return f"{escaped(text)} (docs/{page}#{anchor})"
        case _:
            return escaped(piece.text)


def _number(exact: str) -> str:
    return exact if re.fullmatch(r"-?[0-9]+(/[0-9]+)?", exact) else f"`{exact}`"


def _code(text: str) -> str:
    return visible(text).replace("`", "'")


def _formula(text: str) -> str:
    """Greek letters and indices as they are, without braces around one letter or digit."""
    text = re.sub(r"([_^])\{(\w)\}", r"\1\2", text)
    return re.sub(r"[*<>|\[\]`\\]", lambda m: "\\" + m[0], text)


def escaped(text: str) -> str:
    """A stranger's text on one line, without any effect in Markdown or in the HTML that it allows."""
    return _SPECIAL.sub(lambda m: _ENTITIES.get(m[0], "\\" + m[0]), visible(text))


def _started(line: str) -> str:
    """A line whose beginning is no list, heading or quotation."""
    return re.sub(r"^(\s*)([-+=]|\d+[.)])", lambda m: m[1] + re.sub(r"([-+=.)])", r"\\\1", m[2]), line)
