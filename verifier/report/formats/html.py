"""A report as one HTML page that needs nothing else: no script, no request, everything from a case escaped."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from verifier.report.document import Block, Bullets, Code, Display, Figure, Fold, Paragraph, Report, Table
from verifier.report.formula import to_html
from verifier.report.links import lemma_address, lemma_name
from verifier.report.text import (
    Formula,
    Link,
    Number,
    Piece,
    Quoted,
    Strong,
    Text,
    approximately,
    paragraphs,
    plain,
    visible,
)

LONG_TITLE = 160  # characters of a title that stand in the heading; the rest is folded
LONG_TABLE = 12  # rows that are shown at once
WIDE = 6  # columns beyond which a table may need to be scrolled
HOLDS = {True: "holds", False: "fails", None: "open"}


def page(report: Report, docs: str | None = None) -> str:
    """The whole page. `docs`: address of the documents' site, for links to the lemmas."""
    template = environment().get_template("page.html")
    return template.render(report=report, docs=docs)


@cache
def source(name: str) -> str:
    """One of our own files: templates, styles, script."""
    return (files("verifier.report") / "templates" / name).read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """The templates, with automatic escaping and the filters that they use."""
    found = Environment(
        loader=FunctionLoader(source), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    found.filters |= {
        "inline": inline,
        "plain": plain,
        "block": block,
        "visible": visible,
        "paragraphs": paragraphs,
        "kind": lambda it: type(it).__name__,
        "raw": lambda name: Markup(source(name)),
        "svg": _svg,
    }
    found.globals |= {
        "LONG_TITLE": LONG_TITLE,
        "HOLDS": HOLDS,
        "lemma_address": lemma_address,
        "lemma_name": lemma_name,
    }
    return found


def _svg(figure: Figure) -> Markup:
    from verifier.report.figures.draw import svg  # loads matplotlib

    return Markup(svg(figure))  # texts are escaped there


def inline(text: Text) -> Markup:
    """A text as safe HTML."""
    shown = approximately(text, lambda number: number.rounded is not None)
    return Markup("").join(_piece(piece) for piece in shown)


def _piece(piece: Piece) -> Markup:
    match piece:
        case Formula(text):
            return Markup('<span class="f">{}</span>').format(Markup(to_html(text)))
        case Number(exact, rounded):
            return _number(exact, rounded)
        case Quoted(text):
            return Markup("<code>{}</code>").format(visible(text))
        case Strong(text):
            return Markup("<strong>{}</strong>").format(visible(text))
        case Link(text, page_name, anchor):
            return Markup("{} (docs/{}#{})").format(visible(text), page_name, anchor)
        case _:
            return escape(visible(piece.text))


def _number(exact: str, rounded: str | None) -> Markup:
    if rounded is not None:
        short = exact if len(exact) <= 400 else f"{exact[:200]} … {exact[-150:]}"
        return Markup('<span class="n" title="{}">≈ {}</span>').format(short, rounded.replace("-", "−"))
    shown = exact.replace("**", "^").replace("*", "·").replace("-", "−").replace("sqrt(", "√(")
    return Markup('<span class="n">{}</span>').format(shown)


def block(it: Block) -> Markup:
    """A block as safe HTML."""
    match it:
        case Paragraph(text):
            return Markup("<p>{}</p>").format(inline(text))
        case Display(text):
            return Markup('<p class="display">{}</p>').format(inline(text))
        case Bullets(items):
            lines = Markup("").join(Markup("<li>{}</li>").format(inline(item)) for item in items)
            return Markup("<ul>{}</ul>").format(lines)
        case Code(text):
            return Markup('<pre tabindex="0"><code>{}</code></pre>').format(text.rstrip())
        case Fold(summary, blocks):
            return _folded(inline(summary), Markup("").join(map(block, blocks)))
        case Table():
            return _table(it)


def _folded(summary: Markup, inner: Markup) -> Markup:
    return Markup("<details><summary>{}</summary>{}</details>").format(summary, inner)


def _table(table: Table) -> Markup:
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(inline(cell)) for cell in table.header)
    lines = Markup("").join(_row(row) for row in table.shown)
    whole = Markup('<div class="scroll" tabindex="0"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>')
    shown = whole.format(head, lines) + (Markup("<p>{}</p>").format(table.rest) if table.rest else "")
    if len(table.rows) <= LONG_TABLE:
        return shown
    return _folded(Markup("Table of {} rows").format(len(table.rows)), shown)


def _row(row: tuple[Text, ...]) -> Markup:
    return Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(inline(cell)) for cell in row))
