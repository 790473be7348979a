"""A report as LaTeX: theorem and proof with the exact numbers, for a paper's appendix. It compiles as it stands with
pdflatex and needs amsmath, amssymb and amsthm only; the part between the two marks can be copied into another document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from verifier.checker.expression import ALL_FUNCTIONS, Expression, ExpressionProblem, parse
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
from verifier.report.formula import to_latex
from verifier.report.links import lemma_address, lemma_name
from verifier.report.text import Formula, Link, Number, Piece, Quoted, Strong, Text, approximately, paragraphs, visible

LONGEST_EXACT = 120  # characters of an exact number in a proof; the data and the point are always exact
TYPESET = 34  # characters of a number that is set as a formula; a longer one may be broken between digits
ITEMS = r"\begin{itemize}\setlength{\itemsep}{0pt}"
WIDE = 78  # characters of a row that fits a page
HOLDS = {True: "holds", False: r"\emph{fails}", None: "open"}

PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage[margin=2.7cm]{geometry}
\usepackage{amsmath,amssymb,amsthm,longtable}
\newtheorem{theorem}{Theorem}
\emergencystretch=3em
\begin{document}
% ---- from here
"""
END = r"""
% ---- to here
\end{document}
"""


def page(report: Report, docs: str | None = None) -> str:
    """The whole document."""
    return PREAMBLE + "\n\n".join(_parts(report, docs)) + END


def _parts(report: Report, docs: str | None) -> Iterator[str]:
    yield rf"\section*{{{_heading(report.title)}}}"
    if report.source:
        yield rf"\noindent Source: {escaped(report.source)}"
    yield rf"\noindent\textbf{{{inline(report.headline)}}}"
    yield r"\subsection*{Setting}"
    yield from _blocks(report.network)
    yield from _blocks(report.notation)
    yield r"\paragraph{Data.}"
    yield from _blocks(report.data, exactly=True)
    if report.point:
        yield r"\paragraph{The point $\theta^{*}$.}"
        yield from _blocks(report.point, exactly=True)
    for number, result in enumerate(report.results, start=1):
        yield from _theorem_and_proof(result, number, docs)
    if report.values:
        yield r"\subsection*{Training error and loss}"
        yield from _blocks(report.values)
    yield r"\subsection*{Hypotheses of the theorems that exclude bad local minima}"
    for it in report.theorems:
        yield from _conditions(it)
    if report.notes:
        yield r"\subsection*{Notes}"
        yield from (escaped(part) for part in paragraphs(report.notes))
    yield r"\subsection*{Certificates}"
    yield f"The checker of loss-surface-verifier {escaped(report.version)} has accepted:"
    yield "\n".join([ITEMS, *(_certificate(result) for result in report.results), r"\end{itemize}"])
    names = " ".join(result.checked.name for result in report.results)
    yield rf"\noindent To check them again: {_typewriter('verify check ' + names)}"


def _certificate(result: Result) -> str:
    checked = result.checked
    return (
        rf"\item {_typewriter(checked.name)}, SHA-256 digest {_typewriter(checked.digest)}."
        rf" {escaped(checked.statement)}"
    )


def _theorem_and_proof(result: Result, number: int, docs: str | None) -> Iterator[str]:
    rules = ", ".join(escaped(argument.rule) for argument in result.arguments)
    head = rf"\begin{{theorem}}[rule {rules}]\label{{claim:{number}}}"
    yield "\n".join([head, inline(result.sentence) + _values(result), r"\end{theorem}"])
    yield r"\begin{proof}"
    for argument in result.arguments:
        yield from _argument(argument, len(result.arguments) > 1, docs)
    yield r"\end{proof}"


def _values(result: Result) -> str:
    """The numbers of the statement, which the checker has put at its end."""
    _, found, rest = result.checked.statement.partition(". At ")
    return f" At {escaped(rest)}" if found else ""


def _argument(argument: Argument, several: bool, docs: str | None) -> Iterator[str]:
    if several:
        yield rf"\emph{{{inline(argument.shows)}.}}"
    if argument.repeats is not None:
        yield rf"As in the proof of Theorem~\ref{{claim:{argument.repeats}}}."
        return
    for number, step in enumerate(argument.steps, start=1):
        yield rf"\smallskip\noindent\emph{{Step {number}. {inline(step.title)}.}}"
        yield from _blocks(step.blocks)
    yield (
        rf"(The lemma of rule {escaped(argument.rule)}, with its proof:"
        rf" {_typewriter(lemma_address(argument, docs) or lemma_name(argument))}.)"
    )


