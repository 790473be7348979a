"""From the certificates of one case to a report. The checker accepts each certificate first, or there is no report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from verifier import __version__
from verifier.checker import check
from verifier.checker import number as numbers
from verifier.checker.analysis import Analysis
from verifier.checker.case import Case, read_case
from verifier.checker.check import Accepted
from verifier.checker.claim import read_claim
from verifier.checker.errors import Rejected
from verifier.checker.number import Undecided
from verifier.report.case_toml import case_toml
from verifier.report.conditions import theorem_tables
from verifier.report.document import Block, Checked, Code, Keys, Paragraph, Report, Result, Step, Table
from verifier.report.headline import headline, sentence
from verifier.report.setting import architecture_key, data_blocks, function_key, network_blocks, notation_blocks
from verifier.report.text import Text, as_text, say
from verifier.report.words.context import Context
from verifier.report.words.point import point_blocks
from verifier.report.words.table import arguments

Certificate = Mapping[str, Any]


class Unrelated(ValueError):
    """Certificates that are not all about one case (or none at all)."""


@dataclass(frozen=True)
class Accepts:
    """A certificate with the checker's answer, and the name of its file."""

    certificate: Certificate
    accepted: Accepted
    name: str

    @property
    def data(self) -> Mapping[str, Any]:
        return self.accepted.data


def accept(certificates: Sequence[Certificate], names: Sequence[str] | None = None) -> tuple[Accepts, ...]:
    """Ask the checker about each; raises Rejected or Unreadable as `check` does, Unrelated if their cases differ."""
    if not certificates:
        raise Unrelated("expected at least one certificate, got none")
    found = []
    for n, certificate in enumerate(certificates):
        accepted = check(certificate)
        name = names[n] if names else f"{n + 1}-{accepted.claim}.cert.json"
        found.append(Accepts(certificate, accepted, name))
    first = _canonical(certificates[0]["case"])
    if any(_canonical(certificate["case"]) != first for certificate in certificates):
        raise Unrelated("expected certificates of one case, got several cases")
    return tuple(found)


def _canonical(case: Any) -> str:
    return json.dumps(case, sort_keys=True)


def report(found: Sequence[Accepts]) -> Report:
    """The report on accepted certificates of one case, with its figures."""
    from verifier.report.figures import figures

    case = read_case(found[0].certificate["case"])
    drawn = figures(case, [one.certificate["proof"] for one in found], [one.data for one in found])
    return replace(build(found), figures=drawn)


def build(found: Sequence[Accepts]) -> Report:
    """The report on accepted certificates of one case, without figures."""
    document = found[0].certificate["case"]
    case = read_case(document)
    results = _without_repetition([_result(case, one) for one in found])
    data = [one.data for one in found]
    return Report(
        title=str(document["title"] or "A case without a title"),
        source=str(document["source"] or ""),
        notes=str(document["notes"] or ""),
        headline=headline(data, [dict(one.certificate["proof"]) for one in found]),
        results=results,
        notation=notation_blocks(case),
        network=network_blocks(case),
        data=data_blocks(case),
        point=() if case.point is None else point_blocks(case, case.point),
        theorems=theorem_tables(case, data),
        values=_values(case, data),
        figures=(),
        version=__version__,
        reproduce=_reproduce(document, [one.certificate["claim"] for one in found]),
        keys=Keys(
            function_key(case.parts[0].spec),
            function_key(case.loss_spec),
            architecture_key(case),
            tuple(dict.fromkeys(rule for result in results for rule in result.rules)),
            tuple(dict.fromkeys(result.checked.verdict for result in results)),
        ),
    )


def _result(case: Case, one: Accepts) -> Result:
    certificate, data = one.certificate, one.data
    claim = read_claim(certificate["claim"])
    context = Context(case, claim, one.accepted.verdict, certificate["proof"], data, case.point)
    checked = Checked(one.name, one.accepted.claim, one.accepted.verdict, one.accepted.statement, certificate["digest"])
    return Result(sentence(data), _claim_text(certificate["claim"]), arguments(context), checked)


def _without_repetition(results: Sequence[Result]) -> tuple[Result, ...]:
    """The same steps are written out once; later proofs refer to the first."""
    first: dict[tuple[Step, ...], int] = {}
    found = []
    for number, result in enumerate(results, start=1):
        arguments = []
        for argument in result.arguments:
            before = first.setdefault(argument.steps, number)
            arguments.append(argument if before == number else replace(argument, repeats=before, steps=()))
        found.append(replace(result, arguments=tuple(arguments)))
    return tuple(found)


def _claim_text(claim: Mapping[str, Any]) -> Text:
    """The claim as the case file states it: its kind, and the keys that stand on it."""
    keys = [
        f"{key} = {_plain(value)}"
        for key, value in claim.items()
        if key not in ("kind", "expect") and value is not None
    ]
    return say("{words}", words=", ".join([str(claim["kind"]), *keys]))


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# -- training error and loss -------------------------------------------------------------------------------------------


def _values(case: Case, found: Sequence[Mapping[str, Any]]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    seen: set[str] = set()
    for data in found:
        words = _values_text(data)
        key = repr(words)
        if words and key not in seen:
            seen.add(key)
            blocks.append(Paragraph(words))
    exactly = any(data["loss"] is not None and data["radius"] is None for data in found)
    if exactly and case.point is not None:
        with suppress(Undecided, Rejected):
            blocks.append(_sample_table(Analysis(case, case.point)))
    return tuple(blocks)


def _values_text(data: Mapping[str, Any]) -> Text:
    where = "At the minimum" if data["radius"] is not None else "At the point"
    parts: Text = ()
    if data["training_error"] is not None:
        ties = f", {data['ties']} of {data['samples']} samples tied at output 0" if data["ties"] else ""
        parts += say("the training error is {e}{ties}; ", e=str(data["training_error"]), ties=ties)
    loss = data["loss"]
    if loss is None:
        return ()
    if "exact" in loss:
        value = numbers_text(loss["exact"])
        parts += say("the loss is {loss}.", loss=value)
    else:
        parts += say("the loss lies between {low} and {high}.", low=str(loss["lower"]), high=str(loss["upper"]))
    return say(f"{where} {{parts}}", parts=parts)


def numbers_text(words: str) -> Text:
    """A number of a statement, which the checker has written."""
    from verifier.checker import fields

    return as_text(fields.exact(words, "statement"))


def _sample_table(analysis: Analysis) -> Table:
    case = analysis.case
    labels = case.labels
    header = [say("sample"), say("$y_i$") if labels else say("$t_i$"), say("$f(x_i)$"), say("loss")]
    header += [say("side")] if labels else []
    rows = []
    for i in analysis.samples:
        outcome = labels[i] if labels else case.targets[i]  # type: ignore[index]
        row = [as_text(i), as_text(outcome), as_text(analysis.outputs[i]), as_text(analysis.loss_value(i))]
        if labels:
            row.append(as_text({1: "right", 0: "tie", -1: "wrong"}[-numbers.sign(analysis.arguments[i])]))
        rows.append(tuple(row))
    return Table(tuple(header), tuple(rows))


def _reproduce(document: Mapping[str, Any], claims: Sequence[Mapping[str, Any]]) -> tuple[Block, ...]:
    return (
        Paragraph(say("Save this as a case file, say case.toml; the verifier then finds the proofs anew:")),
        Code(case_toml(document, claims)),
        Code("verify --out certificates case.toml"),
    )
