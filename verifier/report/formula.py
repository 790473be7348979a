"""Our notation for formulas: what is a name, a variable, an index, an exponent; and its two typeset forms."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

NAMES = frozenset({"max", "min", "exp", "inf", "sign", "for", "modulo", "log", "and", "all", "with"})
_TOKEN = re.compile(
    r"([_^])(?:\{((?:[^{}]|\{[^{}]*\})*)\}|([A-Za-z0-9]+|[^\s{}]))|((?:[A-Za-z](?!\u0303))+)|(.\u0303?)", re.DOTALL
)


@dataclass(frozen=True)
class Token:
    """kind: "sub", "sup", "name" (upright), "variable" or "sign"; `inner` is what an index or exponent holds."""

    kind: str
    text: str
    inner: tuple[Token, ...] = ()


def tokens(formula: str) -> Iterator[Token]:
    """The tokens of a formula of ours."""
    for mark, braced, bare, letters, other in _TOKEN.findall(formula):
        if mark:
            yield Token("sub" if mark == "_" else "sup", "", tuple(tokens(braced or bare)))
        elif letters:
            if letters in NAMES:
                yield Token("name", letters)
            else:
                yield from (Token("variable", letter) for letter in letters)
        else:
            yield Token("variable" if other[0].isalpha() and other[0] not in "ΣᵀRℓ" else "sign", other)


# -- HTML --------------------------------------------------------------------------------------------------------------

_HTML = {"'": "′", "-": "−"}


def to_html(formula: str) -> str:
    """Safe HTML: variables in italics, indices and exponents as such."""
    return "".join(_html(token) for token in tokens(formula))


def _html(token: Token) -> str:
    if token.kind in ("sub", "sup"):
        return f"<{token.kind}>{''.join(map(_html, token.inner))}</{token.kind}>"
    text = html.escape(_HTML.get(token.text, token.text))
    return f"<i>{text}</i>" if token.kind == "variable" else text


# -- LaTeX -------------------------------------------------------------------------------------------------------------

_LATEX = {
    **{"θ": r"\theta ", "λ": r"\lambda ", "μ": r"\mu ", "σ": r"\sigma ", "φ": r"\varphi ", "ψ": r"\psi ", "ν": r"\nu "},
    **{
        "κ": r"\kappa ",
        "ρ": r"\rho ",
        "ℓ": r"\ell ",
        "Σ": r"\sum ",
        "∇": r"\nabla ",
        "∂": r"\partial ",
        "·": r"\cdot ",
    },
    **{
        "≥": r"\ge ",
        "≤": r"\le ",
        "≠": r"\ne ",
        "→": r"\to ",
        "∈": r"\in ",
        "…": r"\dots ",
        "‖": r"\Vert ",
        "|": r"\vert ",
    },
    **{
        "∗": r"^{*}",
        "²": r"^{2}",
        "¹": "^{1}",
        "ᵀ": r"^{\mathsf{T}}",
        "x̃": r"\tilde{x}",
        "−": "-",
        "×": r"\times ",
        "∞": r"\infty ",
    },
    **{"{": r"\{", "}": r"\}", "#": r"\#", "%": r"\%", "&": r"\&", "\\": r"\backslash "},
}
_OPERATORS = {"max": r"\max ", "min": r"\min ", "exp": r"\exp ", "inf": r"\inf ", "log": r"\log "}
_WORDS = frozenset({"for", "modulo", "and", "all", "with"})


def to_latex(formula: str) -> str:
    """The inside of a LaTeX formula."""
    return "".join(_latex(token) for token in tokens(formula))


def _latex(token: Token) -> str:
    if token.kind in ("sub", "sup"):
        return ("_" if token.kind == "sub" else "^") + "{" + "".join(map(_latex, token.inner)) + "}"
    if token.kind == "name":
        if token.text in _WORDS:
            return rf"\text{{ {token.text} }}"
        return _OPERATORS.get(token.text, rf"\operatorname{{{token.text}}}")
    return _LATEX.get(token.text, token.text)