def _conditions(it: TheoremTable) -> Iterator[str]:
    yield rf"\paragraph{{Theorem {it.name}}} ({escaped(it.title)}) {inline(it.verdict)}"
    lines = [rf"\item {escaped(c.name)} {HOLDS[c.holds]}: {escaped(c.why)}." for c in it.conditions]
    yield "\n".join([ITEMS, *lines, r"\end{itemize}"])
    for words in it.meaning:
        yield inline(words)


# -- blocks ------------------------------------------------------------------------------------------------------------


def _blocks(blocks: Sequence[Block], exactly: bool = False) -> Iterator[str]:
    for block in blocks:
        match block:
            case Paragraph(text):
                yield inline(text, exactly)
            case Display(text):
                yield "\\begin{quote}\n" + inline(text, exactly) + "\n\\end{quote}"
            case Bullets(items):
                yield "\n".join(
                    [ITEMS, *(rf"\item {inline(i, exactly)}" for i in items), r"\end{itemize}"]
                )
            case Table():
                yield _table(block, exactly)
                yield from filter(None, [block.rest])
            case Code(text):
                yield (
                    "\\begin{quote}\n"
                    + "\\\\\n".join(_typewriter(line) for line in text.splitlines())
                    + "\n\\end{quote}"
                )
            case Fold(summary, inner):
                yield rf"\noindent\emph{{{inline(summary)}.}}"
                yield from _blocks(inner, exactly)


def _table(table: Table, exactly: bool) -> str:
    widest = max((sum(_size(cell, exactly) + 3 for cell in row) for row in (table.header, *table.shown)), default=0)
    if widest > WIDE:
        return _listed(table, exactly)
    lines = [" & ".join(inline(cell, exactly) for cell in row) + r" \\" for row in table.shown]
    head = " & ".join(inline(cell) for cell in table.header) + r" \\ \hline \endhead"
    return "\n".join([rf"\begin{{longtable}}{{{'l' * len(table.header)}}}", head, *lines, r"\end{longtable}"])


def _listed(table: Table, exactly: bool) -> str:
    """A table that is too wide: each row as a line of "column: entry"."""
    lines = []
    for row in table.shown:
        cells = [
            f"{inline(name)}: {inline(cell, exactly)}" for name, cell in zip(table.header, row, strict=True) if cell
        ]
        lines.append(rf"\item {'; '.join(cells)}")
    return "\n".join([ITEMS, *lines, r"\end{itemize}"])


def _size(cell: Text, exactly: bool) -> int:
    return sum(len(_shown(p, exactly)) if isinstance(p, Number) else len(p.text) for p in cell)


# -- inline ------------------------------------------------------------------------------------------------------------


def inline(text: Text, exactly: bool = False) -> str:
    """A text as LaTeX; `exactly`: no number is rounded, however long."""
    shown = approximately(text, lambda number: _shown(number, exactly).startswith("~"))
    return "".join(_piece(piece, exactly) for piece in shown)


def _piece(piece: Piece, exactly: bool) -> str:
    match piece:
        case Formula(text):
            return f"${to_latex(text)}$"
        case Number():
            return _number(piece, exactly)
        case Quoted(text):
            return _typewriter(text)
        case Strong(text):
            return rf"\textbf{{{escaped(text)}}}"
        case Link(text, page_name, anchor):
            return f"{escaped(text)} ({_typewriter('docs/' + page_name + '#' + anchor)})"
        case _:
            return escaped(piece.text)


def _shown(number: Number, exactly: bool) -> str:
    whole = number.rounded is None or exactly or len(number.exact) <= LONGEST_EXACT
    return number.exact if whole else f"~{number.rounded}"


def _number(number: Number, exactly: bool) -> str:
    shown = _shown(number, exactly)
    if shown.startswith("~"):
        return rf"$\approx {shown[1:]}$"
    if len(shown) > TYPESET:
        return _long_rational(shown) if re.fullmatch(r"-?\d+(/\d+)?", shown) else _typewriter(shown)
    try:
        return f"${_expression(parse(shown, functions=ALL_FUNCTIONS | {'softplus'}))}$"
    except ExpressionProblem:
        return _typewriter(shown)


def _long_rational(shown: str) -> str:
    """Digits in groups that a line may end after."""
    sign, digits = ("$-$", shown[1:]) if shown.startswith("-") else ("", shown)
    parts = [r"\allowbreak{}".join(re.findall(r"\d{1,10}", part)) for part in digits.split("/")]
    return sign + r"/\allowbreak{}".join(parts)


