"""The library of cases: every file is as it says, and every certificate survives JSON and the checker."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tests.helpers.cases import rechecked
from verifier.case import load
from verifier.case.types import Case
from verifier.decision import decide
from verifier.report.build import accept, report
from verifier.report.formats import FORMATS
from verifier.verdict import Decision

CASES = Path(__file__).parents[2] / "cases"
FILES = sorted(CASES.rglob("*.toml"))
NO_FONT = re.compile(r"[^\x00-\x7f\u00a1-\u017f]")  # characters that LaTeX's fonts do not have
NAMES = [str(path.relative_to(CASES)) for path in FILES]


# All tests of a file in one process, which then judges it once (the Makefile runs pytest with --dist loadgroup).
EACH_FILE = pytest.mark.parametrize(
    "path", [pytest.param(p, id=n, marks=pytest.mark.xdist_group(n)) for p, n in zip(FILES, NAMES, strict=True)]
)


@cache
def judged(path: Path) -> tuple[Case, tuple[Decision, ...]]:
    """A case and the decisions on its claims, made once for all the tests of this file."""
    case = load(path)
    return case, tuple(decide(case, claim) for claim in case.claims)


def test_none_is_lost() -> None:
    assert len(FILES) >= 120
    assert sum(len(load(path).claims) for path in FILES) >= 450


@EACH_FILE
def test_file_is_as_expected(path: Path) -> None:
    case, decisions = judged(path)
    got = [f"{claim.kind}: {found.verdict.value}" for claim, found in zip(case.claims, decisions, strict=True)]
    assert got == [f"{claim.kind}: {claim.expect}" for claim in case.claims]


@EACH_FILE
def test_certificates_survive_the_checker(path: Path) -> None:
    case, decisions = judged(path)
    for claim, found in zip(case.claims, decisions, strict=True):
        if claim.expect == "undecided":
            assert found.certificate is None and found.code
            continue
        accepted = rechecked(found)
        assert (accepted.claim, accepted.verdict) == (claim.kind, found.verdict.value)
        assert accepted.statement == found.statement
        assert found.certificate is not None and found.certificate["case"] == case.document()


@EACH_FILE
def test_certificates_have_a_report_in_every_format(path: Path) -> None:
    """Drawings, which take longest, are drawn in tests/report/test_figures.py."""
    _, decisions = judged(path)
    certificates = [found.certificate for found in decisions if found.certificate is not None]
    if not certificates:
        return
    found = report(accept(certificates))
    assert all(len(figure.alternative) > 30 for figure in found.figures)
    pages = {form: show(replace(found, figures=()), None) for form, show in FORMATS.items()}
    assert not NO_FONT.findall(pages["latex"])
    for certificate in certificates:
        assert all(certificate["digest"] in page.replace(r"\allowbreak{}", "") for page in pages.values())
    for result in found.results:
        assert result.arguments
        assert all(argument.steps or argument.repeats for argument in result.arguments)
    assert len(pages["html"]) < 400_000


@EACH_FILE
def test_file_says_where_it_comes_from_and_why_it_holds(path: Path) -> None:
    case = load(path)
    assert case.source and case.source.strip()
    assert case.notes and case.notes.strip()
    assert case.claims


def test_titles_are_different() -> None:
    titles = [load(path).title for path in FILES]
    assert len(set(titles)) == len(titles)


def test_no_claim_stands_twice_in_a_file() -> None:
    for path in FILES:
        claims = [repr(claim) for claim in load(path).claims]
        assert len(set(claims)) == len(claims), path


KINDS = {
    "local-minimum",
    "not-local-minimum",
    "stationary",
    "global-minimum",
    "suboptimal",
    "training-error",
    "loss",
    "theorem-applies",
    "no-bad-local-minimum",
    "bad-local-minimum-exists",
}


def test_the_library_proves_and_refutes_every_kind_that_it_can() -> None:
    seen = {(claim.kind, claim.expect) for path in FILES for claim in load(path).claims}
    assert {kind for kind, expect in seen if expect == "proved"} == KINDS
    assert {kind for kind, expect in seen if expect == "refuted"} >= KINDS - {"training-error", "loss"}


def test_the_library_uses_every_rule() -> None:
    rules = {found.rule for path in FILES for found in judged(path)[1]}
    assert rules >= {
        "convex",
        "output-subspace",
        "dual",
        "strict",
        "higher-order",
        "lower-bound",
        "gradient",
        "curvature",
        "arc",
        "theorem",
        "better-point",
        "evaluation",
    }
