"""LaTeX that compiles: every kind of proof, and hostile words."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.report.certificates import dead_certificates
from tests.report.test_render import HOSTILE, hostile
from verifier.case import load
from verifier.decision import decide
from verifier.report import render

ROOT = Path(__file__).parents[2]
CASES = (
    "docs/near.toml",
    "cases/liang2018/quadratic-loss-exp.toml",
    "cases/liang2018/relu-unit-on-its-kink.toml",
    "cases/theorems/b-nearly-parallel.toml",
    "cases/confirmed/much-narrower-than-theorem-b.toml",
    "cases/trained/kinked-two-relu.toml",
)

pytestmark = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex (make test-browser)")


def compiled(text: str, folder: Path) -> str:
    """The log of two runs of pdflatex, which may neither read elsewhere nor run a command."""
    (folder / "report.tex").write_text(text, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "report.tex"]
    for _ in range(2):
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
        log = done.stdout.decode("utf-8", "replace")
        assert done.returncode == 0, log[-1500:]
    assert (folder / "report.pdf").stat().st_size > 10_000
    return log


@pytest.mark.parametrize("name", CASES)
def test_reports_compile(name: str, tmp_path: Path) -> None:
    case = load(ROOT / name)
    found = [decision.certificate for claim in case.claims if (decision := decide(case, claim)).certificate]
    log = compiled(render(found, "latex"), tmp_path)
    assert "LaTeX Warning: Reference" not in log


@pytest.mark.parametrize("words", HOSTILE, ids=["html", "latex", "long", "markdown", "rtl", "template"])
def test_hostile_words_compile(words: str, tmp_path: Path) -> None:
    log = compiled(render(hostile(words), "latex"), tmp_path)
    assert "/etc/passwd" not in log


def test_what_is_marked_can_be_copied_into_another_document(tmp_path: Path) -> None:
    text = render(dead_certificates(), "latex")
    inner = text.partition("% ---- from here")[2].partition("% ---- to here")[0]
    head = r"\documentclass{amsart}\usepackage[T1]{fontenc}\usepackage{amssymb,longtable}\newtheorem{theorem}{Theorem}"
    compiled(head + r"\begin{document}" + inner + r"\end{document}", tmp_path)


