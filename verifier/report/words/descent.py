"""Words for the rules that show L to fall, and for points and values that are compared directly."""

from __future__ import annotations

from flint import fmpq

from verifier.checker import fields, number
from verifier.checker.analysis import Analysis
from verifier.checker.case import read_point
from verifier.checker.facts import loss_facts
from verifier.checker.network import flatten
from verifier.checker.number import Exact
from verifier.checker.rules.descent import BITS
from verifier.checker.series import Series, curve_vector, loss_along
from verifier.report.document import Block, Bullets, Display, Fold, Paragraph, Step, Table
from verifier.report.text import Text, as_text, exact, say, typeset
from verifier.report.words.context import Context, direction
from verifier.report.words.point import point_blocks

SIZE = 40  # nodes of an exact number beyond which a ball is shown in its place


def descent(context: Context, node: fields.Node) -> tuple[Step, ...]:
    """A curve along which the loss falls."""
    analysis, order = context.analysis, node["order"]
    curve = fields.curve(node["curve"], "report", len(analysis.decay_rates))
    coefficient = _coefficient(analysis, curve, order)
    if len(curve) == 1:
        lead: list[Block] = [
            Paragraph(
                (
                    *say("Move along the line $θ(t) = θ∗ + t d$, $t ≥ 0$, with $d$ = "),
                    *direction(context.case, curve[0]),
                )
            )
        ]
    else:
        items = tuple((*say("$t^{{k}}$: ", k=k + 1), *direction(context.case, row)) for k, row in enumerate(curve))
        lead = [
            Paragraph(say("Move along the curve $θ(t) = θ∗ + c_1 t + c_2 t² + …$, $t ≥ 0$, with the coefficients")),
            Bullets(items),
        ]
    power = "t" if order == 1 else "t²" if order == 2 else f"t^{{{order}}}"
    rest = "t²" if order == 1 else f"t^{{{order + 1}}}"
    words = "The one-sided expansion of the loss, computed exactly, is"
    result = (
        *say(f"$L(θ(t)) = L(θ∗) + c {power} + O({rest})$ for $t → 0+$, with $c$ = "),
        *coefficient,
        *say(" < 0."),
    )
    end = "So points with a smaller loss are as near as one likes: $θ∗$ is not a local minimum"
    end += ", and not stationary. ∎" if order == 1 else ". ∎"
    return (
        Step(say("The loss falls along a curve"), (*lead, Paragraph(say(words)), Display(result), Paragraph(say(end)))),
    )


def _coefficient(analysis: Analysis, curve: list[tuple[Exact, ...]], order: int) -> Text:
    with number.precision(BITS):
        try:
            start = [number.enclose(v) for v in flatten(analysis.theta)]
            vector = [
                Series((v, *(number.enclose(row[k]) for row in curve[:order]), *[fmpq(0)] * (order - len(curve))))
                for k, v in enumerate(start)
            ]
            found = number.enclose(loss_along(analysis, vector).coefficients[order])
            if bool(found < 0) and number.size(analysis.loss) > SIZE:
                return as_text(found)
        except (number.Undecided, number.DomainProblem):
            pass
    value: Exact = loss_along(analysis, curve_vector(analysis, curve, order)).coefficients[order]  # type: ignore[assignment]
    return (exact(value),)


def lower_bound(context: Context, node: fields.Node) -> tuple[Step, ...]:
    """Every sample at the infimum of its loss."""
    analysis = context.analysis
    rows = []
    why = ""
    for i in analysis.samples:
        target = None if analysis.case.targets is None else analysis.case.targets[i]
        fact = loss_facts(analysis.case.loss_spec, target).lower_bound
        why = fact.why
        bound: Text = () if fact.value is None else as_text(fact.value)
        rows.append((as_text(i), as_text(analysis.arguments[i]), as_text(analysis.loss_value(i)), bound))
    words = (
        "No sample's loss is ever below its infimum ({why}), and a decay is never negative. At the point each is there:"
    )
    header = (say("sample"), say("argument"), say("loss"), say("infimum"))
    end = "So $L(θ) ≥ L(θ∗)$ for all $θ$: a global minimum. ∎"
    return (
        Step(
            say("Every sample is at its lower bound"),
            (Paragraph(say(words, why=typeset(why))), Table(header, tuple(rows)), Paragraph(say(end))),
        ),
    )


def better(context: Context, value: object) -> tuple[Step, ...]:
    """The given point has a smaller loss than the point."""
    theta = read_point(value, context.case, "report")
    there = Analysis(context.case, theta)
    words = "At these parameters $θ'$ the loss is {there}, and at $θ∗$ it is {here}: smaller by {gap}."
    gap: Exact = context.analysis.loss - there.loss
    blocks = (
        Paragraph(say(words, there=there.loss, here=context.analysis.loss, gap=gap)),
        Fold(say("The better point"), point_blocks(context.case, theta)),
    )
    return (Step(say("Other parameters have a smaller loss"), blocks),)


def values(context: Context) -> tuple[Step, ...]:
    """Training error and loss are computed; they need no evidence."""
    facts = []
    if context.shown["training_error"] is not None:
        facts.append(say("The training error at the point is {e}.", e=str(context.shown["training_error"])))
    facts.append(say("The loss at the point is {loss}.", loss=context.analysis.loss))
    words = "Both are computed exactly from the case and compared with the claim; they need no further evidence."
    return (Step(say("Direct computation"), (Bullets(tuple(facts)), Paragraph(say(words)))),)
