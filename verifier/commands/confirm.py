"""`verify confirm CASE...`: for which widths and classes of neurons the data alone exclude bad local minima."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from verifier.commands import SETTINGS
from verifier.commands.inputs import Row, answer_each
from verifier.output.progress import track
from verifier.output.wrap import wrapped

if TYPE_CHECKING:
    from verifier.case import Case
    from verifier.theorems.support_query import Survivor
    from verifier.theorems.support_question import Neurons, Question

EPILOG = """
Examples:

\b
  verify confirm my.toml
  verify confirm --engine cvc5 --json cases > widths.json

\b
Exit code:
  0    the answers are there, whatever they say
  2    bad usage or bad input (a line on standard error for each bad file)
  70   internal error     130   interrupted
"""


@click.command(epilog=EPILOG, context_settings=SETTINGS)
@click.argument("paths", metavar="CASE...", nargs=-1, required=True, type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document to standard output.")
@click.option(
    "--engine",
    type=click.Choice(["z3", "cvc5"]),
    default="z3",
    show_default=True,
    help="The solver that proposes; cvc5 is an optional extra.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, max=1_000_000, min_open=True),
    default=20.0,
    metavar="SECONDS",
    help="Time limit for each question.  [default: 20]",
)
def command(paths: tuple[str, ...], as_json: bool, engine: str, timeout: float) -> int:
    """Show from which width on the data exclude bad local minima, whatever the neuron and the loss.

    For each class of neurons (increasing, strictly convex, both) and all losses that never fall and are flat only
    at correct outputs. CASE is a file, a folder (all *.toml files in it), or - for standard input. That a class is not
    excluded does not say that a bad local minimum exists: a search for one starts from what is left, and candidates
    of it are numerical. Samples are counted from 0.
    """

    def answer(path: str, case: Case) -> tuple[Row, str]:
        row = {"path": path, "title": case.title, **_answers(case, engine, timeout)}
        return row, _text(row)

    return answer_each(paths, as_json, answer)


# -- answers -----------------------------------------------------------------------------------------------------------


def _answers(case: Case, engine: str, seconds: float) -> Row:
    """The answer for each class, and for the case's own class at its own width."""
    from verifier.model.translate import checker_case
    from verifier.rules.problem import Declined
    from verifier.theorems.support_question import CLASSES
    from verifier.theorems.supports import known_class, question_of, require_setting

    checked = checker_case(case)
    row: Row = {"width": checked.parts[0].hidden[0], "engine": engine, "reason": None, "classes": [], "search": None}
    try:
        require_setting(checked)
        questions = [question_of(checked, neurons) for neurons in CLASSES]
    except Declined as declined:
        return {**row, "reason": declined.reason}
    own = known_class(checked)
    for question in track(questions, "classes of neurons", len(questions)):
        answer, survivor = _answer(question, engine, seconds)
        answer["own"] = question.neurons == own
        row["classes"].append(answer)
        survives = survivor is not None and (survivor.needs is None or survivor.needs > row["width"])
        if answer["own"] and survives and survivor is not None:
            row["search"] = _searched(case, own, survivor, seconds)
    return row


def _answer(question: Question, engine: str, seconds: float) -> tuple[Row, Survivor | None]:
    from verifier.rules.problem import Declined
    from verifier.theorems.least_width import least_width
    from verifier.theorems.supports import words

    row: Row = {"class": question.neurons.words(), "answer": "undecided", "width": None, "scope": None}
    row |= {"reason": None, "survivor": None, "tree": None}
    try:
        found = least_width(question, engine, seconds)
    except Declined as declined:
        return {**row, "reason": declined.reason}, None
    row |= {"answer": "no width" if found.width is None else "proved", "width": found.width}
    row |= {"scope": found.scope, "tree": found.tree}
    if found.survivor is not None:
        at = found.width - 1 if found.width is not None else None
        row |= {"reason": words(found.survivor, at), "survivor": _survivor(found.survivor)}
    return row, found.survivor


def _survivor(found: Survivor) -> Row:
    def texts(weights: Mapping[int, Any] | None) -> dict[str, str] | None:
        return None if weights is None else {str(i): str(w) for i, w in sorted(weights.items())}

    return {
        "samples": sorted(found.support),
        "slopes": texts(found.slopes),
        "bends": texts(found.bends),
        "needs": found.needs,
    }


def _searched(case: Case, own: Neurons, survivor: Survivor, seconds: float) -> Row:
    from verifier.search.from_support import search

    found = search(case, survivor, seconds=min(seconds, 10.0))
    best = found.candidates[0] if found.candidates else None
    return {
        "starts": found.starts,
        "stationary": found.stationary,
        "candidates": len(found.candidates),
        "best": None if best is None else {**vars(best), "theta": list(best.theta)},
    }


# -- text --------------------------------------------------------------------------------------------------------------


def _text(row: Row) -> str:
    lines = wrapped(f"{row['path']}  {row['title']}" if row["title"] else row["path"], "", "  ")
    if row["reason"] is not None:
        return "\n".join([*lines, *wrapped(f"nothing to say: {row['reason']}", "  ", "    ")]) + "\n"
    for answer in row["classes"]:
        own = " (this net's class)" if answer["own"] else ""
        lines += wrapped(f"{answer['class']} neurons{own}: {_summary(answer)}", "  ", "    ")
        if answer["scope"]:
            lines += wrapped(answer["scope"], "    ", "    ")
        if answer["answer"] == "undecided" or answer["survivor"]:
            before = f"at width {answer['width'] - 1}: " if answer["width"] else ""
            lines += wrapped(f"{before}{answer['reason']}", "    ", "    ")
        if answer["survivor"]:
            lines += [line for text in _multipliers(answer["survivor"]) for line in wrapped(text, "    ", "      ")]
    if row["search"] is not None:
        lines += wrapped(_search_text(row["search"], row["width"]), "  ", "    ")
    return "\n".join(lines) + "\n"


def _summary(answer: Row) -> str:
    if answer["answer"] == "proved":
        return f"no bad local minimum from width {answer['width']} on"
    return "excluded at no width" if answer["answer"] == "no width" else "undecided"


def _multipliers(survivor: Row) -> list[str]:
    found = []
    for key, words in (("slopes", "sum t_i y_i X_i = 0"), ("bends", "sum t_i y_i X_i X_i' = 0")):
        if survivor[key] is not None:
            weights = ", ".join(f"{i}: {w}" for i, w in survivor[key].items())
            found.append(f"multipliers t with {words}: {weights}")
    return found


def _search_text(search: Row, width: int) -> str:
    start = f"search from there at width {width}: {search['starts']} starts, {search['stationary']} stationary ends, "
    if search["best"] is None:
        return start + "no candidate for a bad local minimum (which proves nothing)"
    best = search["best"]
    return (
        f"{start}{search['candidates']} numerical candidate(s), not certified; the most curved one: "
        f"loss {best['loss']:.6g}, gradient {best['gradient']:.1e}, smallest eigenvalue {best['eigenvalue']:.1e} "
        f"times the largest, {best['wrong']} sample(s) misclassified"
    )
