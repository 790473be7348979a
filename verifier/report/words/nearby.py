"""Words for rules about a point that is only enclosed: existence, sharp, nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import arb_mat

from verifier.checker import fields, number
from verifier.checker.case import Case
from verifier.checker.curvature import hessian
from verifier.checker.enclosure import Enclosure
from verifier.checker.network import flatten, unflatten
from verifier.checker.number import Exact, precision
from verifier.checker.rules.existence import Existence
from verifier.checker.rules.existence import existence as check_existence
from verifier.checker.rules.sharp import sharp as check_sharp
from verifier.checker.statement_numbers import at_least, at_most
from verifier.report.document import Block, Bullets, Display, Fold, Paragraph, Step, Table
from verifier.report.text import Formula, Plain, Text, as_text, say
from verifier.report.words.context import Context, direction, parameter_names, samples_text, unit_name
from verifier.report.words.moves import move_text
from verifier.report.words.point import point_blocks

SIDES = {1: "the right side", -1: "the wrong side", 0: "a side that is not settled"}


def existence(context: Context, node: fields.Node) -> tuple[Step, ...]:
    """Newton's method contracts on a box."""
    found = check_existence(context.case, _given(context), node)
    return (
        _center_step(context, node),
        *_frozen_step(context, node),
        _newton_step(found, node),
        _end_step(found, node),
    )


def sharp(context: Context, node: fields.Node) -> tuple[Step, ...]:
    """The same along kinks, and first order across them."""
    found = check_sharp(context.case, _given(context), node)
    return (
        _center_step(context, node),
        _kinks_step(context.case, node["kinks"]),
        *_frozen_step(context, node),
        _newton_step(found, node),
        _across_step(context.case, node["kinks"], found),
        _end_step(found, node),
    )


def _given(context: Context) -> Sequence[Exact]:
    assert context.theta is not None
    return flatten(context.theta)


def _center_step(context: Context, node: fields.Node) -> Step:
    case = context.case
    center = fields.vector(node["center"], "report", len(_given(context)))
    size = len(center) - len(node["frozen"])
    words = (
        "The certificate names a center $c$, an invertible triangular matrix $X$ of size {size} (an approximate "
        "inverse of a factor of the Hessian) and the radius $s$ = {radius}. Let $B$ be a box that holds all points $c "
        "+ Xᵀz$ with $|z|_max ≤ s$. Everything below is computed in ball arithmetic with {bits} bits and holds on all "
        "of $B$."
    )
    blocks: tuple[Block, ...] = (
        Paragraph(say(words, size=size, radius=fields.exact(node["radius"], "report"), bits=node["bits"])),
        Fold(say("The center"), point_blocks(case, unflatten(case, center))),
    )
    return Step(say("A box around a center"), blocks)


def _frozen_step(context: Context, node: fields.Node) -> tuple[Step, ...]:
    if not node["frozen"]:
        return ()
    names = parameter_names(context.case)
    frozen: Text = tuple(p for k in node["frozen"] for p in (Formula(names[k]), Plain(" ")))
    words = "These moves of the parameters do not change $L$, so no minimum is isolated:"
    end = (
        "As many coordinates stay fixed ({frozen}), and the moves cross them: from every point near by they lead into "
        "the slice in which these have their values at $c$. A minimum within the slice is therefore one of $L$."
    )
    items = tuple(move_text(context, move) for move in node["moves"])
    blocks = (Paragraph(say(words)), Bullets(items), Paragraph(say(end, frozen=frozen)))
    return (Step(say("Moves that leave the loss unchanged"), blocks),)


def _newton_step(found: Existence, node: fields.Node) -> Step:
    along = " along the kinks" if "kinks" in node else ""
    within = "in the free coordinates" if node["frozen"] else "in all coordinates"
    radius = fields.exact(node["radius"], "report")
    words = (
        "On $B$ every pre-activation and every loss argument stays inside one smooth "
        f"piece{' (kinks above apart)' if along else ''}, so $L${along} is $C²$ there. With $H$ the Hessian and $∇L$ "
        f"the gradient {within}{along}:"
    )
    how = "" if along else " (its value at $c$, and what the third derivatives can add to it on $B$)"
    q, e = at_most(found.contraction, digits=4), at_most(found.step, digits=4)
    items = (
        say(f"$q$ = {{q}} < 1 bounds the row sums of $|I - X H(θ) Xᵀ|$ for all $θ$ in $B${how};", q=q),
        say("$e$ = {e} bounds $|X ∇L(c)|_max$;", e=e),
        say("$e + q s < s$ = {s}.", s=radius),
    )
    end = (
        "So $T(z) = z - X ∇L(c + Xᵀz)$ maps the cube $|z|_max ≤ s$ into itself and contracts it: exactly one zero of "
        "the gradient lies in its image, at $|z|_max ≤ e/(1-q)$, and $H$ is positive definite there."
    )
    return Step(say(f"Newton's method contracts{along}"), (Paragraph(say(words)), Bullets(items), Paragraph(say(end))))


def _kinks_step(case: Case, kinks: Any) -> Step:
    words = (
        "At $c$ these units are exactly on a breakpoint. Each kink function $g_k(θ) = w·(x_i, 1) - b_k$ is affine in "
        "the parameters, and their gradients are linearly independent; let $M$ be the set on which all of them vanish. "
        "On $M$ a unit on its kink does not move, and $L$ is smooth."
    )
    items = tuple(
        say("$g_{k}$: {unit} on sample {i}", k=k + 1, unit=unit_name(case, (part, 0, j)), i=i)
        for k, (part, j, i) in enumerate(kinks)
    )
    return Step(say("The kinks"), (Paragraph(say(words)), Bullets(items)))


