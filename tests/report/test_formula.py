"""Formulas in our notation, as HTML and LaTeX."""

from __future__ import annotations

import pytest

from verifier.report.formula import to_html, to_latex


@pytest.mark.parametrize(
    ("formula", "html", "latex"),
    [
        ("x_i", "<i>x</i><sub><i>i</i></sub>", "x_{i}"),
        ("w_{j,1}", "<i>w</i><sub><i>j</i>,1</sub>", "w_{j,1}"),
        ("x̃_iᵀ", "<i>x̃</i><sub><i>i</i></sub>ᵀ", r"\tilde{x}_{i}^{\mathsf{T}}"),
        ("|z|_max ≤ s", "|<i>z</i>|<sub>max</sub> ≤ <i>s</i>", r"\vert z\vert _{\max } \le  s"),
        ("a < b", "<i>a</i> &lt; <i>b</i>", "a < b"),
        ("σ''(z)", "<i>σ</i>′′(<i>z</i>)", r"\sigma ''(z)"),
        ("t^{12} → 0+", "<i>t</i><sup>12</sup> → 0+", r"t^{12} \to  0+"),
        ("sign(a_j)", "sign(<i>a</i><sub><i>j</i></sub>)", r"\operatorname{sign}(a_{j})"),
        ("w^{E}_{1,2}", "<i>w</i><sup><i>E</i></sup><sub>1,2</sub>", "w^{E}_{1,2}"),
    ],
)
def test_forms(formula: str, html: str, latex: str) -> None:
    assert to_html(formula) == html
    assert to_latex(formula) == latex
