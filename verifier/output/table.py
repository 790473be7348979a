"""The table on standard output: one block per case, written as soon as the case is finished.

    cases/dead-relu.toml  Dead ReLU neurons on separable data
      proved       local-minimum      strict   every neuron is inactive near the point ...

What is not proved, or not as expected, is explained in full below its line.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from verifier.output.text import counted, printable
from verifier.results import CaseResult, ClaimResult
from verifier.verdict import Verdict

STYLES = {Verdict.PROVED: "green", Verdict.REFUTED: "yellow", Verdict.UNDECIDED: "magenta"}
UNEXPECTED = "bold red"
MARK = " !"  # behind a verdict that is not the expected one
VERDICTS = len("undecided") + len(MARK)


class TablePrinter:
    """Writes blocks to standard output; `explain_all` also spells out what was proved."""

    def __init__(self, explain_all: bool) -> None:
        self._console = Console(highlight=False, markup=False, emoji=False)
        self._explain_all = explain_all

    def case(self, case: CaseResult) -> None:
        """One block: the path, a line per claim, and explanations."""
        if case.claims:
            width = self._console.width
            self._print(Group(_heading(case), *_lines(case.claims, width), *self._explanations(case.claims)))

    def summary(self, results: Sequence[CaseResult]) -> None:
        """The last lines: how many claims, which verdicts, what was not as expected."""
        if lines := list(_summary(results)):
            self._print(Group(*lines))

    def _print(self, block: RenderableType) -> None:
        # Rendered first, then written by us: rich would answer a closed pipe with an exit code of its own.
        with self._console.capture() as captured:
            self._console.print(block)
        lines = (line.rstrip() for line in captured.get().splitlines())
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()

    def _explanations(self, claims: Iterable[ClaimResult]) -> list[RenderableType]:
        return [
            Padding(_explanation(claim), (0, 0, 0, 4))
            for claim in claims
            if self._explain_all or not claim.as_expected or claim.decision.verdict is not Verdict.PROVED
        ]


def _heading(case: CaseResult) -> Text:
    title = f"  {printable(case.title)}" if case.title else ""
    return Text.assemble((printable(case.path), "bold"), (title, "dim"))


def _lines(claims: Sequence[ClaimResult], width: int) -> Iterable[Text]:
    """A line per claim, cut off at `width`: verdict, kind, rule, and the beginning of the reason."""
    kinds = max(len(claim.kind) for claim in claims)
    rules = max(len(_rule(claim)) for claim in claims)
    for claim in claims:
        cells = ((_verdict(claim), VERDICTS), (Text(claim.kind), kinds), (Text(_rule(claim)), rules))
        line = Text("  ")
        for cell, size in cells:
            cell.truncate(size + 2, pad=True)
            line.append_text(cell)
        line.append(printable(claim.decision.reason), "dim")
        line.truncate(width, overflow="ellipsis")
        yield line


def _rule(claim: ClaimResult) -> str:
    return claim.decision.rule or "-"


def _verdict(claim: ClaimResult) -> Text:
    verdict = claim.decision.verdict
    if claim.as_expected:
        return Text(verdict.value, STYLES[verdict])
    return Text(verdict.value + MARK, UNEXPECTED)


def _explanation(claim: ClaimResult) -> RenderableType:
    """Everything in words: which claim, why, the reason code, what may help."""
    decision = claim.decision
    outcome = decision.verdict.value
    if not claim.as_expected:
        outcome += f", expected {claim.expect}"
    rows = [("", f"claim {claim.number} ({claim.kind}): {outcome}", "bold" if not claim.as_expected else "")]
    rows += [
        (name, printable(text), "")
        for name, text in (
            ("shown", decision.statement),
            ("reason", decision.reason),
            ("code", decision.code),
            ("hint", decision.hint),
        )
        if text
    ]
    return Group(*(_labelled(name, text, style) for name, text, style in rows))


def _labelled(name: str, text: str, style: str) -> RenderableType:
    if not name:
        return Text(text, style)
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=len("reason:"), style="dim")
    table.add_column(overflow="fold")
    table.add_row(f"{name}:", text)
    return Padding(table, (0, 0, 0, 2))


def _summary(results: Sequence[CaseResult]) -> Iterable[Text]:
    claims = [claim for case in results for claim in case.claims]
    surprises = sum(not claim.as_expected for claim in claims)
    failures = sum(bool(case.problems or case.crash) for case in results)
    verdicts = [(verdict, sum(claim.decision.verdict is verdict for claim in claims)) for verdict in Verdict]
    if claims:  # otherwise the complaints on standard error say it all
        files = counted(len([case for case in results if case.claims]), "file")
        parts = ", ".join(f"{number} {verdict.value}" for verdict, number in verdicts if number)
        yield Text()
        yield Text.assemble(
            f"{counted(len(claims), 'claim')} in {files}: {parts}; ",
            (f"{surprises} not as expected (!)", UNEXPECTED) if surprises else ("all as expected", "green"),
        )
        if failures:
            yield Text(f"{counted(failures, 'file')} with errors", UNEXPECTED)