def _across_step(case: Case, kinks: Any, found: Existence) -> Step:
    words = (
        "Let $v$ be the gradient of the smooth piece where all $g_k < 0$. At the zero $v = Σ ν_k ∇g_k$, and crossing "
        "kink $k$ adds $D_k ∇g_k$. Over the box"
    )
    rows = tuple((say("$g_{k}$", k=k + 1), as_text(low), as_text(high)) for k, (low, high) in enumerate(found.slopes))
    end = (
        "so $ν_k < 0 < ν_k + D_k$ for every kink: to first order the loss rises on both sides of each, and "
        "second-order terms cannot undo that for small steps."
    )
    table = Table((say("kink"), say("$ν_k$"), say("$ν_k + D_k$")), rows)
    return Step(
        say("Across the kinks the loss rises at first order"), (Paragraph(say(words)), table, Paragraph(say(end)))
    )


def _end_step(found: Existence, node: fields.Node) -> Step:
    kind = "a strict local minimum" if found.strict else "a local minimum, which moves continue to others of equal loss"
    items: list[Text] = [
        say("It lies at max-norm distance at most {d} from the given point.", d=at_most(found.distance, digits=6))
    ]
    items.append(say("The loss there is {loss}.", loss=found.loss))
    if found.signs is not None:
        for side, words in SIDES.items():
            members = [i for i, s in enumerate(found.signs) if s == side]
            if members:
                verb = "is" if len(members) == 1 else "are"
                items.append(say("{which} {verb} on {side}.", which=samples_text(members, True), verb=verb, side=words))
    if bool(found.uniqueness > 0):
        words = "It is the only stationary point within {r} of $c$ (max-norm)."
        if node["frozen"]:
            words = "With these coordinates fixed, no other zero of the gradient lies within {r} of $c$ (max-norm)."
        items.append(say(words, r=at_least(found.uniqueness, digits=4)))
    return Step(say("Conclusion"), (Paragraph(say(f"The zero is {kind}. ∎")), Bullets(tuple(items))))


# -- no point near is as claimed ---------------------------------------------------------------------------------------


def nowhere(context: Context, node: fields.Node) -> tuple[Step, ...]:
    """No point of the box of all points within the radius is as claimed."""
    near = context.claim.near
    assert near is not None
    kind = next(key for key in KINDS if key in node)
    with precision(node["bits"]):
        return KINDS[kind](context, node, near)


def _box(context: Context, near: Exact) -> Enclosure:
    given = _given(context)
    return Enclosure.over(context.case, given, [number.enclose(near)] * len(given))


def _one(title: str, *blocks: Block) -> tuple[Step, ...]:
    return (Step(say(title), blocks),)


BOX = "Let $B$ be the box of all points within $r$ = {r} of the given one (max-norm). "


def _coordinate(context: Context, node: fields.Node, near: Exact) -> tuple[Step, ...]:
    slope = _box(context, near).gradient[node["coordinate"]]
    name = parameter_names(context.case)[node["coordinate"]]
    words = BOX + f"In ball arithmetic, on all of $B$ the partial derivative of $L$ by ${name}$ lies in"
    return _one(
        "A partial derivative is never 0",
        Paragraph(say(words, r=near)),
        Display(as_text(slope)),
        Paragraph(say("which does not contain 0: no point of $B$ is stationary, so none is a local minimum. ∎")),
    )


def _direction(context: Context, node: fields.Node, near: Exact) -> tuple[Step, ...]:
    size = len(_given(context))
    vector = fields.vector(node["direction"], "report", size)
    v = arb_mat(size, 1, [number.enclose(c) for c in vector])
    value = (v.transpose() * arb_mat(hessian(_box(context, near), node["bits"])) * v)[0, 0]
    return _one(
        "Negative curvature everywhere",
        Paragraph(say(BOX + "Along the fixed direction $v$ given by", r=near)),
        Display(direction(context.case, vector)),
        Paragraph(say("the curvature $vᵀH(θ)v$ is {value} on all of $B$, in ball arithmetic.", value=value)),
        Paragraph(say("It is negative: no point of $B$ is a local minimum. ∎")),
    )


def _margins(context: Context, node: fields.Node, near: Exact) -> tuple[Step, ...]:
    box = _box(context, near)
    rows = tuple((as_text(i), as_text(f)) for i, f in enumerate(box.outputs))
    return _one(
        "No output changes its sign",
        Paragraph(say(BOX + "On all of $B$ the outputs lie in these balls, none of which contains 0:", r=near)),
        Table((say("sample"), say("$f(x_i)$")), rows),
        Paragraph(say("So the training error is the same at every point of $B$, and it is not as claimed. ∎")),
    )


def _elsewhere(context: Context, node: fields.Node, near: Exact) -> tuple[Step, ...]:
    inner = node["minimum"]
    found = check_existence(context.case, _given(context), inner)
    words = (
        BOX
        + "It lies within the ball around $c$ in which the zero is the only stationary point (radius at least {t}), and"
        " the zero "
    )
    words += "is at least {apart} away from the given point, further than $r$: $B$ holds no stationary point. ∎"
    lower = at_least(found.apart, digits=6)
    last = Step(
        say("The only stationary point around is too far away"),
        (Paragraph(say(words, r=near, t=at_least(found.uniqueness, digits=6), apart=lower)),),
    )
    return (_center_step(context, inner), _newton_step(found, inner), last)


KINDS = {"coordinate": _coordinate, "direction": _direction, "margins": _margins, "minimum": _elsewhere}
