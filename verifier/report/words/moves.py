"""Words for moves of the parameters that leave L unchanged, and for the rules flat-curve and symmetry."""

from __future__ import annotations

from verifier.checker import fields, number
from verifier.checker.symmetry import tangents
from verifier.report.document import Bullets, Paragraph, Step
from verifier.report.text import Text, exact, joined, say, vector
from verifier.report.words.context import Context, direction, unit_name

MOVES = {
    "row": (
        "the incoming weights of {unit} move along {direction}: on every sample that matters the unit is constant near"
        " its pre-activation, or the pre-activation does not change"
    ),
    "outgoing": (
        "the weights that read {unit} move at will: the unit is 0 near its pre-activation on every sample that matters"
    ),
    "scale": (
        "the incoming weights of {unit} (bias included) are multiplied by $e^s$, those that read it by $e^{-ks}$: the"
        " unit is positively homogeneous of degree $k$ where it matters"
    ),
    "shift": "the bias of {unit} moves by $s$, the weights that read it are multiplied by $e^{-s}$: the unit is exp",
}


def move_text(context: Context, move: fields.Node) -> Text:
    """One move in words."""
    if move["move"] == "linear":
        return _linear(context, move)
    unit = fields.unit(move["unit"], context.case, "report")
    given: Text = ()
    if "direction" in move:
        given = vector(tuple(fields.exact(v, "report") for v in move["direction"]))
    return say(MOVES[move["move"]], unit=unit_name(context.case, unit), direction=given)


def _linear(context: Context, move: fields.Node) -> Text:
    """The move `linear`: what affine units pass on to one another."""
    part = move["part"]
    rows = [tuple(fields.exact(v, "report") for v in row) for row in move["rows"]]
    moving = [(j, row) for j, row in enumerate(rows) if not all(number.is_zero(v) for v in row)]
    parts: list[Text] = []
    for j, row in moving:
        name = unit_name(context.case, (part, 0, j))
        parts.append(say("those of {unit} by $s/a_{{k}}$ times {direction}", unit=name, k=j + 1, direction=vector(row)))
    offset = fields.exact(move["offset"], "report")
    if not number.is_zero(offset):
        parts.append(say("the output bias by $s$ times {offset}", offset=exact(offset)))
    start = say("the incoming weights (bias last) move: ")
    end = say("; on every sample that matters the units are affine near their pre-activations, and the changes cancel")
    return (*start, *joined(parts), *end)


def symmetry(context: Context, node: fields.Node) -> tuple[Step, ...]:
    """A move that leaves the point and does not change L."""
    found = tangents(context.analysis, [node["move"]], "report")
    moving = [v for v in found if not all(number.is_zero(c) for c in v)]
    words = "This move of the parameters does not change $L$ near $θ∗$:"
    tangent = (*say("It leaves the point: its tangent there is "), *direction(context.case, moving[0]), *say("."))
    end = "So every neighbourhood of $θ∗$ holds other points with the same loss. ∎"
    return (
        Step(
            say("A move that does not change the loss"),
            (
                Paragraph(say(words)),
                Bullets((move_text(context, node["move"]),)),
                Paragraph(tangent),
                Paragraph(say(end)),
            ),
        ),
    )


def flat_curve(context: Context, node: fields.Node) -> tuple[Step, ...]:
    """A polynomial curve along which L is constant."""
    size = len(context.analysis.decay_rates)
    curve = fields.curve(node["curve"], "report", size)
    items = tuple((*say("$t^{{k}}$: ", k=k + 1), *direction(context.case, row)) for k, row in enumerate(curve))
    words = "Along the curve $θ(t) = θ∗ + c_1 t + c_2 t² + …$ with these coefficients"
    end = (
        "every pre-activation is a combination of polynomials in $t$ and of units that share their argument. Written "
        "so, the loss cancels to a constant for all small $t$: every neighbourhood of $θ∗$ holds other points with the "
        "same loss. ∎"
    )
    return (Step(say("A curve of equal loss"), (Paragraph(say(words)), Bullets(items), Paragraph(say(end)))),)
