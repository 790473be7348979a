"""The gallery: a page for each folder of cases, with title, what is claimed, the expected verdicts, and the file."""

from __future__ import annotations

from functools import cache
from itertools import groupby
from pathlib import Path

from manual.markdown import block, indented, literal
from verifier.case import Case, Claim, load
from verifier.case.numbers import text_of
from verifier.checker.statement import setting
from verifier.model.translate import checker_case

FOLDERS = {
    "liang2018": "Counterexamples around Liang, Sun, Li and Srikant (ICML 2018): what happens where a condition fails",
    "theorems": "Where the hypotheses of theorems A, B and C hold, and where they just fail",
    "functions": "Neurons and losses of one's own",
    "patterns": "Tiny piecewise linear nets, decided completely",
    "confirmed": "Data for which bad minima are excluded beyond the theorems",
    "trained": "Trained nets: true minima near floats",
    "found": "Bad local minima that searches have found",
}
INDEX = """# Gallery

Every case in the folder `cases/`. Each file states its claims and the verdicts that it expects; the tests verify all of
them, so that what stands here is what the verifier proves.

| folder | what it shows | cases |
| --- | --- | ---: |
"""


@cache
def pages(cases: Path) -> dict[str, str]:
    """Path in the site -> Markdown, of the index and of every folder that has cases."""
    folders = sorted((path for path in cases.iterdir() if list(path.glob("*.toml"))), key=_rank)
    index = INDEX + "".join(_row(folder) for folder in folders)
    return {"gallery/index.md": index, **{f"gallery/{folder.name}.md": _page(folder) for folder in folders}}


def _rank(folder: Path) -> tuple[int, str]:
    known = list(FOLDERS)
    return (known.index(folder.name) if folder.name in known else len(known), folder.name)


def _row(folder: Path) -> str:
    words = FOLDERS.get(folder.name, "")
    return f"| [{folder.name}]({folder.name}.md) | {words} | {len(list(folder.glob('*.toml')))} |\n"


def _page(folder: Path) -> str:
    """The cases by source, in the order of their names."""
    cases = [load(path) for path in sorted(folder.glob("*.toml"))]
    parts = [f"# {FOLDERS.get(folder.name, folder.name)}\n"]
    for source, group in groupby(sorted(cases, key=_source), key=_source):
        parts.append(f"## {literal(source)}\n" if source else "## Without a source\n")
        parts += [_entry(case) for case in group]
    return "\n".join(parts)


def _source(case: Case) -> str:
    return case.source or ""


def _entry(case: Case) -> str:
    path = Path(case.path)
    rows = "".join(f"| {_claim(claim)} | {claim.expect} |\n" for claim in case.claims)
    name = f"cases/{path.parent.name}/{path.name}"
    notes = "\n\n".join(literal(part) for part in (case.notes or "").split("\n\n"))
    return "\n".join(
        [
            f"### {literal(case.title)}\n",
            f"{literal(setting(checker_case(case)))}\n",
            *([f"{notes}\n"] if notes else []),
            f"| claim | verdict |\n| --- | --- |\n{rows}",
            f'??? note "{name}"\n',
            indented(block(path.read_text(encoding="utf-8"), "toml")),
        ]
    )


def _claim(claim: Claim) -> str:
    """The kind, and what is claimed beside it."""
    values = {key: getattr(claim, key) for key in claim.__slots__ if key not in ("kind", "expect")}
    words = [f"{key} = {_shown(value)}" for key, value in values.items() if value is not None]
    return literal(", ".join([claim.kind, *words]))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else text_of(value)  # type: ignore[arg-type]
