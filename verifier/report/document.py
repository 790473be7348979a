"""A report as data: blocks of words, and the order in which a reader meets them. Frozen; no format, no file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.report.text import Text

if TYPE_CHECKING:
    from verifier.report.figures.drawings import Drawing  # NumPy, which few who read a report need


MOST_ROWS = 500  # of a table on a page


@dataclass(frozen=True)
class Paragraph:
    """One paragraph."""

    text: Text


@dataclass(frozen=True)
class Display:
    """A line of mathematics on its own."""

    text: Text


@dataclass(frozen=True)
class Table:
    """Rows of cells under a header; a long one is folded by whoever shows it, a very long one cut."""

    header: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]

    @property
    def shown(self) -> tuple[tuple[Text, ...], ...]:
        """The rows that a page shows."""
        return self.rows[:MOST_ROWS]

    @property
    def rest(self) -> str:
        """What a page says of the other rows; empty if there are none."""
        left = len(self.rows) - MOST_ROWS
        return f"{left} more rows are in the certificate and in the report as JSON." if left > 0 else ""


@dataclass(frozen=True)
class Bullets:
    """A list without order."""

    items: tuple[Text, ...]


@dataclass(frozen=True)
class Code:
    """Lines of another language, as they are."""

    text: str


@dataclass(frozen=True)
class Fold:
    """Blocks that are shown on demand, where a format can."""

    summary: Text
    blocks: tuple[Block, ...]


Block = Paragraph | Display | Table | Bullets | Code | Fold


@dataclass(frozen=True)
class Step:
    """One step of a proof: what is done, and the numbers with which it is done."""

    title: Text
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Argument:
    """A use of one rule: its name, what it shows, where its lemma stands, and its steps."""

    rule: str
    shows: Text
    page: str
    anchor: str
    lemma: str  # as the checker states it
    steps: tuple[Step, ...]
    repeats: int | None = None  # the number of the result, from 1, whose proof has the very same steps


@dataclass(frozen=True)
class Checked:
    """What the checker has accepted: the statement in its own words, and how to ask it again."""

    name: str  # of the file
    claim: str
    verdict: str
    statement: str
    digest: str


@dataclass(frozen=True)
class Result:
    """One claim: a plain sentence, and the proof of it."""

    sentence: Text
    claim: Text
    arguments: tuple[Argument, ...]
    checked: Checked

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(argument.rule for argument in self.arguments)


@dataclass(frozen=True)
class Condition:
    """One hypothesis of a theorem on this case; holds is None where it is open."""

    name: str
    holds: bool | None
    why: str


@dataclass(frozen=True)
class TheoremTable:
    """A theorem that excludes bad local minima, and what is known of its hypotheses on this case."""

    name: str
    title: str
    anchor: str
    conditions: tuple[Condition, ...]
    verdict: Text
    meaning: tuple[Text, ...]  # why what fails matters
    telling: bool  # one hypothesis fails and all others hold: the table to look at


@dataclass(frozen=True)
class Figure:
    """A drawing as data, and in `alternative` the words for what is to be seen; `name` is new on each page."""

    name: str
    title: Text
    alternative: str
    drawing: Drawing


@dataclass(frozen=True)
class Keys:
    """What an index sorts by."""

    activation: str
    loss: str
    architecture: str
    rules: tuple[str, ...]
    verdicts: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """All there is to say about the certificates of one case, in the order of reading."""

    title: str
    source: str
    notes: str
    headline: Text
    results: tuple[Result, ...]
    notation: tuple[Block, ...]
    network: tuple[Block, ...]
    data: tuple[Block, ...]
    point: tuple[Block, ...]
    theorems: tuple[TheoremTable, ...]
    values: tuple[Block, ...]
    figures: tuple[Figure, ...]
    version: str
    reproduce: tuple[Block, ...]
    keys: Keys

    @property
    def lemmas(self) -> tuple[tuple[str, str, str], ...]:
        """(anchor, rule, text) of every lemma that the proofs use, each once."""
        found: dict[str, tuple[str, str, str]] = {}
        for result in self.results:
            for argument in result.arguments:
                if argument.lemma:
                    found.setdefault(argument.anchor, (argument.anchor, argument.rule, argument.lemma))
        return tuple(found.values())