_OPERATORS = {name: f"\\{name}" for name in ("exp", "log", "tanh", "arctan", "max", "min")}


def _expression(e: Expression) -> str:
    """A closed expression of the grammar as a formula."""
    if e.op == "num":
        return str(e.value)
    if e.op == "pi":
        return r"\pi "
    args = [_expression(argument) for argument in e.args]
    if e.op == "add":
        return "".join(a if k == 0 or a.startswith("-") else f"+{a}" for k, a in enumerate(args))
    if e.op == "mul":
        return r"\cdot ".join(_factor(a, f) for a, f in zip(args, e.args, strict=True))
    if e.op == "neg":
        return f"-{_factor(args[0], e.args[0])}"
    if e.op == "inv":
        return rf"\frac{{1}}{{{args[0]}}}"
    if e.op == "pow":
        return f"{_factor(args[0], e.args[0])}^{{{e.exponent}}}"
    if e.op == "sqrt":
        return rf"\sqrt{{{args[0]}}}"
    if e.op == "abs":
        return rf"\lvert {args[0]}\rvert "
    name = _OPERATORS.get(e.op, rf"\operatorname{{{e.op}}}")
    return f"{name}({', '.join(args)})"


def _factor(words: str, e: Expression) -> str:
    bare = e.op not in ("add", "neg", "mul") and not (e.op == "num" and ("/" in words or words.startswith("-")))
    return words if bare else rf"\left({words}\right)"


# -- text of strangers -------------------------------------------------------------------------------------------------

_ESCAPES = {
    **{c: "\\" + c for c in "#$%&_{}"},
    **{"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"},
    **{
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"\textquotedbl{}",
        "`": r"\textasciigrave{}",
    },
    **{"“": "``", "”": "''", "’": "'", "‘": "`", "–": "--", "—": "---", "…": r"\dots{}", "∎": "", "±": r"$\pm$"},
    **{"−": "$-$", "∗": "$^{*}$", "²": "$^{2}$", "³": "$^{3}$", "≈": r"$\approx$", "°": r"$^\circ$", "½": r"$\frac12$"},
}
_GREEK = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ≤≥≠∞∈∇∂√→×·"
_NAMES = [
    *("alpha", "beta", "gamma", "delta", "varepsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu"),
    *("xi", "pi", "rho", "sigma", "tau", "upsilon", "varphi", "chi", "psi", "omega"),
    *("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"),
    *("le", "ge", "ne", "infty", "in", "nabla", "partial", "surd", "to", "times", "cdot"),
]
_MATHS = {c: rf"$\{name}$" for c, name in zip(_GREEK, _NAMES, strict=True)}
_LATIN = frozenset(chr(c) for c in [*range(0xC0, 0x180), 0xA1, 0xBF, 0xDF]) - {"×", "÷", "ŉ", "ſ"}
_T1 = frozenset(c for c in _LATIN if c.isalpha())
_LONG_WORD = re.compile(r"[^\s]{31,}")
_PIECE = 20


def escaped(text: str) -> str:
    """A stranger's text: no character acts, and what the fonts do not have is spelled out by its number."""
    return "".join(_breakable(word) for word in re.split(r"(\s+)", visible(text)))


def _breakable(word: str) -> str:
    """A long word may be broken anywhere between groups of characters."""
    if not _LONG_WORD.fullmatch(word):
        return "".join(map(_character, word))
    groups = [word[k : k + _PIECE] for k in range(0, len(word), _PIECE)]
    return r"\hspace{0pt}".join("".join(map(_character, group)) for group in groups)


def _character(c: str) -> str:
    if c in _ESCAPES:
        return _ESCAPES[c]
    if c in _MATHS:
        return _MATHS[c]
    if " " <= c <= "~" or c in _T1:
        return c
    return rf"\texttt{{[U+{ord(c):04X}]}}"


def _heading(title: str) -> str:
    words = visible(title)
    return escaped(words if len(words) <= 300 else f"{words[:300]}…")


def _typewriter(text: str) -> str:
    """Names and long numbers, which may be broken between groups of characters."""
    words = visible(text)
    groups = [words[k : k + _PIECE] for k in range(0, len(words), _PIECE)]
    return r"\texttt{" + r"\allowbreak{}".join("".join(_typed(c) for c in group) for group in groups) + "}"


def _typed(c: str) -> str:
    return {"-": "-{}", " ": r"\ "}.get(c, _character(c))
