"""Words for the rules that look at derivatives at the point: strict, higher-order, and a gradient that is 0."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.checker import fields, number
from verifier.checker.analysis import Analysis
from verifier.checker.curvature import add, gram, hessian
from verifier.checker.number import Exact
from verifier.checker.series import curve_vector, loss_along
from verifier.checker.symmetry import tangents
from verifier.report.document import Block, Bullets, Display, Paragraph, Step, Table
from verifier.report.text import Text, as_text, exact, say
from verifier.report.words.context import Context, direction
from verifier.report.words.definite import definite
from verifier.report.words.moves import move_text


def strict(context: Context, node: fields.Node) -> tuple[Step, ...]:
    """Gradient 0, Hessian definite, perhaps modulo moves."""
    analysis, bits = context.analysis, node["bits"]
    directions = tangents(analysis, node["modulo"], "report")
    matrix = hessian(analysis, bits)
    if directions:
        matrix = add(matrix, gram(directions, bits), bits)
    name = "The Hessian plus $Σ k kᵀ$" if directions else "The Hessian"
    steps = [smooth_step(analysis, 2), stationary_step(analysis)]
    if directions:
        steps.append(_moves_step(context, node["modulo"], directions))
    steps.append(Step(say(f"{name} is positive definite"), tuple(definite(matrix, node["witness"], bits))))
    words = "By the second-order condition $θ∗$ is a strict local minimum. ∎"
    if directions:
        words = (
            "Near $θ∗$ every point is reached by the moves from a point of the affine space through $θ∗$ orthogonal to "
            "the tangents $k$. The moves do not change $L$, and in that space the Hessian is definite: a local "
            "minimum. ∎"
        )
    return (*steps, Step(say("Conclusion"), (Paragraph(say(words)),)))


def smooth_step(analysis: Analysis, order: int) -> Step:
    """Why L is C^order near the point."""
    asleep = [i for i in analysis.samples if analysis.asleep[i]]
    words = (
        "On every sample the loss is C{order} near its argument, and every unit that matters is C{order} near its "
        "pre-activation: none of them is on a breakpoint."
    )
    power = "²" if order == 2 else f"^{order}"
    blocks: list[Block] = [Paragraph(say(words.replace("C{order}", f"$C{power}$")))]
    if asleep:
        from verifier.report.words.context import samples_text

        words = "The loss is constant near its argument on {which}, which therefore play no part near the point."
        blocks.append(Paragraph(say(words, which=samples_text(asleep))))
    return Step(say(f"The loss is $C{power}$ near the point"), tuple(blocks))


def stationary_step(analysis: Analysis) -> Step:
    """The gradient is 0, and what its entries are made of."""
    case = analysis.case
    size = len(analysis.gradient)
    words = (
        "With $g_i$ the derivative of $L$ by the output $f(x_i)$, each of the {n} partial derivatives is $Σ g_i "
        "∂f(x_i)/∂θ_k$ (plus the decay, if any), and each cancels to 0 exactly."
    )
    blocks: list[Block] = [Paragraph(say(words, n=size))]
    if len(case.parts) == 1 and case.parts[0].depth == 1 and all(number.is_zero(r) for r in analysis.decay_rates):
        head = "$Σ g_i = 0$; " if case.parts[0].output_bias else ""
        sums = head + "$Σ g_i σ(w_j·x̃_i) = 0$; $a_j Σ g_i σ'(w_j·x̃_i) x̃_i = 0$ for every unit $j$."
        blocks.append(Display(say(sums)))
    awake = set(analysis.awake)
    rows = [
        (as_text(i), as_text(analysis.outputs[i]), as_text(analysis.output_slope(i)))
        for i in analysis.samples
        if i in awake
    ]
    if rows:
        blocks.append(Table((say("sample"), say("$f(x_i)$"), say("$g_i$")), tuple(rows)))
    return Step(say("The gradient is exactly 0"), tuple(blocks))


def stationary(context: Context) -> tuple[Step, ...]:
    """The claim that the gradient is 0, which needs no evidence."""
    return smooth_step(context.analysis, 1), stationary_step(context.analysis)


def _moves_step(context: Context, moves: Sequence[fields.Node], directions: Sequence[tuple[Exact, ...]]) -> Step:
    items = [move_text(context, move) for move in moves]
    tangent_items = [(*say("$k$ = "), *direction(context.case, k)) for k in directions]
    words = "Some directions do not change $L$ at all. These moves of the parameters leave $L$ as it is:"
    blocks = (
        Paragraph(say(words)),
        Bullets(tuple(items)),
        Paragraph(say("Their tangents at $θ∗$, which the Hessian maps to 0, are")),
        Bullets(tuple(tangent_items)),
    )
    return Step(say("Moves that leave the loss unchanged"), blocks)


def higher_order(context: Context, node: fields.Node) -> tuple[Step, ...]:
    """One flat direction, along which a higher term decides."""
    analysis, bits, order = context.analysis, node["bits"], node["order"]
    curve = fields.curve(node["curve"], "report", len(analysis.gradient))
    directions = tangents(analysis, node["modulo"], "report")
    coefficient: Exact = loss_along(analysis, curve_vector(analysis, curve, order)).coefficients[order]  # type: ignore[assignment]
    matrix = add(hessian(analysis, bits), gram([curve[0], *directions], bits), bits)
    steps = [smooth_step(analysis, order), stationary_step(analysis)]
    if directions:
        steps.append(_moves_step(context, node["modulo"], directions))
    added = " + Σ k kᵀ" if directions else ""
    steps.append(
        Step(
            say("One direction of the Hessian is flat"),
            (
                Paragraph(
                    (*say("Along $n$ = "), *direction(context.case, curve[0]), *say(" the Hessian vanishes, and"))
                ),
                Display(say(f"$H + n nᵀ{added}$ is positive definite:")),
                *definite(matrix, node["witness"], bits),
            ),
        )
    )
    steps.append(_valley_step(context, curve, order, coefficient))
    words = (
        "Near $θ∗$ every point is $θ(t) + r$ with $r$ in the space orthogonal to the flat directions, and $L(θ(t) + r) "
        "≥ L(θ∗) + (c/2) |t|^{m} - C |t|^{q} |r| + l |r|²/2$ with $q = m/2 + 1$; since $2q > m$ this is at least "
        "$L(θ∗)$. ∎"
    )
    return (*steps, Step(say("Conclusion"), (Paragraph(say(words)),)))


def _valley_step(context: Context, curve: Sequence[tuple[Exact, ...]], order: int, coefficient: Exact) -> Step:
    items: list[Text] = [
        (*say("$t^{{k}}$: ", k=k + 1), *direction(context.case, row))
        for k, row in enumerate(curve)
        if not all(number.is_zero(v) for v in row)
    ]
    words = "Follow the bottom of the valley, $θ(t) = θ∗ + n t + c_2 t² + …$ with the coefficients"
    rises = "Along it the gradient is a multiple of $n$ up to order {half}, and the loss rises:"
    power = f"t^{{{order}}}"
    return Step(
        say("Along the valley the loss rises"),
        (
            Paragraph(say(words)),
            Bullets(tuple(items)),
            Paragraph(say(rises, half=order // 2)),
            Display((*say(f"$L(θ(t)) = L(θ∗) + c {power} + …$ with $c$ = "), exact(coefficient), *say(" > 0."))),
        ),
    )
